/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What the blocks that every picture needs are for: they do that, by a stated figure
 */

#include <algorithm>
#include <array>
#include <math.h>
#include <numeric>

#include <gtest/gtest.h>

#include "isp_sim/isp/ae_stats.h"
#include "isp_sim/isp/awb_stats.h"
#include "isp_sim/isp/black_level.h"
#include "isp_sim/isp/csc.h"
#include "isp_sim/isp/scaler.h"

#include "test_data.h"

using namespace fovea::isp;
using namespace fovea::isp::test;

namespace {

constexpr uint16_t kEnable = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
constexpr Size kFrame{ 128, 96 };

using Colour = std::array<double, 3>;

unsigned int colourOf(BayerOrder order, unsigned int x, unsigned int y)
{
	const BayerSite site = bayerSite(order, x, y);
	return site == SiteR ? 0 : site == SiteB ? 2 : 1;
}

/* A frame of @bitDepth, of @light(x, y, colour) from 0 to 1 of the largest sample. */
template<typename Light>
std::vector<uint8_t> makeRaw(unsigned int bitDepth, Light light)
{
	std::vector<uint8_t> raw;
	const double top = (1 << bitDepth) - 1;
	for (unsigned int y = 0; y < kFrame.height; ++y) {
		for (unsigned int x = 0; x < kFrame.width; ++x) {
			const long v = lround(top * std::clamp<double>(light(x, y, colourOf(BayerOrder::RGGB, x, y)), 0, 1));
			raw.push_back(static_cast<uint8_t>(v));
			if (bitDepth > 8)
				raw.push_back(static_cast<uint8_t>(v >> 8));
		}
	}
	return raw;
}

/* The picture of a raw frame through the whole ISP, of the size of the frame. */
std::vector<uint8_t> develop(unsigned int bitDepth, const std::vector<uint8_t> &raw, const Params &params, PixelFormat format)
{
	Configuration configuration;
	configuration.input = makeInput(kFrame.width, kFrame.height, bitDepth, BayerOrder::RGGB);
	configuration.outputs = { makeOutput({ 0, 0, kFrame.width, kFrame.height }, kFrame, format) };
	configuration.threads = 1;

	Isp isp;
	std::vector<uint8_t> picture(outputSize(configuration.outputs[0]));
	const std::span<uint8_t> outputs[] = { picture };
	EXPECT_EQ(isp.configure(configuration, nullptr), 0);
	EXPECT_EQ(isp.process(raw, params, outputs, nullptr), 0);
	return picture;
}

/* R, G and B of a pixel of a picture in RGB888. */
std::array<int, 3> pixelAt(const std::vector<uint8_t> &picture, unsigned int x, unsigned int y)
{
	const uint8_t *pixel = picture.data() + 3 * (y * kFrame.width + x);
	return { pixel[2], pixel[1], pixel[0] };
}

double encodeSrgb(double v)
{
	return v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055;
}

double decodeSrgb(double v)
{
	return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

Colour multiply(const double (&matrix)[3][3], const Colour &v)
{
	Colour out;
	for (unsigned int i = 0; i < 3; ++i)
		out[i] = matrix[i][0] * v[0] + matrix[i][1] * v[1] + matrix[i][2] * v[2];
	return out;
}

/* CIELAB of linear sRGB (IEC 61966-2-1), with its own white. */
Colour toLab(const Colour &rgb)
{
	constexpr double kToXyz[3][3] = { { 0.4124, 0.3576, 0.1805 }, { 0.2126, 0.7152, 0.0722 }, { 0.0193, 0.1192, 0.9505 } };
	const Colour xyz = multiply(kToXyz, rgb);
	const Colour white = multiply(kToXyz, { 1, 1, 1 });
	Colour f;
	for (unsigned int i = 0; i < 3; ++i) {
		const double t = xyz[i] / white[i];
		f[i] = t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116;
	}
	return { 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2]) };
}

double distance(const Colour &a, const Colour &b)
{
	return sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) + (a[2] - b[2]) * (a[2] - b[2]));
}

} /* namespace */

