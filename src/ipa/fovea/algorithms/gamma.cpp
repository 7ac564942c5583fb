/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Gamma
 */

#include "gamma.h"

#include <algorithm>
#include <cmath>
#include <functional>

/**
 * \file gamma.h
 */

namespace libcamera {

namespace ipa::fovea::algorithms {

namespace {

/* What libcamera documents as the default; it stands for the sRGB curve. */
constexpr float kDefaultGamma = 2.2f;

/* Range of the control. */
constexpr float kMinGamma = 0.1f;
constexpr float kMaxGamma = 10.0f;

/* Largest output of the block (12 bits). */
constexpr double kMaxOutput = 4095.0;

/* The input that stands for 1.0. */
constexpr double kInputOne = 16384.0;

/* The input of a point of the curve, see struct fovea_isp_gamma. */
double inputOf(unsigned int point)
{
	constexpr unsigned int kLow = FOVEA_ISP_GAMMA_LOW_SEGMENTS;
	return point < kLow ? 64.0 * point : 1024.0 + 1024.0 * (point - kLow);
}

/*
 * How much the straight line between two points of a curve is off in the middle: a
 * point that takes on half of it halves the largest error of its segments.
 */
double sagitta(const std::function<double(double)> &curve, unsigned int point)
{
	const double start = inputOf(point) / kInputOne;
	const double end = inputOf(point + 1) / kInputOne;
	return curve((start + end) / 2) - (curve(start) + curve(end)) / 2;
}

/* Outputs 0 to 1 of the points that follow @curve closest; its ends are kept. */
double outputAt(const std::function<double(double)> &curve, unsigned int point)
{
	const double exact = curve(inputOf(point) / kInputOne);
	if (point == 0 || point + 1 == FOVEA_ISP_GAMMA_POINTS)
		return exact;

	const double before = sagitta(curve, point - 1);
	const double behind = sagitta(curve, point);
	return exact + (std::abs(before) > std::abs(behind) ? before : behind) / 2;
}

/* The transfer function of sRGB, IEC 61966-2-1. */
double srgb(double linear)
{
	if (linear <= 0.0031308)
		return 12.92 * linear;
	return 1.055 * std::pow(linear, 1 / 2.4) - 0.055;
}

} /* namespace */

/**
 * \class Gamma
 * \brief The tone curve from linear light to the output
 *
 * The curve of sRGB, or that of the tuning file: an exponent ("gamma", the
 * output is the input to the power of 1 / gamma) or points ("curve"). The Gamma
 * control puts an exponent in their place.
 */

/**
 * \copydoc libcamera::ipa::Algorithm::init
 */
int Gamma::init(IPAContext &context, const ValueNode &tuningData)
{
	tunedGamma_ = tuningData["gamma"].get<double>();
	tunedCurve_ = tuningData["curve"].get<Pwl>().value_or(Pwl{});

	context.ctrlMap[&controls::Gamma] = ControlInfo(kMinGamma, kMaxGamma, kDefaultGamma);

	return 0;
}

/**
 * \copydoc libcamera::ipa::Algorithm::configure
 */
int Gamma::configure(IPAContext &context, [[maybe_unused]] const IPAConfigInfo &configInfo)
{
	context.activeState.controls.gamma.reset();

	return 0;
}

/**
 * \copydoc libcamera::ipa::Algorithm::queueRequest
 */
void Gamma::queueRequest(IPAContext &context,
			 [[maybe_unused]] const uint32_t frame,
			 IPAFrameContext &frameContext,
			 const ControlList &controls)
{
	std::optional<double> &gamma = context.activeState.controls.gamma;

	const auto &control = controls.get(controls::Gamma);
	if (control)
		gamma = std::clamp(*control, kMinGamma, kMaxGamma);

	frameContext.gamma = gamma;
}

/* Output 0 to 1 for a linear input 0 to 1. */
double Gamma::curve(double linear, std::optional<double> gamma) const
{
	if (gamma)
		return std::pow(linear, 1 / *gamma);
	if (!tunedCurve_.empty())
		return tunedCurve_.eval(tunedCurve_.domain().clamp(linear));
	if (tunedGamma_)
		return std::pow(linear, 1 / *tunedGamma_);
	return srgb(linear);
}

/**
 * \copydoc libcamera::ipa::Algorithm::prepare
 */
void Gamma::prepare([[maybe_unused]] IPAContext &context,
		    [[maybe_unused]] const uint32_t frame,
		    IPAFrameContext &frameContext, FoveaParams *params)
{
	auto block = params->block<BlockType::Gamma>();
	block.setEnabled(true);

	/* The curve must not decrease, whatever the points of the tuning file. */
	const auto chosen = [&](double linear) { return curve(linear, frameContext.gamma); };
	uint16_t last = 0;
	for (unsigned int i = 0; i < FOVEA_ISP_GAMMA_POINTS; i++) {
		const double code = std::round(outputAt(chosen, i) * kMaxOutput);
		last = std::max<uint16_t>(last, std::clamp(code, 0.0, kMaxOutput));
		block->y[i] = last;
	}
}

/**
 * \copydoc libcamera::ipa::Algorithm::process
 */
void Gamma::process([[maybe_unused]] IPAContext &context,
		    [[maybe_unused]] const uint32_t frame,
		    IPAFrameContext &frameContext,
		    [[maybe_unused]] const fovea_isp_stats_buffer *stats,
		    ControlList &metadata)
{
	const double gamma = frameContext.gamma.value_or(tunedGamma_.value_or(kDefaultGamma));
	metadata.set(controls::Gamma, static_cast<float>(gamma));
}

REGISTER_IPA_ALGORITHM(Gamma, "Gamma")

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
