/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Colour-space conversion
 */

#include "csc.h"

#include <cmath>
#include <utility>

#include <linux/videodev2.h>

/**
 * \file csc.h
 */

namespace libcamera {

namespace ipa::fovea::algorithms {

namespace {

/* 1.0 in the Q3.13 of the block. */
constexpr double kOne = 8192.0;

/* Largest value of R'G'B' and half the range of chroma, both of 12 bits. */
constexpr double kMax = 4095.0;
constexpr int16_t kChromaOffset = 2048;

/*
 * Limited range, ITU-R BT.601-7 section 2.5.3: of 256 codes luma has 219 from
 * 16, chroma 224. Four more bits multiply by 16.
 */
constexpr double kLimitedLuma = 219 * 16;
constexpr double kLimitedChroma = 224 * 16;
constexpr int16_t kLimitedOffset = 16 * 16;

/*
 * Kr and Kb of an encoding: BT.601-7 section 2.5.1, BT.709-6 item 3.2,
 * BT.2020-2 table 4.
 */
std::pair<double, double> lumaCoefficients(uint32_t encoding)
{
	switch (encoding) {
	case V4L2_YCBCR_ENC_709:
	case V4L2_YCBCR_ENC_XV709:
		return { 0.2126, 0.0722 };
	case V4L2_YCBCR_ENC_BT2020:
		return { 0.2627, 0.0593 };
	default:
		return { 0.299, 0.114 };
	}
}

int16_t fixed(double value)
{
	return static_cast<int16_t>(std::lround(value * kOne));
}

} /* namespace */

/**
 * \class Csc
 * \brief Conversion of R'G'B' to the Y'CbCr of the session
 *
 * Y' = Kr R' + Kg G' + Kb B', Cb = (B' - Y') / (2 (1 - Kb)) and Cr = (R' - Y') /
 * (2 (1 - Kr)). The encoding and the quantization come from the stream's colour
 * space. What the configuration leaves at default is BT.601, full range, as in
 * the reset state of the block.
 *
 * The green coefficient of each row takes up the rounding, so that white gives
 * exactly full luma and greys give exactly no chroma.
 */

/**
 * \copydoc libcamera::ipa::Algorithm::configure
 */
int Csc::configure(IPAContext &context, [[maybe_unused]] const IPAConfigInfo &configInfo)
{
	const bool limited = context.configuration.quantization == V4L2_QUANTIZATION_LIM_RANGE;
	const auto [kr, kb] = lumaCoefficients(context.configuration.ycbcrEncoding);
	const double luma = limited ? kLimitedLuma / kMax : 1.0;
	const double chroma = limited ? kLimitedChroma / kMax : 1.0;

	coeff_[0][0] = fixed(luma * kr);
	coeff_[0][2] = fixed(luma * kb);
	coeff_[0][1] = fixed(luma) - coeff_[0][0] - coeff_[0][2];

	coeff_[1][0] = fixed(-chroma * kr / (2 * (1 - kb)));
	coeff_[1][2] = fixed(chroma / 2);
	coeff_[1][1] = -coeff_[1][0] - coeff_[1][2];

	coeff_[2][0] = fixed(chroma / 2);
	coeff_[2][2] = fixed(-chroma * kb / (2 * (1 - kr)));
	coeff_[2][1] = -coeff_[2][0] - coeff_[2][2];

	offset_[0] = limited ? kLimitedOffset : 0;
	offset_[1] = kChromaOffset;
	offset_[2] = kChromaOffset;

	return 0;
}

/**
 * \copydoc libcamera::ipa::Algorithm::prepare
 */
void Csc::prepare([[maybe_unused]] IPAContext &context,
		  [[maybe_unused]] const uint32_t frame,
		  [[maybe_unused]] IPAFrameContext &frameContext,
		  FoveaParams *params)
{
	auto block = params->block<BlockType::Csc>();
	block.setEnabled(true);

	for (unsigned int i = 0; i < 3; i++) {
		for (unsigned int j = 0; j < 3; j++)
			block->coeff[i][j] = coeff_[i][j];
		block->offset[i] = offset_[i];
	}
}

REGISTER_IPA_ALGORITHM(Csc, "Csc")

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
