/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Gamma
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "plane.h"

namespace fovea::isp {

/* The curve in the form in which the kernel looks it up. */
struct GammaTable {
	explicit GammaTable(const fovea_isp_gamma &params);

	/* Segments of both tables: start in bits 0-15, 8 * height in bits 16-31. */
	alignas(64) int32_t segments[128];
	bool identity;
};

uint16_t gammaReference(const fovea_isp_gamma &params, uint16_t in);
void gammaReference(const fovea_isp_gamma &params, Planes *rgb);

void gammaRow(const GammaTable &table, const uint16_t *in, size_t n, uint16_t *out);

} /* namespace fovea::isp */
