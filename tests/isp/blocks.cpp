/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What each block is for: it does that, by a stated figure
 */

#include <functional>
#include <math.h>

#include <gtest/gtest.h>

#include "isp_sim/isp/af_stats.h"
#include "isp_sim/isp/cac.h"
#include "isp_sim/isp/chroma_nr.h"
#include "isp_sim/isp/csc.h"
#include "isp_sim/isp/decompand.h"
#include "isp_sim/isp/dewarp.h"
#include "isp_sim/isp/dpc.h"
#include "isp_sim/isp/gamma.h"
#include "isp_sim/isp/local_tone.h"
#include "isp_sim/isp/lsc.h"
#include "isp_sim/isp/lut3d.h"
#include "isp_sim/isp/merge.h"
#include "isp_sim/isp/range.h"
#include "isp_sim/isp/raw_nr.h"
#include "isp_sim/isp/row_stats.h"
#include "isp_sim/isp/rgb_finish.h"
#include "isp_sim/isp/sharpen.h"
#include "isp_sim/isp/temporal_nr.h"
#include "isp_sim/isp/tone_stats.h"

#include "test_data.h"

using namespace fovea::isp;
using namespace fovea::isp::test;

namespace {

constexpr uint16_t kEnable = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
constexpr unsigned int kSize = 128;

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

/*
 * A backlit scene: a dark room and, through its window, a garden that is 300 times as
 * bright. Contrast is the standard deviation of a texture of 10 % in the
 * gamma-coded picture. The room's more than doubles, the garden loses less than a fifth of its, and the
 * hue stays.
 */
TEST(Blocks, LocalToneShowsShadowsAndHighlights)
{
	constexpr double kRoom = 40;
	constexpr double kGarden = 12000;
	const auto window = [](unsigned int x) { return x >= 256; };
	const auto texture = [](unsigned int x, unsigned int y) { return (x / 4 + y / 4) & 1 ? 1.1 : 0.9; };
	const Plane scene = makePlane(512, 384, [&](unsigned int x, unsigned int y) {
		return (window(x) ? kGarden : kRoom) * texture(x, y);
	});
	/* Red is twice as bright as blue. */
	const auto coloured = [&] {
		return Planes{ makePlane(512, 384, [&](unsigned int x, unsigned int y) { return 1.2 * scene.row(y)[x]; }),
			       scene, makePlane(512, 384, [&](unsigned int x, unsigned int y) { return 0.6 * scene.row(y)[x]; }) };
	};

	/* What an algorithm would choose: shadows 6 times as bright, highlights darker. */
	Params params;
	params.gamma.header.flags = kEnable;
	setGamma(&params.gamma, [](double v) { return v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055; });
	params.localTone.header.flags = kEnable;
	for (auto &row : params.localTone.gain) {
		for (auto &curve : row) {
			for (unsigned int i = 0; i < FOVEA_ISP_LTM_POINTS; ++i)
				curve[i] = static_cast<uint16_t>(4096 * std::clamp(6 - (static_cast<int>(i) - 4) * 0.7, 0.7, 6.0));
		}
	}

	struct Half {
		double mean;
		double contrast;
	};
	const auto measure = [](const Plane &plane, unsigned int left) {
		double sum = 0, squares = 0;
		for (unsigned int y = 0; y < 384; ++y) {
			for (unsigned int x = left; x < left + 200; ++x) {
				sum += plane.row(y)[x];
				squares += static_cast<double>(plane.row(y)[x]) * plane.row(y)[x];
			}
		}
		const double count = 384 * 200;
		return Half{ sum / count / 4095, sqrt(squares / count - sum * sum / count / count) / 4095 };
	};
	const auto develop = [&](bool local) {
		Planes rgb = coloured();
		if (local)
			localToneReference(params.localTone, &rgb);
		gammaReference(params.gamma, &rgb);
		return rgb[1];
	};

	const Plane global = develop(false);
	const Plane local = develop(true);
	const Half before[] = { measure(global, 8), measure(global, 304) };
	const Half after[] = { measure(local, 8), measure(local, 304) };
	for (unsigned int i = 0; i < 2; ++i)
		printf("local tone: %s mean %.3f, contrast %.4f; without %.3f, %.4f\n", i ? "garden" : "room",
		       after[i].mean, after[i].contrast, before[i].mean, before[i].contrast);
	EXPECT_GT(after[0].contrast, 2.5 * before[0].contrast);
	EXPECT_GT(after[0].mean, 3 * before[0].mean);
	EXPECT_GT(after[1].contrast, 0.8 * before[1].contrast);

	Planes rgb = coloured();
	localToneReference(params.localTone, &rgb);
	for (size_t i = 0; i < rgb[0].samples.size(); ++i) {
		ASSERT_NEAR(rgb[0].samples[i], 1.2 * rgb[1].samples[i], 8);
		ASSERT_NEAR(rgb[2].samples[i], 0.6 * rgb[1].samples[i], 8);
	}
}

/* The gain follows its curve and changes smoothly from zone to zone. */
TEST(Blocks, LocalToneIsSmoothBetweenZones)
{
	Params params;
	params.localTone.header.flags = kEnable;
	Random random(9);
	for (auto &row : params.localTone.gain) {
		for (auto &curve : row) {
			const uint16_t gain = static_cast<uint16_t>(random.uniform(3000, 9000));
			std::fill(std::begin(curve), std::end(curve), gain);
		}
	}
	const Plane flat = makePlane(1024, 768, [](unsigned int, unsigned int) { return 4000; });
	Planes rgb{ flat, flat, flat };
	localToneReference(params.localTone, &rgb);

	/* A zone has 32 quads: no step is larger than its part of the largest difference. */
	const int largest = 4000 * (9000 - 3000) / 4096 / 32 + 2;
	for (unsigned int y = 1; y < 768; ++y) {
		for (unsigned int x = 1; x < 1024; ++x) {
			ASSERT_NEAR(rgb[1].row(y)[x], rgb[1].row(y)[x - 1], largest);
			ASSERT_NEAR(rgb[1].row(y)[x], rgb[1].row(y - 1)[x], largest);
		}
	}
}

/* The nodes at reset change nothing, bit for bit. */
TEST(Blocks, TableOfColoursCanBeTheIdentity)
{
	Params params;
	params.lut3d.header.flags = kEnable;
	Random random(10);
	Planes in;
	for (Plane &plane : in)
		plane = makePlane(256, 256, [&](unsigned int, unsigned int) { return random.sample(4095); });
	Planes out = in;
	lut3dReference(params.lut3d, &out);
	for (unsigned int i = 0; i < 3; ++i)
		EXPECT_EQ(in[i].samples, out[i].samples);
}

/*
 * A rendering that no matrix can do, with more saturation in the middle tones and a
 * bent curve: reproduced within 0.5 % of the range in the mean of the squares.
 */
TEST(Blocks, TableOfColoursReproducesARendering)
{
	const auto rendering = [](const double *in, double *out) {
		const double luma = 0.2126 * in[0] + 0.7152 * in[1] + 0.0722 * in[2];
		const double saturation = 1 + 0.6 * luma * (1 - luma);
		for (unsigned int i = 0; i < 3; ++i) {
			const double v = std::clamp(luma + saturation * (in[i] - luma), 0.0, 1.0);
			out[i] = v * v * (3 - 2 * v) * 0.3 + v * 0.7;
		}
	};

	Params params;
	params.lut3d.header.flags = kEnable;
	for (unsigned int i = 0; i < 17 * 17 * 17; ++i) {
		const double in[] = { i / 289 / 16.0, i / 17 % 17 / 16.0, i % 17 / 16.0 };
		double out[3];
		rendering(in, out);
		for (unsigned int c = 0; c < 3; ++c)
			params.lut3d.rgb[i / 289][i / 17 % 17][i % 17][c] = static_cast<uint16_t>(lround(4096 * out[c]));
	}

	Random random(11);
	Planes in;
	for (Plane &plane : in)
		plane = makePlane(256, 256, [&](unsigned int, unsigned int) { return random.uniform(0, 4095); });
	Planes out = in;
	lut3dReference(params.lut3d, &out);

	double squares = 0, worst = 0;
	for (size_t i = 0; i < in[0].samples.size(); ++i) {
		const double colour[] = { in[0].samples[i] / 4096.0, in[1].samples[i] / 4096.0, in[2].samples[i] / 4096.0 };
		double expected[3];
		rendering(colour, expected);
		for (unsigned int c = 0; c < 3; ++c) {
			const double error = fabs(out[c].samples[i] - std::min(4096 * expected[c], 4095.0));
			squares += error * error;
			worst = std::max(worst, error);
		}
	}
	const double rms = sqrt(squares / (3.0 * static_cast<double>(in[0].samples.size())));
	printf("table of colours: error %.1f of 4095 (rms), at most %.1f\n", rms, worst);
	EXPECT_LT(rms, 0.005 * 4095);
	EXPECT_LT(worst, 0.03 * 4095);
}

namespace {

/* A parameter set that an algorithm would choose at a noise of 40 (of 4095). */
fovea_isp_temporal_nr makeTemporalNr(double weight)
{
	Params params;
	params.temporalNr.header.flags = kEnable;
	params.temporalNr.weight = static_cast<uint16_t>(lround(32768 * weight));
	params.temporalNr.threshold_luma = 90;
	params.temporalNr.threshold_chroma = 160;
	params.temporalNr.slope = 600;
	return params.temporalNr;
}

} /* namespace */

/*
 * What stands still loses the noise that theory says: 9.5 dB at a weight of 0.2. A
 * bright bar that moves 6 pixels a frame over it leaves a ghost of less than a
 * fiftieth of its height.
 */
TEST(Blocks, TemporalNoiseFallsWithoutGhosts)
{
	constexpr double kSigma = 40;
	constexpr int kHeight = 1200;
	Random random(12);
	const auto makeFrame = [&](int bar) {
		const auto noisy = [&](unsigned int width, unsigned int height, int left, int right) {
			return makePlane(width, height, [&, left, right](unsigned int x, unsigned int) {
				const bool inside = static_cast<int>(x) >= left && static_cast<int>(x) < right;
				return 1500 + (inside ? kHeight : 0) + noise(&random, kSigma);
			});
		};
		return Planes{ noisy(kSize, kSize, bar, bar + 16), noisy(kSize / 2, kSize / 2, bar / 2, bar / 2 + 8),
			       noisy(kSize / 2, kSize / 2, -1, -1) };
	};

	const fovea_isp_temporal_nr params = makeTemporalNr(0.2);
	TemporalState state;
	double ghost = 0;
	double noiseBefore = 0, noiseAfter = 0;
	for (int frame = 0; frame < 40; ++frame) {
		const int bar = 6 * frame - 40;
		Planes picture = makeFrame(bar);
		const Plane before = picture[0];
		temporalNrReference(params, &state, &picture);

		/* The column that the bar has just left: the mean over its rows. */
		if (bar > 20 && bar < 110) {
			for (int x = bar - 6; x < bar - 1; ++x) {
				double sum = 0;
				for (unsigned int y = 0; y < kSize; ++y)
					sum += picture[0].row(y)[x] - 1500;
				ghost = std::max(ghost, fabs(sum) / kSize);
			}
		}
		/* Once the bar is gone. */
		if (frame >= 39) {
			const Plane flat = makePlane(kSize, kSize, [](unsigned int, unsigned int) { return 1500; });
			noiseBefore = rmsDifference(before, flat);
			noiseAfter = rmsDifference(picture[0], flat);
		}
	}

	const double gain = 20 * log10(noiseBefore / noiseAfter);
	printf("temporal noise: %.1f before, %.1f after, %.1f dB; ghost %.1f of %d\n", noiseBefore, noiseAfter, gain, ghost, kHeight);
	EXPECT_GT(gain, 8.5);
	EXPECT_LT(ghost, kHeight / 50.0);
}

/* A change of brightness that is not noise arrives at once, a small one in the end. */
TEST(Blocks, TemporalNoiseReductionFollowsTheScene)
{
	const fovea_isp_temporal_nr params = makeTemporalNr(0.1);
	const auto flat = [](int level) {
		return Planes{ makePlane(16, 16, [=](unsigned int, unsigned int) { return level; }),
			       makePlane(8, 8, [](unsigned int, unsigned int) { return 2048; }),
			       makePlane(8, 8, [](unsigned int, unsigned int) { return 2048; }) };
	};
	TemporalState state;
	Planes picture = flat(1000);
	temporalNrReference(params, &state, &picture);
	picture = flat(1200);
	temporalNrReference(params, &state, &picture);
	EXPECT_EQ(picture[0].row(5)[5], 1200);

	for (int frame = 0; frame < 60; ++frame) {
		picture = flat(1203);
		temporalNrReference(params, &state, &picture);
	}
	EXPECT_NEAR(picture[0].row(5)[5], 1203, 1);
}

/*
 * A colour that the blocks behind the conversion have changed is the same in an RGB
 * format, within a step of 8 bits; a colour that they have not is the same exactly.
 */
TEST(Blocks, RgbFormatsSeeWhatHappensToYcbcr)
{
	Params params;
	Random random(13);
	const auto colours = [&] {
		Planes rgb;
		for (Plane &plane : rgb)
			plane = makePlane(64, 64, [&](unsigned int x, unsigned int y) { return 300 + (x / 2 * 97 + y / 2 * 53 + random.bits() % 2) % 3400; });
		return rgb;
	};
	const Planes from = colours();
	Planes to = from;
	/* The same change in all pixels of a quad, as chroma has no more. */
	for (unsigned int y = 0; y < 64; ++y) {
		for (unsigned int x = 0; x < 64; ++x) {
			to[0].row(y)[x] = static_cast<uint16_t>(to[0].row(y)[x] + (x / 2 + y / 2) % 7 * 40);
			to[2].row(y)[x] = static_cast<uint16_t>(to[2].row(y)[x] - (x / 2) * (y / 2) % 5 * 50);
		}
	}

	Planes before, after;
	cscReference(params.csc, from, &before);
	cscReference(params.csc, to, &after);
	Planes rgb = from;
	rgbFinishReference(params.csc, before, after, &rgb);
	int worst = 0;
	for (unsigned int c = 0; c < 3; ++c) {
		for (size_t i = 0; i < rgb[c].samples.size(); ++i)
			worst = std::max(worst, abs(rgb[c].samples[i] - to[c].samples[i]));
	}
	printf("RGB formats: at most %d of 4095 off\n", worst);
	EXPECT_LE(worst, 8);

	Planes same = from;
	rgbFinishReference(params.csc, before, before, &same);
	for (unsigned int c = 0; c < 3; ++c)
		EXPECT_EQ(same[c].samples, from[c].samples);
}

/*
 * A grid of lines through a lens with 8 % barrel distortion at the corners, a mesh
 * that inverts it: a line that was bent by 22 pixels is straight to a fifth of one.
 */
TEST(Blocks, DewarpStraightensLines)
{
	constexpr unsigned int kWidth = 960;
	constexpr unsigned int kHeight = 720;
	constexpr double kBarrel = 0.08;
	const double corner = (kWidth / 2.0) * (kWidth / 2.0) + (kHeight / 2.0) * (kHeight / 2.0);
	/* Where the lens shows what is at (x, y), from the centre: Brown's first term. */
	const auto distorted = [&](double v, double x, double y) { return v * (1 - kBarrel * (x * x + y * y) / corner); };
	/* And what it shows at (x, y). */
	const auto undistorted = [&](double &x, double &y) {
		const double atX = x, atY = y;
		for (int i = 0; i < 30; ++i) {
			const double factor = 1 - kBarrel * (x * x + y * y) / corner;
			x = atX / factor;
			y = atY / factor;
		}
	};
	/* Vertical lines, 80 pixels apart, with a profile that is easy to locate. */
	const auto brightness = [](double x) {
		const double d = fmod(x + 4000, 80) - 40;
		return 3000 * exp(-d * d / 12) + 300;
	};
	const Plane seen = makePlane(kWidth, kHeight, [&](unsigned int px, unsigned int py) {
		double x = px - kWidth / 2.0, y = py - kHeight / 2.0;
		undistorted(x, y);
		return brightness(x);
	});

	Params params;
	params.dewarp.header.flags = kEnable;
	for (unsigned int j = 0; j < FOVEA_ISP_DEWARP_NODES_Y; ++j) {
		for (unsigned int i = 0; i < FOVEA_ISP_DEWARP_NODES_X; ++i) {
			const double x = i * kWidth / 32 - kWidth / 2.0, y = j * kHeight / 24 - kHeight / 2.0;
			params.dewarp.dx[j][i] = static_cast<int16_t>(lround(32 * (distorted(x, x, y) - x)));
			params.dewarp.dy[j][i] = static_cast<int16_t>(lround(32 * (distorted(y, x, y) - y)));
		}
	}
	const Plane half = makePlane(kWidth / 2, kHeight / 2, [](unsigned int, unsigned int) { return 2048; });
	Planes ycbcr = { seen, half, half };
	Planes rgb = { seen, seen, seen };
	dewarpReference(params.dewarp, &ycbcr, &rgb);

	/* How far the centre of gravity of the outermost line strays along its length. */
	const auto bend = [&](const Plane &plane) {
		double lowest = 1e9, highest = 0;
		double at = 40;
		for (unsigned int y = kHeight / 2; y < kHeight; ++y) {
			/* Follow the line from the middle row on. */
			const unsigned int middle = static_cast<unsigned int>(lround(at));
			double sum = 0, moment = 0;
			for (unsigned int x = middle - 12; x <= middle + 12; ++x) {
				const double weight = std::max(0.0, plane.row(y)[x] - 310.0);
				sum += weight;
				moment += weight * x;
			}
			at = moment / sum;
			lowest = std::min(lowest, at);
			highest = std::max(highest, at);
		}
		return highest - lowest;
	};
	printf("dewarp: lines bent by %.2f pixels before, %.3f after\n", bend(seen), bend(ycbcr[0]));
	EXPECT_GT(bend(seen), 8);
	EXPECT_LT(bend(ycbcr[0]), 0.2);
}

/* A displacement of whole pixels only moves them. */
TEST(Blocks, DewarpMovesWholePixelsExactly)
{
	Random random(14);
	const Plane luma = makePlane(64, 48, [&](unsigned int, unsigned int) { return random.uniform(0, 4095); });
	const Plane half = makePlane(32, 24, [&](unsigned int, unsigned int) { return random.uniform(0, 4095); });
	Params params;
	params.dewarp.header.flags = kEnable;
	Planes same = { luma, half, half };
	Planes rgb = { luma, luma, luma };
	dewarpReference(params.dewarp, &same, &rgb);
	EXPECT_EQ(same[0].samples, luma.samples);
	EXPECT_EQ(same[1].samples, half.samples);

	for (auto &row : params.dewarp.dx)
		std::fill(std::begin(row), std::end(row), 4 * 32);
	Planes moved = { luma, half, half };
	dewarpReference(params.dewarp, &moved, &rgb);
	for (unsigned int y = 0; y < 48; ++y) {
		for (unsigned int x = 0; x < 64; ++x) {
			ASSERT_EQ(moved[0].row(y)[x], luma.row(y)[std::min(x + 4, 63U)]);
			ASSERT_EQ(moved[2].row(y / 2)[x / 2], half.row(y / 2)[std::min(x / 2 + 2, 31U)]);
		}
	}
}

/*
 * The points are close enough for sRGB: exact ones are within 1.5 steps of eight bits
 * (between 1024 and 2048), and the IPA, which chooses better ones, within 0.75.
 */
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
	EXPECT_LT(worst, 24);
}

