/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Samples of a picture and small helpers that the blocks share
 */

#pragma once

#include <algorithm>
#include <array>
#include <stddef.h>
#include <stdint.h>
#include <vector>

#include "isp.h"

namespace fovea::isp {

/* Largest values of the two working ranges, see fovea-isp.h. */
inline constexpr int kLinearMax = 16383;
inline constexpr int kOutputMax = 4095;

/*
 * Samples beyond the end of a row that kernels may touch: twice the widest vector,
 * whatever instruction set the including file is compiled for.
 */
inline constexpr size_t kRowMargin = 64;

/* A whole plane of samples, used by the scalar references. */
struct Plane {
	Plane() = default;
	Plane(unsigned int planeWidth, unsigned int planeHeight)
		: width(planeWidth), height(planeHeight),
		  samples(static_cast<size_t>(planeWidth) * planeHeight)
	{
	}

	uint16_t *row(unsigned int y) { return samples.data() + static_cast<size_t>(y) * width; }
	const uint16_t *row(unsigned int y) const { return samples.data() + static_cast<size_t>(y) * width; }

	unsigned int width = 0;
	unsigned int height = 0;
	std::vector<uint16_t> samples;
};

using Planes = std::array<Plane, 3>;

/* The four sites of a Bayer quad by colour. */
enum BayerSite {
	SiteR,
	SiteGr,
	SiteGb,
	SiteB,
};

/* Column of the colour (not green) sample in the first row of a quad. */
constexpr unsigned int colourColumn(BayerOrder order)
{
	return order == BayerOrder::RGGB || order == BayerOrder::BGGR ? 0 : 1;
}

/* True if the first row of a quad carries red, false if it carries blue. */
constexpr bool redFirst(BayerOrder order)
{
	return order == BayerOrder::RGGB || order == BayerOrder::GRBG;
}

/* The colour at column x, row y of the mosaic. */
constexpr BayerSite bayerSite(BayerOrder order, unsigned int x, unsigned int y)
{
	const bool redRow = ((y & 1) == 0) == redFirst(order);
	const bool colour = ((x + y) & 1) == colourColumn(order);

	if (redRow)
		return colour ? SiteR : SiteGr;
	return colour ? SiteB : SiteGb;
}

/*
 * Mirror a coordinate about the first and the last sample, which keeps the
 * phase of the mosaic as size is even. Serves overshoots up to size - 1.
 */
constexpr int mirror(int x, int size)
{
	if (x < 0)
		return -x;
	return x >= size ? 2 * size - 2 - x : x;
}

/*
 * Mirror a row of @n samples of column @column of the quads about the frame, @reach
 * samples at both ends.
 */
template<typename T>
constexpr void mirrorColumns(T *row, int n, int column, int reach)
{
	for (int k = 1; k <= reach; ++k) {
		row[-k] = row[k - column];
		row[n - 1 + k] = row[n - k - column];
	}
}

/* What a sum of signed 16-bit lanes with saturation gives. */
constexpr int saturate16(int v)
{
	return std::clamp(v, -32768, 32767);
}

constexpr bool blockDisabled(const v4l2_isp_params_block_header &header)
{
	return header.flags & V4L2_ISP_PARAMS_FL_BLOCK_DISABLE;
}

} /* namespace fovea::isp */
