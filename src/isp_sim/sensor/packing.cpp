/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Packings of raw frames in files
 */

#include "isp_sim/sensor/packing.h"

#include <bit>

#include <fmt/format.h>

#include "isp_sim/sensor/csi2_packing.h"

namespace fovea::sensor {

static_assert(std::endian::native == std::endian::little,
	      "words of samples are written as little-endian bytes");

namespace {

void unpackLine(const uint8_t *in, const RawLayout &layout, bool bigEndian, uint16_t *out)
{
	switch (layout.packing) {
	case Packing::U8:
		for (unsigned int x = 0; x < layout.width; x++)
			out[x] = in[x];
		break;
	case Packing::U16LE:
	case Packing::PGM:
		for (unsigned int x = 0; x < layout.width; x++)
			out[x] = in[2 * x + bigEndian] | (in[2 * x + !bigEndian] << 8);
		break;
	case Packing::CSI2P:
		unpackCsi2Line(in, layout.width, layout.bitDepth, reinterpret_cast<uint8_t *>(out));
		break;
	}
}

/* Take the bits that the shift leaves; a sample that does not fit is an error. */
bool shiftSamples(const RawLayout &layout, std::vector<uint16_t> *samples, std::string *error)
{
	const uint32_t maximum = (1u << layout.bitDepth) - 1;
	const uint32_t lost = (1u << layout.shift) - 1;

	for (size_t i = 0; i < samples->size(); i++) {
		uint16_t &sample = (*samples)[i];
		uint32_t shifted = sample >> layout.shift;

		if (shifted > maximum || (sample & lost)) {
			*error = fmt::format("sample {} at ({}, {}), expected a multiple of {} and at most {}; "
					     "check bit_depth and shift",
					     sample, i % layout.width, i / layout.width, lost + 1,
					     maximum << layout.shift);
			return false;
		}
		sample = shifted;
	}

	return true;
}

/* A number of a PGM header, behind white space and comments. */
bool readPgmNumber(std::span<const uint8_t> file, size_t *position, unsigned int *value)
{
	constexpr unsigned int kLimit = 65535;
	size_t i = *position;
	auto isSpace = [](uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); };

	while (i < file.size() && (isSpace(file[i]) || file[i] == '#')) {
		if (file[i] == '#') {
			while (i < file.size() && file[i] != '\n')
				i++;
		} else {
			i++;
		}
	}

	size_t first = i;
	*value = 0;
	while (i < file.size() && file[i] >= '0' && file[i] <= '9' && *value <= kLimit)
		*value = *value * 10 + (file[i++] - '0');

	*position = i;
	return i > first && *value <= kLimit;
}

/* Skip the header of a binary PGM; it must agree with \a layout. */
bool readPgmHeader(std::span<const uint8_t> file, const RawLayout &layout, size_t *position,
		   unsigned int *maximum, std::string *error)
{
	unsigned int width, height;

	*position = 2;
	if (file.size() < 2 || file[0] != 'P' || file[1] != '5' ||
	    !readPgmNumber(file, position, &width) || !readPgmNumber(file, position, &height) ||
	    !readPgmNumber(file, position, maximum) || *maximum == 0) {
		*error = "not a binary PGM file, expected a header 'P5 width height maximum'";
		return false;
	}

	/* One white space ends the header. */
	(*position)++;

	if (width != layout.width || height != layout.height) {
		*error = fmt::format("the PGM is {}x{}, but the sidecar's size is {}x{}",
				     width, height, layout.width, layout.height);
		return false;
	}

	return true;
}

} /* namespace */

/* The bytes of one line without padding. PGM: of two-byte samples. */
size_t lineSize(const RawLayout &layout)
{
	switch (layout.packing) {
	case Packing::U8:
		return layout.width;
	case Packing::CSI2P:
		return csi2LineSize(layout.width, layout.bitDepth);
	default:
		return size_t{ layout.width } * 2;
	}
}

/**
 * \brief Convert the bytes of a raw file to samples
 * \param[in] file The whole file
 * \param[in] layout What the file should hold
 * \param[out] samples width x height samples of bitDepth bits, line by line
 * \param[out] error What does not fit
 */
bool unpack(std::span<const uint8_t> file, const RawLayout &layout,
	    std::vector<uint16_t> *samples, std::string *error)
{
	RawLayout actual = layout;
	bool bigEndian = false;

	if (layout.packing == Packing::PGM) {
		unsigned int maximum;
		if (!readPgmHeader(file, layout, &actual.header, &maximum, error))
			return false;
		actual.packing = maximum > 255 ? Packing::PGM : Packing::U8;
		bigEndian = maximum > 255;
	}

	size_t line = lineSize(actual);
	size_t stride = actual.stride ? actual.stride : line;
	size_t least = actual.header + stride * (layout.height - 1) + line;
	size_t most = actual.header + stride * layout.height;
	if (file.size() < least || file.size() > most) {
		*error = fmt::format("{} bytes, expected {} ({} header, {} lines of {}); {}",
				     file.size(), most, actual.header, layout.height, stride,
				     file.size() < least ? "the file is truncated or its size, packing or stride is another"
							 : "check size, packing, header and stride");
		return false;
	}

	samples->resize(size_t{ layout.width } * layout.height);
	for (unsigned int y = 0; y < layout.height; y++)
		unpackLine(file.data() + actual.header + y * stride, actual, bigEndian,
			   samples->data() + size_t{ y } * layout.width);

	return shiftSamples(layout, samples, error);
}

} /* namespace fovea::sensor */