/*
 * A lamp at 100 Hz on rows of 18 us: 555.6 rows a period. The phase of the row sums
 * gives the period to 1 %, at a modulation of a tenth in a picture full of detail.
 */
TEST(Blocks, RowSumsShowThePeriodOfFlicker)
{
	constexpr unsigned int kHeight = 2222;
	constexpr double kPeriod = 1e6 / 100 / 18;
	Random random(7);
	const auto frame = [&](bool flicker) {
		return makePlane(64, kHeight, [&](unsigned int x, unsigned int y) {
			const double light = flicker ? 1 + 0.1 * sin(2 * M_PI * y / kPeriod) : 1;
			return std::clamp(light * (4000 + 2000 * sin(x / 5.0 + y / 90.0)) + noise(&random, 60), 0.0, 16383.0);
		});
	};

	Params params;
	params.rowStats.header.flags = kEnable;
	fovea_isp_stats_buffer with = {};
	fovea_isp_stats_buffer without = {};
	rowStatsReference(params.rowStats, BayerOrder::RGGB, frame(true), &with);
	rowStatsReference(params.rowStats, BayerOrder::RGGB, frame(false), &without);

	/* The strongest sine in the ratio of two frames, as flicker detection takes it. */
	const unsigned int entries = with.row_geometry.entries;
	const unsigned int rowsOfEntry = 2 * with.row_geometry.quad_rows;
	ASSERT_EQ(entries, 556u);
	ASSERT_EQ(rowsOfEntry, 4u);
	double best = 0;
	double period = 0;
	for (double candidate = 200; candidate < 1500; candidate += 1) {
		double re = 0;
		double im = 0;
		for (unsigned int i = 0; i < entries; ++i) {
			const double ratio = static_cast<double>(with.row_sums[i].sum) / without.row_sums[i].sum - 1;
			re += ratio * cos(2 * M_PI * i * rowsOfEntry / candidate);
			im += ratio * sin(2 * M_PI * i * rowsOfEntry / candidate);
		}
		if (hypot(re, im) > best) {
			best = hypot(re, im);
			period = candidate;
		}
	}
	printf("flicker: period of %.1f rows measured as %.0f, modulation %.3f\n", kPeriod, period, 2 * best / entries);
	EXPECT_NEAR(period, kPeriod, 0.01 * kPeriod);
	EXPECT_NEAR(2 * best / entries, 0.1, 0.005);

	/* Lamps that are in the picture themselves are left out. */
	params.rowStats.saturation = 5000;
	fovea_isp_stats_buffer limited = {};
	rowStatsReference(params.rowStats, BayerOrder::RGGB, frame(false), &limited);
	EXPECT_LT(limited.row_sums[0].count, without.row_sums[0].count);
	EXPECT_LT(limited.row_sums[0].sum, 5000 * limited.row_sums[0].count);
}

