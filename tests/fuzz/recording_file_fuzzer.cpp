/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Arbitrary bytes as the file of a recording, and damaged files
 */

#include <algorithm>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#include "isp_sim/sensor/recorded_sensor.h"
#include "isp_sim/sensor/recording_file.h"

#include "fuzz_input.h"

using namespace fovea;
using namespace fovea::sensor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

namespace {

void require(bool condition)
{
	if (!condition)
		abort();
}

/* A file in memory, with a name. */
class MemoryFile
{
public:
	MemoryFile()
		: fd_(memfd_create("fuzz", MFD_CLOEXEC)), name_("/proc/self/fd/" + std::to_string(fd_))
	{
		require(fd_ >= 0);
	}

	~MemoryFile() { close(fd_); }

	void set(const std::vector<uint8_t> &bytes) const
	{
		require(ftruncate(fd_, 0) == 0);
		require(pwrite(fd_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
	}

	const std::string &name() const { return name_; }

private:
	int fd_;
	std::string name_;
};

/* Read all of it, as a sensor and by hand. */
void read(const MemoryFile &file)
{
	std::string error;
	std::optional<Recording> recording;

	auto opened = RecordingFile::open(file.name(), &recording, &error);
	require((opened != nullptr) == error.empty() && recording.has_value() == error.empty());
	if (!opened)
		return;

	require(recording->count() > 0 && recording->count() % recording->bracket == 0);
	for (size_t i = 0; i < std::min<size_t>(recording->count(), 4); i++) {
		std::vector<uint16_t> samples;
		std::vector<Attachment> attachments;
		error.clear();
		require(readFrame(*recording, i, &samples, &error) == error.empty());
		error.clear();
		require(opened->readAttachments(i, &attachments, &error) == error.empty());
	}

	auto sensor = createRecordedSensor(*recording, nullptr, &error);
	if (!sensor)
		return;
	const Properties &properties = sensor->properties();
	std::vector<uint8_t> raw(size_t{ 2 } * properties.modes[0].width * properties.modes[0].height);
	sensor->render({ 0, properties.exposureDefault * 2, properties.analogueGain.def, 64, false, false }, 1,
		       {}, raw, 2 * properties.modes[0].width);
}

/* A good file of two small frames, made once. */
std::vector<uint8_t> makeGood()
{
	const std::string name = "/tmp/fovea-fuzz-" + std::to_string(getpid()) + ".fvr";
	Recording recording;
	recording.name = "fuzz";
	recording.model = "fuzz";
	recording.layout = { 16, 16, 10, Packing::U16LE, 0, 0, 0 };
	recording.order = BayerOrder::RGGB;
	recording.blackLevel = 64;
	recording.whiteLevel = 1023;
	recording.mode = Recording::Mode::Rescale;
	recording.capture = Capture{ 0.01, 1.0, 0.0 };
	recording.noise = NoiseModel{ 0.1, 2.0, 0.5 };

	RecordingWriter writer;
	std::string error;
	const std::vector<uint8_t> samples(16 * 16 * 2, 1);
	const std::vector<Attachment> attachments{ { Attachment::Kind::Metadata, { 'a', '\n' } } };
	require(writer.open(name, recording, &error));
	for (unsigned int i = 0; i < 2; i++)
		require(writer.add({}, samples, attachments, &error));
	require(writer.finish(&error));

	std::vector<uint8_t> bytes(1 << 16);
	int fd = open(name.c_str(), O_RDONLY | O_CLOEXEC);
	bytes.resize(std::max<ssize_t>(::read(fd, bytes.data(), bytes.size()), 0));
	close(fd);
	unlink(name.c_str());
	require(!bytes.empty());
	return bytes;
}

} /* namespace */

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const std::vector<uint8_t> good = makeGood();
	static const MemoryFile file;

	file.set({ data, data + size });
	read(file);

	/* Changes of the head, the description and the frames' heads. */
	fuzz::FuzzInput input(data, size);
	std::vector<uint8_t> damaged = good;
	input.change(damaged.data(), 512);
	input.change(damaged.data() + 4096, 128);
	input.change(damaged.data() + 4096 * 3, 64);
	if (input.below(8) == 0)
		damaged.resize(input.take<uint16_t>() % damaged.size());
	file.set(damaged);
	read(file);
	return 0;
}
