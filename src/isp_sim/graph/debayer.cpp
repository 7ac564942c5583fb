/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Debayer
 */

#include <algorithm>
#include <errno.h>
#include <iterator>

#include <linux/media-bus-format.h>

#include "processing.h"
#include "subdevices.h"

namespace fovea::graph {

namespace {

constexpr uint32_t kSinkCodes[] = {
	MEDIA_BUS_FMT_SBGGR8_1X8, MEDIA_BUS_FMT_SGBRG8_1X8,
	MEDIA_BUS_FMT_SGRBG8_1X8, MEDIA_BUS_FMT_SRGGB8_1X8,
	MEDIA_BUS_FMT_SBGGR10_1X10, MEDIA_BUS_FMT_SGBRG10_1X10,
	MEDIA_BUS_FMT_SGRBG10_1X10, MEDIA_BUS_FMT_SRGGB10_1X10,
	MEDIA_BUS_FMT_SBGGR12_1X12, MEDIA_BUS_FMT_SGBRG12_1X12,
	MEDIA_BUS_FMT_SGRBG12_1X12, MEDIA_BUS_FMT_SRGGB12_1X12,
};

constexpr uint32_t kSourceCodes[] = {
	MEDIA_BUS_FMT_GBR888_1X24, MEDIA_BUS_FMT_BGR888_1X24,
	MEDIA_BUS_FMT_BGR888_3X8, MEDIA_BUS_FMT_RGB888_1X24,
	MEDIA_BUS_FMT_RGB888_2X12_BE, MEDIA_BUS_FMT_RGB888_2X12_LE,
	MEDIA_BUS_FMT_RGB888_3X8, MEDIA_BUS_FMT_RGB888_1X7X4_SPWG,
	MEDIA_BUS_FMT_RGB888_1X7X4_JEIDA, MEDIA_BUS_FMT_RGB888_1X32_PADHI,
};

} /* namespace */

/**
 * \class Debayer
 * \brief Bayer pictures at the sink pad, colour pictures at the source pad
 *
 * The source pad has the format of the sink pad, but a bus format of its own.
 */

Debayer::Debayer(v4l2::MediaDevice *media, const EntityConfig &config)
	: ElementSubdevice(media, config, MEDIA_ENT_F_PROC_VIDEO_PIXEL_ENC_CONV,
			   { MEDIA_PAD_FL_SINK, MEDIA_PAD_FL_SOURCE },
			   OpEnumMbusCode | OpEnumFrameSize | OpFormat | OpEvents | OpLogStatus)
{
	controls_.add({ kCidVimcClass, V4L2_CTRL_TYPE_CTRL_CLASS, "VIMC Controls", 0, 0, 0, 0,
			V4L2_CTRL_FLAG_READ_ONLY | V4L2_CTRL_FLAG_WRITE_ONLY });
	window_ = controls_.add({ kCidMeanWindow, V4L2_CTRL_TYPE_INTEGER,
				  "Debayer Mean Window Size", 1, 25, 2, config.window });

	resetActiveState();
}

bool Debayer::takesCode(unsigned int pad, uint32_t code) const
{
	return pad == Sink
	     ? std::find(std::begin(kSinkCodes), std::end(kSinkCodes), code) != std::end(kSinkCodes)
	     : std::find(std::begin(kSourceCodes), std::end(kSourceCodes), code) != std::end(kSourceCodes);
}

uint32_t Debayer::codeAt(unsigned int pad, unsigned int index) const
{
	if (pad == Sink)
		return index < std::size(kSinkCodes) ? kSinkCodes[index] : 0;

	return index < std::size(kSourceCodes) ? kSourceCodes[index] : 0;
}

void Debayer::initState(v4l2::SubdeviceState *state)
{
	state->pads[Sink].format = defaultFormat(config_.code);
	state->pads[Source].format = defaultFormat(config_.sourceCode);
}

int Debayer::setFormat(v4l2::SubdeviceState &state, v4l2_subdev_format *format)
{
	if (busy(state))
		return -EBUSY;

	v4l2_mbus_framefmt &sink = state.pads[Sink].format;
	v4l2_mbus_framefmt &source = state.pads[Source].format;
	v4l2_mbus_framefmt &wanted = format->format;
	uint32_t sourceCode = source.code;

	if (format->pad == Source) {
		if (takesCode(Source, wanted.code))
			sourceCode = wanted.code;
	} else {
		const Size size = limitSize(wanted.width, wanted.height);

		wanted.width = size.width;
		wanted.height = size.height;
		if (!takesCode(Sink, wanted.code))
			wanted.code = config_.code;
		if (wanted.field == V4L2_FIELD_ANY)
			wanted.field = V4L2_FIELD_NONE;
		limitColorimetry(&wanted);
		sink = wanted;
	}

	source = sink;
	source.code = sourceCode;
	wanted = state.pads[format->pad].format;
	return 0;
}

FrameStep Debayer::prepareFrame([[maybe_unused]] const FrameTime &time)
{
	const v4l2_mbus_framefmt &format = activeState().pads[Source].format;

	return { formatByCode(format.code), { format.width, format.height },
		 [window = window_->value()](const Image &input, const Image &output) {
			 debayer(input, window, output);
		 } };
}

} /* namespace fovea::graph */
