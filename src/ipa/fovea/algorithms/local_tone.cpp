/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Local tone mapping
 */

#include "local_tone.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <stdint.h>

/**
 * \file local_tone.h
 */

namespace libcamera {

namespace ipa::fovea::algorithms {

namespace {

/* Where the tuning has none. */
constexpr double kDefaultStrength = 0.0;
constexpr double kDefaultHdrStrength = 0.6;
constexpr double kDefaultTarget = 0.12;
constexpr double kDefaultMaxLift = 4.0;
constexpr double kDefaultSpeed = 0.25;

/* 1.0 and the largest code of a gain (UQ3.12). */
constexpr double kOne = 4096.0;
constexpr double kMaxCode = 32767.0;

/* Tones up to so many times the mean of their zone are lifted with it. */
constexpr double kReach = 4.0;

/* Levels below this part of the range are noise. */
constexpr double kDarkest = 0.0005;

/* The luminance of the points of a curve, see struct fovea_isp_local_tone. */
constexpr std::array<double, FOVEA_ISP_LTM_POINTS> kPoints{
	0, 64, 128, 256, 384, 640, 896, 1408, 1920, 2944, 3968, 6016, 8064, 12160, 16256
};

static_assert(FOVEA_ISP_LTM_ZONES_X == FOVEA_ISP_TONE_ZONES_X &&
	      FOVEA_ISP_LTM_ZONES_Y == FOVEA_ISP_TONE_ZONES_Y);
static_assert(kToneZones == FOVEA_ISP_TONE_ZONES);

/* The geometric middle of a bin, see struct fovea_isp_tone_zone; 14 bits. */
double binLevel(unsigned int bin)
{
	if (bin < 4)
		return 32.0 * bin + 16.0;
	return std::ldexp(1.0 + (bin % 4 + 0.5) / 4.0, 6 + bin / 4);
}

/* Geometric mean of a zone as part of the range, or 0 for one without pixels. */
double zoneLevel(const fovea_isp_tone_zone &zone, std::span<const double> logarithms)
{
	double sum = 0, count = 0;
	for (unsigned int bin = 0; bin < FOVEA_ISP_TONE_HIST_BINS; bin++) {
		sum += zone.bins[bin] * logarithms[bin];
		count += zone.bins[bin];
	}
	return count > 0 ? std::exp(sum / count) / kLinearMax : 0.0;
}

} /* namespace */

/**
 * \class LocalTone
 * \brief Bring a wide range to that of the output: globally by a curve, locally by zones
 *
 * The global curve undoes the scale c of Hdr for dark tones and leaves the largest value
 * where it is: T(y) = k y / (1 + (k - 1) y), k = 1 / c; without HDR it changes nothing.
 *
 * A zone whose mean (of the logarithm) is below the target is lifted by a gain of
 * (target / mean)^strength, the bright tones in it less: 1 + (lift - 1) / (1 + (L / (4
 * mean))^2). That grows with L for every lift up to 9, so that no tones change places.
 * The lift of each zone follows its statistics with a first-order low-pass.
 */

LocalTone::LocalTone()
	: strength_(kDefaultStrength), hdrStrength_(kDefaultHdrStrength), target_(kDefaultTarget),
	  maxLift_(kDefaultMaxLift), speed_(kDefaultSpeed), active_(false), activeStrength_(0),
	  scale_(1.0)
{
}

/**
 * \copydoc libcamera::ipa::Algorithm::init
 */
int LocalTone::init([[maybe_unused]] IPAContext &context, const ValueNode &tuningData)
{
	strength_ = tuningData["strength"].get<double>(kDefaultStrength);
	hdrStrength_ = tuningData["hdrStrength"].get<double>(kDefaultHdrStrength);
	target_ = tuningData["target"].get<double>(kDefaultTarget);
	maxLift_ = tuningData["maxLift"].get<double>(kDefaultMaxLift);
	speed_ = tuningData["speed"].get<double>(kDefaultSpeed);

	return 0;
}

/**
 * \copydoc libcamera::ipa::Algorithm::configure
 */
int LocalTone::configure(IPAContext &context, [[maybe_unused]] const IPAConfigInfo &configInfo)
{
	const auto &hdr = context.configuration.hdr;

	activeStrength_ = hdr.enabled ? hdrStrength_ : strength_;
	active_ = hdr.enabled || activeStrength_ > 0;
	scale_ = hdr.enabled ? hdr.scale : 1.0;
	context.activeState.results.tone = { false, {} };

	return 0;
}

/* The gain of the global curve; @level as part of the range. */
double LocalTone::baseGain(double level) const
{
	const double k = 1.0 / scale_;
	return k / (1.0 + (k - 1.0) * level);
}

double LocalTone::wantedLift(double level) const
{
	const double shown = level * baseGain(level);
	return std::clamp(std::pow(target_ / shown, activeStrength_), 1.0, maxLift_);
}

/**
 * \copydoc libcamera::ipa::Algorithm::prepare
 */
void LocalTone::prepare([[maybe_unused]] IPAContext &context,
			[[maybe_unused]] const uint32_t frame,
			IPAFrameContext &frameContext, FoveaParams *params)
{
	if (!active_)
		return;

	auto stats = params->block<BlockType::ToneStats>();
	stats.setEnabled(true);
	stats->measure = FOVEA_ISP_TONE_MEAN;

	std::array<double, FOVEA_ISP_LTM_POINTS> base;
	for (unsigned int point = 0; point < FOVEA_ISP_LTM_POINTS; point++)
		base[point] = baseGain(kPoints[point] / kLinearMax) * kOne;

	auto block = params->block<BlockType::LocalTone>();
	block.setEnabled(true);

	const ToneResult &tone = frameContext.results.tone;
	for (unsigned int zone = 0; zone < kToneZones; zone++) {
		uint16_t *gains = block->gain[zone / FOVEA_ISP_LTM_ZONES_X][zone % FOVEA_ISP_LTM_ZONES_X];
		const double lift = tone.valid ? tone.zones[zone].lift - 1.0 : 0.0;
		const double reach = kReach * std::max<double>(tone.zones[zone].level, kDarkest) * kLinearMax;

		for (unsigned int point = 0; point < FOVEA_ISP_LTM_POINTS; point++) {
			const double u = kPoints[point] / reach;
			const double gain = base[point] * (1.0 + lift / (1.0 + u * u));
			gains[point] = static_cast<uint16_t>(std::min(gain + 0.5, kMaxCode));
		}
	}
}

/**
 * \copydoc libcamera::ipa::Algorithm::process
 *
 * The first statistics are followed at once.
 */
void LocalTone::process(IPAContext &context, [[maybe_unused]] const uint32_t frame,
			[[maybe_unused]] IPAFrameContext &frameContext,
			const fovea_isp_stats_buffer *stats,
			[[maybe_unused]] ControlList &metadata)
{
	if (!active_ || !stats || !(stats->flags & FOVEA_ISP_STATS_FL_TONE))
		return;

	std::array<double, FOVEA_ISP_TONE_HIST_BINS> logarithms;
	for (unsigned int bin = 0; bin < FOVEA_ISP_TONE_HIST_BINS; bin++)
		logarithms[bin] = std::log(binLevel(bin));

	ToneResult &tone = context.activeState.results.tone;
	const float speed = tone.valid ? speed_ : 1.0f;
	tone.valid = true;

	for (unsigned int i = 0; i < kToneZones; i++) {
		const double level = std::max(zoneLevel(stats->tone_zones[i], logarithms), kDarkest);
		ToneResult::Zone &zone = tone.zones[i];
		zone.level += (static_cast<float>(level) - zone.level) * speed;
		zone.lift += (static_cast<float>(wantedLift(level)) - zone.lift) * speed;
	}
}

REGISTER_IPA_ALGORITHM(LocalTone, "LocalTone")

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
