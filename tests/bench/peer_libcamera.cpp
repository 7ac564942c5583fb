/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * libcamera's own software ISP on the CPU
 *
 * A 10-bit frame through black level, gains, bilinear demosaic, look-up tables
 * and (on every fourth frame) coarse statistics to BGR888, with and without a
 * colour matrix, and with and without the copy of the input that is its default.
 */

#include <filesystem>
#include <fstream>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <libcamera/base/shared_fd.h>
#include <libcamera/camera_manager.h>
#include <libcamera/formats.h>
#include <libcamera/framebuffer.h>
#include <libcamera/stream.h>

#include "libcamera/internal/framebuffer.h"

#include "bench.h"
#include "debayer_cpu.h"

#include "../isp/test_data.h"

namespace fovea::isp::bench {

namespace {

struct Variant {
	const char *name;
	bool matrix;
	bool copy;
};

constexpr Variant kVariants[] = {
	{ "libcamera-softisp", false, false },
	{ "libcamera-softisp-with-copy", false, true },
	{ "libcamera-softisp-matrix", true, false },
	{ "libcamera-softisp-matrix-with-copy", true, true },
};

/*
 * The camera manager takes the number of threads from a file below
 * XDG_CONFIG_HOME when it is made.
 */
class ConfigurationFile
{
public:
	ConfigurationFile(unsigned int threads, bool copy)
	{
		if (!mkdtemp(home_))
			return;

		const std::filesystem::path directory = std::filesystem::path(home_) / "libcamera";
		std::filesystem::create_directory(directory);
		std::ofstream(directory / "configuration.yaml")
			<< "version: 1\nconfiguration:\n  software_isp:\n"
			<< "    copy_input_buffer: " << (copy ? "true" : "false") << "\n"
			<< "    threads: " << threads << "\n";
		setenv("XDG_CONFIG_HOME", home_, 1);
	}

	~ConfigurationFile()
	{
		unsetenv("XDG_CONFIG_HOME");
		std::error_code ignored;
		std::filesystem::remove_all(home_, ignored);
	}

private:
	char home_[32] = "/tmp/isp-bench-XXXXXX";
};

/* All pages of a mapping that is made while this exists are there from the beginning. */
class PopulatedMappings
{
public:
	PopulatedMappings()
		: populated_(!mlockall(MCL_FUTURE))
	{
	}

	~PopulatedMappings()
	{
		if (populated_)
			munlockall();
	}

	explicit operator bool() const { return populated_; }

private:
	const bool populated_;
};

class Mapping
{
public:
	Mapping(const libcamera::FrameBuffer::Plane &plane, int protection)
		: length_(plane.length),
		  memory_(mmap(nullptr, length_, protection, MAP_SHARED, plane.fd.get(), 0))
	{
	}

	~Mapping()
	{
		if (*this)
			munmap(memory_, length_);
	}

	explicit operator bool() const { return memory_ != MAP_FAILED; }

private:
	const size_t length_;
	void *const memory_;
};

/* Map both buffers like the ISP does, and unmap them. Returns whether they can be mapped. */
bool mapBuffers(const libcamera::FrameBuffer &raw, const libcamera::FrameBuffer &picture)
{
	const Mapping in(raw.planes()[0], PROT_READ);
	const Mapping out(picture.planes()[0], PROT_WRITE);
	return in && out;
}

/*
 * The ISP maps both buffers for each frame. What that costs is not the ISP's: it is measured
 * here and taken off. For this, the pages have to come when a buffer is mapped. If they came
 * when they are first touched, the ISP's threads would wait for them at the same time, and
 * taking off what one thread waits would be too much.
 */
void runDebayer(benchmark::State &state, Size size, const libcamera::FrameBuffer &raw,
		const libcamera::FrameBuffer &picture, const std::function<void()> &process)
{
	const PopulatedMappings populated;
	if (!populated || !mapBuffers(raw, picture)) {
		state.SkipWithError("the frames can not be locked in memory: raise RLIMIT_MEMLOCK (ulimit -l)");
		return;
	}

	double wall = 0;
	double cpu = 0;

	process();
	for (auto _ : state) {
		const Stopwatch mapping;
		mapBuffers(raw, picture);
		wall -= mapping.wall();
		cpu -= mapping.cpu();

		const Stopwatch all;
		process();
		wall += all.wall();
		cpu += all.cpu();
	}

	if (picture.metadata().status != libcamera::FrameMetadata::FrameSuccess)
		state.SkipWithError("libcamera did not process the frames");
	setCounters(state, size, wall, cpu, static_cast<double>(state.iterations()));
}

std::unique_ptr<libcamera::FrameBuffer> makeBuffer(size_t size, const std::vector<uint8_t> &content)
{
	const int fd = memfd_create("isp-bench", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, static_cast<off_t>(size)) < 0)
		return nullptr;

