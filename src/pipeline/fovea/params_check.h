/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Validation of parameters from the IPA module
 */

#pragma once

#include <stdint.h>
#include <string>

#include <libcamera/base/span.h>

namespace libcamera::fovea {

bool checkParams(Span<const uint8_t> params, std::string *error);

} /* namespace libcamera::fovea */
