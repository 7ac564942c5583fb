/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The vector kernel of each block equals its scalar reference
 */

/*
 * Every instruction set of the processor, every length around the vector width,
 * samples that are often at the ends of their range.
 */

#include <functional>
#include <string.h>

#include <gtest/gtest.h>

#include "isp_sim/isp/ae_stats.h"
#include "isp_sim/isp/awb_stats.h"
#include "isp_sim/isp/black_level.h"
#include "isp_sim/isp/ccm.h"
#include "isp_sim/isp/csc.h"
#include "isp_sim/isp/gamma.h"
#include "isp_sim/isp/pack.h"
#include "isp_sim/isp/scaler.h"
#include "isp_sim/isp/unpack.h"
#include "isp_sim/isp/wb_gains.h"

#include "test_data.h"

using namespace fovea::isp;
using namespace fovea::isp::test;

namespace {

/* Around twice the widest vector of 16-bit samples, which is 32. */
constexpr unsigned int kMaxLength = 70;

/* What kernels may touch behind the end of a row of samples. */
constexpr size_t kVector = 64;

std::vector<uint16_t> makeRow(size_t n, int max, Random *random)
{
	std::vector<uint16_t> row(n + kVector);
	for (uint16_t &sample : row)
		sample = random->sample(max);
	return row;
}

void forEachLength(const std::function<void(unsigned int, Random *)> &function)
{
	forEachTarget([&] {
		for (unsigned int n = 1; n <= kMaxLength; ++n) {
			SCOPED_TRACE(n);
			Random random(n);
			function(n, &random);
			if (testing::Test::HasFailure())
				return;
		}
	});
}

Planes makePlanes(unsigned int width, unsigned int height, int max, Random *random)
{
	Planes planes;
	for (Plane &plane : planes)
		plane = makeMosaic(width, height, max, random->bits());
	return planes;
}

std::vector<uint16_t> padded(const Plane &plane, unsigned int y)
{
	std::vector<uint16_t> row(plane.row(y), plane.row(y) + plane.width);
	row.resize(plane.width + kVector);
	return row;
}

void expectRow(const Plane &expected, unsigned int y, const std::vector<uint16_t> &actual)
{
	for (unsigned int x = 0; x < expected.width; ++x)
		ASSERT_EQ(expected.row(y)[x], actual[x]) << "at " << x;
}

} /* namespace */

TEST(Kernels, Unpack)
{
	for (unsigned int depth = 8; depth <= 16; ++depth) {
		SCOPED_TRACE(depth);
		forEachLength([&](unsigned int n, Random *random) {
			const RawFormat format = makeInput(2 * n, 1, depth, BayerOrder::RGGB);
			const std::vector<uint8_t> raw = makeRandomRaw(format, random->bits());
			Plane expected;
			unpackReference(format, raw, &expected);

			std::vector<uint16_t> even(n + kVector), odd(n + kVector);
			unpackRow(raw.data(), depth, n, even.data(), odd.data());
			for (unsigned int i = 0; i < n; ++i) {
				ASSERT_EQ(expected.row(0)[2 * i], even[i]) << "at " << i;
				ASSERT_EQ(expected.row(0)[2 * i + 1], odd[i]) << "at " << i;
			}
		});
	}
}

TEST(Kernels, BlackLevel)
{
	for (const uint16_t level : { 0, 1, 2, 3, 4096, 65534, 65535 }) {
		fovea_isp_black_level params = {};
		params.r = params.gr = params.gb = params.b = level;
		forEachLength([&](unsigned int n, Random *random) {
			Plane expected = makeMosaic(n, 1, 65535, random->bits());
			std::vector<uint16_t> row = padded(expected, 0);
			blackLevelReference(params, BayerOrder::RGGB, &expected);
			blackLevelRow(row.data(), level, n, row.data());
			expectRow(expected, 0, row);
		});
	}
}

