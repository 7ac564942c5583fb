/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Correction of defect pixels
 */

#pragma once

#include <span>
#include <stddef.h>
#include <stdint.h>

#include "plane.h"

namespace fovea::isp {

void listedDefectsReference(const fovea_isp_dpc &params, Plane *mosaic);
void dpcReference(const fovea_isp_dpc &params, Plane *mosaic);

std::span<const fovea_isp_defect> defectsOfRow(const fovea_isp_dpc &params, unsigned int y);
void correctListedDefects(std::span<const fovea_isp_defect> defects, size_t quads,
			  uint16_t *even, uint16_t *odd);

} /* namespace fovea::isp */
