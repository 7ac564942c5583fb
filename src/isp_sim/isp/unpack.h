/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Unpacking of raw samples
 */

#pragma once

#include <array>
#include <span>
#include <stddef.h>
#include <stdint.h>

#include "plane.h"

namespace fovea::isp {

void unpackReference(const RawFormat &format, std::span<const uint8_t> raw, Plane *mosaic);

void unpackQuads(const uint8_t *src, size_t stride, unsigned int bitDepth, const std::array<uint16_t, 4> &levels,
		 size_t quads, const std::array<uint16_t *, 4> &out);

} /* namespace fovea::isp */
