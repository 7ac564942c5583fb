/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Merging of exposures
 */

#pragma once

#include <span>
#include <stddef.h>
#include <stdint.h>

#include "linear_plane.h"

namespace fovea::isp {

void mergeReference(const fovea_isp_merge &params, std::span<const LinearPlane> exposures, LinearPlane *out);

void scaleExposureRow(uint16_t gain, size_t n, const LinearRows &rows);
void mergeRow(const fovea_isp_merge &params, uint16_t gain, size_t n, const LinearRows &longer,
	      const LinearRows &merged);

} /* namespace fovea::isp */
