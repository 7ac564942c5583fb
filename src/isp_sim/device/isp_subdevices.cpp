/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What the sub-devices of the ISP share
 */

#include <errno.h>

#include "formats.h"
#include "isp_subdevices.h"

namespace fovea::device {

/**
 * \class ImageSubdevice
 * \brief A sub-device of the ISP, whose pads carry raw, processed or no images
 */

int ImageSubdevice::enumMbusCode([[maybe_unused]] const v4l2::SubdeviceState &state,
				 v4l2_subdev_mbus_code_enum *query)
{
	const PadKind kind = padKind(query->pad);
	const uint32_t count = kind == PadKind::Raw ? kRawFormats : 1;
	if (query->index >= count)
		return -EINVAL;

	query->flags = 0;
	query->code = kind == PadKind::Raw ? rawFormat(query->index).code
		    : kind == PadKind::Internal ? kInternalCode
						: MEDIA_BUS_FMT_FIXED;
	return 0;
}

int ImageSubdevice::enumFrameSize([[maybe_unused]] const v4l2::SubdeviceState &state,
				  v4l2_subdev_frame_size_enum *size)
{
	const PadKind kind = padKind(size->pad);
	const bool known = kind == PadKind::Raw ? rawFormatOfCode(size->code) != nullptr
			 : kind == PadKind::Internal ? size->code == kInternalCode
						     : false;
	if (!known || size->index)
		return -EINVAL;

	size->min_width = size->min_height = kMinSize;
	size->max_width = size->max_height = kMaxSize;
	return 0;
}

/* The active formats are fixed while anything streams. */
bool ImageSubdevice::busy(const v4l2::SubdeviceState &state) const
{
	return &state == &activeState() && streaming();
}

/* The nearest raw format that the ISP takes. */
v4l2_mbus_framefmt ImageSubdevice::adjustRaw(const v4l2_mbus_framefmt &format) const
{
	const RawFormat *raw = rawFormatOfCode(format.code);
	return rawBusFormat(raw ? raw->code : MEDIA_BUS_FMT_SRGGB10_1X10,
			    evenSize(format.width), evenSize(format.height));
}

} /* namespace fovea::device */
