/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Quality of demosaic and scaling on generated pictures
 */

#include <math.h>
#include <string_view>

#include <gtest/gtest.h>

#include "isp_sim/isp/demosaic.h"
#include "isp_sim/isp/params.h"
#include "isp_sim/isp/scaler.h"

#include "photographs.h"
#include "pictures.h"
#include "test_data.h"

using namespace fovea::isp;
using namespace fovea::isp::test;

namespace {

void grey(double v, double *rgb)
{
	rgb[0] = rgb[1] = rgb[2] = v;
}

enum Setting {
	Bilinear,
	Directed,
	Refined,
};

Planes demosaic(const Plane &mosaic, BayerOrder order, Setting setting = Directed)
{
	Params params;
	if (setting == Bilinear)
		params.demosaic.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_DISABLE;
	params.demosaic.refine = setting == Refined;
	ColourDifferences differences;
	demosaicReference(mosaic, order, params.demosaic, &differences);
	return differences.rgb();
}

/*
 * How much worse than the yardstick a demosaic may be. Where light changes and the
 * ratios of strong colours stay, their differences change with it, and what is linear
 * is better than one that chooses directions by a decibel.
 */
double largestLoss(std::string_view picture, Setting setting)
{
	return picture == "natural" && setting == Directed ? 1.5 : 0;
}

Planes encode(const Planes &linear)
{
	Planes encoded = linear;
	for (Plane &plane : encoded) {
		for (uint16_t &sample : plane.samples)
			sample = static_cast<uint16_t>(lround(kLinearMax * pow(sample / double(kLinearMax), 1 / 2.2)));
	}
	return encoded;
}

} /* namespace */

/*
 * The gate is on the mean over all pictures; on one picture alone is the directed one worse.
 * isp-bench has the figures of other programs.
 */
TEST(Demosaic, BetterThanMalvarHeCutler)
{
	double gain[3] = {};
	double leaves[3] = {};
	unsigned int leafPictures = 0;
	for (const NamedPicture &entry : testPictures()) {
		SCOPED_TRACE(entry.name);
		const Planes truth = render(entry.picture);
		const bool isLeaves = std::string_view(entry.name).starts_with("dead leaves");
		leafPictures += isLeaves;
		for (const BayerOrder order : kOrders) {
			const Plane mosaic = sampleMosaic(truth, order);
			const double yardstick = cpsnr(truth, malvarHeCutler(mosaic, order));
			double quality[3];
			for (const Setting setting : { Bilinear, Directed, Refined }) {
				quality[setting] = cpsnr(truth, demosaic(mosaic, order, setting));
				/* What is reproduced exactly must not decide the mean. */
				gain[setting] += std::min(quality[setting] - yardstick, 10.0) / 4;
				leaves[setting] += isLeaves ? (quality[setting] - yardstick) / 4 : 0;
			}
			for (const Setting setting : { Directed, Refined })
				EXPECT_GE(quality[setting], yardstick - largestLoss(entry.name, setting));
			if (order == BayerOrder::RGGB)
				printf("%-18s Malvar-He-Cutler %.2f dB, bilinear %.2f dB, directed %.2f dB, refined %.2f dB\n",
				       entry.name, yardstick, quality[Bilinear], quality[Directed], quality[Refined]);
		}
	}

	const double count = static_cast<double>(testPictures().size());
	printf("mean gain over Malvar-He-Cutler: directed %.2f dB, refined %.2f dB; on dead leaves %.2f dB, %.2f dB\n",
	       gain[Directed] / count, gain[Refined] / count, leaves[Directed] / leafPictures, leaves[Refined] / leafPictures);
	EXPECT_GT(gain[Directed] / count, 1.0);
	EXPECT_GT(gain[Refined] / count, 2.5);
	/* Where colours are not correlated at all bilinear may win; not overall. */
	EXPECT_GT((gain[Directed] - gain[Bilinear]) / count, 4.0);
	/* What photographs are most like. */
	EXPECT_GT(leaves[Directed] / leafPictures, 0.8);
	EXPECT_GT(leaves[Refined] / leafPictures, 2.5);
}

