/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Memory in which parameters and statistics change hands
 */

#pragma once

#include <stddef.h>
#include <stdint.h>
#include <vector>

#include <libcamera/base/class.h>
#include <libcamera/base/shared_fd.h>
#include <libcamera/base/span.h>

#include <libcamera/ipa/core_ipa_interface.h>

namespace libcamera::ipa::fovea::ipc {

class Slots
{
public:
	Slots() = default;
	~Slots();

	int create();

	Span<uint8_t> params(uint32_t id) const;
	Span<uint8_t> stats(uint32_t id) const;

	int paramsFd() const { return params_.fd.get(); }
	int statsFd() const { return stats_.fd.get(); }

	static std::vector<IPABuffer> buffers(const SharedFD &params, const SharedFD &stats);
	std::vector<IPABuffer> buffers() const { return buffers(params_.fd, stats_.fd); }

private:
	LIBCAMERA_DISABLE_COPY_AND_MOVE(Slots)

	struct Memory {
		SharedFD fd;
		uint8_t *data = nullptr;
	};

	static int allocate(const char *name, size_t size, unsigned int seals,
			    Memory *memory);

	Memory params_;
	Memory stats_;
};

} /* namespace libcamera::ipa::fovea::ipc */
