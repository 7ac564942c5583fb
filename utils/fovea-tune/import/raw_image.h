/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * One raw frame as an importer finds it
 */

#pragma once

#include <functional>
#include <stdint.h>
#include <string>
#include <vector>

#include "isp_sim/sensor/recording.h"

namespace fovea::tune {

/* What the file says of the camera, how the frame was taken, and its samples. */
struct RawImage {
	sensor::Recording recording;
	sensor::FrameInfo info;
	std::vector<uint16_t> samples;	/* width x height, line by line */
};

/* Takes the frames of a file in order; false, with an error set, ends the import. */
using FrameSink = std::function<bool(const RawImage &image, std::string *error)>;

std::string modelName(const std::string &make, const std::string &model);
unsigned int evenDepth(unsigned int bits);
void setNeutral(const double (&neutral)[3], sensor::FrameInfo *info);

} /* namespace fovea::tune */
