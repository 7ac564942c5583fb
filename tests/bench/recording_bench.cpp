/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Speed of replay: 12-megapixel frames from disk, alone and beside the ISP
 *
 * The recording has 40 frames of 4056x3040 at 12 bits, more than is kept in memory, and
 * is written to $FOVEA_BENCH_DIR, else to the temporary directory. Entries:
 *
 * stage/disk-cold
 *	a frame's bytes from the disk, past the page cache (O_DIRECT)
 * stage/read/<source>
 *	a frame's samples from the file, and their checksum
 * stage/checksum, stage/unpack, stage/copy
 *	of a frame in memory: the checksum; 12 bits to words, which is the one copy into the
 *	device's buffer; as many words copied, to compare with
 * render/<source>
 *	the sensor alone: each frame unpacked into its buffer
 * render/rescale-<darker|brighter>
 *	the same, with noise added, and with noise taken away
 * isp/<source>
 *	the frames through the device's engine: core set to NV12, statistics, one
 *	thread of the ISP, and the sensor's beside it
 *
 * <source> is "memory" (two frames that are kept), "warm" (the file is in the page cache) or
 * "cold" (it is dropped from it before its one pass, as far as the system does so). Counters:
 * frames per second, the longest time from one frame to the next in milliseconds, and of
 * all threads CPU time (in milliseconds, steadier on a busy machine) and allocations a frame.
 */

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fcntl.h>
#include <filesystem>
#include <mutex>
#include <new>
#include <stdlib.h>
#include <string.h>
#include <string>
#include <time.h>
#include <unistd.h>

#include <benchmark/benchmark.h>

#include "isp_sim/device/frame_engine.h"
#include "isp_sim/sensor/aligned_bytes.h"
#include "isp_sim/sensor/csi2_packing.h"
#include "isp_sim/sensor/noise.h"
#include "isp_sim/sensor/recorded_sensor.h"
#include "isp_sim/sensor/recording_file.h"

#include "../isp/test_data.h"

using namespace fovea;
using namespace fovea::sensor;

namespace {

std::atomic<uint64_t> allocations;

} /* namespace */

void *operator new(size_t size)
{
	allocations++;
	void *memory = malloc(size);
	if (!memory)
		throw std::bad_alloc();
	return memory;
}

void operator delete(void *memory) noexcept
{
	free(memory);
}

void operator delete(void *memory, size_t) noexcept
{
	free(memory);
}

namespace {

constexpr unsigned int kWidth = 4056;
constexpr unsigned int kHeight = 3040;
constexpr unsigned int kFrames = 40;

std::string fileName(const char *name)
{
	const char *directory = getenv("FOVEA_BENCH_DIR");

	return ((directory ? std::filesystem::path(directory) : std::filesystem::temp_directory_path()) /
		("fovea-bench-" + std::to_string(getpid()) + name)).string();
}

/* A recording that exists as long as this does. */
class File
{
public:
	File(const char *name, unsigned int frames, Recording::Mode mode)
		: name_(fileName(name))
	{
		Recording recording;
		recording.name = "bench";
		recording.model = "bench";
		recording.layout = { kWidth, kHeight, 12, Packing::U16LE, 0, 0, 0 };
		recording.order = BayerOrder::RGGB;
		recording.blackLevel = 256;
		recording.whiteLevel = 4095;
		recording.mode = mode;
		recording.capture = Capture{ 0.01, 1.0, 0.0 };
		recording.noise = NoiseModel{ 0.47, 1.5, 1.2 };

		RecordingWriter writer;
		std::vector<uint16_t> samples(size_t{ kWidth } * kHeight);
		good_ = writer.open(name_, recording, &error);
		for (unsigned int i = 0; i < frames && good_; i++) {
			for (size_t s = 0; s < samples.size(); s++)
				samples[s] = 300 + s % kWidth / 2 + (mix64(s + i) >> 58);
			good_ = writer.add({}, { reinterpret_cast<const uint8_t *>(samples.data()),
						 samples.size() * sizeof(uint16_t) }, {}, &error);
		}
		good_ = good_ && writer.finish(&error);
	}

	~File() { unlink(name_.c_str()); }

	const std::string &name() const { return name_; }

	std::optional<Recording> load() { return good_ ? loadRecording(name_, {}, &error) : std::nullopt; }

	std::unique_ptr<Sensor> open()
	{
		auto recording = load();

		return recording ? createRecordedSensor(*recording, nullptr, &error) : nullptr;
	}

	/* Bring the pages to disk and forget them; a hint that the system may ignore. */
	void drop() const
	{
		int fd = ::open(name_.c_str(), O_RDONLY | O_CLOEXEC);
		fsync(fd);
		posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		close(fd);
	}

