/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The deterministic functions against the C library
 */

#include <math.h>

#include <gtest/gtest.h>

#include "isp_sim/sensor/exact_math.h"

using namespace fovea::sensor;

TEST(ExactMath, Exp)
{
	for (double x = -690.0; x < 690.0; x += 0.7317)
		EXPECT_NEAR(exact::exp(x) / ::exp(x), 1.0, 1e-13) << x;

	EXPECT_EQ(exact::exp(0.0), 1.0);
	EXPECT_EQ(exact::exp(-1000.0), 0.0);
	EXPECT_TRUE(isinf(exact::exp(1000.0)));
}

TEST(ExactMath, Log)
{
	for (double x = 1e-300; x < 1e300; x *= 3.7)
		EXPECT_NEAR(exact::log(x), ::log(x), 1e-13 * fmax(1.0, fabs(::log(x)))) << x;
	for (double x = 0.5; x < 2.0; x += 0.001)
		EXPECT_NEAR(exact::log(x), ::log(x), 1e-15) << x;

	EXPECT_EQ(exact::log(1.0), 0.0);
}

TEST(ExactMath, Pow)
{
	for (double x = 0.001; x < 4.0; x += 0.0137)
		EXPECT_NEAR(exact::pow(x, 2.4) / ::pow(x, 2.4), 1.0, 1e-13) << x;

	EXPECT_EQ(exact::pow(0.0, 2.4), 0.0);
}

TEST(ExactMath, Cos)
{
	for (double x = -1000.0; x < 1000.0; x += 0.317)
		EXPECT_NEAR(exact::cos(x), ::cos(x), 1e-12) << x;
}
