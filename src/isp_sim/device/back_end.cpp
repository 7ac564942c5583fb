/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Back end
 */

#include <errno.h>

#include "formats.h"
#include "isp_subdevices.h"

namespace fovea::device {

BackEnd::BackEnd(v4l2::MediaDevice *media, std::string name, const v4l2_mbus_framefmt &preset)
	: ImageSubdevice(media, std::move(name), MEDIA_ENT_F_PROC_VIDEO_ISP,
			 { MEDIA_PAD_FL_SINK | MEDIA_PAD_FL_MUST_CONNECT, MEDIA_PAD_FL_SINK,
			   MEDIA_PAD_FL_SOURCE },
			 OpEnumMbusCode | OpEnumFrameSize | OpFormat, preset)
{
	resetActiveState();
}

ImageSubdevice::PadKind BackEnd::padKind(unsigned int pad) const
{
	return pad == Sink ? PadKind::Raw
	     : pad == ParamsSink ? PadKind::Metadata
				 : PadKind::Internal;
}

void BackEnd::initState(v4l2::SubdeviceState *state)
{
	state->pads[Sink].format = preset_;
	state->pads[ParamsSink].format = metadataBusFormat();
	state->pads[Source].format = internalBusFormat(preset_.width, preset_.height);
}

int BackEnd::setFormat(v4l2::SubdeviceState &state, v4l2_subdev_format *format)
{
	if (busy(state))
		return -EBUSY;

	/* The processed image has the size of the raw one. */
	if (format->pad == Sink) {
		state.pads[Sink].format = adjustRaw(format->format);
		state.pads[Source].format = internalBusFormat(state.pads[Sink].format.width,
							      state.pads[Sink].format.height);
	}

	format->format = state.pads[format->pad].format;
	return 0;
}

} /* namespace fovea::device */
