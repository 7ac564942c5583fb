/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Noise reduction of the mosaic
 */

#include "raw_nr.h"

#include <stdlib.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/raw_nr.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/* Lines of the model of noise, as vectors. */
class NoiseThreshold
{
public:
	explicit NoiseThreshold(const fovea_isp_raw_nr &params)
	{
		const U16 d;
		HWY_UNROLL(4)
		for (unsigned int i = 0; i < FOVEA_ISP_RAW_NR_LINES; ++i) {
			offset_[i] = hn::Set(d, params.offset[i]);
			slope_[i] = hn::Set(d, params.slope[i]);
		}
	}

	/* Twice the threshold of samples of 0 to 16383: at most 8190. */
	HWY_INLINE VU16 twiceOf(VU16 v) const
	{
		const U16 d;
		VU16 threshold = hn::Set(d, 4095);
		HWY_UNROLL(4)
		for (unsigned int i = 0; i < FOVEA_ISP_RAW_NR_LINES; ++i)
			threshold = hn::Min(threshold, hn::Add(offset_[i], hn::MulHigh(v, slope_[i])));
		return hn::ShiftLeft<1>(threshold);
	}

private:
	VU16 offset_[FOVEA_ISP_RAW_NR_LINES];
	VU16 slope_[FOVEA_ISP_RAW_NR_LINES];
};

/*
 * The influence of a difference: it grows up to the threshold t and falls to
 * nothing at 2 t. Limited by r = max(0, 2 t - |d|) from both sides it is that.
 */
HWY_INLINE V16 influence(V16 difference, VU16 twice)
{
	const D16 d;
	const VU16 size = hn::BitCast(U16(), hn::Abs(difference));
	const V16 limit = hn::BitCast(d, hn::SaturatedSub(twice, size));
	return hn::Max(hn::Min(difference, limit), hn::Neg(limit));
}

/* The eight neighbours of a vector of samples, those above first. */
struct Neighbours {
	HWY_INLINE Neighbours(const RawNrRows &rows, size_t i)
		: upperLeft(loadSigned(rows.above + i - 1)), upper(loadSigned(rows.above + i)),
		  upperRight(loadSigned(rows.above + i + 1)), left(loadSigned(rows.samples + i - 1)),
		  right(loadSigned(rows.samples + i + 1)), lowerLeft(loadSigned(rows.below + i - 1)),
		  lower(loadSigned(rows.below + i)), lowerRight(loadSigned(rows.below + i + 1))
	{
	}

	/* The brightness for the threshold, of which @v has as much as a neighbour in the mean. */
	HWY_INLINE V16 brightness(V16 v) const
	{
		const auto avg = [](V16 a, V16 b) HWY_ATTR {
			const U16 d;
			return hn::BitCast(D16(), hn::AverageRound(hn::BitCast(d, a), hn::BitCast(d, b)));
		};
		const V16 mean = avg(avg(left, right), avg(upper, lower));
		return hn::Add(mean, hn::ShiftRight<3>(hn::Sub(v, mean)));
	}

	V16 upperLeft, upper, upperRight, left, right, lowerLeft, lower, lowerRight;
};

static void rawNrRowKernel(const fovea_isp_raw_nr &params, const RawNrRows &in, size_t n)
{
	const D16 d;
	const V16 strength = hn::Set(d, static_cast<int16_t>(params.strength));
	const NoiseThreshold threshold(params);
	/* A copy, so that the compiler sees that no store changes it. */
	const RawNrRows rows = in;

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		const V16 v = loadSigned(rows.samples + i);
		const Neighbours around(rows, i);
		const VU16 twice = threshold.twiceOf(hn::BitCast(U16(), around.brightness(v)));

		const auto of = [&](V16 a, V16 b) HWY_ATTR {
			return hn::Add(influence(hn::Sub(a, v), twice), influence(hn::Sub(b, v), twice));
		};
		const V16 corners = hn::Add(of(around.upperLeft, around.upperRight), of(around.lowerLeft, around.lowerRight));
		const V16 sides = hn::Add(of(around.left, around.right), of(around.upper, around.lower));
		const V16 sum = hn::Add(corners, sides);
		storeSigned(hn::Add(v, hn::MulFixedPoint15(sum, strength)), rows.out + i);
	}
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "dpc.h"

