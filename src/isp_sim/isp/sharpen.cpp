/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Sharpening of luma
 */

#include "sharpen.h"

#include <string.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/sharpen.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "pack-inl.h"
#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/* A column of both rows of the quads: avg(avg(above, below), row). */
struct BlurredColumn {
	BlurredColumn() = default;

	HWY_INLINE BlurredColumn(const uint16_t *const rows[4], ptrdiff_t i)
	{
		const U16 d;
		const VU16 first = hn::LoadU(d, rows[1] + i);
		const VU16 second = hn::LoadU(d, rows[2] + i);
		const VU16 aroundFirst = hn::AverageRound(hn::LoadU(d, rows[0] + i), second);
		const VU16 aroundSecond = hn::AverageRound(first, hn::LoadU(d, rows[3] + i));
		upper = hn::BitCast(D16(), hn::AverageRound(aroundFirst, first));
		lower = hn::BitCast(D16(), hn::AverageRound(aroundSecond, second));
	}

	V16 upper, lower;
};

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
	 * (e * strength + 2048) >> 12 in a product of 16 bits. The result may lie beyond
	 * the range.
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
		return hn::Add(y, hn::Min(hn::Max(detail, dark_), bright_));
	}

private:
	static HWY_INLINE V16 set(uint16_t v) { return hn::Set(D16(), static_cast<int16_t>(v)); }

	V16 strength_, coring_, bright_, dark_;
};

/* The sharpened samples by position in the quad. */
struct SharpenedQuads {
	V16 luma[4];
};

/* Both rows of the quads, a vector of them at a time. */
class QuadSharpener
{
public:
	HWY_INLINE QuadSharpener(const fovea_isp_sharpen &params, const SharpenRows &rows)
		: sharpener_(params)
	{
		for (int i = 0; i < 4; ++i) {
			even_[i] = rows.luma[i][0];
			odd_[i] = rows.luma[i][1];
		}
		lastOdd_ = BlurredColumn(odd_, -static_cast<ptrdiff_t>(hn::Lanes(D16())));
		blurredEven_ = BlurredColumn(even_, 0);
	}

	/* The vector at @i; they are asked for one by one. */
	HWY_INLINE SharpenedQuads sharpen(ptrdiff_t i)
	{
		const BlurredColumn even = blurredEven_;
		const BlurredColumn odd(odd_, i);
		const BlurredColumn nextEven(even_, i + static_cast<ptrdiff_t>(hn::Lanes(D16())));
		const SharpenedQuads quads = {
			{ sharpener_.apply(even_[1] + i, samplesBefore(lastOdd_.upper, odd.upper), even.upper, odd.upper),
			  sharpener_.apply(odd_[1] + i, even.upper, odd.upper, samplesBehind(even.upper, nextEven.upper)),
			  sharpener_.apply(even_[2] + i, samplesBefore(lastOdd_.lower, odd.lower), even.lower, odd.lower),
			  sharpener_.apply(odd_[2] + i, even.lower, odd.lower, samplesBehind(even.lower, nextEven.lower)) }
		};
		lastOdd_ = odd;
		blurredEven_ = nextEven;
		return quads;
	}

private:
	const Sharpener sharpener_;
	const uint16_t *even_[4];
	const uint16_t *odd_[4];
	BlurredColumn lastOdd_, blurredEven_;
};

static void sharpenRowsKernel(const fovea_isp_sharpen &params, const SharpenRows &rows, size_t n,
			      uint16_t *const out[4])
{
	uint16_t *const to[] = { out[0], out[1], out[2], out[3] };
	QuadSharpener sharpener(params, rows);

	for (size_t i = 0; i < n; i += hn::Lanes(D16())) {
		const SharpenedQuads quads = sharpener.sharpen(i);
		for (int position = 0; position < 4; ++position)
			storeSigned(clampTo(quads.luma[position], 4095), to[position] + i);
	}
}

/* The output ends with its last byte: the rest goes through a copy. */
static void sharpenAndPackRowsKernel(const fovea_isp_sharpen &params, const SharpenRows &rows, size_t n,
				     uint8_t *const out[2])
{
	const U8 d;
	const size_t lanes = hn::Lanes(D16());
	const size_t whole = n / lanes * lanes;
	uint8_t *const to[] = { out[0], out[1] };
	QuadSharpener sharpener(params, rows);

	for (size_t i = 0; i < whole; i += lanes) {
		const SharpenedQuads quads = sharpener.sharpen(i);
		hn::StoreU(packColumns(quads.luma[0], quads.luma[1]), d, to[0] + 2 * i);
		hn::StoreU(packColumns(quads.luma[2], quads.luma[3]), d, to[1] + 2 * i);
	}
	if (whole == n)
		return;

	alignas(64) uint8_t rest[2 * HWY_MAX_BYTES];
	const SharpenedQuads quads = sharpener.sharpen(whole);
	for (int row = 0; row < 2; ++row) {
		hn::StoreU(packColumns(quads.luma[2 * row], quads.luma[2 * row + 1]), d, rest);
		memcpy(to[row] + 2 * whole, rest, 2 * (n - whole));
	}
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(sharpenRowsKernel);
HWY_EXPORT(sharpenAndPackRowsKernel);

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
 * blurred Y, a 3x3 binomial filter in steps of rounded means. Coring leaves noise and
 * the limits keep overshoot as it is, which linear masks enhance (Polesel, Ramponi and
 * Mathews, "Image enhancement via adaptive unsharp masking", IEEE Trans. Image
 * Processing 9 (3), 2000). Definition: struct fovea_isp_sharpen.
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
 * Sharpen both rows of @n quads
 * @out: receives luma by position in the quad
 *
 * Equal to sharpenReference(). The rows reach up to a whole vector, those of the
 * input to one more in front and behind.
 */
void sharpenRows(const fovea_isp_sharpen &params, const SharpenRows &rows, size_t n,
		 uint16_t *const out[4])
{
	HWY_DYNAMIC_DISPATCH(sharpenRowsKernel)(params, rows, n, out);
}

/**
 * Sharpen both rows of @n quads and pack them
 * @out: receives two rows of 2 * @n bytes each; nothing is written behind them
 *
 * Equal to sharpenReference() and packReference().
 */
void sharpenAndPackRows(const fovea_isp_sharpen &params, const SharpenRows &rows, size_t n,
			uint8_t *const out[2])
{
	HWY_DYNAMIC_DISPATCH(sharpenAndPackRowsKernel)(params, rows, n, out);
}

} /* namespace fovea::isp */
#endif
