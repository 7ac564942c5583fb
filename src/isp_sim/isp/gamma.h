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

/*
 * The curve in the form in which the kernel looks it up: the bytes of the 128
 * segments of both tables, in groups of 16.
 */
struct GammaTable {
	explicit GammaTable(const fovea_isp_gamma &params);

	static constexpr unsigned int kGroups = 8;
	static constexpr unsigned int kGroupSize = 16;

	alignas(64) uint8_t startLow[kGroups][kGroupSize];
	uint8_t startHigh[kGroups][kGroupSize];
	/* Bytes of 8 times the height of a segment. */
	uint8_t heightLow[kGroups][kGroupSize];
	uint8_t heightHigh[kGroups][kGroupSize];
	bool identity;
};

uint16_t gammaReference(const fovea_isp_gamma &params, uint16_t in);
void gammaReference(const fovea_isp_gamma &params, Planes *rgb);

void gammaRow(const GammaTable &table, const uint16_t *in, size_t n, uint16_t *out);

} /* namespace fovea::isp */
