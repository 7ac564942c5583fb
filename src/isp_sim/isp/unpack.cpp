/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Unpacking of raw samples, and the black level
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

/*
 * min(16383, (max(0, v - level) + 2) >> 2): the addition of the rounding term
 * saturates at 65535, which gives 16383 behind the shift.
 */
HWY_INLINE VU16 subtractBlackLevel(VU16 v, VU16 level)
{
	const VU16 rounding = hn::Set(U16(), 2);
	return hn::ShiftRight<2>(hn::SaturatedAdd(hn::SaturatedSub(v, level), rounding));
}

/* One vector of bytes: the even and the odd samples of as many words. */
HWY_INLINE void unpackVector8(const uint8_t *src, VU16 *even, VU16 *odd)
{
	const VU16 v = hn::BitCast(U16(), hn::LoadU(U8(), src));
	*even = hn::ShiftLeft<8>(v);
	*odd = hn::ShiftLeft<8>(hn::ShiftRight<8>(v));
}

HWY_INLINE void unpackVector16(const uint8_t *src, int shift, VU16 *even, VU16 *odd)
{
	VU16 v0, v1;
	hn::LoadInterleaved2(U16(), reinterpret_cast<const uint16_t *>(src), v0, v1);
	*even = hn::ShiftLeftSame(v0, shift);
	*odd = hn::ShiftLeftSame(v1, shift);
}

HWY_INLINE void unpackRow(const uint8_t *src, unsigned int bitDepth, const uint16_t *levels,
			  size_t quads, uint16_t *even, uint16_t *odd)
{
	const U16 d;
	const VU16 evenLevel = hn::Set(d, levels[0]);
	const VU16 oddLevel = hn::Set(d, levels[1]);
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

		VU16 v0, v1;
		if (bitDepth == 8)
			unpackVector8(from, &v0, &v1);
		else
			unpackVector16(from, shift, &v0, &v1);
		hn::StoreU(subtractBlackLevel(v0, evenLevel), d, even + i);
		hn::StoreU(subtractBlackLevel(v1, oddLevel), d, odd + i);
	}
}

static void unpackQuadsKernel(const uint8_t *src, size_t stride, unsigned int bitDepth,
			      const std::array<uint16_t, 4> &levels, size_t quads,
			      const std::array<uint16_t *, 4> &out)
{
	for (unsigned int row = 0; row < 2; ++row)
		unpackRow(src + row * stride, bitDepth, &levels[2 * row], quads, out[2 * row], out[2 * row + 1]);
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(unpackQuadsKernel);

/**
 * Align the samples of a raw frame to 16 bits
 * @format: size, depth (8 to 16 bits), stride in bytes
 * @raw: the frame: bytes for 8 bits, else 16-bit little-endian words
 * @mosaic: receives the samples, 0 to 65535
 *
 * out = (sample << (16 - depth)) mod 65536, UQ0.16 of full scale: bits of a word above
 * the depth are ignored. The words are those of the Bayer formats of Linux' media
 * userspace API (V4L2_PIX_FMT_SRGGB8, and from V4L2_PIX_FMT_SRGGB10 on samples expanded
 * to 16 bits). Definition: struct fovea_isp_black_level.
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
 * Unpack a row of quads, split it by their positions and subtract the black level
 * @src: its first row of exactly 2 * @quads samples
 * @stride: bytes from there to the second one
 * @bitDepth: 8 to 16
 * @levels: black levels by position in the quad (row * 2 + column), 16-bit units
 * @out: receives the samples by position, 0 to 16383; writable up to a whole vector
 *
 * Equal to unpackReference() and blackLevelReference().
 */
void unpackQuads(const uint8_t *src, size_t stride, unsigned int bitDepth, const std::array<uint16_t, 4> &levels,
		 size_t quads, const std::array<uint16_t *, 4> &out)
{
	HWY_DYNAMIC_DISPATCH(unpackQuadsKernel)(src, stride, bitDepth, levels, quads, out);
}

} /* namespace fovea::isp */
#endif
