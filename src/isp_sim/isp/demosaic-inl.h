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

/* A pixel: green, and in half units the differences of colours A and B to it. */
struct Pixel {
	V16 a, g, b;
};

/* The two pixels of a row of quads: that of a colour, and the green one. */
struct PixelPair {
	Pixel colour;
	Pixel green;
};

/* (p + q + 1) >> 1 */
HWY_INLINE V16 mean2(V16 p, V16 q)
{
	const U16 d;
	return hn::BitCast(D16(), hn::AverageRound(hn::BitCast(d, p), hn::BitCast(d, q)));
}

HWY_INLINE V16 twice(V16 v)
{
	return hn::Add(v, v);
}

/* (v + 1) >> 1 */
HWY_INLINE V16 half(V16 v)
{
	return hn::MulFixedPoint15(v, hn::Set(D16(), 16384));
}

/* From the colour differences, see struct fovea_isp_demosaic. */
class Directed
{
public:
	explicit Directed(const RebuildRows &rows)
		: rows_(rows), beside_(2 * rows.s - 1)
	{
	}

	/*
	 * The corners of a site are in its own column of quads and in that on one
	 * side of it; the nearer ones are above and below of the green site too.
	 */
	HWY_INLINE PixelPair firstRow(size_t j) const
	{
		const uint16_t *a0 = rows_.differenceA[0] + j;
		const uint16_t *b0 = rows_.differenceB[0] + j;
		const uint16_t *b1 = rows_.differenceB[1] + j;

		const VU16 own = load(a0);
		const VU16 row = mean(own, load(a0 - beside_));
		const VU16 column = mean(load(b0), load(b1));
		const VU16 corners = mean(column, mean(load(b0 + beside_), load(b1 + beside_)));
		const V16 a = difference(own);

		return { { a, hn::Sub(loadSigned(rows_.a + j), half(a)), difference(corners) },
			 { difference(row), loadSigned(rows_.gA + j), difference(column) } };
	}

	HWY_INLINE PixelPair secondRow(size_t j) const
	{
		const uint16_t *a0 = rows_.differenceA[0] + j;
		const uint16_t *a1 = rows_.differenceA[1] + j;
		const uint16_t *b1 = rows_.differenceB[1] + j;

		const VU16 own = load(b1);
		const VU16 row = mean(own, load(b1 + beside_));
		const VU16 column = mean(load(a0), load(a1));
		const VU16 corners = mean(column, mean(load(a0 - beside_), load(a1 - beside_)));
		const V16 b = difference(own);

		return { { difference(corners), hn::Sub(loadSigned(rows_.b + j), half(b)), b },
			 { difference(column), loadSigned(rows_.gB + j), difference(row) } };
	}

private:
	static HWY_INLINE VU16 load(const uint16_t *p) { return hn::LoadU(U16(), p); }
	static HWY_INLINE VU16 mean(VU16 p, VU16 q) { return hn::AverageRound(p, q); }

	static HWY_INLINE V16 difference(VU16 v)
	{
		return hn::BitCast(D16(), hn::Xor(v, hn::Set(U16(), kDifferenceOffset)));
	}

	const RebuildRows rows_;
	const ptrdiff_t beside_;
};

/* From the colour differences of all sites. */
class Interpolated
{
public:
	explicit Interpolated(const DifferenceRows &rows)
		: rows_(rows)
	{
	}

	HWY_INLINE PixelPair firstRow(size_t j) const
	{
		const V16 a = difference(rows_.differenceA[0] + j);
		return { { a, hn::Sub(loadSigned(rows_.a + j), half(a)), difference(rows_.differenceB[0] + j) },
			 { difference(rows_.differenceA[1] + j), loadSigned(rows_.gA + j),
			   difference(rows_.differenceB[1] + j) } };
	}

	HWY_INLINE PixelPair secondRow(size_t j) const
	{
		const V16 b = difference(rows_.differenceB[3] + j);
		return { { difference(rows_.differenceA[3] + j), hn::Sub(loadSigned(rows_.b + j), half(b)), b },
			 { difference(rows_.differenceA[2] + j), loadSigned(rows_.gB + j),
			   difference(rows_.differenceB[2] + j) } };
	}

private:
	static HWY_INLINE V16 difference(const uint16_t *p)
	{
		return hn::Xor(loadSigned(p), hn::Set(D16(), static_cast<int16_t>(kDifferenceOffset)));
	}

	const DifferenceRows rows_;
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
		return { pixel(at(rows_.a[1], j, 0), greenAtA, bAtA), pixel(aAtGA, at(rows_.gA[1], j, 0), bAtGA) };
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
		return { pixel(aAtB, greenAtB, at(rows_.b[1], j, 0)), pixel(aAtGB, at(rows_.gB[1], j, 0), bAtGB) };
	}

private:
	static HWY_INLINE Pixel pixel(V16 a, V16 g, V16 b)
	{
		return { twice(hn::Sub(a, g)), g, twice(hn::Sub(b, g)) };
	}

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
