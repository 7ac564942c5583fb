/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Defect pixels, lens shading and gains of a row in one pass
 */

#pragma once

#include <span>
#include <stddef.h>
#include <stdint.h>

#include "lsc.h"

namespace fovea::isp {

/* The samples of one colour in three rows, with one neighbour on both sides. */
struct CorrectionRows {
	const uint16_t *above;
	const uint16_t *samples;
	const uint16_t *below;
	uint16_t *out;
};

struct Correction {
	CorrectionRows rows;
	GainRow gains;
};

void correctRows(const fovea_isp_dpc &dpc, std::span<const Correction> corrections, bool wideGains, size_t n);

/* Gains from here on (4.0, UQ5.11) need the wider product. */
inline constexpr uint16_t kWideGain = 8192;

} /* namespace fovea::isp */
