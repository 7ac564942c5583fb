/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Frames of the synthetic scenes against the physics
 */

#include <math.h>
#include <string.h>

#include <gtest/gtest.h>

#include "isp_sim/sensor/chart_sensor.h"
#include "isp_sim/sensor/truth.h"

using namespace fovea::sensor;

namespace {

constexpr unsigned int kMode1080 = 1;
constexpr unsigned int kModeBinned = 3;
constexpr unsigned int kMode1080Raw8 = 5;

class ChartSensorTest : public testing::Test
{
protected:
	void SetUp() override
	{
		std::string error;
		auto model = loadSensorModel(FOVEA_SOURCE_DIR "/rigs/sensors/imx219.yaml", &error);
		ASSERT_TRUE(model) << error;
		model_ = *model;
	}

	Scene scene(const std::string &name)
	{
		std::string error;
		auto loaded = loadScene(FOVEA_SOURCE_DIR "/rigs/scenes/" + name + ".yaml", &error);
		EXPECT_TRUE(loaded) << error;
		return loaded.value_or(Scene{});
	}

	FrameSettings settings(unsigned int mode, int32_t exposure, int32_t gain)
	{
		return { mode, exposure, gain, 683, false, false };
	}

	std::vector<uint16_t> render(Sensor &sensor, const FrameSettings &s, uint32_t sequence)
	{
		const Mode &mode = sensor.properties().modes[s.mode];
		std::vector<uint16_t> samples(size_t{ mode.width } * mode.height);

		if (mode.bitDepth > 8) {
			std::span<uint8_t> bytes(reinterpret_cast<uint8_t *>(samples.data()), samples.size() * 2);
			EXPECT_EQ(sensor.render(s, sequence, {}, bytes, mode.width * 2), 0);
		} else {
			std::vector<uint8_t> bytes(samples.size());
			EXPECT_EQ(sensor.render(s, sequence, {}, bytes, mode.width), 0);
			samples.assign(bytes.begin(), bytes.end());
		}

		return samples;
	}

	/* The mean code of each channel in an area. */
	Vector3 mean(const std::vector<uint16_t> &samples, const Mode &mode, BayerOrder order,
		     const Rectangle &area)
	{
		Vector3 sum{}, count{};

		for (unsigned int y = area.top; y < area.top + area.height; y++) {
			for (unsigned int x = area.left; x < area.left + area.width; x++) {
				unsigned int c = channelAt(order, x, y);
				sum[c] += samples[size_t{ y } * mode.width + x];
				count[c]++;
			}
		}

		return { sum[0] / count[0], sum[1] / count[1], sum[2] / count[2] };
	}

	double exposureTime(const Mode &mode, int32_t lines)
	{
		return double(lines) * (mode.width + mode.hblank) / mode.pixelRate;
	}

	SensorModel model_;
};

} /* namespace */

TEST_F(ChartSensorTest, Imx219IsAsInItsDriver)
{
	const Properties &p = model_.properties;

	EXPECT_EQ(p.model, "imx219");
	EXPECT_EQ(p.modes[kMode1080].width, 1920u);
	EXPECT_NEAR(model_.gain.gain(0), 1.0, 1e-12);
	EXPECT_NEAR(model_.gain.gain(128), 2.0, 1e-12);
	EXPECT_NEAR(model_.gain.gain(232), 10.667, 1e-3);

	for (size_t i = 1; i < p.modes.size(); i++) {
		const Mode &m = p.modes[i];
		double rate = double(m.pixelRate) / (m.width + m.hblank) / (m.height + m.vblankDefault);
		EXPECT_NEAR(rate, m.width == 3280 ? 15.0 : 30.0, 0.05) << i;
	}
}

