/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Raw capture
 */

#include <errno.h>

#include "nodes.h"

namespace fovea::device {

/**
 * \class RawNode
 * \brief The sensor's samples, unpacked: 8 bits in bytes, more in 16-bit words
 */

RawNode::RawNode(v4l2::MediaDevice *media, std::string name, const v4l2_mbus_framefmt &preset)
	: Node(media, std::move(name), V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE),
	  presetFormat_(rawFormatOfCode(preset.code)->pixelFormat)
{
	v4l2_format format = {};
	format.fmt.pix_mp.width = preset.width;
	format.fmt.pix_mp.height = preset.height;
	format.fmt.pix_mp.pixelformat = presetFormat_;
	setDefaultFormat(format);
}

int RawNode::enumFormat(v4l2_fmtdesc *description)
{
	uint32_t skip = description->index;

	for (size_t i = 0; i < kRawFormats; i++) {
		const RawFormat &raw = rawFormat(i);
		if (description->mbus_code && description->mbus_code != raw.code)
			continue;
		if (skip--)
			continue;

		description->pixelformat = raw.pixelFormat;
		return 0;
	}

	return -EINVAL;
}

int RawNode::tryFormat(v4l2_format *format)
{
	v4l2_pix_format_mplane &pix = format->fmt.pix_mp;
	const RawFormat *raw = rawFormatOfPixelFormat(pix.pixelformat);
	if (!raw)
		raw = rawFormatOfPixelFormat(presetFormat_);

	v4l2_pix_format_mplane result = {};
	result.width = evenSize(pix.width);
	result.height = evenSize(pix.height);
	result.pixelformat = raw->pixelFormat;
	result.field = V4L2_FIELD_NONE;
	result.colorspace = V4L2_COLORSPACE_RAW;
	result.xfer_func = V4L2_XFER_FUNC_NONE;
	result.ycbcr_enc = V4L2_YCBCR_ENC_601;
	result.quantization = V4L2_QUANTIZATION_FULL_RANGE;
	result.num_planes = 1;
	result.plane_fmt[0].bytesperline = raw->stride(result.width);
	result.plane_fmt[0].sizeimage = result.plane_fmt[0].bytesperline * result.height;

	pix = result;
	return 0;
}

int RawNode::enumFrameSizes(v4l2_frmsizeenum *size)
{
	if (size->index || !rawFormatOfPixelFormat(size->pixel_format))
		return -EINVAL;

	size->type = V4L2_FRMSIZE_TYPE_STEPWISE;
	size->stepwise = { kMinSize, kMaxSize, 2, kMinSize, kMaxSize, 2 };
	return 0;
}

int RawNode::validateFormat(const v4l2_mbus_framefmt &bus)
{
	const v4l2_pix_format_mplane &pix = format().fmt.pix_mp;
	const RawFormat *raw = rawFormatOfPixelFormat(pix.pixelformat);

	return raw->code == bus.code && pix.width == bus.width && pix.height == bus.height
	     ? 0
	     : -EPIPE;
}

} /* namespace fovea::device */