	std::string error;

private:
	std::string name_;
	bool good_ = false;
};

/* The time from frame to frame, and what was allocated. */
class Meter
{
public:
	using Clock = std::chrono::steady_clock;

	void frame()
	{
		const Clock::time_point now = Clock::now();
		if (frames_++ == 0) {
			first_ = now;
			firstCpu_ = cpu();
			allocations_ = allocations;
		} else {
			worst_ = std::max(worst_, now - last_);
		}
		last_ = now;
		lastCpu_ = cpu();
		after_ = allocations;
	}

	void report(benchmark::State &state) const
	{
		const std::chrono::duration<double> all = last_ - first_;
		const double intervals = frames_ - 1.0;

		state.counters["frames_per_s"] = intervals / all.count();
		state.counters["worst_ms"] = std::chrono::duration<double, std::milli>(worst_).count();
		state.counters["cpu_ms_per_frame"] = (lastCpu_ - firstCpu_) / intervals;
		state.counters["allocations_per_frame"] = static_cast<double>(after_ - allocations_) / intervals;
	}

private:
	/* Of the process, in milliseconds. */
	static double cpu()
	{
		timespec time;
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
		return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) * 1e-6;
	}

	uint64_t frames_ = 0;
	double firstCpu_ = 0.0, lastCpu_ = 0.0;
	uint64_t allocations_ = 0, after_ = 0;
	Clock::time_point first_, last_;
	Clock::duration worst_{};
};

File &longFile()
{
	static File file("-long.fvr", kFrames, Recording::Mode::Exact);
	return file;
}

File &shortFile()
{
	static File file("-short.fvr", 2, Recording::Mode::Exact);
	return file;
}

File &rescaledFile()
{
	static File file("-rescaled.fvr", 2, Recording::Mode::Rescale);
	return file;
}

enum class Source {
	Memory,
	Warm,
	Cold,
	Rescaled,
};

File &fileOf(Source source)
{
	switch (source) {
	case Source::Memory:
		return shortFile();
	case Source::Rescaled:
		return rescaledFile();
	default:
		return longFile();
	}
}

std::unique_ptr<Sensor> openSource(benchmark::State &state, Source source)
{
	File &file = fileOf(source);
	auto sensor = file.open();

	if (!sensor)
		state.SkipWithError(file.error.c_str());
	else if (source == Source::Cold)
		file.drop();
	return sensor;
}

FrameSettings settingsOf(const Sensor &sensor, double factor)
{
	const Properties &properties = sensor.properties();

	return { 0, static_cast<int32_t>(properties.exposureDefault * factor), properties.analogueGain.def,
		 static_cast<int32_t>(properties.modes[0].vblankDefault), false, false };
}

void render(benchmark::State &state, Source source, double factor)
{
	auto sensor = openSource(state, source);
	std::vector<uint8_t> raw(size_t{ kWidth } * kHeight * 2);
	Meter meter;
	uint32_t sequence = 0;

	if (!sensor)
		return;
	const FrameSettings settings = settingsOf(*sensor, factor);
	for (auto _ : state) {
		if (sensor->render(settings, sequence++, {}, raw, kWidth * 2)) {
			state.SkipWithError("a frame cannot be rendered");
			return;
		}
		meter.frame();
	}
	meter.report(state);
}

void process(benchmark::State &state, Source source)
{
	auto sensor = openSource(state, source);
	isp::Configuration configuration;
	std::string error;
	Meter meter;
	std::mutex mutex;
	std::condition_variable changed;
	uint64_t completed = 0;
	int status = 0;

	if (!sensor)
		return;
	configuration.input = isp::test::makeInput(kWidth, kHeight, 12, isp::BayerOrder::RGGB);
	configuration.threads = 1;
	configuration.outputs.push_back(isp::test::makeOutput({ 0, 0, kWidth, kHeight }, { kWidth, kHeight },
							      isp::PixelFormat::NV12));

	device::FrameEngine engine(sensor.get(), [&](const device::FrameWork &work) {
		std::lock_guard lock(mutex);
		meter.frame();
		status = work.status ? work.status : status;
		completed++;
		changed.notify_one();
	});
	if (engine.start(configuration, 0, &error)) {
		state.SkipWithError(error.c_str());
		return;
	}

	std::vector<uint8_t> picture(isp::outputSize(configuration.outputs[0]));
	fovea_isp_stats_buffer stats{};
	device::FrameWork work;
	work.settings = settingsOf(*sensor, 1.0);
	work.outputs[0][0] = picture;
	work.stats = &stats;
	work.params = isp::test::makeCoreParams(12);

	uint64_t submitted = 0;
	for (auto _ : state) {
		std::unique_lock lock(mutex);
		changed.wait(lock, [&] { return submitted - completed < device::FrameEngine::kMaxInFlight; });
		lock.unlock();
		while (!engine.submit(work))
			std::this_thread::yield();
		submitted++;
		work.sequence++;
	}
	engine.stop();

	if (status)
		state.SkipWithError("a frame failed");
	meter.report(state);
}

