/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Black level
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "plane.h"

namespace fovea::isp {

uint16_t blackLevelOf(const fovea_isp_black_level &params, BayerSite site);

void blackLevelReference(const fovea_isp_black_level &params, BayerOrder order, Plane *mosaic);

} /* namespace fovea::isp */
