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

/* Formats with a sample of chroma for each quad of their pixels. */
constexpr bool quartersChroma(PixelFormat format)
{
	return format == PixelFormat::NV12 || format == PixelFormat::NV21;
}

/*
 * What is scaled in one direction: some of the frame's columns or rows, and how many
 * of them a sample of the plane stands for, 1 or, for chroma, 2.
 */
struct ScalerInput {
	unsigned int start;
	unsigned int size;
	unsigned int step;

	unsigned int firstSample() const { return start / step; }
	unsigned int samples() const { return (start + size - 1) / step - firstSample() + 1; }
};

/*
 * Outputs that all have the same taps, two samples behind each other: those that are
 * not near a border where the size is halved.
 */
struct HalvedOutputs {
	unsigned int begin = 0;
	unsigned int end = 0;
};

/* The filter of one direction: for each output, where it starts and its taps. */
class ScalerFilter
{
public:
	ScalerFilter() = default;
	ScalerFilter(unsigned int in, unsigned int out);
	ScalerFilter(const ScalerInput &in, unsigned int out);

	unsigned int size() const { return static_cast<unsigned int>(first_.size()); }
	unsigned int taps() const { return taps_; }
	unsigned int stride() const { return stride_; }
	const uint16_t *firsts() const { return first_.data(); }
	bool identity() const { return identity_; }
	const HalvedOutputs &halved() const { return halved_; }

	unsigned int first(unsigned int out) const { return first_[out]; }
	const int16_t *coefficients(unsigned int out) const
	{
		return coefficients_.data() + static_cast<size_t>(out) * stride_;
	}

private:
	void addOutput(const ScalerInput &in, unsigned int out, unsigned int index);
	void findHalved();

	unsigned int taps_ = 0;
	unsigned int stride_ = 0;
	bool identity_ = false;
	HalvedOutputs halved_;
	std::vector<uint16_t> first_;
	std::vector<int16_t> coefficients_;
};

void scaleReference(const Plane &in, const Rectangle &crop, const Size &size, Plane *out);
void scaleChromaReference(const Plane &in, const Rectangle &crop, const Size &size, Plane *out);

void scaleRowHorizontally(const ScalerFilter &filter, const uint16_t *in, int16_t *out);
void scaleRowsVertically(const int16_t *coefficients, const int16_t *const *rows,
			 unsigned int taps, size_t n, uint16_t *out);

} /* namespace fovea::isp */
