/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Speed of the virtual sensor: frames of synthetic scenes
 *
 * sensor/<model>/<mode>/<w>x<h>
 *	each mode of each sensor at the chart: the whole frame, as it comes after the
 *	first
 * feature/<name>
 *	an imx219 of 1920x1080 with one property more than light, read noise and
 *	response: what it costs is the difference to feature/none
 * step/<name>
 *	work that is done once a mode, or for each new picture of a scene
 *
 * ns_per_pixel is CPU time for each pixel of the raw frame.
 */

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "isp_sim/sensor/chart_sensor.h"
#include "isp_sim/sensor/pixel_array.h"
#include "isp_sim/sensor/pixel_pattern.h"
#include "isp_sim/sensor/rig.h"

using namespace fovea::sensor;

namespace {

SensorModel loadModel(const std::string &name)
{
	std::string error;
	auto model = findSensorModel(name, SearchPath::fromEnvironment(), &error);
	if (!model)
		throw std::runtime_error(error);

	return *model;
}

Scene loadChart()
{
	std::string error;
	auto scene = findScene("chart-6500k", SearchPath::fromEnvironment(), &error);
	if (!scene)
		throw std::runtime_error(error);

	return *scene;
}

void reportPixels(benchmark::State &state, size_t pixels)
{
	state.counters["ns_per_pixel"] =
		benchmark::Counter(pixels * 1e-9, benchmark::Counter::kIsIterationInvariantRate |
							  benchmark::Counter::kInvert);
}

void renderFrames(benchmark::State &state, const SensorModel &model, unsigned int index)
{
	const Mode &mode = model.properties.modes[index];
	const size_t stride = mode.width * (mode.bitDepth > 8 ? 2 : 1);
	auto sensor = createChartSensor(model, loadChart());
	std::vector<uint8_t> raw(stride * mode.height);
	FrameSettings settings{ index, 800, model.properties.analogueGain.def,
				static_cast<int32_t>(mode.vblankDefault), false, false };
	uint32_t sequence = 0;

	sensor->render(settings, sequence++, {}, raw, stride);
	for (auto _ : state)
		sensor->render(settings, sequence++, {}, raw, stride);
	reportPixels(state, size_t{ mode.width } * mode.height);
}

/* An imx219 that has none of the properties that can be left out. */
SensorModel plainModel()
{
	SensorModel model = loadModel("imx219");
	PixelModel plain;

	plain.pitch = model.pixel.pitch;
	plain.bitDepth = model.pixel.bitDepth;
	plain.blackLevel = model.pixel.blackLevel;
	plain.conversionGain = model.pixel.conversionGain;
	plain.fullWell = model.pixel.fullWell;
	plain.readNoise = model.pixel.readNoise;
	plain.response = model.pixel.response;
	model.pixel = plain;
	model.shading = {};
	return model;
}

struct Feature {
	const char *name;
	std::function<void(SensorModel *)> add;
};

const Feature kFeatures[] = {
	{ "none", [](SensorModel *) {} },
	{ "well-knee", [](SensorModel *m) { m->pixel.wellKnee = 0.9; } },
	{ "crosstalk", [](SensorModel *m) { m->pixel.crosstalkEdge = 0.02; } },
	{ "defects", [](SensorModel *m) { m->pixel.defects.hot = 1e-4; } },
	{ "dark-current", [](SensorModel *m) { m->pixel.dark.rate = 10.0; } },
	{ "two-gains", [](SensorModel *m) {
		 m->readouts[1].dualGain = 16;
		 m->readouts[1].companding = { { 0, 0 }, { 512, 256 }, { 16383, 1023 } };
	 } },
};

void makePattern(benchmark::State &state)
{
	const SensorModel model = loadModel("imx219");
	const ArrayWindow window(model.properties.modes[1], model.readouts[1]);

	for (auto _ : state)
		benchmark::DoNotOptimize(makePixelPattern(model, window));
	reportPixels(state, size_t{ window.width } * window.height);
}

/* Frames whose scene has moved: crosstalk is computed for each. */
void exposeNewMaps(benchmark::State &state)
{
	const SensorModel model = loadModel("imx219");
	const Mode &mode = model.properties.modes[1];
	const size_t pixels = size_t{ mode.width } * mode.height;
	PixelArray array(model);
	std::vector<uint8_t> raw(pixels * 2);
	SignalMap map{ mode.width, mode.height, 1e5, std::vector<uint16_t>(pixels, 20000) };
	std::vector<SignalLayer> frames[2] = { { { std::make_shared<const SignalMap>(map), {} } },
					       { { std::make_shared<const SignalMap>(map), {} } } };
	FrameSettings settings{ 1, 800, 0, static_cast<int32_t>(mode.vblankDefault), false, false };
	uint32_t sequence = 0;

	array.prepare(1);
	for (auto _ : state) {
		array.expose(settings, sequence, 0, frames[sequence % 2], raw, mode.width * 2);
		sequence++;
	}
	reportPixels(state, pixels);
}

void registerSensor(const std::string &name)
{
	const SensorModel model = loadModel(name);

	for (unsigned int i = 0; i < model.properties.modes.size(); i++) {
		const Mode &mode = model.properties.modes[i];
		benchmark::RegisterBenchmark(
			("sensor/" + name + "/" + std::to_string(i) + "/" + std::to_string(mode.width) + "x" +
			 std::to_string(mode.height))
				.c_str(),
			[model, i](benchmark::State &state) { renderFrames(state, model, i); })
			->Unit(benchmark::kMillisecond);
	}
}

} /* namespace */

int main(int argc, char **argv)
{
	for (const char *name : { "imx219", "imx477", "imx678", "imx708" })
		registerSensor(name);
	for (const Feature &feature : kFeatures) {
		SensorModel model = plainModel();
		feature.add(&model);
		benchmark::RegisterBenchmark((std::string("feature/") + feature.name).c_str(),
					     [model](benchmark::State &state) { renderFrames(state, model, 1); })
			->Unit(benchmark::kMillisecond);
	}
	benchmark::RegisterBenchmark("step/pattern", makePattern)->Unit(benchmark::kMillisecond);
	benchmark::RegisterBenchmark("step/new-maps", exposeNewMaps)->Unit(benchmark::kMillisecond);

	benchmark::Initialize(&argc, argv);
	if (benchmark::ReportUnrecognizedArguments(argc, argv))
		return 1;
	benchmark::RunSpecifiedBenchmarks();
	return 0;
}