/* The same light in samples of 8 to 16 bits: the same picture, within a step of 8 bits. */
TEST(CoreBlocks, UnpackingBringsAllDepthsToOneRange)
{
	const auto light = [](unsigned int x, unsigned int y, unsigned int colour) {
		return (0.2 + 0.6 * x / kFrame.width) * (1 - 0.3 * y / kFrame.height) * (colour == 1 ? 1 : 0.7);
	};
	const std::vector<uint8_t> deepest = develop(16, makeRaw(16, light), Params(), PixelFormat::RGB888);
	const auto [darkest, brightest] = std::minmax_element(deepest.begin(), deepest.end());
	ASSERT_GT(*brightest - *darkest, 150);

	for (unsigned int bitDepth = 8; bitDepth < 16; ++bitDepth) {
		const std::vector<uint8_t> picture = develop(bitDepth, makeRaw(bitDepth, light), Params(), PixelFormat::RGB888);
		int worst = 0;
		for (size_t i = 0; i < picture.size(); ++i)
			worst = std::max(worst, abs(picture[i] - deepest[i]));
		printf("unpack: %u bits are at most %d of 255 off\n", bitDepth, worst);
		/* In 8 bits the rounding of the sample comes on top. */
		EXPECT_LE(worst, bitDepth == 8 ? 2 : 1);
	}
}

/*
 * A sensor of 12 bits with a pedestal of its own for each colour and a read noise of 2
 * codes: its dark frame is black to 0.03 % of white, and what is exposed two, four and
 * eight times as long is as many times as bright, to 0.2 %.
 */
TEST(CoreBlocks, BlackLevelMakesSamplesProportionalToLight)
{
	/* By site: red, the greens, blue. */
	const double pedestal[] = { 256, 250, 262, 270 };
	const auto expose = [&](double codes, uint32_t seed) {
		Random random(seed);
		Plane mosaic = makePlane(kFrame.width, kFrame.height, [&](unsigned int x, unsigned int y) {
			const double level = pedestal[bayerSite(BayerOrder::RGGB, x, y)] + codes;
			return 16 * std::max(0L, lround(level + noise(&random, 2)));
		});
		return mosaic;
	};
	const auto meanOf = [](const Plane &mosaic) {
		return std::accumulate(mosaic.samples.begin(), mosaic.samples.end(), 0.0) / static_cast<double>(mosaic.samples.size());
	};

	Params params;
	params.blackLevel.header.flags = kEnable;
	params.blackLevel.r = 16 * 256;
	params.blackLevel.gr = 16 * 250;
	params.blackLevel.gb = 16 * 262;
	params.blackLevel.b = 16 * 270;
	Params disabled;

	const auto measure = [&](double codes, const Params &with) {
		Plane mosaic = expose(codes, 31);
		blackLevelReference(with.blackLevel, BayerOrder::RGGB, &mosaic);
		return meanOf(mosaic);
	};
	printf("black level: a dark frame has %.1f of 16383, without %.0f\n", measure(0, params), measure(0, disabled));
	EXPECT_LT(measure(0, params), 0.0003 * 16383);
	EXPECT_GT(measure(0, disabled), 1000);

	const double once = measure(300, params);
	EXPECT_NEAR(once, 4 * 300, 1);
	for (const double time : { 2, 4, 8 }) {
		const double ratio = measure(300 * time, params) / once;
		printf("black level: exposed %.0f times as long, %.3f times as bright\n", time, ratio);
		EXPECT_NEAR(ratio, time, 0.002 * time);
		EXPECT_LT(measure(300 * time, disabled) / measure(300, disabled), 0.8 * time);
	}
}

namespace {

/* Pedestal and grey response, as shares of the largest sample, of a sensor under a lamp. */
constexpr double kPedestal = 4096.0 / 65535;
constexpr Colour kLamp = { 1.3, 1.0, 0.5 };

/* Grey columns from black to four times what the sensor can hold in the strongest colour. */
double greyLight(unsigned int x, unsigned int colour)
{
	const double grey = 4.0 / 1.3 * (x / 8) / (kFrame.width / 8 - 1);
	return kPedestal + std::min(grey * kLamp[colour], 1.0) * (1 - kPedestal);
}

/* Gains that make the lamp white, the smallest of them @smallest. */
Params whiteBalance(double smallest)
{
	Params params;
	params.blackLevel.header.flags = params.wbGains.header.flags = kEnable;
	params.blackLevel.r = params.blackLevel.gr = params.blackLevel.gb = params.blackLevel.b = 4096;
	const auto gain = [&](unsigned int colour) {
		return static_cast<uint16_t>(lround(4096 * smallest * kLamp[0] / kLamp[colour]));
	};
	params.wbGains.r = gain(0);
	params.wbGains.gr = params.wbGains.gb = gain(1);
	params.wbGains.b = gain(2);
	return params;
}

/* The largest difference between the colours of a pixel, in steps of 8 bits. */
int tintOf(const std::vector<uint8_t> &picture, unsigned int x)
{
	const auto rgb = pixelAt(picture, x, kFrame.height / 2);
	return *std::max_element(rgb.begin(), rgb.end()) - *std::min_element(rgb.begin(), rgb.end());
}

} /* namespace */

