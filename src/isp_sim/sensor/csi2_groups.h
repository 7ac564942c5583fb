/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Groups of samples on the MIPI CSI-2 bus, for the code that packs and unpacks them
 */

#pragma once

#include <numeric>
#include <stdint.h>

namespace fovea::sensor::csi2 {

/* Samples that share bytes for their low bits. */
constexpr unsigned int groupSamples(unsigned int bitDepth)
{
	return 8 / std::gcd(8U, bitDepth - 8);
}

/* Bytes for the low bits of a group. */
constexpr unsigned int lowBytes(unsigned int bitDepth)
{
	return groupSamples(bitDepth) * (bitDepth - 8) / 8;
}

/* Samples of a step of the vector code, which is some groups of any depth. */
constexpr unsigned int kStep = 8;

/* Bytes that a step reads; it uses less of them. */
constexpr unsigned int kRead = 16;

constexpr unsigned int stepBytes(unsigned int bitDepth)
{
	return kStep * bitDepth / 8;
}

/*
 * Where the parts of the samples of a step are, in bytes of it, for words of two bytes:
 * the high bits; the one or two bytes that have the low bits; and the factor that brings
 * the low bits to the top of such a word, whatever is above them is lost.
 */
struct Places {
	uint8_t high[2 * kStep];
	uint8_t low[2 * kStep];
	uint16_t factor[kStep];
};

constexpr uint8_t kZero = 0x80;		/* no byte: gives 0 */

constexpr Places makePlaces(unsigned int bitDepth)
{
	const unsigned int group = groupSamples(bitDepth);
	const unsigned int bits = bitDepth - 8;
	Places places{};

	for (unsigned int i = 0; i < kStep; i++) {
		const unsigned int base = i / group * (group + lowBytes(bitDepth));
		const unsigned int bit = i % group * bits;
		const unsigned int at = base + group + bit / 8;

		places.high[2 * i] = static_cast<uint8_t>(base + i % group);
		places.high[2 * i + 1] = kZero;
		places.low[2 * i] = static_cast<uint8_t>(at);
		places.low[2 * i + 1] = bit % 8 + bits > 8 ? static_cast<uint8_t>(at + 1) : kZero;
		places.factor[i] = static_cast<uint16_t>(1U << (16 - bits - bit % 8));
	}

	return places;
}

template<unsigned int kBitDepth>
inline constexpr Places kPlaces = makePlaces(kBitDepth);

} /* namespace fovea::sensor::csi2 */
