/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Companded samples and merged exposures
 */

#include "hdr.h"

#include <algorithm>
#include <cmath>
#include <errno.h>

#include <libcamera/base/log.h>

/**
 * \file hdr.h
 */

namespace libcamera {

LOG_DEFINE_CATEGORY(FoveaHdr)

namespace ipa::fovea::algorithms {

namespace {

/* From each exposure to the next, shorter one, where the tuning has nothing. */
constexpr double kDefaultExposureRatio = 16.0;

/* The linear range of 20 bits, and what saturates a frame without HDR in it. */
constexpr double kLinear20 = 1048575.0;
constexpr double kWhite = 65536.0;

/* 1.0 and the largest code of the gains of the merge (UQ6.10) and of the range (UQ0.16). */
constexpr double kMergeOne = 1024.0;
constexpr double kRangeOne = 65536.0;
constexpr double kMaxCode = 65535.0;

/* Up to this part of white the range is linear, from there on logarithmic. */
constexpr double kLinearPart = 0.5;

/*
 * The merge: from which part of saturation on the shorter exposure counts, within which
 * part it takes over, and the same for differences of motion: standard deviations of noise,
 * and part of the brightness. Fields of slopes are 2^24 / units.
 */
constexpr double kSaturationBegin = 0.80;
constexpr double kSaturationRange = 0.12;
constexpr double kMotionDeviations = 6.0;
constexpr double kMotionRelative = 0.10;
constexpr double kSlopeOne = 16777216.0;

/* The signal whose noise counts for motion, as part of the sensor's range. */
constexpr double kMotionSignal = 0.25;

/* The input of a point of the range, see struct fovea_isp_range. */
double inputOf(unsigned int point)
{
	constexpr unsigned int kFirstOctave = 6;
	return std::ldexp(1.0 + (point % 4) / 4.0, kFirstOctave + point / 4);
}

uint16_t code(double value)
{
	return static_cast<uint16_t>(std::lround(std::clamp(value, 0.0, kMaxCode)));
}

} /* namespace */

/**
 * \class Hdr
 * \brief Bring companded samples, or exposures that come in turns, to the working range
 *
 * Samples become linear again (20 bits) by the curve of the tuning file, or exposures are
 * merged, each by its ratio to the longest. Both scales are such that what saturates a
 * frame without HDR is 65536, or less where several ratios together would leave the range.
 *
 * The compression to 14 bits is linear up to half of that white, and logarithmic above:
 * f(x) = c x, then c x1 (1 + ln(x / x1)), with c such that the end of the range becomes the
 * largest value. Exposure control thus sees mid-tones as without HDR, at the scale c,
 * and LocalTone undoes the scale.
 */

Hdr::Hdr()
	: exposureRatio_(kDefaultExposureRatio), compandedGain_(1.0), companded_(false), exposures_(1),
	  white_(kWhite), end_(kLinear20), gains_{}, range_{}
{
}

/**
 * \copydoc libcamera::ipa::Algorithm::init
 */
int Hdr::init(IPAContext &context, const ValueNode &tuningData)
{
	companding_ = tuningData["companding"].get<std::vector<uint32_t>>().value_or(std::vector<uint32_t>{});
	exposureRatio_ = tuningData["exposureRatio"].get<double>(kDefaultExposureRatio);
	compandedGain_ = tuningData["compandedGain"].get<double>(1.0);

	for (size_t i = 3; i < companding_.size(); i += 2) {
		if (companding_[i] < companding_[i - 2]) {
			LOG(FoveaHdr, Error)
				<< "Hdr.companding: found " << companding_[i] << " behind "
				<< companding_[i - 2] << ", expected linear values that do not fall";
			return -EINVAL;
		}
	}

	const std::vector<ControlValue> modes{
		ControlValue(static_cast<int32_t>(controls::HdrModeOff)),
		ControlValue(static_cast<int32_t>(controls::HdrModeMultiExposure)),
	};
	context.ctrlMap[&controls::HdrMode] = ControlInfo(modes);

	return 0;
}

/**
 * \copydoc libcamera::ipa::Algorithm::configure
 */
int Hdr::configure(IPAContext &context, const IPAConfigInfo &configInfo)
{
	companded_ = configInfo.companded;
	exposures_ = std::clamp<uint32_t>(configInfo.exposures, 1, FOVEA_ISP_EXPOSURES);
	if (!companded_ && exposures_ == 1)
		return 0;

	int ret = companded_ ? configureCompanded() : 0;
	if (ret)
		return ret;

	if (exposures_ > 1)
		configureMerge(context);
	configureRange(context);

	return 0;
}

int Hdr::configureCompanded()
{
	if (companding_.size() < 4) {
		LOG(FoveaHdr, Error)
			<< "The mode of the sensor is companded, but the tuning file has no curve: "
			<< "add Hdr.companding";
		return -EINVAL;
	}

	white_ = kWhite;
	end_ = companding_.back();

	return 0;
}

/* All exposures fit the range: the longest has the smallest gain. */
void Hdr::configureMerge(const IPAContext &context)
{
	const double ratio = std::pow(exposureRatio_, exposures_ - 1);
	const double scale = std::min(1.0, kLinear20 / (kWhite * ratio));

	for (unsigned int i = 0; i < exposures_; i++)
		gains_[i] = scale * std::pow(exposureRatio_, i);

	/* Saturation in 14 bits, here in 16 bits and on the common scale. */
	white_ = kWhite * scale;
	end_ = std::min(4 * context.configuration.blackLevel.saturation * scale * ratio, kLinear20);
}

void Hdr::configureRange(IPAContext &context)
{
	const double end = std::max(end_ / white_, 1.0);
	const double slope = 1.0 / (kLinearPart * (1.0 + std::log(end / kLinearPart)));

	for (unsigned int i = 0; i < FOVEA_ISP_RANGE_POINTS; i++) {
		const double x = std::min(inputOf(i) / white_, end);
		const double y = x <= kLinearPart
					 ? slope * x
					 : slope * kLinearPart * (1.0 + std::log(x / kLinearPart));
		range_[i] = code(kRangeOne * kLinearMax * y / inputOf(i));
	}

	context.configuration.blackLevel.saturation = kLinearMax;
	context.configuration.hdr.enabled = true;
	context.configuration.hdr.scale = slope;
	context.configuration.hdr.gain = companded_ ? compandedGain_ : 1.0;
}

/**
 * \copydoc libcamera::ipa::Algorithm::prepare
 */
void Hdr::prepare(IPAContext &context, [[maybe_unused]] const uint32_t frame,
		  IPAFrameContext &frameContext, FoveaParams *params)
{
	if (!context.configuration.hdr.enabled)
		return;

	if (companded_) {
		auto decompand = params->block<BlockType::Decompand>();
		decompand.setEnabled(true);
		decompand->count = companding_.size() / 2;
		for (unsigned int i = 0; i < decompand->count; i++) {
			decompand->x[i] = companding_[2 * i];
			decompand->y[i] = companding_[2 * i + 1];
		}
	}

	if (exposures_ > 1)
		prepareMerge(context, frameContext, params);

	auto range = params->block<BlockType::Range>();
	range.setEnabled(true);
	std::copy(std::begin(range_), std::end(range_), range->gain);
}

/* The noise of the shortest exposure on the common scale is no motion. */
void Hdr::prepareMerge(const IPAContext &context, const IPAFrameContext &frameContext,
		       FoveaParams *params) const
{
	const double noise = context.noise.deviation(kMotionSignal, frameContext.sensorGain);
	const double motion = std::max(kMotionDeviations * noise * kWhite * gains_[exposures_ - 1], 1.0);

	auto merge = params->block<BlockType::Merge>();
	merge.setEnabled(true);
	for (unsigned int i = 0; i < exposures_; i++)
		merge->gain[i] = code(gains_[i] * kMergeOne);
	merge->saturation = std::lround(kSaturationBegin * kWhite);
	merge->saturation_slope = code(kSlopeOne / (kSaturationRange * kWhite));
	merge->motion_offset = code(motion);
	merge->motion_relative = code(kMotionRelative * kRangeOne);
	merge->motion_slope = code(kSlopeOne / motion);
}

/**
 * \copydoc libcamera::ipa::Algorithm::process
 */
void Hdr::process(IPAContext &context, [[maybe_unused]] const uint32_t frame,
		  [[maybe_unused]] IPAFrameContext &frameContext,
		  [[maybe_unused]] const fovea_isp_stats_buffer *stats,
		  ControlList &metadata)
{
	metadata.set(controls::HdrMode, context.configuration.hdr.enabled
						? controls::HdrModeMultiExposure
						: controls::HdrModeOff);
}

REGISTER_IPA_ALGORITHM(Hdr, "Hdr")

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
