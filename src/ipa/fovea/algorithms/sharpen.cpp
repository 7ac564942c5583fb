/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Sharpening
 */

#include "sharpen.h"

#include <algorithm>
#include <cmath>
#include <stdint.h>

/**
 * \file sharpen.h
 */

namespace libcamera {

namespace ipa::fovea::algorithms {

namespace {

/* Where the tuning has none: by gain, less in the dark. */
Pwl defaultStrength()
{
	return Pwl({ Pwl::Point({ 1.0, 0.8 }), Pwl::Point({ 8.0, 0.4 }) });
}

constexpr double kDefaultCoring = 1.0;
constexpr double kDefaultLimitBright = 0.08;
constexpr double kDefaultLimitDark = 0.12;

/* Range of the control; 1.0 is the strength of the tuning. */
constexpr float kMaxSharpness = 8.0f;
constexpr float kDefaultSharpness = 1.0f;

/* 1.0 and the largest code of the strength (UQ3.12). */
constexpr double kOne = 4096.0;
constexpr double kMaxStrength = 32767.0;

/* Largest value of luma (12 bits). */
constexpr double kMaxLuma = 4095.0;

} /* namespace */

/**
 * \class Sharpen
 * \brief Make up for what optics and noise reduction take off edges
 *
 * The strength depends on the gain of the frame: the noisier it is, the less. What is
 * left of the noise is not sharpened at all. The control Sharpness is a factor of the
 * strength.
 */

/**
 * \copydoc libcamera::ipa::Algorithm::init
 */
int Sharpen::init(IPAContext &context, const ValueNode &tuningData)
{
	strength_ = tuningData["strength"].get<Pwl>().value_or(defaultStrength());
	coring_ = tuningData["coring"].get<double>(kDefaultCoring);
	limitBright_ = tuningData["limitBright"].get<double>(kDefaultLimitBright);
	limitDark_ = tuningData["limitDark"].get<double>(kDefaultLimitDark);

	context.ctrlMap[&controls::Sharpness] = ControlInfo(0.0f, kMaxSharpness, kDefaultSharpness);

	return 0;
}

/**
 * \copydoc libcamera::ipa::Algorithm::configure
 */
int Sharpen::configure(IPAContext &context, [[maybe_unused]] const IPAConfigInfo &configInfo)
{
	context.activeState.controls.sharpness = kDefaultSharpness;

	return 0;
}

/**
 * \copydoc libcamera::ipa::Algorithm::queueRequest
 */
void Sharpen::queueRequest(IPAContext &context, [[maybe_unused]] const uint32_t frame,
			   IPAFrameContext &frameContext, const ControlList &controls)
{
	float &sharpness = context.activeState.controls.sharpness;

	const auto &wanted = controls.get(controls::Sharpness);
	if (wanted && std::isfinite(*wanted))
		sharpness = std::clamp(*wanted, 0.0f, kMaxSharpness);

	frameContext.sharpness = sharpness;
}

/**
 * \copydoc libcamera::ipa::Algorithm::prepare
 */
void Sharpen::prepare(IPAContext &context, [[maybe_unused]] const uint32_t frame,
		      IPAFrameContext &frameContext, FoveaParams *params)
{
	const double gain = frameContext.sensorGain * frameContext.applied.digitalGain;
	const double strength = frameContext.sharpness *
				strength_.eval(strength_.domain().clamp(gain));
	const double coring = coring_ * pictureNoise(context.noise, frameContext).luma;

	auto block = params->block<BlockType::Sharpen>();
	block.setEnabled(strength > 0);
	block->strength = static_cast<uint16_t>(std::lround(std::min(strength * kOne, kMaxStrength)));
	block->coring = static_cast<uint16_t>(std::lround(std::min(coring, kMaxLuma)));
	block->limit_bright = static_cast<uint16_t>(std::lround(limitBright_ * kMaxLuma));
	block->limit_dark = static_cast<uint16_t>(std::lround(limitDark_ * kMaxLuma));
}

/**
 * \copydoc libcamera::ipa::Algorithm::process
 */
void Sharpen::process([[maybe_unused]] IPAContext &context,
		      [[maybe_unused]] const uint32_t frame,
		      IPAFrameContext &frameContext,
		      [[maybe_unused]] const fovea_isp_stats_buffer *stats,
		      ControlList &metadata)
{
	metadata.set(controls::Sharpness, frameContext.sharpness);
}

REGISTER_IPA_ALGORITHM(Sharpen, "Sharpen")

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
