/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Packing to the output formats
 */

#include "pack.h"

#include <string.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/pack.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/*
 * The output ends with its last byte and other threads may write the next row:
 * an incomplete vector at the end goes through a copy.
 */
template<typename Function>
HWY_INLINE void storeRow(size_t n, size_t step, size_t bytesPerStep, uint8_t *out, Function function)
{
	alignas(64) uint8_t rest[8 * HWY_MAX_BYTES];
	const size_t bytesPerItem = bytesPerStep / step;
	size_t i = 0;

	for (; i + step <= n; i += step)
		function(i, out + i * bytesPerItem);

	if (i < n) {
		function(i, rest);
		memcpy(out + i * bytesPerItem, rest, (n - i) * bytesPerItem);
	}
}

/* 8-bit samples in 16-bit lanes: min(255, (v + 8) >> 4). */
HWY_INLINE VU16 roundTo8(const uint16_t *p)
{
	const U16 d;
	const VU16 v = hn::ShiftRight<4>(hn::Add(hn::LoadU(d, p), hn::Set(d, 8)));
	return hn::Min(v, hn::Set(d, 255));
}

static void packLumaRowKernel(const uint16_t *luma, size_t n, uint8_t *out)
{
	const U16 d;
	const hn::Half<U8> d8;

	storeRow(n, hn::Lanes(d), hn::Lanes(d8), out, [&](size_t i, uint8_t *to) HWY_ATTR {
		hn::StoreU(hn::DemoteTo(d8, hn::BitCast(D16(), roundTo8(luma + i))), d8, to);
	});
}

/* Sums of the four samples of each pair of columns, to 8 bits, in 32-bit lanes. */
HWY_INLINE V32 meanOfQuads(const uint16_t *upper, const uint16_t *lower)
{
	const D32 d32;
	const V16 columns = hn::Add(loadSigned(upper), loadSigned(lower));
	const V32 sum = multiplyPairs(columns, hn::Set(D16(), 1));
	return hn::Min(hn::ShiftRight<6>(hn::Add(sum, hn::Set(d32, 32))), hn::Set(d32, 255));
}

static void packChromaRowKernel(const uint16_t *const cb[2], const uint16_t *const cr[2],
				size_t pairs, uint8_t *out)
{
	const D16 d;
	const hn::Half<U8> d8;

	/* One vector of columns gives half as many pairs of bytes. */
	const size_t step = hn::Lanes(d) / 2;

	storeRow(pairs, step, 2 * step, out, [&](size_t i, uint8_t *to) HWY_ATTR {
		const V32 u = meanOfQuads(cb[0] + 2 * i, cb[1] + 2 * i);
		const V32 v = meanOfQuads(cr[0] + 2 * i, cr[1] + 2 * i);
		const V16 uv = hn::BitCast(d, hn::Or(u, hn::ShiftLeft<16>(v)));
		hn::StoreU(hn::DemoteTo(d8, uv), d8, to);
	});
}

/*
 * Even and odd columns to interleaved bytes: min(255, (v + 8) >> 4) of each. The
 * addition saturates where the limit acts.
 */
HWY_INLINE VU16 packColumns(const uint16_t *even, const uint16_t *odd)
{
	const U16 d;
	const VU16 rounding = hn::Set(d, 128);
	const VU16 low = hn::SaturatedAdd(hn::ShiftLeft<4>(hn::LoadU(d, even)), rounding);
	const VU16 high = hn::SaturatedAdd(hn::ShiftLeft<4>(hn::LoadU(d, odd)), rounding);
	return hn::Or(hn::ShiftRight<8>(low), hn::And(high, hn::Set(d, 0xff00)));
}

static void packPairsKernel(const uint16_t *even, const uint16_t *odd, size_t pairs, uint8_t *out)
{
	const size_t lanes = hn::Lanes(U16());

	storeRow(pairs, lanes, 2 * lanes, out, [&](size_t i, uint8_t *to) HWY_ATTR {
		hn::StoreU(hn::BitCast(U8(), packColumns(even + i, odd + i)), U8(), to);
	});
}

static void interleaveColumnsKernel(const uint16_t *even, const uint16_t *odd, size_t n, uint16_t *out)
{
	const U16 d;

	for (size_t i = 0; i < n; i += hn::Lanes(d))
		hn::StoreInterleaved2(hn::LoadU(d, even + i), hn::LoadU(d, odd + i), d, out + 2 * i);
}

