/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Buffers shared with the pipeline handler
 */

#pragma once

#include <map>
#include <stddef.h>
#include <stdint.h>

#include <libcamera/base/span.h>

#include <libcamera/ipa/core_ipa_interface.h>

namespace libcamera {

namespace ipa::fovea {

class Buffers
{
public:
	Buffers() = default;
	~Buffers();

	int map(const IPABuffer &buffer);
	void unmap(uint32_t id);

	Span<uint8_t> get(uint32_t id, size_t size) const;

private:
	LIBCAMERA_DISABLE_COPY_AND_MOVE(Buffers)

	struct Mapping {
		void *address;
		size_t length;
		Span<uint8_t> plane;
	};

	std::map<uint32_t, Mapping> mappings_;
};

} /* namespace ipa::fovea */

} /* namespace libcamera */
