/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Illuminance
 */

#include "lux.h"

#include <cmath>

#include "exposure_statistics.h"

/**
 * \file lux.h
 */

namespace libcamera {

namespace ipa::fovea::algorithms {

/**
 * \class Lux
 * \brief Estimate the illuminance of the scene with libipa's Lux
 *
 * The estimate compares the frame with a reference frame of the tuning file. Y
 * is the mean of the AE histogram over its saturated bin. Digital gain is 1.0
 * because the statistics lie before it.
 */

/**
 * \copydoc libcamera::ipa::Algorithm::init
 */
int Lux::init([[maybe_unused]] IPAContext &context, const ValueNode &tuningData)
{
	return lux_.parseTuningData(tuningData);
}

/**
 * \copydoc libcamera::ipa::Algorithm::process
 *
 * Lost statistics repeat the last estimate; before the first there is none.
 */
void Lux::process(IPAContext &context, [[maybe_unused]] const uint32_t frame,
		  IPAFrameContext &frameContext,
		  const fovea_isp_stats_buffer *stats, ControlList &metadata)
{
	double &lux = context.activeState.results.lux;

	if (ExposureStatistics::valid(stats)) {
		ExposureStatistics statistics(*stats, context.configuration.blackLevel.saturation,
					      white(context.configuration));
		/* Statistics lie before the digital gain, but HDR has another scale. */
		const auto &hdr = context.configuration.hdr;
		const double scale = hdr.enabled ? hdr.scale * hdr.gain : 1.0;
		const double estimate = lux_.estimateLux(
			frameContext.sensor.exposure * context.configuration.sensor.lineDuration,
			frameContext.sensor.gain, scale, statistics.histogram());
		if (std::isfinite(estimate))
			lux = estimate;
	}

	if (lux > 0)
		metadata.set(controls::Lux, static_cast<float>(lux));
}

REGISTER_IPA_ALGORITHM(Lux, "Lux")

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
