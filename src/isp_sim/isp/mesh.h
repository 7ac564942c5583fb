/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Interpolation between the nodes of a mesh
 */

#pragma once

#include "zone_stats.h"

namespace fovea::isp {

/* Between @a and @b, @fraction in 1/32768. */
inline int between(int a, int b, int fraction)
{
	return a + (((b - a) * fraction + 16384) >> 15);
}

/* Where @quad lies in its cell, 0 to 32767, as struct fovea_isp_lsc defines it. */
inline int fractionOf(unsigned int quad, unsigned int cells, unsigned int quads)
{
	const unsigned int cell = zoneOf(quad, cells, quads);
	const unsigned int start = zoneStart(cell, cells, quads);
	return static_cast<int>((quad - start) * 32768 / (zoneStart(cell + 1, cells, quads) - start));
}

} /* namespace fovea::isp */
