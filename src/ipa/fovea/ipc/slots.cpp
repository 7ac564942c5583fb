/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Memory in which parameters and statistics change hands
 */

#include "slots.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/fovea-isp.h>

#include <libcamera/base/log.h>
#include <libcamera/base/unique_fd.h>

#include "messages.h"

/**
 * \file slots.h
 * \brief Memory in which parameters and statistics change hands
 */

namespace libcamera {

LOG_DEFINE_CATEGORY(FoveaIpc)

namespace ipa::fovea::ipc {

namespace {

/* Slots begin at cache lines. */
constexpr size_t kAlignment = 64;

constexpr size_t align(size_t size)
{
	return (size + kAlignment - 1) / kAlignment * kAlignment;
}

constexpr size_t kParamsStride = align(FOVEA_ISP_PARAMS_MAX_SIZE);
constexpr size_t kStatsStride = align(sizeof(struct fovea_isp_stats_buffer));

constexpr size_t kParamsSize = kParamsStride * kSlots;
constexpr size_t kStatsSize = kStatsStride * kSlots;

} /* namespace */

/**
 * \class Slots
 * \brief Memory for the parameters and the statistics of some frames
 *
 * A worker has no access to buffers of the device. Statistics are copied into
 * memory that the worker cannot write, parameters out of memory that the device
 * does not see. None of it can change its size, so that the handler never faults
 * on it.
 */

Slots::~Slots()
{
	if (params_.data)
		munmap(params_.data, kParamsSize);
	if (stats_.data)
		munmap(stats_.data, kStatsSize);
}

/** \brief Allocate the memory; 0 or a negative error number */
int Slots::create()
{
	int ret = allocate("fovea-params", kParamsSize, 0, &params_);
	if (ret)
		return ret;

	/* The mapping that exists, the handler's, stays writable. */
	return allocate("fovea-stats", kStatsSize, F_SEAL_FUTURE_WRITE, &stats_);
}

int Slots::allocate(const char *name, size_t size, unsigned int seals, Memory *memory)
{
	UniqueFD fd(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
	if (!fd.isValid() || ftruncate(fd.get(), size)) {
		int ret = -errno;
		LOG(FoveaIpc, Error)
			<< "Can't allocate " << size << " bytes for the IPA worker: "
			<< strerror(-ret);
		return ret;
	}

	void *data = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
	if (data == MAP_FAILED) {
		int ret = -errno;
		LOG(FoveaIpc, Error)
			<< "Can't map memory for the IPA worker: " << strerror(-ret);
		return ret;
	}
	memory->data = static_cast<uint8_t *>(data);

	if (fcntl(fd.get(), F_ADD_SEALS,
		  seals | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) {
		int ret = -errno;
		LOG(FoveaIpc, Error)
			<< "Can't seal memory for the IPA worker: " << strerror(-ret)
			<< "; Linux 5.1 or later is needed";
		return ret;
	}

	memory->fd = SharedFD(std::move(fd));

	return 0;
}

/** \brief The memory of parameters buffer \a id, which must be one */
Span<uint8_t> Slots::params(uint32_t id) const
{
	return { params_.data + (id - kFirstParamsId) * kParamsStride,
		 FOVEA_ISP_PARAMS_MAX_SIZE };
}

/** \brief The memory of statistics buffer \a id, which must be one */
Span<uint8_t> Slots::stats(uint32_t id) const
{
	return { stats_.data + (id - kFirstStatsId) * kStatsStride,
		 sizeof(struct fovea_isp_stats_buffer) };
}

/** \brief The slots in \a params and \a stats as a module wants them */
std::vector<IPABuffer> Slots::buffers(const SharedFD &params, const SharedFD &stats)
{
	std::vector<IPABuffer> buffers;

	auto add = [&buffers](uint32_t id, const SharedFD &fd, size_t offset, size_t length) {
		FrameBuffer::Plane plane;
		plane.fd = fd;
		plane.offset = offset;
		plane.length = length;
		buffers.emplace_back(id, std::vector<FrameBuffer::Plane>{ plane });
	};

	for (unsigned int i = 0; i < kSlots; i++) {
		add(kFirstParamsId + i, params, i * kParamsStride, FOVEA_ISP_PARAMS_MAX_SIZE);
		add(kFirstStatsId + i, stats, i * kStatsStride,
		    sizeof(struct fovea_isp_stats_buffer));
	}

	return buffers;
}

} /* namespace ipa::fovea::ipc */

} /* namespace libcamera */
