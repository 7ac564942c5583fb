/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What statistics take of a vector of quads
 */

#if defined(FOVEA_ISP_STATS_QUADS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_ISP_STATS_QUADS_INL_H_
#undef FOVEA_ISP_STATS_QUADS_INL_H_
#else
#define FOVEA_ISP_STATS_QUADS_INL_H_
#endif

#include "awb_stats.h"
#include "row_kernel-inl.h"
#include "zone_stats.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/* The samples of a vector of quads, with zeros behind the end of the row. */
struct StatsQuads {
	HWY_INLINE StatsQuads(const QuadRows &rows, size_t i, size_t n)
		: r(loadUpTo(rows.r + i, n - i)), gr(loadUpTo(rows.gr + i, n - i)), gb(loadUpTo(rows.gb + i, n - i)),
		  b(loadUpTo(rows.b + i, n - i)), g(hn::AverageRound(gr, gb))
	{
	}

	HWY_INLINE VU16 sum() const { return hn::Add(hn::Add(r, gr), hn::Add(gb, b)); }

	VU16 r, gr, gb, b, g;
};

/* (mean of four) >> 4 is the sum, rounded, >> 6. */
HWY_INLINE VU16 aeBin(VU16 sum)
{
	const U16 d;
	return hn::ShiftRight<6>(hn::Add(sum, hn::Set(d, 2)));
}

/*
 * The samples of quads that are counted, and masks of -1 for those that are not.
 * Samples fit signed lanes; behind the end of the row they are zero.
 */
struct AwbQuads {
	HWY_INLINE AwbQuads(const StatsQuads &quads, V16 saturationLevel, V16 darkLevel)
	{
		const D16 d;
		const U16 du;
		const V16 max = hn::BitCast(d, hn::Max(hn::Max(quads.r, quads.gr), hn::Max(quads.gb, quads.b)));
		const VU16 unsaturated = hn::BitCast(du, hn::VecFromMask(d, hn::Lt(max, saturationLevel)));
		dark = hn::BitCast(du, hn::VecFromMask(d, hn::Lt(max, darkLevel)));
		saturated = hn::Not(unsaturated);
		const VU16 counted = hn::AndNot(dark, unsaturated);
		r = hn::And(counted, quads.r);
		g = hn::And(counted, quads.g);
		b = hn::And(counted, quads.b);
	}

	/* Sums of two samples fit signed lanes. */
	HWY_INLINE void add(const AwbQuads &other)
	{
		r = hn::Add(r, other.r);
		g = hn::Add(g, other.g);
		b = hn::Add(b, other.b);
		saturated = hn::Add(saturated, other.saturated);
		dark = hn::Add(dark, other.dark);
	}

	/* Subtracting a mask counts it. */
	HWY_INLINE void addTo(const AwbColumns &columns, size_t i) const
	{
		const U16 d;
		addPairs(r, columns.r + i / 2);
		addPairs(g, columns.g + i / 2);
		addPairs(b, columns.b + i / 2);
		hn::StoreU(hn::Sub(hn::LoadU(d, columns.saturated + i), saturated), d, columns.saturated + i);
		hn::StoreU(hn::Sub(hn::LoadU(d, columns.dark + i), dark), d, columns.dark + i);
	}

	VU16 r, g, b, saturated, dark;
};

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#endif /* FOVEA_ISP_STATS_QUADS_INL_H_ */
