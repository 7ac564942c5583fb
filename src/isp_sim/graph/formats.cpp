/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Pixel formats and bus formats of the elements
 */

#include "formats.h"

#include <algorithm>

#include <linux/media-bus-format.h>
#include <linux/videodev2.h>

/**
 * \file formats.h
 * \brief Formats of the elements of a graph
 *
 * The formats and their order are those of vimc (Linux 6.12): formats without
 * colour filter come first, so that an element that takes no Bayer formats
 * enumerates the first ones.
 */

namespace fovea::graph {

namespace {

constexpr std::array<Component, 4> kBggr = { Blue, Green, Green, Red };
constexpr std::array<Component, 4> kGbrg = { Green, Blue, Red, Green };
constexpr std::array<Component, 4> kGrbg = { Green, Red, Blue, Green };
constexpr std::array<Component, 4> kRggb = { Red, Green, Green, Blue };

constexpr PixelFormat kFormats[] = {
	{ V4L2_PIX_FMT_BGR24,
	  { MEDIA_BUS_FMT_BGR888_1X24, MEDIA_BUS_FMT_BGR888_3X8 }, 3, Layout::Bgr },
	{ V4L2_PIX_FMT_RGB24,
	  { MEDIA_BUS_FMT_RGB888_1X24, MEDIA_BUS_FMT_RGB888_2X12_BE, MEDIA_BUS_FMT_RGB888_2X12_LE,
	    MEDIA_BUS_FMT_RGB888_3X8, MEDIA_BUS_FMT_RGB888_1X7X4_SPWG,
	    MEDIA_BUS_FMT_RGB888_1X7X4_JEIDA, MEDIA_BUS_FMT_RGB888_1X32_PADHI,
	    MEDIA_BUS_FMT_GBR888_1X24 }, 3, Layout::Rgb },
	{ V4L2_PIX_FMT_ARGB32, { MEDIA_BUS_FMT_ARGB8888_1X32 }, 4, Layout::Argb },

	{ V4L2_PIX_FMT_SBGGR8, { MEDIA_BUS_FMT_SBGGR8_1X8 }, 1, Layout::Bayer, 8, kBggr },
	{ V4L2_PIX_FMT_SGBRG8, { MEDIA_BUS_FMT_SGBRG8_1X8 }, 1, Layout::Bayer, 8, kGbrg },
	{ V4L2_PIX_FMT_SGRBG8, { MEDIA_BUS_FMT_SGRBG8_1X8 }, 1, Layout::Bayer, 8, kGrbg },
	{ V4L2_PIX_FMT_SRGGB8, { MEDIA_BUS_FMT_SRGGB8_1X8 }, 1, Layout::Bayer, 8, kRggb },
	{ V4L2_PIX_FMT_SBGGR10, { MEDIA_BUS_FMT_SBGGR10_1X10 }, 2, Layout::Bayer, 10, kBggr },
	{ V4L2_PIX_FMT_SGBRG10, { MEDIA_BUS_FMT_SGBRG10_1X10 }, 2, Layout::Bayer, 10, kGbrg },
	{ V4L2_PIX_FMT_SGRBG10, { MEDIA_BUS_FMT_SGRBG10_1X10 }, 2, Layout::Bayer, 10, kGrbg },
	{ V4L2_PIX_FMT_SRGGB10, { MEDIA_BUS_FMT_SRGGB10_1X10 }, 2, Layout::Bayer, 10, kRggb },

	/* 10 bits in 8: here the upper 8 bits, without the compression. */
	{ V4L2_PIX_FMT_SBGGR10ALAW8, { MEDIA_BUS_FMT_SBGGR10_ALAW8_1X8 }, 1, Layout::Bayer, 8, kBggr },
	{ V4L2_PIX_FMT_SGBRG10ALAW8, { MEDIA_BUS_FMT_SGBRG10_ALAW8_1X8 }, 1, Layout::Bayer, 8, kGbrg },
	{ V4L2_PIX_FMT_SGRBG10ALAW8, { MEDIA_BUS_FMT_SGRBG10_ALAW8_1X8 }, 1, Layout::Bayer, 8, kGrbg },
	{ V4L2_PIX_FMT_SRGGB10ALAW8, { MEDIA_BUS_FMT_SRGGB10_ALAW8_1X8 }, 1, Layout::Bayer, 8, kRggb },
	{ V4L2_PIX_FMT_SBGGR10DPCM8, { MEDIA_BUS_FMT_SBGGR10_DPCM8_1X8 }, 1, Layout::Bayer, 8, kBggr },
	{ V4L2_PIX_FMT_SGBRG10DPCM8, { MEDIA_BUS_FMT_SGBRG10_DPCM8_1X8 }, 1, Layout::Bayer, 8, kGbrg },
	{ V4L2_PIX_FMT_SGRBG10DPCM8, { MEDIA_BUS_FMT_SGRBG10_DPCM8_1X8 }, 1, Layout::Bayer, 8, kGrbg },
	{ V4L2_PIX_FMT_SRGGB10DPCM8, { MEDIA_BUS_FMT_SRGGB10_DPCM8_1X8 }, 1, Layout::Bayer, 8, kRggb },

	{ V4L2_PIX_FMT_SBGGR12, { MEDIA_BUS_FMT_SBGGR12_1X12 }, 2, Layout::Bayer, 12, kBggr },
	{ V4L2_PIX_FMT_SGBRG12, { MEDIA_BUS_FMT_SGBRG12_1X12 }, 2, Layout::Bayer, 12, kGbrg },
	{ V4L2_PIX_FMT_SGRBG12, { MEDIA_BUS_FMT_SGRBG12_1X12 }, 2, Layout::Bayer, 12, kGrbg },
	{ V4L2_PIX_FMT_SRGGB12, { MEDIA_BUS_FMT_SRGGB12_1X12 }, 2, Layout::Bayer, 12, kRggb },
};

/* Names that rigs use, those of the header without the prefix. */
struct CodeName {
	const char *name;
	uint32_t code;
};

#define CODE(name) { #name, MEDIA_BUS_FMT_##name }

constexpr CodeName kCodeNames[] = {
	CODE(BGR888_1X24), CODE(BGR888_3X8), CODE(RGB888_1X24), CODE(RGB888_2X12_BE),
	CODE(RGB888_2X12_LE), CODE(RGB888_3X8), CODE(RGB888_1X7X4_SPWG),
	CODE(RGB888_1X7X4_JEIDA), CODE(RGB888_1X32_PADHI), CODE(GBR888_1X24),
	CODE(ARGB8888_1X32), CODE(SBGGR8_1X8), CODE(SGBRG8_1X8), CODE(SGRBG8_1X8),
	CODE(SRGGB8_1X8), CODE(SBGGR10_1X10), CODE(SGBRG10_1X10), CODE(SGRBG10_1X10),
	CODE(SRGGB10_1X10), CODE(SBGGR10_ALAW8_1X8), CODE(SGBRG10_ALAW8_1X8),
	CODE(SGRBG10_ALAW8_1X8), CODE(SRGGB10_ALAW8_1X8), CODE(SBGGR10_DPCM8_1X8),
	CODE(SGBRG10_DPCM8_1X8), CODE(SGRBG10_DPCM8_1X8), CODE(SRGGB10_DPCM8_1X8),
	CODE(SBGGR12_1X12), CODE(SGBRG12_1X12), CODE(SGRBG12_1X12), CODE(SRGGB12_1X12),
};

#undef CODE

} /* namespace */

std::span<const PixelFormat> pixelFormats()
{
	return kFormats;
}

/** \brief The format with a V4L2_PIX_FMT_*, or nullptr */
const PixelFormat *formatByFourcc(uint32_t fourcc)
{
	auto it = std::find_if(std::begin(kFormats), std::end(kFormats),
			       [&](const PixelFormat &format) { return format.fourcc == fourcc; });
	return it == std::end(kFormats) ? nullptr : it;
}

/** \brief The format that stores a MEDIA_BUS_FMT_*, or nullptr */
const PixelFormat *formatByCode(uint32_t code)
{
	for (const PixelFormat &format : kFormats) {
		if (code && std::find(format.codes.begin(), format.codes.end(), code) != format.codes.end())
			return &format;
	}

	return nullptr;
}

/** \brief The MEDIA_BUS_FMT_* at \a index of all of them, 0 behind the last */
uint32_t codeByIndex(unsigned int index)
{
	for (const PixelFormat &format : kFormats) {
		for (uint32_t code : format.codes) {
			if (code && index-- == 0)
				return code;
		}
	}

	return 0;
}

/** \brief The bus format with a name as in "SRGGB10_1X10" */
std::optional<uint32_t> codeByName(std::string_view name)
{
	for (const CodeName &entry : kCodeNames) {
		if (name == entry.name)
			return entry.code;
	}

	return std::nullopt;
}

/**
 * \brief Store one pixel
 * \param[in] format The format of the memory
 * \param[in] x Column, which chooses the component of Bayer formats
 * \param[in] y Row, which chooses the component of Bayer formats
 * \param[in] color The colour, 8 bits a component
 * \param[out] pixel The memory of the pixel, PixelFormat::bytes long
 */
void storePixel(const PixelFormat &format, unsigned int x, unsigned int y, Color color,
		uint8_t *pixel)
{
	switch (format.layout) {
	case Layout::Rgb:
		pixel[0] = color.red;
		pixel[1] = color.green;
		pixel[2] = color.blue;
		break;
	case Layout::Bgr:
		pixel[0] = color.blue;
		pixel[1] = color.green;
		pixel[2] = color.red;
		break;
	case Layout::Argb:
		pixel[0] = 0;
		pixel[1] = color.red;
		pixel[2] = color.green;
		pixel[3] = color.blue;
		break;
	case Layout::Bayer: {
		const uint8_t components[] = { color.red, color.green, color.blue };
		const unsigned int value = components[format.component(x, y)];

		if (format.bytes == 1) {
			pixel[0] = value;
			break;
		}

		const unsigned int sample = (value * ((1U << format.bits) - 1) + 127) / 255;
		pixel[0] = sample & 0xff;
		pixel[1] = sample >> 8;
		break;
	}
	}
}

/** \brief The nearest even size that the elements take */
Size limitSize(uint32_t width, uint32_t height)
{
	return { std::clamp(width, kMinSize, kMaxWidth) & ~1U,
		 std::clamp(height, kMinSize, kMaxHeight) & ~1U };
}

} /* namespace fovea::graph */
