/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Correction of defect pixels
 */

#pragma once

#include <span>
#include <stddef.h>
#include <stdint.h>

#include "plane.h"

namespace fovea::isp {

/*
 * The row or column at a distance of up to 2 of one in the frame, or where that
 * lies outside, the one of its colour on the other side of the first or last sample.
 */
constexpr int sameColour(int x, int size)
{
	if (x < 0)
		return x + 4;
	return x >= size ? x - 4 : x;
}

void listedDefectsReference(const fovea_isp_dpc &params, Plane *mosaic);
void dpcReference(const fovea_isp_dpc &params, Plane *mosaic);

std::span<const fovea_isp_defect> defectsOfRow(const fovea_isp_dpc &params, unsigned int y);
void correctListedDefects(std::span<const fovea_isp_defect> defects, size_t quads,
			  uint16_t *even, uint16_t *odd);

} /* namespace fovea::isp */
