/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Three-dimensional look-up table of colours
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include <hwy/aligned_allocator.h>

#include "plane.h"

namespace fovea::isp {

/*
 * What the outputs are within a tetrahedron, a linear function of the three fractions:
 * the start, in half units and one more for the rounding, and the steps in the
 * direction of each colour. By output; the fourth is for whole vectors.
 */
struct Lut3dTetrahedron {
	static constexpr int16_t kStartWeight = 128;

	alignas(32) int16_t startAndRed[4][2];
	int16_t greenAndBlue[4][2];
};

/*
 * The table as the kernel reads it: eight tetrahedra for each cell, of which the six
 * exist whose bits do not contradict each other.
 */
class Lut3dTable
{
public:
	/* A fraction is larger than another one. */
	static constexpr unsigned int kRedBeforeGreen = 1;
	static constexpr unsigned int kGreenBeforeBlue = 2;
	static constexpr unsigned int kRedBeforeBlue = 4;

	Lut3dTable();

	void update(const fovea_isp_lut3d &params);
	const Lut3dTetrahedron *data() const { return tetrahedra_.get(); }

private:
	bool valid_ = false;
	fovea_isp_lut3d params_ = {};
	hwy::AlignedFreeUniquePtr<Lut3dTetrahedron[]> tetrahedra_;
};

void lut3dReference(const fovea_isp_lut3d &params, Planes *rgb);

void lut3dRow(const Lut3dTable &table, size_t n, uint16_t *r, uint16_t *g, uint16_t *b);

} /* namespace fovea::isp */