/* The bytes of the file in pieces of a frame, from the disk itself. */
void readDisk(benchmark::State &state)
{
	constexpr size_t kAlignment = 4096;
	constexpr size_t kPiece = size_t{ kWidth } * kHeight * 3 / 2 / kAlignment * kAlignment;
	const std::unique_ptr<void, decltype(&free)> memory(aligned_alloc(kAlignment, kPiece), free);
	off_t at = 0;
	Meter meter;

	longFile().drop();
	int fd = ::open(longFile().name().c_str(), O_RDONLY | O_CLOEXEC | O_DIRECT);
	for (auto _ : state) {
		if (pread(fd, memory.get(), kPiece, at) != static_cast<ssize_t>(kPiece)) {
			state.SkipWithError("the file system has no direct reads");
			break;
		}
		at += kPiece;
		meter.frame();
	}
	close(fd);
	meter.report(state);
	state.SetBytesProcessed(state.iterations() * kPiece);
}

/* The samples of frame after frame. */
void readFrames(benchmark::State &state, Source source)
{
	const auto recording = fileOf(source).load();
	std::string error;
	size_t frame = 0;
	Meter meter;

	if (!recording) {
		state.SkipWithError(fileOf(source).error.c_str());
		return;
	}
	if (source == Source::Cold)
		fileOf(source).drop();
	AlignedBytes memory;
	memory.resize(recording->file->frameSize());
	const std::span<uint8_t> bytes = memory.bytes();
	for (auto _ : state) {
		if (!recording->file->readSamples(frame++ % recording->count(), bytes, &error)) {
			state.SkipWithError(error.c_str());
			return;
		}
		meter.frame();
	}
	meter.report(state);
	state.SetBytesProcessed(state.iterations() * bytes.size());
}

enum class Stage {
	Checksum,
	Unpack,
	Copy,
};

/* A step of a frame in memory. More than one frame, so that no cache holds them. */
void runStage(benchmark::State &state, Stage stage)
{
	constexpr size_t kCount = 4;
	const size_t line = csi2LineSize(kWidth, 12);
	std::vector<std::vector<uint8_t>> in(kCount, std::vector<uint8_t>(size_t{ kWidth } * kHeight * 2, 1));
	std::vector<uint8_t> out(size_t{ kWidth } * kHeight * 2);
	size_t frame = 0;

	for (auto _ : state) {
		const std::vector<uint8_t> &from = in[frame++ % kCount];
		if (stage == Stage::Checksum)
			benchmark::DoNotOptimize(checksum({ from.data(), line * kHeight }));
		for (unsigned int y = 0; y < kHeight && stage == Stage::Unpack; y++)
			unpackCsi2Line(&from[y * line], kWidth, 12, &out[size_t{ y } * kWidth * 2]);
		if (stage == Stage::Copy)
			memcpy(out.data(), from.data(), out.size());
		benchmark::ClobberMemory();
	}
	state.SetBytesProcessed(state.iterations() * (stage == Stage::Copy ? out.size() : line * kHeight));
}

/* Three passes of the file, or the one that can be cold. */
void add(const std::string &name, const std::function<void(benchmark::State &)> &function)
{
	benchmark::RegisterBenchmark(name.c_str(), function)
		->Iterations(name.ends_with("cold") ? kFrames : 3 * kFrames)
		->UseRealTime()
		->Unit(benchmark::kMillisecond);
}

} /* namespace */

int main(int argc, char **argv)
{
	benchmark::Initialize(&argc, argv);

	add("stage/disk-cold", readDisk);
	add("stage/read/warm", [](benchmark::State &state) { readFrames(state, Source::Warm); });
	add("stage/read/cold", [](benchmark::State &state) { readFrames(state, Source::Cold); });
	add("stage/checksum", [](benchmark::State &state) { runStage(state, Stage::Checksum); });
	add("stage/unpack", [](benchmark::State &state) { runStage(state, Stage::Unpack); });
	add("stage/copy", [](benchmark::State &state) { runStage(state, Stage::Copy); });

	for (const auto &[name, source] : { std::pair{ "memory", Source::Memory }, { "warm", Source::Warm },
					    { "cold", Source::Cold } }) {
		add(std::string("render/") + name, [source](benchmark::State &state) { render(state, source, 1.0); });
		add(std::string("isp/") + name, [source](benchmark::State &state) { process(state, source); });
	}
	add("render/rescale-darker", [](benchmark::State &state) { render(state, Source::Rescaled, 0.5); });
	add("render/rescale-brighter", [](benchmark::State &state) { render(state, Source::Rescaled, 4.0); });

	benchmark::RunSpecifiedBenchmarks();
	return 0;
}