TEST_F(ChartSensorTest, FramesDependOnTheArgumentsOnly)
{
	auto a = createChartSensor(model_, scene("chart-4000k"));
	auto b = createChartSensor(model_, scene("chart-4000k"));
	FrameSettings s = settings(kModeBinned, 900, 100);

	std::vector<uint16_t> first = render(*a, s, 7);
	std::vector<uint16_t> next = render(*a, s, 8);
	render(*a, settings(kModeBinned, 100, 3), 9);
	EXPECT_EQ(render(*a, s, 7), first);
	EXPECT_EQ(render(*b, s, 7), first);
	EXPECT_NE(next, first);
}

/*
 * A frame of known settings, as a hash of its samples: it must not change by a bit
 * between machines, compilers and optimisation levels. Update it when the model changes on purpose.
 */
TEST_F(ChartSensorTest, FrameIsTheSameOnEveryMachine)
{
	auto sensor = createChartSensor(model_, scene("chart-6500k"));
	std::vector<uint16_t> samples = render(*sensor, settings(kModeBinned, 1200, 64), 42);

	uint64_t hash = 0xcbf29ce484222325ull;
	for (uint16_t sample : samples)
		hash = (hash ^ sample) * 0x100000001b3ull;

	EXPECT_EQ(hash, 0x5e3a061243b77c84ull);
}

/* Photon transfer: the variance of a code is K^2 g^2 (e + read^2) + converter^2. */
TEST_F(ChartSensorTest, NoiseFollowsTheSignal)
{
	auto sensor = createChartSensor(model_, scene("flat"));
	const Mode &mode = model_.properties.modes[kMode1080];
	const PixelModel &pixel = model_.pixel;

	for (int32_t gainCode : { 0, 128, 210 }) {
		for (int32_t exposure : { 20, 200, 500 }) {
			FrameSettings s = settings(kMode1080, exposure, gainCode);
			std::vector<uint16_t> a = render(*sensor, s, 0);
			std::vector<uint16_t> b = render(*sensor, s, 1);

			/* Differences of frames are free of fixed patterns. */
			double sum = 0.0, power = 0.0, count = 0.0;
			for (size_t y = 0; y < mode.height; y += 2) {
				for (size_t x = 1; x < mode.width; x += 2) {
					double u = a[y * mode.width + x], v = b[y * mode.width + x];
					sum += u + v;
					power += (u - v) * (u - v);
					count++;
				}
			}

			double scale = pixel.conversionGain * model_.gain.gain(gainCode);
			double level = sum / (2 * count) - pixel.blackLevel;
			double variance = power / (2 * count);
			double expected = scale * level + scale * scale * pixel.readNoise * pixel.readNoise +
					  pixel.converterNoise * pixel.converterNoise + 1.0 / 12;
			ASSERT_LT(level, 700) << "clipped";
			EXPECT_NEAR(variance / expected, 1.0, 0.03) << gainCode << " " << exposure;
		}
	}
}

TEST_F(ChartSensorTest, NoiseIsNotCorrelated)
{
	auto sensor = createChartSensor(model_, scene("flat"));
	const Mode &mode = model_.properties.modes[kMode1080];
	FrameSettings s = settings(kMode1080, 400, 0);
	std::vector<uint16_t> a = render(*sensor, s, 0);
	std::vector<uint16_t> b = render(*sensor, s, 1);
	std::vector<double> d(a.size());
	double power = 0.0;

	for (size_t i = 0; i < a.size(); i++) {
		d[i] = double(a[i]) - b[i];
		power += d[i] * d[i];
	}

	for (size_t offset : { size_t{ 1 }, size_t{ 2 }, size_t{ 4 }, size_t{ mode.width },
			       size_t{ mode.width } + 1 }) {
		double product = 0.0;
		for (size_t i = offset; i < d.size(); i++)
			product += d[i] * d[i - offset];
		EXPECT_NEAR(product / power, 0.0, 0.005) << offset;
	}
}