/* Each zone's median from its histogram is within a quarter of an octave. */
TEST(Blocks, ZoneHistogramsTellTheToneOfEachZone)
{
	const auto level = [](unsigned int zone) { return 60.0 * pow(2, zone % 8); };
	const Plane mosaic = makePlane(32 * FOVEA_ISP_TONE_ZONES_X, 16 * FOVEA_ISP_TONE_ZONES_Y, [&](unsigned int x, unsigned int y) {
		return level(x / 32 + y / 16 * FOVEA_ISP_TONE_ZONES_X);
	});
	Params params;
	params.toneStats.header.flags = kEnable;
	fovea_isp_stats_buffer stats = {};
	toneStatsReference(params.toneStats, BayerOrder::GBRG, mosaic, &stats);

	for (unsigned int zone = 0; zone < FOVEA_ISP_TONE_ZONES; ++zone) {
		const uint32_t *bins = stats.tone_zones[zone].bins;
		const unsigned int bin = static_cast<unsigned int>(std::max_element(bins, bins + FOVEA_ISP_TONE_HIST_BINS) - bins);
		EXPECT_EQ(bins[bin], 16u * 8u);
		const double low = bin < 4 ? 32 * bin : pow(2, bin / 4 + 6) * (1 + bin % 4 / 4.0);
		const double width = bin < 4 ? 32 : pow(2, bin / 4 + 4);
		EXPECT_LE(low, level(zone));
		EXPECT_GT(low + width, level(zone));
	}
}

