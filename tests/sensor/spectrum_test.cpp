/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Illuminants, observer and reflectances against published values
 */

#include <math.h>

#include <gtest/gtest.h>

#include "isp_sim/sensor/chart.h"
#include "isp_sim/sensor/spectrum.h"

using namespace fovea::sensor;

namespace {

struct Chromaticity {
	double x, y;
};

Chromaticity chromaticity(const Spectrum &s)
{
	Vector3 v = Observer::standard().tristimulus(s);
	double sum = v[0] + v[1] + v[2];

	return { v[0] / sum, v[1] / sum };
}

} /* namespace */

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

TEST(Spectrum, IrradianceHasTheIlluminance)
{
	for (Illuminant::Kind kind : { Illuminant::Kind::Blackbody, Illuminant::Kind::Daylight }) {
		Illuminant light{ kind, 4300.0, 750.0, "" };
		double lux = 683.002 * (light.irradiance() * Observer::standard().xyz[1]).integral();
		EXPECT_NEAR(lux, 750.0, 1e-9);
	}
}

/* Under D65 the reflectances have the chart's published colours. */
TEST(Spectrum, ReflectancesReproduceTheChart)
{
	Spectrum light = daylightSpectrum(6504.0);
	light = light * (1.0 / Observer::standard().tristimulus(light)[1]);
	std::vector<Spectrum> reflectances = chartReflectances(0.3);

	for (size_t i = 0; i < kPatchCount; i++) {
		const ChartPatch &patch = kChartPatches[i];
		Vector3 colour = multiply(kXyzToLinearSrgb,
					  Observer::standard().tristimulus(light * reflectances[i]));
		for (size_t k = 0; k < 3; k++)
			EXPECT_NEAR(colour[k], patch.linearSrgb()[k], 0.001) << patch.name << " " << k;
		for (size_t k = 0; k < Spectrum::kSize; k++) {
			EXPECT_GE(reflectances[i][k], 0.0) << patch.name;
			EXPECT_LE(reflectances[i][k], 1.0) << patch.name;
		}
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
