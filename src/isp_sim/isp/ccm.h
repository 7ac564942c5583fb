/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Colour matrix
 */

#pragma once

#include "demosaic.h"
#include "plane.h"

namespace fovea::isp {

/*
 * A row of the matrix as it acts on green and the differences of red and blue to it:
 * what it adds to green, Q4.12 and units of the linear range.
 */
struct MatrixRow {
	int16_t red;
	int16_t green;
	int16_t blue;
	int16_t offset;
};

MatrixRow matrixRow(const fovea_isp_ccm &params, unsigned int row);
void ccmReference(const fovea_isp_ccm &params, const ColourDifferences &in, Planes *rgb);

} /* namespace fovea::isp */
