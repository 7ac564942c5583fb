/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Colour matrix
 */

#include "ccm.h"

#include <algorithm>
#include <cmath>
#include <stdint.h>
#include <stdlib.h>

#include <libcamera/base/log.h>

/**
 * \file ccm.h
 */

namespace libcamera {

LOG_DEFINE_CATEGORY(FoveaCcm)

namespace ipa::fovea::algorithms {

namespace {

/* Range of a coefficient and 1.0 in the Q4.12 of the block. */
constexpr float kMinCoefficient = -8.0f;
constexpr float kMaxCoefficient = 7.9997f;
constexpr float kOne = 4096.0f;

} /* namespace */

/**
 * \class Ccm
 * \brief The colour matrix from the white-balanced sensor to linear sRGB
 *
 * Interpolated between those of the tuning file by the colour temperature of the
 * frame. While automatic white balance is off, the ColourCorrectionMatrix
 * control sets the matrix.
 */

/**
 * \copydoc libcamera::ipa::Algorithm::init
 */
int Ccm::init(IPAContext &context, const ValueNode &tuningData)
{
	int ret = ccm_.readYaml(tuningData["ccms"], "ct", "ccm");
	if (ret) {
		LOG(FoveaCcm, Error) << "Failed to read 'ccms'";
		return ret;
	}

	constexpr std::array<float, 9> identity{ 1, 0, 0, 0, 1, 0, 0, 0, 1 };
	context.ctrlMap[&controls::ColourCorrectionMatrix] =
		ControlInfo(kMinCoefficient, kMaxCoefficient,
			    Span<const float, 9>(identity));

	return 0;
}

/**
 * \copydoc libcamera::ipa::Algorithm::configure
 */
int Ccm::configure(IPAContext &context, [[maybe_unused]] const IPAConfigInfo &configInfo)
{
	context.activeState.controls.ccm.reset();

	return 0;
}

/**
 * \copydoc libcamera::ipa::Algorithm::queueRequest
 *
 * A colour temperature that is set later than a matrix brings the matrix of
 * that temperature back.
 */
void Ccm::queueRequest(IPAContext &context,
		       [[maybe_unused]] const uint32_t frame,
		       IPAFrameContext &frameContext,
		       const ControlList &controls)
{
	auto &manual = context.activeState.controls.ccm;

	if (controls.get(controls::AwbEnable).value_or(false) ||
	    controls.get(controls::ColourTemperature))
		manual.reset();

	const auto &matrix = controls.get(controls::ColourCorrectionMatrix);
	if (matrix && std::all_of(matrix->begin(), matrix->end(),
				  [](float value) { return std::isfinite(value); }))
		manual = Matrix<float, 3, 3>(*matrix);

	if (!frameContext.awb.automatic)
		frameContext.manualCcm = manual;
}

/**
 * \copydoc libcamera::ipa::Algorithm::prepare
 */
void Ccm::prepare([[maybe_unused]] IPAContext &context,
		  [[maybe_unused]] const uint32_t frame,
		  IPAFrameContext &frameContext, FoveaParams *params)
{
	const double temperature = std::max(frameContext.whiteBalance().temperature, 0.0);
	const Matrix<float, 3, 3> ccm = frameContext.manualCcm.value_or(
		ccm_.getInterpolated(std::lround(temperature)));
	frameContext.applied.ccm = ccm;

	auto block = params->block<BlockType::Ccm>();
	block.setEnabled(true);

	for (unsigned int i = 0; i < 3; i++) {
		int rest = static_cast<int>(kOne);
		for (unsigned int j = 0; j < 3; j++) {
			block->coeff[i][j] = std::lround(
				std::clamp(ccm[i][j], kMinCoefficient, kMaxCoefficient) * kOne);
			rest -= block->coeff[i][j];
		}
		/* What keeps white shall do so exactly; only rounding is made up for. */
		if (std::abs(rest) <= 2)
			block->coeff[i][i] = std::clamp(block->coeff[i][i] + rest, INT16_MIN, INT16_MAX);
	}
}

/**
 * \copydoc libcamera::ipa::Algorithm::process
 */
void Ccm::process([[maybe_unused]] IPAContext &context,
		  [[maybe_unused]] const uint32_t frame,
		  IPAFrameContext &frameContext,
		  [[maybe_unused]] const fovea_isp_stats_buffer *stats,
		  ControlList &metadata)
{
	metadata.set(controls::ColourCorrectionMatrix, frameContext.applied.ccm.data());
}

REGISTER_IPA_ALGORITHM(Ccm, "Ccm")

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
