/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Colour matrix
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "plane.h"

namespace fovea::isp {

void ccmReference(const fovea_isp_ccm &params, Planes *rgb);

void ccmRow(const fovea_isp_ccm &params, size_t n, uint16_t *r, uint16_t *g, uint16_t *b);

} /* namespace fovea::isp */