/*
 * Greys under a warm lamp, from black to four times what the sensor can hold: with
 * gains of which none is below the stretch that the black level asks for, all of them
 * are neutral to a step of 8 bits, and what is clipped is white. Where gains are
 * smaller, highlights have a colour.
 */
TEST(CoreBlocks, GainsMakeGreysAndHighlightsNeutral)
{
	const auto light = [](unsigned int x, unsigned int, unsigned int colour) { return greyLight(x, colour); };
	const std::vector<uint8_t> raw = makeRaw(16, light);
	constexpr double kStretch = 1 / (1 - kPedestal);
	const std::vector<uint8_t> picture = develop(16, raw, whiteBalance(kStretch), PixelFormat::RGB888);
	const std::vector<uint8_t> weak = develop(16, raw, whiteBalance(0.8 * kStretch), PixelFormat::RGB888);
	Params disabled = whiteBalance(kStretch);
	disabled.wbGains.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_DISABLE;
	const std::vector<uint8_t> without = develop(16, raw, disabled, PixelFormat::RGB888);

	int tint = 0;
	int tintWithout = 0;
	int tintOfWeak = 0;
	int last = -1;
	for (unsigned int x = 4; x < kFrame.width; x += 8) {
		tint = std::max(tint, tintOf(picture, x));
		tintWithout = std::max(tintWithout, tintOf(without, x));
		tintOfWeak = std::max(tintOfWeak, tintOf(weak, x));
		/* Brighter stays brighter. */
		EXPECT_GE(pixelAt(picture, x, 20)[1], last);
		last = pixelAt(picture, x, 20)[1];
	}
	printf("gains: greys up to 4 times white are %d of 255 off neutral, %d without gains, %d where gains are below the stretch\n",
	       tint, tintWithout, tintOfWeak);
	EXPECT_LE(tint, 1);
	EXPECT_GT(tintWithout, 60);
	EXPECT_GT(tintOfWeak, 30);
	EXPECT_EQ(pixelAt(picture, kFrame.width - 4, 20), (std::array{ 255, 255, 255 }));

	/* Twice the gain in all colours is twice the light. */
	const std::vector<uint8_t> twice = develop(16, raw, whiteBalance(2 * kStretch), PixelFormat::RGB888);
	EXPECT_NEAR(pixelAt(twice, 12, 20)[1], 2 * pixelAt(picture, 12, 20)[1], 1);
}

/*
 * A camera whose colours overlap, with the inverse of that as its matrix: 24 colours,
 * the primaries and white among them, come through the whole ISP, sRGB and 8 bits
 * included, to within 1.5 of CIELAB's distances; without the matrix they are 28 off.
 */
