/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Raw samples without a description of their own
 */

#include "plain.h"

#include <array>
#include <errno.h>
#include <filesystem>
#include <fstream>
#include <string.h>

#include <fmt/format.h>

#include "isp_sim/sensor/packing.h"

namespace fovea::tune {

using namespace fovea::sensor;

namespace {

constexpr const char *kOrders[] = { "RGGB", "GRBG", "GBRG", "BGGR" };

bool readNumber(const std::string &text, size_t *position, unsigned int *value)
{
	constexpr unsigned int kLimit = 100000;
	const size_t first = *position;

	*value = 0;
	while (*position < text.size() && text[*position] >= '0' && text[*position] <= '9' &&
	       *value < kLimit)
		*value = *value * 10 + (text[(*position)++] - '0');

	return *position > first;
}

bool parseSize(const std::string &text, RawLayout *layout)
{
	size_t position = 0;

	return readNumber(text, &position, &layout->width) && position < text.size() &&
	       text[position++] == 'x' && readNumber(text, &position, &layout->height) &&
	       position == text.size() && layout->width >= 16 && layout->width <= 16384 &&
	       layout->height >= 16 && layout->height <= 16384;
}

/* Bytes from the start of one frame to that of the next. */
uint64_t frameBytes(const RawLayout &layout)
{
	return (layout.stride ? layout.stride : lineSize(layout)) * uint64_t{ layout.height };
}

} /* namespace */

/**
 * \brief Understand a pixel format as libcamera names it, and a size
 * \param[in] format "S", the Bayer order, the bit depth, and "_CSI2P" where samples are
 * packed: SBGGR10_CSI2P, SRGGB12
 * \param[in] size "WIDTHxHEIGHT", 16 to 16384 each
 * \param[out] error What was expected
 */
std::optional<PlainFormat> parsePlainFormat(const std::string &format, const std::string &size,
					    std::string *error)
{
	PlainFormat result{};
	size_t position = 5;
	unsigned int depth = 0;

	bool known = format.size() > position && format[0] == 'S';
	bool found = false;
	for (size_t i = 0; known && i < std::size(kOrders); i++) {
		if (format.compare(1, 4, kOrders[i]) == 0) {
			result.order = static_cast<BayerOrder>(i);
			found = true;
		}
	}

	known = known && found && readNumber(format, &position, &depth);
	const std::string packing = known ? format.substr(position) : "";
	const bool packed = packing == "_CSI2P" && (depth == 10 || depth == 12 || depth == 14);
	const bool plain = packing.empty() && depth >= 8 && depth <= 16 && depth % 2 == 0;
	if (!known || (!packed && !plain)) {
		*error = fmt::format("--format: got '{}', expected S, RGGB, GRBG, GBRG or BGGR, a depth of "
				     "8, 10, 12, 14 or 16, and _CSI2P if packed, as in SBGGR10_CSI2P", format);
		return std::nullopt;
	}

	result.layout.bitDepth = depth;
	result.layout.packing = packed ? Packing::CSI2P : depth == 8 ? Packing::U8 : Packing::U16LE;
	if (!parseSize(size, &result.layout)) {
		*error = fmt::format("--size: got '{}', expected WIDTHxHEIGHT, each 16 to 16384", size);
		return std::nullopt;
	}

	return result;
}

/**
 * \brief Read a file of one or more raw frames without a description
 * \param[in] file The file
 * \param[in] recording What is said of it
 * \param[in] sink Takes the frames
 * \param[out] error What is wrong
 *
 * Frames follow each other, as cam writes them to a file whose name has no '#'; a header
 * lies before the first only. One frame at a time is in memory.
 */
bool readPlain(const std::string &file, const Recording &recording, const FrameSink &sink,
	       std::string *error)
{
	const RawLayout &layout = recording.layout;
	const uint64_t frame = frameBytes(layout);
	std::error_code code;
	const uint64_t size = std::filesystem::file_size(file, code);

	if (code) {
		*error = code.message();
		return false;
	}

	/* The last line of a file may have no padding. */
	const uint64_t padding = layout.stride ? layout.stride - lineSize(layout) : 0;
	const uint64_t count = size < layout.header ? 0 : (size - layout.header + padding) / frame;
	const uint64_t rest = size < layout.header ? 0 : size - layout.header - std::min(size - layout.header, count * frame);
	if (count == 0 || rest) {
		*error = fmt::format("{} bytes, expected {} header and a multiple of {} ({} lines of {}): the file is "
				     "truncated, or its format, size or stride is another",
				     size, layout.header, frame, layout.height, frame / layout.height);
		return false;
	}

	std::ifstream stream(file, std::ios::binary);
	stream.seekg(layout.header);
	RawImage image{ recording, {}, {} };
	image.recording.layout.header = 0;
	image.info = recording.infos.empty() ? FrameInfo{} : recording.infos[0];

	for (uint64_t i = 0; i < count; i++) {
		std::vector<uint8_t> bytes(std::min(frame, size - layout.header - i * frame));
		if (!stream.read(reinterpret_cast<char *>(bytes.data()), bytes.size())) {
			*error = fmt::format("cannot read: {}", strerror(errno));
			return false;
		}
		if (!unpack(bytes, image.recording.layout, &image.samples, error)) {
			*error = fmt::format("frame {}: {}", i, *error);
			return false;
		}
		if (!sink(image, error))
			return false;
	}

	return true;
}

/**
 * \brief Read the frames of a sidecar, or those of another recording
 * \param[in] file What loadRecording() takes
 * \param[in] dataDirectories Where to look for frames that are not beside it
 * \param[in] sink Takes the frames
 * \param[out] error What is wrong
 */
bool readSidecar(const std::string &file, const std::vector<std::string> &dataDirectories,
		 const FrameSink &sink, std::string *error)
{
	auto recording = loadRecording(file, dataDirectories, error);
	if (!recording)
		return false;

	RawImage image{ *recording, {}, {} };
	image.recording.frames.clear();
	image.recording.infos.clear();
	image.recording.file.reset();

	for (size_t i = 0; i < recording->count(); i++) {
		image.info = recording->info(i);
		image.recording.layout = recording->layout;
		if (!readFrame(*recording, i, &image.samples, error) || !sink(image, error))
			return false;
	}

	return true;
}

} /* namespace fovea::tune */
