/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Scaler
 */

#include <algorithm>
#include <errno.h>

#include "processing.h"
#include "subdevices.h"

namespace fovea::graph {

/**
 * \class Scaler
 * \brief Crop and scaling of colour pictures
 *
 * Bus format and colorimetry are those of the sink pad. A new format there
 * resets the crop and the source pad.
 */

Scaler::Scaler(v4l2::MediaDevice *media, const EntityConfig &config)
	: ElementSubdevice(media, config, MEDIA_ENT_F_PROC_VIDEO_SCALER,
			   { MEDIA_PAD_FL_SINK, MEDIA_PAD_FL_SOURCE },
			   OpEnumMbusCode | OpEnumFrameSize | OpFormat | OpSelection)
{
	resetActiveState();
}

bool Scaler::takesCode([[maybe_unused]] unsigned int pad, uint32_t code) const
{
	const PixelFormat *format = formatByCode(code);
	return format && !format->bayer();
}

uint32_t Scaler::codeAt([[maybe_unused]] unsigned int pad, unsigned int index) const
{
	return codeByIndex(index);
}

void Scaler::initState(v4l2::SubdeviceState *state)
{
	state->pads[Sink].format = defaultFormat(config_.code);
	state->pads[Source].format = defaultFormat(config_.code);
	state->pads[Sink].crop = { 0, 0, config_.size.width, config_.size.height };
}

int Scaler::setFormat(v4l2::SubdeviceState &state, v4l2_subdev_format *format)
{
	if (busy(state))
		return -EBUSY;

	v4l2_mbus_framefmt &current = state.pads[format->pad].format;
	v4l2_mbus_framefmt &wanted = format->format;
	const Size size = limitSize(wanted.width, wanted.height);

	current.width = size.width;
	current.height = size.height;

	if (format->pad == Sink) {
		current.code = takesCode(Sink, wanted.code) ? wanted.code : config_.code;
		current.colorspace = wanted.colorspace;
		current.ycbcr_enc = wanted.ycbcr_enc;
		current.quantization = wanted.quantization;
		current.xfer_func = wanted.xfer_func;
		limitColorimetry(&current);

		state.pads[Sink].crop = { 0, 0, size.width, size.height };
		state.pads[Source].format = current;
	}

	wanted = current;
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
		selection->r = { 0, 0, sink.width, sink.height };
		return 0;
	default:
		return -EINVAL;
	}
}

/* The size is limited first, then the place: the rectangle moves inside. */
int Scaler::setSelection(v4l2::SubdeviceState &state, v4l2_subdev_selection *selection)
{
	if (selection->pad != Sink || selection->target != V4L2_SEL_TGT_CROP)
		return -EINVAL;
	if (busy(state))
		return -EBUSY;

	const v4l2_mbus_framefmt &sink = state.pads[Sink].format;
	v4l2_rect &r = selection->r;

	r.width = std::clamp(r.width, kMinSize, sink.width);
	r.height = std::clamp(r.height, kMinSize, sink.height);
	r.left = std::clamp<int32_t>(r.left, 0, sink.width - r.width);
	r.top = std::clamp<int32_t>(r.top, 0, sink.height - r.height);

	state.pads[Sink].crop = r;
	return 0;
}

FrameStep Scaler::prepareFrame([[maybe_unused]] const FrameTime &time)
{
	const v4l2_mbus_framefmt &format = activeState().pads[Source].format;

	return { formatByCode(format.code), { format.width, format.height },
		 [crop = activeState().pads[Sink].crop](const Image &input, const Image &output) {
			 scale(input, crop, output);
		 } };
}

} /* namespace fovea::graph */
