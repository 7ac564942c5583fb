/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Scenes as rendered: light, motion, focus and truth against their models
 */

#include <algorithm>
#include <complex>
#include <filesystem>
#include <fstream>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "isp_sim/sensor/chart_sensor.h"
#include "isp_sim/sensor/rig.h"
#include "isp_sim/sensor/scene_renderer.h"
#include "isp_sim/sensor/truth.h"
#include "isp_sim/sensor/truth_maps.h"

using namespace fovea::sensor;
namespace fs = std::filesystem;

namespace {

constexpr unsigned int kMode1080 = 1;
constexpr unsigned int kModeSmall = 3;
constexpr double kPi = 3.14159265358979;

/* A model whose mode 0 is a small window in the middle, with every pixel of its own. */
SensorModel smallModel(unsigned int width, unsigned int height)
{
	std::string error;
	auto model = loadSensorModel(FOVEA_SOURCE_DIR "/rigs/sensors/imx219.yaml", &error);
	EXPECT_TRUE(model) << error;

	const Rectangle &active = model->properties.activeArea;
	Mode mode = model->properties.modes[kMode1080];
	mode.width = width;
	mode.height = height;
	mode.analogCrop = { active.left + int(active.width - width) / 2 / 2 * 2,
			    active.top + int(active.height - height) / 2 / 2 * 2, width, height };
	model->properties.modes = { mode };
	model->readouts = { model->readouts[kMode1080] };
	return *model;
}

SensorModel imx219()
{
	std::string error;
	auto model = loadSensorModel(FOVEA_SOURCE_DIR "/rigs/sensors/imx219.yaml", &error);

	EXPECT_TRUE(model) << error;
	return *model;
}

Scene scene(const std::string &text)
{
	std::string error;
	auto parsed = parseScene("version: 1\nname: test\n" + text, "scene.yaml", &error);

	EXPECT_TRUE(parsed) << error;
	return parsed.value_or(Scene());
}

Scene namedScene(const std::string &name)
{
	std::string error;
	auto found = loadScene(FOVEA_SOURCE_DIR "/rigs/scenes/" + name + ".yaml", &error);

	EXPECT_TRUE(found) << error;
	return found.value_or(Scene());
}

const char *const kLight = "illuminant: { name: D65, lux: 500 }\n";

Moment still(double time = 0.0, int32_t lensPosition = 0)
{
	return { std::chrono::nanoseconds(int64_t(time * 1e9)), 0.0, 0.0, false, lensPosition };
}

/* Electrons a second of one pixel. */
double signalAt(const SignalMap &map, unsigned int x, unsigned int y)
{
	const double root = map.index[size_t{ y } * map.width + x] / double(kSignalMax);

	return root * root * map.largest;
}

std::shared_ptr<const SignalMap> onlyMap(SceneRenderer *renderer, const Moment &moment)
{
	std::vector<SignalLayer> layers;

	renderer->render(0, moment, &layers);
	EXPECT_EQ(layers.size(), 1u);
	return layers.front().map;
}

/* The mean difference of two maps, relative to the mean. */
double difference(const SignalMap &a, const SignalMap &b)
{
	double sum = 0.0, mean = 0.0;

	for (unsigned int y = 0; y < a.height; y++) {
		for (unsigned int x = 0; x < a.width; x++) {
			sum += fabs(signalAt(a, x, y) - signalAt(b, x, y));
			mean += signalAt(a, x, y);
		}
	}
	return sum / mean;
}

} /* namespace */

TEST(Scene, AllLoadAndRender)
{
	const SensorModel model = imx219();
	const Mode &mode = model.properties.modes[kModeSmall];
	std::string error;
	std::vector<uint8_t> raw(size_t{ mode.width } * 2 * mode.height);
	size_t count = 0;

	for (const auto &entry : fs::directory_iterator(FOVEA_SOURCE_DIR "/rigs/scenes")) {
		if (entry.path().extension() != ".yaml")
			continue;
		auto sensor = createChartSensor(model, namedScene(entry.path().stem()), Track({ { 0, 0 }, { 1023, 12 } }));
		FrameSettings settings{ kModeSmall, 500, 0, int32_t(mode.vblankDefault), false, false, 300 };
		EXPECT_EQ(sensor->render(settings, 3, std::chrono::seconds(1), raw, mode.width * 2), 0) << entry.path();
		count++;
	}
	EXPECT_GE(count, 20u);
}