TEST(CoreBlocks, MatrixBringsACameraToSrgb)
{
	/* Camera of sRGB, and its inverse; rows have the sum 1.0. */
	constexpr double kCamera[3][3] = { { 0.65, 0.28, 0.07 }, { 0.20, 0.65, 0.15 }, { 0.04, 0.28, 0.68 } };
	double inverse[3][3];
	double determinant = 0;
	for (unsigned int i = 0; i < 3; ++i) {
		for (unsigned int j = 0; j < 3; ++j) {
			const auto &m = kCamera;
			const unsigned int a = (j + 1) % 3, b = (j + 2) % 3, c = (i + 1) % 3, d = (i + 2) % 3;
			inverse[i][j] = m[a][c] * m[b][d] - m[a][d] * m[b][c];
		}
	}
	for (unsigned int j = 0; j < 3; ++j)
		determinant += kCamera[0][j] * inverse[j][0];

	std::vector<Colour> colours = { { 0.8, 0, 0 }, { 0, 0.8, 0 }, { 0, 0, 0.8 }, { 0.8, 0.8, 0.8 }, { 0.1, 0.1, 0.1 } };
	Random random(32);
	while (colours.size() < 24)
		colours.push_back({ random.uniform(2, 90) / 100.0, random.uniform(2, 90) / 100.0, random.uniform(2, 90) / 100.0 });
	/* Patches of 16x32 pixels, eight in a row; the fourth row repeats the first. */
	const auto patchAt = [](unsigned int x, unsigned int y) { return 8 * (y / 32) + x / 16; };
	const std::vector<uint8_t> raw = makeRaw(14, [&](unsigned int x, unsigned int y, unsigned int colour) {
		return multiply(kCamera, colours[patchAt(x, y)])[colour];
	});

	Params params;
	params.gamma.header.flags = kEnable;
	setGamma(&params.gamma, encodeSrgb);
	const auto measure = [&] {
		const std::vector<uint8_t> picture = develop(14, raw, params, PixelFormat::RGB888);
		double sum = 0;
		double worst = 0;
		for (unsigned int i = 0; i < colours.size(); ++i) {
			const auto rgb = pixelAt(picture, 16 * (i % 8) + 8, 32 * (i / 8) + 16);
			const Colour linear = { decodeSrgb(rgb[0] / 255.0), decodeSrgb(rgb[1] / 255.0), decodeSrgb(rgb[2] / 255.0) };
			const double error = distance(toLab(linear), toLab(colours[i]));
			sum += error;
			worst = std::max(worst, error);
		}
		return std::pair(sum / static_cast<double>(colours.size()), worst);
	};
	const auto [meanBefore, worstBefore] = measure();
	params.ccm.header.flags = kEnable;
	for (unsigned int i = 0; i < 3; ++i) {
		for (unsigned int j = 0; j < 3; ++j)
			params.ccm.coeff[i][j] = static_cast<int16_t>(lround(4096 * inverse[i][j] / determinant));
	}
	const auto [mean, worst] = measure();
	printf("matrix: %.2f from the colours in the mean, %.2f at most; without %.1f, %.1f\n", mean, worst, meanBefore, worstBefore);
	EXPECT_GT(meanBefore, 15);
	EXPECT_LT(mean, 0.6);
	EXPECT_LT(worst, 1.5);

	/* An offset takes off veiling glare that is the same everywhere. */
	const std::vector<uint8_t> glare = makeRaw(14, [](unsigned int, unsigned int, unsigned int) { return 1000.0 / 16383; });
	std::fill_n(params.ccm.offset, 3, static_cast<int16_t>(-1000));
	EXPECT_EQ(pixelAt(develop(14, glare, params, PixelFormat::RGB888), 64, 48), (std::array{ 0, 0, 0 }));
}

namespace {

struct Encoding {
	const char *name;
	/* The standards' coefficients of luma. */
	double kr, kb;
	bool limited;
};

constexpr Encoding kEncodings[] = {
	{ "BT.601 full", 0.299, 0.114, false },
	{ "BT.601 limited", 0.299, 0.114, true },
	{ "BT.709 full", 0.2126, 0.0722, false },
	{ "BT.709 limited", 0.2126, 0.0722, true },
	{ "BT.2020 full", 0.2627, 0.0593, false },
	{ "BT.2020 limited", 0.2627, 0.0593, true },
};

/* Y'CbCr of a colour in codes of 12 bits, in floating point. */
Colour convertExactly(const Encoding &encoding, const Colour &rgb)
{
	const double y = encoding.kr * rgb[0] + (1 - encoding.kr - encoding.kb) * rgb[1] + encoding.kb * rgb[2];
	const double cb = (rgb[2] - y) / (2 * (1 - encoding.kb));
	const double cr = (rgb[0] - y) / (2 * (1 - encoding.kr));
	if (encoding.limited)
		return { 16 * (219 * y + 16), 16 * (224 * cb + 128), 16 * (224 * cr + 128) };
	return { 4095 * y, 4095 * cb + 2048, 4095 * cr + 2048 };
}

/* The block for it: the same of single colours, Q3.13. */
fovea_isp_csc makeCsc(const Encoding &encoding)
{
	Params params;
	params.csc.header.flags = kEnable;
	const Colour black = convertExactly(encoding, { 0, 0, 0 });
	for (unsigned int j = 0; j < 3; ++j) {
		Colour primary = { 0, 0, 0 };
		primary[j] = 1;
		const Colour out = convertExactly(encoding, primary);
		for (unsigned int i = 0; i < 3; ++i)
			params.csc.coeff[i][j] = static_cast<int16_t>(lround(8192 * (out[i] - black[i]) / 4095));
	}
	for (unsigned int i = 0; i < 3; ++i)
		params.csc.offset[i] = static_cast<int16_t>(lround(black[i]));
	return params.csc;
}

} /* namespace */

