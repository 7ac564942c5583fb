/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Chroma noise reduction
 */

#include "chroma_nr.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/chroma_nr.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/* @at gives the samples at -2 to 2. The result lies between them. */
template<typename Function>
HWY_INLINE void smoothLoop(const fovea_isp_chroma_nr &params, size_t n, uint16_t *out, Function at)
{
	const D16 d;
	const V16 max = hn::Set(d, static_cast<int16_t>(params.threshold));
	const V16 min = hn::Neg(max);
	const V16 strength = hn::Set(d, static_cast<int16_t>(params.strength));

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		const V16 centre = loadSigned(at(i, 0));
		const auto difference = [&](int k) HWY_ATTR {
			return hn::Min(hn::Max(hn::Sub(loadSigned(at(i, k)), centre), min), max);
		};
		const V16 sum = hn::Add(hn::Add(difference(-2), difference(-1)),
					hn::Add(difference(1), difference(2)));
		storeSigned(hn::Add(centre, hn::MulFixedPoint15(sum, strength)), out + i);
	}
}

static void chromaNrRowKernel(const fovea_isp_chroma_nr &params, const uint16_t *in, size_t n, uint16_t *out)
{
	smoothLoop(params, n, out, [in](size_t i, int k) HWY_ATTR { return in + i + k; });
}

static void chromaNrColumnsKernel(const fovea_isp_chroma_nr &params, const uint16_t *const *rows,
				  size_t n, uint16_t *out)
{
	smoothLoop(params, n, out, [rows](size_t i, int k) HWY_ATTR { return rows[k + 2] + i; });
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(chromaNrRowKernel);
HWY_EXPORT(chromaNrColumnsKernel);

namespace {

/* One direction: @dx or @dy is 1. */
Plane smoothed(const fovea_isp_chroma_nr &params, const Plane &in, int dx, int dy)
{
	const int width = static_cast<int>(in.width);
	const int height = static_cast<int>(in.height);
	Plane out(in.width, in.height);

	for (int y = 0; y < height; ++y) {
		for (int x = 0; x < width; ++x) {
			const int centre = in.row(y)[x];
			int sum = 0;
			for (const int k : { -2, -1, 1, 2 }) {
				const int other = in.row(std::clamp(y + k * dy, 0, height - 1))[std::clamp(x + k * dx, 0, width - 1)];
				sum += std::clamp<int>(other - centre, -params.threshold, params.threshold);
			}
			out.row(y)[x] = static_cast<uint16_t>(centre + ((params.strength * sum + 16384) >> 15));
		}
	}

	return out;
}

} /* namespace */

/**
 * Smooth a plane of chroma
 * @params: threshold in 12-bit units, strength UQ1.15
 * @plane: Cb or Cr, one sample a quad, 0 to 4095
 *
 * In rows, then in columns: out = c + ((strength * sum over four neighbours of
 * clamp(n - c, -threshold, threshold) + 16384) >> 15). The clamp is the influence
 * function of Huber ("Robust statistics", 1981): small differences are averaged
 * as noise, an edge moves a sample by a bounded amount. Definition: struct
 * fovea_isp_chroma_nr.
 */
void chromaNrReference(const fovea_isp_chroma_nr &params, Plane *plane)
{
	if (!blockDisabled(params.header))
		*plane = smoothed(params, smoothed(params, *plane, 1, 0), 0, 1);
}

/**
 * Smooth @n samples along a row
 * @in: the row, with two samples beyond both ends
 *
 * Equal to the first half of chromaNrReference().
 */
void chromaNrRow(const fovea_isp_chroma_nr &params, const uint16_t *in, size_t n, uint16_t *out)
{
	HWY_DYNAMIC_DISPATCH(chromaNrRowKernel)(params, in, n, out);
}

/**
 * Smooth @n samples across rows
 * @rows: the smoothed rows from two above to two below
 *
 * Equal to the second half of chromaNrReference().
 */
void chromaNrColumns(const fovea_isp_chroma_nr &params, const uint16_t *const rows[5], size_t n,
		     uint16_t *out)
{
	HWY_DYNAMIC_DISPATCH(chromaNrColumnsKernel)(params, rows, n, out);
}

} /* namespace fovea::isp */
#endif
