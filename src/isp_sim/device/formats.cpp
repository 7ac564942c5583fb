/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Media bus codes, pixel formats and what they mean for the ISP
 */

#include "formats.h"

#include <algorithm>

#include "isp_sim/sensor/csi2_packing.h"

namespace fovea::device {

namespace {

using isp::BayerOrder;

constexpr RawFormat kRaw[kRawFormats] = {
	{ MEDIA_BUS_FMT_SRGGB8_1X8, V4L2_PIX_FMT_SRGGB8, BayerOrder::RGGB, 8, false },
	{ MEDIA_BUS_FMT_SGRBG8_1X8, V4L2_PIX_FMT_SGRBG8, BayerOrder::GRBG, 8, false },
	{ MEDIA_BUS_FMT_SGBRG8_1X8, V4L2_PIX_FMT_SGBRG8, BayerOrder::GBRG, 8, false },
	{ MEDIA_BUS_FMT_SBGGR8_1X8, V4L2_PIX_FMT_SBGGR8, BayerOrder::BGGR, 8, false },
	{ MEDIA_BUS_FMT_SRGGB10_1X10, V4L2_PIX_FMT_SRGGB10, BayerOrder::RGGB, 10, false },
	{ MEDIA_BUS_FMT_SGRBG10_1X10, V4L2_PIX_FMT_SGRBG10, BayerOrder::GRBG, 10, false },
	{ MEDIA_BUS_FMT_SGBRG10_1X10, V4L2_PIX_FMT_SGBRG10, BayerOrder::GBRG, 10, false },
	{ MEDIA_BUS_FMT_SBGGR10_1X10, V4L2_PIX_FMT_SBGGR10, BayerOrder::BGGR, 10, false },
	{ MEDIA_BUS_FMT_SRGGB12_1X12, V4L2_PIX_FMT_SRGGB12, BayerOrder::RGGB, 12, false },
	{ MEDIA_BUS_FMT_SGRBG12_1X12, V4L2_PIX_FMT_SGRBG12, BayerOrder::GRBG, 12, false },
	{ MEDIA_BUS_FMT_SGBRG12_1X12, V4L2_PIX_FMT_SGBRG12, BayerOrder::GBRG, 12, false },
	{ MEDIA_BUS_FMT_SBGGR12_1X12, V4L2_PIX_FMT_SBGGR12, BayerOrder::BGGR, 12, false },
	{ MEDIA_BUS_FMT_SRGGB14_1X14, V4L2_PIX_FMT_SRGGB14, BayerOrder::RGGB, 14, false },
	{ MEDIA_BUS_FMT_SGRBG14_1X14, V4L2_PIX_FMT_SGRBG14, BayerOrder::GRBG, 14, false },
	{ MEDIA_BUS_FMT_SGBRG14_1X14, V4L2_PIX_FMT_SGBRG14, BayerOrder::GBRG, 14, false },
	{ MEDIA_BUS_FMT_SBGGR14_1X14, V4L2_PIX_FMT_SBGGR14, BayerOrder::BGGR, 14, false },
	{ MEDIA_BUS_FMT_SRGGB16_1X16, V4L2_PIX_FMT_SRGGB16, BayerOrder::RGGB, 16, false },
	{ MEDIA_BUS_FMT_SGRBG16_1X16, V4L2_PIX_FMT_SGRBG16, BayerOrder::GRBG, 16, false },
	{ MEDIA_BUS_FMT_SGBRG16_1X16, V4L2_PIX_FMT_SGBRG16, BayerOrder::GBRG, 16, false },
	{ MEDIA_BUS_FMT_SBGGR16_1X16, V4L2_PIX_FMT_SBGGR16, BayerOrder::BGGR, 16, false },
	{ MEDIA_BUS_FMT_SRGGB10_1X10, V4L2_PIX_FMT_SRGGB10P, BayerOrder::RGGB, 10, true },
	{ MEDIA_BUS_FMT_SGRBG10_1X10, V4L2_PIX_FMT_SGRBG10P, BayerOrder::GRBG, 10, true },
	{ MEDIA_BUS_FMT_SGBRG10_1X10, V4L2_PIX_FMT_SGBRG10P, BayerOrder::GBRG, 10, true },
	{ MEDIA_BUS_FMT_SBGGR10_1X10, V4L2_PIX_FMT_SBGGR10P, BayerOrder::BGGR, 10, true },
	{ MEDIA_BUS_FMT_SRGGB12_1X12, V4L2_PIX_FMT_SRGGB12P, BayerOrder::RGGB, 12, true },
	{ MEDIA_BUS_FMT_SGRBG12_1X12, V4L2_PIX_FMT_SGRBG12P, BayerOrder::GRBG, 12, true },
	{ MEDIA_BUS_FMT_SGBRG12_1X12, V4L2_PIX_FMT_SGBRG12P, BayerOrder::GBRG, 12, true },
	{ MEDIA_BUS_FMT_SBGGR12_1X12, V4L2_PIX_FMT_SBGGR12P, BayerOrder::BGGR, 12, true },
	{ MEDIA_BUS_FMT_SRGGB14_1X14, V4L2_PIX_FMT_SRGGB14P, BayerOrder::RGGB, 14, true },
	{ MEDIA_BUS_FMT_SGRBG14_1X14, V4L2_PIX_FMT_SGRBG14P, BayerOrder::GRBG, 14, true },
	{ MEDIA_BUS_FMT_SGBRG14_1X14, V4L2_PIX_FMT_SGBRG14P, BayerOrder::GBRG, 14, true },
	{ MEDIA_BUS_FMT_SBGGR14_1X14, V4L2_PIX_FMT_SBGGR14P, BayerOrder::BGGR, 14, true },
};

/*
 * DRM's XRGB8888 has the bytes B, G, R, X: V4L2 calls that XBGR32, and DRM's RGB888
 * BGR24.
 */
constexpr ImageFormat kImage[kImageFormats] = {
	{ V4L2_PIX_FMT_NV12, isp::PixelFormat::NV12, 1 },
	{ V4L2_PIX_FMT_XBGR32, isp::PixelFormat::XRGB8888, 1 },
	{ V4L2_PIX_FMT_NV12M, isp::PixelFormat::NV12, 2 },
	{ V4L2_PIX_FMT_NV21, isp::PixelFormat::NV21, 1 },
	{ V4L2_PIX_FMT_NV16, isp::PixelFormat::NV16, 1 },
	{ V4L2_PIX_FMT_YUYV, isp::PixelFormat::YUYV, 1 },
	{ V4L2_PIX_FMT_BGR24, isp::PixelFormat::RGB888, 1 },
	{ V4L2_PIX_FMT_GREY, isp::PixelFormat::R8, 1 },
};

} /* namespace */

/** \brief Bytes of a line of \a width samples, an even number */
size_t RawFormat::stride(unsigned int width) const
{
	return packed ? sensor::csi2LineSize(width, bitDepth)
	     : bitDepth == 8 ? width
			     : width * size_t{ 2 };
}

/** \brief One of kRawFormats raw formats */
const RawFormat &rawFormat(size_t index)
{
	return kRaw[index];
}

/** \brief The unpacked raw format with the media bus code \a code, or nullptr */
const RawFormat *rawFormatOfCode(uint32_t code)
{
	auto it = std::find_if(std::begin(kRaw), std::end(kRaw),
			       [&](const RawFormat &f) { return f.code == code; });
	return it == std::end(kRaw) ? nullptr : it;
}

/** \brief The raw format with the V4L2 pixel format \a pixelFormat, or nullptr */
const RawFormat *rawFormatOfPixelFormat(uint32_t pixelFormat)
{
	auto it = std::find_if(std::begin(kRaw), std::end(kRaw),
			       [&](const RawFormat &f) { return f.pixelFormat == pixelFormat; });
	return it == std::end(kRaw) ? nullptr : it;
}

/** \brief The unpacked raw format of a mosaic, or nullptr for an unknown depth */
const RawFormat *rawFormat(isp::BayerOrder order, unsigned int bitDepth)
{
	auto it = std::find_if(std::begin(kRaw), std::end(kRaw), [&](const RawFormat &f) {
		return f.order == order && f.bitDepth == bitDepth;
	});
	return it == std::end(kRaw) ? nullptr : it;
}

/** \brief The order that the first two rows have when the readout is flipped */
isp::BayerOrder flippedOrder(sensor::BayerOrder order, bool hflip, bool vflip)
{
	/* The orders are numbered by column (bit 0) and row (bit 1) of red. */
	unsigned int index = static_cast<unsigned int>(order) ^ (hflip ? 1 : 0) ^ (vflip ? 2 : 0);
	return static_cast<isp::BayerOrder>(index);
}

/** \brief One of kImageFormats processed formats */
const ImageFormat &imageFormat(size_t index)
{
	return kImage[index];
}

/** \brief The processed format with the V4L2 code \a pixelFormat, or nullptr */
const ImageFormat *imageFormatOfPixelFormat(uint32_t pixelFormat)
{
	auto it = std::find_if(std::begin(kImage), std::end(kImage),
			       [&](const ImageFormat &f) { return f.pixelFormat == pixelFormat; });
	return it == std::end(kImage) ? nullptr : it;
}

/** \brief \a size as an even number of the range */
unsigned int evenSize(unsigned int size, unsigned int smallest, unsigned int largest)
{
	return std::clamp(size & ~1U, (smallest + 1) & ~1U, largest & ~1U);
}

/** \brief A raw image on the bus */
v4l2_mbus_framefmt rawBusFormat(uint32_t code, unsigned int width, unsigned int height)
{
	v4l2_mbus_framefmt format = {};
	format.width = width;
	format.height = height;
	format.code = code;
	format.field = V4L2_FIELD_NONE;
	format.colorspace = V4L2_COLORSPACE_RAW;
	format.xfer_func = V4L2_XFER_FUNC_NONE;
	format.ycbcr_enc = V4L2_YCBCR_ENC_601;
	format.quantization = V4L2_QUANTIZATION_FULL_RANGE;
	return format;
}

/** \brief A processed image inside the ISP */
v4l2_mbus_framefmt internalBusFormat(unsigned int width, unsigned int height)
{
	v4l2_mbus_framefmt format = {};
	format.width = width;
	format.height = height;
	format.code = kInternalCode;
	format.field = V4L2_FIELD_NONE;
	format.colorspace = V4L2_COLORSPACE_SRGB;
	format.xfer_func = V4L2_XFER_FUNC_SRGB;
	format.ycbcr_enc = V4L2_YCBCR_ENC_601;
	format.quantization = V4L2_QUANTIZATION_FULL_RANGE;
	return format;
}

/** \brief Parameters or statistics: no image, so the size says nothing */
v4l2_mbus_framefmt metadataBusFormat()
{
	v4l2_mbus_framefmt format = {};
	format.width = 1;
	format.height = 1;
	format.code = MEDIA_BUS_FMT_FIXED;
	format.field = V4L2_FIELD_NONE;
	return format;
}

} /* namespace fovea::device */
