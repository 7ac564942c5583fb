/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Still pictures as reflectances
 */

#pragma once

#include <array>
#include <optional>
#include <stddef.h>
#include <stdint.h>
#include <string>
#include <string_view>
#include <vector>

#include "isp_sim/sensor/spectrum.h"

namespace fovea::sensor {

/* Linear sRGB, row by row. */
struct LinearPicture {
	unsigned int width = 0;
	unsigned int height = 0;
	std::vector<std::array<float, 3>> pixels;
};

std::optional<LinearPicture> parsePicture(std::string_view bytes, const std::string &fileName,
					  std::string *error);

/* Reflectances whose sum, weighted with linear sRGB, has that colour under D65. */
std::array<Spectrum, 3> primaryReflectances();

} /* namespace fovea::sensor */
