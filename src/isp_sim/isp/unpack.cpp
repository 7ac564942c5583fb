/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Unpacking of raw samples
 */

#include "unpack.h"

#include <string.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/unpack.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/* One vector of bytes: the even and the odd samples of as many words. */
HWY_INLINE void unpackVector8(const uint8_t *src, uint16_t *even, uint16_t *odd)
{
	const U16 d;
	const VU16 v = hn::BitCast(d, hn::LoadU(U8(), src));
	hn::StoreU(hn::ShiftLeft<8>(v), d, even);
	hn::StoreU(hn::ShiftLeft<8>(hn::ShiftRight<8>(v)), d, odd);
}

HWY_INLINE void unpackVector16(const uint8_t *src, int shift, uint16_t *even, uint16_t *odd)
{
	const U16 d;
	VU16 v0, v1;
	hn::LoadInterleaved2(d, reinterpret_cast<const uint16_t *>(src), v0, v1);
	hn::StoreU(hn::ShiftLeftSame(v0, shift), d, even);
	hn::StoreU(hn::ShiftLeftSame(v1, shift), d, odd);
}

static void unpackRowKernel(const uint8_t *src, unsigned int bitDepth, size_t quads,
			    uint16_t *even, uint16_t *odd)
{
	const size_t lanes = hn::Lanes(U16());
	const size_t quadBytes = bitDepth == 8 ? 2 : 4;
	const int shift = 16 - static_cast<int>(bitDepth);

	/* The source ends with its last sample: the rest goes through a copy. */
	alignas(64) uint8_t rest[4 * HWY_MAX_BYTES] = {};

	for (size_t i = 0; i < quads; i += lanes) {
		const uint8_t *from = src + i * quadBytes;
		if (quads - i < lanes) {
			memcpy(rest, from, (quads - i) * quadBytes);
			from = rest;
		}

		if (bitDepth == 8)
			unpackVector8(from, even + i, odd + i);
		else
			unpackVector16(from, shift, even + i, odd + i);
	}
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(unpackRowKernel);

/**
 * Align the samples of a raw frame to 16 bits
 * @format: size, depth (8 to 16 bits), stride in bytes
 * @raw: the frame: bytes for 8 bits, else 16-bit little-endian words
 * @mosaic: receives the samples, 0 to 65535
 *
 * out = (sample << (16 - depth)) mod 65536: bits of a word above the depth
 * are ignored. Definition: struct fovea_isp_black_level.
 */
void unpackReference(const RawFormat &format, std::span<const uint8_t> raw, Plane *mosaic)
{
	const unsigned int shift = 16 - format.bitDepth;

	*mosaic = Plane(format.size.width, format.size.height);
	for (unsigned int y = 0; y < format.size.height; ++y) {
		const uint8_t *src = raw.data() + y * format.stride;
		uint16_t *out = mosaic->row(y);

		for (unsigned int x = 0; x < format.size.width; ++x) {
			const unsigned int sample = format.bitDepth == 8
						  ? src[x]
						  : src[2 * x] | src[2 * x + 1] << 8;
			out[x] = static_cast<uint16_t>(sample << shift);
		}
	}
}

/**
 * Align a row of samples to 16 bits and split it into its columns
 * @src: the row, exactly 2 * @quads samples
 * @bitDepth: 8 to 16
 * @quads: pairs of samples
 * @even: samples of the even columns; writable up to a whole vector
 * @odd: samples of the odd columns; writable up to a whole vector
 *
 * Equal to unpackReference().
 */
void unpackRow(const uint8_t *src, unsigned int bitDepth, size_t quads,
	       uint16_t *even, uint16_t *odd)
{
	HWY_DYNAMIC_DISPATCH(unpackRowKernel)(src, bitDepth, quads, even, odd);
}

} /* namespace fovea::isp */
#endif
