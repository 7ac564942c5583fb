/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * White-balance statistics for libipa's algorithms
 */

#pragma once

#include <vector>

#include <linux/fovea-isp.h>

#include <libipa/awb.h>

#include "shading.h"

namespace libcamera {

namespace ipa::fovea {

class AwbZones final : public AwbStats
{
public:
	AwbZones(const fovea_isp_stats_buffer &stats, double errorLimit,
		 ShadingGrid &shading, double temperature);

	bool sufficient() const;

	double computeColourError(const RGB<double> &gains) const override;
	RGB<double> rgbMeans() const override;

private:
	struct Chromaticity {
		double rg;
		double bg;
	};

	std::vector<Chromaticity> zones_;
	RGB<double> sum_;
	double limit_;
};

} /* namespace ipa::fovea */

} /* namespace libcamera */
