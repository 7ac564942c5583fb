/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Scaler
 */

#include <algorithm>
#include <errno.h>

#include "formats.h"
#include "isp_subdevices.h"

namespace fovea::device {

namespace {

/* Limits of the ratio of output to crop, as isp::Isp has them. */
constexpr unsigned int kMaxDownscale = 32;
constexpr unsigned int kMaxUpscale = 16;

unsigned int limit(unsigned int size, unsigned int crop)
{
	return evenSize(size, std::max(kMinSize, (crop + kMaxDownscale - 1) / kMaxDownscale),
			std::min(kMaxSize, crop * kMaxUpscale));
}

} /* namespace */

Scaler::Scaler(v4l2::MediaDevice *media, std::string name, const v4l2_mbus_framefmt &preset)
	: ImageSubdevice(media, std::move(name), MEDIA_ENT_F_PROC_VIDEO_SCALER,
			 { MEDIA_PAD_FL_SINK | MEDIA_PAD_FL_MUST_CONNECT, MEDIA_PAD_FL_SOURCE },
			 OpEnumMbusCode | OpEnumFrameSize | OpFormat | OpSelection, preset)
{
	resetActiveState();
}

ImageSubdevice::PadKind Scaler::padKind([[maybe_unused]] unsigned int pad) const
{
	return PadKind::Internal;
}

void Scaler::initState(v4l2::SubdeviceState *state)
{
	state->pads[Sink].format = internalBusFormat(preset_.width, preset_.height);
	state->pads[Source].format = internalBusFormat(preset_.width, preset_.height);
	resetCrop(state);
}

void Scaler::resetCrop(v4l2::SubdeviceState *state) const
{
	const v4l2_mbus_framefmt &sink = state->pads[Sink].format;
	state->pads[Sink].crop = { 0, 0, sink.width, sink.height };
}

/* Keep the output within what the scaler can make of its crop. */
void Scaler::limitOutput(v4l2::SubdeviceState *state, unsigned int width,
			 unsigned int height) const
{
	const v4l2_rect &crop = state->pads[Sink].crop;
	state->pads[Source].format = internalBusFormat(limit(width, crop.width),
						       limit(height, crop.height));
}

int Scaler::setFormat(v4l2::SubdeviceState &state, v4l2_subdev_format *format)
{
	if (busy(state))
		return -EBUSY;

	if (format->pad == Sink) {
		/* A new input resets what lies behind it. */
		state.pads[Sink].format = internalBusFormat(evenSize(format->format.width),
							    evenSize(format->format.height));
		resetCrop(&state);
		limitOutput(&state, state.pads[Sink].format.width,
			    state.pads[Sink].format.height);
	} else {
		limitOutput(&state, format->format.width, format->format.height);
	}

	format->format = state.pads[format->pad].format;
	return 0;
}

int Scaler::getSelection(const v4l2::SubdeviceState &state, v4l2_subdev_selection *selection)
{
	if (selection->pad != Sink)
		return -EINVAL;

	const v4l2_mbus_framefmt &sink = state.pads[Sink].format;

	switch (selection->target) {
	case V4L2_SEL_TGT_CROP:
		selection->r = state.pads[Sink].crop;
		return 0;
	case V4L2_SEL_TGT_CROP_BOUNDS:
	case V4L2_SEL_TGT_CROP_DEFAULT:
		selection->r = { 0, 0, sink.width, sink.height };
		return 0;
	default:
		return -EINVAL;
	}
}

/* The crop is kept within the image: its size first, then its place. */
int Scaler::setSelection(v4l2::SubdeviceState &state, v4l2_subdev_selection *selection)
{
	if (selection->pad != Sink || selection->target != V4L2_SEL_TGT_CROP)
		return -EINVAL;
	if (busy(state))
		return -EBUSY;

	const v4l2_mbus_framefmt &sink = state.pads[Sink].format;
	v4l2_rect &r = selection->r;

	r.width = evenSize(r.width, kMinSize, sink.width);
	r.height = evenSize(r.height, kMinSize, sink.height);
	r.left = std::clamp<int>(r.left, 0, sink.width - r.width) & ~1;
	r.top = std::clamp<int>(r.top, 0, sink.height - r.height) & ~1;

	state.pads[Sink].crop = r;
	limitOutput(&state, state.pads[Source].format.width, state.pads[Source].format.height);
	return 0;
}

} /* namespace fovea::device */