/*
 * Noise falls by 6 dB at least at every brightness, and a step well above the
 * noise stays as steep as it was.
 */
TEST(Blocks, RawNoiseFallsAndEdgesStay)
{
	constexpr double kShot = 0.6;
	constexpr double kRead = 400;
	Params params;
	params.rawNr.header.flags = kEnable;
	params.rawNr.strength = 3641;
	setNoiseModel(&params.rawNr, kShot, kRead, 3);

	for (const double level : { 100, 400, 1500, 5000, 12000 }) {
		Random random(11);
		const double sigma = sqrt(kShot * level + kRead);
		const Plane clean = makePlane(kSize, kSize, [&](unsigned int, unsigned int) { return level; });
		Plane plane = makePlane(kSize, kSize, [&](unsigned int, unsigned int) { return std::max(0.0, level + noise(&random, sigma)); });
		const double before = rmsDifference(clean, plane);
		rawNrReference(params.rawNr, &plane);
		const double gain = 20 * log10(before / rmsDifference(clean, plane));
		printf("raw noise: %.1f dB less at %.0f of 16383\n", gain, level);
		EXPECT_GT(gain, 6);
	}

	/* A slanted edge ten times the noise high: its profile, averaged along it. */
	constexpr double kLow = 1500;
	const double height = 10 * sqrt(kShot * kLow + kRead);
	Random random(12);
	const auto edge = [&](unsigned int x, unsigned int y) { return kLow + (x > 40 + y / 4 ? height : 0); };
	Plane noisy = makePlane(kSize, kSize, [&](unsigned int x, unsigned int y) {
		const double v = edge(x, y);
		return std::max(0.0, v + noise(&random, sqrt(kShot * v + kRead)));
	});
	const auto rise = [](const Plane &plane) {
		double before = 0;
		double behind = 0;
		for (unsigned int y = 0; y < kSize; ++y) {
			before += plane.row(y)[40 + y / 4];
			behind += plane.row(y)[41 + y / 4];
		}
		return (behind - before) / kSize;
	};
	const double before = rise(noisy);
	rawNrReference(params.rawNr, &noisy);
	printf("raw noise: the rise of an edge is %.0f before, %.0f after\n", before, rise(noisy));
	EXPECT_GT(rise(noisy), 0.97 * before);
}