TEST_F(ChartSensorTest, ExposureAndGainScaleTheSignal)
{
	auto sensor = createChartSensor(model_, scene("flat"));
	const Mode &mode = model_.properties.modes[kMode1080];
	Rectangle all{ 0, 0, mode.width, mode.height };
	Rectangle centre{ 860, 440, 200, 200 };		/* without shading */
	auto level = [&](int32_t exposure, int32_t gain) {
		return mean(render(*sensor, settings(kMode1080, exposure, gain), 3), mode,
			    BayerOrder::RGGB, centre)[1] - model_.pixel.blackLevel;
	};

	EXPECT_NEAR(level(400, 0) / level(200, 0), 2.0, 0.005);
	EXPECT_NEAR(level(200, 128) / level(200, 0), 2.0, 0.005);
	EXPECT_NEAR(level(800, 0) / level(100, 0), 8.0, 0.03);

	/* The truth says how many electrons that are. */
	Truth truth = sceneTruth(model_, scene("flat"), kMode1080, false, false);
	double expected = truth.wall[1] * exposureTime(mode, 400) * model_.pixel.conversionGain;
	EXPECT_NEAR(level(400, 0) / expected, 1.0, 0.002);

	/* Blinding light clips at the largest code, but for dead and stuck pixels. */
	Vector3 clipped = mean(render(*sensor, settings(kMode1080, 60000, 232), 0), mode,
			       BayerOrder::RGGB, all);
	EXPECT_NEAR(clipped[0], 1023.0, 0.02);
	EXPECT_NEAR(clipped[1], 1023.0, 0.02);
}

TEST_F(ChartSensorTest, DarkIsTheBlackLevel)
{
	auto sensor = createChartSensor(model_, scene("dark"));
	const Mode &mode = model_.properties.modes[kMode1080];
	Vector3 level = mean(render(*sensor, settings(kMode1080, 60000, 0), 0), mode, BayerOrder::RGGB,
			     { 0, 0, mode.width, mode.height });

	for (double l : level)
		EXPECT_NEAR(l, 64.0, 0.02);
}

/* In every light each patch has the signal that the spectra give. */
TEST_F(ChartSensorTest, PatchesHaveTheirIntegrals)
{
	for (const char *name : { "chart-2850k", "chart-4000k", "chart-6500k" }) {
		for (unsigned int index : { kMode1080, kModeBinned }) {
			const Mode &mode = model_.properties.modes[index];
			constexpr int32_t kExposure = 800;
			Truth truth = sceneTruth(model_, scene(name), index, false, false);
			auto sensor = createChartSensor(model_, scene(name));
			std::vector<uint16_t> frame = render(*sensor, settings(index, kExposure, 0), 5);

			ASSERT_EQ(truth.patches.size(), 24u);
			for (const PatchTruth &patch : truth.patches) {
				Vector3 measured = mean(frame, mode, truth.order, patch.area);
				for (size_t c = 0; c < 3; c++) {
					double expected = truth.blackLevel + patch.signal[c] * patch.illumination[c] *
							  exposureTime(mode, kExposure) * model_.pixel.conversionGain;
					EXPECT_NEAR(measured[c], expected, 0.5) << name << " " << patch.name << " " << c;
				}
			}
		}
	}
}

/* A warmer light gives relatively more red and less blue. */
TEST_F(ChartSensorTest, LightChangesTheColour)
{
	Vector3 warm = sceneTruth(model_, scene("chart-2850k"), kMode1080, false, false).white;
	Vector3 cool = sceneTruth(model_, scene("chart-6500k"), kMode1080, false, false).white;

	EXPECT_GT(warm[0] / warm[1], 1.3 * cool[0] / cool[1]);
	EXPECT_LT(warm[2] / warm[1], 0.7 * cool[2] / cool[1]);
}

