/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Correction of lateral chromatic aberration
 */

#pragma once

#include <stddef.h>
#include <stdint.h>
#include <vector>

#include "plane.h"

namespace fovea::isp {

/* How far, in quads, a sample is taken from in each direction. */
inline constexpr int kCacReach = 3;

void cacReference(const fovea_isp_cac &params, BayerOrder order, Plane *mosaic);

/* Where the samples of a group of columns come from, in 1/32 quad, -63 to 63. */
struct CacShift {
	int8_t x;
	int8_t y;
};

/* The three taps beside that at the integer position, Q1.15. */
struct CacTaps {
	int16_t before, next, behind;
};

/* The rows from kCacReach above to kCacReach below, with as many columns beyond both ends. */
struct CacRows {
	const uint16_t *rows[2 * kCacReach + 1];
	uint16_t *out;
};

void cacRow(const CacRows &rows, const CacShift *shifts, size_t n);

/* The shifts of all groups of a row of quads, for red and for blue. */
class CacShifts
{
public:
	CacShifts(unsigned int quadsX, unsigned int quadsY);

	void start();
	void moveTo(const fovea_isp_cac &params, unsigned int quadRow);
	const CacShift *red() const { return shifts_[0].data(); }
	const CacShift *blue() const { return shifts_[1].data(); }

private:
	void interpolateNodes(const fovea_isp_cac &params, unsigned int cell);

	const unsigned int quadsX_;
	const unsigned int quadsY_;
	const unsigned int groups_;
	int cell_ = -1;
	int row_ = -1;
	/* By colour and axis: the upper and lower nodes, interpolated to the groups. */
	std::vector<int16_t> upper_[2][2];
	std::vector<int16_t> lower_[2][2];
	std::vector<CacShift> shifts_[2];
};

} /* namespace fovea::isp */
