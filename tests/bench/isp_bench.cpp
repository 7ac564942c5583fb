/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Speed of the ISP model and of its peers, side by side
 *
 * Entries, each with the counters ns_per_pixel (wall-clock time) and
 * cpu_ns_per_pixel (CPU time of all threads) of the raw frame's pixels:
 *
 * core/<target>/<width>x<height>/threads:<n>
 *	a 10-bit frame through the core set to NV12 at 1:1, with all statistics
 * full/<target>/<width>x<height>/threads:<n>
 *	every block, of two exposures, and a second output of half the size
 * block/<name>/<target>/<width>x<height>/threads:1
 *	what the block adds to the core set: frames with it and without it take
 *	turns, the counters are the difference
 * reference/<width>x<height>/threads:1
 *	the scalar references of every block, on the frames of full/
 * peer/<name>/<width>x<height>/threads:<n>
 *	other programs, each as its file describes
 *
 * quality/<name>
 *	CPSNR of a demosaic: cpsnr_db, the mean over generated pictures, and, where
 *	FOVEA_DATA_PATH has raw frames of cameras, photographs_db, that over them
 *
 * <target> is an instruction set as Highway names it.
 */


#include <functional>

#include <hwy/highway.h>

#include "bench.h"

#include "isp_sim/isp/demosaic.h"
#include "isp_sim/isp/reference.h"

#include "../isp/pictures.h"
#include "../isp/test_data.h"

using namespace fovea::isp;
using namespace fovea::isp::bench;

namespace {

constexpr unsigned int kBitDepth = 10;

/* An ISP with its frame, parameters and pictures. */
class Job
{
public:
	Job(Size size, unsigned int threads, bool secondOutput, unsigned int exposures = 1)
		: params(test::makeCoreParams(kBitDepth))
	{
		configuration_.input = test::makeInput(size.width, size.height, kBitDepth, BayerOrder::RGGB);
		configuration_.input.exposures = exposures;
		configuration_.threads = threads;
		addOutput(size, size);
		if (secondOutput)
			addOutput(size, { size.width / 4 * 2, size.height / 4 * 2 });

		raw_ = test::makeScene(configuration_.input);
		for (const OutputFormat &output : configuration_.outputs)
			pictures_.emplace_back(outputSize(output));
		spans_.assign(pictures_.begin(), pictures_.end());
	}

	bool configure(benchmark::State &state)
	{
		std::string error;
		if (isp_.configure(configuration_, &error) == 0)
			return true;
		state.SkipWithError(error.c_str());
		return false;
	}

	void run() { isp_.process(raw_, params, spans_, &stats_); }

	void runReference() { processReference(configuration_, raw_, params, spans_, &stats_, &reference_); }

	Params params;

private:
	void addOutput(Size size, Size output)
	{
		configuration_.outputs.push_back(test::makeOutput({ 0, 0, size.width, size.height },
								  output, PixelFormat::NV12));
	}

