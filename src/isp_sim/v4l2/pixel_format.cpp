/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What the kernel does with every pixel format, whatever the driver
 */

#include "pixel_format.h"

#include <stdint.h>
#include <string.h>

namespace fovea::v4l2 {

namespace {

struct FormatDescription {
	uint32_t pixelFormat;
	const char *text;
};

/* Names that the kernel's ENUM_FMT gives. */
constexpr FormatDescription kDescriptions[] = {
	{ V4L2_PIX_FMT_NV12, "Y/UV 4:2:0" },
	{ V4L2_PIX_FMT_NV21, "Y/VU 4:2:0" },
	{ V4L2_PIX_FMT_NV16, "Y/UV 4:2:2" },
	{ V4L2_PIX_FMT_YUYV, "YUYV 4:2:2" },
	{ V4L2_PIX_FMT_YVYU, "YVYU 4:2:2" },
	{ V4L2_PIX_FMT_UYVY, "UYVY 4:2:2" },
	{ V4L2_PIX_FMT_VYUY, "VYUY 4:2:2" },
	{ V4L2_PIX_FMT_NV61, "Y/VU 4:2:2" },
	{ V4L2_PIX_FMT_NV24, "Y/UV 4:4:4" },
	{ V4L2_PIX_FMT_NV42, "Y/VU 4:4:4" },
	{ V4L2_PIX_FMT_NV12M, "Y/UV 4:2:0 (N-C)" },
	{ V4L2_PIX_FMT_NV21M, "Y/VU 4:2:0 (N-C)" },
	{ V4L2_PIX_FMT_NV16M, "Y/UV 4:2:2 (N-C)" },
	{ V4L2_PIX_FMT_NV61M, "Y/VU 4:2:2 (N-C)" },
	{ V4L2_PIX_FMT_YUV422P, "Planar YUV 4:2:2" },
	{ V4L2_PIX_FMT_P010, "10-bit Y/UV 4:2:0" },
	{ V4L2_PIX_FMT_YUV420, "Planar YUV 4:2:0" },
	{ V4L2_PIX_FMT_YVU420, "Planar YVU 4:2:0" },
	{ V4L2_PIX_FMT_RGB565, "16-bit RGB 5-6-5" },
	{ V4L2_PIX_FMT_RGB565X, "16-bit RGB 5-6-5 BE" },
	{ V4L2_PIX_FMT_ABGR32, "32-bit BGRA 8-8-8-8" },
	{ V4L2_PIX_FMT_RGBA32, "32-bit RGBA 8-8-8-8" },
	{ V4L2_PIX_FMT_RGBX32, "32-bit RGBX 8-8-8-8" },
	{ V4L2_PIX_FMT_BGRA32, "32-bit ABGR 8-8-8-8" },
	{ V4L2_PIX_FMT_BGRX32, "32-bit XBGR 8-8-8-8" },
	{ V4L2_PIX_FMT_GREY, "8-bit Greyscale" },
	{ V4L2_PIX_FMT_Y10, "10-bit Greyscale" },
	{ V4L2_PIX_FMT_Y12, "12-bit Greyscale" },
	{ V4L2_PIX_FMT_Y14, "14-bit Greyscale" },
	{ V4L2_PIX_FMT_Y16, "16-bit Greyscale" },
	{ V4L2_PIX_FMT_RGB24, "24-bit RGB 8-8-8" },
	{ V4L2_PIX_FMT_BGR24, "24-bit BGR 8-8-8" },
	{ V4L2_PIX_FMT_XBGR32, "32-bit BGRX 8-8-8-8" },
	{ V4L2_PIX_FMT_XRGB32, "32-bit XRGB 8-8-8-8" },
	{ V4L2_PIX_FMT_ARGB32, "32-bit ARGB 8-8-8-8" },
	{ V4L2_PIX_FMT_MJPEG, "Motion-JPEG" },
	{ V4L2_PIX_FMT_JPEG, "JFIF JPEG" },
	{ V4L2_PIX_FMT_SBGGR8, "8-bit Bayer BGBG/GRGR" },
	{ V4L2_PIX_FMT_SGBRG8, "8-bit Bayer GBGB/RGRG" },
	{ V4L2_PIX_FMT_SGRBG8, "8-bit Bayer GRGR/BGBG" },
	{ V4L2_PIX_FMT_SRGGB8, "8-bit Bayer RGRG/GBGB" },
	{ V4L2_PIX_FMT_SBGGR10, "10-bit Bayer BGBG/GRGR" },
	{ V4L2_PIX_FMT_SGBRG10, "10-bit Bayer GBGB/RGRG" },
	{ V4L2_PIX_FMT_SGRBG10, "10-bit Bayer GRGR/BGBG" },
	{ V4L2_PIX_FMT_SRGGB10, "10-bit Bayer RGRG/GBGB" },
	{ V4L2_PIX_FMT_SBGGR10ALAW8, "8-bit Bayer BGBG/GRGR (A-law)" },
	{ V4L2_PIX_FMT_SGBRG10ALAW8, "8-bit Bayer GBGB/RGRG (A-law)" },
	{ V4L2_PIX_FMT_SGRBG10ALAW8, "8-bit Bayer GRGR/BGBG (A-law)" },
	{ V4L2_PIX_FMT_SRGGB10ALAW8, "8-bit Bayer RGRG/GBGB (A-law)" },
	{ V4L2_PIX_FMT_SBGGR10DPCM8, "8-bit Bayer BGBG/GRGR (DPCM)" },
	{ V4L2_PIX_FMT_SGBRG10DPCM8, "8-bit Bayer GBGB/RGRG (DPCM)" },
	{ V4L2_PIX_FMT_SGRBG10DPCM8, "8-bit Bayer GRGR/BGBG (DPCM)" },
	{ V4L2_PIX_FMT_SRGGB10DPCM8, "8-bit Bayer RGRG/GBGB (DPCM)" },
	{ V4L2_PIX_FMT_SBGGR12, "12-bit Bayer BGBG/GRGR" },
	{ V4L2_PIX_FMT_SGBRG12, "12-bit Bayer GBGB/RGRG" },
	{ V4L2_PIX_FMT_SGRBG12, "12-bit Bayer GRGR/BGBG" },
	{ V4L2_PIX_FMT_SRGGB12, "12-bit Bayer RGRG/GBGB" },
	{ V4L2_PIX_FMT_SBGGR14, "14-bit Bayer BGBG/GRGR" },
	{ V4L2_PIX_FMT_SGBRG14, "14-bit Bayer GBGB/RGRG" },
	{ V4L2_PIX_FMT_SGRBG14, "14-bit Bayer GRGR/BGBG" },
	{ V4L2_PIX_FMT_SRGGB14, "14-bit Bayer RGRG/GBGB" },
	{ V4L2_PIX_FMT_SBGGR16, "16-bit Bayer BGBG/GRGR" },
	{ V4L2_PIX_FMT_SGBRG16, "16-bit Bayer GBGB/RGRG" },
	{ V4L2_PIX_FMT_SGRBG16, "16-bit Bayer GRGR/BGBG" },
	{ V4L2_PIX_FMT_SRGGB16, "16-bit Bayer RGRG/GBGB" },
	{ V4L2_PIX_FMT_SBGGR10P, "10-bit Bayer BGBG/GRGR Packed" },
	{ V4L2_PIX_FMT_SGBRG10P, "10-bit Bayer GBGB/RGRG Packed" },
	{ V4L2_PIX_FMT_SGRBG10P, "10-bit Bayer GRGR/BGBG Packed" },
	{ V4L2_PIX_FMT_SRGGB10P, "10-bit Bayer RGRG/GBGB Packed" },
	{ V4L2_PIX_FMT_SBGGR12P, "12-bit Bayer BGBG/GRGR Packed" },
	{ V4L2_PIX_FMT_SGBRG12P, "12-bit Bayer GBGB/RGRG Packed" },
	{ V4L2_PIX_FMT_SGRBG12P, "12-bit Bayer GRGR/BGBG Packed" },
	{ V4L2_PIX_FMT_SRGGB12P, "12-bit Bayer RGRG/GBGB Packed" },
	{ V4L2_PIX_FMT_SBGGR14P, "14-bit Bayer BGBG/GRGR Packed" },
	{ V4L2_PIX_FMT_SGBRG14P, "14-bit Bayer GBGB/RGRG Packed" },
	{ V4L2_PIX_FMT_SGRBG14P, "14-bit Bayer GRGR/BGBG Packed" },
	{ V4L2_PIX_FMT_SRGGB14P, "14-bit Bayer RGRG/GBGB Packed" },
};

} /* namespace */

/**
 * \brief Fill in the description of a format, as VIDIOC_ENUM_FMT gives it
 *
 * A description that is there, of a format of the driver's own, is kept; where
 * there is none the four characters of the code are shown.
 */
void describePixelFormat(v4l2_fmtdesc *description)
{
	char text[sizeof(description->description)] = {};

	for (const FormatDescription &entry : kDescriptions) {
		if (entry.pixelFormat == description->pixelformat)
			strncpy(text, entry.text, sizeof(text) - 1);
	}

	if (description->pixelformat == V4L2_PIX_FMT_MJPEG ||
	    description->pixelformat == V4L2_PIX_FMT_JPEG)
		description->flags |= V4L2_FMT_FLAG_COMPRESSED;

	if (!text[0] && description->description[0])
		return;

	for (unsigned int i = 0; !text[0] && i < 4; i++)
		description->description[i] = description->pixelformat >> (8 * i) & 0x7f;
	if (text[0])
		memcpy(description->description, text, sizeof(text));
}

/**
 * \brief Make the newer fields of a single-planar format valid
 *
 * The fields behind "priv" of a single-planar format are newer than the rest:
 * they count only with a magic number there, which the core always answers.
 */
void completePixFormat(v4l2_format *format)
{
	if (format->type != V4L2_BUF_TYPE_VIDEO_CAPTURE &&
	    format->type != V4L2_BUF_TYPE_VIDEO_OUTPUT)
		return;

	v4l2_pix_format &pix = format->fmt.pix;
	if (pix.priv == V4L2_PIX_FMT_PRIV_MAGIC)
		return;

	pix.priv = V4L2_PIX_FMT_PRIV_MAGIC;
	pix.flags = 0;
	pix.ycbcr_enc = 0;
	pix.quantization = 0;
	pix.xfer_func = 0;
}

} /* namespace fovea::v4l2 */
