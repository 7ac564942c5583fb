/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Merging of exposures
 */

#include "merge.h"

#include <stdlib.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/merge.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "linear_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

HWY_INLINE VU32 scaleExposure(VU32 v, VU32 gain)
{
	return hn::Min(multiplyLinear<10>(v, gain), hn::Set(U32(), kLinearRangeMax));
}

static void scaleExposureRowKernel(uint16_t gain, size_t n, const LinearRows &rows)
{
	const U32 d;
	const VU32 factor = hn::Set(d, gain);

	for (uint32_t *row : rows) {
		for (size_t i = 0; i < n; i += hn::Lanes(d))
			hn::StoreU(scaleExposure(hn::LoadU(d, row + i), factor), d, row + i);
	}
}

/* min(256, (min(65535, v) * slope) >> 16) */
HWY_INLINE VU32 weightOf(VU32 v, VU32 slope)
{
	const U32 d;
	const VU32 product = hn::Mul(hn::Min(v, hn::Set(d, 65535)), slope);
	return hn::Min(hn::ShiftRight<16>(product), hn::Set(d, 256));
}

/* Where the gain of the longer exposure is 1.0, nothing changes by it. */
template<bool kUnity>
HWY_INLINE void mergeRowLoop(const fovea_isp_merge &params, uint16_t gain, size_t n,
			     const LinearRows &longer, const LinearRows &merged)
{
	const U32 d;
	const D32 ds;
	const VU32 factor = hn::Set(d, gain);
	const VU32 saturation = hn::Set(d, params.saturation);
	const VU32 saturationSlope = hn::Set(d, params.saturation_slope);
	const VU32 motionOffset = hn::Set(d, params.motion_offset);
	const VU32 motionRelative = hn::Set(d, params.motion_relative);
	const VU32 motionSlope = hn::Set(d, params.motion_slope);

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		const VU32 in[4] = { hn::LoadU(d, longer[0] + i), hn::LoadU(d, longer[1] + i),
				     hn::LoadU(d, longer[2] + i), hn::LoadU(d, longer[3] + i) };
		const auto scaled = [&](VU32 v) HWY_ATTR { return kUnity ? v : scaleExposure(v, factor); };
		const VU32 x[4] = { scaled(in[0]), scaled(in[1]), scaled(in[2]), scaled(in[3]) };
		const VU32 h[4] = { hn::LoadU(d, merged[0] + i), hn::LoadU(d, merged[1] + i),
				    hn::LoadU(d, merged[2] + i), hn::LoadU(d, merged[3] + i) };

		const VU32 shorterMean = meanOfQuad(h);
		const VU32 longerMean = meanOfQuad(x);
		const VU32 difference = hn::Sub(hn::Max(longerMean, shorterMean), hn::Min(longerMean, shorterMean));
		const VU32 relative = hn::ShiftRight<12>(hn::Mul(hn::ShiftRight<4>(shorterMean), motionRelative));
		const VU32 motion = excess(difference, hn::Add(motionOffset, relative));
		const VU32 saturated = excess(maxOfQuad(in), saturation);
		const V32 weight = hn::BitCast(ds, hn::Max(weightOf(saturated, saturationSlope), weightOf(motion, motionSlope)));

		HWY_UNROLL(4)
		for (unsigned int k = 0; k < 4; ++k) {
			const V32 from = hn::BitCast(ds, x[k]);
			const V32 step = hn::Mul(hn::Sub(hn::BitCast(ds, h[k]), from), weight);
			const V32 out = hn::Add(from, hn::ShiftRight<8>(hn::Add(step, hn::Set(ds, 128))));
			hn::StoreU(hn::BitCast(d, out), d, merged[k] + i);
		}
	}
}

