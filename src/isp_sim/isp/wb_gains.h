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

} /* namespace fovea::isp */
