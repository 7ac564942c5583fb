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

#include "pack-inl.h"
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

/* Sums of the two samples of each pair of columns, to 8 bits, in 32-bit lanes. */
HWY_INLINE V32 meanOfPairs(const uint16_t *row)
{
	const D32 d32;
	const V32 sum = multiplyPairs(loadSigned(row), hn::Set(D16(), 1));
	return hn::Min(hn::ShiftRight<5>(hn::Add(sum, hn::Set(d32, 16))), hn::Set(d32, 255));
}

/* Cb and Cr in turns, in 16-bit lanes. */
HWY_INLINE V16 chromaOfPairs(const uint16_t *cb, const uint16_t *cr)
{
	return hn::BitCast(D16(), hn::Or(meanOfPairs(cb), hn::ShiftLeft<16>(meanOfPairs(cr))));
}

static void packChromaRow422Kernel(const uint16_t *cb, const uint16_t *cr, size_t pairs, uint8_t *out)
{
	const hn::Half<U8> d8;
	const size_t step = hn::Lanes(D16()) / 2;

	storeRow(pairs, step, 2 * step, out, [&](size_t i, uint8_t *to) HWY_ATTR {
		hn::StoreU(hn::DemoteTo(d8, chromaOfPairs(cb + 2 * i, cr + 2 * i)), d8, to);
	});
}

static void packYuyvRowKernel(const uint16_t *const ycbcr[3], size_t pairs, uint8_t *out)
{
	const U16 d;
	const size_t step = hn::Lanes(d) / 2;

	storeRow(pairs, step, 4 * step, out, [&](size_t i, uint8_t *to) HWY_ATTR {
		const VU16 chroma = hn::BitCast(d, chromaOfPairs(ycbcr[1] + 2 * i, ycbcr[2] + 2 * i));
		const VU16 pixels = hn::Or(roundTo8(ycbcr[0] + 2 * i), hn::ShiftLeft<8>(chroma));
		hn::StoreU(hn::BitCast(U8(), pixels), U8(), to);
	});
}

