/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Colour bars in each colour space that a stream may have
 */

#include <algorithm>
#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include <linux/videodev2.h>

#include "isp_sim/isp/csc.h"

#include "camera_loop.h"

using namespace fovea::test;

namespace {

using Codes = std::array<int, 3>;

/* Bars of full saturation, each a quad: in front the primaries R', G' and B'. */
constexpr unsigned int kBars = 8;

bool contains(unsigned int bar, unsigned int channel)
{
	constexpr unsigned int kChannels[kBars] = { 1, 2, 4, 7, 3, 6, 5, 0 };
	return kChannels[bar] >> channel & 1;
}

/* The bars as NV12 has them, through the conversion that the module chooses. */
std::array<Codes, kBars> convertedBars(uint32_t encoding, uint32_t quantization)
{
	CameraLoop loop;
	EXPECT_EQ(loop.init(TUNING_DIR "/imx219.yaml"), 0);
	loop.setColourSpace(encoding, quantization);
	EXPECT_EQ(loop.configure(), 0);
	EXPECT_EQ(loop.start(), 0);
	const Frame frame = loop.run(chartScene(5000, true));
	const auto *block = frame.block<fovea_isp_csc>(FOVEA_ISP_BLOCK_CSC);
	EXPECT_TRUE(block);
	if (!block)
		return {};

	fovea::isp::Planes rgb, ycbcr;
	for (unsigned int channel = 0; channel < 3; channel++) {
		rgb[channel] = fovea::isp::Plane(2 * kBars, 2);
		for (unsigned int i = 0; i < 4 * kBars; i++)
			rgb[channel].samples[i] = contains(i / 2 % kBars, channel) ? 4095 : 0;
	}
	fovea::isp::cscReference(*block, rgb, &ycbcr);

	std::array<Codes, kBars> bars;
	for (unsigned int bar = 0; bar < kBars; bar++) {
		for (unsigned int plane = 0; plane < 3; plane++) {
			const int value = ycbcr[plane].row(0)[plane ? bar : 2 * bar];
			bars[bar][plane] = std::min((value + 8) >> 4, 255);
		}
	}
	return bars;
}

/* BT.601-7, BT.709-6 and BT.2020-2, quantized to 8 bits as they have it. */
Codes standardBar(unsigned int bar, double kr, double kb, bool limited)
{
	const double r = contains(bar, 0), g = contains(bar, 1), b = contains(bar, 2);
	const double y = kr * r + (1 - kr - kb) * g + kb * b;
	const double cb = (b - y) / (2 * (1 - kb));
	const double cr = (r - y) / (2 * (1 - kr));
	const auto code = [](double v) { return std::clamp(static_cast<int>(std::lround(v)), 0, 255); };

	if (limited)
		return { code(16 + 219 * y), code(128 + 224 * cb), code(128 + 224 * cr) };
	return { code(255 * y), code(128 + 255 * cb), code(128 + 255 * cr) };
}

const struct {
	const char *name;
	uint32_t encoding;
	double kr;
	double kb;
} kEncodings[] = {
	{ "BT.601", V4L2_YCBCR_ENC_601, 0.299, 0.114 },
	{ "BT.709", V4L2_YCBCR_ENC_709, 0.2126, 0.0722 },
	{ "BT.2020", V4L2_YCBCR_ENC_BT2020, 0.2627, 0.0593 },
};

} /* namespace */

TEST(ColourSpaces, BarsHaveTheCodesOfTheStandards)
{
	for (const auto &encoding : kEncodings) {
		for (const uint32_t quantization : { V4L2_QUANTIZATION_FULL_RANGE, V4L2_QUANTIZATION_LIM_RANGE }) {
			const bool limited = quantization == V4L2_QUANTIZATION_LIM_RANGE;
			SCOPED_TRACE(testing::Message() << encoding.name << (limited ? ", limited" : ", full"));
			const auto bars = convertedBars(encoding.encoding, quantization);
			for (unsigned int bar = 0; bar < kBars; bar++) {
				const Codes expected = standardBar(bar, encoding.kr, encoding.kb, limited);
				for (unsigned int plane = 0; plane < 3; plane++)
					EXPECT_NEAR(bars[bar][plane], expected[plane], 1) << "bar " << bar << ", plane " << plane;
			}
		}
	}
}

/* Codes of red, green and blue that are found in every table of colour bars. */
TEST(ColourSpaces, PrimariesHaveTheirWellKnownCodes)
{
	const auto bars601 = convertedBars(V4L2_YCBCR_ENC_601, V4L2_QUANTIZATION_LIM_RANGE);
	const Codes expected601[] = { { 81, 90, 240 }, { 145, 54, 34 }, { 41, 240, 110 } };
	const auto bars709 = convertedBars(V4L2_YCBCR_ENC_709, V4L2_QUANTIZATION_LIM_RANGE);
	const Codes expected709[] = { { 63, 102, 240 }, { 173, 42, 26 }, { 32, 240, 118 } };

	for (unsigned int bar = 0; bar < 3; bar++) {
		for (unsigned int plane = 0; plane < 3; plane++) {
			EXPECT_NEAR(bars601[bar][plane], expected601[bar][plane], 1) << "bar " << bar << ", plane " << plane;
			EXPECT_NEAR(bars709[bar][plane], expected709[bar][plane], 1) << "bar " << bar << ", plane " << plane;
		}
	}
}
