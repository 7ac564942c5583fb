/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Values of the sensor's controls
 */

#include "sensor_settings.h"

#include <algorithm>
#include <cmath>

/**
 * \file sensor_settings.h
 * \brief From exposure decisions to values of the sensor's controls
 */

namespace libcamera {

namespace ipa::fovea {

namespace {

int32_t frameLines(const IPASessionConfiguration &configuration,
		   utils::Duration frameDuration)
{
	const auto &sensor = configuration.sensor;
	const int32_t height = sensor.size.height;
	const double lines = std::round(frameDuration / sensor.lineDuration);

	return std::clamp(lines, static_cast<double>(height) + sensor.minVBlank,
			  static_cast<double>(height) + sensor.maxVBlank);
}

} /* namespace */

/**
 * \struct SensorSettings
 *
 * \a exposure and \a vblank in lines, \a gain as a factor that the sensor can
 * realise.
 */

/**
 * \brief Longest exposure that fits a frame
 * \param[in] configuration The session
 * \param[in] frameDuration Length of the frame, limited to what the sensor does
 * \return Exposure in lines
 */
int32_t maxExposure(const IPASessionConfiguration &configuration,
		    utils::Duration frameDuration)
{
	const auto &sensor = configuration.sensor;
	const int32_t lines = frameLines(configuration, frameDuration);

	return std::max(lines - sensor.exposureMargin, sensor.minExposure);
}

/**
 * \brief Decide what is sent to the sensor
 * \param[in] configuration The session
 * \param[in] automatic What AE computed
 * \param[in] wanted What the application asks for
 * \param[in] last What was sent last; held where the application has switched
 * to manual without giving a value
 *
 * The vertical blanking gives the shortest frame that holds the exposure and
 * keeps to the limits of the frame duration. A manual exposure longer than the
 * default frame makes the frame longer, unless the application has set limits.
 */
SensorSettings sensorSettings(const IPASessionConfiguration &configuration,
			      const ExposureResult &automatic,
			      const AgcControls &wanted,
			      const SensorSettings &last)
{
	const auto &sensor = configuration.sensor;
	SensorSettings settings;

	settings.exposure = wanted.autoExposure ? automatic.exposure
						: wanted.exposure.value_or(last.exposure);
	settings.gain = wanted.autoGain ? automatic.gain
					: wanted.gain.value_or(last.gain);

	utils::Duration maxDuration = wanted.maxFrameDuration;
	if (!wanted.autoExposure && !wanted.frameDurationLimited)
		maxDuration = (sensor.size.height + sensor.maxVBlank) * sensor.lineDuration;

	settings.exposure = std::clamp(settings.exposure, sensor.minExposure,
				       maxExposure(configuration, maxDuration));
	settings.gain = std::clamp(settings.gain, sensor.minGain, sensor.maxGain);

	const int32_t lines = std::max(frameLines(configuration, wanted.minFrameDuration),
				       settings.exposure + sensor.exposureMargin);
	settings.vblank = std::clamp<int32_t>(lines - sensor.size.height,
					      sensor.minVBlank, sensor.maxVBlank);

	return settings;
}

} /* namespace ipa::fovea */

} /* namespace libcamera */
