/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Sharpening of luma
 */

#include "sharpen.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/sharpen.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/* avg(avg(above, below), row) of one column. */
HWY_INLINE V16 blurColumn(const uint16_t *above, const uint16_t *row, const uint16_t *below, ptrdiff_t i)
{
	const U16 d;
	const VU16 outer = hn::AverageRound(hn::LoadU(d, above + i), hn::LoadU(d, below + i));
	return hn::BitCast(D16(), hn::AverageRound(outer, hn::LoadU(d, row + i)));
}

class Sharpener
{
public:
	explicit HWY_INLINE Sharpener(const fovea_isp_sharpen &params)
		: strength_(set(params.strength)), coring_(set(params.coring)),
		  bright_(set(params.limit_bright)), dark_(hn::Neg(set(params.limit_dark)))
	{
	}

	/*
	 * The difference beyond the coring has 13 bits; times 8 it is the factor of
	 * (e * strength + 2048) >> 12 in a product of 16 bits.
	 */
	HWY_INLINE V16 apply(const uint16_t *luma, V16 left, V16 centre, V16 right) const
	{
		const D16 d;
		const U16 du;
		const V16 y = loadSigned(luma);
		const VU16 sides = hn::AverageRound(hn::BitCast(du, left), hn::BitCast(du, right));
		const VU16 blurred = hn::AverageRound(sides, hn::BitCast(du, centre));
		const V16 difference = hn::Sub(y, hn::BitCast(d, blurred));
		const V16 noise = hn::Min(hn::Max(difference, hn::Neg(coring_)), coring_);
		const V16 detail = hn::MulFixedPoint15(hn::ShiftLeft<3>(hn::Sub(difference, noise)), strength_);
		return clampTo(hn::Add(y, hn::Min(hn::Max(detail, dark_), bright_)), 4095);
	}

private:
	static HWY_INLINE V16 set(uint16_t v) { return hn::Set(D16(), static_cast<int16_t>(v)); }

	V16 strength_, coring_, bright_, dark_;
};

static void sharpenRowKernel(const fovea_isp_sharpen &params, const SharpenRows &rows, size_t n)
{
	const Sharpener sharpener(params);
	const SharpenRows r = rows;
	const ptrdiff_t lanes = hn::Lanes(D16());
	const auto blurEven = [&](ptrdiff_t i) HWY_ATTR { return blurColumn(r.above[0], r.row[0], r.below[0], i); };
	const auto blurOdd = [&](ptrdiff_t i) HWY_ATTR { return blurColumn(r.above[1], r.row[1], r.below[1], i); };

	V16 lastOdd = blurOdd(-lanes);
	V16 even = blurEven(0);
	for (ptrdiff_t i = 0; i < static_cast<ptrdiff_t>(n); i += lanes) {
		const V16 odd = blurOdd(i);
		const V16 nextEven = blurEven(i + lanes);
		storeSigned(sharpener.apply(r.row[0] + i, samplesBefore(lastOdd, odd), even, odd), r.out[0] + i);
		storeSigned(sharpener.apply(r.row[1] + i, even, odd, samplesBehind(even, nextEven)), r.out[1] + i);
		lastOdd = odd;
		even = nextEven;
	}
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(sharpenRowKernel);

namespace {

int average(int a, int b)
{
	return (a + b + 1) >> 1;
}

} /* namespace */

/**
 * Sharpen a plane of luma
 * @params: strength UQ3.12; coring and limits in 12-bit units
 * @luma: the plane, 0 to 4095
 *
 * Unsharp masking with coring: out = clamp(Y + clamp((e * strength + 2048) >> 12,
 * -limit_dark, limit_bright), 0, 4095), e = d - clamp(d, -coring, coring), d = Y -
 * blurred Y, a 3x3 binomial filter in steps of rounded means. Definition: struct
 * fovea_isp_sharpen.
 */
void sharpenReference(const fovea_isp_sharpen &params, Plane *luma)
{
	if (blockDisabled(params.header))
		return;

	const Plane in = *luma;
	const int width = static_cast<int>(in.width);
	const int height = static_cast<int>(in.height);

	for (int y = 0; y < height; ++y) {
		const uint16_t *above = in.row(mirror(y - 1, height));
		const uint16_t *row = in.row(y);
		const uint16_t *below = in.row(mirror(y + 1, height));
		const auto column = [&](int x) {
			const int at = mirror(x, width);
			return average(average(above[at], below[at]), row[at]);
		};

		for (int x = 0; x < width; ++x) {
			const int blurred = average(average(column(x - 1), column(x + 1)), column(x));
			const int difference = row[x] - blurred;
			const int beyond = difference - std::clamp<int>(difference, -params.coring, params.coring);
			const int detail = std::clamp<int>((beyond * params.strength + 2048) >> 12,
							   -params.limit_dark, params.limit_bright);
			luma->row(y)[x] = static_cast<uint16_t>(std::clamp(row[x] + detail, 0, kOutputMax));
		}
	}
}

/**
 * Sharpen a row of 2 * @n pixels
 *
 * Equal to sharpenReference(). The rows reach up to a whole vector, those of the
 * input to one more in front and behind.
 */
void sharpenRow(const fovea_isp_sharpen &params, const SharpenRows &rows, size_t n)
{
	HWY_DYNAMIC_DISPATCH(sharpenRowKernel)(params, rows, n);
}

} /* namespace fovea::isp */
#endif
