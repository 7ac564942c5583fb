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
inline constexpr int kGammaSegments = 16 * kGammaTables;

/* A number for each segment, whole and by bytes. */
struct GammaNumbers {
	void set(unsigned int segment, uint16_t value);

	alignas(64) uint16_t whole[kGammaSegments] = {};
	alignas(16) uint8_t low[kGammaTables][16] = {};
	alignas(16) uint8_t high[kGammaTables][16] = {};
};

/* The segments of the curve, and a flat one behind them, as the kernels look them up. */
struct GammaTable {
	explicit GammaTable(const fovea_isp_gamma &params);

	/* start + (height * fraction in the segment). */
	GammaNumbers start, height;
	/* Bits 8 to 11 of both: start, height << 4. */
	alignas(16) uint8_t high[kGammaTables][16] = {};

	/*
	 * Where no segment rises by 1024 or more: base + ((slope * position) >> 16), the
	 * same with what the segments before this one would add taken off of the start.
	 */
	bool gentle = true;
	GammaNumbers base, slope;

	/*
	 * What samples below 1024 are multiplied with beside being added. A variable: of
	 * a constant the compiler makes a shift and a subtraction.
	 */
	int16_t lowFactor = 15;
};

uint16_t gammaReference(const fovea_isp_gamma &params, uint16_t in);
void gammaReference(const fovea_isp_gamma &params, Planes *rgb);

} /* namespace fovea::isp */
