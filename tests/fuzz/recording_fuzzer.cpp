/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Arbitrary bytes as a recording: a sidecar, and behind a zero byte a raw file
 */

#include <algorithm>
#include <span>
#include <stdint.h>
#include <stdlib.h>
#include <string>
#include <string_view>
#include <vector>

#include "isp_sim/sensor/recording.h"

using namespace fovea::sensor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

namespace {

void require(bool condition)
{
	if (!condition)
		abort();
}

/* What is unpacked has the size and the bit depth that the sidecar tells. */
void checkFrame(const RawLayout &layout, std::span<const uint8_t> file)
{
	std::vector<uint16_t> samples;
	std::string error;

	if (!unpack(file, layout, &samples, &error)) {
		require(!error.empty());
		return;
	}

	require(samples.size() == size_t{ layout.width } * layout.height);
	require(std::all_of(samples.begin(), samples.end(),
			    [&](uint16_t v) { return v >> layout.bitDepth == 0; }));
}

void checkRecording(const Recording &recording)
{
	require(recording.layout.width >= 16 && recording.layout.width <= 16384);
	require(recording.layout.height >= 16 && recording.layout.height <= 16384);
	require(recording.whiteLevel < 1u << recording.layout.bitDepth);
	require(recording.blackLevel >= 0 && recording.blackLevel < recording.whiteLevel);
	require(!recording.frames.empty());
	require(recording.mode == Recording::Mode::Exact || recording.capture);
}

/* The raw bytes themselves in every packing, with a size that they can fill. */
void checkPackings(std::span<const uint8_t> file)
{
	for (unsigned int bitDepth : { 8u, 10u, 12u, 14u }) {
		Packing packing = bitDepth == 8 ? Packing::U8 : Packing::CSI2P;
		checkFrame({ 17, 3, bitDepth, packing, 0, 5, 0 }, file);
		checkFrame({ 17, 3, bitDepth, Packing::U16LE, 16 - bitDepth, 0, 40 }, file);
		checkFrame({ 17, 3, bitDepth, Packing::PGM, 0, 0, 0 }, file);
	}
}

} /* namespace */

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = std::find(data, data + size, 0);
	std::string_view text(reinterpret_cast<const char *>(data), end - data);
	std::span<const uint8_t> file(end, data + size);
	std::string error;

	std::optional<Recording> recording = parseRecording(text, "input", &error);
	require(recording.has_value() == error.empty());
	if (recording) {
		checkRecording(*recording);
		checkFrame(recording->layout, file);
	}

	checkPackings(std::span<const uint8_t>(data, size));
	return 0;
}
