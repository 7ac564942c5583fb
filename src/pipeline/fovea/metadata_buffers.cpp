/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Parameters and statistics buffers, shared with the IPA module
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
 * \brief The buffers of a metadata node, mapped here and known to the IPA module
 *
 * Each buffer's cookie is its id for the IPA module.
 */

/**
 * \param[in] firstId Id of the first buffer, at least 1: the IPA interface uses
 * 0 for "no buffer"
 */
MetadataBuffers::MetadataBuffers(uint32_t firstId)
	: firstId_(firstId)
{
}

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

	uint32_t id = firstId_;
	for (const std::unique_ptr<FrameBuffer> &buffer : buffers_) {
		buffer->setCookie(id++);

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
	return maps_[buffer->cookie() - firstId_].planes()[0];
}

/** \brief The buffers as the IPA module wants them */
std::vector<IPABuffer> MetadataBuffers::ipaBuffers() const
{
	std::vector<IPABuffer> ipaBuffers;

	for (const std::unique_ptr<FrameBuffer> &buffer : buffers_) {
		Span<const FrameBuffer::Plane> planes = buffer->planes();
		ipaBuffers.emplace_back(static_cast<uint32_t>(buffer->cookie()),
					std::vector<FrameBuffer::Plane>{
						planes.begin(), planes.end() });
	}

	return ipaBuffers;
}

std::vector<uint32_t> MetadataBuffers::ids() const
{
	std::vector<uint32_t> ids;

	for (const std::unique_ptr<FrameBuffer> &buffer : buffers_)
		ids.push_back(buffer->cookie());

	return ids;
}

} /* namespace fovea */

} /* namespace libcamera */