/*
 * The matrices of BT.601-7, BT.709-6 and BT.2020-2, in full and limited range: every
 * colour of a lattice is within two codes of 12 bits, an eighth of one of 8, of the
 * standard's arithmetic.
 */
TEST(CoreBlocks, ConversionFollowsTheStandards)
{
	for (const Encoding &encoding : kEncodings) {
		const fovea_isp_csc csc = makeCsc(encoding);
		double worst = 0;
		for (unsigned int i = 0; i < 17 * 17 * 17; ++i) {
			const unsigned int in[] = { i / 289 * 4095 / 16, i / 17 % 17 * 4095 / 16, i % 17 * 4095 / 16 };
			Planes rgb;
			for (unsigned int c = 0; c < 3; ++c)
				rgb[c] = makePlane(2, 2, [&](unsigned int, unsigned int) { return in[c]; });
			Planes ycbcr;
			cscReference(csc, rgb, &ycbcr);
			const Colour exact = convertExactly(encoding, { in[0] / 4095.0, in[1] / 4095.0, in[2] / 4095.0 });
			for (unsigned int c = 0; c < 3; ++c) {
				worst = std::max(worst, fabs(ycbcr[c].samples[0] - std::min(exact[c], 4095.0)));
			}
		}
		printf("conversion: %s is at most %.2f of 4095 off\n", encoding.name, worst);
		EXPECT_LT(worst, 2) << encoding.name;
	}

	/* The first of them is what the block does when nothing was set. */
	const fovea_isp_csc csc = makeCsc(kEncodings[0]);
	const Params reset;
	for (unsigned int i = 0; i < 9; ++i)
		EXPECT_NEAR(csc.coeff[i / 3][i % 3], reset.csc.coeff[i / 3][i % 3], 1);
	EXPECT_TRUE(std::equal(csc.offset, csc.offset + 3, reset.csc.offset));
}

namespace {

/* The mean that a histogram of exposure stands for, in 14-bit units. */
double meanOf(const fovea_isp_stats_buffer &stats)
{
	double sum = 0;
	double count = 0;
	for (unsigned int bin = 0; bin < FOVEA_ISP_AE_HIST_BINS; ++bin) {
		sum += stats.ae_histogram[bin] * (16.0 * bin + 7.5);
		count += stats.ae_histogram[bin];
	}
	return sum / count;
}

} /* namespace */

/*
 * Light from a window on the right, eight times that of the left: zones and histogram
 * know the mean of each half to 0.2 %, and weights choose which of them counts.
 */
