/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Buffers shared with the pipeline handler
 */

#include "buffers.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <libcamera/base/log.h>

/**
 * \file buffers.h
 * \brief Buffers shared with the pipeline handler
 */

namespace libcamera {

LOG_DEFINE_CATEGORY(FoveaBuffers)

namespace ipa::fovea {

/**
 * \class Buffers
 * \brief Memory maps of the parameters and statistics buffers, by id
 *
 * libcamera's MappedFrameBuffer ends the process on a plane that does not fit
 * its file. A wrong buffer is refused here and the caller told.
 */

Buffers::~Buffers()
{
	for (auto &[id, mapping] : mappings_)
		munmap(mapping.address, mapping.length);
}

/**
 * \brief Map a buffer of one plane
 * \param[in] buffer The buffer; the id must be new and not 0
 * \return 0, -EINVAL for a buffer that is not acceptable, or the error of mmap()
 */
int Buffers::map(const IPABuffer &buffer)
{
	if (!buffer.id || mappings_.count(buffer.id) || buffer.planes.size() != 1) {
		LOG(FoveaBuffers, Error)
			<< "Buffer " << buffer.id << " with " << buffer.planes.size()
			<< " planes refused: expected a new id, not 0, and one plane";
		return -EINVAL;
	}

	const FrameBuffer::Plane &plane = buffer.planes[0];
	const off_t size = lseek(plane.fd.get(), 0, SEEK_END);
	const size_t length = static_cast<size_t>(plane.offset) + plane.length;
	if (size < 0 || !plane.length || length > static_cast<size_t>(size)) {
		LOG(FoveaBuffers, Error)
			<< "Buffer " << buffer.id << " refused: plane at "
			<< plane.offset << " of " << plane.length
			<< " bytes, file of " << size;
		return -EINVAL;
	}

	/* Statistics are sealed against being written. */
	void *address = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED,
			     plane.fd.get(), 0);
	if (address == MAP_FAILED && errno == EPERM)
		address = mmap(nullptr, length, PROT_READ, MAP_SHARED, plane.fd.get(), 0);
	if (address == MAP_FAILED) {
		int ret = -errno;
		LOG(FoveaBuffers, Error)
			<< "Failed to map buffer " << buffer.id << ": " << strerror(-ret);
		return ret;
	}

	Span<uint8_t> span{ static_cast<uint8_t *>(address) + plane.offset, plane.length };
	mappings_.emplace(buffer.id, Mapping{ address, length, span });

	return 0;
}

/**
 * \brief Unmap a buffer; an unknown id is ignored
 */
void Buffers::unmap(uint32_t id)
{
	auto it = mappings_.find(id);
	if (it == mappings_.end())
		return;

	munmap(it->second.address, it->second.length);
	mappings_.erase(it);
}

/**
 * \brief The memory of a buffer
 * \param[in] id The buffer
 * \param[in] size Bytes that are needed
 * \return The memory, empty if the buffer is unknown, smaller than \a size or
 * not aligned to 8 bytes. That of statistics can only be read.
 */
Span<uint8_t> Buffers::get(uint32_t id, size_t size) const
{
	auto it = mappings_.find(id);
	if (it == mappings_.end()) {
		LOG(FoveaBuffers, Error) << "Buffer " << id << " is not mapped";
		return {};
	}

	const Span<uint8_t> &plane = it->second.plane;
	if (plane.size() < size || reinterpret_cast<uintptr_t>(plane.data()) % 8) {
		LOG(FoveaBuffers, Error)
			<< "Buffer " << id << " has " << plane.size()
			<< " bytes, expected " << size << " at an offset of a multiple of 8";
		return {};
	}

	return plane;
}

} /* namespace ipa::fovea */

} /* namespace libcamera */
