/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The Gaussian table and the random numbers
 */

#include <algorithm>
#include <math.h>
#include <vector>

#include <gtest/gtest.h>

#include "isp_sim/sensor/noise.h"

using namespace fovea::sensor;

TEST(Noise, TableIsStandardNormal)
{
	const GaussianTable &table = gaussianTable();
	const double one = 1 << kGaussianFraction;
	double sum = 0.0, power = 0.0, fourth = 0.0;

	for (int16_t value : table) {
		double v = value / one;
		sum += v;
		power += v * v;
		fourth += v * v * v * v;
	}

	EXPECT_TRUE(std::is_sorted(table.begin(), table.end()));
	EXPECT_NEAR(sum / table.size(), 0.0, 1e-3);
	EXPECT_NEAR(power / table.size(), 1.0, 1e-3);
	EXPECT_NEAR(fourth / table.size(), 3.0, 0.02);

	/* 15.87 % of a normal distribution lie below -1. */
	auto below = std::lower_bound(table.begin(), table.end(), static_cast<int16_t>(-one));
	EXPECT_NEAR((below - table.begin()) / double(table.size()), 0.1587, 0.001);
}

/* Any field of 12 bits of consecutive counters is evenly distributed. */
TEST(Noise, CountersGiveUniformFields)
{
	constexpr unsigned int kBins = 64;
	constexpr unsigned int kDraws = 64 * 4096;

	for (unsigned int shift = 0; shift < 64; shift += 16) {
		std::vector<double> bins(kBins);
		for (uint64_t i = 0; i < kDraws; i++)
			bins[(mix64(i * kGolden) >> shift) % kBins]++;

		double chi = 0.0;
		for (double n : bins)
			chi += (n - kDraws / kBins) * (n - kDraws / kBins) / (kDraws / kBins);

		/* Chi squared of 63 degrees of freedom: 63 +- 11. */
		EXPECT_LT(chi, 63 + 5 * 11.3) << shift;
	}
}
