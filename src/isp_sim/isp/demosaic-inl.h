/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The last step of the demosaic: all colours of a vector of quads
 */

#if defined(FOVEA_ISP_DEMOSAIC_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_ISP_DEMOSAIC_INL_H_
#undef FOVEA_ISP_DEMOSAIC_INL_H_
#else
#define FOVEA_ISP_DEMOSAIC_INL_H_
#endif

#include "demosaic.h"
#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/* A pixel: colour A, green, colour B. */
struct Pixel {
	V16 a, g, b;
};

/* The two pixels of a row of quads: that of a colour, and the green one. */
struct PixelPair {
	Pixel colour;
	Pixel green;
};

/* Results of the interpolation may leave the range by either end. */
HWY_INLINE V16 clampLinear(V16 v)
{
	return clampTo(v, 16383);
}

/* (p + q + 1) >> 1 */
HWY_INLINE V16 mean2(V16 p, V16 q)
{
	return hn::ShiftRight<1>(hn::Add(hn::Add(p, q), hn::Set(D16(), 1)));
}

HWY_INLINE V16 halfSum(V16 p, V16 q)
{
	return hn::ShiftRight<1>(hn::Add(p, q));
}

/* From the colour differences, see struct fovea_isp_demosaic. */
class Directed
{
public:
	explicit Directed(const RebuildRows &rows)
		: rows_(rows)
	{
	}

	HWY_INLINE PixelPair firstRow(size_t j) const
	{
		const int16_t *a0 = rows_.differenceA[0] + j;
		const int16_t *b0 = rows_.differenceB[0] + j;
		const int16_t *b1 = rows_.differenceB[1] + j;
		const int s = rows_.s;

		const V16 a = loadSigned(rows_.a + j);
		const V16 gA = loadSigned(rows_.gA + j);
		const V16 green = hn::Sub(a, loadSigned(a0));
		const V16 left = halfSum(loadSigned(b0 + s - 1), loadSigned(b1 + s - 1));
		const V16 right = halfSum(loadSigned(b0 + s), loadSigned(b1 + s));
		const V16 column = mean2(loadSigned(b0), loadSigned(b1));
		const V16 row = mean2(loadSigned(a0 - s), loadSigned(a0 + 1 - s));

		return { { a, green, clampLinear(hn::Add(green, mean2(left, right))) },
			 { clampLinear(hn::Add(gA, row)), gA, clampLinear(hn::Add(gA, column)) } };
	}

	HWY_INLINE PixelPair secondRow(size_t j) const
	{
		const int16_t *a0 = rows_.differenceA[0] + j;
		const int16_t *a1 = rows_.differenceA[1] + j;
		const int16_t *b1 = rows_.differenceB[1] + j;
		const int s = rows_.s;

		const V16 b = loadSigned(rows_.b + j);
		const V16 gB = loadSigned(rows_.gB + j);
		const V16 green = hn::Sub(b, loadSigned(b1));
		const V16 left = halfSum(loadSigned(a0 - s), loadSigned(a1 - s));
		const V16 right = halfSum(loadSigned(a0 + 1 - s), loadSigned(a1 + 1 - s));
		const V16 column = mean2(loadSigned(a0), loadSigned(a1));
		const V16 row = mean2(loadSigned(b1 + s - 1), loadSigned(b1 + s));

		return { { clampLinear(hn::Add(green, mean2(left, right))), green, b },
			 { clampLinear(hn::Add(gB, column)), gB, clampLinear(hn::Add(gB, row)) } };
	}

private:
	const RebuildRows rows_;
};

/* From the means of the neighbours. */
class Bilinear
{
public:
	explicit Bilinear(const BilinearRows &rows)
		: rows_(rows)
	{
	}

	HWY_INLINE PixelPair firstRow(size_t j) const
	{
		const int s = rows_.s;
		const V16 greenAtA = mean4(at(rows_.gA[1], j, s - 1), at(rows_.gA[1], j, s),
					   at(rows_.gB[0], j, 0), at(rows_.gB[1], j, 0));
		const V16 bAtA = mean4(at(rows_.b[0], j, s - 1), at(rows_.b[0], j, s),
				       at(rows_.b[1], j, s - 1), at(rows_.b[1], j, s));
		const V16 aAtGA = mean2(at(rows_.a[1], j, -s), at(rows_.a[1], j, 1 - s));
		const V16 bAtGA = mean2(at(rows_.b[0], j, 0), at(rows_.b[1], j, 0));
		return { { at(rows_.a[1], j, 0), greenAtA, bAtA }, { aAtGA, at(rows_.gA[1], j, 0), bAtGA } };
	}

	HWY_INLINE PixelPair secondRow(size_t j) const
	{
		const int s = rows_.s;
		const V16 greenAtB = mean4(at(rows_.gB[1], j, -s), at(rows_.gB[1], j, 1 - s),
					   at(rows_.gA[1], j, 0), at(rows_.gA[2], j, 0));
		const V16 aAtB = mean4(at(rows_.a[1], j, -s), at(rows_.a[1], j, 1 - s),
				       at(rows_.a[2], j, -s), at(rows_.a[2], j, 1 - s));
		const V16 bAtGB = mean2(at(rows_.b[1], j, s - 1), at(rows_.b[1], j, s));
		const V16 aAtGB = mean2(at(rows_.a[1], j, 0), at(rows_.a[2], j, 0));
		return { { aAtB, greenAtB, at(rows_.b[1], j, 0) }, { aAtGB, at(rows_.gB[1], j, 0), bAtGB } };
	}

private:
	static HWY_INLINE V16 at(const uint16_t *row, size_t j, int offset)
	{
		return loadSigned(row + j + offset);
	}

	static HWY_INLINE V16 mean4(V16 p, V16 q, V16 r, V16 t)
	{
		const U16 d;
		const VU16 sum = hn::Add(hn::BitCast(d, hn::Add(p, q)), hn::BitCast(d, hn::Add(r, t)));
		return hn::BitCast(D16(), hn::ShiftRight<2>(hn::Add(sum, hn::Set(d, 2))));
	}

	const BilinearRows rows_;
};

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#endif /* FOVEA_ISP_DEMOSAIC_INL_H_ */
