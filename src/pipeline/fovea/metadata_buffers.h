/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Parameters and statistics buffers
 */

#pragma once

#include <memory>
#include <stddef.h>
#include <stdint.h>
#include <vector>

#include <libcamera/base/span.h>

#include <libcamera/framebuffer.h>

#include "libcamera/internal/mapped_framebuffer.h"

namespace libcamera {

class V4L2VideoDevice;

namespace fovea {

class MetadataBuffers
{
public:
	int allocate(V4L2VideoDevice *node, unsigned int count, size_t minSize,
		     MappedFrameBuffer::MapFlags flags);
	void release(V4L2VideoDevice *node);

	const std::vector<std::unique_ptr<FrameBuffer>> &buffers() const
	{
		return buffers_;
	}

	Span<uint8_t> data(const FrameBuffer *buffer) const;

private:
	std::vector<std::unique_ptr<FrameBuffer>> buffers_;
	std::vector<MappedFrameBuffer> maps_;
};

} /* namespace fovea */

} /* namespace libcamera */
