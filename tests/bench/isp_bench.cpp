/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Speed of the ISP model
 *
 * Each entry core/<target>/<width>x<height>/threads:<n> processes a 10-bit frame
 * with all blocks and statistics to NV12 at 1:1, on the instruction set
 * <target>. ns_per_pixel is the wall-clock time of a frame by its pixels.
 */

#include <chrono>
#include <string>

#include <benchmark/benchmark.h>
#include <hwy/highway.h>

#include "isp_sim/isp/isp.h"
#include "isp_sim/isp/params.h"

#include "../isp/test_data.h"

using namespace fovea::isp;

namespace {

void processFrames(benchmark::State &state, int64_t target, Size size, Size outputSizes,
		   unsigned int threads)
{
	hwy::SetSupportedTargetsForTest(target);
	hwy::GetChosenTarget().Update(hwy::SupportedTargets());

	Configuration configuration;
	configuration.input = test::makeInput(size.width, size.height, 10, BayerOrder::RGGB);
	configuration.threads = threads;
	configuration.outputs = { test::makeOutput({ 0, 0, size.width, size.height },
						   outputSizes, PixelFormat::NV12) };

	const std::vector<uint8_t> raw = test::makeScene(configuration.input);
	const Params params = test::makeTypicalParams(10);
	std::vector<uint8_t> picture(outputSize(configuration.outputs[0]));
	const std::span<uint8_t> outputs[] = { picture };
	fovea_isp_stats_buffer stats = {};

	Isp isp;
	std::string error;
	if (isp.configure(configuration, &error) < 0) {
		state.SkipWithError(error.c_str());
		return;
	}

	const auto start = std::chrono::steady_clock::now();
	for (auto _ : state)
		isp.process(raw, params, outputs, &stats);
	const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - start;

	state.counters["ns_per_pixel"] = time.count() / static_cast<double>(state.iterations()) /
					 (static_cast<double>(size.width) * size.height);
}

void registerSize(int64_t target, Size size, Size outputSizes, const std::string &group)
{
	for (unsigned int threads = 1; threads <= 2; ++threads) {
		const std::string name = group + "/" + hwy::TargetName(target) + "/" +
					 std::to_string(size.width) + "x" + std::to_string(size.height) +
					 "/threads:" + std::to_string(threads);
		benchmark::RegisterBenchmark(name.c_str(), processFrames, target, size, outputSizes, threads)
			->UseRealTime()
			->Unit(benchmark::kMillisecond);
	}
}

} /* namespace */

int main(int argc, char **argv)
{
	for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
		registerSize(target, { 1920, 1080 }, { 1920, 1080 }, "core");
		registerSize(target, { 4056, 3040 }, { 4056, 3040 }, "core");
		registerSize(target, { 1920, 1080 }, { 1280, 720 }, "scaled-to-1280x720");
	}

	benchmark::Initialize(&argc, argv);
	if (benchmark::ReportUnrecognizedArguments(argc, argv))
		return 1;
	benchmark::RunSpecifiedBenchmarks();
	benchmark::Shutdown();
	return 0;
}
