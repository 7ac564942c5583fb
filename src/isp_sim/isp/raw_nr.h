/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Noise reduction of the mosaic
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "plane.h"

namespace fovea::isp {

void rawNrReference(const fovea_isp_raw_nr &params, Plane *mosaic);

/* The samples of one colour in three rows, with one neighbour on both sides. */
struct RawNrRows {
	const uint16_t *above;
	const uint16_t *samples;
	const uint16_t *below;
	uint16_t *out;
};

void rawNrRow(const fovea_isp_raw_nr &params, const RawNrRows &rows, size_t n);

} /* namespace fovea::isp */
