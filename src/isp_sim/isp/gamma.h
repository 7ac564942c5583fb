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

/* Tables of 16 segments for look-ups of bytes. */
inline constexpr int kGammaTables = 2;

/* The segments of the curve, and a flat one behind them, as the kernels look them up. */
struct GammaTable {
	explicit GammaTable(const fovea_isp_gamma &params);

	alignas(64) uint16_t start[32] = {};
	alignas(64) uint16_t height[32] = {};

	/* The same by bytes; bits 8 to 11 of both share one: start, height << 4. */
	alignas(16) uint8_t startLow[kGammaTables][16] = {};
	alignas(16) uint8_t heightLow[kGammaTables][16] = {};
	alignas(16) uint8_t high[kGammaTables][16] = {};
};

uint16_t gammaReference(const fovea_isp_gamma &params, uint16_t in);
void gammaReference(const fovea_isp_gamma &params, Planes *rgb);

} /* namespace fovea::isp */
