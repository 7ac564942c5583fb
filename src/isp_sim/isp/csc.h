/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Conversion of R'G'B' to Y'CbCr
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "plane.h"

namespace fovea::isp {

/* The conversion in effect: the block's, or the reset values where disabled. */
struct CscMatrix {
	explicit CscMatrix(const fovea_isp_csc &params);

	int16_t coeff[3][3];
	int16_t offset[3];
};

void cscReference(const fovea_isp_csc &params, const Planes &rgb, Planes *ycbcr);

void cscRow(const CscMatrix &matrix, size_t n, const uint16_t *const rgb[3],
	    uint16_t *const ycbcr[3]);

} /* namespace fovea::isp */