/*
 * Photographs whose colours are known, where they are to be had: linear, as a demosaic
 * gets them, and encoded, as those that demosaics are mostly compared on.
 */
TEST(Demosaic, BetterThanMalvarHeCutlerOnPhotographs)
{
	const std::vector<Photograph> pictures = photographs();
	if (pictures.empty())
		GTEST_SKIP() << "no raw frames of cameras: FOVEA_DATA_PATH names no directory with them";

	for (const bool encoded : { false, true }) {
		double gain[3] = {};
		for (const Photograph &photograph : pictures) {
			const Planes truth = encoded ? encode(photograph.planes) : photograph.planes;
			const Plane mosaic = sampleMosaic(truth, BayerOrder::RGGB);
			const double yardstick = cpsnr(truth, malvarHeCutler(mosaic, BayerOrder::RGGB));
			double quality[3];
			for (const Setting setting : { Bilinear, Directed, Refined }) {
				quality[setting] = cpsnr(truth, demosaic(mosaic, BayerOrder::RGGB, setting));
				gain[setting] += (quality[setting] - yardstick) / static_cast<double>(pictures.size());
			}
			printf("%-18s Malvar-He-Cutler %.2f dB, bilinear %.2f dB, directed %.2f dB, refined %.2f dB\n",
			       photograph.name.c_str(), yardstick, quality[Bilinear], quality[Directed], quality[Refined]);
		}

		printf("%s, mean gain over Malvar-He-Cutler: directed %.2f dB, refined %.2f dB\n",
		       encoded ? "encoded" : "linear", gain[Directed], gain[Refined]);
		EXPECT_GT(gain[Directed], 1.0);
		EXPECT_GT(gain[Refined], 2.5);
	}
}

/*
 * Noise misleads what looks for edges more than what is linear: the gain becomes smaller,
 * and where there is little detail the directed one is worse, by what is stated here.
 */
TEST(Demosaic, NotMuchWorseThanMalvarHeCutlerInNoise)
{
	constexpr double kLargestLoss[] = { 0, 0.7, 0 };
	double gain[3] = {};
	for (const NamedPicture &entry : testPictures()) {
		SCOPED_TRACE(entry.name);
		const Planes truth = render(entry.picture);
		const Plane mosaic = sampleMosaic(truth, BayerOrder::RGGB);
		const Plane noisy = addNoise(mosaic, 1);
		const double yardstick = cpsnr(truth, malvarHeCutler(noisy, BayerOrder::RGGB));
		double quality[3];
		for (const Setting setting : { Directed, Refined }) {
			quality[setting] = cpsnr(truth, demosaic(noisy, BayerOrder::RGGB, setting));
			gain[setting] += quality[setting] - yardstick;
			EXPECT_GE(quality[setting], yardstick - kLargestLoss[setting]);
		}
		printf("%-18s mosaic %.2f dB, Malvar-He-Cutler %.2f dB, directed %.2f dB, refined %.2f dB\n", entry.name,
		       cpsnr({ mosaic, mosaic, mosaic }, { noisy, noisy, noisy }), yardstick, quality[Directed], quality[Refined]);
	}

	const double count = static_cast<double>(testPictures().size());
	printf("noise, mean gain over Malvar-He-Cutler: directed %.2f dB, refined %.2f dB\n",
	       gain[Directed] / count, gain[Refined] / count);
	EXPECT_GT(gain[Directed] / count, 1.0);
	EXPECT_GT(gain[Refined] / count, 2.5);
}

