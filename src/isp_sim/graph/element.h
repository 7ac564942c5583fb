/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Elements: the entities that pictures pass
 */

#pragma once

#include <functional>
#include <memory>
#include <stdint.h>
#include <string>

#include "isp_sim/v4l2/event_loop.h"
#include "isp_sim/v4l2/media_device.h"
#include "isp_sim/v4l2/subdevice.h"

#include "formats.h"
#include "graph_rig.h"

namespace fovea::graph {

/* When a frame is made. */
struct FrameTime {
	uint32_t sequence;		/* since the stream started */
	uint64_t sinceStart;		/* nanoseconds */
};

/* What an element does to one frame, with the settings of the frame. */
struct FrameStep {
	const PixelFormat *format;	/* of what it makes */
	Size size;
	std::function<void(const Image &input, const Image &output)> run;
};

/*
 * An element makes a picture, or makes one out of that of the element before.
 * The functions are called in the event loop's thread; what prepareFrame()
 * returns runs in another one.
 */
class Element
{
public:
	virtual ~Element() = default;

	virtual FrameStep prepareFrame(const FrameTime &time) = 0;

	void streamStarted() { streaming_ = true; }
	void streamStopped() { streaming_ = false; }

protected:
	bool streaming_ = false;
};

/* Sub-devices with the formats of pixelFormats(). */
class ElementSubdevice : public v4l2::Subdevice, public Element
{
protected:
	ElementSubdevice(v4l2::MediaDevice *media, const EntityConfig &config, uint32_t function,
			 const std::vector<uint32_t> &padFlags, uint32_t operations);

	/* Does the element take \a code at \a pad? */
	virtual bool takesCode(unsigned int pad, uint32_t code) const = 0;
	virtual uint32_t codeAt(unsigned int pad, unsigned int index) const = 0;

	int enumMbusCode(const v4l2::SubdeviceState &state, v4l2_subdev_mbus_code_enum *code) override;
	int enumFrameSize(const v4l2::SubdeviceState &state, v4l2_subdev_frame_size_enum *size) override;

	bool busy(const v4l2::SubdeviceState &state) const;
	v4l2_mbus_framefmt defaultFormat(uint32_t code) const;

	const EntityConfig config_;
};

std::unique_ptr<v4l2::Entity> createEntity(v4l2::EventLoop *loop, v4l2::MediaDevice *media,
					   const EntityConfig &config, double frameRate,
					   bool virtualTime);

} /* namespace fovea::graph */
