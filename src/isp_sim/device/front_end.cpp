/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Front end
 */

#include <algorithm>
#include <errno.h>

#include <linux/fovea-isp.h>

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

namespace {

/*
 * The height of the image for the back end that is nearest to \a asked. The sink
 * has the rows of one exposure, or of two or three in turns.
 */
unsigned int imageHeight(unsigned int sink, unsigned int asked)
{
	unsigned int exposures = std::clamp((sink + asked / 2) / std::max(asked, 1U), 1U,
					    static_cast<unsigned int>(FOVEA_ISP_EXPOSURES));
	while (sink % (2 * exposures) || sink / exposures < kMinSize)
		exposures--;

	return sink / exposures;
}

} /* namespace */

int FrontEnd::setFormat(v4l2::SubdeviceState &state, v4l2_subdev_format *format)
{
	if (busy(state))
		return -EBUSY;

	/* Both images are what the sink is, but that of the back end may merge exposures. */
	if (format->pad == Sink) {
		state.pads[Sink].format = adjustRaw(format->format);
		state.pads[RawSource].format = state.pads[Sink].format;
		state.pads[ImageSource].format = state.pads[Sink].format;
	} else if (format->pad == ImageSource) {
		state.pads[ImageSource].format.height = imageHeight(state.pads[Sink].format.height,
								    format->format.height);
	}

	format->format = state.pads[format->pad].format;
	return 0;
}

} /* namespace fovea::device */
