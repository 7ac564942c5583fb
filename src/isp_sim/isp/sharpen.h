/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Sharpening of luma
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "plane.h"

namespace fovea::isp {

void sharpenReference(const fovea_isp_sharpen &params, Plane *luma);

/* Columns of half width of three rows; even and odd, with one sample beyond. */
struct SharpenRows {
	const uint16_t *above[2];
	const uint16_t *row[2];
	const uint16_t *below[2];
	uint16_t *out[2];
};

void sharpenRow(const fovea_isp_sharpen &params, const SharpenRows &rows, size_t n);

} /* namespace fovea::isp */
