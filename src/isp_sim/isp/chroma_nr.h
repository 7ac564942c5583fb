/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Chroma noise reduction
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "plane.h"

namespace fovea::isp {

/* How far, in samples, the filter looks in each direction. */
inline constexpr int kChromaNrReach = 2;

void chromaNrReference(const fovea_isp_chroma_nr &params, Plane *plane);

void chromaNrRows(const fovea_isp_chroma_nr &params, const uint16_t *const in[2], size_t n, uint16_t *const out[2]);
void chromaNrColumns(const fovea_isp_chroma_nr &params, const uint16_t *const rows[5], size_t n,
		     uint16_t *out);
void chromaNrColumnsAndPack(const fovea_isp_chroma_nr &params, const uint16_t *const first[5],
			    const uint16_t *const second[5], size_t n, uint8_t *out);

} /* namespace fovea::isp */
