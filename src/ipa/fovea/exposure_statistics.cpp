/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Exposure statistics in terms of the sensor's range
 */

#include "exposure_statistics.h"

#include <algorithm>
#include <cmath>

#include <libipa/colours.h>

/**
 * \file exposure_statistics.h
 * \brief Exposure statistics in terms of the sensor's range
 */

namespace libcamera {

namespace ipa::fovea {

namespace {

/* Values of the 14-bit domain in one bin of the histogram. */
constexpr unsigned int kBinWidth = 16;

/* Part of the range below saturation that counts as clipped: noise and PRNU. */
constexpr double kClipped = 0.98;

/* Zones count as no darker than this part of white in a geometric mean. */
constexpr double kDarkest = 0.002;

/* Part of the range below which a quad is dark: black objects, closed shades. */
constexpr double kDark = 0.02;

} /* namespace */

/**
 * \class ExposureStatistics
 * \brief The AE part of a statistics buffer, relative to saturation
 *
 * The black level makes a saturated sample smaller than the working range, by
 * 1/16 for the imx219. Here 1.0 is a saturated sample, and the histogram ends
 * with the bin of saturation.
 */

/**
 * \brief Tell whether a buffer has exposure statistics of any pixel
 * \param[in] stats The buffer, may be nullptr
 */
bool ExposureStatistics::valid(const fovea_isp_stats_buffer *stats)
{
	if (!stats || !(stats->flags & FOVEA_ISP_STATS_FL_AE))
		return false;

	return std::any_of(std::begin(stats->ae_histogram), std::end(stats->ae_histogram),
			   [](uint32_t count) { return count != 0; });
}

/**
 * \param[in] stats Statistics that are valid()
 * \param[in] saturation Value of a saturated sample, 14-bit behind black level
 * \param[in] white Value that luminance calls 1.0: less than saturation where the range is
 * wider than that of the output
 */
ExposureStatistics::ExposureStatistics(const fovea_isp_stats_buffer &stats, double saturation,
				       double white)
	: wide_(white < saturation)
{
	const unsigned int last = std::clamp<unsigned int>(saturation / kBinWidth, 1,
							   FOVEA_ISP_AE_HIST_BINS - 1);
	std::vector<uint32_t> bins(stats.ae_histogram, stats.ae_histogram + last + 1);
	for (unsigned int bin = last + 1; bin < FOVEA_ISP_AE_HIST_BINS; bin++)
		bins[last] += stats.ae_histogram[bin];
	histogram_ = Histogram(bins);

	zones_.reserve(FOVEA_ISP_AE_ZONES);
	for (const fovea_isp_ae_zone &zone : stats.ae_zones) {
		const double scale = zone.count ? 1.0 / (zone.count * white) : 0.0;
		zones_.push_back(RGB<double>{ { zone.r * scale, zone.g * scale, zone.b * scale } });
	}
}

/**
 * \brief Look at the zones behind lens shading
 * \param[in] shading Gains of the zones; an empty grid changes nothing
 * \param[in] temperature Colour temperature of the frame
 *
 * The histogram stays in front of it.
 */
void ExposureStatistics::correctShading(ShadingGrid &shading, double temperature)
{
	for (size_t i = 0; i < shading.points(); i++)
		zones_[i] = zones_[i] * shading.colour(temperature, i);
}

/**
 * \brief Share of the quads that are not dark with all samples at saturation
 *
 * Dark quads are left out because no exposure that is merely too long leaves
 * them dark: they say nothing of how much too long it is.
 *
 * \return The share, 0 to 1; 0 if all quads are dark
 */
double ExposureStatistics::clippedShare() const
{
	const double total = histogram_.total();
	const double dark = histogram_.cumulativeFrequency(histogram_.bins() * kDark);
	const double below = histogram_.cumulativeFrequency(histogram_.bins() * kClipped);

	return total > dark ? (total - below) / (total - dark) : 0.0;
}

/**
 * \brief Mean luminance if the exposure were different
 * \param[in] weights Weight of each zone
 * \param[in] colourGains White-balance gains, green 1.0
 * \param[in] gain Factor of the exposure
 * \return Mean of the zones' luminance, 0 to 1; a channel saturates at 1.0. Where the
 * range is wider than white it is the geometric mean, in which lights do not outweigh
 * shadows, and nothing saturates
 */
double ExposureStatistics::luminance(std::span<const uint8_t> weights,
				     const RGB<double> &colourGains, double gain) const
{
	double sum = 0;
	double total = 0;

	for (size_t i = 0; i < zones_.size(); i++) {
		const RGB<double> balanced = zones_[i] * colourGains * gain;
		const double luminance = rec601LuminanceFromRGB(wide_ ? balanced : balanced.min(1.0));
		sum += weights[i] * (wide_ ? std::log(std::max(luminance, kDarkest)) : luminance);
		total += weights[i];
	}

	if (total <= 0)
		return 0.0;

	return wide_ ? std::exp(sum / total) : sum / total;
}

} /* namespace ipa::fovea */

} /* namespace libcamera */
