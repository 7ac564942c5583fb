/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The colour calibration of a sensor model
 */

#include <math.h>

#include <gtest/gtest.h>

#include "isp_sim/sensor/calibration.h"
#include "isp_sim/sensor/chart.h"

using namespace fovea::sensor;

namespace {

SensorModel imx219()
{
	std::string error;
	auto model = loadSensorModel(FOVEA_SOURCE_DIR "/rigs/sensors/imx219.yaml", &error);

	EXPECT_TRUE(model) << error;
	return model.value_or(SensorModel{});
}

} /* namespace */

/* The gains are the reciprocal of the shading, to a thousandth at every place. */
TEST(Calibration, ShadingIsEvenedOut)
{
	for (const char *name : { "imx219", "imx477", "imx678", "imx708" }) {
		std::string error;
		auto model = loadSensorModel(std::string(FOVEA_SOURCE_DIR "/rigs/sensors/") + name + ".yaml", &error);
		ASSERT_TRUE(model) << error;
		const Calibration calibration = computeCalibration(*model);

		for (size_t colour = 0; colour < 3; colour++) {
			for (double r = 0; r <= 1; r += 0.1) {
				double gain = 1, power = 1;
				for (double c : calibration.shading[colour])
					gain += c * (power *= r * r);
				/* An area of 2 x 0 has half a diagonal of 1. */
				const double light = model->shading[colour].at(1 + r, 0, 2, 0);
				EXPECT_NEAR(gain * light, 1.0, 0.001) << name << ", " << colour << " at " << r;
			}
		}
	}
}

TEST(Calibration, MatricesKeepWhite)
{
	for (const ColourCalibration &c : computeCalibration(imx219()).colours) {
		for (const Vector3 &row : c.matrix)
			EXPECT_NEAR(row[0] + row[1] + row[2], 1.0, 1e-9) << c.illuminant.temperature;
	}
}

TEST(Calibration, MatricesReproduceTheChart)
{
	for (const ColourCalibration &c : computeCalibration(imx219()).colours) {
		EXPECT_LT(c.error, 0.025) << c.illuminant.temperature;

		/* Better than no matrix at all. */
		SensorModel model = imx219();
		Spectrum light = c.illuminant.irradiance();
		Vector3 white = electronsPerSecond(model.pixel, Lens(), light, Spectrum([](double) { return 1.0; }));
		std::vector<Spectrum> reflectances = chartReflectances(0.3);
		double plain = 0.0;
		for (size_t i = 0; i < kPatchCount; i++) {
			Vector3 v = electronsPerSecond(model.pixel, Lens(), light, reflectances[i]);
			for (size_t k = 0; k < 3; k++) {
				double e = v[k] / white[k] - kChartPatches[i].linearSrgb()[k];
				plain += e * e;
			}
		}
		EXPECT_LT(c.error, 0.5 * sqrt(plain / (3 * kPatchCount))) << c.illuminant.temperature;
	}
}

/* A cooler light has less red and more blue, without a step between lamps and daylight. */
TEST(Calibration, RatiosAreMonotonic)
{
	Calibration calibration = computeCalibration(imx219());

	ASSERT_GE(calibration.colours.size(), 6u);
	for (size_t i = 1; i < calibration.colours.size(); i++) {
		const ColourCalibration &a = calibration.colours[i - 1];
		const ColourCalibration &b = calibration.colours[i];
		EXPECT_LT(a.illuminant.temperature, b.illuminant.temperature);
		EXPECT_GT(a.redRatio, b.redRatio);
		EXPECT_LT(a.blueRatio, b.blueRatio);
	}
}

TEST(Calibration, YamlHasTheNumbers)
{
	std::string yaml = computeCalibration(imx219()).toYaml();

	EXPECT_NE(yaml.find("model: imx219"), std::string::npos);
	EXPECT_NE(yaml.find("black_level_16bit: 4096"), std::string::npos);
	EXPECT_NE(yaml.find("ct: 6504"), std::string::npos);
}
