/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A fuzzer's bytes as a sequence of choices
 */

#pragma once

#include <algorithm>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace fovea::fuzz {

/* Reads from the front; behind the end there are zeroes. */
class FuzzInput
{
public:
	FuzzInput(const uint8_t *data, size_t size)
		: data_(data), size_(size)
	{
	}

	bool empty() const { return !size_; }

	void read(void *to, size_t size)
	{
		const size_t count = std::min(size, size_);
		if (!size)
			return;

		memset(to, 0, size);
		std::copy_n(data_, count, static_cast<uint8_t *>(to));
		data_ += count;
		size_ -= count;
	}

	template<typename T>
	T take()
	{
		T value;
		read(&value, sizeof(value));
		return value;
	}

	/* A number below \a count, which is 1 to 256. */
	size_t below(size_t count) { return take<uint8_t>() % count; }

	/*
	 * Change \a size bytes of \a to in a few places: a number of changes,
	 * each an offset, a width and a value. A small change of something valid
	 * gets further than bytes of no meaning.
	 */
	void change(uint8_t *to, size_t size)
	{
		for (size_t changes = size ? below(8) : 0; changes; changes--) {
			const size_t width = size_t{ 1 } << below(4);
			const size_t at = take<uint16_t>() % size / width * width;
			uint8_t value[8];
			read(value, width);
			memcpy(to + at, value, std::min(width, size - at));
		}
	}

private:
	const uint8_t *data_;
	size_t size_;
};

} /* namespace fovea::fuzz */
