/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Digital and white-balance gains
 */

#include "wb_gains.h"

namespace fovea::isp {

/**
 * The gain of one colour, UQ4.12, 1.0 (4096) where disabled
 *
 * GainMesh applies it together with lens shading.
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
