/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Three-dimensional look-up table of colours
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "plane.h"

namespace fovea::isp {

/*
 * The nodes as the kernel reads them: red, green and blue of each in turns with those
 * of the node across the cell, which every pixel of the cell needs, too.
 */
struct Lut3dTable {
	/* Without nodes where the block is disabled. */
	explicit Lut3dTable(const fovea_isp_lut3d &params);

	alignas(64) uint16_t nodes[FOVEA_ISP_LUT3D_NODES * FOVEA_ISP_LUT3D_NODES * FOVEA_ISP_LUT3D_NODES][4][2];
};

void lut3dReference(const fovea_isp_lut3d &params, Planes *rgb);

void lut3dRow(const Lut3dTable &table, size_t n, uint16_t *r, uint16_t *g, uint16_t *b);

} /* namespace fovea::isp */