/*
 * Bands of a lamp that flickers: in the frame they have the period 1 / (f row time), and the depth of
 * the lamp times sin(pi f T) / (pi f T) for an exposure of T.
 */
TEST(Scene, FlickerBandsAreThoseOfTheModel)
{
	const SensorModel model = imx219();
	const Mode &mode = model.properties.modes[kMode1080];
	const double rowTime = double(mode.width + mode.hblank) / mode.pixelRate;

	for (double frequency : { 100.0, 120.0 }) {
		auto sensor = createChartSensor(model, scene("kind: flat\nreflectance: 0.3\nlights:\n  - { name: l, illuminant: { name: F11, lux: 300 }, "
							     "flicker: { waveform: sine, depth: 0.5, frequency: " + std::to_string(frequency) + " } }\n"));
		for (double periods : { 0.1, 0.5, 0.75, 1.0 }) {
			const int lines = int(periods / frequency / rowTime + 0.5);
			FrameSettings settings{ kMode1080, lines, 0, int32_t(mode.vblankDefault), false, false };
			std::vector<uint16_t> raw(size_t{ mode.width } * mode.height);
			ASSERT_EQ(sensor->render(settings, 0, std::chrono::milliseconds(1234),
						 { reinterpret_cast<uint8_t *>(raw.data()), raw.size() * 2 }, mode.width * 2), 0);

			/* The component of the expected period, over whole periods of the rows' means. */
			const double period = 1.0 / (frequency * rowTime);
			const unsigned int rows = unsigned(floor(mode.height / period) * period);
			std::complex<double> sum = 0.0;
			double mean = 0.0;
			for (unsigned int y = 0; y < rows; y++) {
				double row = 0.0;
				for (unsigned int x = y & 1 ? 0 : 1; x < mode.width; x += 2)
					row += raw[size_t{ y } * mode.width + x] - 64.0;
				sum += row * std::polar(1.0, -2 * kPi * y / period);
				mean += row;
			}
			const double time = lines * rowTime * frequency * kPi;
			EXPECT_NEAR(2.0 * std::abs(sum) / mean, 0.5 * fabs(sin(time)) / time, 0.01)
				<< frequency << " Hz, " << periods << " periods";
		}
	}
}

/* A step of the light passes through the frame as its rows are read. */
TEST(Scene, LightStepsFromRowToRow)
{
	SceneRenderer renderer(imx219(), scene("kind: flat\nlights:\n  - { name: l, illuminant: { name: A, lux: 100 }, "
					       "level: [[0, 1], [2, 1], [2, 0.25]] }\n"));
	const Moment moment{ std::chrono::milliseconds(1990), 0.002, 20e-6, false, 0 };
	std::vector<SignalLayer> layers;

	renderer.render(kMode1080, moment, &layers);
	ASSERT_EQ(layers.size(), 1u);
	const auto &factors = layers[0].rowFactors;
	ASSERT_EQ(factors.size(), 1080u);
	/* Row 500 is read at 2 s. */
	EXPECT_NEAR(factors[500], 1.0, 1e-6);
	EXPECT_NEAR(factors[550], 0.625, 1e-6);
	EXPECT_NEAR(factors[600], 0.25, 1e-6);

	Moment upwards = moment;
	upwards.upwards = true;
	renderer.render(kMode1080, upwards, &layers);
	EXPECT_NEAR(layers[0].rowFactors[1079 - 550], 0.625, 1e-6);
}

