/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Spectral sensitivities of cameras, as databases publish them
 */

#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "isp_sim/sensor/model.h"

namespace fovea::sensor {

std::optional<std::array<Spectrum, 3>> parseSensitivities(std::string_view text,
							  const std::string &fileName,
							  std::string *error);

std::array<Spectrum, 3> responseOfSensitivities(const std::array<Spectrum, 3> &sensitivities,
						double peak);

bool loadResponse(SensorModel *model, const std::vector<std::string> &directories,
		  std::string *error);

} /* namespace fovea::sensor */
