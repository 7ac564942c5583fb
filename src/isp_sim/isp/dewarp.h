/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Correction of geometry by a mesh
 */

#pragma once

#include <span>
#include <stddef.h>
#include <stdint.h>
#include <vector>

#include <hwy/aligned_allocator.h>

#include "line_buffer.h"
#include "plane.h"

namespace fovea::isp {

void dewarpReference(const fovea_isp_dewarp &params, Planes *ycbcr, Planes *rgb);

/*
 * How far, in rows of quads, a row of quads looks at most in each direction; and up to
 * where that is little enough for bands to keep the rows in their caches.
 */
unsigned int dewarpReach(const fovea_isp_dewarp &params);
inline constexpr unsigned int kDewarpRingReach = 31;

/* A plane in memory, all of it or a ring of its rows, with room beside each for whole vectors. */
class DewarpPlane
{
public:
	DewarpPlane() = default;
	DewarpPlane(unsigned int width, unsigned int height, unsigned int rows);

	void useRing(unsigned int rows) { mask_ = rows - 1; }

	uint16_t *row(unsigned int y) const;
	void finishRow(unsigned int y) const;
	void prefetch(unsigned int y, unsigned int part, unsigned int parts) const;

	unsigned int width() const { return width_; }
	unsigned int height() const { return height_; }
	size_t stride() const { return stride_; }
	/* Row y lies where row y & mask() lies. */
	unsigned int mask() const { return mask_; }

private:
	unsigned int width_ = 0;
	unsigned int height_ = 0;
	unsigned int mask_ = ~0U;
	size_t stride_ = 0;
	hwy::AlignedFreeUniquePtr<uint16_t[]> data_;
};

/* The picture of a frame before the block. */
struct DewarpPicture {
	/* All of it. */
	DewarpPicture(const Size &size, bool withRgb);
	/* Rings of at most @quadRows rows of quads, a power of two. */
	DewarpPicture(const Size &size, bool withRgb, unsigned int quadRows);

	void useRing(unsigned int reach);

	/* Y', and Cb and Cr of half width and height. */
	DewarpPlane ycbcr[3];
	/* Without memory where no output is RGB. */
	DewarpPlane rgb[3];
};

/* The columns of the frame in the cells of the mesh. */
struct DewarpCells {
	static constexpr unsigned int kCount = FOVEA_ISP_DEWARP_NODES_X - 1;

	/* The first column of each cell, and the end of the last. */
	uint16_t start[kCount + 1];
	/* Of each column, its position in its cell. */
	std::vector<int16_t> fractions;
};

/* What a row is taken from: planes of one size, and displacements in 1/32 sample. */
struct DewarpSource {
	/* The first sample of each plane. */
	const uint16_t *plane[3];
	uint16_t *out[3];
	unsigned int planes;
	ptrdiff_t stride;
	unsigned int mask;
	int width;
	int height;
	/* The row, and of each of its columns the displacement. */
	int y;
	const int16_t *dx;
	const int16_t *dy;
};

/* Displacements along a row, interpolated in the mesh. */
class DewarpRows
{
public:
	explicit DewarpRows(const Size &size);

	void moveTo(const fovea_isp_dewarp &params, unsigned int y);

	void sample(std::span<const DewarpPlane> planes, uint16_t *const *out) const;
	void sampleChroma(std::span<const DewarpPlane> planes, uint16_t *const *out) const;

private:
	DewarpSource sourceOf(std::span<const DewarpPlane> planes, uint16_t *const *out) const;

	const Size size_;
	unsigned int y_ = 0;
	DewarpCells cells_;
	uint16_t chromaStarts_[DewarpCells::kCount + 1];
	LineBuffer<int16_t> dx_, dy_;
	LineBuffer<int16_t> chromaDx_, chromaDy_;
};

} /* namespace fovea::isp */
