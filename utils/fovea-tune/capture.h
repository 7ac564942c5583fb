/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Capture of a number of pictures through libcamera
 */

#pragma once

#include <functional>
#include <stdint.h>
#include <string>

#include <libcamera/controls.h>

#include "picture.h"
#include "session.h"

namespace fovea::tune {

struct Frame {
	uint32_t sequence;
	const libcamera::ControlList *metadata;
	Picture picture;
};

/*
 * Takes pictures in XRGB8888 at the camera's full size from the first camera of
 * the virtual hardware.
 */
class Capture
{
public:
	int open(std::string *error);
	int run(unsigned int frames, std::function<int(const Frame &)> handler,
		std::string *error);

private:
	Session session_;
};

} /* namespace fovea::tune */
