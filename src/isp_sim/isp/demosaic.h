/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Edge-directed demosaic
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "plane.h"

namespace fovea::isp {

/* How far, in quads, an output pixel depends on the mosaic. */
inline constexpr int kDemosaicReach = 3;

void demosaicReference(const Plane &mosaic, BayerOrder order,
		       const fovea_isp_demosaic &params, Planes *rgb);

/*
 * The vector kernels work on rows of half width, one for each of the four
 * samples of the quads. The two colour sites are called A (in the first row of
 * a quad, column s) and B (in the second row, column 1 - s); gA and gB are the
 * green samples in the same rows. Index 0 is the first quad; the rows reach
 * from -kRowMargin to n + kRowMargin.
 */

/* Rows around one colour site, for its two candidates. */
struct CandidateRows {
	const uint16_t *above;
	const uint16_t *colour;
	const uint16_t *below;
	const uint16_t *greenRow;
	const uint16_t *greenAbove;
	const uint16_t *greenBelow;
	/* Quad offset of the green to the left in greenRow; the right is next. */
	int left;
	int16_t *horizontal;
	int16_t *vertical;
};

struct GradientRows {
	const int16_t *horizontal;
	const int16_t *verticalAbove;
	const int16_t *vertical;
	uint16_t *gradientH;
	uint16_t *gradientV;
};

struct DirectionRows {
	const uint16_t *ownH[3];
	const uint16_t *ownV[2];
	const uint16_t *otherH[2];
	const uint16_t *otherV;
	/* Quad offset of the other colour's site to the left; the right is next. */
	int left;
	const int16_t *horizontal;
	const int16_t *vertical;
	int16_t *difference;
};

/* What the last step needs of one row of quads; colour.h has the outputs. */
struct RebuildRows {
	const uint16_t *a, *gA, *gB, *b;
	/* Colour differences of A in this quad row and the next. */
	const int16_t *differenceA[2];
	/* Colour differences of B in the previous quad row and this. */
	const int16_t *differenceB[2];
	/* Column of A in its quad. */
	int s;
};

struct BilinearRows {
	/* Previous, this and next quad row of each sample. */
	const uint16_t *a[3], *gA[3], *gB[3], *b[3];
	int s;
};

void demosaicCandidates(const CandidateRows &rows, size_t n);
void demosaicGradients(const GradientRows &rows, size_t n);
void demosaicDirection(const DirectionRows &rows, unsigned int threshold, size_t n);

} /* namespace fovea::isp */
