/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * CSI-2 receiver
 */

#include <errno.h>

#include "formats.h"
#include "isp_subdevices.h"

namespace fovea::device {

namespace {

/* Frame starts that are kept for a client that is late. */
constexpr unsigned int kFrameStartDepth = 16;

} /* namespace */

Csi2Receiver::Csi2Receiver(v4l2::MediaDevice *media, std::string name, const v4l2_mbus_framefmt &preset)
	: ImageSubdevice(media, std::move(name), MEDIA_ENT_F_VID_IF_BRIDGE,
			 { MEDIA_PAD_FL_SINK | MEDIA_PAD_FL_MUST_CONNECT, MEDIA_PAD_FL_SOURCE },
			 OpEnumMbusCode | OpEnumFrameSize | OpFormat | OpEvents, preset)
{
	resetActiveState();
}

ImageSubdevice::PadKind Csi2Receiver::padKind([[maybe_unused]] unsigned int pad) const
{
	return PadKind::Raw;
}

void Csi2Receiver::initState(v4l2::SubdeviceState *state)
{
	for (v4l2::PadState &pad : state->pads)
		pad.format = preset_;
}

int Csi2Receiver::setFormat(v4l2::SubdeviceState &state, v4l2_subdev_format *format)
{
	if (busy(state))
		return -EBUSY;

	/* The source is what the sink is. */
	if (format->pad == Sink) {
		state.pads[Sink].format = adjustRaw(format->format);
		state.pads[Source].format = state.pads[Sink].format;
	}

	format->format = state.pads[format->pad].format;
	return 0;
}

int Csi2Receiver::subscribeEvent(v4l2::FileHandle *file,
				 const v4l2_event_subscription &subscription)
{
	if (subscription.type != V4L2_EVENT_FRAME_SYNC || subscription.id)
		return -EINVAL;

	return file->events().subscribe(subscription, kFrameStartDepth);
}

/** \brief Send the event of the frame that starts at \a timestamp nanoseconds */
void Csi2Receiver::frameStart(uint32_t sequence, uint64_t timestamp)
{
	v4l2_event event = {};
	event.type = V4L2_EVENT_FRAME_SYNC;
	event.u.frame_sync.frame_sequence = sequence;
	event.timestamp.tv_sec = timestamp / 1000000000;
	event.timestamp.tv_nsec = timestamp % 1000000000;

	sendEvent(event);
}

/** \brief Does a subscriber still have to dequeue a frame start? */
bool Csi2Receiver::frameStartPending() const
{
	for (const v4l2::FileHandle *file : files()) {
		if (file->events().pending(V4L2_EVENT_FRAME_SYNC, 0))
			return true;
	}

	return false;
}

void Csi2Receiver::eventsChanged()
{
	if (frameStartsRead && !frameStartPending())
		frameStartsRead();
}

} /* namespace fovea::device */
