/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Arbitrary bytes as a DNG, and damaged DNGs
 *
 * LibRaw is left out: it runs in a process of its own and may crash there.
 */

#include <algorithm>
#include <sstream>
#include <stdint.h>
#include <stdlib.h>
#include <string>
#include <vector>

#include "import/cam_log.h"
#include "import/dng.h"
#include "import/plain.h"

#include "../sensor/dng_builder.h"
#include "fuzz_input.h"

using namespace fovea;
using namespace fovea::tune;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

namespace {

void require(bool condition)
{
	if (!condition)
		abort();
}

/* Whatever is read is a frame that a recording can hold. */
void checkImage(const RawImage &image)
{
	const sensor::Recording &recording = image.recording;
	const sensor::RawLayout &layout = recording.layout;

	require(layout.width >= 16 && layout.width <= 16384 && layout.width % 2 == 0);
	require(layout.height >= 16 && layout.height <= 16384 && layout.height % 2 == 0);
	require(layout.bitDepth >= 8 && layout.bitDepth <= 16 && layout.bitDepth % 2 == 0);
	require(image.samples.size() == size_t{ layout.width } * layout.height);
	require(std::all_of(image.samples.begin(), image.samples.end(),
			    [&](uint16_t v) { return v >> layout.bitDepth == 0; }));
	require(recording.whiteLevel > 0 && recording.whiteLevel >> layout.bitDepth == 0);
	require(recording.blackLevel >= 0.0 && recording.blackLevel < recording.whiteLevel);
	require(!recording.model.empty() && recording.model.size() <= 20);
	require(recording.matrices.size() <= 2);

	/* The description is one that is read again. */
	sensor::Recording whole = recording;
	std::string error;
	whole.name = "fuzz";
	whole.layout.packing = layout.bitDepth == 8 ? sensor::Packing::U8 : sensor::Packing::U16LE;
	require(sensor::parseDescription(sensor::describe(whole), "fuzz", &error).has_value());
}

void read(const std::vector<uint8_t> &file)
{
	RawImage image{};
	std::string error;

	switch (readDng(file, &image, &error)) {
	case DngResult::Read:
		require(error.empty());
		checkImage(image);
		break;
	case DngResult::Bad:
		require(!error.empty());
		break;
	case DngResult::Compressed:
	case DngResult::NotDng:
		break;
	}
}

/* A good DNG of some form, with a few changes; its fields lie behind the samples. */
void readDamaged(fuzz::FuzzInput input)
{
	constexpr unsigned int kSide = 16;
	static constexpr unsigned int kDepths[] = { 8, 10, 12, 14, 16 };
	const unsigned int bits = kDepths[input.below(5)];
	const bool bigEndian = input.below(2);
	test::DngBuilder builder(kSide, kSide, bits, std::vector<uint16_t>(kSide * kSide, 100));

	if (input.below(2)) {
		builder.set(50712, test::DngBuilder::Short, std::vector<double>(8, 200));
		builder.set(50829, test::DngBuilder::Long, { 0, 0, kSide, kSide });
	}
	if (input.below(2)) {
		builder.set(51041, test::DngBuilder::Double, { 0.001, 1e-6 });
		builder.set(50715, test::DngBuilder::SRational, std::vector<double>(kSide, 0.5));
		builder.set(50964, test::DngBuilder::SRational, std::vector<double>(9, 0.3));
	}

	std::vector<uint8_t> file = builder.build(bigEndian);
	const size_t fields = 8 + kSide * kSide * bits / 8;
	input.change(file.data() + fields, file.size() - fields);
	if (input.below(8) == 0)
		file.resize(input.take<uint16_t>() % file.size());
	read(file);
}

void parseFormat(const uint8_t *data, size_t size)
{
	const uint8_t *space = std::find(data, data + size, ' ');
	const std::string format(data, space), rest(space, data + size);
	std::string error;

	const auto plain = parsePlainFormat(format, rest, &error);
	require(plain.has_value() == error.empty());
	require(!plain || (plain->layout.width >= 16 && plain->layout.bitDepth <= 16));
}

/* Frames that cam told of have a head in a recording. */
void parseLog(const uint8_t *data, size_t size)
{
	std::istringstream log(std::string(data, data + size));
	std::string error;

	const auto frames = parseCamLog(log, "log", &error);
	require(frames.has_value() == error.empty());
	for (const CamFrame &frame : frames.value_or(std::vector<CamFrame>())) {
		require(frame.info.exposureTime >= 0.0 && frame.info.exposureTime <= 3600.0);
		require(frame.info.analogueGain >= 0.0 && frame.info.analogueGain <= 1e4);
		for (double neutral : frame.info.neutral)
			require(neutral >= 0.0 && neutral <= 1.0);
	}
}

} /* namespace */

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read({ data, data + size });
	readDamaged(fuzz::FuzzInput(data, size));
	parseFormat(data, std::min<size_t>(size, 64));
	parseLog(data, size);
	return 0;
}
