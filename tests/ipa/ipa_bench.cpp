/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What the isolation of the IPA module costs
 */

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdint.h>
#include <sys/resource.h>
#include <time.h>
#include <vector>

#include <benchmark/benchmark.h>

#include <linux/v4l2-controls.h>

#include <libcamera/base/event_dispatcher.h>
#include <libcamera/base/object.h>
#include <libcamera/base/thread.h>

#include <libcamera/camera_manager.h>
#include <libcamera/control_ids.h>

#include "../../src/pipeline/fovea/ipa_supervisor.h"
#include "../../src/pipeline/fovea/ipa_thread.h"
#include "../pipeline/worker_process.h"

#include "camera_loop.h"
#include "scene.h"

using namespace fovea::test;
using namespace libcamera;

namespace {

using Clock = std::chrono::steady_clock;

/* Frames before the measurement. */
constexpr unsigned int kWarmUp = 50;

double cpuSeconds(clockid_t clock)
{
	struct timespec time = {};
	clock_gettime(clock, &time);
	return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/* The module as the handler has it, one frame after the other. */
class Frames : public Object
{
public:
	explicit Frames(std::unique_ptr<libcamera::fovea::Ipa> ipa)
		: ipa_(std::move(ipa)),
		  stats_(statistics(uniformScene({ 0.13, 0.18, 0.12 }), 1.0, 0))
	{
		ipa_->paramsComputed.connect(this, [this](uint32_t, Span<const uint8_t>) {
			answers_++;
		});
		ipa_->metadataReady.connect(this, [this](uint32_t, const ControlList &) {
			answers_++;
		});
	}

	bool start()
	{
		ControlInfoMap controls;
		ControlList sensorControls;
		return !ipa_->init(description_.configInfo(10), &controls) &&
		       !ipa_->configure(description_.configInfo(10), &controls) &&
		       !ipa_->start(none_, &sensorControls);
	}

	void stop() { ipa_->stop(); }

	/* One frame; microseconds of its two round trips are added to the lists. */
	void run(std::vector<double> *params, std::vector<double> *stats)
	{
		const uint32_t frame = frame_++;
		ipa_->queueRequest(frame, none_);
		trip(params, [&] { ipa_->computeParams(frame); });
		trip(stats, [&] {
			ipa_->processStats(frame, { reinterpret_cast<const uint8_t *>(&stats_),
						    sizeof(stats_) },
					   none_);
		});
	}

private:
	template<typename Call>
	void trip(std::vector<double> *trips, Call call)
	{
		const unsigned int answers = answers_;
		const auto begin = Clock::now();
		call();
		for (;;) {
			/* processEvents() waits for what comes behind messages. */
			Thread::current()->dispatchMessages();
			if (answers_ != answers)
				break;
			Thread::current()->eventDispatcher()->processEvents();
		}
		trips->push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
	}

	CameraLoop description_;
	std::unique_ptr<libcamera::fovea::Ipa> ipa_;
	const fovea_isp_stats_buffer stats_;
	const ControlList none_{ controls::controls };
	uint32_t frame_ = 0;
	unsigned int answers_ = 0;
};

double quantile(std::vector<double> &values, double part)
{
	const size_t index = static_cast<size_t>(part * static_cast<double>(values.size() - 1));
	std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(index),
			 values.end());
	return values[index];
}

void measure(benchmark::State &state, std::unique_ptr<libcamera::fovea::Ipa> ipa)
{
	Frames frames(std::move(ipa));
	if (!frames.start()) {
		state.SkipWithError("the module does not start");
		return;
	}

	std::vector<double> params;
	std::vector<double> stats;
	for (unsigned int i = 0; i < kWarmUp; i++)
		frames.run(&params, &stats);
	params.clear();
	stats.clear();

	clockid_t worker = -1;
	const bool hasWorker = workerProcess() > 0 &&
			       !clock_getcpuclockid(workerProcess(), &worker);
	const double before = cpuSeconds(CLOCK_PROCESS_CPUTIME_ID) +
			      (hasWorker ? cpuSeconds(worker) : 0.0);
	for (auto _ : state)
		frames.run(&params, &stats);
	const double after = cpuSeconds(CLOCK_PROCESS_CPUTIME_ID) +
			     (hasWorker ? cpuSeconds(worker) : 0.0);

	state.counters["params_median_us"] = quantile(params, 0.5);
	state.counters["params_p99_us"] = quantile(params, 0.99);
	state.counters["stats_median_us"] = quantile(stats, 0.5);
	state.counters["stats_p99_us"] = quantile(stats, 0.99);
	state.counters["cpu_us_per_frame"] =
		(after - before) * 1e6 / static_cast<double>(state.iterations());
	frames.stop();
}

const libcamera::fovea::IpaProgram &program()
{
	static const libcamera::fovea::IpaProgram program{
		LAUNCHER, IPA_MODULE, TUNING_DIR "/imx219.yaml", TUNING_DIR, "imx219"
	};
	return program;
}

void processBenchmark(benchmark::State &state)
{
	measure(state, std::make_unique<libcamera::fovea::IpaSupervisor>(program()));
}

void threadBenchmark(benchmark::State &state)
{
	static CameraManager manager;
	measure(state, std::make_unique<libcamera::fovea::IpaThread>(manager, program()));
}

BENCHMARK(threadBenchmark)->Name("ipa/thread")->UseRealTime();
BENCHMARK(processBenchmark)->Name("ipa/process")->UseRealTime();

} /* namespace */

BENCHMARK_MAIN();
