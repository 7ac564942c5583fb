/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Polyphase scaling
 */

#pragma once

#include <stddef.h>
#include <stdint.h>
#include <vector>

#include "plane.h"

namespace fovea::isp {

/* Largest ratio of input to output size, and of output to input size. */
inline constexpr unsigned int kMaxDownscale = 32;
inline constexpr unsigned int kMaxUpscale = 16;

/* The filter of one direction: for each output, where it starts and its taps. */
class ScalerFilter
{
public:
	ScalerFilter() = default;
	ScalerFilter(unsigned int in, unsigned int out);

	unsigned int size() const { return static_cast<unsigned int>(first_.size()); }
	unsigned int taps() const { return taps_; }
	unsigned int stride() const { return stride_; }
	const uint16_t *firsts() const { return first_.data(); }
	bool identity() const { return identity_; }

	unsigned int first(unsigned int out) const { return first_[out]; }
	const int16_t *coefficients(unsigned int out) const
	{
		return coefficients_.data() + static_cast<size_t>(out) * stride_;
	}

private:
	void addOutput(unsigned int in, unsigned int out, unsigned int index);

	unsigned int taps_ = 0;
	unsigned int stride_ = 0;
	bool identity_ = false;
	std::vector<uint16_t> first_;
	std::vector<int16_t> coefficients_;
};

void scaleReference(const Plane &in, const Rectangle &crop, const Size &size, Plane *out);

void scaleRowHorizontally(const ScalerFilter &filter, const uint16_t *in, int16_t *out);
void scaleRowsVertically(const int16_t *coefficients, const int16_t *const *rows,
			 unsigned int taps, size_t n, uint16_t *out);

} /* namespace fovea::isp */
