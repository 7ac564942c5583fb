/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What the entries of isp-bench share
 */

#include "bench.h"

#include <string.h>
#include <time.h>
#include <vector>

namespace fovea::isp::bench {

namespace {

double now(clockid_t clock)
{
	timespec time;
	clock_gettime(clock, &time);
	return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

} /* namespace */

Stopwatch::Stopwatch()
	: wallStart_(now(CLOCK_MONOTONIC)), cpuStart_(now(CLOCK_PROCESS_CPUTIME_ID))
{
}

/* Nanoseconds of wall-clock time. */
double Stopwatch::wall() const
{
	return now(CLOCK_MONOTONIC) - wallStart_;
}

/* Nanoseconds of CPU time of all threads. */
double Stopwatch::cpu() const
{
	return now(CLOCK_PROCESS_CPUTIME_ID) - cpuStart_;
}

/**
 * Set the counters of an entry
 * @size: pixels of the raw frame, by which all entries are divided
 * @wall: nanoseconds of wall-clock time of all frames
 * @cpu: nanoseconds of CPU time of all frames and threads: on a machine that
 *	does other work too, the steadier figure for one thread
 * @frames: their number
 */
void setCounters(benchmark::State &state, Size size, double wall, double cpu, double frames)
{
	const double pixels = frames * size.width * size.height;
	state.counters["ns_per_pixel"] = wall / pixels;
	state.counters["cpu_ns_per_pixel"] = cpu / pixels;
}

/* Set the counters of what @demosaic makes of pictures. */
void setQuality(benchmark::State &state, const test::DemosaicFunction &demosaic)
{
	state.counters["cpsnr_db"] = test::meanCpsnr(demosaic);
	if (const std::optional<double> photographs = test::meanPhotographCpsnr(demosaic))
		state.counters["photographs_db"] = *photographs;
}

/* Process frames of @size, the first of which is not measured. */
void runFrames(benchmark::State &state, Size size, const std::function<void()> &frame)
{
	frame();

	const Stopwatch watch;
	for (auto _ : state)
		frame();
	setCounters(state, size, watch.wall(), watch.cpu(), static_cast<double>(state.iterations()));
}

void registerFrames(const std::string &name, const std::function<void(benchmark::State &)> &function)
{
	benchmark::RegisterBenchmark(name.c_str(), function)->Unit(benchmark::kMillisecond);
}

std::string sizeName(Size size)
{
	return std::to_string(size.width) + "x" + std::to_string(size.height);
}

/*
 * The least that memory allows: the frame is read, and as many bytes as NV12 has
 * are written, with what the C library has for it.
 */
void registerMemoryFloor()
{
	for (const Size size : kSizes) {
		registerFrames("peer/memory-floor/" + sizeName(size) + "/threads:1", [size](benchmark::State &state) {
			const size_t pixels = static_cast<size_t>(size.width) * size.height;
			const std::vector<uint8_t> raw(2 * pixels, 1);
			std::vector<uint8_t> picture(2 * pixels);
			/* A copy reads what it writes: 1.5 bytes, then 0.5 are only read. */
			const size_t copied = pixels + pixels / 2;
			runFrames(state, size, [&] {
				memcpy(picture.data(), raw.data(), copied);
				benchmark::DoNotOptimize(memchr(raw.data() + copied, 0, raw.size() - copied));
				benchmark::ClobberMemory();
			});
		});
	}
}

} /* namespace fovea::isp::bench */
