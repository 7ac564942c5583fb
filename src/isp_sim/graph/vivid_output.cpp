/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * vivid: the output
 */

#include <errno.h>

#include "vivid.h"

namespace fovea::graph {

/**
 * \class VividOutput
 * \brief An output of any size; the pictures go nowhere
 */

VividOutput::VividOutput(v4l2::EventLoop *loop, v4l2::MediaDevice *media,
			 const EntityConfig &config, double frameRate, bool virtualTime)
	: VividNode(loop, media, config, V4L2_BUF_TYPE_VIDEO_OUTPUT, frameRate, virtualTime),
	  interval_{ 1000, static_cast<uint32_t>(frameRate * 1000) }
{
	v4l2_format format = {};
	format.fmt.pix.width = 720;
	format.fmt.pix.height = 576;
	setDefaultFormat(format);
	formatChanged();
}

int VividOutput::tryFormat(v4l2_format *format)
{
	v4l2_pix_format &pix = format->fmt.pix;
	const Size size = limitSize(pix.width, pix.height);

	pix.width = size.width;
	pix.height = size.height;
	limitColorimetry(&pix);
	if (!pix.colorspace)
		pix.colorspace = V4L2_COLORSPACE_SMPTE170M;
	fillSizes(&pix);
	return 0;
}

/* The rate is that of the output's signal, and not to be changed. */
int VividOutput::streamParameters(v4l2_streamparm *parameters, bool set)
{
	if (set)
		return -ENOTTY;

	v4l2_outputparm &output = parameters->parm.output;

	output = {};
	output.capability = V4L2_CAP_TIMEPERFRAME;
	output.timeperframe = interval_;
	return 0;
}

/* Only progressive pictures exist here. */
int VividOutput::bufPrepare(v4l2::Buffer &buffer)
{
	if (buffer.field == V4L2_FIELD_ANY)
		buffer.field = V4L2_FIELD_NONE;
	return buffer.field == V4L2_FIELD_NONE ? 0 : -EINVAL;
}

int VividOutput::startStreaming()
{
	streamer_.start({});
	return 0;
}

} /* namespace fovea::graph */
