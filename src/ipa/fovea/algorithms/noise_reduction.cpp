/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Noise reduction
 */

#include "noise_reduction.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdint.h>
#include <vector>

/**
 * \file noise_reduction.h
 */

namespace libcamera {

namespace ipa::fovea::algorithms {

namespace {

namespace draft = controls::draft;

/* Strengths 1.0 of the blocks: the mean of nine samples, and of five. */
constexpr double kRawMean = 32768.0 / 9;
constexpr double kChromaMean = 32768.0 / 5;

/* Where the tuning has none: in full, up to what nearly all noise stays below. */
constexpr double kDefaultStrength = 1.0;
constexpr double kDefaultThreshold = 3.0;

/* Part of the strengths in the mode Minimal. */
constexpr double kMinimal = 0.5;

/* Weights of a new frame, by gain, where the tuning has none. */
Pwl defaultWeight()
{
	return Pwl({ Pwl::Point({ 1.0, 0.5 }), Pwl::Point({ 8.0, 0.2 }) });
}

/* 1.0 of the weight (UQ1.15), and its largest code. */
constexpr double kWeightOne = 32768.0;
constexpr double kMaxWeight = 32767.0;

/* Limits of the blocks' fields. */
constexpr double kMaxOffset = 4095.0;
constexpr double kMaxSlope = 65535.0;
constexpr double kMaxThreshold = 4095.0;

/* Values of the linear range (14 bits) in the sensor's range. */
constexpr double kLinearRange = 16384.0;

/* Where the lines touch the model of the noise, in the linear range. */
constexpr std::array<double, FOVEA_ISP_RAW_NR_LINES> kTangents{ 0, 512, 3072, 11264 };

uint16_t code(double value, double max)
{
	return static_cast<uint16_t>(std::lround(std::clamp(value, 0.0, max)));
}

/* Part of the noise that is left of what is even: one sample and eight neighbours. */
double remainder(double strength)
{
	const double neighbour = strength / 9;
	const double own = 1 - 8 * neighbour;
	return std::sqrt(own * own + 8 * neighbour * neighbour);
}

} /* namespace */

/**
 * \class NoiseReduction
 * \brief Noise reduction of the mosaic, of chroma, and over time
 *
 * What counts as noise follows from the sensor's model of noise and the gains of the
 * frame, in multiples of its standard deviation, so that one tuning fits all light
 * levels. Details that rise above it stay.
 *
 * The control NoiseReductionMode selects: Off nothing; Minimal mosaic and chroma at
 * half strength; Fast, the default, mosaic and chroma; HighQuality also over time,
 * which costs the ISP a picture in memory.
 */

NoiseReduction::NoiseReduction()
	: raw_{ kDefaultStrength, kDefaultThreshold },
	  chroma_{ kDefaultStrength, kDefaultThreshold },
	  temporalThreshold_(kDefaultThreshold)
{
}

/**
 * \copydoc libcamera::ipa::Algorithm::init
 */
int NoiseReduction::init(IPAContext &context, const ValueNode &tuningData)
{
	auto read = [](const ValueNode &node) -> Smoothing {
		return { node["strength"].get<double>(kDefaultStrength),
			 node["threshold"].get<double>(kDefaultThreshold) };
	};

	raw_ = read(tuningData["raw"]);
	chroma_ = read(tuningData["chroma"]);
	temporalWeight_ = tuningData["temporal"]["weight"].get<Pwl>().value_or(defaultWeight());
	temporalThreshold_ = tuningData["temporal"]["threshold"].get<double>(kDefaultThreshold);

	const std::vector<ControlValue> modes{
		ControlValue(static_cast<int32_t>(draft::NoiseReductionModeOff)),
		ControlValue(static_cast<int32_t>(draft::NoiseReductionModeMinimal)),
		ControlValue(static_cast<int32_t>(draft::NoiseReductionModeFast)),
		ControlValue(static_cast<int32_t>(draft::NoiseReductionModeHighQuality)),
	};
	context.ctrlMap[&draft::NoiseReductionMode] =
		ControlInfo(modes, ControlValue(static_cast<int32_t>(draft::NoiseReductionModeFast)));

	return 0;
}

/**
 * \copydoc libcamera::ipa::Algorithm::configure
 */
int NoiseReduction::configure(IPAContext &context,
			      [[maybe_unused]] const IPAConfigInfo &configInfo)
{
	context.activeState.controls.noiseReduction = draft::NoiseReductionModeFast;

	return 0;
}

/**
 * \copydoc libcamera::ipa::Algorithm::queueRequest
 */
void NoiseReduction::queueRequest(IPAContext &context, [[maybe_unused]] const uint32_t frame,
				  IPAFrameContext &frameContext, const ControlList &controls)
{
	int32_t &mode = context.activeState.controls.noiseReduction;

	const auto &wanted = controls.get(draft::NoiseReductionMode);
	if (wanted && *wanted >= draft::NoiseReductionModeOff &&
	    *wanted <= draft::NoiseReductionModeMinimal)
		mode = *wanted;

	frameContext.noiseReduction = mode;
}

/**
 * \brief Write the block of the mosaic
 *
 * The deviation is a square root of the signal, so that it lies below all of its
 * tangents. The threshold is the smallest of them.
 */
void NoiseReduction::prepareRaw(const IPAContext &context, IPAFrameContext &frameContext,
				FoveaParams *params) const
{
	const bool enabled = frameContext.noiseReduction != draft::NoiseReductionModeOff;
	const bool minimal = frameContext.noiseReduction == draft::NoiseReductionModeMinimal;
	const double strength = raw_.strength * (minimal ? kMinimal : 1.0);
	const double gain = frameContext.sensorGain;
	/* With HDR the sensor's range is a part of the linear range. */
	const auto &hdr = context.configuration.hdr;
	const double range = kLinearRange * (hdr.enabled ? hdr.scale : 1.0);

	auto block = params->block<BlockType::RawNr>();
	block.setEnabled(enabled);
	if (!enabled)
		return;

	for (unsigned int i = 0; i < FOVEA_ISP_RAW_NR_LINES; i++) {
		const double signal = kTangents[i] / kLinearRange;
		const double deviation = context.noise.deviation(signal, gain);
		const double growth = context.noise.variance(signal + 1.0, gain) -
				      context.noise.variance(signal, gain);
		const double slope = growth / (2 * deviation);
		const double offset = deviation - slope * signal;
		block->offset[i] = code(raw_.threshold * offset * range, kMaxOffset);
		block->slope[i] = code(raw_.threshold * slope * 65536, kMaxSlope);
	}
	block->strength = code(strength * kRawMean, kRawMean);

	frameContext.applied.rawNoise = remainder(strength);
}

/* Write the block of chroma; @noise in 12-bit units. */
void NoiseReduction::prepareChroma(const IPAFrameContext &frameContext, double noise,
				   FoveaParams *params) const
{
	const bool enabled = frameContext.noiseReduction != draft::NoiseReductionModeOff;
	const bool minimal = frameContext.noiseReduction == draft::NoiseReductionModeMinimal;

	auto block = params->block<BlockType::ChromaNr>();
	block.setEnabled(enabled);
	if (!enabled)
		return;

	block->threshold = code(chroma_.threshold * noise, kMaxThreshold);
	block->strength = code(chroma_.strength * (minimal ? kMinimal : 1.0) * kChromaMean, kChromaMean);
}

/**
 * \brief Write the block that mixes frames
 *
 * What differs by twice the threshold is taken from the new frame alone.
 */
void NoiseReduction::prepareTemporal(const IPAFrameContext &frameContext,
				     const PictureNoise &noise, FoveaParams *params) const
{
	const bool enabled = frameContext.noiseReduction == draft::NoiseReductionModeHighQuality;

	auto block = params->block<BlockType::TemporalNr>();
	block.setEnabled(enabled);
	if (!enabled)
		return;

	const double gain = frameContext.sensorGain * frameContext.applied.digitalGain;
	const double weight = temporalWeight_.eval(temporalWeight_.domain().clamp(gain));
	const double luma = std::max(temporalThreshold_ * noise.quadLuma, 1.0);
	const double chroma = std::max(temporalThreshold_ * noise.chroma, 1.0);

	block->weight = code(weight * kWeightOne, kMaxWeight);
	block->threshold_luma = code(luma, kMaxThreshold);
	block->threshold_chroma = code(chroma, kMaxThreshold);
	block->slope = code((1.0 - weight) * kWeightOne / luma, kMaxSlope);
}

/**
 * \copydoc libcamera::ipa::Algorithm::prepare
 */
void NoiseReduction::prepare(IPAContext &context, [[maybe_unused]] const uint32_t frame,
			     IPAFrameContext &frameContext, FoveaParams *params)
{
	prepareRaw(context, frameContext, params);

	const PictureNoise noise = pictureNoise(context.noise, frameContext);
	prepareChroma(frameContext, noise.chroma, params);
	prepareTemporal(frameContext, noise, params);
}

/**
 * \copydoc libcamera::ipa::Algorithm::process
 */
void NoiseReduction::process([[maybe_unused]] IPAContext &context,
			     [[maybe_unused]] const uint32_t frame,
			     IPAFrameContext &frameContext,
			     [[maybe_unused]] const fovea_isp_stats_buffer *stats,
			     ControlList &metadata)
{
	metadata.set(draft::NoiseReductionMode, frameContext.noiseReduction);
}

REGISTER_IPA_ALGORITHM(NoiseReduction, "NoiseReduction")

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
