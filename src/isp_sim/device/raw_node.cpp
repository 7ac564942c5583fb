/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Raw frames in memory
 */

#include <errno.h>

#include "nodes.h"

namespace fovea::device {

/**
 * \class RawNode
 * \brief Raw frames in memory, captured or read
 *
 * Samples of 8 bits lie in bytes, more in 16-bit words, or packed as on the
 * CSI-2 bus. The sensor starts a frame with its exposure, and that is the time
 * of a captured one; frames that are read keep the time that they come with.
 */

RawNode::RawNode(v4l2::MediaDevice *media, std::string name, v4l2_buf_type type,
		 const v4l2_mbus_framefmt &preset)
	: Node(media, std::move(name), type), presetFormat_(rawFormatOfCode(preset.code)->pixelFormat)
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
		const RawFormat &raw = device::rawFormat(i);
		if (description->mbus_code && description->mbus_code != raw.code)
			continue;
		if (skip--)
			continue;

		description->pixelformat = raw.pixelFormat;
		return 0;
	}

	return -EINVAL;
}

/** \brief The present format */
const RawFormat &RawNode::rawFormat() const
{
	return *rawFormatOfPixelFormat(format().fmt.pix_mp.pixelformat);
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

/* A frame to read has to be a whole one. */
int RawNode::bufPrepare(v4l2::Buffer &buffer)
{
	return queue().output() && buffer.payload(0).size() < size() ? -EINVAL : 0;
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

	return rawFormat().code == bus.code && pix.width == bus.width && pix.height == bus.height
	     ? 0
	     : -EPIPE;
}

} /* namespace fovea::device */
