/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Rows of samples that stay in the cache
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include <hwy/aligned_allocator.h>

#include "plane.h"

namespace fovea::isp {

/*
 * For __builtin_prefetch(): what is asked for long before its use belongs into the
 * second-level cache.
 */
inline constexpr int kPrefetchLocality = 2;

/*
 * A ring of rows. Row r lies where row r - count lay; r may be negative. Each
 * row reaches kRowMargin samples over both of its ends.
 */
template<typename T>
class LineBuffer
{
public:
	LineBuffer() = default;

	/* @rows is rounded up to a power of two. */
	LineBuffer(size_t rows, size_t width)
	{
		while (count_ < rows)
			count_ *= 2;

		/* An odd number of cache lines keeps rows out of each other's sets. */
		constexpr size_t kLine = 64 / sizeof(T);
		stride_ = ((width + 2 * kRowMargin + kLine - 1) / kLine | 1) * kLine;
		/* Kernels that are a vector ahead of their row look behind the last one, too. */
		const size_t size = count_ * stride_ + kRowMargin;
		data_ = hwy::AllocateAligned<T>(size);
		for (size_t i = 0; i < size; ++i)
			data_[i] = 0;
	}

	T *operator[](int row) const
	{
		return data_.get() + (static_cast<size_t>(row) & (count_ - 1)) * stride_ + kRowMargin;
	}

private:
	size_t count_ = 1;
	size_t stride_ = 0;
	hwy::AlignedFreeUniquePtr<T[]> data_;
};

} /* namespace fovea::isp */
