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

/*
 * Even and odd columns of the two rows of a row of quads, the row above and the row
 * below them.
 */
struct SharpenRows {
	const uint16_t *luma[4][2];
};

void sharpenRows(const fovea_isp_sharpen &params, const SharpenRows &rows, size_t n,
		 uint16_t *const out[4]);
void sharpenAndPackRows(const fovea_isp_sharpen &params, const SharpenRows &rows, size_t n,
			uint8_t *const out[2]);

} /* namespace fovea::isp */
