/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Packings of raw frames in files
 */

#pragma once

#include <span>
#include <stddef.h>
#include <stdint.h>
#include <string>
#include <vector>

namespace fovea::sensor {

enum class Packing {
	U8,			/* a byte a sample */
	U16LE,			/* a little-endian word a sample */
	CSI2P,			/* MIPI CSI-2: RAW10, RAW12 or RAW14 */
	PGM,			/* binary portable grey map, with its own header */
};

struct RawLayout {
	unsigned int width;
	unsigned int height;
	unsigned int bitDepth;
	Packing packing;
	unsigned int shift;	/* of words: sample = word >> shift */
	size_t header;		/* bytes before the first line */
	size_t stride;		/* bytes a line; 0 if lines follow each other */
};

size_t lineSize(const RawLayout &layout);
bool unpack(std::span<const uint8_t> file, const RawLayout &layout,
	    std::vector<uint16_t> *samples, std::string *error);

} /* namespace fovea::sensor */
