/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Spectral sensitivities from files and matrices
 */

#include <filesystem>
#include <fstream>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "isp_sim/sensor/calibration.h"
#include "isp_sim/sensor/config.h"
#include "isp_sim/sensor/rig.h"
#include "isp_sim/sensor/scene.h"
#include "isp_sim/sensor/spectral_response.h"

using namespace fovea::sensor;

namespace {

/* The index of a wavelength in a Spectrum. */
size_t at(double nm)
{
	return lround((nm - Spectrum::kFirst) / Spectrum::kStep);
}

std::string imx219With(const std::string &response)
{
	std::string text, error;
	EXPECT_TRUE(readTextFile(FOVEA_SOURCE_DIR "/rigs/sensors/imx219.yaml", &text, &error)) << error;

	const size_t begin = text.find("  response:");
	return text.substr(0, begin) + "  response: " + response + "\n" + text.substr(text.find("\n# 1 + a r^2"));
}

/* Ten lines of a flat sensitivity, the last one replaced. */
std::string tableWith(const std::string &last)
{
	std::string text = "nm,r,g,b\n";
	for (int nm = 400; nm < 600; nm += 20)
		text += std::to_string(nm) + ",1,1,1\n";

	return text + last + "\n";
}

} /* namespace */

TEST(SpectralResponse, ReadsTables)
{
	std::string text, error;
	ASSERT_TRUE(readTextFile(FOVEA_SOURCE_DIR "/tests/sensor/sensitivities.csv", &text, &error));
	auto s = parseSensitivities(text, "x.csv", &error);
	ASSERT_TRUE(s) << error;

	EXPECT_NEAR((*s)[0][at(600)], 1.0, 1e-12);
	EXPECT_NEAR((*s)[1][at(530)], 0.9 * exp(-0.5 * pow(5.0 / 40, 2)), 1e-5);
	/* Between two lines it is their mean. */
	EXPECT_NEAR((*s)[2][at(465)], ((*s)[2][at(460)] + (*s)[2][at(470)]) / 2, 1e-12);

	/* Outside of what was measured there is nothing. */
	auto narrow = parseSensitivities(tableWith("600,1,2,3"), "x.csv", &error);
	ASSERT_TRUE(narrow) << error;
	EXPECT_EQ((*narrow)[1][at(395)], 0.0);
	EXPECT_EQ((*narrow)[2][at(600)], 3.0);
	EXPECT_EQ((*narrow)[2][at(590)], 2.0);
	EXPECT_EQ((*narrow)[2][at(605)], 0.0);
}

TEST(SpectralResponse, RefusesMalformedTables)
{
	const std::pair<std::string, std::string> bad[] = {
		{ tableWith("600,1,1"), "x.csv:12: expected four numbers" },
		{ tableWith("600,1,1,1,1"), "x.csv:12: expected four numbers" },
		{ tableWith("600,1,nan,1"), "x.csv:12: expected four numbers" },
		{ tableWith("580,1,1,1"), "x.csv:12: wavelength 580, expected more than the 580 before" },
		{ tableWith("9000,1,1,1"), "x.csv:12: wavelength 9000, expected 200 to 2000 nm" },
		{ tableWith("600,1e7,1,1"), "x.csv:12: expected sensitivities of at most" },
		{ "", "x.csv: sensitivities at 0 wavelengths, expected 8 or more" },
		{ "400,1,1,1\n500,1,1,1\n", "at 2 wavelengths" },
		{ "{", "x.csv:1" },
		{ "{ \"spectral_data\": 3 }", "'spectral_data': expected a map" },
		{ "{ \"spectral_data\": { \"data\": { \"main\": { \"400\": [1, 2] } } } }", "expected a list of 3 numbers" },
	};

	for (const auto &[text, expected] : bad) {
		std::string error;
		EXPECT_FALSE(parseSensitivities(text, "x.csv", &error)) << text;
		EXPECT_NE(error.find(expected), std::string::npos) << error << " | " << expected;
	}

	std::string dark = "nm,r,g,b\n", error;
	for (int nm = 400; nm < 600; nm += 20)
		dark += std::to_string(nm) + ",1,0,1\n";
	EXPECT_FALSE(parseSensitivities(dark, "x.csv", &error));
	EXPECT_NE(error.find("green sees nothing"), std::string::npos) << error;
}