/*
 * A dark surface of a small sensor, with a mean of 18 electrons whose shot noise is not
 * symmetrical: it loses its noise, and stays as bright as it was to 0.1 %.
 */
TEST(Blocks, RawNoiseLeavesTheMean)
{
	constexpr double kElectrons = 18;
	constexpr double kUnits = 5.6;		/* an electron, 14-bit units */
	constexpr double kReadNoise = 2.2;	/* electrons */
	Params params;
	params.rawNr.header.flags = kEnable;
	params.rawNr.strength = 3641;
	setNoiseModel(&params.rawNr, kUnits, kReadNoise * kReadNoise * kUnits * kUnits, 3);

	Random random(15);
	/* As many uniform numbers as have a product of exp(-18): a Poisson distribution. */
	const auto electrons = [&] {
		int count = -1;
		for (double product = 1; product > exp(-kElectrons); ++count)
			product *= (random.uniform(0, 999999) + 0.5) / 1e6;
		return count;
	};
	const Plane noisy = makePlane(2 * kSize, 2 * kSize, [&](unsigned int, unsigned int) {
		return std::max(0.0, kUnits * (electrons() + noise(&random, kReadNoise)));
	});
	Plane smooth = noisy;
	rawNrReference(params.rawNr, &smooth);

	const auto measure = [](const Plane &plane) {
		const double n = static_cast<double>(plane.samples.size());
		double sum = 0, squares = 0;
		for (const uint16_t sample : plane.samples) {
			sum += sample;
			squares += static_cast<double>(sample) * sample;
		}
		return std::pair(sum / n, sqrt(squares / n - sum * sum / n / n));
	};
	const auto [meanBefore, sigmaBefore] = measure(noisy);
	const auto [meanAfter, sigmaAfter] = measure(smooth);
	printf("raw noise: in the dark %.1f dB less, the mean changes by %.2f %%\n",
	       20 * log10(sigmaBefore / sigmaAfter), 100 * (meanAfter / meanBefore - 1));
	EXPECT_NEAR(meanAfter, meanBefore, 0.001 * meanBefore);
	EXPECT_LT(sigmaAfter, 0.37 * sigmaBefore);
}