	if (void *memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0); memory != MAP_FAILED) {
		memcpy(memory, content.data(), std::min(size, content.size()));
		munmap(memory, size);
	}

	libcamera::FrameBuffer::Plane plane;
	plane.fd = libcamera::SharedFD(fd);
	close(fd);
	plane.offset = 0;
	plane.length = static_cast<unsigned int>(size);
	return std::make_unique<libcamera::FrameBuffer>(std::vector{ plane });
}

/* What the core set's parameters are in this ISP's terms. */
libcamera::DebayerParams makeParams(bool matrix)
{
	libcamera::DebayerParams params;
	params.blackLevel = libcamera::RGB<float>({ 16.0F / 255, 16.0F / 255, 16.0F / 255 });
	params.gamma = 0.5F;
	params.gains = libcamera::RGB<float>({ 1.9F, 1.0F, 1.6F });
	if (matrix)
		params.combinedMatrix = { { 1.71F, -0.59F, -0.12F, -0.22F, 1.51F, -0.29F, 0.0F, -0.56F, 1.56F } };
	return params;
}

void run(benchmark::State &state, const Variant &variant, Size size, unsigned int threads)
{
	const ConfigurationFile file(threads, variant.copy);
	libcamera::CameraManager manager;
	libcamera::DebayerCpu debayer(std::make_unique<libcamera::SwStatsCpu>(manager), manager);

	const RawFormat format = test::makeInput(size.width, size.height, 10, BayerOrder::RGGB);
	libcamera::StreamConfiguration input;
	input.pixelFormat = libcamera::formats::SRGGB10;
	input.size = { size.width, size.height };
	input.stride = static_cast<unsigned int>(format.stride);
	input.bufferCount = 1;

	libcamera::StreamConfiguration output;
	output.pixelFormat = libcamera::formats::BGR888;
	output.size = debayer.sizes(input.pixelFormat, input.size).max;
	output.bufferCount = 1;
	std::tie(output.stride, output.frameSize) = debayer.strideAndFrameSize(output.pixelFormat, output.size);

	if (debayer.configure(input, { output }, variant.matrix) < 0 || debayer.start() < 0) {
		state.SkipWithError("libcamera refuses the format");
		return;
	}

	const auto raw = makeBuffer(format.stride * size.height, test::makeScene(format));
	const auto picture = makeBuffer(output.frameSize, {});
	const libcamera::DebayerParams params = makeParams(variant.matrix);
	uint32_t sequence = 0;
	if (raw && picture) {
		raw->_d()->metadata().status = libcamera::FrameMetadata::FrameSuccess;
		runDebayer(state, size, *raw, *picture, [&] {
			debayer.process(sequence++, raw.get(), picture.get(), params);
		});
	} else {
		state.SkipWithError("no memory for the frames");
	}

	debayer.stop();
}

} /* namespace */

void registerLibcamera()
{
	setenv("LIBCAMERA_LOG_LEVELS", "*:FATAL", 0);

	for (const Variant &variant : kVariants) {
		for (const Size size : kSizes) {
			for (const unsigned int threads : { 1, 2 }) {
				const std::string name = std::string("peer/") + variant.name + "/" +
							 sizeName(size) + "/threads:" + std::to_string(threads);
				registerFrames(name, [=](benchmark::State &state) { run(state, variant, size, threads); });
			}
		}
	}
}

} /* namespace fovea::isp::bench */
