/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Unpacking of raw samples
 */

#pragma once

#include <span>
#include <stddef.h>
#include <stdint.h>

#include "plane.h"

namespace fovea::isp {

void unpackReference(const RawFormat &format, std::span<const uint8_t> raw, Plane *mosaic);

void unpackRow(const uint8_t *src, unsigned int bitDepth, const uint16_t levels[2], size_t quads,
	       uint16_t *even, uint16_t *odd);

} /* namespace fovea::isp */