/*
 * A lens that images red 0.6 % larger and blue 0.5 % smaller than green: the error of
 * the colours at the edges falls to less than a fifth of what it was.
 */
TEST(Blocks, ChromaticAberrationShrinksFringes)
{
	constexpr unsigned int kFrame = 512;
	constexpr double kMiddle = kFrame / 2;
	const auto scene = [](double x, double y) {
		const double rings = sin(hypot(x - 300, y - 200) / 9.0);
		return 6000 + 4500 * tanh(3 * rings);
	};
	const double scale[] = { 1.006, 1.0, 0.995 };
	const auto lens = [&](unsigned int x, unsigned int y, double by) {
		return scene((x - kMiddle) / by + kMiddle, (y - kMiddle) / by + kMiddle);
	};
	const auto colourOf = [](unsigned int x, unsigned int y) {
		const BayerSite site = bayerSite(BayerOrder::RGGB, x, y);
		return site == SiteR ? 0 : site == SiteB ? 2 : 1;
	};
	const Plane clean = makePlane(kFrame, kFrame, [&](unsigned int x, unsigned int y) { return scene(x, y); });
	Plane fringed = makePlane(kFrame, kFrame, [&](unsigned int x, unsigned int y) { return lens(x, y, scale[colourOf(x, y)]); });

	Params params;
	params.cac.header.flags = kEnable;
	for (int i = 0; i < FOVEA_ISP_CAC_NODES; ++i) {
		const double x = (i % FOVEA_ISP_CAC_NODES_X) * kFrame / 8.0 - kMiddle;
		const double y = (i / FOVEA_ISP_CAC_NODES_X) * kFrame / 8.0 - kMiddle;
		const auto shift = [&](double by) {
			return fovea_isp_cac_shift{ static_cast<int16_t>(lround(256 * x * (by - 1))), static_cast<int16_t>(lround(256 * y * (by - 1))) };
		};
		params.cac.r[i] = shift(scale[0]);
		params.cac.b[i] = shift(scale[2]);
	}

	const double before = rmsDifference(clean, fringed);
	cacReference(params.cac, BayerOrder::RGGB, &fringed);
	const double after = rmsDifference(clean, fringed);
	printf("chromatic aberration: error %.0f before, %.0f after, a factor of %.1f\n", before, after, before / after);
	EXPECT_LT(after, before / 5);
}