TEST(CoreBlocks, ExposureStatisticsMeterByWeight)
{
	constexpr double kRoom = 1200;
	constexpr double kWindow = 9600;
	/* Of each colour, beside the mean of the four samples. */
	const double share[] = { 0.8, 1.3, 0.6 };
	Random random(33);
	const Plane mosaic = makePlane(256, 256, [&](unsigned int x, unsigned int y) {
		const double level = (x < 128 ? kRoom : kWindow) * share[colourOf(BayerOrder::GBRG, x, y)];
		return level + noise(&random, 0.03 * level);
	});
	const auto measure = [&](const auto &weightOf) {
		Params params;
		for (unsigned int i = 0; i < FOVEA_ISP_AE_ZONES; ++i)
			params.aeStats.weights[i] = static_cast<uint8_t>(weightOf(i % FOVEA_ISP_AE_ZONES_X));
		fovea_isp_stats_buffer stats = {};
		aeStatsReference(params.aeStats, BayerOrder::GBRG, mosaic, &stats);
		return stats;
	};

	const fovea_isp_stats_buffer even = measure([](unsigned int) { return 1; });
	double sums[2][3] = {};
	double counts[2] = {};
	for (unsigned int i = 0; i < FOVEA_ISP_AE_ZONES; ++i) {
		const fovea_isp_ae_zone &zone = even.ae_zones[i];
		const unsigned int half = i % FOVEA_ISP_AE_ZONES_X / 8;
		counts[half] += zone.count;
		sums[half][0] += zone.r;
		sums[half][1] += zone.g;
		sums[half][2] += zone.b;
	}
	for (unsigned int half = 0; half < 2; ++half) {
		EXPECT_EQ(counts[half], 64 * 128);
		for (unsigned int c = 0; c < 3; ++c) {
			const double expected = (half ? kWindow : kRoom) * share[c];
			EXPECT_NEAR(sums[half][c] / counts[half], expected, 0.002 * expected);
		}
	}

	const double ofRoom = meanOf(measure([](unsigned int x) { return x < 8 ? 15 : 0; }));
	const double ofWindow = meanOf(measure([](unsigned int x) { return x < 8 ? 0 : 3; }));
	const double ofMostlyRoom = meanOf(measure([](unsigned int x) { return x < 8 ? 15 : 1; }));
	printf("exposure: %.0f in the mean, %.0f and %.0f by weights, %.0f at 15 to 1\n", meanOf(even), ofRoom, ofWindow, ofMostlyRoom);
	EXPECT_NEAR(meanOf(even), (kRoom + kWindow) / 2, 0.002 * kWindow);
	EXPECT_NEAR(ofRoom, kRoom, 0.002 * kRoom);
	EXPECT_NEAR(ofWindow, kWindow, 0.002 * kWindow);
	EXPECT_NEAR(ofMostlyRoom, (15 * kRoom + kWindow) / 16, 0.002 * kWindow);
}

/*
 * Greys of all kinds under a lamp, beside a coloured light that saturates the sensor and
 * a dark corner with a pedestal that was not taken off: the sums have the colour of the
 * lamp to 0.2 %, and the counts say how much was left out. With both limits off the
 * estimate is wrong by a tenth and more.
 */
TEST(CoreBlocks, WhiteBalanceStatisticsSeeTheLamp)
{
	constexpr Colour kColour = { 0.6, 1, 0.35 };
	constexpr unsigned int kSize = 256;
	/* A quarter of the width each. */
	const auto saturated = [](unsigned int x) { return x < kSize / 4; };
	const auto dark = [](unsigned int x) { return x >= 3 * kSize / 4; };
	Random random(34);
	const Plane mosaic = makePlane(kSize, kSize, [&](unsigned int x, unsigned int y) {
		const unsigned int colour = colourOf(BayerOrder::RGGB, x, y);
		if (saturated(x))
			return colour == 2 ? 16000.0 : 5000.0;
		if (dark(x))
			return 120.0;
		const double grey = 3000 + 2500 * sin(x / 17.0) * sin(y / 23.0);
		return std::max(0.0, grey * kColour[colour] + noise(&random, 20));
	});
	const auto measure = [&](uint16_t saturation, uint16_t least) {
		Params params;
		params.awbStats.saturation = saturation;
		params.awbStats.dark = least;
		fovea_isp_stats_buffer stats = {};
		awbStatsReference(params.awbStats, BayerOrder::RGGB, mosaic, &stats);
		fovea_isp_awb_zone sum = {};
		std::array<double, 3> all = {};
		for (const fovea_isp_awb_zone &zone : stats.awb_zones) {
			all[0] += zone.r;
			all[1] += zone.g;
			all[2] += zone.b;
			sum.count += zone.count;
			sum.saturated += zone.saturated;
			sum.dark += zone.dark;
		}
		return std::tuple(all[0] / all[1], all[2] / all[1], sum);
	};

	const auto [red, blue, counts] = measure(15872, 300);
	const auto [redOfAll, blueOfAll, countsOfAll] = measure(16383, 0);
	printf("white balance: red %.4f, blue %.4f of green for %.2f, %.2f; %u quads, %u saturated, %u dark; without limits %.4f, %.4f\n",
	       red, blue, kColour[0], kColour[2], counts.count, counts.saturated, counts.dark, redOfAll, blueOfAll);
	constexpr unsigned int kQuarter = kSize / 2 * kSize / 2 / 4;
	EXPECT_NEAR(red, kColour[0], 0.002 * kColour[0]);
	EXPECT_NEAR(blue, kColour[2], 0.002 * kColour[2]);
	EXPECT_EQ(counts.count, 2 * kQuarter);
	EXPECT_EQ(counts.saturated, kQuarter);
	EXPECT_EQ(counts.dark, kQuarter);
	EXPECT_GT(fabs(redOfAll - kColour[0]), 0.1 * kColour[0]);
	EXPECT_GT(fabs(blueOfAll - kColour[2]), 0.1 * kColour[2]);
	EXPECT_EQ(countsOfAll.count, 4 * kQuarter);
}

