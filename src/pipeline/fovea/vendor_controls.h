/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Controls that libcamera has no name for
 */

#pragma once

#include <libcamera/controls.h>

namespace libcamera::fovea {

ControlInfoMap withVendorControls(const ControlInfoMap &controls);

} /* namespace libcamera::fovea */