TEST(Kernels, WbGainsForAllSamples)
{
	Plane all(16384, 1);
	for (unsigned int i = 0; i < 16384; ++i)
		all.row(0)[i] = static_cast<uint16_t>(i);

	for (const uint16_t gain : { 0, 1, 2047, 2048, 4095, 4096, 4097, 6000, 16384, 40000, 65535 }) {
		SCOPED_TRACE(gain);
		fovea_isp_wb_gains params = {};
		params.r = params.gr = params.gb = params.b = gain;
		Plane expected = all;
		wbGainsReference(params, BayerOrder::RGGB, &expected);
		forEachTarget([&] {
			std::vector<uint16_t> row = padded(all, 0);
			wbGainRow(row.data(), gain, all.width, row.data());
			expectRow(expected, 0, row);
		});
	}
}

TEST(Kernels, WbGains)
{
	forEachLength([&](unsigned int n, Random *random) {
		fovea_isp_wb_gains params = {};
		const uint16_t gain = random->sample(65535);
		params.r = params.gr = params.gb = params.b = gain;
		Plane expected = makeMosaic(n, 1, 16383, random->bits());
		std::vector<uint16_t> row = padded(expected, 0);
		wbGainsReference(params, BayerOrder::RGGB, &expected);
		wbGainRow(row.data(), gain, n, row.data());
		expectRow(expected, 0, row);
	});
}

TEST(Kernels, Ccm)
{
	forEachLength([&](unsigned int n, Random *random) {
		Params params = makeRandomParams(random->bits());
		params.ccm.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
		Planes expected = makePlanes(n, 1, 16383, random);
		std::vector<uint16_t> rows[3] = { padded(expected[0], 0), padded(expected[1], 0), padded(expected[2], 0) };
		ccmReference(params.ccm, &expected);
		ccmRow(params.ccm, n, rows[0].data(), rows[1].data(), rows[2].data());
		for (unsigned int i = 0; i < 3; ++i)
			expectRow(expected[i], 0, rows[i]);
	});
}

TEST(Kernels, CcmAtTheLimits)
{
	for (const int16_t coeff : { -32768, 32767 }) {
		Params params;
		params.ccm.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
		std::fill_n(&params.ccm.coeff[0][0], 9, coeff);
		Planes expected;
		for (Plane &plane : expected) {
			plane = Plane(1, 1);
			plane.row(0)[0] = 16383;
		}
		std::vector<uint16_t> rows[3] = { padded(expected[0], 0), padded(expected[1], 0), padded(expected[2], 0) };
		ccmReference(params.ccm, &expected);
		forEachTarget([&] {
			auto copy = std::to_array(rows);
			ccmRow(params.ccm, 1, copy[0].data(), copy[1].data(), copy[2].data());
			expectRow(expected[0], 0, copy[0]);
		});
		EXPECT_EQ(expected[0].row(0)[0], coeff < 0 ? 0 : 16383);
	}
}

TEST(Kernels, GammaForAllSamples)
{
	for (uint32_t seed = 0; seed < 20; ++seed) {
		SCOPED_TRACE(seed);
		const Params params = makeRandomParams(seed);
		const GammaTable table(params.gamma);
		Planes expected;
		expected[0] = Plane(16384, 1);
		for (unsigned int i = 0; i < 16384; ++i)
			expected[0].row(0)[i] = static_cast<uint16_t>(i);
		const std::vector<uint16_t> in = padded(expected[0], 0);
		gammaReference(params.gamma, &expected);
		forEachTarget([&] {
			std::vector<uint16_t> row = in;
			gammaRow(table, row.data(), 16384, row.data());
			expectRow(expected[0], 0, row);
		});
	}
}

TEST(Kernels, GammaIgnoresWhatLiesBehindTheRow)
{
	const Params params = makeTypicalParams(10);
	const GammaTable table(params.gamma);
	forEachLength([&](unsigned int n, Random *random) {
		std::vector<uint16_t> row = makeRow(n, 16383, random);
		std::fill(row.begin() + n, row.end(), 65535);
		const std::vector<uint16_t> in = row;
		gammaRow(table, row.data(), n, row.data());
		for (unsigned int i = 0; i < n; ++i)
			ASSERT_EQ(gammaReference(params.gamma, in[i]), row[i]);
	});
}

