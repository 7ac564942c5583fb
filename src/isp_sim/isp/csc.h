/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Conversion of R'G'B' to Y'CbCr
 */

#pragma once

#include "plane.h"

namespace fovea::isp {

void cscReference(const fovea_isp_csc &params, const Planes &rgb, Planes *ycbcr);

} /* namespace fovea::isp */
