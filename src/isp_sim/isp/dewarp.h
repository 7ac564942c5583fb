/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Correction of geometry by a mesh
 */

#pragma once

#include <array>
#include <stddef.h>
#include <stdint.h>
#include <vector>

#include <hwy/aligned_allocator.h>

#include "line_buffer.h"
#include "plane.h"

namespace fovea::isp {

void dewarpReference(const fovea_isp_dewarp &params, Planes *ycbcr, Planes *rgb);

/* A plane in memory, with room behind each row for whole vectors. */
class DewarpPlane
{
public:
	DewarpPlane() = default;
	DewarpPlane(unsigned int width, unsigned int height);

	uint16_t *row(unsigned int y) const { return data_.get() + static_cast<size_t>(y) * stride_; }

	unsigned int width() const { return width_; }
	unsigned int height() const { return height_; }
	size_t stride() const { return stride_; }

private:
	unsigned int width_ = 0;
	unsigned int height_ = 0;
	size_t stride_ = 0;
	hwy::AlignedFreeUniquePtr<uint16_t[]> data_;
};

/* The picture of a frame before the block. */
struct DewarpPicture {
	DewarpPicture(const Size &size, bool withRgb);

	/* Y', and Cb and Cr of half width and height. */
	DewarpPlane ycbcr[3];
	/* Without memory where no output is RGB. */
	DewarpPlane rgb[3];
};

/* Displacements along a row, interpolated in the mesh. */
class DewarpRows
{
public:
	explicit DewarpRows(const Size &size);

	void moveTo(const fovea_isp_dewarp &params, unsigned int y);

	void sample(const DewarpPlane &plane, uint16_t *out) const;
	void sampleChroma(const DewarpPlane &plane, uint16_t *out) const;

private:
	const Size size_;
	unsigned int y_ = 0;
	/* Of each column, its position in its cell. */
	std::vector<int16_t> fractions_;
	LineBuffer<int16_t> dx_, dy_;
	LineBuffer<int16_t> chromaDx_, chromaDy_;
};

} /* namespace fovea::isp */
