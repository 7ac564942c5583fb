/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Raw files of cameras, read by LibRaw in a process of its own
 */

#pragma once

#include <span>
#include <stdint.h>
#include <string>

#include "raw_image.h"

namespace fovea::tune {

bool readWithLibRaw(std::span<const uint8_t> file, RawImage *image, std::string *error);

} /* namespace fovea::tune */
