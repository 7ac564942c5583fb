/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Formats of pictures in memory, and the way to them
 */

#include "memory_format.h"

#include <algorithm>
#include <string.h>

#include <linux/videodev2.h>

/**
 * \file memory_format.h
 * \brief Pictures as the vivid and vim2m devices store them
 *
 * YUV is that of Rec. 601 in limited range, in integers.
 */

namespace fovea::graph {

namespace {

using Kind = MemoryFormat::Kind;

constexpr MemoryFormat kFormats[] = {
	{ V4L2_PIX_FMT_YUYV, Kind::Yuv422, 2, { 0, 1, 3 } },
	{ V4L2_PIX_FMT_UYVY, Kind::Yuv422, 2, { 1, 0, 2 } },
	{ V4L2_PIX_FMT_YVYU, Kind::Yuv422, 2, { 0, 3, 1 } },
	{ V4L2_PIX_FMT_VYUY, Kind::Yuv422, 2, { 1, 2, 0 } },
	{ V4L2_PIX_FMT_YUV420, Kind::Planar, 1, {}, 2 },
	{ V4L2_PIX_FMT_YVU420, Kind::Planar, 1, { 1 }, 2 },
	{ V4L2_PIX_FMT_NV12, Kind::SemiPlanar, 1, {}, 2 },
	{ V4L2_PIX_FMT_NV21, Kind::SemiPlanar, 1, { 1 }, 2 },
	{ V4L2_PIX_FMT_NV16, Kind::SemiPlanar, 1, {}, 1 },
	{ V4L2_PIX_FMT_NV61, Kind::SemiPlanar, 1, { 1 }, 1 },
	{ V4L2_PIX_FMT_GREY, Kind::Grey, 1, {} },
	{ V4L2_PIX_FMT_RGB565, Kind::Rgb565, 2, {} },
	{ V4L2_PIX_FMT_RGB565X, Kind::Rgb565, 2, { 1 } },
	{ V4L2_PIX_FMT_RGB24, Kind::Packed, 3, {} },
	{ V4L2_PIX_FMT_BGR24, Kind::Packed, 3, {} },
	{ V4L2_PIX_FMT_XRGB32, Kind::Rgb32, 4, { 1, 2, 3, 0 } },
	{ V4L2_PIX_FMT_XBGR32, Kind::Rgb32, 4, { 2, 1, 0, 3 } },
	{ V4L2_PIX_FMT_ARGB32, Kind::Rgb32, 4, { 1, 2, 3, 0 } },
	{ V4L2_PIX_FMT_ABGR32, Kind::Rgb32, 4, { 2, 1, 0, 3 } },
	{ V4L2_PIX_FMT_SBGGR8, Kind::Packed, 1, {} },
	{ V4L2_PIX_FMT_SGBRG8, Kind::Packed, 1, {} },
	{ V4L2_PIX_FMT_SGRBG8, Kind::Packed, 1, {} },
	{ V4L2_PIX_FMT_SRGGB8, Kind::Packed, 1, {} },
	{ V4L2_PIX_FMT_SBGGR10, Kind::Packed, 2, {} },
	{ V4L2_PIX_FMT_SGBRG10, Kind::Packed, 2, {} },
	{ V4L2_PIX_FMT_SGRBG10, Kind::Packed, 2, {} },
	{ V4L2_PIX_FMT_SRGGB10, Kind::Packed, 2, {} },
	{ V4L2_PIX_FMT_SBGGR12, Kind::Packed, 2, {} },
	{ V4L2_PIX_FMT_SGBRG12, Kind::Packed, 2, {} },
	{ V4L2_PIX_FMT_SGRBG12, Kind::Packed, 2, {} },
	{ V4L2_PIX_FMT_SRGGB12, Kind::Packed, 2, {} },
};

struct Yuv {
	uint8_t y, cb, cr;
};

/* Coefficients of Rec. 601 in limited range, times 256. */
Yuv toYuv(const uint8_t *rgb)
{
	const int r = rgb[0], g = rgb[1], b = rgb[2];
	return { static_cast<uint8_t>(16 + ((66 * r + 129 * g + 25 * b + 128) >> 8)),
		 static_cast<uint8_t>(128 + ((-38 * r - 74 * g + 112 * b + 128) >> 8)),
		 static_cast<uint8_t>(128 + ((112 * r - 94 * g - 18 * b + 128) >> 8)) };
}

/* A row of pixels that are stored one by one. */
void packPixels(const uint8_t *rgb, unsigned int width, unsigned int y,
		const MemoryFormat &format, uint8_t *to)
{
	const PixelFormat *pixels = formatByFourcc(format.fourcc);

	for (unsigned int x = 0; x < width; x++, rgb += 3, to += format.bytes) {
		switch (format.kind) {
		case Kind::Packed:
			storePixel(*pixels, x, y, { rgb[0], rgb[1], rgb[2] }, to);
			break;
		case Kind::Rgb32:
			to[format.order[0]] = rgb[0];
			to[format.order[1]] = rgb[1];
			to[format.order[2]] = rgb[2];
			to[format.order[3]] = 0;
			break;
		case Kind::Rgb565: {
			const unsigned int value = (rgb[0] >> 3) << 11 | (rgb[1] >> 2) << 5 | rgb[2] >> 3;
			to[format.order[0]] = value & 0xff;
			to[!format.order[0]] = value >> 8;
			break;
		}
		default:
			to[0] = toYuv(rgb).y;
			break;
		}
	}
}

/* Chroma is that of the even pixels. */
void packYuv422(const uint8_t *rgb, unsigned int width, const MemoryFormat &format, uint8_t *to)
{
	for (unsigned int x = 0; x + 1 < width; x += 2, rgb += 6, to += 4) {
		const Yuv yuv = toYuv(rgb);
		to[format.order[0]] = yuv.y;
		to[format.order[0] + 2] = toYuv(rgb + 3).y;
		to[format.order[1]] = yuv.cb;
		to[format.order[2]] = yuv.cr;
	}
}

void packChroma(const Image &rgb, const MemoryFormat &format, uint8_t *memory)
{
	const auto [width, height] = rgb.size;
	const unsigned int rows = height / format.chromaRows;
	const size_t plane = size_t{ width } / 2 * rows;
	uint8_t *chroma = memory + size_t{ width } * height;
	const bool semi = format.kind == Kind::SemiPlanar;
	const size_t step = semi ? 2 : 1;
	uint8_t *cb = chroma + (format.order[0] ? (semi ? 1 : plane) : 0);
	uint8_t *cr = chroma + (format.order[0] ? 0 : (semi ? 1 : plane));

	for (unsigned int y = 0; y < rows; y++) {
		const uint8_t *row = rgb.row(y * format.chromaRows);
		for (unsigned int x = 0; x + 1 < width; x += 2, cb += step, cr += step) {
			const Yuv yuv = toYuv(row + 3 * x);
			*cb = yuv.cb;
			*cr = yuv.cr;
		}
	}
}

} /* namespace */

/** \brief Bytes of a picture with all its planes; width and height are even */
size_t MemoryFormat::imageSize(Size size) const
{
	const size_t first = stride(size.width) * size.height;

	if (kind != Kind::SemiPlanar && kind != Kind::Planar)
		return first;

	return first + size_t{ size.width } * (size.height / chromaRows);
}

std::span<const MemoryFormat> memoryFormats()
{
	return kFormats;
}

/** \brief The format with a V4L2_PIX_FMT_*, or nullptr */
const MemoryFormat *memoryFormat(uint32_t fourcc)
{
	auto it = std::find_if(std::begin(kFormats), std::end(kFormats),
			       [&](const MemoryFormat &format) { return format.fourcc == fourcc; });
	return it == std::end(kFormats) ? nullptr : it;
}

/**
 * \brief Store an RGB24 picture in another format
 * \param[in] rgb The picture; width and height are even
 * \param[in] format The format
 * \param[out] memory MemoryFormat::imageSize() bytes
 */
void packImage(const Image &rgb, const MemoryFormat &format, uint8_t *memory)
{
	const unsigned int width = rgb.size.width;

	for (unsigned int y = 0; y < rgb.size.height; y++) {
		uint8_t *to = memory + y * format.stride(width);

		if (format.fourcc == V4L2_PIX_FMT_RGB24)
			memcpy(to, rgb.row(y), rgb.stride());
		else if (format.kind == Kind::Yuv422)
			packYuv422(rgb.row(y), width, format, to);
		else
			packPixels(rgb.row(y), width, y, format, to);
	}

	if (format.kind == Kind::SemiPlanar || format.kind == Kind::Planar)
		packChroma(rgb, format, memory);
}

/** \brief The colour of a pixel of an RGB format of 16 or 24 bits */
Color unpackPixel(const MemoryFormat &format, const uint8_t *pixel)
{
	if (format.kind == Kind::Rgb565) {
		const unsigned int value = pixel[format.order[0]] | pixel[!format.order[0]] << 8;
		const unsigned int red = value >> 11;
		const unsigned int green = value >> 5 & 0x3f;
		const unsigned int blue = value & 0x1f;
		return { static_cast<uint8_t>(red << 3 | red >> 2),
			 static_cast<uint8_t>(green << 2 | green >> 4),
			 static_cast<uint8_t>(blue << 3 | blue >> 2) };
	}

	if (format.fourcc == V4L2_PIX_FMT_BGR24)
		return { pixel[2], pixel[1], pixel[0] };
	return { pixel[0], pixel[1], pixel[2] };
}

} /* namespace fovea::graph */
