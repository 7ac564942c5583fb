/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Speed of scenes: frames of 1920x1080 of the IMX219
 *
 * Entries, for some scenes:
 *
 * light/<scene>
 *	what falls on the pixels, frame after frame at 30 frames/s
 * frame/<scene>
 *	raw frames of that, with all that the pixels add
 * prepare/<scene>
 *	what is done once when a stream starts
 *
 * "depth" has another lens position in each frame. Times are CPU times of one thread.
 */

#include <iostream>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "isp_sim/sensor/chart_sensor.h"
#include "isp_sim/sensor/rig.h"
#include "isp_sim/sensor/scene_renderer.h"

using namespace fovea::sensor;

namespace {

constexpr unsigned int kMode1080 = 1;
constexpr int kLines = 600;
constexpr std::chrono::nanoseconds kFrame{ 33333333 };

const char *const kScenes[] = { "chart-6500k", "flicker-100", "mixed-light", "changing-light", "backlight",
				"moving", "depth" };

struct Subject {
	SensorModel model;
	Scene scene;
	Track focus{ { { 0, 0 }, { 1023, 12 } } };
};

Subject subject(const std::string &name)
{
	const SearchPath search = SearchPath::fromEnvironment();
	std::string error;
	auto model = findSensorModel("imx219", search, &error);
	auto scene = findScene(name, search, &error);

	if (!model || !scene) {
		std::cerr << error << "\n";
		exit(1);
	}
	return { *model, *scene };
}

int32_t lensPosition(uint32_t frame)
{
	return static_cast<int32_t>(frame * 13 % 1024);
}

void light(benchmark::State &state, const std::string &name)
{
	const Subject s = subject(name);
	const Mode &mode = s.model.properties.modes[kMode1080];
	const double rowTime = double(mode.width + mode.hblank) / mode.pixelRate;
	SceneRenderer renderer(s.model, s.scene, s.focus);
	std::vector<SignalLayer> layers;
	uint32_t frame = 0;

	renderer.prepare(kMode1080);
	for (auto _ : state) {
		renderer.render(kMode1080, { frame * kFrame, kLines * rowTime, rowTime, false, lensPosition(frame) }, &layers);
		benchmark::DoNotOptimize(layers.data());
		frame++;
	}
}

void wholeFrame(benchmark::State &state, const std::string &name)
{
	const Subject s = subject(name);
	const Mode &mode = s.model.properties.modes[kMode1080];
	auto sensor = createChartSensor(s.model, s.scene, s.focus);
	std::vector<uint8_t> raw(size_t{ mode.width } * 2 * mode.height);
	uint32_t frame = 0;

	sensor->prepare(kMode1080);
	for (auto _ : state) {
		sensor->render({ kMode1080, kLines, 0, int32_t(mode.vblankDefault), false, false, lensPosition(frame) }, frame,
			       frame * kFrame, raw, mode.width * 2);
		frame++;
	}
}

void prepare(benchmark::State &state, const std::string &name)
{
	const Subject s = subject(name);

	for (auto _ : state) {
		SceneRenderer renderer(s.model, s.scene, s.focus);
		renderer.prepare(kMode1080);
	}
}

} /* namespace */

int main(int argc, char **argv)
{
	for (const std::string name : kScenes) {
		benchmark::RegisterBenchmark(("light/" + name).c_str(), light, name)->Unit(benchmark::kMillisecond);
		benchmark::RegisterBenchmark(("frame/" + name).c_str(), wholeFrame, name)->Unit(benchmark::kMillisecond);
		benchmark::RegisterBenchmark(("prepare/" + name).c_str(), prepare, name)
			->Unit(benchmark::kMillisecond)
			->Iterations(1);
	}

	benchmark::Initialize(&argc, argv);
	if (benchmark::ReportUnrecognizedArguments(argc, argv))
		return 1;
	benchmark::RunSpecifiedBenchmarks();
	return 0;
}