/* Sensitivities are to energy, a pixel counts photons: the signal is the same. */
TEST(SpectralResponse, CountsPhotons)
{
	std::string text, error;
	ASSERT_TRUE(readTextFile(FOVEA_SOURCE_DIR "/tests/sensor/sensitivities.csv", &text, &error));
	auto sensitivities = parseSensitivities(text, "x.csv", &error);
	ASSERT_TRUE(sensitivities) << error;

	PixelModel pixel;
	pixel.response = responseOfSensitivities(*sensitivities, 0.7);
	double most = 0.0;
	for (const Spectrum &spectrum : pixel.response) {
		for (size_t i = 0; i < Spectrum::kSize; i++)
			most = std::max(most, spectrum[i]);
	}
	EXPECT_NEAR(most, 0.7, 1e-12);

	const Spectrum light = blackbodySpectrum(3000);
	const Vector3 electrons = electronsPerSecond(pixel, Lens(), light, Spectrum([](double) { return 1.0; }));
	for (size_t i : { 0u, 2u })
		EXPECT_NEAR(electrons[i] / electrons[1],
			    (light * (*sensitivities)[i]).integral() / (light * (*sensitivities)[1]).integral(), 1e-9);
}

/* A camera that is a matrix gives that matrix times X, Y and Z. */
TEST(SpectralResponse, IsAMatrix)
{
	std::string error;
	auto model = parseSensorModel(imx219With("{ matrix: [0.9, 0.3, -0.1, -0.4, 1.3, 0.1, 0, 0.1, 0.8], peak: 0.6 }"),
				      "x.yaml", &error);
	ASSERT_TRUE(model) << error;

	for (double temperature : { 2856.0, 4000.0, 9000.0 }) {
		const Spectrum light = blackbodySpectrum(temperature);
		const Vector3 xyz = Observer::standard().tristimulus(light);
		const Vector3 raw = electronsPerSecond(model->pixel, Lens(), light,
						       Spectrum([](double) { return 1.0; }));
		const Vector3 expected = multiply({ { { 0.9, 0.3, -0.1 }, { -0.4, 1.3, 0.1 }, { 0, 0.1, 0.8 } } }, xyz);
		EXPECT_NEAR(raw[0] / raw[1], expected[0] / expected[1], 1e-9) << temperature;
		EXPECT_NEAR(raw[2] / raw[1], expected[2] / expected[1], 1e-9) << temperature;
	}

	EXPECT_FALSE(parseSensorModel(imx219With("{ matrix: [0, 0, 0, 0, 1, 0, 0, 0, 1], peak: 0.6 }"), "x.yaml", &error));
	EXPECT_NE(error.find("'pixel.response.matrix': expected rows"), std::string::npos) << error;
}

TEST(SpectralResponse, IsAFileBesideTheModel)
{
	const std::filesystem::path directory = testing::TempDir() + "/spectral-response-" + std::to_string(getpid());
	std::filesystem::create_directories(directory);
	std::ofstream(directory / "my.yaml") << imx219With("{ file: my.csv, peak: 0.5 }");

	std::string error;
	EXPECT_FALSE(loadSensorModel(directory / "my.yaml", &error));
	EXPECT_NE(error.find("my.csv: no such file, looked in"), std::string::npos) << error;

	std::filesystem::copy(FOVEA_SOURCE_DIR "/tests/sensor/sensitivities.csv", directory / "my.csv");
	auto model = loadSensorModel(directory / "my.yaml", &error);
	ASSERT_TRUE(model) << error;
	EXPECT_LT(model->pixel.response[0][at(700)], 0.01);
	std::filesystem::remove_all(directory);
}

/* Each camera of the database, in a model: whites of lights become less red and more blue. */
TEST(SpectralResponse, ReadsTheDatabase)
{
	const char *path = getenv("FOVEA_DATA_PATH");
	const std::filesystem::path data = path ? path : FOVEA_SOURCE_DIR "/../shared/data";
	const std::filesystem::path cameras = data / "spectral/rawtoaces-data/data/camera";
	if (!std::filesystem::exists(cameras))
		GTEST_SKIP() << "no spectral data in " << data;

	for (const auto &entry : std::filesystem::directory_iterator(cameras)) {
		const std::string file = std::filesystem::relative(entry.path(), data);
		std::string error;
		auto model = parseSensorModel(imx219With("{ file: \"" + file + "\", peak: 0.6 }"), "x.yaml", &error);
		ASSERT_TRUE(model) << error;
		ASSERT_TRUE(loadResponse(&*model, { data }, &error)) << error;

		const Calibration calibration = computeCalibration(*model);
		EXPECT_GT(calibration.colours.front().redRatio, 1.5 * calibration.colours.back().redRatio) << file;
		EXPECT_LT(1.5 * calibration.colours.front().blueRatio, calibration.colours.back().blueRatio) << file;
		for (const ColourCalibration &colours : calibration.colours)
			EXPECT_LT(colours.error, 0.08) << file << " " << colours.illuminant.temperature;
	}
}
