/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Quality of demosaic and scaling on generated pictures
 */

#include <math.h>

#include <gtest/gtest.h>

#include "isp_sim/isp/demosaic.h"
#include "isp_sim/isp/params.h"
#include "isp_sim/isp/scaler.h"

#include "test_data.h"

using namespace fovea::isp;
using namespace fovea::isp::test;

namespace {

using Picture = std::function<void(double x, double y, double *rgb)>;

constexpr unsigned int kWidth = 256;
constexpr unsigned int kHeight = 192;

/*
 * A picture through a lens: 4x4 samples of @picture for each pixel, so that
 * edges are as sharp as a sensor without an optical low pass would have them.
 */
Planes render(const Picture &picture)
{
	constexpr int kSubSamples = 4;
	Planes planes;
	for (Plane &plane : planes)
		plane = Plane(kWidth, kHeight);

	for (unsigned int y = 0; y < kHeight; ++y) {
		for (unsigned int x = 0; x < kWidth; ++x) {
			double sum[3] = {};
			for (int i = 0; i < kSubSamples * kSubSamples; ++i) {
				double rgb[3];
				picture(x + (i % kSubSamples + 0.5) / kSubSamples,
					y + (i / kSubSamples + 0.5) / kSubSamples, rgb);
				for (unsigned int c = 0; c < 3; ++c)
					sum[c] += rgb[c] / (kSubSamples * kSubSamples);
			}
			for (unsigned int c = 0; c < 3; ++c)
				planes[c].row(y)[x] = static_cast<uint16_t>(lround(16383 * std::clamp(sum[c], 0.0, 1.0)));
		}
	}

	return planes;
}

Plane sampleMosaic(const Planes &planes, BayerOrder order)
{
	Plane mosaic(kWidth, kHeight);
	for (unsigned int y = 0; y < kHeight; ++y) {
		for (unsigned int x = 0; x < kWidth; ++x) {
			const BayerSite site = bayerSite(order, x, y);
			mosaic.row(y)[x] = planes[site == SiteR ? 0 : site == SiteB ? 2 : 1].row(y)[x];
		}
	}
	return mosaic;
}

/* Colour PSNR in dB of a 14-bit picture, without a border of 8 pixels. */
double cpsnr(const Planes &truth, const Planes &result)
{
	double sum = 0;
	unsigned int count = 0;
	for (unsigned int c = 0; c < 3; ++c) {
		for (unsigned int y = 8; y < kHeight - 8; ++y) {
			for (unsigned int x = 8; x < kWidth - 8; ++x, ++count) {
				const double error = truth[c].row(y)[x] - result[c].row(y)[x];
				sum += error * error;
			}
		}
	}
	return 10 * log10(16383.0 * 16383.0 * count / std::max(sum, 1.0));
}

/*
 * The linear interpolation of Malvar, He and Cutler ("High-quality linear
 * interpolation for demosaicing of Bayer-patterned color images", ICASSP 2004)
 * as the yardstick, in floating point.
 */
Planes malvarHeCutler(const Plane &m, BayerOrder order)
{
	Planes out;
	for (Plane &plane : out)
		plane = Plane(kWidth, kHeight);

	for (unsigned int y = 4; y < kHeight - 4; ++y) {
		for (unsigned int x = 4; x < kWidth - 4; ++x) {
			const auto at = [&](int dx, int dy) -> double { return m.row(y + dy)[x + dx]; };
			const double c = at(0, 0);
			const double cross1 = at(-1, 0) + at(1, 0) + at(0, -1) + at(0, 1);
			const double cross2 = at(-2, 0) + at(2, 0) + at(0, -2) + at(0, 2);
			const double corners = at(-1, -1) + at(1, -1) + at(-1, 1) + at(1, 1);
			const double row = (5 * c + 4 * (at(-1, 0) + at(1, 0)) - (at(-2, 0) + at(2, 0)) - corners + 0.5 * (at(0, -2) + at(0, 2))) / 8;
			const double column = (5 * c + 4 * (at(0, -1) + at(0, 1)) - (at(0, -2) + at(0, 2)) - corners + 0.5 * (at(-2, 0) + at(2, 0))) / 8;
			const double green = (4 * c + 2 * cross1 - cross2) / 8;
			const double other = (6 * c + 2 * corners - 1.5 * cross2) / 8;

			double rgb[3] = { c, c, c };
			switch (bayerSite(order, x, y)) {
			case SiteR:
				rgb[1] = green;
				rgb[2] = other;
				break;
			case SiteGr:
				rgb[0] = row;
				rgb[2] = column;
				break;
			case SiteGb:
				rgb[0] = column;
				rgb[2] = row;
				break;
			case SiteB:
				rgb[0] = other;
				rgb[1] = green;
				break;
			}
			for (unsigned int i = 0; i < 3; ++i)
				out[i].row(y)[x] = static_cast<uint16_t>(lround(std::clamp(rgb[i], 0.0, 16383.0)));
		}
	}

	return out;
}

Planes demosaic(const Plane &mosaic, BayerOrder order, bool enable = true)
{
	Params params;
	if (!enable)
		params.demosaic.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_DISABLE;
	Planes rgb;
	demosaicReference(mosaic, order, params.demosaic, &rgb);
	return rgb;
}

struct NamedPicture {
	const char *name;
	Picture picture;
};

void grey(double v, double *rgb)
{
	rgb[0] = rgb[1] = rgb[2] = v;
}

const NamedPicture kPictures[] = {
	{ "zone plate", [](double x, double y, double *rgb) {
		const double r2 = (x - 128) * (x - 128) + (y - 96) * (y - 96);
		grey(0.5 + 0.4 * cos(r2 / 110), rgb);
	} },
	{ "coloured discs", [](double x, double y, double *rgb) {
		const int cell = static_cast<int>(x / 32) + 7 * static_cast<int>(y / 32);
		const double dx = fmod(x, 32) - 16;
		const double dy = fmod(y, 32) - 16;
		const bool inside = dx * dx + dy * dy < 144;
		rgb[0] = inside ? 0.15 + 0.1 * (cell % 7) : 0.35;
		rgb[1] = inside ? 0.2 + 0.1 * (cell % 5) : 0.4;
		rgb[2] = inside ? 0.1 + 0.1 * (cell % 6) : 0.3;
	} },
	{ "slanted bars", [](double x, double y, double *rgb) {
		const double t = fmod(x + 0.31 * y, 14);
		const double v = t < 7 ? 0.8 : 0.2;
		rgb[0] = 0.9 * v;
		rgb[1] = v;
		rgb[2] = 0.7 * v;
	} },
	{ "picket fence", [](double x, double, double *rgb) {
		grey(fmod(x, 6) < 3 ? 0.75 : 0.25, rgb);
	} },
	{ "soft texture", [](double x, double y, double *rgb) {
		const double v = 0.5 + 0.2 * sin(x / 2.1 + sin(y / 9)) * cos(y / 3.3);
		rgb[0] = v * (0.7 + 0.2 * sin(x / 40));
		rgb[1] = v;
		rgb[2] = v * (0.7 + 0.2 * cos(y / 35));
	} },
};

} /* namespace */