TEST(Demosaic, FlatAreasAndStraightEdgesAreExact)
{
	const Picture pictures[] = {
		[](double, double, double *rgb) { rgb[0] = 0.3; rgb[1] = 0.6; rgb[2] = 0.2; },
		[](double x, double, double *rgb) { grey(x < 101 ? 0.2 : 0.7, rgb); },
		[](double, double y, double *rgb) { grey(y < 90 ? 0.2 : 0.7, rgb); },
		[](double x, double, double *rgb) { grey(fmod(x, 3) < 1 ? 0.2 : 0.7, rgb); },
		[](double, double y, double *rgb) { grey(fmod(y, 5) < 1 ? 0.2 : 0.7, rgb); },
	};

	for (size_t p = 0; p < std::size(pictures); ++p) {
		const Planes truth = render(pictures[p]);
		for (const BayerOrder order : kOrders) {
			SCOPED_TRACE(testing::Message() << "picture " << p << ", order " << static_cast<int>(order));
			for (const Setting setting : { Directed, Refined }) {
				const Planes result = demosaic(sampleMosaic(truth, order), order, setting);
				/* Nothing is a step off: neither zipper nor maze, up to the border. */
				for (unsigned int c = 0; c < 3; ++c) {
					for (unsigned int i = 0; i < truth[c].samples.size(); ++i)
						ASSERT_NEAR(truth[c].samples[i], result[c].samples[i], 1)
							<< "setting " << setting << ", plane " << c
							<< ", x " << i % kPictureWidth << ", y " << i / kPictureWidth;
				}
			}
		}
	}
}

TEST(Demosaic, MirroredPictureGivesMirroredResult)
{
	for (const Setting setting : { Directed, Refined }) {
		SCOPED_TRACE(setting);
		/* Differences of sides that exceed 16 bits are limited: refined, the whole range is too much. */
		const Plane mosaic = makeMosaic(64, 48, setting == Refined ? 4095 : 16383, 5);
		Plane flipped(64, 48);
		for (unsigned int y = 0; y < 48; ++y)
			std::reverse_copy(mosaic.row(y), mosaic.row(y) + 64, flipped.row(y));

		const Planes a = demosaic(mosaic, BayerOrder::RGGB, setting);
		const Planes b = demosaic(flipped, BayerOrder::GRBG, setting);
		for (unsigned int c = 0; c < 3; ++c) {
			for (unsigned int y = 0; y < 48; ++y) {
				for (unsigned int x = 0; x < 64; ++x)
					ASSERT_EQ(a[c].row(y)[x], b[c].row(y)[63 - x]);
			}
		}
	}
}

/* Noise must not be drawn out to lines: a threshold averages both directions. */
TEST(Demosaic, ThresholdCalmsNoise)
{
	Random random(3);
	Plane mosaic(kPictureWidth, kPictureHeight);
	Planes truth;
	for (Plane &plane : truth) {
		plane = Plane(kPictureWidth, kPictureHeight);
		std::fill(plane.samples.begin(), plane.samples.end(), 6000);
	}
	for (uint16_t &sample : mosaic.samples)
		sample = static_cast<uint16_t>(6000 + random.uniform(-300, 300));

	Params params;
	ColourDifferences without, with;
	demosaicReference(mosaic, BayerOrder::RGGB, params.demosaic, &without);
	params.demosaic.direction_threshold = 1000;
	demosaicReference(mosaic, BayerOrder::RGGB, params.demosaic, &with);
	EXPECT_GT(cpsnr(truth, with.rgb()), cpsnr(truth, without.rgb()));
}

TEST(Scaler, IdentityIsLossless)
{
	const Plane in = makeMosaic(61, 33, 4095, 1);
	Plane out;
	scaleReference(in, { 0, 0, 61, 33 }, { 61, 33 }, &out);
	EXPECT_EQ(in.samples, out.samples);

	/* Unchanged in one direction only. */
	scaleReference(in, { 0, 0, 61, 33 }, { 61, 66 }, &out);
	Plane back;
	scaleReference(out, { 0, 0, 61, 66 }, { 61, 66 }, &back);
	EXPECT_EQ(out.samples, back.samples);
}

TEST(Scaler, FlatAreasStayFlatAtEveryRatio)
{
	for (const int level : { 0, 1, 2048, 4094, 4095 }) {
		Plane in(320, 64);
		std::fill(in.samples.begin(), in.samples.end(), level);
		for (unsigned int width = 10; width <= 5120; width += 1 + width / 7) {
			Plane out;
			scaleReference(in, { 0, 0, 320, 64 }, { width, 7 }, &out);
			for (const uint16_t sample : out.samples)
				ASSERT_EQ(sample, level) << "width " << width;
		}
	}
}

