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
};

/*
 * Refined: candidates and their gradients along a row, at one colour site and at the
 * green site to its left. Differences have kDifferenceOffset added, here and below.
 */
struct RowSidesRows {
	const uint16_t *colour;
	const uint16_t *green;
	/* Quad offset of the green to the left in @green; the right is next. */
	int left;
	uint16_t *horizontal;
	uint16_t *horizontalAtGreen;
	/* From the colour site to the second one to its left. */
	uint16_t *gradient;
};

/* The same along columns, at one colour site and at the green site above it. */
struct ColumnSidesRows {
	/* Of the previous, this and the next row of quads. */
	const uint16_t *colour[3];
	/* Above the colour site: the second, the next; and that below. */
	const uint16_t *green[3];
	/* Of the previous row of quads. */
	const uint16_t *verticalAbove;
	const uint16_t *gradientAbove;
	uint16_t *vertical;
	uint16_t *verticalAtGreen;
	/* From the colour site to the next one above. */
	uint16_t *gradient;
	/* Logarithm of the gradients up to the second colour site above, smoothed in x. */
	int16_t *cost;
};

/* What rows and columns give for one colour site. */
struct MixSidesRows {
	/* Of the previous, this and the next row of quads. */
	const uint16_t *gradient[3];
	const uint16_t *horizontal;
	const uint16_t *horizontalAtGreen;
	/* Of this row of quads, for what is above, and of the second below. */
	const int16_t *cost[2];
	const uint16_t *vertical;
	/* Above and below the colour site. */
	const uint16_t *verticalAtGreen[2];
	uint16_t *difference;
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

/* One green site in three rows of quads, and the differences of the colours around it. */
struct CrossRows {
	struct Colour {
		const uint16_t *beside;
		const uint16_t *above;
		const uint16_t *below;
		uint16_t *result;
	};

	const uint16_t *green[3];
	Colour colours[2];
	/* Quad offset of the site to the left in @beside; the right is next. */
	int left;
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

void demosaicCandidates(std::span<const CandidateRows> sites, size_t n);
void demosaicDirection(std::span<const DirectionRows> sites, unsigned int threshold, size_t n);
void demosaicRowSides(std::span<const RowSidesRows> sites, size_t n);
void demosaicColumnSides(std::span<const ColumnSidesRows> sites, unsigned int threshold, size_t n);
void demosaicMixSides(std::span<const MixSidesRows> sites, unsigned int threshold, size_t n);
void demosaicCorners(std::span<const CornerRows> sites, size_t n);
void demosaicCross(std::span<const CrossRows> sites, size_t n);

} /* namespace fovea::isp */
