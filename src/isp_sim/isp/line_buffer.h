/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Rows of samples that stay in the cache
 */

#pragma once

#include <new>
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
class Ring
{
public:
	Ring(T *first, size_t mask, size_t stride)
		: first_(first), mask_(mask), stride_(stride)
	{
	}

	T *operator[](int row) const { return first_ + (static_cast<size_t>(row) & mask_) * stride_; }

private:
	T *const first_;
	const size_t mask_;
	const size_t stride_;
};

/*
 * Rings for planes whose rows are worked on together. The rows of all planes lie beside each
 * other, and so does what says where they are: between two rows all of it leaves the
 * first-level cache.
 */
template<typename T>
class LineBuffers
{
public:
	LineBuffers() = default;

	/* @rows is rounded up to a power of two. */
	LineBuffers(size_t planes, size_t rows, size_t width)
		: planes_(static_cast<uint32_t>(planes))
	{
		while (mask_ + 1 < rows)
			mask_ = 2 * mask_ + 1;

		/* An odd number of cache lines keeps rows out of each other's sets. */
		constexpr size_t kLine = 64 / sizeof(T);
		stride_ = static_cast<uint32_t>(((width + 2 * kRowMargin + kLine - 1) / kLine | 1) * kLine);
		/* Kernels that are a vector ahead of their row look behind the last one, too. */
		const size_t size = planes * (mask_ + 1) * stride_ + kRowMargin;
		data_ = hwy::AllocateAligned<T>(size);
		if (!data_)
			throw std::bad_alloc();
		for (size_t i = 0; i < size; ++i)
			data_[i] = 0;
	}

	/*
	 * Use @rows, a power of two, of those that there are, which forgets what they hold:
	 * fewer rows leave more of the cache to others.
	 */
	void use(size_t rows) { mask_ = static_cast<uint32_t>(rows) - 1; }

	Ring<T> operator[](size_t plane) const
	{
		return { data_.get() + plane * stride_ + kRowMargin, mask_, static_cast<size_t>(stride_) * planes_ };
	}

private:
	hwy::AlignedFreeUniquePtr<T[]> data_;
	uint32_t mask_ = 0;
	uint32_t stride_ = 0;
	uint32_t planes_ = 0;
};

/* The ring of a single plane. */
template<typename T>
class LineBuffer
{
public:
	LineBuffer() = default;

	LineBuffer(size_t rows, size_t width)
		: plane_(1, rows, width)
	{
	}

	T *operator[](int row) const { return plane_[0][row]; }

private:
	LineBuffers<T> plane_;
};

} /* namespace fovea::isp */