static void packXrgb8888RowKernel(const uint16_t *const rgb[3], size_t n, uint8_t *out)
{
	const U16 d;
	const VU16 opaque = hn::Set(d, 0xff00);
	const size_t lanes = hn::Lanes(d);

	storeRow(n, lanes, 4 * lanes, out, [&](size_t i, uint8_t *to) HWY_ATTR {
		const VU16 bg = hn::Or(roundTo8(rgb[2] + i), hn::ShiftLeft<8>(roundTo8(rgb[1] + i)));
		const VU16 rx = hn::Or(roundTo8(rgb[0] + i), opaque);
		hn::StoreInterleaved2(bg, rx, d, reinterpret_cast<uint16_t *>(to));
	});
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(packLumaRowKernel);
HWY_EXPORT(packChromaRowKernel);
HWY_EXPORT(packPairsKernel);
HWY_EXPORT(interleaveColumnsKernel);
HWY_EXPORT(packXrgb8888RowKernel);

namespace {

uint8_t roundTo8(unsigned int v)
{
	return static_cast<uint8_t>(std::min(255U, (v + 8) >> 4));
}

} /* namespace */

/**
 * Pack to NV12
 * @ycbcr: planes Y', Cb, Cr, 0 to 4095, of even width and height
 * @stride: bytes from row to row in both planes
 * @out: receives the luma plane and, right behind it, the chroma plane
 *
 * Luma: min(255, (v + 8) >> 4). Chroma: of the four samples of each 2x2 pixels,
 * min(255, (sum + 32) >> 6): the sample lies in the middle of its four pixels
 * (centre siting, as JPEG and BT.601 full range have it).
 */
void packNv12Reference(const Planes &ycbcr, size_t stride, uint8_t *out)
{
	const unsigned int width = ycbcr[0].width;
	const unsigned int height = ycbcr[0].height;

	for (unsigned int y = 0; y < height; ++y) {
		for (unsigned int x = 0; x < width; ++x)
			out[y * stride + x] = roundTo8(ycbcr[0].row(y)[x]);
	}

	uint8_t *chroma = out + height * stride;
	for (unsigned int y = 0; y < height / 2; ++y) {
		for (unsigned int x = 0; x < width; ++x) {
			const Plane &plane = ycbcr[1 + (x & 1)];
			const uint16_t *upper = plane.row(2 * y) + (x & ~1U);
			const uint16_t *lower = plane.row(2 * y + 1) + (x & ~1U);
			const unsigned int sum = upper[0] + upper[1] + lower[0] + lower[1];
			chroma[y * stride + x] = static_cast<uint8_t>(std::min(255U, (sum + 32) >> 6));
		}
	}
}

/**
 * Pack to XRGB8888
 * @rgb: planes R', G', B', 0 to 4095
 * @stride: bytes from row to row
 * @out: receives the pixels, bytes B, G, R, 255
 *
 * Each component: min(255, (v + 8) >> 4).
 */
void packXrgb8888Reference(const Planes &rgb, size_t stride, uint8_t *out)
{
	for (unsigned int y = 0; y < rgb[0].height; ++y) {
		for (unsigned int x = 0; x < rgb[0].width; ++x) {
			uint8_t *pixel = out + y * stride + 4 * x;
			pixel[0] = roundTo8(rgb[2].row(y)[x]);
			pixel[1] = roundTo8(rgb[1].row(y)[x]);
			pixel[2] = roundTo8(rgb[0].row(y)[x]);
			pixel[3] = 255;
		}
	}
}

/**
 * Pack @n samples of a row of luma
 *
 * Equal to packNv12Reference(). @luma is readable up to a whole vector; nothing
 * is written behind the @n bytes.
 */
void packLumaRow(const uint16_t *luma, size_t n, uint8_t *out)
{
	HWY_DYNAMIC_DISPATCH(packLumaRowKernel)(luma, n, out);
}

/**
 * Pack two rows of chroma to one of @pairs pairs Cb, Cr
 *
 * Equal to packNv12Reference(). The rows are readable up to a whole vector;
 * nothing is written behind the 2 * @pairs bytes.
 */
void packChromaRow(const uint16_t *const cb[2], const uint16_t *const cr[2], size_t pairs,
		   uint8_t *out)
{
	HWY_DYNAMIC_DISPATCH(packChromaRowKernel)(cb, cr, pairs, out);
}

/**
 * Pack @pairs samples of each of two columns to interleaved bytes
 *
 * A row of luma from its even and odd columns, or a row of NV12's chroma plane from
 * Cb and Cr of quads. Equal to packNv12Reference(). The rows are readable up to a
 * whole vector; nothing is written behind the 2 * @pairs bytes.
 */
void packPairs(const uint16_t *even, const uint16_t *odd, size_t pairs, uint8_t *out)
{
	HWY_DYNAMIC_DISPATCH(packPairsKernel)(even, odd, pairs, out);
}

/* A row of 2 * @n samples from its columns. All rows reach up to a whole vector. */
void interleaveColumns(const uint16_t *even, const uint16_t *odd, size_t n, uint16_t *out)
{
	HWY_DYNAMIC_DISPATCH(interleaveColumnsKernel)(even, odd, n, out);
}

/**
 * Pack @n pixels of a row
 *
 * Equal to packXrgb8888Reference(). The rows are readable up to a whole vector;
 * nothing is written behind the 4 * @n bytes.
 */
void packXrgb8888Row(const uint16_t *const rgb[3], size_t n, uint8_t *out)
{
	HWY_DYNAMIC_DISPATCH(packXrgb8888RowKernel)(rgb, n, out);
}

} /* namespace fovea::isp */
#endif
