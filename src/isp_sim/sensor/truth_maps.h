/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The truth about every pixel of a synthetic frame, as files
 */

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "isp_sim/sensor/model.h"
#include "isp_sim/sensor/scene.h"
#include "isp_sim/sensor/signal_map.h"

namespace fovea::sensor {

/* Row by row, without flips. docs/sensors.md has the units. */
struct TruthMaps {
	unsigned int width;
	unsigned int height;
	std::vector<float> xyz;		/* three a pixel */
	std::vector<float> illuminant;	/* x and y of each pixel */
	std::vector<float> distance;
	std::vector<float> electrons;
};

TruthMaps truthMaps(const SensorModel &model, const Scene &scene, const std::optional<Track> &focus,
		    unsigned int mode, const Moment &moment);
bool writeTruthMaps(const TruthMaps &maps, const std::string &directory, std::string *error);

} /* namespace fovea::sensor */
