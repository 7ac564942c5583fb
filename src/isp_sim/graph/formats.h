/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Pixel formats and bus formats of the elements
 */

#pragma once

#include <array>
#include <optional>
#include <span>
#include <stddef.h>
#include <stdint.h>
#include <string_view>

#include <linux/v4l2-mediabus.h>

namespace fovea::graph {

/* Limits of all elements, as vimc has them. */
constexpr uint32_t kMinSize = 16;
constexpr uint32_t kMaxWidth = 4096;
constexpr uint32_t kMaxHeight = 2160;

struct Size {
	uint32_t width;
	uint32_t height;
};

enum class Layout {
	Rgb,
	Bgr,
	Argb,
	Bayer,
};

enum Component : uint8_t {
	Red,
	Green,
	Blue,
};

/* A format in memory, and the bus formats that are stored in it. */
struct PixelFormat {
	uint32_t fourcc;
	std::array<uint32_t, 8> codes;		/* 0 behind the last */
	unsigned int bytes;			/* of a pixel */
	Layout layout;
	unsigned int bits = 8;			/* of a sample */
	std::array<Component, 4> cfa = {};	/* the 2x2 cell of Bayer formats, by rows */

	bool bayer() const { return layout == Layout::Bayer; }
	Component component(unsigned int x, unsigned int y) const
	{
		return cfa[(y & 1) * 2 + (x & 1)];
	}
};

struct Color {
	uint8_t red;
	uint8_t green;
	uint8_t blue;
};

/* Pixels without padding between the lines; the memory is someone else's. */
struct Image {
	const PixelFormat *format;
	Size size;
	std::span<uint8_t> data;

	size_t stride() const { return size_t{ size.width } * format->bytes; }
	uint8_t *row(unsigned int y) const { return data.data() + y * stride(); }
};

std::span<const PixelFormat> pixelFormats();
const PixelFormat *formatByFourcc(uint32_t fourcc);
const PixelFormat *formatByCode(uint32_t code);
uint32_t codeByIndex(unsigned int index);
std::optional<uint32_t> codeByName(std::string_view name);

void storePixel(const PixelFormat &format, unsigned int x, unsigned int y, Color color,
		uint8_t *pixel);

Size limitSize(uint32_t width, uint32_t height);

/* Bring the colorimetry of a pixel or bus format into what the uapi defines. */
template<typename Format>
void limitColorimetry(Format *format)
{
	if (format->colorspace == V4L2_COLORSPACE_DEFAULT ||
	    format->colorspace > V4L2_COLORSPACE_DCI_P3) {
		format->colorspace = V4L2_COLORSPACE_DEFAULT;
		format->ycbcr_enc = V4L2_YCBCR_ENC_DEFAULT;
		format->quantization = V4L2_QUANTIZATION_DEFAULT;
		format->xfer_func = V4L2_XFER_FUNC_DEFAULT;
	}

	if (format->ycbcr_enc > V4L2_YCBCR_ENC_SMPTE240M)
		format->ycbcr_enc = V4L2_YCBCR_ENC_DEFAULT;
	if (format->quantization > V4L2_QUANTIZATION_LIM_RANGE)
		format->quantization = V4L2_QUANTIZATION_DEFAULT;
	if (format->xfer_func > V4L2_XFER_FUNC_SMPTE2084)
		format->xfer_func = V4L2_XFER_FUNC_DEFAULT;
}

} /* namespace fovea::graph */
