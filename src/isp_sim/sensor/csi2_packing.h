/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Raw samples packed as on the MIPI CSI-2 bus
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

namespace fovea::sensor {

size_t csi2LineSize(unsigned int width, unsigned int bitDepth);
void packCsi2Line(const uint8_t *samples, unsigned int width, unsigned int bitDepth,
		  uint8_t *packed);
void unpackCsi2LineReference(const uint8_t *packed, unsigned int width, unsigned int bitDepth,
			     uint8_t *samples);
void unpackCsi2Line(const uint8_t *packed, unsigned int width, unsigned int bitDepth,
		    uint8_t *samples);

} /* namespace fovea::sensor */
