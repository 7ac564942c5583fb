/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * R'G'B' behind the blocks that work on Y'CbCr
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "colour.h"
#include "plane.h"
#include "temporal_nr.h"

namespace fovea::isp {

/* From changes of Y', Cb and Cr to those of R', G' and B', Q4.12. */
struct InverseCsc {
	explicit InverseCsc(const fovea_isp_csc &csc);

	int16_t coeff[3][3];
};

void rgbFinishReference(const fovea_isp_csc &csc, const Planes &before, const Planes &after, Planes *rgb);

/* A row of quads: luma by position, Cb, Cr, before and behind the blocks. */
struct YcbcrChange {
	const uint16_t *before[kQuadPlanes];
	const uint16_t *after[kQuadPlanes];
};

void rgbFinishRow(const InverseCsc &inverse, const YcbcrChange &change, size_t n, const RgbQuads &rgb);

} /* namespace fovea::isp */
