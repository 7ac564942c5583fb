/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Edge-directed demosaic
 */

#pragma once

#include <span>
#include <stddef.h>
#include <stdint.h>

#include "plane.h"

namespace fovea::isp {

/* How far, in quads, an output pixel depends on the mosaic. */
inline constexpr int kDemosaicReach = 4;

/*
 * What the demosaic gives and the colour matrix takes, -32768 to 32767: green in units
 * of the linear range, and in half units the differences of red and blue to it.
 */
struct ColourDifferences {
	ColourDifferences() = default;
	ColourDifferences(unsigned int planeWidth, unsigned int planeHeight);

	size_t at(unsigned int x, unsigned int y) const { return static_cast<size_t>(y) * width + x; }
	Planes rgb() const;

	unsigned int width = 0;
	unsigned int height = 0;
	std::vector<int16_t> green, red, blue;
};

void demosaicReference(const Plane &mosaic, BayerOrder order,
		       const fovea_isp_demosaic &params, ColourDifferences *out);

/*
 * The vector kernels work on rows of half width, one for each of the four
 * samples of the quads. The two colour sites are called A (in the first row of
 * a quad, column s) and B (in the second row, column 1 - s); gA and gB are the
 * green samples in the same rows. Index 0 is the first quad; the rows reach
 * from -kRowMargin to n + kRowMargin.
 */

/*
 * Where a kernel writes: the row alone, whose mirrored neighbours are then made out of it,
 * or as far beyond its ends as the next kernels look.
 */
enum class Extent {
	Row,
	Beyond,
};

/* Rows around one colour site, for its two candidates and their gradients. */
struct CandidateRows {
	const uint16_t *above;
	const uint16_t *colour;
	const uint16_t *below;
	const uint16_t *greenRow;
	const uint16_t *greenAbove;
	const uint16_t *greenBelow;
	/* Quad offset of the green to the left in greenRow, one less than the site's column. */
	int left;
	int16_t *horizontal;
	int16_t *vertical;
	/* Means of the gradients of the horizontal candidate to both sides. */
	uint16_t *gradient;
};

struct DirectionRows {
	/* Of three rows of quads. */
	const uint16_t *gradient[3];
	const int16_t *vertical[3];
	const int16_t *horizontal;
	/* Receives the choice plus kDifferenceOffset. */
	uint16_t *difference;
	/* Receives the weight of the horizontal candidate; null for a hard choice. */
	int16_t *weight;
};

/* The differences of one colour site in three rows of quads, and their weights. */
struct RefineRows {
	const uint16_t *difference[3];
	const int16_t *weight;
	uint16_t *refined;
};

/* The differences of one colour site, and around it those of the other colour. */
struct CornerRows {
	const uint16_t *colour;
	const uint16_t *difference;
	/* Above and below. */
	const uint16_t *other[2];
	const uint16_t *otherDifference[2];
	/* Quad offset of the other colour's site to the left; the right is next. */
	int left;
	uint16_t *result;
};

/* One green site in three rows of quads, and the differences of a colour around it. */
struct CrossRows {
	const uint16_t *green[3];
	const uint16_t *beside;
	const uint16_t *above;
	const uint16_t *below;
	/* Quad offset of the site to the left in @beside; the right is next. */
	int left;
	uint16_t *result;
};

/* Chosen differences are unsigned, which has an instruction for rounded means. */
inline constexpr int kDifferenceOffset = 32768;

/* What the last step needs of one row of quads; colour.h has the outputs. */
struct RebuildRows {
	const uint16_t *a, *gA, *gB, *b;
	/* Colour differences of A in this quad row and the next. */
	const uint16_t *differenceA[2];
	/* Colour differences of B in the previous quad row and this. */
	const uint16_t *differenceB[2];
	/* Column of A in its quad. */
	int s;
};

/* The same where all differences are there, of the sites A, gA, gB and B. */
struct DifferenceRows {
	const uint16_t *a, *gA, *gB, *b;
	const uint16_t *differenceA[4];
	const uint16_t *differenceB[4];
	int s;
};

struct BilinearRows {
	/* Previous, this and next quad row of each sample. */
	const uint16_t *a[3], *gA[3], *gB[3], *b[3];
	int s;
};

void demosaicCandidates(std::span<const CandidateRows> sites, size_t n, Extent extent);
void demosaicDirection(std::span<const DirectionRows> sites, unsigned int threshold, size_t n, Extent extent);
void demosaicRefine(const RefineRows &rows, size_t n);
void demosaicCorners(const CornerRows &rows, size_t n);
void demosaicCross(const CrossRows &rows, size_t n);

} /* namespace fovea::isp */
