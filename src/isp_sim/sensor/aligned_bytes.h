/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Memory that starts at a page, as direct reads of a file need it
 */

#pragma once

#include <memory>
#include <span>
#include <stddef.h>
#include <stdint.h>
#include <vector>

namespace fovea::sensor {

class AlignedBytes
{
public:
	static constexpr size_t kAlignment = 4096;

	/* Allocates where the size changes; what was there is lost. */
	void resize(size_t size)
	{
		if (size == bytes_.size())
			return;

		memory_.resize(size + kAlignment);
		void *start = memory_.data();
		size_t space = memory_.size();
		bytes_ = { static_cast<uint8_t *>(std::align(kAlignment, size, start, space)), size };
	}

	std::span<uint8_t> bytes() { return bytes_; }

private:
	std::vector<uint8_t> memory_;
	std::span<uint8_t> bytes_;
};

} /* namespace fovea::sensor */
