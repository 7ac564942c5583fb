/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Samples of the linear range in front of its compression
 */

#pragma once

#include <array>
#include <span>
#include <stddef.h>
#include <stdint.h>
#include <vector>

#include "plane.h"

namespace fovea::isp {

/* The largest sample: 20 bits. A sensor's samples without decompand have 16. */
inline constexpr uint32_t kLinearRangeMax = 1048575;

/* A whole plane, used by the scalar references. */
struct LinearPlane {
	LinearPlane() = default;
	LinearPlane(unsigned int planeWidth, unsigned int planeHeight)
		: width(planeWidth), height(planeHeight),
		  samples(static_cast<size_t>(planeWidth) * planeHeight)
	{
	}

	uint32_t *row(unsigned int y) { return samples.data() + static_cast<size_t>(y) * width; }
	const uint32_t *row(unsigned int y) const { return samples.data() + static_cast<size_t>(y) * width; }

	unsigned int width = 0;
	unsigned int height = 0;
	std::vector<uint32_t> samples;
};

/* The four rows of half width of a row of quads, by position (row * 2 + column). */
using LinearRows = std::array<uint32_t *, 4>;

} /* namespace fovea::isp */
