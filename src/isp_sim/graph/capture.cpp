/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Capture node at the end of a graph
 */

#include "capture.h"

#include <algorithm>
#include <errno.h>

namespace fovea::graph {

namespace {

/* Least number of buffers that REQBUFS allocates. */
constexpr unsigned int kMinBuffers = 2;

/* Two settings of colorimetry that do not contradict each other; 0 is "default". */
bool agree(uint32_t a, uint32_t b)
{
	return !a || !b || a == b;
}

} /* namespace */

/**
 * \class Capture
 * \brief A video node that the pictures of a chain of elements go to
 */

Capture::Capture(v4l2::EventLoop *loop, v4l2::MediaDevice *media, const EntityConfig &config,
		 double frameRate, bool virtualTime)
	: VideoDevice(media, config.name, V4L2_BUF_TYPE_VIDEO_CAPTURE, MEDIA_PAD_FL_SINK),
	  config_(config), streamer_(loop, this, frameRate, virtualTime)
{
	v4l2_format format = {};
	format.fmt.pix.width = config.size.width;
	format.fmt.pix.height = config.size.height;
	format.fmt.pix.pixelformat = config.pixelFormat;
	format.fmt.pix.colorspace = V4L2_COLORSPACE_SRGB;
	setDefaultFormat(format);
}

int Capture::enumFormat(v4l2_fmtdesc *description)
{
	const PixelFormat *format = nullptr;

	if (!description->mbus_code) {
		if (description->index < pixelFormats().size())
			format = &pixelFormats()[description->index];
	} else if (description->index == 0) {
		format = formatByCode(description->mbus_code);
	}

	if (!format)
		return -EINVAL;

	description->pixelformat = format->fourcc;
	return 0;
}

int Capture::tryFormat(v4l2_format *format)
{
	v4l2_pix_format &pix = format->fmt.pix;
	const Size size = limitSize(pix.width, pix.height);
	const PixelFormat *pixels = formatByFourcc(pix.pixelformat);
	if (!pixels)
		pixels = formatByFourcc(config_.pixelFormat);

	pix.width = size.width;
	pix.height = size.height;
	pix.pixelformat = pixels->fourcc;
	pix.bytesperline = size.width * pixels->bytes;
	pix.sizeimage = pix.bytesperline * size.height;
	if (pix.field == V4L2_FIELD_ANY)
		pix.field = V4L2_FIELD_NONE;

	limitColorimetry(&pix);
	if (pix.colorspace == V4L2_COLORSPACE_DEFAULT)
		pix.colorspace = V4L2_COLORSPACE_SRGB;
	return 0;
}

int Capture::enumFrameSizes(v4l2_frmsizeenum *size)
{
	if (size->index || !formatByFourcc(size->pixel_format))
		return -EINVAL;

	size->type = V4L2_FRMSIZE_TYPE_CONTINUOUS;
	size->stepwise = { kMinSize, kMaxWidth, 1, kMinSize, kMaxHeight, 1 };
	return 0;
}

/* Size and format have to be equal, colorimetry must not contradict. */
int Capture::validateFormat(const v4l2_mbus_framefmt &bus)
{
	const v4l2_pix_format &pix = format().fmt.pix;
	const PixelFormat *pixels = formatByCode(bus.code);

	if (bus.width != pix.width || bus.height != pix.height || !pixels ||
	    pixels->fourcc != pix.pixelformat)
		return -EPIPE;
	if (bus.field != pix.field && pix.field != V4L2_FIELD_NONE)
		return -EPIPE;
	if (!bus.colorspace || !pix.colorspace)
		return 0;

	return agree(bus.colorspace, pix.colorspace) && agree(bus.ycbcr_enc, pix.ycbcr_enc) &&
			       agree(bus.quantization, pix.quantization) &&
			       agree(bus.xfer_func, pix.xfer_func)
		     ? 0
		     : -EPIPE;
}

int Capture::queueSetup(unsigned int *count, std::vector<size_t> *sizes)
{
	if (sizes->empty())
		*count = std::max(*count, kMinBuffers);

	return VideoDevice::queueSetup(count, sizes);
}

void Capture::bufQueue(v4l2::Buffer &buffer)
{
	pending_.push_back(&buffer);
	streamer_.bufferQueued();
}

/*
 * Every node is a pipeline of its own: it cannot start while another one streams
 * from the same entities.
 */
int Capture::prepareStreaming()
{
	if (streaming())
		return -EBUSY;

	return VideoDevice::prepareStreaming();
}

/*
 * The elements from the one that makes pictures to this node, each the source of
 * the enabled link to the first sink pad of the next. -EPIPE if one is missing.
 */
int Capture::findElements(std::vector<Element *> *elements) const
{
	const Entity *entity = this;

	while (true) {
		const v4l2::Pad *sink = nullptr;
		for (size_t i = 0; i < entity->padCount() && !sink; i++) {
			if (entity->pad(i)->flags & MEDIA_PAD_FL_SINK)
				sink = entity->pad(i);
		}
		if (!sink)
			break;

		const v4l2::Link *link = entity->enabledLink(sink->index);
		if (!link)
			return -EPIPE;

		entity = link->source->entity;
		auto *element = dynamic_cast<Element *>(link->source->entity);
		if (!element)
			return -EPIPE;
		elements->push_back(element);
	}

	std::reverse(elements->begin(), elements->end());
	return 0;
}

int Capture::startStreaming()
{
	std::vector<Element *> elements;
	const int ret = findElements(&elements);
	if (ret) {
		pending_.clear();
		return ret;
	}

	streamer_.start(std::move(elements));
	return 0;
}

void Capture::stopStreaming()
{
	if (v4l2::Buffer *buffer = streamer_.stop())
		queue().complete(*buffer, v4l2::BufferState::Error);
	while (v4l2::Buffer *buffer = takeBuffer())
		queue().complete(*buffer, v4l2::BufferState::Error);
}

v4l2::Buffer *Capture::takeBuffer()
{
	if (pending_.empty())
		return nullptr;

	v4l2::Buffer *buffer = pending_.front();
	pending_.pop_front();
	return buffer;
}

void Capture::complete(v4l2::Buffer *buffer, uint32_t sequence, uint64_t timestamp)
{
	buffer->sequence = sequence;
	buffer->timestamp = timestamp;
	buffer->field = format().fmt.pix.field;
	buffer->setBytesUsed(0, format().fmt.pix.sizeimage);
	queue().complete(*buffer, v4l2::BufferState::Done);
}

} /* namespace fovea::graph */
