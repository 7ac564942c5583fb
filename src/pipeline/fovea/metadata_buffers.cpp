/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Parameters and statistics buffers
 */

#include "metadata_buffers.h"

#include <errno.h>

#include <libcamera/base/log.h>

#include "libcamera/internal/v4l2_videodevice.h"

/**
 * \file metadata_buffers.h
 * \brief Buffers of a metadata node
 */

namespace libcamera {

LOG_DECLARE_CATEGORY(Fovea)

namespace fovea {

/**
 * \class MetadataBuffers
 * \brief The buffers of a metadata node, mapped; each one's cookie is its index
 */

/**
 * \brief Allocate \a count buffers on \a node and map them
 * \param[in] node The node
 * \param[in] count Number of buffers
 * \param[in] minSize Size in bytes that a buffer must have
 * \param[in] flags How to map them
 * \return 0 or a negative error code
 */
int MetadataBuffers::allocate(V4L2VideoDevice *node, unsigned int count,
			      size_t minSize, MappedFrameBuffer::MapFlags flags)
{
	int ret = node->allocateBuffers(count, &buffers_);
	if (ret < 0)
		return ret;

	uint64_t index = 0;
	for (const std::unique_ptr<FrameBuffer> &buffer : buffers_) {
		buffer->setCookie(index++);

		const MappedFrameBuffer &map = maps_.emplace_back(buffer.get(), flags);
		if (!map.isValid()) {
			LOG(Fovea, Error)
				<< "Can't map a buffer of " << node->deviceName()
				<< ": " << strerror(-map.error());
			return map.error();
		}

		if (map.planes().empty() || map.planes()[0].size() < minSize) {
			LOG(Fovea, Error)
				<< "Buffers of " << node->deviceName()
				<< " are too small, at least " << minSize
				<< " bytes are expected: device and "
				   "linux/fovea-isp.h don't match";
			return -EINVAL;
		}
	}

	return 0;
}

/** \brief Unmap and free all buffers; harmless if there are none */
void MetadataBuffers::release(V4L2VideoDevice *node)
{
	maps_.clear();
	buffers_.clear();

	if (node->releaseBuffers())
		LOG(Fovea, Error)
			<< "Can't release the buffers of " << node->deviceName();
}

/** \brief The memory of \a buffer, which must be one of these buffers */
Span<uint8_t> MetadataBuffers::data(const FrameBuffer *buffer) const
{
	return maps_[buffer->cookie()].planes()[0];
}

} /* namespace fovea */

} /* namespace libcamera */
