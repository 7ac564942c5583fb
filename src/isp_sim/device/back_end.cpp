/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Back end
 */

#include <errno.h>

#include <linux/fovea-isp.h>

#include "formats.h"
#include "isp_subdevices.h"
#include "nodes.h"

namespace fovea::device {

BackEnd::BackEnd(v4l2::MediaDevice *media, std::string name, const v4l2_mbus_framefmt &preset)
	: ImageSubdevice(media, std::move(name), MEDIA_ENT_F_PROC_VIDEO_ISP,
			 { MEDIA_PAD_FL_SINK | MEDIA_PAD_FL_MUST_CONNECT, MEDIA_PAD_FL_SINK,
			   MEDIA_PAD_FL_SOURCE, MEDIA_PAD_FL_SOURCE },
			 OpEnumMbusCode | OpEnumFrameSize | OpFormat, preset)
{
	resetActiveState();
}

ImageSubdevice::PadKind BackEnd::padKind(unsigned int pad) const
{
	return pad == Sink ? PadKind::Raw
	     : pad == Source ? PadKind::Internal
			     : PadKind::Metadata;
}

void BackEnd::initState(v4l2::SubdeviceState *state)
{
	state->pads[Sink].format = preset_;
	state->pads[ParamsSink].format = metadataBusFormat();
	state->pads[Source].format = internalBusFormat(preset_.width, preset_.height);
	state->pads[StatsSource].format = metadataBusFormat();
}

/*
 * The memory input is a video node, which has no bus format to compare with. Its
 * frames may have several exposures, as those of a front end.
 */
int BackEnd::validateLink(const v4l2::Link &link)
{
	if (auto *input = dynamic_cast<RawNode *>(link.source->entity)) {
		const v4l2_mbus_framefmt &sink = activeState().pads[link.sink->index].format;
		for (unsigned int exposures = 1; exposures <= FOVEA_ISP_EXPOSURES; exposures++) {
			v4l2_mbus_framefmt frame = sink;
			frame.height *= exposures;
			if (!input->validateFormat(frame))
				return 0;
		}
		return -EPIPE;
	}

	return ImageSubdevice::validateLink(link);
}

/** \brief One source at a time: -EBUSY for a second one */
int BackEnd::setupLink(const v4l2::Pad &local, const v4l2::Pad &remote, uint32_t flags)
{
	if (local.index != Sink || !(flags & MEDIA_LNK_FL_ENABLED))
		return 0;

	const v4l2::Link *present = enabledLink(Sink);
	return present && present->source != &remote ? -EBUSY : 0;
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