/* What moved is what stands elsewhere. */
TEST(Scene, MotionShiftsThePicture)
{
	const SensorModel model = smallModel(320, 240);
	const std::string leaves = std::string(kLight) + "kind: layers\nlayers:\n  - { kind: dead-leaves, ";
	SceneRenderer moving(model, scene(leaves + "motion: [[0, 0, 0], [1, 42, -10]] }\n"));

	for (double time : { 0.0, 0.5, 1.0, 5.0 }) {
		const double x = std::min(time, 1.0) * 42, y = std::min(time, 1.0) * -10;
		SceneRenderer standing(model, scene(leaves + "position: [" + std::to_string(x) + ", " + std::to_string(y) + "] }\n"));
		EXPECT_LT(difference(*onlyMap(&moving, still(time)), *onlyMap(&standing, still())), 1e-3) << time;
	}

	/* Between pixels: nearer than the pixel before or behind. */
	SceneRenderer between(model, scene(leaves + "position: [10.5, -2.5] }\n"));
	const auto half = onlyMap(&moving, still(0.25));
	const double near = difference(*half, *onlyMap(&between, still()));
	EXPECT_LT(near, 0.04);
	for (const char *other : { "9.5, -2.5", "11.5, -2.5", "10.5, -3.5", "10.5, -1.5" }) {
		SceneRenderer wrong(model, scene(leaves + "position: [" + other + "] }\n"));
		EXPECT_LT(near, 0.6 * difference(*half, *onlyMap(&wrong, still()))) << other;
	}
}

/* A rolling shutter shears what moves: each row sees it at its own time. */
TEST(Scene, RollingShutterShears)
{
	const SensorModel model = smallModel(320, 240);
	SceneRenderer renderer(model, scene(std::string(kLight) + "kind: layers\nlayers:\n  - { kind: flat, reflectance: 0.01 }\n"
					    "  - { kind: flat, reflectance: 0.9, shape: { rectangle: [-100, -400, 40, 800] }, "
					    "motion: [[0, 0, 0], [1, 1000, 0]] }\n"));
	const double rowTime = 100e-6, exposure = 0.004;
	const auto map = onlyMap(&renderer, { std::chrono::milliseconds(50), exposure, rowTime, false, 0 });

	for (unsigned int y = 0; y < 240; y += 40) {
		/* The centre of the greens. */
		double sum = 0.0, moment = 0.0;
		for (unsigned int x = y & 1 ? 0 : 1; x < 320; x += 2) {
			const double v = signalAt(*map, x, y) - signalAt(*map, y & 1 ? 318 : 319, y);
			sum += v;
			moment += v * (x + 0.5);
		}
		const double expected = 160 - 80 + 1000 * (0.05 + y * rowTime - exposure / 2);
		EXPECT_NEAR(moment / sum, expected, 0.1) << y;
	}
}

/* The blur of an edge is that of a thin lens, and vanishes where the lens is focused on it. */
TEST(Scene, DefocusIsThatOfAThinLens)
{
	const SensorModel model = smallModel(320, 64);
	const Track focus({ { 0, 0 }, { 1000, 10 } });
	const Scene edge = scene(std::string(kLight) + "kind: layers\nlayers:\n  - { kind: flat, reflectance: 0.02 }\n"
				 "  - { kind: flat, reflectance: 0.9, distance: 0.5, shape: { rectangle: [0, -400, 400, 800] } }\n"
				 "lens: { f_number: 2, transmission: 0.9, focal_length: 3 }\n");
	SceneRenderer renderer(model, edge, focus);

	/* Variance of the derivative of the edge, on greens, in square pixels. */
	auto variance = [&](int position) {
		const auto map = onlyMap(&renderer, still(0.0, position));
		double weight = 0.0, mean = 0.0, square = 0.0;
		for (unsigned int x = 3; x < 320; x += 2) {
			const double d = signalAt(*map, x, 20) - signalAt(*map, x - 2, 20);
			weight += d;
			mean += d * x;
			square += d * x * x;
		}
		return square / weight - (mean / weight) * (mean / weight);
	};

	const double sharp = variance(200);
	EXPECT_LT(sharp, 2.0);
	for (int position : { 0, 100, 180, 220, 300, 500, 1000 }) {
		const double dioptres = position / 100.0;
		const double circle = 9e-6 / 2 * fabs(2.0 - dioptres) / (1 - 3e-3 * dioptres) / (model.pixel.pitch * 1e-6);
		EXPECT_NEAR(variance(position) - sharp, circle * circle / 16, 0.02 * circle * circle / 16 + 0.02) << position;
		EXPECT_GT(variance(position), sharp) << position;
	}
}

