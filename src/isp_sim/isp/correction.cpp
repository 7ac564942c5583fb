/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Defect pixels, lens shading and gains of a row in one pass
 */

#include "correction.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/correction.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/* The sample within the range of its eight neighbours, see struct fovea_isp_dpc. */
HWY_INLINE V16 correctDefect(const CorrectionRows &rows, size_t i, V16 hot, V16 cold)
{
	const V16 v = loadSigned(rows.samples + i);
	const V16 left = loadSigned(rows.samples + i - 1);
	const V16 right = loadSigned(rows.samples + i + 1);
	V16 high = hn::Max(left, right);
	V16 low = hn::Min(left, right);

	for (const uint16_t *row : { rows.above, rows.below }) {
		for (int x = -1; x <= 1; ++x) {
			const V16 other = loadSigned(row + i + x);
			high = hn::Max(high, other);
			low = hn::Min(low, other);
		}
	}

	const auto tooHigh = hn::Gt(v, hn::Add(high, hot));
	const auto tooLow = hn::Lt(v, hn::Sub(low, cold));
	return hn::IfThenElse(tooHigh, high, hn::IfThenElse(tooLow, low, v));
}

/*
 * min(16383, (v * gain) >> 11). Gains below 4.0 fit the upper half of a product
 * of 16 bits; else the result is put together from both halves, where an upper
 * half of 4096 or more is beyond the limit whatever the lower is.
 */
template<bool kWide>
HWY_INLINE VU16 applyGain(VU16 v, VU16 gain)
{
	const U16 d;
	const VU16 max = hn::Set(d, 16383);
	const VU16 scaled = hn::ShiftLeft<2>(v);

	if constexpr (!kWide)
		return hn::Min(hn::MulHigh(scaled, hn::ShiftLeft<3>(gain)), max);

	const VU16 twice = hn::ShiftLeft<1>(gain);
	const VU16 high = hn::Min(hn::MulHigh(scaled, twice), hn::Set(d, 4096));
	const VU16 low = hn::ShiftRight<14>(hn::Mul(scaled, twice));
	return hn::Min(hn::Or(hn::ShiftLeft<2>(high), low), max);
}

template<bool kDefects, bool kWide>
HWY_INLINE void correctRowLoop(const fovea_isp_dpc &dpc, const GainRow &gains,
			       const CorrectionRows &rows, size_t n)
{
	const D16 d;
	const U16 du;
	const V16 hot = hn::Set(d, static_cast<int16_t>(dpc.hot));
	const V16 cold = hn::Set(d, static_cast<int16_t>(dpc.cold));
	const V16 fraction = hn::Set(d, gains.fraction);

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		const V16 v = kDefects ? correctDefect(rows, i, hot, cold) : loadSigned(rows.samples + i);
		const V16 step = hn::MulFixedPoint15(hn::LoadU(d, gains.step + i), fraction);
		const V16 gain = hn::Add(loadSigned(gains.above + i), step);
		hn::StoreU(applyGain<kWide>(hn::BitCast(du, v), hn::BitCast(du, gain)), du, rows.out + i);
	}
}

static void correctRowKernel(const fovea_isp_dpc &dpc, const GainRow &gains, bool wideGains,
			     const CorrectionRows &rows, size_t n)
{
	const bool defects = !blockDisabled(dpc.header);

	if (defects && wideGains)
		correctRowLoop<true, true>(dpc, gains, rows, n);
	else if (defects)
		correctRowLoop<true, false>(dpc, gains, rows, n);
	else if (wideGains)
		correctRowLoop<false, true>(dpc, gains, rows, n);
	else
		correctRowLoop<false, false>(dpc, gains, rows, n);
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(correctRowKernel);

/**
 * Correct defects and apply the gains to @n samples of one colour
 * @dpc: limits of the dynamic correction
 * @gains: the gains of the row
 * @wideGains: true if any gain of the frame is kWideGain or more
 * @rows: the samples, 0 to 16383, and where the results go
 *
 * Equal to dpcReference() and gainsReference(). All rows reach up to a whole
 * vector.
 */
void correctRow(const fovea_isp_dpc &dpc, const GainRow &gains, bool wideGains,
		const CorrectionRows &rows, size_t n)
{
	HWY_DYNAMIC_DISPATCH(correctRowKernel)(dpc, gains, wideGains, rows, n);
}

} /* namespace fovea::isp */
#endif
