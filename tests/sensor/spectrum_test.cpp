/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Black bodies, daylight and the observer against published values
 */

#include <math.h>

#include <gtest/gtest.h>

#include "isp_sim/sensor/illuminant.h"
#include "isp_sim/sensor/spectrum.h"

using namespace fovea::sensor;

/* CIE illuminant A is the black body of 2856 K: x 0.4476, y 0.4074. */
TEST(Spectrum, BlackbodyHasThePublishedChromaticity)
{
	Chromaticity a = chromaticity(blackbodySpectrum(2856.0));
	EXPECT_NEAR(a.x, 0.4476, 0.003);
	EXPECT_NEAR(a.y, 0.4074, 0.003);

	/* The Planckian locus at 6500 K: x 0.3135, y 0.3236. */
	Chromaticity b = chromaticity(blackbodySpectrum(6500.0));
	EXPECT_NEAR(b.x, 0.3135, 0.003);
	EXPECT_NEAR(b.y, 0.3236, 0.003);
}

TEST(Spectrum, DaylightLiesOnTheDaylightLocus)
{
	struct {
		double temperature, x, y;
	} const published[] = {
		{ 5003.0, 0.3457, 0.3585 }, /* D50 */
		{ 5503.0, 0.3324, 0.3474 }, /* D55 */
		{ 6504.0, 0.3127, 0.3290 }, /* D65 */
		{ 7504.0, 0.2990, 0.3149 }, /* D75 */
	};

	for (const auto &p : published) {
		Spectrum s = daylightSpectrum(p.temperature);
		Chromaticity c = chromaticity(s);
		EXPECT_NEAR(c.x, p.x, 0.0003) << p.temperature;
		EXPECT_NEAR(c.y, p.y, 0.0003) << p.temperature;

		for (size_t i = 0; i < Spectrum::kSize; i++)
			EXPECT_GT(s[i], 0.0);
	}
}

TEST(Spectrum, SolveFindsTheSolution)
{
	Matrix3 m{ { { 0.0, 2.0, 1.0 }, { 1.0, -1.0, 3.0 }, { 4.0, 1.0, 1.0 } } };
	Vector3 x{ 1.5, -2.0, 0.25 };
	Vector3 found{};

	ASSERT_TRUE(solve(m, multiply(m, x), &found));
	for (size_t i = 0; i < 3; i++)
		EXPECT_NEAR(found[i], x[i], 1e-12);

	Matrix3 singular{ { { 1.0, 2.0, 3.0 }, { 2.0, 4.0, 6.0 }, { 0.0, 1.0, 1.0 } } };
	EXPECT_FALSE(solve(singular, x, &found));
}

/* A reflectance that is made for a colour has that colour under D65. */
TEST(Spectrum, ReflectanceHasTheColour)
{
	Spectrum light = daylightSpectrum(6504.0);
	light = light * (1.0 / Observer::standard().tristimulus(light)[1]);

	for (const Vector3 &rgb : { Vector3{ 0.2, 0.2, 0.2 }, Vector3{ 0.5, 0.1, 0.05 }, Vector3{ 0.03, 0.4, 0.1 },
				    Vector3{ 0.1, 0.12, 0.5 } }) {
		const Spectrum reflectance = reflectanceFromLinearSrgb(rgb);
		const Vector3 colour = multiply(kXyzToLinearSrgb, Observer::standard().tristimulus(light * reflectance));
		for (size_t k = 0; k < 3; k++)
			EXPECT_NEAR(colour[k], rgb[k], 0.001);
		for (size_t k = 0; k < Spectrum::kSize; k++) {
			EXPECT_GE(reflectance[k], 0.0);
			EXPECT_LE(reflectance[k], 1.0);
		}
	}
}