namespace {

/* Amplitude of a sine of @period columns in a row, from @margin columns of both ends. */
double amplitude(const Plane &plane, double period, unsigned int margin)
{
	double re = 0;
	double im = 0;
	double mean = 0;
	const unsigned int n = plane.width - 2 * margin;
	for (unsigned int x = margin; x < plane.width - margin; ++x)
		mean += plane.row(0)[x] / static_cast<double>(n);
	for (unsigned int x = margin; x < plane.width - margin; ++x) {
		/* A window without side lobes that matter. */
		const double window = 1 - cos(2 * M_PI * (x - margin + 0.5) / n);
		const double v = window * (plane.row(0)[x] - mean);
		re += v * cos(2 * M_PI * x / period);
		im += v * sin(2 * M_PI * x / period);
	}
	return 2 * hypot(re, im) / n;
}

} /* namespace */

/*
 * Scaled to a quarter: a sine that the output can show keeps its amplitude to 0.1 dB, one
 * that it can not is 40 dB weaker, where taking each fourth sample makes it a
 * false one of full height. Twice the size: a smooth sine stays itself to 0.3 %.
 */
TEST(CoreBlocks, ScalingKeepsDetailsAndSuppressesAliases)
{
	constexpr unsigned int kIn = 1024;
	const auto sine = [](double period) {
		return makePlane(kIn, 16, [=](unsigned int x, unsigned int) { return 2000 + 1000 * sin(2 * M_PI * x / period); });
	};
	Plane slow;
	scaleReference(sine(32), { 0, 0, kIn, 16 }, { kIn / 4, 4 }, &slow);
	const double kept = 20 * log10(amplitude(slow, 8, 8) / 1000);

	/* Of 2.5 columns: 0.625 of an output's, which looks like 1.667 of them. */
	Plane fast;
	scaleReference(sine(2.5), { 0, 0, kIn, 16 }, { kIn / 4, 4 }, &fast);
	const double alias = 20 * log10(amplitude(fast, 1 / (2 - 4 / 2.5), 8) / 1000);
	const Plane taken = makePlane(kIn / 4, 4, [](unsigned int x, unsigned int) { return 2000 + 1000 * sin(2 * M_PI * 4 * x / 2.5); });
	const double aliasOfTaken = 20 * log10(amplitude(taken, 1 / (2 - 4 / 2.5), 8) / 1000);
	printf("scaling: details keep %.2f dB, aliases %.1f dB, %.1f without a filter\n", kept, alias, aliasOfTaken);
	EXPECT_GT(kept, -0.1);
	EXPECT_LT(alias, -40);
	EXPECT_GT(aliasOfTaken, -1);

	Plane large;
	scaleReference(sine(16), { 0, 0, kIn, 16 }, { 2 * kIn, 32 }, &large);
	double worst = 0;
	for (unsigned int x = 16; x < large.width - 16; ++x) {
		const double exact = 2000 + 1000 * sin(2 * M_PI * ((x + 0.5) / 2 - 0.5) / 16);
		worst = std::max(worst, fabs(large.row(8)[x] - exact));
	}
	printf("scaling: twice the size is at most %.1f of 1000 off\n", worst);
	EXPECT_LT(worst, 3);
}

