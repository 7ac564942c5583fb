/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Packing to the output formats
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "plane.h"

namespace fovea::isp {

void packReference(PixelFormat format, const Planes &planes, size_t stride, uint8_t *out);

void packLumaRow(const uint16_t *luma, size_t n, uint8_t *out);
void packChromaRow422(const uint16_t *cb, const uint16_t *cr, size_t pairs, uint8_t *out);
void packYuyvRow(const uint16_t *const ycbcr[3], size_t pairs, uint8_t *out);
void packPairs(const uint16_t *even, const uint16_t *odd, size_t pairs, uint8_t *out);
void interleaveColumns(const uint16_t *even, const uint16_t *odd, size_t n, uint16_t *out);
void packRgb888Row(const uint16_t *const rgb[3], size_t n, uint8_t *out);
void packXrgb8888Row(const uint16_t *const rgb[3], size_t n, uint8_t *out);

} /* namespace fovea::isp */