TEST(Kernels, Csc)
{
	forEachLength([&](unsigned int n, Random *random) {
		const Params params = makeRandomParams(random->bits());
		const CscMatrix matrix(params.csc);
		const Planes rgb = makePlanes(n, 1, 4095, random);
		Planes expected;
		cscReference(params.csc, rgb, &expected);

		const std::vector<uint16_t> in[3] = { padded(rgb[0], 0), padded(rgb[1], 0), padded(rgb[2], 0) };
		std::vector<uint16_t> out[3] = { in[0], in[0], in[0] };
		const uint16_t *const from[3] = { in[0].data(), in[1].data(), in[2].data() };
		uint16_t *const to[3] = { out[0].data(), out[1].data(), out[2].data() };
		cscRow(matrix, n, from, to);
		for (unsigned int i = 0; i < 3; ++i)
			expectRow(expected[i], 0, out[i]);
	});
}

TEST(Kernels, PackNv12)
{
	forEachLength([&](unsigned int n, Random *random) {
		const Planes planes = makePlanes(2 * n, 2, 4095, random);
		std::vector<uint8_t> expected(3 * 2 * n);
		packNv12Reference(planes, 2 * n, expected.data());

		/* One byte more shows what is written behind the end. */
		std::vector<uint8_t> actual(expected.size() + 1, 0xa5);
		std::vector<uint16_t> rows[3][2];
		for (unsigned int i = 0; i < 3; ++i) {
			for (unsigned int y = 0; y < 2; ++y)
				rows[i][y] = padded(planes[i], y);
		}
		const uint16_t *const cb[2] = { rows[1][0].data(), rows[1][1].data() };
		const uint16_t *const cr[2] = { rows[2][0].data(), rows[2][1].data() };
		packChromaRow(cb, cr, n, actual.data() + 4 * n);
		EXPECT_EQ(actual.back(), 0xa5);
		packLumaRow(rows[0][1].data(), 2 * n, actual.data() + 2 * n);
		packLumaRow(rows[0][0].data(), 2 * n, actual.data());
		EXPECT_EQ(actual.back(), 0xa5);
		actual.pop_back();
		ASSERT_EQ(expected, actual);

		/* An odd number of samples, and again nothing behind. */
		std::vector<uint8_t> odd(n + 1, 0xa5);
		packLumaRow(rows[0][0].data(), n, odd.data());
		EXPECT_TRUE(std::equal(odd.begin(), odd.end() - 1, expected.begin()));
		EXPECT_EQ(odd.back(), 0xa5);
	});
}

TEST(Kernels, PackXrgb8888)
{
	forEachLength([&](unsigned int n, Random *random) {
		const Planes planes = makePlanes(n, 1, 4095, random);
		std::vector<uint8_t> expected(4 * n);
		packXrgb8888Reference(planes, 4 * n, expected.data());

		std::vector<uint8_t> actual(4 * n + 1, 0xa5);
		const std::vector<uint16_t> rows[3] = { padded(planes[0], 0), padded(planes[1], 0), padded(planes[2], 0) };
		const uint16_t *const rgb[3] = { rows[0].data(), rows[1].data(), rows[2].data() };
		packXrgb8888Row(rgb, n, actual.data());
		EXPECT_EQ(actual.back(), 0xa5);
		actual.pop_back();
		ASSERT_EQ(expected, actual);
	});
}

