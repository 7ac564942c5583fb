/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * R'G'B' behind the blocks that work on Y'CbCr
 */

#include "rgb_finish.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/rgb_finish.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/* A row of the inverse matrix: pairs for luma and Cb, and for Cr and the rounding. */
struct InverseRow {
	explicit HWY_INLINE InverseRow(const int16_t *coeff)
		: first(setPair(coeff[0], coeff[1])), second(setPair(coeff[2], 2048))
	{
	}

	V16 first, second;
};

/* The changes of a vector of pixels, in pairs. */
struct ChangePairs {
	HWY_INLINE ChangePairs(V16 luma, V16 cb, V16 cr)
	{
		const D16 d;
		const V16 one = hn::Set(d, 1);
		firstLower = hn::InterleaveLower(d, luma, cb);
		firstUpper = hn::InterleaveUpper(d, luma, cb);
		secondLower = hn::InterleaveLower(d, cr, one);
		secondUpper = hn::InterleaveUpper(d, cr, one);
	}

	HWY_INLINE V16 times(const InverseRow &row) const
	{
		const V32 lower = hn::Add(multiplyPairs(firstLower, row.first), multiplyPairs(secondLower, row.second));
		const V32 upper = hn::Add(multiplyPairs(firstUpper, row.first), multiplyPairs(secondUpper, row.second));
		return narrow(hn::ShiftRight<12>(lower), hn::ShiftRight<12>(upper));
	}

	V16 firstLower, firstUpper, secondLower, secondUpper;
};

static void rgbFinishKernel(const InverseCsc &inverse, const YcbcrChange &change, size_t n, const RgbQuads &rgb)
{
	const D16 d;
	const InverseRow rows[] = { InverseRow(inverse.coeff[0]), InverseRow(inverse.coeff[1]),
				    InverseRow(inverse.coeff[2]) };
	const auto difference = [&](unsigned int plane, size_t i) HWY_ATTR {
		return hn::Sub(loadSigned(change.after[plane] + i), loadSigned(change.before[plane] + i));
	};

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		const V16 cb = difference(4, i);
		const V16 cr = difference(5, i);
		for (unsigned int position = 0; position < 4; ++position) {
			const ChangePairs pairs(difference(position, i), cb, cr);
			for (unsigned int c = 0; c < 3; ++c) {
				uint16_t *out = rgb[c][position] + i;
				storeSigned(clampTo(hn::SaturatedAdd(loadSigned(out), pairs.times(rows[c])), 4095), out);
			}
		}
	}
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "params.h"

namespace fovea::isp {

HWY_EXPORT(rgbFinishKernel);

namespace {

/* To nearest, ties up. */
int64_t divideNearest(int64_t a, int64_t b)
{
	if (b < 0) {
		a = -a;
		b = -b;
	}
	const int64_t doubled = 2 * a + b;
	return doubled / (2 * b) - (doubled % (2 * b) < 0 ? 1 : 0);
}

} /* namespace */

/*
 * The inverse of the matrix in effect: the adjugate, divided by the determinant. The
 * adjugate has 32 bits, times 2^25 it fits 64.
 */
InverseCsc::InverseCsc(const fovea_isp_csc &csc)
	: coeff{}
{
	static const Params reset;
	const auto &a = blockDisabled(csc.header) ? reset.csc.coeff : csc.coeff;
	const auto cofactor = [&](unsigned int i, unsigned int j) -> int64_t {
		const unsigned int r0 = (i + 1) % 3, r1 = (i + 2) % 3, c0 = (j + 1) % 3, c1 = (j + 2) % 3;
		return static_cast<int64_t>(a[r0][c0]) * a[r1][c1] - static_cast<int64_t>(a[r0][c1]) * a[r1][c0];
	};

	const int64_t determinant = a[0][0] * cofactor(0, 0) + a[0][1] * cofactor(0, 1) + a[0][2] * cofactor(0, 2);
	if (!determinant)
		return;

	for (unsigned int i = 0; i < 3; ++i) {
		for (unsigned int j = 0; j < 3; ++j) {
			const int64_t element = divideNearest(cofactor(j, i) * (1 << 25), determinant);
			coeff[i][j] = static_cast<int16_t>(std::clamp<int64_t>(element, -32768, 32767));
		}
	}
}

/**
 * Bring to R'G'B' what the blocks behind the conversion have changed
 * @csc: the conversion
 * @before: Y', and Cb and Cr of half width and height, as the conversion made them
 * @after: the same behind temporal and chroma noise reduction and sharpening
 * @rgb: planes R', G', B', 0 to 4095
 *
 * out[i] = clamp(in[i] + ((m[i][0] dY' + m[i][1] dCb + m[i][2] dCr + 2048) >> 12), 0,
 * 4095), m the inverse of the conversion's matrix, Q4.12. Other than a conversion back
 * it keeps the resolution of the colours, and all values where nothing has changed.
 * Definition: fovea-isp.h, scaling and packing.
 */
void rgbFinishReference(const fovea_isp_csc &csc, const Planes &before, const Planes &after, Planes *rgb)
{
	const InverseCsc inverse(csc);

	for (unsigned int y = 0; y < before[0].height; ++y) {
		for (unsigned int x = 0; x < before[0].width; ++x) {
			const int change[3] = { after[0].row(y)[x] - before[0].row(y)[x],
						after[1].row(y / 2)[x / 2] - before[1].row(y / 2)[x / 2],
						after[2].row(y / 2)[x / 2] - before[2].row(y / 2)[x / 2] };
			for (unsigned int i = 0; i < 3; ++i) {
				const int16_t *m = inverse.coeff[i];
				uint16_t &v = (*rgb)[i].row(y)[x];
				const int sum = m[0] * change[0] + m[1] * change[1] + m[2] * change[2];
				v = static_cast<uint16_t>(std::clamp(v + ((sum + 2048) >> 12), 0, kOutputMax));
			}
		}
	}
}

/**
 * Bring changes of a row of @n quads to R'G'B'
 *
 * Equal to rgbFinishReference(). The rows reach up to a whole vector.
 */
void rgbFinishRow(const InverseCsc &inverse, const YcbcrChange &change, size_t n, const RgbQuads &rgb)
{
	HWY_DYNAMIC_DISPATCH(rgbFinishKernel)(inverse, change, n, rgb);
}

} /* namespace fovea::isp */
#endif
