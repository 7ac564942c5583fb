/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Elements: the entities that pictures pass
 */

#include "element.h"

#include <errno.h>

#include "capture.h"
#include "subdevices.h"
#include "vivid.h"

namespace fovea::graph {

/**
 * \class ElementSubdevice
 * \brief What the sub-devices of a graph share: formats and their enumeration
 */

ElementSubdevice::ElementSubdevice(v4l2::MediaDevice *media, const EntityConfig &config,
				   uint32_t function, const std::vector<uint32_t> &padFlags,
				   uint32_t operations)
	: Subdevice(media, config.name, function, padFlags, operations), config_(config)
{
}

/* The active state does not change while frames pass the element. */
bool ElementSubdevice::busy(const v4l2::SubdeviceState &state) const
{
	return state.which == V4L2_SUBDEV_FORMAT_ACTIVE && streaming_;
}

v4l2_mbus_framefmt ElementSubdevice::defaultFormat(uint32_t code) const
{
	v4l2_mbus_framefmt format = {};

	format.width = config_.size.width;
	format.height = config_.size.height;
	format.code = code;
	format.field = V4L2_FIELD_NONE;
	format.colorspace = V4L2_COLORSPACE_SRGB;
	return format;
}

int ElementSubdevice::enumMbusCode([[maybe_unused]] const v4l2::SubdeviceState &state,
				   v4l2_subdev_mbus_code_enum *code)
{
	const uint32_t found = codeAt(code->pad, code->index);
	if (!found || !takesCode(code->pad, found))
		return -EINVAL;

	code->code = found;
	code->flags = 0;
	return 0;
}

int ElementSubdevice::enumFrameSize([[maybe_unused]] const v4l2::SubdeviceState &state,
				    v4l2_subdev_frame_size_enum *size)
{
	if (size->index || !takesCode(size->pad, size->code))
		return -EINVAL;

	size->min_width = kMinSize;
	size->max_width = kMaxWidth;
	size->min_height = kMinSize;
	size->max_height = kMaxHeight;
	return 0;
}

/**
 * \brief Create the entity that \a config describes and add it to \a media
 * \return The entity, or nullptr for a kind that is more than one entity
 */
std::unique_ptr<v4l2::Entity> createEntity(v4l2::EventLoop *loop, v4l2::MediaDevice *media,
					   const EntityConfig &config, double frameRate,
					   bool virtualTime)
{
	switch (config.kind) {
	case EntityKind::Sensor:
		return std::make_unique<Sensor>(media, config);
	case EntityKind::Debayer:
		return std::make_unique<Debayer>(media, config);
	case EntityKind::Scaler:
		return std::make_unique<Scaler>(media, config);
	case EntityKind::Capture:
		return std::make_unique<Capture>(loop, media, config, frameRate, virtualTime);
	case EntityKind::Lens:
		return std::make_unique<Lens>(media, config);
	case EntityKind::VividCapture:
		return std::make_unique<VividCapture>(loop, media, config, frameRate, virtualTime);
	case EntityKind::VividOutput:
		return std::make_unique<VividOutput>(loop, media, config, frameRate, virtualTime);
	case EntityKind::MemToMem:
		break;
	}

	return nullptr;
}

} /* namespace fovea::graph */
