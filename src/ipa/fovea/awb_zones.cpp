/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * White-balance statistics for libipa's algorithms
 */

#include "awb_zones.h"

#include <algorithm>

/**
 * \file awb_zones.h
 * \brief White-balance statistics for libipa's algorithms
 */

namespace libcamera {

namespace ipa::fovea {

namespace {

/* Zones below this are not enough to say anything, 1 % of all. */
constexpr size_t kMinZones = FOVEA_ISP_AWB_ZONES / 100;

} /* namespace */

/**
 * \class AwbZones
 * \brief The usable zones of the white-balance statistics
 *
 * A zone is used if at least half of its quads have been summed, that is, are
 * neither saturated nor dark: what is left of a zone with a highlight or a
 * black edge is not typical of it. Each zone counts the same, however bright.
 */

/**
 * \param[in] stats Statistics with a valid AWB part
 * \param[in] errorLimit Largest colour error of a zone, as a fraction of green
 * \param[in] shading Gains of lens shading at the zones, or an empty grid: the
 * statistics lie in front of it
 * \param[in] temperature Colour temperature for the choice of these gains
 */
AwbZones::AwbZones(const fovea_isp_stats_buffer &stats, double errorLimit,
		   ShadingGrid &shading, double temperature)
	: sum_(0.0), limit_(errorLimit * errorLimit)
{
	zones_.reserve(FOVEA_ISP_AWB_ZONES);

	for (size_t i = 0; i < FOVEA_ISP_AWB_ZONES; i++) {
		const fovea_isp_awb_zone &zone = stats.awb_zones[i];
		const uint64_t refused = uint64_t{ zone.saturated } + zone.dark;
		if (!zone.count || zone.count < refused || !zone.r || !zone.g || !zone.b)
			continue;

		RGB<double> sums{ { static_cast<double>(zone.r), static_cast<double>(zone.g),
				    static_cast<double>(zone.b) } };
		if (!shading.empty())
			sums = sums * shading.colour(temperature, i);

		zones_.push_back({ sums.r() / sums.g(), sums.b() / sums.g() });
		sum_ += sums / zone.count;
	}
}

/**
 * \brief Tell whether there are enough zones for a result
 */
bool AwbZones::sufficient() const
{
	return zones_.size() >= kMinZones;
}

/**
 * \brief Mean of the squared colour errors of the zones under \a gains
 *
 * An error is limited, because beyond some distance it only says that the zone
 * is not grey, not how wrong the gains are.
 */
double AwbZones::computeColourError(const RGB<double> &gains) const
{
	double sum = 0;

	for (const Chromaticity &zone : zones_) {
		const double r = gains.r() * zone.rg - 1.0;
		const double b = gains.b() * zone.bg - 1.0;
		sum += std::min(r * r + b * b, limit_);
	}

	return zones_.empty() ? 0.0 : sum / zones_.size();
}

/**
 * \brief Mean colour of the zones in 14-bit units
 */
RGB<double> AwbZones::rgbMeans() const
{
	return zones_.empty() ? RGB<double>(0.0) : sum_ / static_cast<double>(zones_.size());
}

} /* namespace ipa::fovea */

} /* namespace libcamera */
