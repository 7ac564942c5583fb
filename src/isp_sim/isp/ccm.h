/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Colour matrix
 */

#pragma once

#include "plane.h"

namespace fovea::isp {

void ccmReference(const fovea_isp_ccm &params, Planes *rgb);

} /* namespace fovea::isp */
