/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Scenes: what a sensor looks at, in which light, through which lens
 */

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "isp_sim/sensor/model.h"
#include "isp_sim/sensor/spectrum.h"

namespace fovea::sensor {

struct Lens {
	double fNumber = 2.0;
	double transmission = 0.9;
};

struct Scene {
	enum class Kind {
		Chart,
		Flat,
		Dark,
	};

	std::string name;
	std::string description;
	Kind kind = Kind::Chart;
	double reflectance = 0.3;	/* of the flat field, or of the wall behind the chart */
	Illuminant illuminant{ Illuminant::Kind::Daylight, 6504.0, 500.0, "" };
	Lens lens;
};

std::optional<Scene> loadScene(const std::string &fileName, std::string *error);
std::optional<Scene> parseScene(std::string_view text, const std::string &fileName,
				std::string *error);

Vector3 electronsPerSecond(const PixelModel &pixel, const Lens &lens,
			   const Spectrum &irradiance, const Spectrum &reflectance);

} /* namespace fovea::sensor */