static void packPairsKernel(const uint16_t *even, const uint16_t *odd, size_t pairs, uint8_t *out)
{
	const size_t lanes = hn::Lanes(U16());

	storeRow(pairs, lanes, 2 * lanes, out, [&](size_t i, uint8_t *to) HWY_ATTR {
		hn::StoreU(packColumns(loadSigned(even + i), loadSigned(odd + i)), U8(), to);
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

static void packRgb888RowKernel(const uint16_t *const rgb[3], size_t n, uint8_t *out)
{
	const hn::Half<U8> d8;
	const size_t lanes = hn::Lanes(d8);
	const auto bytes = [&](unsigned int plane, size_t i) HWY_ATTR {
		return hn::DemoteTo(d8, hn::BitCast(D16(), roundTo8(rgb[plane] + i)));
	};

	storeRow(n, lanes, 3 * lanes, out, [&](size_t i, uint8_t *to) HWY_ATTR {
		hn::StoreInterleaved3(bytes(2, i), bytes(1, i), bytes(0, i), d8, to);
	});
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(packLumaRowKernel);
HWY_EXPORT(packChromaRow422Kernel);
HWY_EXPORT(packYuyvRowKernel);
HWY_EXPORT(packPairsKernel);
HWY_EXPORT(packRgb888RowKernel);
HWY_EXPORT(interleaveColumnsKernel);
HWY_EXPORT(packXrgb8888RowKernel);

namespace {

uint8_t roundTo8(unsigned int v)
{
	return static_cast<uint8_t>(std::min(255U, (v + 8) >> 4));
}

/* The mean over @columns x @rows samples, 2 or 1 each, in 8 bits. */
uint8_t meanTo8(const Plane &plane, unsigned int x, unsigned int y, unsigned int columns, unsigned int rows)
{
	unsigned int sum = 0;
	for (unsigned int i = 0; i < columns * rows; ++i)
		sum += plane.row(y + i / columns)[x + i % columns];

	const unsigned int count = columns * rows;
	return static_cast<uint8_t>(std::min(255U, (sum + 8 * count) / (16 * count)));
}

void packLumaReference(const Plane &luma, size_t stride, uint8_t *out)
{
	for (unsigned int y = 0; y < luma.height; ++y) {
		for (unsigned int x = 0; x < luma.width; ++x)
			out[y * stride + x] = roundTo8(luma.row(y)[x]);
	}
}

/* Luma, and behind it chroma with the samples of @first in front; @rows share one. */
void packSemiplanarReference(const Planes &planes, unsigned int first, unsigned int rows, size_t stride, uint8_t *out)
{
	packLumaReference(planes[0], stride, out);

	uint8_t *chroma = out + planes[0].height * stride;
	for (unsigned int y = 0; y < planes[0].height / rows; ++y) {
		for (unsigned int x = 0; x < planes[0].width; ++x) {
			const Plane &plane = planes[x & 1 ? 3 - first : first];
			chroma[y * stride + x] = meanTo8(plane, x & ~1U, rows * y, 2, rows);
		}
	}
}

void packYuyvReference(const Planes &planes, size_t stride, uint8_t *out)
{
	for (unsigned int y = 0; y < planes[0].height; ++y) {
		for (unsigned int x = 0; x < planes[0].width; ++x) {
			uint8_t *pixel = out + y * stride + 2 * x;
			pixel[0] = roundTo8(planes[0].row(y)[x]);
			pixel[1] = meanTo8(planes[1 + (x & 1)], x & ~1U, y, 2, 1);
		}
	}
}

/* Bytes of blue, green and red, and 255 in a fourth one. */
void packRgbReference(const Planes &planes, unsigned int bytes, size_t stride, uint8_t *out)
{
	for (unsigned int y = 0; y < planes[0].height; ++y) {
		for (unsigned int x = 0; x < planes[0].width; ++x) {
			uint8_t *pixel = out + y * stride + bytes * x;
			for (unsigned int i = 0; i < bytes; ++i)
				pixel[i] = i < 3 ? roundTo8(planes[2 - i].row(y)[x]) : 255;
		}
	}
}

} /* namespace */

/**
 * Pack a picture
 * @format: what to pack to
 * @planes: R', G', B' for RGB formats, else Y', Cb, Cr, 0 to 4095, all of full size
 * @stride: bytes from row to row in all planes
 * @out: receives the picture; the chroma plane of NV12, NV21 and NV16 lies right behind
 *	that of luma
 *
 * Each sample becomes min(255, (v + 8) >> 4). Samples of chroma are means of two
 * pixels of a row, min(255, (sum + 16) >> 5), and for NV12 and NV21 of four,
 * min(255, (sum + 32) >> 6): they lie in the middle of their pixels (centre siting, as
 * JFIF has it, Recommendation ITU-T T.871). Formats are those of Linux' media userspace
 * API: V4L2_PIX_FMT_NV12, NV21, NV16, YUYV, BGR24, XBGR32 and GREY.
 */
void packReference(PixelFormat format, const Planes &planes, size_t stride, uint8_t *out)
{
	switch (format) {
	case PixelFormat::NV12:
		return packSemiplanarReference(planes, 1, 2, stride, out);
	case PixelFormat::NV21:
		return packSemiplanarReference(planes, 2, 2, stride, out);
	case PixelFormat::NV16:
		return packSemiplanarReference(planes, 1, 1, stride, out);
	case PixelFormat::YUYV:
		return packYuyvReference(planes, stride, out);
	case PixelFormat::RGB888:
		return packRgbReference(planes, 3, stride, out);
	case PixelFormat::XRGB8888:
		return packRgbReference(planes, 4, stride, out);
	case PixelFormat::R8:
		return packLumaReference(planes[0], stride, out);
	}
}

/**
 * Pack @n samples of a row of luma
 *
 * Equal to packReference(). @luma is readable up to a whole vector; nothing
 * is written behind the @n bytes.
 */
void packLumaRow(const uint16_t *luma, size_t n, uint8_t *out)
{
	HWY_DYNAMIC_DISPATCH(packLumaRowKernel)(luma, n, out);
}

/**
 * Pack a row of chroma to @pairs pairs Cb, Cr, of two pixels each
 *
 * Equal to packReference(). The rows are readable up to a whole vector; nothing is
 * written behind the 2 * @pairs bytes.
 */
void packChromaRow422(const uint16_t *cb, const uint16_t *cr, size_t pairs, uint8_t *out)
{
	HWY_DYNAMIC_DISPATCH(packChromaRow422Kernel)(cb, cr, pairs, out);
}

/**
 * Pack a row of @pairs pairs of pixels to Y', Cb, Y', Cr
 *
 * Equal to packReference(). The rows are readable up to a whole vector; nothing is
 * written behind the 4 * @pairs bytes.
 */
void packYuyvRow(const uint16_t *const ycbcr[3], size_t pairs, uint8_t *out)
{
	HWY_DYNAMIC_DISPATCH(packYuyvRowKernel)(ycbcr, pairs, out);
}

/**
 * Pack @pairs samples of each of two columns to interleaved bytes
 *
 * A row of luma from its even and odd columns, or a row of NV12's chroma plane from
 * Cb and Cr of quads. Equal to packReference(). The rows are readable up to a
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
 * Pack @n pixels of a row to three bytes each
 *
 * Equal to packReference(). The rows are readable up to a whole vector; nothing is
 * written behind the 3 * @n bytes.
 */
void packRgb888Row(const uint16_t *const rgb[3], size_t n, uint8_t *out)
{
	HWY_DYNAMIC_DISPATCH(packRgb888RowKernel)(rgb, n, out);
}

/**
 * Pack @n pixels of a row to four bytes each
 *
 * Equal to packReference(). The rows are readable up to a whole vector;
 * nothing is written behind the 4 * @n bytes.
 */
void packXrgb8888Row(const uint16_t *const rgb[3], size_t n, uint8_t *out)
{
	HWY_DYNAMIC_DISPATCH(packXrgb8888RowKernel)(rgb, n, out);
}

} /* namespace fovea::isp */
#endif