/* The edge of a chart has the spatial frequency response of the optics. */
TEST(Scene, SlantedEdgeHasTheResponseOfTheOptics)
{
	for (double sigma : { 0.0, 0.8, 1.5 }) {
		const SensorModel model = smallModel(480, 480);
		SceneRenderer renderer(model, scene(std::string(kLight) + "kind: slanted-edge\n"
						    "lens: { f_number: 2, transmission: 0.9, blur: " + std::to_string(sigma) + " }\n"));
		const auto map = onlyMap(&renderer, still());

		/* The right edge of the square in the middle: greens, by distance from it, in eighths of a pixel. */
		constexpr int kBins = 8, kReach = 16;
		std::vector<double> sum(2 * kReach * kBins), count(sum.size());
		for (unsigned int y = 160; y < 320; y++) {
			for (unsigned int x = y & 1 ? 0 : 1; x < 480; x += 2) {
				const double px = x + 0.5 - 240, py = y + 0.5 - 240;
				const double u = 0.9961946980917455 * px + 0.08715574274765817 * py - 130;
				const int bin = int(floor((u + kReach) * kBins));
				if (bin < 0 || bin >= int(sum.size()))
					continue;
				sum[bin] += signalAt(*map, x, y);
				count[bin]++;
			}
		}

		auto response = [&](double frequency) {
			std::complex<double> total = 0.0;
			for (size_t i = 1; i < sum.size(); i++)
				total += (sum[i] / count[i] - sum[i - 1] / count[i - 1]) * std::polar(1.0, -2 * kPi * frequency * i / kBins);
			return std::abs(total);
		};
		for (double f : { 0.1, 0.2, 0.3 }) {
			/* Four samples half a pixel apart, the Gaussian, and the bins. */
			const double window = (cos(2 * kPi * f * 0.25) + cos(2 * kPi * f * 0.75)) / 2;
			const double gaussian = exp(-2 * kPi * kPi * sigma * sigma * f * f);
			const double bins = sin(kPi * f / kBins) / (kPi * f / kBins);
			EXPECT_NEAR(response(f) / response(0.0), window * gaussian * bins, 0.03) << sigma << " " << f;
		}
	}
}

/* Dead leaves: power falls with about the second power of the frequency; along a line with the first to second. */
TEST(Scene, DeadLeavesHaveANaturalSpectrum)
{
	const SensorModel model = smallModel(1024, 512);
	SceneRenderer renderer(model, scene(std::string(kLight) + "kind: dead-leaves\n"));
	const auto map = onlyMap(&renderer, still());
	std::vector<double> frequencies, powers;

	for (int k = 4; k <= 128; k *= 2) {
		double power = 0.0;
		for (unsigned int y = 0; y < 512; y += 8) {
			std::complex<double> sum = 0.0;
			for (unsigned int i = 0; i < 512; i++) {
				const double window = 0.5 - 0.5 * cos(2 * kPi * i / 512);
				sum += window * signalAt(*map, 2 * i + 1, y) * std::polar(1.0, -2 * kPi * k * i / 512);
			}
			power += std::norm(sum);
		}
		frequencies.push_back(log(k));
		powers.push_back(log(power));
	}

	double mf = 0, mp = 0, ff = 0, fp = 0;
	for (size_t i = 0; i < powers.size(); i++) {
		mf += frequencies[i] / powers.size();
		mp += powers[i] / powers.size();
	}
	for (size_t i = 0; i < powers.size(); i++) {
		ff += (frequencies[i] - mf) * (frequencies[i] - mf);
		fp += (frequencies[i] - mf) * (powers[i] - mp);
	}
	EXPECT_GT(fp / ff, -2.2);
	EXPECT_LT(fp / ff, -1.2);
}

