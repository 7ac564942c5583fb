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
 * \brief The processed image in one of the formats that the ISP packs to
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
	if (description->index >= kImageFormats)
		return -EINVAL;

	description->pixelformat = imageFormat(description->index).pixelFormat;
	description->flags = V4L2_FMT_FLAG_CSC_XFER_FUNC | V4L2_FMT_FLAG_CSC_QUANTIZATION;
	if (!isp::isRgb(imageFormat(description->index).format))
		description->flags |= V4L2_FMT_FLAG_CSC_YCBCR_ENC;
	return 0;
}

/*
 * Transfer function, encoding and range are what the parameters make of them:
 * the gamma, colour-matrix and colour-space blocks. The node takes note of what
 * the application says about them. Without V4L2_PIX_FMT_FLAG_SET_CSC they are
 * those of the blocks' reset values.
 */
static void adjustColorSpace(const ImageFormat &image, const v4l2_pix_format_mplane &asked,
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
	if (isp::isRgb(image.format))
		return;

	if (asked.ycbcr_enc == V4L2_YCBCR_ENC_709 || asked.ycbcr_enc == V4L2_YCBCR_ENC_BT2020)
		result->ycbcr_enc = asked.ycbcr_enc;
	if (asked.quantization == V4L2_QUANTIZATION_LIM_RANGE)
		result->quantization = asked.quantization;
}

/* Planes of NV12M are those of NV12, in buffers of their own. */
static void setLayout(const ImageFormat &image, v4l2_pix_format_mplane *pix)
{
	const unsigned int stride = pix->width * isp::bytesPerPixel(image.format);
	const size_t size = isp::outputSize({ { pix->width, pix->height }, image.format, stride, {} });
	const size_t first = image.planes == 1 ? size : size_t{ stride } * pix->height;

	pix->num_planes = image.planes;
	for (unsigned int i = 0; i < image.planes; i++) {
		pix->plane_fmt[i].bytesperline = stride;
		pix->plane_fmt[i].sizeimage = i == 0 ? first : size - first;
	}
}

int ImageNode::tryFormat(v4l2_format *format)
{
	v4l2_pix_format_mplane &pix = format->fmt.pix_mp;
	const ImageFormat *image = imageFormatOfPixelFormat(pix.pixelformat);
	if (!image)
		image = imageFormatOfPixelFormat(V4L2_PIX_FMT_NV12);

	v4l2_pix_format_mplane result = {};
	result.width = evenSize(pix.width);
	result.height = evenSize(pix.height);
	result.pixelformat = image->pixelFormat;
	result.field = V4L2_FIELD_NONE;
	adjustColorSpace(*image, pix, &result);
	setLayout(*image, &result);

	pix = result;
	return 0;
}

int ImageNode::enumFrameSizes(v4l2_frmsizeenum *size)
{
	if (size->index || !imageFormatOfPixelFormat(size->pixel_format))
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
		imageFormatOfPixelFormat(pix.pixelformat)->format,
		pix.plane_fmt[0].bytesperline,
		{ static_cast<unsigned int>(crop.left), static_cast<unsigned int>(crop.top),
		  crop.width, crop.height },
	};
}

/** \brief The planes of \a buffer, of the sizes of the present format */
OutputMemory ImageNode::memory(const v4l2::Buffer &buffer) const
{
	OutputMemory memory;
	for (size_t i = 0; i < buffer.planeCount(); i++)
		memory[i] = buffer.memory(i).first(size(i));

	return memory;
}

} /* namespace fovea::device */
