/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Black level
 */

#include "black_level.h"

namespace fovea::isp {

/**
 * The level of one colour in units of 1/65536 of full scale, 0 where disabled
 */
uint16_t blackLevelOf(const fovea_isp_black_level &params, BayerSite site)
{
	if (blockDisabled(params.header))
		return 0;

	switch (site) {
	case SiteR:
		return params.r;
	case SiteGr:
		return params.gr;
	case SiteGb:
		return params.gb;
	case SiteB:
		return params.b;
	}

	return 0;
}

/**
 * Subtract the black level of each colour
 * @params: the levels
 * @order: colours of the mosaic
 * @mosaic: in: 16-bit aligned samples; out: the linear range, 0 to 16383
 *
 * out = min(16383, (max(0, in - level) + 2) >> 2): from UQ0.16 to UQ0.14 of full
 * scale. What a sensor adds to its signal is taken off before anything is multiplied
 * (Adobe, "Digital Negative (DNG) Specification", version 1.4.0.0, 2012, chapter 5,
 * mapping raw values to linear reference values). Definition: struct
 * fovea_isp_black_level. The vector kernel is part of unpackQuads().
 */
void blackLevelReference(const fovea_isp_black_level &params, BayerOrder order, Plane *mosaic)
{
	for (unsigned int y = 0; y < mosaic->height; ++y) {
		uint16_t *row = mosaic->row(y);
		for (unsigned int x = 0; x < mosaic->width; ++x) {
			const int level = blackLevelOf(params, bayerSite(order, x, y));
			const int v = (std::max(0, row[x] - level) + 2) >> 2;
			row[x] = static_cast<uint16_t>(std::min(kLinearMax, v));
		}
	}
}

} /* namespace fovea::isp */