static void mergeRowKernel(const fovea_isp_merge &params, uint16_t gain, size_t n,
			   const LinearRows &longer, const LinearRows &merged)
{
	constexpr uint16_t kUnityGain = 1024;
	if (gain == kUnityGain)
		mergeRowLoop<true>(params, gain, n, longer, merged);
	else
		mergeRowLoop<false>(params, gain, n, longer, merged);
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(scaleExposureRowKernel);
HWY_EXPORT(mergeRowKernel);

namespace {

using Quad = std::array<uint32_t, 4>;

Quad quadOf(const LinearPlane &plane, unsigned int x, unsigned int y)
{
	const uint32_t *upper = plane.row(2 * y) + 2 * x;
	const uint32_t *lower = plane.row(2 * y + 1) + 2 * x;
	return { upper[0], upper[1], lower[0], lower[1] };
}

void setQuad(LinearPlane *plane, unsigned int x, unsigned int y, const Quad &quad)
{
	std::copy_n(quad.data(), 2, plane->row(2 * y) + 2 * x);
	std::copy_n(quad.data() + 2, 2, plane->row(2 * y + 1) + 2 * x);
}

uint32_t meanOf(const Quad &quad)
{
	return (quad[0] + quad[1] + quad[2] + quad[3] + 2) >> 2;
}

uint32_t scaled(uint32_t v, uint16_t gain)
{
	return static_cast<uint32_t>(std::min<uint64_t>((static_cast<uint64_t>(v) * gain + 512) >> 10, kLinearRangeMax));
}

Quad scaled(const Quad &quad, uint16_t gain)
{
	return { scaled(quad[0], gain), scaled(quad[1], gain), scaled(quad[2], gain), scaled(quad[3], gain) };
}

uint32_t weight(uint32_t v, uint32_t limit, uint32_t slope)
{
	const uint32_t excess = std::min(v - std::min(v, limit), 65535U);
	return std::min((excess * slope) >> 16, 256U);
}

/* One step: the longer exposure, and what the shorter ones gave. */
Quad mergeQuads(const fovea_isp_merge &params, uint16_t gain, const Quad &longer, const Quad &shorter)
{
	const Quad x = scaled(longer, gain);
	const uint32_t mean = meanOf(shorter);
	const uint32_t difference = static_cast<uint32_t>(abs(static_cast<int>(meanOf(x)) - static_cast<int>(mean)));
	const uint32_t noise = params.motion_offset + (((mean >> 4) * params.motion_relative) >> 12);
	const uint32_t brightest = *std::max_element(longer.begin(), longer.end());
	const int w = static_cast<int>(std::max(weight(brightest, params.saturation, params.saturation_slope),
						weight(difference, noise, params.motion_slope)));

	Quad out;
	for (unsigned int i = 0; i < 4; ++i) {
		const int from = static_cast<int>(x[i]);
		const int to = static_cast<int>(shorter[i]);
		out[i] = static_cast<uint32_t>(from + (((to - from) * w + 128) >> 8));
	}
	return out;
}

} /* namespace */

/**
 * Merge the exposures of a frame
 * @params: gains, saturation and motion guard
 * @exposures: one to three, the longest first, behind the black level
 * @out: receives samples of 20 bits
 *
 * From the shortest on, each longer exposure x takes the place of what the shorter
 * ones gave, h, unless it is saturated or something has moved: out = x + (((h - x) *
 * w + 128) >> 8), one weight w for the four samples of a quad so that colours stay.
 * Exposures brought to one scale and joined by a smooth weight: S. Mann and R.
 * Picard, "Being 'undigital' with digital cameras", 1995; the guard takes the shorter
 * exposure where the difference is more than noise explains. Definition: struct
 * fovea_isp_merge.
 */
void mergeReference(const fovea_isp_merge &params, std::span<const LinearPlane> exposures, LinearPlane *out)
{
	if (blockDisabled(params.header)) {
		*out = exposures[0];
		return;
	}

	const size_t last = exposures.size() - 1;
	*out = LinearPlane(exposures[0].width, exposures[0].height);
	for (unsigned int y = 0; y < out->height / 2; ++y) {
		for (unsigned int x = 0; x < out->width / 2; ++x) {
			Quad merged = scaled(quadOf(exposures[last], x, y), params.gain[last]);
			for (size_t i = last; i-- > 0;)
				merged = mergeQuads(params, params.gain[i], quadOf(exposures[i], x, y), merged);
			setQuad(out, x, y, merged);
		}
	}
}

/* Bring @n quads of the shortest exposure to the common scale, in place. */
void scaleExposureRow(uint16_t gain, size_t n, const LinearRows &rows)
{
	HWY_DYNAMIC_DISPATCH(scaleExposureRowKernel)(gain, n, rows);
}

/**
 * Merge @n quads of one more exposure
 * @params: saturation and motion guard
 * @gain: of this exposure
 * @longer: its samples
 * @merged: what the shorter exposures gave; receives the result
 *
 * With scaleExposureRow() equal to mergeReference(). All rows reach up to a whole
 * vector.
 */
void mergeRow(const fovea_isp_merge &params, uint16_t gain, size_t n, const LinearRows &longer,
	      const LinearRows &merged)
{
	HWY_DYNAMIC_DISPATCH(mergeRowKernel)(params, gain, n, longer, merged);
}

} /* namespace fovea::isp */
#endif
