/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What each block is for: it does that, by a stated figure
 */

#include <math.h>

#include <gtest/gtest.h>

#include "isp_sim/isp/af_stats.h"
#include "isp_sim/isp/chroma_nr.h"
#include "isp_sim/isp/dpc.h"
#include "isp_sim/isp/gamma.h"
#include "isp_sim/isp/lsc.h"
#include "isp_sim/isp/sharpen.h"

#include "test_data.h"

using namespace fovea::isp;
using namespace fovea::isp::test;

namespace {

constexpr uint16_t kEnable = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
constexpr unsigned int kSize = 128;

template<typename Function>
Plane makePlane(unsigned int width, unsigned int height, Function function)
{
	Plane plane(width, height);
	for (unsigned int y = 0; y < height; ++y) {
		for (unsigned int x = 0; x < width; ++x)
			plane.row(y)[x] = static_cast<uint16_t>(lround(function(x, y)));
	}
	return plane;
}

/* Nearly normal: the sum of twelve uniform numbers less their mean. */
double noise(Random *random, double sigma)
{
	double sum = -6;
	for (int i = 0; i < 12; ++i)
		sum += random->uniform(0, 9999) / 9999.0;
	return sigma * sum;
}

double rmsDifference(const Plane &a, const Plane &b)
{
	double sum = 0;
	for (size_t i = 0; i < a.samples.size(); ++i) {
		const double difference = a.samples[i] - b.samples[i];
		sum += difference * difference;
	}
	return sqrt(sum / static_cast<double>(a.samples.size()));
}

/* Smooth shapes, a slanted edge and a noise of 30, as a mosaic of one colour. */
Plane detailedMosaic()
{
	Random random(1);
	return makePlane(kSize, kSize, [&](unsigned int x, unsigned int y) {
		const double shade = 5000 + 2500 * sin(x / 9.0) * cos(y / 7.0);
		return std::max(0.0, shade + (3 * x + y > 250 ? 3000 : 0) + noise(&random, 30));
	});
}

} /* namespace */

/* One pixel in a thousand is dead or stuck: the error falls to a tenth at least. */
TEST(Blocks, DynamicCorrectionRemovesDefects)
{
	const Plane clean = detailedMosaic();
	Plane defective = clean;
	Random random(2);
	for (uint16_t &sample : defective.samples) {
		if (random.uniform(0, 999) == 0)
			sample = random.uniform(0, 1) ? 16383 : 0;
	}

	Params params;
	params.dpc.header.flags = kEnable;
	params.dpc.hot = params.dpc.cold = 300;
	Plane corrected = defective;
	dpcReference(params.dpc, &corrected);
	Plane untouched = clean;
	dpcReference(params.dpc, &untouched);

	const double before = rmsDifference(clean, defective);
	const double after = rmsDifference(clean, corrected);
	const double harm = rmsDifference(clean, untouched);
	printf("defects: error %.0f before, %.0f after; what a clean picture loses %.1f\n", before, after, harm);
	EXPECT_LT(after, before / 10);
	/* Less than the noise of the picture. */
	EXPECT_LT(harm, 15);
}

/* Pairs of defects, which the dynamic correction can not see. */
TEST(Blocks, ListedDefectsAreReplaced)
{
	const Plane clean = makePlane(kSize, kSize, [](unsigned int x, unsigned int y) { return 1000 + 20 * x + 10 * y; });
	Plane defective = clean;
	Params params;
	params.dpc.header.flags = kEnable;
	const fovea_isp_defect defects[] = { { 0, 0 }, { 127, 0 }, { 51, 60 }, { 52, 60 }, { 51, 62 }, { 126, 127 } };
	for (const fovea_isp_defect &defect : defects) {
		params.dpc.defects[params.dpc.count++] = defect;
		defective.row(defect.y)[defect.x] = 16383;
	}

	listedDefectsReference(params.dpc, &defective);
	for (unsigned int y = 0; y < kSize; ++y) {
		/* At the border only one neighbour is there: a step of two columns. */
		for (unsigned int x = 0; x < kSize; ++x)
			ASSERT_NEAR(clean.row(y)[x], defective.row(y)[x], x < 2 || x >= kSize - 2 ? 40 : 0) << x << ", " << y;
	}
}

