/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Statistics capture and parameters output
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/fovea-isp.h>

#include "isp_sim/isp/params.h"

#include "nodes.h"

namespace fovea::device {

/**
 * \class MetadataNode
 * \brief A metadata node with one format of a fixed size
 */

MetadataNode::MetadataNode(v4l2::MediaDevice *media, std::string name,
			   v4l2_buf_type type, uint32_t dataFormat, size_t size,
			   const char *description)
	: Node(media, std::move(name), type), dataFormat_(dataFormat), size_(size),
	  description_(description)
{
	setDefaultFormat({});
}

int MetadataNode::enumFormat(v4l2_fmtdesc *description)
{
	if (description->index ||
	    (description->mbus_code && description->mbus_code != MEDIA_BUS_FMT_FIXED))
		return -EINVAL;

	description->pixelformat = dataFormat_;
	snprintf(reinterpret_cast<char *>(description->description),
		 sizeof(description->description), "%s", description_);
	return 0;
}

int MetadataNode::tryFormat(v4l2_format *format)
{
	format->fmt = {};
	format->fmt.meta.dataformat = dataFormat_;
	format->fmt.meta.buffersize = size_;
	return 0;
}

/** \class StatsNode \brief Statistics, struct fovea_isp_stats_buffer */
StatsNode::StatsNode(v4l2::MediaDevice *media, std::string name)
	: MetadataNode(media, std::move(name), V4L2_BUF_TYPE_META_CAPTURE,
		       V4L2_META_FMT_FOVEA_ISP_STATS, sizeof(fovea_isp_stats_buffer),
		       "Fovea ISP Statistics")
{
}

/** \class ParamsNode \brief Parameters, struct v4l2_isp_params_buffer */
ParamsNode::ParamsNode(v4l2::MediaDevice *media, std::string name)
	: MetadataNode(media, std::move(name), V4L2_BUF_TYPE_META_OUTPUT,
		       V4L2_META_FMT_FOVEA_ISP_PARAMS, FOVEA_ISP_PARAMS_MAX_SIZE,
		       "Fovea ISP Parameters")
{
	for (std::vector<uint8_t> &copy : copies_)
		copy.reserve(size());
}

/*
 * The application can write to the buffer at any time, so what was validated is
 * a copy, and the copy is what gets applied.
 *
 * What is wrong with parameters is of use to the developer of the IPA, and the
 * interface has no room for it: say it on the log, once for a run of equal ones.
 */
int ParamsNode::bufPrepare(v4l2::Buffer &buffer)
{
	std::span<const uint8_t> payload = buffer.payload(0);
	std::vector<uint8_t> &copy = copies_[buffer.index()];
	std::string error;

	if (payload.size() > size())
		payload = payload.first(size());
	copy.assign(payload.begin(), payload.end());

	int ret = isp::validateParams(copy, &error);
	if (ret && error != lastError_)
		fprintf(stderr, "%s: parameters refused: %s\n", entityName().c_str(),
			error.c_str());
	lastError_ = error;

	return ret;
}

} /* namespace fovea::device */