TEST(Demosaic, BetterThanMalvarHeCutlerOnEveryPicture)
{
	double gain = 0;
	for (const NamedPicture &entry : kPictures) {
		SCOPED_TRACE(entry.name);
		const Planes truth = render(entry.picture);
		for (const BayerOrder order : kOrders) {
			const Plane mosaic = sampleMosaic(truth, order);
			const double yardstick = cpsnr(truth, malvarHeCutler(mosaic, order));
			const double bilinear = cpsnr(truth, demosaic(mosaic, order, false));
			const double directed = cpsnr(truth, demosaic(mosaic, order));
			EXPECT_GE(directed, yardstick);
			gain += directed - bilinear;
			if (order == BayerOrder::RGGB)
				printf("%-15s Malvar-He-Cutler %.2f dB, bilinear %.2f dB, directed %.2f dB\n",
				       entry.name, yardstick, bilinear, directed);
		}
	}

	/* Where colours are not correlated at all bilinear may win; not overall. */
	EXPECT_GT(gain / (4 * std::size(kPictures)), 6.0);
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
			const Planes result = demosaic(sampleMosaic(truth, order), order);
			/* Nothing is a step off: neither zipper nor maze, up to the border. */
			for (unsigned int c = 0; c < 3; ++c) {
				for (unsigned int i = 0; i < truth[c].samples.size(); ++i)
					ASSERT_NEAR(truth[c].samples[i], result[c].samples[i], 1)
						<< "plane " << c << ", x " << i % kWidth << ", y " << i / kWidth;
			}
		}
	}
}

TEST(Demosaic, MirroredPictureGivesMirroredResult)
{
	Plane mosaic = makeMosaic(64, 48, 16383, 5);
	Plane flipped(64, 48);
	for (unsigned int y = 0; y < 48; ++y)
		std::reverse_copy(mosaic.row(y), mosaic.row(y) + 64, flipped.row(y));

	const Planes a = demosaic(mosaic, BayerOrder::RGGB);
	const Planes b = demosaic(flipped, BayerOrder::GRBG);
	for (unsigned int c = 0; c < 3; ++c) {
		for (unsigned int y = 0; y < 48; ++y) {
			for (unsigned int x = 0; x < 64; ++x)
				ASSERT_EQ(a[c].row(y)[x], b[c].row(y)[63 - x]);
		}
	}
}

/* Noise must not be drawn out to lines: a threshold averages both directions. */
TEST(Demosaic, ThresholdCalmsNoise)
{
	Random random(3);
	Plane mosaic(kWidth, kHeight);
	Planes truth;
	for (Plane &plane : truth) {
		plane = Plane(kWidth, kHeight);
		std::fill(plane.samples.begin(), plane.samples.end(), 6000);
	}
	for (uint16_t &sample : mosaic.samples)
		sample = static_cast<uint16_t>(6000 + random.uniform(-300, 300));

	Params params;
	Planes without, with;
	demosaicReference(mosaic, BayerOrder::RGGB, params.demosaic, &without);
	params.demosaic.direction_threshold = 1000;
	demosaicReference(mosaic, BayerOrder::RGGB, params.demosaic, &with);
	EXPECT_GT(cpsnr(truth, with), cpsnr(truth, without));
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
