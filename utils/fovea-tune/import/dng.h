/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Digital negatives (DNG 1.6)
 */

#pragma once

#include <span>
#include <stdint.h>
#include <string>

#include "raw_image.h"

namespace fovea::tune {

enum class DngResult {
	Read,			/* all of it */
	Compressed,		/* all but the samples, which are compressed */
	NotDng,			/* another kind of file */
	Bad,			/* an error says why */
};

DngResult readDng(std::span<const uint8_t> file, RawImage *image, std::string *error);

} /* namespace fovea::tune */