/* A spot stays where it is, to a hundredth of an input's pixel, whatever the ratio. */
TEST(CoreBlocks, ScalingMovesNothing)
{
	constexpr unsigned int kIn = 600;
	constexpr double kSpot = 300.3;
	const Plane in = makePlane(kIn, 16, [](unsigned int x, unsigned int) { return 4000 * exp(-(x - kSpot) * (x - kSpot) / 200); });
	for (const unsigned int out : { 150U, 333U, 599U, 600U, 1000U, 1800U }) {
		Plane scaled;
		scaleReference(in, { 0, 0, kIn, 16 }, { out, 16 }, &scaled);
		double sum = 0;
		double moment = 0;
		for (unsigned int x = 0; x < out; ++x) {
			sum += scaled.row(3)[x];
			moment += scaled.row(3)[x] * ((x + 0.5) * kIn / out - 0.5);
		}
		EXPECT_NEAR(moment / sum, kSpot, 0.01) << "to " << out;
	}
}

namespace {

/* R', G', B' of 8 bits from Y'CbCr of BT.601, full range. */
Colour decode601(int y, int cb, int cr)
{
	return { y + 1.402 * (cr - 128), y - 0.344136 * (cb - 128) - 0.714136 * (cr - 128), y + 1.772 * (cb - 128) };
}

/* Luma and chroma at a pixel of a packed picture. */
std::array<int, 3> ycbcrAt(const std::vector<uint8_t> &picture, PixelFormat format, unsigned int x, unsigned int y)
{
	const size_t width = kFrame.width;
	const uint8_t *chroma = picture.data() + width * kFrame.height;
	const size_t column = x & ~1U;
	switch (format) {
	case PixelFormat::NV12:
		return { picture[y * width + x], chroma[y / 2 * width + column], chroma[y / 2 * width + column + 1] };
	case PixelFormat::NV21:
		return { picture[y * width + x], chroma[y / 2 * width + column + 1], chroma[y / 2 * width + column] };
	case PixelFormat::NV16:
		return { picture[y * width + x], chroma[y * width + column], chroma[y * width + column + 1] };
	default:
		return { picture[2 * (y * width + x)], picture[2 * (y * width + column) + 1], picture[2 * (y * width + column) + 3] };
	}
}

} /* namespace */

/*
 * One picture in all formats: decoded, those of Y'CbCr are that of RGB to 4 steps of 8
 * bits where colours are smooth, and the others are the same bytes in other places.
 */
TEST(CoreBlocks, AllFormatsHoldTheSamePicture)
{
	const std::vector<uint8_t> raw = makeRaw(14, [](unsigned int x, unsigned int y, unsigned int colour) {
		return 0.45 + 0.35 * sin(x / 40.0 + 1.3 * colour) * cos(y / 30.0 - colour);
	});
	const auto in = [&](PixelFormat format) { return develop(14, raw, Params(), format); };
	const std::vector<uint8_t> rgb = in(PixelFormat::RGB888);

	for (const PixelFormat format : { PixelFormat::NV12, PixelFormat::NV21, PixelFormat::NV16, PixelFormat::YUYV }) {
		const std::vector<uint8_t> picture = in(format);
		double worst = 0;
		for (unsigned int y = 0; y < kFrame.height; ++y) {
			for (unsigned int x = 0; x < kFrame.width; ++x) {
				const auto v = ycbcrAt(picture, format, x, y);
				const Colour decoded = decode601(v[0], v[1], v[2]);
				const auto expected = pixelAt(rgb, x, y);
				for (unsigned int c = 0; c < 3; ++c)
					worst = std::max(worst, fabs(decoded[c] - expected[c]));
			}
		}
		printf("packing: format %d is at most %.1f of 255 off RGB888\n", static_cast<int>(format), worst);
		EXPECT_LT(worst, 4);
	}

	const std::vector<uint8_t> words = in(PixelFormat::XRGB8888);
	for (size_t i = 0; i < rgb.size() / 3; ++i) {
		ASSERT_TRUE(std::equal(&rgb[3 * i], &rgb[3 * i] + 3, &words[4 * i])) << "pixel " << i;
		ASSERT_EQ(words[4 * i + 3], 255);
	}
	const std::vector<uint8_t> nv12 = in(PixelFormat::NV12);
	const std::vector<uint8_t> grey = in(PixelFormat::R8);
	EXPECT_TRUE(std::equal(grey.begin(), grey.end(), nv12.begin()));
}