/* A vignette of cos^4 to 40 % at the corners: uniform to 0.5 % behind the block. */
TEST(Blocks, MeshLevelsShading)
{
	const auto fall = [](double x, double y) {
		const double r2 = ((x - 64) * (x - 64) + (y - 64) * (y - 64)) / (2 * 64.0 * 64.0);
		return 1 / ((1 + 0.58 * r2) * (1 + 0.58 * r2));
	};
	/* Large enough that a quad is small beside a cell of the mesh. */
	constexpr double kScale = 8;
	Plane mosaic = makePlane(kSize * 8, kSize * 8, [&](unsigned int x, unsigned int y) {
		return 6000 * fall(x / kScale, y / kScale);
	});

	Params params;
	params.lsc.header.flags = kEnable;
	for (unsigned int i = 0; i < FOVEA_ISP_LSC_NODES; ++i) {
		const double x = i % FOVEA_ISP_LSC_NODES_X * kSize / 32.0;
		const double y = i / FOVEA_ISP_LSC_NODES_X * kSize / 32.0;
		const uint16_t gain = static_cast<uint16_t>(lround(4096 / fall(x, y)));
		params.lsc.r[i] = params.lsc.gr[i] = params.lsc.gb[i] = params.lsc.b[i] = gain;
	}

	const auto [darkest, brightest] = std::minmax_element(mosaic.samples.begin(), mosaic.samples.end());
	EXPECT_LT(*darkest, 0.45 * *brightest);
	gainsReference(GainMesh(params.lsc, params.wbGains), BayerOrder::GRBG, &mosaic);
	const auto [low, high] = std::minmax_element(mosaic.samples.begin(), mosaic.samples.end());
	printf("shading: %d to %d of 6000\n", *low, *high);
	EXPECT_GT(*low, 6000 * 0.995);
	EXPECT_LT(*high, 6000 * 1.005);
}

/*
 * Noise falls to less than a third, and an edge beyond the threshold keeps nine
 * tenths of its height from one sample to the next.
 */
TEST(Blocks, ChromaNoiseFallsAndEdgesStay)
{
	constexpr int kHeight = 800;
	const Plane clean = makePlane(kSize, kSize, [](unsigned int x, unsigned int) { return x < 64 ? 1600 : 1600 + kHeight; });
	Random random(3);
	const Plane noisy = makePlane(kSize, kSize, [&](unsigned int x, unsigned int y) {
		return clean.row(y)[x] + noise(&random, 40);
	});

	Params params;
	params.chromaNr.header.flags = kEnable;
	params.chromaNr.threshold = 120;
	params.chromaNr.strength = 6554;

	Plane smooth = noisy;
	chromaNrReference(params.chromaNr, &smooth);
	Plane edge = clean;
	chromaNrReference(params.chromaNr, &edge);

	const auto flat = [&](const Plane &plane) {
		Plane part = makePlane(56, kSize, [&](unsigned int x, unsigned int y) { return plane.row(y)[x]; });
		return rmsDifference(part, makePlane(56, kSize, [](unsigned int, unsigned int) { return 1600; }));
	};
	const double step = edge.row(50)[64] - edge.row(50)[63];
	printf("chroma noise: %.1f before, %.1f after; edge of %d keeps %.0f\n", flat(noisy), flat(smooth), kHeight, step);
	EXPECT_LT(flat(smooth), flat(noisy) / 3);
	EXPECT_GT(step, 0.85 * kHeight);
}

