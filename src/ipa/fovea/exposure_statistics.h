/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Exposure statistics in terms of the sensor's range
 */

#pragma once

#include <span>
#include <stdint.h>
#include <vector>

#include <linux/fovea-isp.h>

#include "libcamera/internal/vector.h"

#include <libipa/histogram.h>

#include "shading.h"

namespace libcamera {

namespace ipa::fovea {

class ExposureStatistics
{
public:
	static bool valid(const fovea_isp_stats_buffer *stats);

	ExposureStatistics(const fovea_isp_stats_buffer &stats, double saturation,
			   double white);

	void correctShading(ShadingGrid &shading, double temperature);

	const Histogram &histogram() const { return histogram_; }
	double clippedShare() const;
	double luminance(std::span<const uint8_t> weights, const RGB<double> &colourGains,
			 double gain) const;

private:
	bool wide_;
	std::vector<RGB<double>> zones_;
	Histogram histogram_;
};

} /* namespace ipa::fovea */

} /* namespace libcamera */
