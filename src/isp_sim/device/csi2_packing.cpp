/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Raw samples packed as on the MIPI CSI-2 bus
 */

#include "csi2_packing.h"

#include <algorithm>
#include <numeric>

/**
 * \file csi2_packing.h
 * \brief RAW10, RAW12 and RAW14 of MIPI CSI-2, and the V4L2 formats S...10P to 14P
 *
 * The smallest group of samples that fills whole bytes begins with the eight
 * high bits of each sample; their low bits follow, the first sample's lowest.
 */

namespace fovea::device {

namespace {

constexpr unsigned int kMostSamples = 4;

/* Samples that share bytes for their low bits. */
unsigned int groupSamples(unsigned int bitDepth)
{
	return 8 / std::gcd(8U, bitDepth - 8);
}

/* Bytes for the low bits of a group. */
unsigned int lowBytes(unsigned int bitDepth)
{
	return groupSamples(bitDepth) * (bitDepth - 8) / 8;
}

} /* namespace */

/**
 * \brief Bytes of a packed line
 * \param[in] width Samples
 * \param[in] bitDepth 10, 12 or 14; the last group may be incomplete
 */
size_t csi2LineSize(unsigned int width, unsigned int bitDepth)
{
	const unsigned int samples = groupSamples(bitDepth);
	const size_t groups = (width + samples - 1) / samples;

	return groups * (samples + lowBytes(bitDepth));
}

/**
 * \brief Pack a line
 * \param[in] samples \a width little-endian words; bits above the depth are lost
 * \param[in] width Samples; what is missing to a whole group is 0
 * \param[in] bitDepth 10, 12 or 14
 * \param[out] packed csi2LineSize() bytes
 */
void packCsi2Line(const uint8_t *samples, unsigned int width, unsigned int bitDepth,
		  uint8_t *packed)
{
	const unsigned int group = groupSamples(bitDepth);
	const unsigned int bits = bitDepth - 8;
	const uint32_t mask = (1U << bits) - 1;

	for (unsigned int x = 0; x < width; x += group) {
		const unsigned int count = std::min(group, width - x);
		uint8_t high[kMostSamples] = {};
		uint32_t low = 0;

		for (unsigned int i = 0; i < count; i++) {
			const uint32_t sample = samples[2 * (x + i)] | samples[2 * (x + i) + 1] << 8;
			high[i] = static_cast<uint8_t>(sample >> bits);
			low |= (sample & mask) << (i * bits);
		}

		packed = std::copy_n(high, group, packed);
		for (unsigned int i = 0; i < lowBytes(bitDepth); i++)
			*packed++ = static_cast<uint8_t>(low >> (8 * i));
	}
}

/**
 * \brief Unpack a line
 * \param[in] packed csi2LineSize() bytes
 * \param[in] width Samples
 * \param[in] bitDepth 10, 12 or 14
 * \param[out] samples \a width little-endian words
 */
void unpackCsi2Line(const uint8_t *packed, unsigned int width, unsigned int bitDepth,
		    uint8_t *samples)
{
	const unsigned int group = groupSamples(bitDepth);
	const unsigned int bits = bitDepth - 8;
	const uint32_t mask = (1U << bits) - 1;

	for (unsigned int x = 0; x < width; x += group) {
		const unsigned int count = std::min(group, width - x);
		uint32_t low = 0;

		for (unsigned int i = 0; i < lowBytes(bitDepth); i++)
			low |= uint32_t{ packed[group + i] } << (8 * i);

		for (unsigned int i = 0; i < count; i++) {
			const uint32_t sample = packed[i] << bits | (low >> (i * bits) & mask);
			samples[2 * (x + i)] = static_cast<uint8_t>(sample);
			samples[2 * (x + i) + 1] = static_cast<uint8_t>(sample >> 8);
		}

		packed += group + lowBytes(bitDepth);
	}
}

} /* namespace fovea::device */
