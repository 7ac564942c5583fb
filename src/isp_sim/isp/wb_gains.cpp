/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Digital and white-balance gains
 */

#include "wb_gains.h"

namespace fovea::isp {

/**
 * The gain of one colour, UQ4.12, 0 to 15.9998, 1.0 (4096) where disabled
 * @params: the gains
 * @site: the colour
 *
 * out = min(16383, (in * ((gain + 1) >> 1)) >> 11) without lens shading: one
 * coefficient for each colour (J. von Kries, "Chromatic adaptation", 1902). GainMesh
 * applies it together with lens shading, see gainsReference(), which says what
 * becomes of highlights. Definition: struct fovea_isp_wb_gains.
 */
uint16_t wbGainOf(const fovea_isp_wb_gains &params, BayerSite site)
{
	constexpr uint16_t kUnity = 4096;

	if (blockDisabled(params.header))
		return kUnity;

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

	return kUnity;
}

} /* namespace fovea::isp */
