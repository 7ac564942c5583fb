/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Digital and white-balance gains
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "plane.h"

namespace fovea::isp {

uint16_t wbGainOf(const fovea_isp_wb_gains &params, BayerSite site);

void wbGainsReference(const fovea_isp_wb_gains &params, BayerOrder order, Plane *mosaic);

void wbGainRow(const uint16_t *in, uint16_t gain, size_t n, uint16_t *out);

} /* namespace fovea::isp */