/* A sensor that packs 20 bits into 12: what is lost is less than its shot noise. */
TEST(Blocks, DecompandRestoresTheLinearRange)
{
	/* Linear for a quarter of the codes, then nearly a square root. */
	constexpr unsigned int kKnees = 10;
	double codes[kKnees] = {};
	double levels[kKnees] = {};
	for (unsigned int i = 1; i < kKnees; ++i) {
		codes[i] = floor(1024 + 3071.0 * (i - 1) / (kKnees - 2));
		levels[i] = floor(pow(32 + 991.9 * (i - 1) / (kKnees - 2), 2));
	}

	Params params;
	params.decompand.header.flags = kEnable;
	params.decompand.count = kKnees;
	for (unsigned int i = 0; i < kKnees; ++i) {
		params.decompand.x[i] = static_cast<uint16_t>(16 * codes[i]);
		params.decompand.y[i] = static_cast<uint32_t>(levels[i]);
	}

	double worst = 0;
	for (double level = 1; level < levels[kKnees - 1]; level *= 1.01) {
		unsigned int i = 0;
		while (level >= levels[i + 1])
			i++;
		const long code = lround(codes[i] + (codes[i + 1] - codes[i]) * (level - levels[i]) / (levels[i + 1] - levels[i]));
		RawFormat format = makeInput(16, 16, 12, BayerOrder::RGGB);
		std::vector<uint8_t> raw(format.stride * 16);
		raw[0] = static_cast<uint8_t>(code);
		raw[1] = static_cast<uint8_t>(code >> 8);
		LinearPlane out;
		decompandReference(params.decompand, format, raw, 0, &out);
		/* One electron to a unit. */
		worst = std::max(worst, fabs(out.row(0)[0] - level) / sqrt(level + 2));
	}
	printf("decompand: at most %.2f of the shot noise off\n", worst);
	EXPECT_LT(worst, 1.0);
}

namespace {

/*
 * A sensor of 12 bits that sees the same light for 1, 1/16 and 1/256 of the time. Light
 * is in samples of 16 bits of the longest exposure.
 */
class Exposures
{
public:
	explicit Exposures(uint32_t seed)
		: random_(seed)
	{
	}

	uint32_t sample(double light, unsigned int exposure)
	{
		const double share = light / 16 / (1 << (4 * exposure));
		const double read = 1.2;
		const double v = share + noise(&random_, sqrt(0.3 * share + read * read));
		/* A pedestal of 16 keeps the noise of the dark; it is the black level. */
		const long code = std::clamp(lround(v + 16), 0L, 4095L);
		return static_cast<uint32_t>(std::max(0L, code - 16)) * 16;
	}

private:
	Random random_;
};

/* 1/16 of full precision for the longest, so that a factor of 256 fits 20 bits. */
fovea_isp_merge mergeOf256()
{
	Params params;
	fovea_isp_merge merge = params.merge;
	merge.header.flags = kEnable;
	merge.gain[0] = 64;
	merge.gain[1] = 1024;
	merge.gain[2] = 16384;
	merge.saturation = 50000;
	merge.saturation_slope = 2048;
	merge.motion_offset = 300;
	merge.motion_relative = 13107;
	merge.motion_slope = 65535;
	return merge;
}

/* Signal to noise of patches of one brightness, in dB; 0 where they are saturated. */
double signalToNoise(const std::function<uint32_t(double light)> &sample, double light, double scale)
{
	double sum = 0;
	double squares = 0;
	constexpr int kSamples = 2000;
	for (int i = 0; i < kSamples; ++i) {
		const double v = sample(light) * scale;
		sum += v;
		squares += (v - light) * (v - light);
	}
	const double error = sqrt(squares / kSamples);
	return std::max(0.0, 20 * log10(light / std::max(error, 1e-3)));
}

} /* namespace */

/*
 * Patches one stop apart over 20 stops: how many have more signal than noise, 6 dB
 * being the least that counts; and what the shadows gain over the exposure that
 * holds the lights.
 */
TEST(Blocks, MergingExtendsTheDynamicRange)
{
	Exposures sensor(21);
	const fovea_isp_merge merge = mergeOf256();
	const auto single = [&](unsigned int exposure) {
		return [&, exposure](double light) { return sensor.sample(light, exposure); };
	};
	const auto merged = [&](double light) {
		LinearPlane exposures[3];
		for (unsigned int e = 0; e < 3; ++e) {
			exposures[e] = LinearPlane(2, 2);
			for (uint32_t &sample : exposures[e].samples)
				sample = sensor.sample(light, e);
		}
		LinearPlane out;
		mergeReference(merge, exposures, &out);
		return out.samples[0];
	};

	int longStops = 0;
	int mergedStops = 0;
	double shadowGain = 0;
	for (int stop = 4; stop < 24; ++stop) {
		const double light = 1.2 * (1 << stop);
		const double ofLong = signalToNoise(single(0), light, 1);
		const double ofShort = signalToNoise(single(2), light, 256);
		const double ofAll = signalToNoise(merged, light, 16);
		longStops += ofLong > 6;
		mergedStops += ofAll > 6;
		if (stop >= 10 && stop < 14)
			shadowGain += (ofAll - ofShort) / 4;
		if (stop % 4 == 0)
			printf("merge: stop %2d: %.1f dB longest, %.1f dB shortest, %.1f dB merged\n", stop, ofLong, ofShort, ofAll);
	}
	printf("merge: %d stops with the longest exposure, %d merged; shadows %.1f dB above the shortest\n",
	       longStops, mergedStops, shadowGain);
	EXPECT_GE(mergedStops, longStops + 7);
	EXPECT_GE(mergedStops, 16);
	EXPECT_GT(shadowGain, 20);
}

