/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Capture of the processed image
 */

#include <errno.h>

#include "nodes.h"

namespace fovea::device {

/**
 * \class ImageNode
 * \brief The processed image, as NV12 or XRGB8888
 */

ImageNode::ImageNode(v4l2::MediaDevice *media, std::string name, const v4l2_mbus_framefmt &preset)
	: Node(media, std::move(name), V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE)
{
	v4l2_format format = {};
	format.fmt.pix_mp.width = preset.width;
	format.fmt.pix_mp.height = preset.height;
	format.fmt.pix_mp.pixelformat = V4L2_PIX_FMT_XBGR32;
	setDefaultFormat(format);
}

int ImageNode::enumFormat(v4l2_fmtdesc *description)
{
	if (description->mbus_code && description->mbus_code != kInternalCode)
		return -EINVAL;
	if (description->index >= kMainFormats)
		return -EINVAL;

	description->pixelformat = mainFormat(description->index).pixelFormat;
	description->flags = V4L2_FMT_FLAG_CSC_XFER_FUNC | V4L2_FMT_FLAG_CSC_QUANTIZATION;
	if (!mainFormat(description->index).rgb)
		description->flags |= V4L2_FMT_FLAG_CSC_YCBCR_ENC;
	return 0;
}

/*
 * Transfer function, encoding and range are what the parameters make of them:
 * the gamma, colour-matrix and colour-space blocks. The node takes note of what
 * the application says about them. Without V4L2_PIX_FMT_FLAG_SET_CSC they are
 * those of the blocks' reset values.
 */
static void adjustColorSpace(const MainFormat &main, const v4l2_pix_format_mplane &asked,
			     v4l2_pix_format_mplane *result)
{
	const bool set = asked.flags & V4L2_PIX_FMT_FLAG_SET_CSC;

	result->colorspace = V4L2_COLORSPACE_SRGB;
	result->xfer_func = V4L2_XFER_FUNC_SRGB;
	result->ycbcr_enc = V4L2_YCBCR_ENC_601;
	result->quantization = V4L2_QUANTIZATION_FULL_RANGE;

	if (!set)
		return;

	if (asked.xfer_func == V4L2_XFER_FUNC_709)
		result->xfer_func = asked.xfer_func;
	if (main.rgb)
		return;

	if (asked.ycbcr_enc == V4L2_YCBCR_ENC_709 || asked.ycbcr_enc == V4L2_YCBCR_ENC_BT2020)
		result->ycbcr_enc = asked.ycbcr_enc;
	if (asked.quantization == V4L2_QUANTIZATION_LIM_RANGE)
		result->quantization = asked.quantization;
}

int ImageNode::tryFormat(v4l2_format *format)
{
	v4l2_pix_format_mplane &pix = format->fmt.pix_mp;
	const MainFormat *main = mainFormatOfPixelFormat(pix.pixelformat);
	if (!main)
		main = mainFormatOfPixelFormat(V4L2_PIX_FMT_NV12);

	v4l2_pix_format_mplane result = {};
	result.width = evenSize(pix.width);
	result.height = evenSize(pix.height);
	result.pixelformat = main->pixelFormat;
	result.field = V4L2_FIELD_NONE;
	adjustColorSpace(*main, pix, &result);
	result.num_planes = 1;
	result.plane_fmt[0].bytesperline = result.width * main->bytesPerSample;
	result.plane_fmt[0].sizeimage = isp::outputSize({ { result.width, result.height },
							  main->format,
							  result.plane_fmt[0].bytesperline,
							  {} });

	pix = result;
	return 0;
}

int ImageNode::enumFrameSizes(v4l2_frmsizeenum *size)
{
	if (size->index || !mainFormatOfPixelFormat(size->pixel_format))
		return -EINVAL;

	size->type = V4L2_FRMSIZE_TYPE_STEPWISE;
	size->stepwise = { kMinSize, kMaxSize, 2, kMinSize, kMaxSize, 2 };
	return 0;
}

int ImageNode::validateFormat(const v4l2_mbus_framefmt &bus)
{
	const v4l2_pix_format_mplane &pix = format().fmt.pix_mp;

	return bus.code == kInternalCode && pix.width == bus.width && pix.height == bus.height
	     ? 0
	     : -EPIPE;
}

/** \brief The node's format for the ISP, made from \a crop of the frame */
isp::OutputFormat ImageNode::outputFormat(const v4l2_rect &crop) const
{
	const v4l2_pix_format_mplane &pix = format().fmt.pix_mp;

	return {
		{ pix.width, pix.height },
		mainFormatOfPixelFormat(pix.pixelformat)->format,
		pix.plane_fmt[0].bytesperline,
		{ static_cast<unsigned int>(crop.left), static_cast<unsigned int>(crop.top),
		  crop.width, crop.height },
	};
}

} /* namespace fovea::device */