	Configuration configuration_;
	std::vector<uint8_t> raw_;
	std::vector<std::vector<uint8_t>> pictures_;
	std::vector<std::span<uint8_t>> spans_;
	fovea_isp_stats_buffer stats_ = {};
	TemporalState reference_;
	Isp isp_;
};

void chooseTarget(int64_t target)
{
	hwy::SetSupportedTargetsForTest(target);
	hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

void registerPipeline(const char *group, int64_t target, Size size, unsigned int threads, bool full)
{
	const std::string name = std::string(group) + "/" + hwy::TargetName(target) + "/" +
				 sizeName(size) + "/threads:" + std::to_string(threads);
	registerFrames(name, [=](benchmark::State &state) {
		chooseTarget(target);
		Job job(size, threads, full, full ? 2 : 1);
		if (full)
			job.params = test::makeFullParams(kBitDepth);
		if (job.configure(state))
			runFrames(state, size, [&] { job.run(); });
	});
}

/* The definition, which is to be fast enough for tests that go through much. */
void registerReference(Size size)
{
	registerFrames("reference/" + sizeName(size) + "/threads:1", [=](benchmark::State &state) {
		Job job(size, 1, true, 2);
		job.params = test::makeFullParams(kBitDepth);
		runFrames(state, size, [&] { job.runReference(); });
	});
}

/* What is done in one of two jobs; for blocks beyond the core set, in the other. */
struct NamedBlock {
	const char *name;
	void (*enable)(Params *params);
	void (*disable)(Params *params);
	/* Of the frame with the block; two cost more to read and to unpack. */
	unsigned int exposures;
};

template<auto Params::*kMember>
void enable(Params *params)
{
	params->*kMember = test::makeFullParams(kBitDepth).*kMember;
}

template<auto Params::*kMember>
void disable(Params *params)
{
	(params->*kMember).header.flags = V4L2_ISP_PARAMS_FL_BLOCK_DISABLE;
}

template<int kRefine>
void setRefine(Params *params)
{
	params->demosaic.refine = kRefine;
}

template<auto Params::*kMember>
constexpr NamedBlock namedBlock(const char *name, unsigned int exposures = 1)
{
	return { name, enable<kMember>, disable<kMember>, exposures };
}

/*
 * The blocks whose work is saved where they are disabled. Gains, matrix, gamma and
 * conversion are then done with values that change nothing.
 */
constexpr NamedBlock kBlocks[] = {
	namedBlock<&Params::demosaic>("demosaic-directed"),
	{ "demosaic-refined", setRefine<1>, setRefine<0>, 1 },
	namedBlock<&Params::dpc>("dpc"),
	namedBlock<&Params::lsc>("lsc"),
	namedBlock<&Params::chromaNr>("chroma-nr"),
	namedBlock<&Params::sharpen>("sharpen"),
	namedBlock<&Params::afStats>("af-stats"),
	namedBlock<&Params::aeStats>("ae-stats"),
	namedBlock<&Params::awbStats>("awb-stats"),
	namedBlock<&Params::localTone>("local-tone"),
	namedBlock<&Params::lut3d>("lut3d"),
	namedBlock<&Params::temporalNr>("temporal-nr"),
	namedBlock<&Params::dewarp>("dewarp"),
	namedBlock<&Params::decompand>("decompand"),
	namedBlock<&Params::merge>("merge", 2),
	namedBlock<&Params::range>("range"),
	namedBlock<&Params::rawNr>("raw-nr"),
	namedBlock<&Params::cac>("cac"),
	namedBlock<&Params::rowStats>("row-stats"),
	namedBlock<&Params::toneStats>("tone-stats"),
};

void registerBlock(const NamedBlock &block, int64_t target, Size size)
{
	const std::string name = std::string("block/") + block.name + "/" + hwy::TargetName(target) +
				 "/" + sizeName(size) + "/threads:1";
	registerFrames(name, [=](benchmark::State &state) {
		chooseTarget(target);
		Job with(size, 1, false, block.exposures);
		Job without(size, 1, false);
		block.enable(&with.params);
		block.disable(&without.params);
		if (!with.configure(state) || !without.configure(state))
			return;
		with.run();
		without.run();

		double wall = 0;
		double cpu = 0;
		for (auto _ : state) {
			const Stopwatch withWatch;
			with.run();
			wall += withWatch.wall();
			cpu += withWatch.cpu();
			const Stopwatch withoutWatch;
			without.run();
			wall -= withoutWatch.wall();
			cpu -= withoutWatch.cpu();
		}
		setCounters(state, size, wall, cpu, static_cast<double>(state.iterations()));
	});
}

/*
 * What the demosaics make of the generated pictures. The peers have the same
 * counter; that of Malvar, He and Cutler is a yardstick in plain C++.
 */
void registerQuality()
{
	const auto reference = [](const fovea_isp_demosaic &params, const Plane &mosaic, BayerOrder order) {
		ColourDifferences differences;
		demosaicReference(mosaic, order, params, &differences);
		return differences.rgb();
	};
	const Params directed;
	Params refined;
	refined.demosaic.refine = 1;
	Params bilinear;
	disable<&Params::demosaic>(&bilinear);

	const std::pair<std::string, test::DemosaicFunction> demosaics[] = {
		{ "quality/demosaic-directed", std::bind_front(reference, directed.demosaic) },
		{ "quality/demosaic-refined", std::bind_front(reference, refined.demosaic) },
		{ "quality/demosaic-bilinear", std::bind_front(reference, bilinear.demosaic) },
		{ "quality/malvar-he-cutler", test::malvarHeCutler },
	};
	for (const auto &[name, demosaic] : demosaics) {
		benchmark::RegisterBenchmark(name.c_str(), [demosaic = demosaic](benchmark::State &state) {
			for (auto _ : state)
				setQuality(state, demosaic);
		})->Iterations(1);
	}
}

void registerIsp(int64_t target)
{
	for (const Size size : kSizes) {
		for (const unsigned int threads : { 1, 2 }) {
			registerPipeline("core", target, size, threads, false);
			registerPipeline("full", target, size, threads, true);
		}
	}

	/* The cost of a pixel must not depend on the size of the frame. */
	for (const Size size : { Size{ 640, 480 }, Size{ 8000, 6000 } })
		registerPipeline("core", target, size, 1, false);

	for (const NamedBlock &block : kBlocks)
		registerBlock(block, target, kSizes[0]);
}

} /* namespace */

int main(int argc, char **argv)
{
	for (const int64_t target : hwy::SupportedAndGeneratedTargets())
		registerIsp(target);

	registerReference(kSizes[0]);
	registerQuality();
	registerMemoryFloor();
	registerOpenCv();
	registerLibcamera();
	registerLibyuv();
	registerHalide();

	benchmark::Initialize(&argc, argv);
	if (benchmark::ReportUnrecognizedArguments(argc, argv))
		return 1;
	benchmark::RunSpecifiedBenchmarks();
	benchmark::Shutdown();
	return 0;
}