namespace fovea::isp {

HWY_EXPORT(rawNrRowKernel);

namespace {

/* See struct fovea_isp_raw_nr. */
int thresholdOf(const fovea_isp_raw_nr &params, int v)
{
	int threshold = 4095;
	for (unsigned int i = 0; i < FOVEA_ISP_RAW_NR_LINES; ++i)
		threshold = std::min(threshold, params.offset[i] + ((params.slope[i] * v) >> 16));
	return threshold;
}

int influenceOf(int difference, int threshold)
{
	const int limit = std::max(0, 2 * threshold - abs(difference));
	return std::clamp(difference, -limit, limit);
}

uint16_t smoothed(const fovea_isp_raw_nr &params, const Plane &mosaic, int x, int y)
{
	const auto at = [&](int dx, int dy) -> int {
		const uint16_t *row = mosaic.row(sameColour(y + dy, static_cast<int>(mosaic.height)));
		return row[sameColour(x + dx, static_cast<int>(mosaic.width))];
	};
	const auto avg = [](int a, int b) { return (a + b + 1) >> 1; };

	const int v = at(0, 0);
	const int mean = avg(avg(at(-2, 0), at(2, 0)), avg(at(0, -2), at(0, 2)));
	const int threshold = thresholdOf(params, mean + ((v - mean) >> 3));

	/* The sample itself has no difference and no influence. */
	int sum = 0;
	for (int dy = -2; dy <= 2; dy += 2) {
		for (int dx = -2; dx <= 2; dx += 2)
			sum += influenceOf(at(dx, dy) - v, threshold);
	}

	return static_cast<uint16_t>(v + ((sum * params.strength + 16384) >> 15));
}

} /* namespace */

/**
 * Smooth each colour of the mosaic where it differs by no more than noise
 * @params: the model of the noise, and the strength
 * @mosaic: samples behind the correction of defects, 0 to 16383
 *
 * out = v + ((strength * sum of f(n - v) + 2^14) >> 15) over the eight neighbours
 * n of the same colour, strength UQ1.15, with the redescending influence f(d) =
 * clamp(d, -r, r), r = max(0, 2 t(m) - |d|): Hampel's three-part function (F. R.
 * Hampel, "The influence curve and its role in robust estimation", 1974) without
 * its flat part. The brightness m has an eighth of v and the rest of the four neighbours
 * beside it, which makes v and n count alike in the mean: of a pair of samples one so
 * gains what the other loses, and the mean of a surface stays. The threshold t is the smallest of some lines, the tangents of
 * the standard deviation sqrt(a v + b) of shot and read noise (A. Foi et al.,
 * "Practical Poissonian-Gaussian noise modeling and fitting for single-image
 * raw-data", 2008) times a factor. Definition: struct fovea_isp_raw_nr.
 */
void rawNrReference(const fovea_isp_raw_nr &params, Plane *mosaic)
{
	if (blockDisabled(params.header))
		return;

	const Plane in = *mosaic;
	for (unsigned int y = 0; y < in.height; ++y) {
		for (unsigned int x = 0; x < in.width; ++x)
			mosaic->row(y)[x] = smoothed(params, in, static_cast<int>(x), static_cast<int>(y));
	}
}

/**
 * Smooth @n samples of one colour
 * @params: the model of the noise, and the strength
 * @rows: the samples, 0 to 16383, and where the results go
 *
 * Equal to rawNrReference(). All rows reach up to a whole vector.
 */
void rawNrRow(const fovea_isp_raw_nr &params, const RawNrRows &rows, size_t n)
{
	HWY_DYNAMIC_DISPATCH(rawNrRowKernel)(params, rows, n);
}

} /* namespace fovea::isp */
#endif
