/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A small device on the core: a source, a capture and an output node
 */

#include "core_test.h"

#include <algorithm>
#include <errno.h>

namespace fovea::test {

Source::Source(v4l2::MediaDevice *media)
	: Subdevice(media, "source", MEDIA_ENT_F_CAM_SENSOR,
		    { MEDIA_PAD_FL_SOURCE, MEDIA_PAD_FL_SOURCE },
		    OpEnumMbusCode | OpFormat | OpEvents)
{
	controls_.setOperations(this);
	exposure = controls_.addStandard(V4L2_CID_EXPOSURE, 10, 100, 5, 50);
	menu = controls_.addMenu(V4L2_CID_TEST_PATTERN, { "Off", "", "Bars" }, 0);
	readOnly = controls_.addStandard(V4L2_CID_HBLANK, 36, 36, 1, 36, V4L2_CTRL_FLAG_READ_ONLY);
	wide = controls_.addStandard(V4L2_CID_PIXEL_RATE, 1, INT64_C(1) << 40, 1, INT64_C(1) << 35);
	controls_.addIntegerMenu(V4L2_CID_LINK_FREQ, { 100, INT64_C(5000000000) }, 1);
	controls_.addStandard(V4L2_CID_GAIN, 0, 255, 1, 0, V4L2_CTRL_FLAG_VOLATILE | V4L2_CTRL_FLAG_READ_ONLY);
	controls_.addStandard(V4L2_CID_HFLIP, 0, 1, 1, 0);
	resetActiveState();
}

void Source::initState(v4l2::SubdeviceState *state)
{
	for (v4l2::PadState &pad : state->pads) {
		pad.format = {};
		pad.format.width = 64;
		pad.format.height = 48;
		pad.format.code = MEDIA_BUS_FMT_Y8_1X8;
		pad.format.field = V4L2_FIELD_NONE;
	}
}

int Source::enumMbusCode([[maybe_unused]] const v4l2::SubdeviceState &state,
			 v4l2_subdev_mbus_code_enum *code)
{
	if (code->index)
		return -EINVAL;

	code->code = MEDIA_BUS_FMT_Y8_1X8;
	return 0;
}

int Source::setFormat(v4l2::SubdeviceState &state, v4l2_subdev_format *format)
{
	state.pads[format->pad].format.width = std::clamp(format->format.width, 16u, 1024u);
	format->format = state.pads[format->pad].format;
	return 0;
}

int Source::subscribeEvent(v4l2::FileHandle *file, const v4l2_event_subscription &subscription)
{
	return subscription.type == V4L2_EVENT_FRAME_SYNC
	     ? file->events().subscribe(subscription, 3)
	     : -EINVAL;
}

int Source::setControl(const v4l2::Control &control, int64_t value)
{
	if (setError)
		return setError;

	writes.push_back({ control.id(), value });
	return 0;
}

int Source::getVolatile([[maybe_unused]] const v4l2::Control &control, int64_t *value)
{
	*value = volatileValue;
	return 0;
}

/* -------------------------------------------------------------------------- */

TestNode::TestNode(v4l2::MediaDevice *media, std::string name, v4l2_buf_type type,
		   unsigned int minQueued)
	: VideoDevice(media, std::move(name), type,
		      V4L2_TYPE_IS_OUTPUT(type) ? MEDIA_PAD_FL_SOURCE : MEDIA_PAD_FL_SINK,
		      minQueued)
{
	v4l2_format format = {};
	if (queue().multiplanar()) {
		format.fmt.pix_mp.width = 64;
		format.fmt.pix_mp.height = 48;
	} else {
		format.fmt.pix.width = 64;
		format.fmt.pix.height = 48;
	}
	setDefaultFormat(format);
}

/* Complete the oldest buffer. */
bool TestNode::finish(v4l2::BufferState state, uint32_t sequence)
{
	if (owned.empty())
		return false;

	v4l2::Buffer *buffer = owned.front();
	owned.pop_front();
	buffer->sequence = sequence;
	buffer->timestamp = 5000001000;
	buffer->last = last;
	if (!queue().output())
		buffer->setBytesUsed(0, 100);
	queue().complete(*buffer, state);
	return true;
}

int TestNode::startStreaming()
{
	starts++;
	if (startError)
		owned.clear();
	return startError;
}

void TestNode::stopStreaming()
{
	stops++;
	while (finish(v4l2::BufferState::Error))
		;
}

int TestNode::enumFormat(v4l2_fmtdesc *description)
{
	if (description->index || (description->mbus_code && description->mbus_code != MEDIA_BUS_FMT_Y8_1X8))
		return -EINVAL;

	description->pixelformat = V4L2_PIX_FMT_GREY;
	return 0;
}

int TestNode::tryFormat(v4l2_format *format)
{
	if (queue().multiplanar()) {
		v4l2_pix_format_mplane &pix = format->fmt.pix_mp;
		pix = { .width = pix.width, .height = pix.height, .pixelformat = V4L2_PIX_FMT_GREY,
			.field = V4L2_FIELD_NONE, .colorspace = V4L2_COLORSPACE_RAW,
			.plane_fmt = {}, .num_planes = 2, .flags = 0, .ycbcr_enc = 0,
			.quantization = 0, .xfer_func = 0, .reserved = {} };
		pix.plane_fmt[0].sizeimage = pix.width * pix.height;
		pix.plane_fmt[1].sizeimage = 5000;
		return 0;
	}

	v4l2_pix_format &pix = format->fmt.pix;
	pix = { .width = std::clamp(pix.width, 16u, 1024u), .height = 48,
		.pixelformat = V4L2_PIX_FMT_GREY, .field = V4L2_FIELD_NONE,
		.bytesperline = 0, .sizeimage = 0, .colorspace = V4L2_COLORSPACE_RAW,
		.priv = V4L2_PIX_FMT_PRIV_MAGIC, .flags = 0, .ycbcr_enc = 0,
		.quantization = 0, .xfer_func = 0 };
	pix.bytesperline = pix.width;
	pix.sizeimage = pix.width * pix.height;
	return 0;
}

int TestNode::validateFormat(const v4l2_mbus_framefmt &bus)
{
	if (queue().multiplanar())
		return 0;

	return bus.width == format().fmt.pix.width ? 0 : -EPIPE;
}

/* -------------------------------------------------------------------------- */

CoreTest::CoreTest()
	: media_({ "test", "Test device", "serial", "platform:test", 3 }),
	  source_(&media_),
	  capture_(&media_, "capture", V4L2_BUF_TYPE_VIDEO_CAPTURE),
	  output_(&media_, "output", V4L2_BUF_TYPE_VIDEO_OUTPUT, 2),
	  planar_(&media_, "planar", V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE)
{
	media_.addLink(&source_, 0, &capture_, 0, MEDIA_LNK_FL_ENABLED | MEDIA_LNK_FL_IMMUTABLE);
	media_.addLink(&source_, 1, &planar_, 0, 0);
}

int CoreTest::request(v4l2::OpenFile *file, v4l2_buf_type type, uint32_t count,
		      uint32_t memory, uint32_t *got)
{
	v4l2_requestbuffers request = {};
	request.count = count;
	request.type = type;
	request.memory = memory;
	int ret = file->ioctl(VIDIOC_REQBUFS, &request);
	if (got)
		*got = request.count;
	return ret;
}

v4l2_buffer CoreTest::buffer(v4l2_buf_type type, uint32_t index, uint32_t memory)
{
	v4l2_buffer result = {};
	result.index = index;
	result.type = type;
	result.memory = memory;
	return result;
}

int CoreTest::queue(v4l2::OpenFile *file, v4l2_buf_type type, uint32_t index)
{
	v4l2_buffer b = buffer(type, index);
	return file->ioctl(VIDIOC_QBUF, &b);
}

int CoreTest::on(v4l2::OpenFile *file, uint32_t type)
{
	return file->ioctl(VIDIOC_STREAMON, &type);
}

int CoreTest::off(v4l2::OpenFile *file, uint32_t type)
{
	return file->ioctl(VIDIOC_STREAMOFF, &type);
}

} /* namespace fovea::test */
