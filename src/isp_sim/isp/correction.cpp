/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Defect pixels, lens shading and gains of rows in one pass
 */

#include "correction.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/correction.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/*
 * A vector of columns: the samples, the range of those above and below, and that
 * with the samples themselves, which is what the columns beside it look at.
 */
struct Columns {
	Columns() = default;

	HWY_INLINE Columns(const CorrectionRows &rows, ptrdiff_t i)
		: centre(loadSigned(rows.samples + i))
	{
		const V16 above = loadSigned(rows.above + i);
		const V16 below = loadSigned(rows.below + i);
		high = hn::Max(above, below);
		low = hn::Min(above, below);
		highest = hn::Max(high, centre);
		lowest = hn::Min(low, centre);
	}

	V16 centre, high, low, highest, lowest;
};

/* Samples within the range of their eight neighbours, see struct fovea_isp_dpc. */
class DefectFilter
{
public:
	HWY_INLINE DefectFilter(const fovea_isp_dpc &dpc, const CorrectionRows &rows)
		: hot_(hn::Set(D16(), static_cast<int16_t>(dpc.hot))),
		  cold_(hn::Set(D16(), static_cast<int16_t>(dpc.cold))), rows_(rows), current_(rows, 0)
	{
		const Columns previous(rows, -static_cast<ptrdiff_t>(hn::Lanes(D16())));
		highest_ = SlidingRow(previous.highest, current_.highest);
		lowest_ = SlidingRow(previous.lowest, current_.lowest);
	}

	/* The vector at @i; they are asked for one by one. */
	HWY_INLINE V16 correct(size_t i)
	{
		const Columns next(rows_, i + hn::Lanes(D16()));
		const Columns &at = current_;
		highest_.step(next.highest);
		lowest_.step(next.lowest);
		const V16 high = hn::Max(at.high, hn::Max(highest_.before, highest_.behind));
		const V16 low = hn::Min(at.low, hn::Min(lowest_.before, lowest_.behind));
		const auto tooHigh = hn::Gt(at.centre, hn::Add(high, hot_));
		const auto tooLow = hn::Lt(at.centre, hn::Sub(low, cold_));
		const V16 corrected = hn::IfThenElse(tooHigh, high, hn::IfThenElse(tooLow, low, at.centre));

		current_ = next;
		return corrected;
	}

private:
	const V16 hot_, cold_;
	const CorrectionRows rows_;
	Columns current_;
	SlidingRow highest_, lowest_;
};

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

template<bool kWide>
HWY_INLINE void storeCorrected(const GainRow &gains, V16 fraction, V16 v, size_t i, uint16_t *out)
{
	const D16 d;
	const U16 du;
	const V16 step = hn::MulFixedPoint15(hn::LoadU(d, gains.step + i), fraction);
	const V16 gain = hn::Add(loadSigned(gains.above + i), step);
	hn::StoreU(applyGain<kWide>(hn::BitCast(du, v), hn::BitCast(du, gain)), du, out + i);
}

template<bool kDefects, bool kWide>
HWY_INLINE void correctRowLoop(const fovea_isp_dpc &dpc, const Correction &correction, size_t n)
{
	/* Copies, so that the compiler sees that no store changes them. */
	const GainRow gains = correction.gains;
	const uint16_t *const samples = correction.rows.samples;
	uint16_t *const out = correction.rows.out;
	const V16 fraction = hn::Set(D16(), gains.fraction);

	if constexpr (kDefects) {
		DefectFilter filter(dpc, correction.rows);
		for (size_t i = 0; i < n; i += hn::Lanes(D16()))
			storeCorrected<kWide>(gains, fraction, filter.correct(i), i, out);
	} else {
		for (size_t i = 0; i < n; i += hn::Lanes(D16()))
			storeCorrected<kWide>(gains, fraction, loadSigned(samples + i), i, out);
	}
}

template<bool kDefects, bool kWide>
HWY_INLINE void correctRowsLoop(const fovea_isp_dpc &dpc, std::span<const Correction> corrections, size_t n)
{
	for (const Correction &correction : corrections)
		correctRowLoop<kDefects, kWide>(dpc, correction, n);
}

static void correctRowsKernel(const fovea_isp_dpc &dpc, std::span<const Correction> corrections,
			      bool wideGains, size_t n)
{
	const bool defects = !blockDisabled(dpc.header);

	if (defects && wideGains)
		correctRowsLoop<true, true>(dpc, corrections, n);
	else if (defects)
		correctRowsLoop<true, false>(dpc, corrections, n);
	else if (wideGains)
		correctRowsLoop<false, true>(dpc, corrections, n);
	else
		correctRowsLoop<false, false>(dpc, corrections, n);
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(correctRowsKernel);

/**
 * Correct defects and apply the gains to @n samples of one colour in each of some rows
 * @dpc: limits of the dynamic correction
 * @corrections: the samples, 0 to 16383, where the results go, and the gains
 * @wideGains: true if any gain of the frame is kWideGain or more
 *
 * Equal to dpcReference() and gainsReference(). All rows reach up to a whole
 * vector, those of the samples to one more in front and behind.
 */
void correctRows(const fovea_isp_dpc &dpc, std::span<const Correction> corrections, bool wideGains, size_t n)
{
	HWY_DYNAMIC_DISPATCH(correctRowsKernel)(dpc, corrections, wideGains, n);
}

} /* namespace fovea::isp */
#endif
