/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Front end
 */

#include <errno.h>

#include "formats.h"
#include "isp_subdevices.h"

namespace fovea::device {

FrontEnd::FrontEnd(v4l2::MediaDevice *media, std::string name, const v4l2_mbus_framefmt &preset)
	: ImageSubdevice(media, std::move(name), MEDIA_ENT_F_PROC_VIDEO_PIXEL_FORMATTER,
			 { MEDIA_PAD_FL_SINK | MEDIA_PAD_FL_MUST_CONNECT, MEDIA_PAD_FL_SOURCE,
			   MEDIA_PAD_FL_SOURCE, MEDIA_PAD_FL_SOURCE },
			 OpEnumMbusCode | OpEnumFrameSize | OpFormat, preset)
{
	resetActiveState();
}

ImageSubdevice::PadKind FrontEnd::padKind(unsigned int pad) const
{
	return pad == StatsSource ? PadKind::Metadata : PadKind::Raw;
}

void FrontEnd::initState(v4l2::SubdeviceState *state)
{
	for (v4l2::PadState &pad : state->pads)
		pad.format = preset_;
	state->pads[StatsSource].format = metadataBusFormat();
}

int FrontEnd::setFormat(v4l2::SubdeviceState &state, v4l2_subdev_format *format)
{
	if (busy(state))
		return -EBUSY;

	/* Both images are what the sink is. */
	if (format->pad == Sink) {
		state.pads[Sink].format = adjustRaw(format->format);
		state.pads[RawSource].format = state.pads[Sink].format;
		state.pads[ImageSource].format = state.pads[Sink].format;
	}

	format->format = state.pads[format->pad].format;
	return 0;
}

} /* namespace fovea::device */
