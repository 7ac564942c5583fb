/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Values of the sensor's controls
 */

#pragma once

#include <stdint.h>

#include "ipa_context.h"

namespace libcamera {

namespace ipa::fovea {

struct SensorSettings {
	int32_t exposure;
	double gain;
	int32_t vblank;
};

int32_t maxExposure(const IPASessionConfiguration &configuration,
		    utils::Duration frameDuration);
SensorSettings sensorSettings(const IPASessionConfiguration &configuration,
			      const ExposureResult &automatic,
			      const AgcControls &wanted,
			      const SensorSettings &last);

} /* namespace ipa::fovea */

} /* namespace libcamera */