/* Stripes that the output can not hold become grey instead of an alias. */
TEST(Scaler, SuppressesAliasing)
{
	constexpr int kMean = 2048;
	constexpr int kAmplitude = 1500;
	for (const unsigned int ratio : { 2, 3, 4, 8, 16, 32 }) {
		SCOPED_TRACE(ratio);
		/* 1.7 times the highest frequency of the output. */
		const double frequency = 1.7 * 0.5 / ratio;
		const unsigned int width = 40 * ratio;
		Plane in(width, 1);
		for (unsigned int x = 0; x < width; ++x)
			in.row(0)[x] = static_cast<uint16_t>(lround(kMean + kAmplitude * sin(2 * M_PI * frequency * x)));
		Plane out;
		scaleReference(in, { 0, 0, width, 1 }, { width / ratio, 1 }, &out);
		for (unsigned int x = 4; x + 4 < out.width; ++x)
			EXPECT_NEAR(out.row(0)[x], kMean, kAmplitude / 10) << "at " << x;
	}
}

TEST(Scaler, KeepsPositions)
{
	Plane in(200, 1);
	for (unsigned int x = 0; x < 200; ++x)
		in.row(0)[x] = static_cast<uint16_t>(20 * x + 10);

	for (const unsigned int width : { 50, 100, 150, 333, 400 }) {
		SCOPED_TRACE(width);
		Plane out;
		scaleReference(in, { 0, 0, 200, 1 }, { width, 1 }, &out);
		/* The ramp has the value 20 x at the left border of pixel x. */
		for (unsigned int x = width / 8; x < width - width / 8; ++x)
			ASSERT_NEAR(out.row(0)[x], 20.0 * 200 * (x + 0.5) / width, 1.5);
	}
}

/* Chroma lies in the middle of quads, wherever the crop rectangle begins and ends. */
TEST(Scaler, KeepsPositionsOfChroma)
{
	Plane in(200, 1);
	for (unsigned int x = 0; x < 200; ++x)
		in.row(0)[x] = static_cast<uint16_t>(20 * x + 10);

	for (const unsigned int start : { 20, 21 }) {
		for (const unsigned int size : { 300, 301 }) {
			for (const unsigned int width : { 40, 75, 150, 151, 333 }) {
				SCOPED_TRACE(std::to_string(start) + ", " + std::to_string(size) + " to " + std::to_string(width));
				Plane out;
				scaleChromaReference(in, { start, 0, size, 2 }, { width, 1 }, &out);
				/* The ramp has the value 10 x at the left border of pixel x. */
				for (unsigned int x = width / 8; x < width - width / 8; ++x)
					ASSERT_NEAR(out.row(0)[x], 10.0 * (start + size * (x + 0.5) / width), 1.5) << "at " << x;
			}
		}
	}

	/* All of what is there is used, and nothing else. */
	for (const unsigned int start : { 0, 1 }) {
		for (unsigned int size = 1; size < 70; ++size) {
			const ScalerInput part{ start, size, 2 };
			for (const unsigned int out : { (size + 63) / 64, (size + 1) / 2, size, 8 * size }) {
				const ScalerFilter filter(part, out);
				for (unsigned int i = 0; i < out; ++i) {
					int sum = 0;
					for (unsigned int t = 0; t < filter.taps(); ++t)
						sum += filter.coefficients(i)[t];
					ASSERT_EQ(sum, 16384) << size << " to " << out << " at " << i;
					ASSERT_LE(filter.first(i) + filter.taps(), part.samples());
				}
			}
		}
	}
}

TEST(Scaler, CoefficientsSumToOne)
{
	for (unsigned int in = 1; in < 200; in += 3) {
		for (unsigned int out = (in + 31) / 32; out <= in * 16; out += 1 + out / 3) {
			const ScalerFilter filter(in, out);
			for (unsigned int i = 0; i < out; ++i) {
				int sum = 0;
				for (unsigned int t = 0; t < filter.taps(); ++t)
					sum += filter.coefficients(i)[t];
				ASSERT_EQ(sum, 16384) << in << " to " << out << " at " << i;
				ASSERT_LE(filter.first(i) + filter.taps(), in);
				ASSERT_GE(filter.first(i), filter.first(i ? i - 1 : 0));
			}
		}
	}
}