/* Red and blue are displaced by their share of the distance from the centre. */
TEST(Scene, LateralAberrationDisplacesRedAndBlue)
{
	const SensorModel model = smallModel(1600, 32);
	SceneRenderer renderer(model, scene(std::string(kLight) + "kind: layers\nlayers:\n  - { kind: flat, reflectance: 0.02 }\n"
					    "  - { kind: flat, reflectance: 0.9, shape: { rectangle: [500, -400, 100, 800] } }\n"
					    "lens: { f_number: 2, transmission: 0.9, lateral_ca: [0.004, -0.002] }\n"));
	const auto map = onlyMap(&renderer, still());
	auto centre = [&](unsigned int x0, unsigned int y) {
		double sum = 0.0, moment = 0.0;
		for (unsigned int x = x0; x < 1600; x += 2) {
			const double v = signalAt(*map, x, y) - signalAt(*map, x0, y);
			sum += v;
			moment += v * (x + 0.5 - 800);
		}
		return moment / sum;
	};

	/* RGGB: red at even, blue at odd rows and columns. */
	EXPECT_NEAR(centre(1, 8), 550.0, 0.15);
	EXPECT_NEAR(centre(0, 8), 550.0 * 1.004, 0.15);
	EXPECT_NEAR(centre(1, 9), 550.0 * 0.998, 0.15);
}

TEST(Scene, BacklightHasSixteenStops)
{
	const SensorModel model = imx219();
	const TruthMaps maps = truthMaps(model, namedScene("backlight"), std::nullopt, kModeSmall,
					 { {}, 0.01, 20e-6, false, 0 });
	const auto [low, high] = std::minmax_element(maps.electrons.begin(), maps.electrons.end());

	EXPECT_GT(*low, 0.0f);
	EXPECT_GE(*high / *low, 65536.0f);
}

/* Two lights: each side has the colour of its own, and between there are both. */
TEST(Scene, MixedLightIsTrueInThePlace)
{
	const TruthMaps maps = truthMaps(imx219(), namedScene("mixed-light"), std::nullopt, kMode1080,
					 { {}, 0.01, 20e-6, false, 0 });
	const Chromaticity window = chromaticity(daylightSpectrum(7500)), lamp = chromaticity(*namedSpectrum("A"));
	auto x = [&](unsigned int column) { return maps.illuminant[2 * (540 * maps.width + column)]; };

	EXPECT_NEAR(x(0), window.x, 0.01);
	EXPECT_NEAR(x(1919), lamp.x, 0.01);
	EXPECT_GT(x(960), window.x + 0.03);
	EXPECT_LT(x(960), lamp.x - 0.03);

	/* The wall, which is grey, has the colour of the light. */
	const float *xyz = &maps.xyz[3 * (100 * maps.width + 300)];
	EXPECT_NEAR(xyz[0] / (xyz[0] + xyz[1] + xyz[2]), maps.illuminant[2 * (100 * maps.width + 300)], 1e-5);
	/* 0.3 x 500 lux / pi. */
	EXPECT_NEAR(xyz[1], 0.3 * 500 / kPi, 0.5);
}

/* Frames show the electrons of the truth: means of codes over blocks. */
TEST(Scene, FramesShowTheTruth)
{
	const SensorModel model = imx219();
	const Mode &mode = model.properties.modes[kModeSmall];
	const double rowTime = double(mode.width + mode.hblank) / mode.pixelRate;
	constexpr int kLines = 300;
	const Track focus({ { 0, 0 }, { 1023, 12 } });

	for (const char *name : { "mixed-light", "depth", "moving", "flicker-120" }) {
		const auto time = std::chrono::milliseconds(700);
		auto sensor = createChartSensor(model, namedScene(name), focus);
		std::vector<uint16_t> raw(size_t{ mode.width } * mode.height);
		FrameSettings settings{ kModeSmall, kLines, 0, int32_t(mode.vblankDefault), false, false, 400 };
		ASSERT_EQ(sensor->render(settings, 1, time, { reinterpret_cast<uint8_t *>(raw.data()), raw.size() * 2 }, mode.width * 2), 0);
		const TruthMaps maps = truthMaps(model, namedScene(name), focus, kModeSmall,
						 { time, kLines * rowTime, rowTime, false, 400 });

		double worst = 0.0;
		for (unsigned int by = 208; by < 272; by += 16) {
			for (unsigned int bx = 288; bx < 352; bx += 16) {
				double codes = 0.0, electrons = 0.0;
				for (unsigned int y = by; y < by + 16; y++) {
					for (unsigned int x = bx; x < bx + 16; x++) {
						codes += raw[size_t{ y } * mode.width + x] - 64.0;
						electrons += maps.electrons[size_t{ y } * mode.width + x];
					}
				}
				worst = std::max(worst, fabs(codes - electrons * model.pixel.conversionGain) / 256);
			}
		}
		/* Codes: the noise of 256 pixels. */
		EXPECT_LT(worst, 1.5) << name;
	}
}

