/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Raw samples packed as on the MIPI CSI-2 bus
 */

#include "isp_sim/sensor/csi2_packing.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/sensor/csi2_packing.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "isp_sim/sensor/csi2_groups.h"

/**
 * \file csi2_packing.h
 * \brief RAW10, RAW12 and RAW14 of MIPI CSI-2, and the V4L2 formats S...10P to 14P
 *
 * The smallest group of samples that fills whole bytes begins with the eight
 * high bits of each sample; their low bits follow, the first sample's lowest.
 */

HWY_BEFORE_NAMESPACE();
namespace fovea::sensor::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/* As many steps as have kRead bytes to read; the samples that are done. */
template<unsigned int kBitDepth>
unsigned int unpackSteps(const uint8_t *packed, size_t size, unsigned int width, uint8_t *samples)
{
	constexpr int kBits = kBitDepth - 8;
	const hn::Full128<uint8_t> d8;
	const hn::Full128<uint16_t> d16;
	const csi2::Places &places = csi2::kPlaces<kBitDepth>;
	const auto high = hn::LoadU(d8, places.high);
	const auto low = hn::LoadU(d8, places.low);
	const auto factor = hn::LoadU(d16, places.factor);
	unsigned int x = 0;

	for (size_t at = 0; x + csi2::kStep <= width && at + csi2::kRead <= size;
	     at += csi2::stepBytes(kBitDepth), x += csi2::kStep) {
		const auto bytes = hn::LoadU(d8, packed + at);
		const auto highBits = hn::BitCast(d16, hn::TableLookupBytesOr0(bytes, high));
		const auto lowBits = hn::Mul(hn::BitCast(d16, hn::TableLookupBytesOr0(bytes, low)), factor);
		const auto out = hn::Or(hn::ShiftLeft<kBits>(highBits), hn::ShiftRight<16 - kBits>(lowBits));
		hn::StoreU(hn::BitCast(d8, out), d8, samples + size_t{ 2 } * x);
	}

	return x;
}

static unsigned int unpackKernel(const uint8_t *packed, size_t size, unsigned int width,
				 unsigned int bitDepth, uint8_t *samples)
{
	switch (bitDepth) {
	case 10:
		return unpackSteps<10>(packed, size, width, samples);
	case 12:
		return unpackSteps<12>(packed, size, width, samples);
	default:
		return unpackSteps<14>(packed, size, width, samples);
	}
}

} /* namespace fovea::sensor::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::sensor {

HWY_EXPORT(unpackKernel);

namespace {

constexpr unsigned int kMostSamples = 4;

/* With the depth known the loops of a group unroll. */
template<unsigned int kBitDepth>
void packGroups(const uint8_t *samples, unsigned int width, uint8_t *packed)
{
	constexpr unsigned int kGroup = csi2::groupSamples(kBitDepth);
	constexpr unsigned int kBits = kBitDepth - 8;
	constexpr uint32_t kMask = (1U << kBits) - 1;

	for (unsigned int x = 0; x < width; x += kGroup) {
		const unsigned int count = std::min(kGroup, width - x);
		uint8_t high[kMostSamples] = {};
		uint32_t low = 0;

		for (unsigned int i = 0; i < count; i++) {
			const uint32_t sample = samples[2 * (x + i)] | samples[2 * (x + i) + 1] << 8;
			high[i] = static_cast<uint8_t>(sample >> kBits);
			low |= (sample & kMask) << (i * kBits);
		}

		packed = std::copy_n(high, kGroup, packed);
		for (unsigned int i = 0; i < csi2::lowBytes(kBitDepth); i++)
			*packed++ = static_cast<uint8_t>(low >> (8 * i));
	}
}

} /* namespace */

/**
 * \brief Bytes of a packed line
 * \param[in] width Samples
 * \param[in] bitDepth 10, 12 or 14; the last group may be incomplete
 */
size_t csi2LineSize(unsigned int width, unsigned int bitDepth)
{
	const unsigned int samples = csi2::groupSamples(bitDepth);
	const size_t groups = (width + samples - 1) / samples;

	return groups * (samples + csi2::lowBytes(bitDepth));
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
	switch (bitDepth) {
	case 10:
		return packGroups<10>(samples, width, packed);
	case 12:
		return packGroups<12>(samples, width, packed);
	default:
		return packGroups<14>(samples, width, packed);
	}
}

/**
 * \brief Unpack a line, sample by sample
 * \param[in] packed csi2LineSize() bytes
 * \param[in] width Samples
 * \param[in] bitDepth 10, 12 or 14
 * \param[out] samples \a width little-endian words
 */
void unpackCsi2LineReference(const uint8_t *packed, unsigned int width, unsigned int bitDepth,
			     uint8_t *samples)
{
	const unsigned int group = csi2::groupSamples(bitDepth);
	const unsigned int bits = bitDepth - 8;
	const uint32_t mask = (1U << bits) - 1;

	for (unsigned int x = 0; x < width; x += group) {
		const unsigned int count = std::min(group, width - x);
		uint32_t low = 0;

		for (unsigned int i = 0; i < csi2::lowBytes(bitDepth); i++)
			low |= uint32_t{ packed[group + i] } << (8 * i);

		for (unsigned int i = 0; i < count; i++) {
			const uint32_t sample = packed[i] << bits | (low >> (i * bits) & mask);
			samples[2 * (x + i)] = static_cast<uint8_t>(sample);
			samples[2 * (x + i) + 1] = static_cast<uint8_t>(sample >> 8);
		}

		packed += group + csi2::lowBytes(bitDepth);
	}
}

/** \brief Unpack a line; unpackCsi2LineReference() says what comes out */
void unpackCsi2Line(const uint8_t *packed, unsigned int width, unsigned int bitDepth,
		    uint8_t *samples)
{
	const size_t size = csi2LineSize(width, bitDepth);
	const unsigned int done = HWY_DYNAMIC_DISPATCH(unpackKernel)(packed, size, width, bitDepth, samples);

	unpackCsi2LineReference(packed + size_t{ done } * bitDepth / 8, width - done, bitDepth,
				samples + size_t{ 2 } * done);
}

} /* namespace fovea::sensor */
#endif /* HWY_ONCE */
