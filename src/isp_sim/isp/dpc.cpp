/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Correction of defect pixels
 */

#include "dpc.h"

namespace fovea::isp {

namespace {

/* (left + right + 1) >> 1, or the only one that is inside. */
uint16_t meanOfNeighbours(bool hasLeft, bool hasRight, uint16_t left, uint16_t right)
{
	if (!hasLeft)
		return right;
	if (!hasRight)
		return left;
	return static_cast<uint16_t>((left + right + 1) >> 1);
}

uint16_t corrected(const fovea_isp_dpc &params, const Plane &mosaic, int x, int y)
{
	const int v = mosaic.row(y)[x];
	int low = kLinearMax;
	int high = 0;

	for (int dy = -2; dy <= 2; dy += 2) {
		const uint16_t *row = mosaic.row(sameColour(y + dy, mosaic.height));
		for (int dx = -2; dx <= 2; dx += 2) {
			if (dx == 0 && dy == 0)
				continue;
			const int other = row[sameColour(x + dx, mosaic.width)];
			low = std::min(low, other);
			high = std::max(high, other);
		}
	}

	if (v > high + params.hot)
		return static_cast<uint16_t>(high);
	return static_cast<uint16_t>(v < low - params.cold ? low : v);
}

} /* namespace */

/**
 * Replace the defects of the list
 * @params: the list
 * @mosaic: samples behind the black level, 0 to 16383
 *
 * out = (left + right + 1) >> 1 of the same colour, UQ0.14. Lists of known defects are
 * what FixBadPixelsList of the DNG specification is (version 1.3.0.0, 2009, opcodes).
 * Definition: struct fovea_isp_dpc.
 */
void listedDefectsReference(const fovea_isp_dpc &params, Plane *mosaic)
{
	if (blockDisabled(params.header))
		return;

	for (unsigned int i = 0; i < params.count; ++i) {
		const unsigned int x = params.defects[i].x;
		if (x >= mosaic->width || params.defects[i].y >= mosaic->height)
			continue;

		uint16_t *at = mosaic->row(params.defects[i].y) + x;
		const bool hasLeft = x >= 2;
		const bool hasRight = x + 2 < mosaic->width;
		*at = meanOfNeighbours(hasLeft, hasRight, hasLeft ? at[-2] : 0, hasRight ? at[2] : 0);
	}
}

/**
 * Limit every sample to the range of its neighbours
 * @params: how far it may lie outside
 * @mosaic: samples behind the black level, 0 to 16383
 *
 * Of the eight neighbours of the same colour: out = max where in > max + hot, min
 * where in < min - cold, all UQ0.14. With hot and cold 0 this is the conservative
 * smoothing of R. Fisher, S. Perkins, A. Walker and E. Wolfart, "Hypermedia image
 * processing reference", 1996; the margins leave noise alone. Definition: struct
 * fovea_isp_dpc.
 */
void dpcReference(const fovea_isp_dpc &params, Plane *mosaic)
{
	if (blockDisabled(params.header))
		return;

	const Plane in = *mosaic;
	for (unsigned int y = 0; y < in.height; ++y) {
		for (unsigned int x = 0; x < in.width; ++x)
			mosaic->row(y)[x] = corrected(params, in, static_cast<int>(x), static_cast<int>(y));
	}
}

/* The part of the list that lies in row @y; empty where the block is disabled. */
std::span<const fovea_isp_defect> defectsOfRow(const fovea_isp_dpc &params, unsigned int y)
{
	if (blockDisabled(params.header))
		return {};

	const std::span<const fovea_isp_defect> all(params.defects, params.count);
	const auto first = std::partition_point(all.begin(), all.end(),
						[y](const fovea_isp_defect &defect) { return defect.y < y; });
	const auto last = std::partition_point(first, all.end(),
					       [y](const fovea_isp_defect &defect) { return defect.y == y; });
	return { first, last };
}

/**
 * Replace listed defects of one row
 * @defects: those of the row, in increasing order
 * @quads: samples in each of the two columns
 * @even: samples of the even columns
 * @odd: samples of the odd columns
 *
 * Equal to listedDefectsReference().
 */
void correctListedDefects(std::span<const fovea_isp_defect> defects, size_t quads,
			  uint16_t *even, uint16_t *odd)
{
	for (const fovea_isp_defect &defect : defects) {
		const size_t quad = defect.x / 2;
		if (quad >= quads)
			continue;

		uint16_t *at = (defect.x & 1 ? odd : even) + quad;
		*at = meanOfNeighbours(quad >= 1, quad + 1 < quads, at[-1], at[1]);
	}
}

} /* namespace fovea::isp */