TEST(Kernels, Scaler)
{
	forEachLength([&](unsigned int n, Random *random) {
		const unsigned int in = random->uniform((n + 15) / 16, 32 * std::min(n, 40U));
		const unsigned int height = random->uniform(1, 9);
		const Plane plane = makeMosaic(in, height, 4095, random->bits());
		Plane expected;
		scaleReference(plane, { 0, 0, in, height }, { n, 1 }, &expected);

		const ScalerFilter horizontal(in, n);
		const ScalerFilter vertical(height, 1);
		std::vector<std::vector<int16_t>> rows(height, std::vector<int16_t>(n + kVector));
		std::vector<const int16_t *> taps;
		for (unsigned int y = 0; y < height; ++y)
			scaleRowHorizontally(horizontal, padded(plane, y).data(), rows[y].data());
		for (unsigned int t = 0; t < vertical.taps(); ++t)
			taps.push_back(rows[vertical.first(0) + t].data());
		std::vector<uint16_t> out(n + kVector);
		scaleRowsVertically(vertical.coefficients(0), taps.data(), vertical.taps(), n, out.data());
		expectRow(expected, 0, out);
	});
}

TEST(Kernels, AeStats)
{
	forEachLength([&](unsigned int n, Random *random) {
		const unsigned int height = random->uniform(1, 50);
		const BayerOrder order = kOrders[random->uniform(0, 3)];
		const Plane mosaic = makeMosaic(2 * n, 2 * height, 16383, random->bits());
		const Params params = makeRandomParams(random->bits());
		fovea_isp_ae_stats_config config = params.aeStats;
		config.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;

		fovea_isp_stats_buffer expected = {};
		fovea_isp_stats_buffer actual = {};
		aeStatsReference(config, order, mosaic, &expected);

		/* Two bands, the second of which begins anywhere. */
		const unsigned int split = random->uniform(0, height);
		AeAccumulator bands[2] = { { n, height }, { n, height } };
		for (AeAccumulator &band : bands)
			band.start(config);
		for (unsigned int y = 0; y < height; ++y) {
			std::vector<uint16_t> rows[4];
			for (unsigned int i = 0; i < 4; ++i) {
				std::vector<uint16_t> &row = rows[bayerSite(order, i & 1, i >> 1)];
				row.resize(n + kVector);
				for (unsigned int x = 0; x < n; ++x)
					row[x] = mosaic.row(2 * y + (i >> 1))[2 * x + (i & 1)];
			}
			bands[y >= split].addRow(y, { rows[SiteR].data(), rows[SiteGr].data(),
						      rows[SiteGb].data(), rows[SiteB].data() });
		}
		for (AeAccumulator &band : bands) {
			band.finish();
			band.addTo(&actual);
		}
		ASSERT_EQ(memcmp(&expected, &actual, sizeof(expected)), 0);
	});
}

TEST(Kernels, AwbStats)
{
	forEachLength([&](unsigned int n, Random *random) {
		const unsigned int height = random->uniform(1, 50);
		const BayerOrder order = kOrders[random->uniform(0, 3)];
		const Plane mosaic = makeMosaic(2 * n, 2 * height, 16383, random->bits());
		const Params params = makeRandomParams(random->bits());
		fovea_isp_awb_stats_config config = params.awbStats;
		config.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;

		fovea_isp_stats_buffer expected = {};
		fovea_isp_stats_buffer actual = {};
		awbStatsReference(config, order, mosaic, &expected);

		AwbAccumulator accumulator(n, height);
		accumulator.start(config);
		for (unsigned int y = 0; y < height; ++y) {
			std::vector<uint16_t> rows[4];
			for (unsigned int i = 0; i < 4; ++i) {
				std::vector<uint16_t> &row = rows[bayerSite(order, i & 1, i >> 1)];
				row.resize(n + kVector);
				for (unsigned int x = 0; x < n; ++x)
					row[x] = mosaic.row(2 * y + (i >> 1))[2 * x + (i & 1)];
			}
			accumulator.addRow(y, { rows[SiteR].data(), rows[SiteGr].data(),
						rows[SiteGb].data(), rows[SiteB].data() });
		}
		accumulator.finish();
		accumulator.addTo(&actual);
		ASSERT_EQ(memcmp(&expected, &actual, sizeof(expected)), 0);
	});
}
