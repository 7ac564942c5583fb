/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Compression of the linear range to 14 bits
 */

#pragma once

#include <array>
#include <stddef.h>
#include <stdint.h>

#include "linear_plane.h"

namespace fovea::isp {

/* A row of quads, and the rows of samples above and below it by their columns. */
struct RangeRows {
	std::array<const uint32_t *, 2> above;
	LinearRows quads;
	std::array<const uint32_t *, 2> below;
};

void rangeReference(const fovea_isp_range &params, const LinearPlane &in, Plane *mosaic);

void compressRow(const fovea_isp_range &params, size_t n, const RangeRows &in,
		 const std::array<uint16_t *, 4> &out);

/* The input of point @i of the gains, see struct fovea_isp_range. */
constexpr uint32_t rangeInput(unsigned int i)
{
	return (4U + (i & 3)) << (i / 4 + 4);
}

} /* namespace fovea::isp */
