/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Colours of rendered charts behind an ideal pipeline
 */

#include <algorithm>
#include <set>
#include <string>
#include <string.h>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "isp_sim/sensor/calibration.h"
#include "isp_sim/sensor/chart_sensor.h"
#include "isp_sim/sensor/truth.h"

using namespace fovea::sensor;

namespace {

/* The largest part of the range that the white wall may fill. */
constexpr double kExposed = 0.8;

constexpr unsigned int kFrames = 2;

class ColourAccuracy : public testing::TestWithParam<std::tuple<const char *, const char *>>
{
protected:
	void SetUp() override
	{
		std::string error;
		auto model = loadSensorModel(FOVEA_SOURCE_DIR "/rigs/sensors/" +
						     std::string(std::get<0>(GetParam())) + ".yaml", &error);
		auto scene = loadScene(FOVEA_SOURCE_DIR "/rigs/scenes/chart-6500k.yaml", &error);
		ASSERT_TRUE(model && scene) << error;
		model_ = *model;
		scene_ = *scene;
		scene_.illuminant = { Illuminant::Kind::Named, 0.0, 500.0, std::get<1>(GetParam()) };
	}

	/* A mode that shows the whole array in few pixels. */
	unsigned int binnedMode() const
	{
		for (unsigned int i = 0; i < model_.readouts.size(); i++) {
			if (model_.readouts[i].binning == 2 &&
			    model_.properties.modes[i].bitDepth == model_.pixel.bitDepth)
				return i;
		}

		return 0;
	}

	/* As many lines as bring the brightest channel of a white to the upper part of the range. */
	int32_t exposureFor(const Truth &truth, const FrameSettings &settings) const
	{
		const PixelModel &pixel = model_.pixel;
		const Mode &mode = truth.mode;
		const double gain = model_.gain.gain(settings.analogueGain) * pixel.conversionGain;
		const double range = std::min(((1 << pixel.bitDepth) - 1 - pixel.blackLevel) / gain,
					      pixel.fullWell * pixel.wellKnee);
		const double brightest = *std::max_element(truth.white.begin(), truth.white.end());
		const double lineTime = double(mode.width + mode.hblank) / mode.pixelRate;

		return std::max<int32_t>(kExposed * range / brightest / lineTime, 1);
	}

	/* The mean code of each colour in an area, without the pixels that are listed as defects. */
	Vector3 mean(const std::vector<uint16_t> &frame, const Truth &truth, const Rectangle &area) const
	{
		std::set<std::pair<unsigned int, unsigned int>> defects;
		Vector3 sum{}, count{};

		for (const Defect &defect : truth.defects)
			defects.insert({ defect.x, defect.y });
		for (unsigned int y = area.top; y < area.top + area.height; y++) {
			for (unsigned int x = area.left; x < area.left + area.width; x++) {
				if (defects.count({ x, y }))
					continue;
				const unsigned int c = channelAt(truth.order, x, y);
				sum[c] += frame[size_t{ y } * truth.mode.width + x];
				count[c]++;
			}
		}

		return { sum[0] / count[0], sum[1] / count[1], sum[2] / count[2] };
	}

	SensorModel model_;
	Scene scene_;
};

} /* namespace */

/*
 * Black level, shading and white balance by the truth, and the least-squares matrix of
 * what is left: the mean difference is the one that the spectra allow.
 */
TEST_P(ColourAccuracy, IsTheOptimumOfTheSpectra)
{
	const unsigned int index = binnedMode();
	const Truth truth = sceneTruth(model_, scene_, index, false, false);
	FrameSettings settings{ index, 0, model_.properties.analogueGain.min,
				static_cast<int32_t>(truth.mode.vblankDefault), false, false };
	settings.exposure = exposureFor(truth, settings);
	auto sensor = createChartSensor(model_, scene_);

	ASSERT_EQ(truth.patches.size(), 24u);
	std::vector<Vector3> sums(truth.patches.size());
	std::vector<uint16_t> frame(size_t{ truth.mode.width } * truth.mode.height);
	for (unsigned int i = 0; i < kFrames; i++) {
		std::span<uint8_t> bytes(reinterpret_cast<uint8_t *>(frame.data()), frame.size() * 2);
		ASSERT_EQ(sensor->render(settings, i, {}, bytes, truth.mode.width * 2), 0);
		for (size_t p = 0; p < sums.size(); p++) {
			const Vector3 m = mean(frame, truth, truth.patches[p].area);
			for (size_t c = 0; c < 3; c++)
				sums[p][c] += (m[c] - truth.blackLevel) / kFrames;
		}
	}

	const double time = double(settings.exposure) * (truth.mode.width + truth.mode.hblank) / truth.mode.pixelRate;
	const double scale = time * model_.gain.gain(settings.analogueGain) * model_.pixel.conversionGain;
	std::vector<Vector3> balanced, expected;
	for (size_t p = 0; p < sums.size(); p++) {
		const PatchTruth &patch = truth.patches[p];
		Vector3 v;
		for (size_t c = 0; c < 3; c++)
			v[c] = sums[p][c] / patch.illumination[c] / (truth.white[c] * scale);
		balanced.push_back(v);
		expected.push_back(patch.linearSrgb);
	}

	const Matrix3 matrix = fitColourMatrix(balanced, expected);
	for (Vector3 &v : balanced)
		v = multiply(matrix, v);

	const double optimum = calibrateColours(model_, scene_.illuminant).difference;
	EXPECT_GT(optimum, 0.1);
	EXPECT_LT(optimum, 6.0);
	EXPECT_NEAR(meanColourDifference(balanced, expected), optimum, 0.1);
}

INSTANTIATE_TEST_SUITE_P(Sensors, ColourAccuracy,
			 testing::Combine(testing::Values("imx219", "imx477", "imx678", "imx708"),
					  testing::Values("A", "D50", "D65", "F11")),
			 [](const auto &test) {
				 return std::string(std::get<0>(test.param)) + std::get<1>(test.param);
			 });
