/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What cam printed of the frames that it wrote
 */

#pragma once

#include <array>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "isp_sim/sensor/recording.h"

namespace fovea::tune {

/* A frame in the output of 'cam --metadata'. */
struct CamFrame {
	sensor::FrameInfo info;
	std::optional<std::array<double, 4>> blackLevels;	/* of 16 bits */
};

std::optional<std::vector<CamFrame>> parseCamLog(std::istream &log, const std::string &name,
						 std::string *error);
std::optional<std::vector<CamFrame>> readCamLog(const std::string &file, std::string *error);

} /* namespace fovea::tune */
