/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Formats of pictures in memory, and the way to them
 */

#pragma once

#include <span>
#include <stddef.h>
#include <stdint.h>

#include "formats.h"

namespace fovea::graph {

/* Formats in memory, more than those that come from a bus. */
struct MemoryFormat {
	enum class Kind {
		Packed,		/* through pixelFormats() */
		Rgb565,
		Rgb32,
		Grey,
		Yuv422,		/* packed, 2 pixels in 4 bytes */
		SemiPlanar,	/* Y, then Cb and Cr in turns */
		Planar,		/* Y, Cb, Cr */
	};

	uint32_t fourcc;
	Kind kind;
	unsigned int bytes;		/* of a pixel, in the first plane */

	/*
	 * Where the parts are: of Yuv422, the bytes of Y, Cb, Cr; of Rgb32, those
	 * of red, green, blue, alpha; of others, {1} for the swapped order.
	 */
	uint8_t order[4];
	unsigned int chromaRows = 1;	/* rows of Y for each row of chroma */

	size_t stride(unsigned int width) const { return size_t{ width } * bytes; }
	size_t imageSize(Size size) const;
};

std::span<const MemoryFormat> memoryFormats();
const MemoryFormat *memoryFormat(uint32_t fourcc);

void packImage(const Image &rgb, const MemoryFormat &format, uint8_t *memory);
Color unpackPixel(const MemoryFormat &format, const uint8_t *pixel);

} /* namespace fovea::graph */
