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

static void rawNrRowKernel(const fovea_isp_raw_nr &params, const RawNrRows &rows, size_t n)
{
	const D16 d;
	const V16 strength = hn::Set(d, static_cast<int16_t>(params.strength));
	const NoiseThreshold threshold(params);
	const uint16_t *above = rows.above;
	const uint16_t *samples = rows.samples;
	const uint16_t *below = rows.below;
	uint16_t *out = rows.out;

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		const V16 v = loadSigned(samples + i);
		const VU16 twice = threshold.twiceOf(hn::BitCast(U16(), v));

		const auto of = [&](const uint16_t *neighbour) HWY_ATTR {
			return influence(hn::Sub(loadSigned(neighbour), v), twice);
		};
		const auto besides = [&](const uint16_t *row) HWY_ATTR { return hn::Add(of(row + i - 1), of(row + i + 1)); };

		const V16 corners = hn::Add(besides(above), besides(below));
		const V16 sides = hn::Add(besides(samples), hn::Add(of(above + i), of(below + i)));
		const V16 sum = hn::Add(corners, sides);
		storeSigned(hn::Add(v, hn::MulFixedPoint15(sum, strength)), out + i);
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
	const int v = mosaic.row(y)[x];
	const int threshold = thresholdOf(params, v);
	int sum = 0;

	for (int dy = -2; dy <= 2; dy += 2) {
		const uint16_t *row = mosaic.row(sameColour(y + dy, static_cast<int>(mosaic.height)));
		for (int dx = -2; dx <= 2; dx += 2)
			sum += influenceOf(row[sameColour(x + dx, static_cast<int>(mosaic.width))] - v, threshold);
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
 * clamp(d, -r, r), r = max(0, 2 t(v) - |d|): Hampel's three-part function (F. R.
 * Hampel, "The influence curve and its role in robust estimation", 1974) without
 * its flat part. The threshold t is the smallest of some lines, the tangents of
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