/* Edges grow steeper up to the limits; noise below the coring is left alone. */
TEST(Blocks, SharpeningSteepensEdgesWithinItsLimits)
{
	const Plane soft = makePlane(kSize, kSize, [](unsigned int x, unsigned int) {
		return 2000 + 800 / (1 + exp(-(static_cast<int>(x) - 64) / 0.7));
	});
	Params params;
	params.sharpen = { params.sharpen.header, 3 * 4096, 10, 60, 90 };
	params.sharpen.header.flags = kEnable;
	Plane sharp = soft;
	sharpenReference(params.sharpen, &sharp);

	const auto slope = [](const Plane &plane) { return plane.row(5)[65] - plane.row(5)[63]; };
	EXPECT_GT(slope(sharp), 1.2 * slope(soft));

	/* An edge that is as sharp as it can be only gets its two overshoots. */
	Plane step = makePlane(kSize, kSize, [](unsigned int x, unsigned int) { return x < 64 ? 2000 : 2800; });
	sharpenReference(params.sharpen, &step);
	const auto [low, high] = std::minmax_element(step.samples.begin(), step.samples.end());
	printf("sharpening: slope %d before, %d after; overshoot %d and %d\n",
	       slope(soft), slope(sharp), *high - 2800, 2000 - *low);
	EXPECT_EQ(*high, 2800 + 60);
	EXPECT_EQ(*low, 2000 - 90);

	Random random(4);
	const Plane grain = makePlane(kSize, kSize, [&](unsigned int, unsigned int) { return 2000 + random.uniform(-4, 4); });
	Plane after = grain;
	sharpenReference(params.sharpen, &after);
	EXPECT_EQ(grain.samples, after.samples);
}

/* Both filters fall with every step of defocus, and noise alone gives nothing. */
TEST(Blocks, FocusValuesPeakInFocus)
{
	Params params;
	params.afStats.header.flags = kEnable;
	params.afStats.threshold[0] = params.afStats.threshold[1] = 24;

	double last[FOVEA_ISP_AF_FILTERS] = { 1e9, 1e9 };
	for (const double blur : { 0.5, 1.0, 2.0, 4.0, 8.0 }) {
		Random random(5);
		const Plane mosaic = makePlane(kSize, kSize, [&](unsigned int x, unsigned int) {
			double v = 3000;
			for (int bar = 0; bar < 8; ++bar)
				v += (bar & 1 ? -4000 : 4000) / (1 + exp(-(x - 16.0 * bar - 8) / blur));
			return std::max(0.0, v + noise(&random, 20));
		});
		fovea_isp_stats_buffer stats = {};
		afStatsReference(params.afStats, BayerOrder::RGGB, mosaic, &stats);
		double sums[FOVEA_ISP_AF_FILTERS] = {};
		for (const fovea_isp_af_zone &zone : stats.af_zones) {
			for (unsigned int i = 0; i < FOVEA_ISP_AF_FILTERS; ++i)
				sums[i] += zone.sum[i];
		}
		printf("focus: blur %.1f gives %.0f and %.0f\n", blur, sums[0], sums[1]);
		for (unsigned int i = 0; i < FOVEA_ISP_AF_FILTERS; ++i) {
			EXPECT_LT(sums[i], last[i]);
			last[i] = sums[i];
		}
	}

	Random random(6);
	const Plane flat = makePlane(kSize, kSize, [&](unsigned int, unsigned int) { return 3000 + noise(&random, 20); });
	fovea_isp_stats_buffer stats = {};
	afStatsReference(params.afStats, BayerOrder::RGGB, flat, &stats);
	for (const fovea_isp_af_zone &zone : stats.af_zones) {
		EXPECT_EQ(zone.sum[0], 0u);
		EXPECT_EQ(zone.sum[1], 0u);
	}
}

/* The points are close enough for sRGB: within half a step of eight bits. */
TEST(Blocks, GammaFollowsSrgb)
{
	const auto srgb = [](double v) { return v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055; };
	Params params;
	params.gamma.header.flags = kEnable;
	setGamma(&params.gamma, srgb);

	double worst = 0;
	for (unsigned int in = 0; in < 16384; ++in) {
		const double error = fabs(gammaReference(params.gamma, static_cast<uint16_t>(in)) - 4095 * srgb(in / 16384.0));
		worst = std::max(worst, error);
	}
	printf("gamma: at most %.1f of 4095 (%.2f of 255) off sRGB\n", worst, worst / 16);
	EXPECT_LT(worst, 16);
}
