/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What the sub-devices of the ISP share
 */

#include <errno.h>
#include <utility>

#include "formats.h"
#include "isp_subdevices.h"

namespace fovea::device {

/**
 * \class ImageSubdevice
 * \brief A sub-device of the ISP, whose pads carry raw, processed or no images
 */

/**
 * \param[in] media The media device
 * \param[in] name Name of the entity
 * \param[in] function MEDIA_ENT_F_*
 * \param[in] padFlags MEDIA_PAD_FL_* of each pad
 * \param[in] operations The operations of the sub-device
 * \param[in] preset Raw format that the pads start with: that of the sensor, so
 * that the graph can stream as it is
 */
ImageSubdevice::ImageSubdevice(v4l2::MediaDevice *media, std::string name, uint32_t function,
			       const std::vector<uint32_t> &padFlags, uint32_t operations,
			       const v4l2_mbus_framefmt &preset)
	: Subdevice(media, std::move(name), function, padFlags, operations), preset_(preset)
{
}

int ImageSubdevice::enumMbusCode([[maybe_unused]] const v4l2::SubdeviceState &state,
				 v4l2_subdev_mbus_code_enum *query)
{
	const PadKind kind = padKind(query->pad);
	const uint32_t count = kind == PadKind::Raw ? kRawCodes : 1;
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
						     : size->code == MEDIA_BUS_FMT_FIXED;
	if (!known || size->index)
		return -EINVAL;

	/* Metadata has no size in pixels; 1x1 is its format's. */
	const bool image = kind != PadKind::Metadata;
	size->min_width = size->min_height = image ? kMinSize : 1;
	size->max_width = size->max_height = image ? kMaxSize : 1;
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
	return rawBusFormat(raw ? raw->code : preset_.code,
			    evenSize(format.width), evenSize(format.height));
}

} /* namespace fovea::device */