/*
 * A bright bar on a dark ground moves by its width between the exposures. With the
 * guard it is seen once, where the shorter exposure has it; without it is lost.
 */
TEST(Blocks, MotionGuardLeavesNoGhost)
{
	constexpr unsigned int kWidth = 96;
	const auto light = [](unsigned int x, unsigned int exposure) {
		const unsigned int start = 20 + 16 * exposure;
		return x >= start && x < start + 16 ? 400000.0 : 4000.0;
	};
	Exposures sensor(22);
	LinearPlane exposures[2] = { LinearPlane(kWidth, 64), LinearPlane(kWidth, 64) };
	for (unsigned int e = 0; e < 2; ++e) {
		for (unsigned int y = 0; y < 64; ++y) {
			for (unsigned int x = 0; x < kWidth; ++x)
				exposures[e].row(y)[x] = sensor.sample(light(x, e), e);
		}
	}

	/* The share of the bar's height that a column is off the shorter exposure's scene. */
	const auto ghost = [&](const fovea_isp_merge &merge) {
		LinearPlane out;
		mergeReference(merge, exposures, &out);
		double worst = 0;
		for (unsigned int x = 0; x < kWidth; ++x) {
			double mean = 0;
			for (unsigned int y = 0; y < 64; ++y)
				mean += 16.0 * out.row(y)[x] / 64;
			worst = std::max(worst, fabs(mean - light(x, 1)) / 400000);
		}
		return worst;
	};

	fovea_isp_merge merge = mergeOf256();
	const double with = ghost(merge);
	merge.motion_slope = 0;
	const double without = ghost(merge);
	printf("motion: at most %.3f of the bar's height off with the guard, %.3f without\n", with, without);
	EXPECT_LT(with, 0.02);
	EXPECT_GT(without, 0.5);
}

/* 20 bits in 14: colours stay within 1 %, brighter stays brighter, nothing clips. */
TEST(Blocks, RangeKeepsRatiosOfColours)
{
	Params params;
	params.range.header.flags = kEnable;
	setRange(&params.range, 8000, 1048575);

	int last = -1;
	double worst = 0;
	for (double level = 300; level < 1048575; level *= 1.05) {
		LinearPlane quad(2, 2);
		quad.samples = { static_cast<uint32_t>(0.5 * level), static_cast<uint32_t>(level),
				 static_cast<uint32_t>(level), static_cast<uint32_t>(0.3 * level) };
		Plane out;
		rangeReference(params.range, quad, &out);
		EXPECT_GE(out.samples[1], last);
		last = out.samples[1];
		/* Behind the rounding to 14 bits. */
		const double rounding = 0.75;
		worst = std::max(worst, (fabs(out.samples[0] - 0.5 * out.samples[1]) - rounding) / (0.5 * out.samples[1]));
		worst = std::max(worst, (fabs(out.samples[3] - 0.3 * out.samples[1]) - rounding) / (0.3 * out.samples[1]));
	}
	printf("range: ratios at most %.2f %% off, brightest %d\n", 100 * worst, last);
	EXPECT_LT(worst, 0.01);
	EXPECT_LT(last, 16383);
	EXPECT_GT(last, 15500);
}

/*
 * A coloured surface with another, eight times as bright, that reaches over it at a
 * slant, both where the range is compressed, and a pixel of the darker one that is stuck
 * at white: up to the edge and beside that pixel the darker one is what it is elsewhere,
 * and its colours keep their ratios.
 */
TEST(Blocks, RangeDrawsNoOutlines)
{
	constexpr unsigned int kStuck = 21;
	const double share[] = { 0.5, 1, 0.3 };
	const auto bright = [](unsigned int x, unsigned int y) { return 3 * x + y > 250; };
	const auto colourOf = [](unsigned int x, unsigned int y) {
		const BayerSite site = bayerSite(BayerOrder::RGGB, x, y);
		return site == SiteR ? 0 : site == SiteB ? 2 : 1;
	};
	LinearPlane in(kSize, kSize);
	for (unsigned int y = 0; y < kSize; ++y) {
		for (unsigned int x = 0; x < kSize; ++x)
			in.row(y)[x] = static_cast<uint32_t>(share[colourOf(x, y)] * (bright(x, y) ? 800000 : 100000));
	}
	in.row(kStuck)[kStuck] = kLinearRangeMax;

	Params params;
	params.range.header.flags = kEnable;
	setRange(&params.range, 30000, 1048575);
	Plane out;
	rangeReference(params.range, in, &out);

	/* The same without anything that is brighter. */
	const double level = out.row(0)[1];
	double lowest = 1;
	double highest = 1;
	for (unsigned int y = 0; y < kSize; ++y) {
		for (unsigned int x = 0; x < kSize; ++x) {
			if (bright(x, y) || (x == kStuck && y == kStuck))
				continue;
			const double ratio = out.row(y)[x] / (share[colourOf(x, y)] * level);
			lowest = std::min(lowest, ratio);
			highest = std::max(highest, ratio);
		}
	}
	printf("range: %.1f %% to %.1f %% of a dark surface at its edges and beside a stuck pixel\n", 100 * lowest, 100 * highest);
	EXPECT_GT(lowest, 0.99);
	EXPECT_LT(highest, 1.01);
}