TEST(Scene, TruthFilesHaveTheMaps)
{
	const fs::path directory = fs::path(testing::TempDir()) / ("fovea-truth-" + std::to_string(getpid()));
	const SensorModel model = smallModel(64, 48);
	const TruthMaps maps = truthMaps(model, namedScene("depth"), std::nullopt, 0, { {}, 0.01, 0.0, false, 0 });
	std::string error;

	fs::create_directories(directory);
	ASSERT_TRUE(writeTruthMaps(maps, directory.string(), &error)) << error;
	auto check = [&](const char *name, const std::string &shape, const std::vector<float> &values) {
		std::ifstream file(directory / name, std::ios::binary);
		const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
		const size_t start = 10 + uint8_t(bytes.at(8)) + 256 * uint8_t(bytes.at(9));
		EXPECT_EQ(start % 64, 0u);
		EXPECT_NE(bytes.find("'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + ")"), std::string::npos);
		ASSERT_EQ(bytes.size(), start + 4 * values.size()) << name;
		EXPECT_EQ(memcmp(bytes.data() + start, values.data(), 4 * values.size()), 0) << name;
	};
	check("xyz.npy", "48, 64, 3", maps.xyz);
	check("illuminant.npy", "48, 64, 2", maps.illuminant);
	check("distance.npy", "48, 64", maps.distance);
	check("electrons.npy", "48, 64", maps.electrons);
	EXPECT_EQ(maps.distance[0], 1.0f);
	fs::remove_all(directory);

	EXPECT_FALSE(writeTruthMaps(maps, "/nowhere/at/all", &error));
	EXPECT_NE(error.find("/nowhere/at/all/xyz.npy"), std::string::npos);
}

/* A frame of each kind of change, as a hash: the same on every machine. */
TEST(Scene, ChangingFramesAreTheSameOnEveryMachine)
{
	const SensorModel model = smallModel(320, 240);
	struct {
		const char *name;
		uint64_t hash;
	} const cases[] = { { "moving", 0xd63c877158938272 }, { "depth", 0x632a9624d8d5acdc }, { "flicker-100", 0x9518d1909fb6f4e6 }, { "changing-light", 0x6d38dd8a21fcb59d } };

	for (const auto &c : cases) {
		SceneRenderer renderer(model, namedScene(c.name), Track({ { 0, 0 }, { 1023, 12 } }));
		std::vector<SignalLayer> layers;
		uint64_t hash = 0xcbf29ce484222325ull;
		auto add = [&](uint64_t value) { hash = (hash ^ value) * 0x100000001b3ull; };

		renderer.render(0, { std::chrono::milliseconds(1700), 0.004, 20e-6, false, 217 }, &layers);
		for (const SignalLayer &layer : layers) {
			for (uint16_t index : layer.map->index)
				add(index);
			for (double factor : layer.rowFactors)
				add(static_cast<uint64_t>(factor * 0x1p40));
		}
		EXPECT_EQ(hash, c.hash) << c.name << std::hex << " 0x" << hash;
	}
}

/* What does not change is not made again. */
TEST(Scene, FramesThatAreEqualShareAMap)
{
	const SensorModel model = smallModel(64, 48);
	const Track focus({ { 0, 0 }, { 1023, 12 } });
	SceneRenderer renderer(model, namedScene("depth"), focus);

	const auto first = onlyMap(&renderer, still(0.0, 100));
	EXPECT_EQ(onlyMap(&renderer, still(1.0, 100)), first);
	const auto other = onlyMap(&renderer, still(1.0, 200));
	EXPECT_NE(other, first);
	EXPECT_GT(difference(*first, *other), 0.0);
	/* A map that is in use stays as it is. */
	EXPECT_EQ(difference(*first, *onlyMap(&renderer, still(2.0, 100))), 0.0);
}
