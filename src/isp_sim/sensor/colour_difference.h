/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * CIELAB and the colour difference CIEDE2000
 */

#pragma once

#include "isp_sim/sensor/spectrum.h"

namespace fovea::sensor {

Vector3 lab(const Vector3 &xyz, const Vector3 &white);
double ciede2000(const Vector3 &one, const Vector3 &two);

} /* namespace fovea::sensor */