TEST_F(ChartSensorTest, FlipsTurnThePictureAndTheBayerOrder)
{
	auto sensor = createChartSensor(model_, scene("chart-6500k"));
	const Mode &mode = model_.properties.modes[kModeBinned];
	const BayerOrder orders[] = { BayerOrder::RGGB, BayerOrder::GRBG, BayerOrder::GBRG,
				      BayerOrder::BGGR };

	for (unsigned int flips = 0; flips < 4; flips++) {
		FrameSettings s = settings(kModeBinned, 800, 0);
		s.hflip = flips & 1;
		s.vflip = flips & 2;
		Truth truth = sceneTruth(model_, scene("chart-6500k"), kModeBinned, s.hflip, s.vflip);
		EXPECT_EQ(truth.order, orders[flips]);

		/* "white" is at the left and at the bottom of the chart. */
		const PatchTruth &white = truth.patches[18];
		EXPECT_EQ(white.area.left > int(mode.width) / 2, s.hflip);
		EXPECT_EQ(white.area.top < int(mode.height) / 2, s.vflip);

		std::vector<uint16_t> frame = render(*sensor, s, 1);
		for (const PatchTruth &patch : truth.patches) {
			Vector3 measured = mean(frame, mode, truth.order, patch.area);
			for (size_t c = 0; c < 3; c++)
				EXPECT_NEAR(measured[c], 64 + patch.signal[c] * patch.illumination[c] * exposureTime(mode, 800) * 0.18, 0.5)
					<< flips << " " << patch.name;
		}
	}
}

/* Averaging four pixels halves the noise. */
TEST_F(ChartSensorTest, BinningAverages)
{
	auto sensor = createChartSensor(model_, scene("flat"));
	auto deviation = [&](unsigned int index) {
		FrameSettings s = settings(index, 400, 0);
		std::vector<uint16_t> a = render(*sensor, s, 0);
		std::vector<uint16_t> b = render(*sensor, s, 1);
		const Mode &mode = model_.properties.modes[index];
		double power = 0.0, count = 0.0;
		for (size_t y = 0; y < mode.height; y += 2) {
			for (size_t x = 1; x < mode.width; x += 2) {
				double d = double(a[y * mode.width + x]) - b[y * mode.width + x];
				power += d * d;
				count++;
			}
		}
		return sqrt(power / count - 2.0 / 12);
	};

	EXPECT_NEAR(deviation(kMode1080) / deviation(kModeBinned), 2.0, 0.05);
}

TEST_F(ChartSensorTest, Raw8CutsTwoBits)
{
	auto sensor = createChartSensor(model_, scene("chart-6500k"));
	std::vector<uint16_t> deep = render(*sensor, settings(kMode1080, 800, 0), 2);
	std::vector<uint16_t> shallow = render(*sensor, settings(kMode1080Raw8, 800, 0), 2);

	ASSERT_EQ(deep.size(), shallow.size());
	for (size_t i = 0; i < deep.size(); i++)
		ASSERT_EQ(shallow[i], deep[i] >> 2) << i;
}

TEST_F(ChartSensorTest, RefusesBuffersThatAreTooSmall)
{
	auto sensor = createChartSensor(model_, scene("flat"));
	std::vector<uint8_t> raw(640 * 480 * 2);

	EXPECT_EQ(sensor->render(settings(kModeBinned, 100, 0), 0, {}, raw, 1280), 0);
	EXPECT_EQ(sensor->render(settings(kModeBinned, 100, 0), 0, {}, raw, 1279), -EINVAL);
	EXPECT_EQ(sensor->render(settings(99, 100, 0), 0, {}, raw, 1280), -EINVAL);
	raw.pop_back();
	EXPECT_EQ(sensor->render(settings(kModeBinned, 100, 0), 0, {}, raw, 1280), -EINVAL);
}

/* Bytes between the lines belong to the caller. */
TEST_F(ChartSensorTest, LeavesThePaddingAlone)
{
	auto sensor = createChartSensor(model_, scene("flat"));
	constexpr size_t kStride = 1280 + 64;
	std::vector<uint8_t> raw(kStride * 480, 0xa5);

	ASSERT_EQ(sensor->render(settings(kModeBinned, 100, 0), 0, {}, raw, kStride), 0);
	for (size_t y = 0; y < 480; y++) {
		for (size_t x = 1280; x < kStride; x++)
			ASSERT_EQ(raw[y * kStride + x], 0xa5);
	}
}
