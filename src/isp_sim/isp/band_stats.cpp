/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * All statistics of a band of rows of quads
 */

#include "band_stats.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/band_stats.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "stats_quads-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/* What the three that every frame has take of two rows, of which the samples are loaded once. */
static void commonStatsKernel(const QuadRows &evenRow, const QuadRows &oddRow, size_t n, const AwbLevels &levels,
			      const CommonStats &stats)
{
	const U16 d;
	const QuadRows even = evenRow;
	const QuadRows odd = oddRow;
	const CommonStats to = stats;
	const V16 saturation = hn::Set(D16(), static_cast<int16_t>(levels.saturation));
	const V16 dark = hn::Set(D16(), static_cast<int16_t>(levels.dark));

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		const StatsQuads p(even, i, n);
		const StatsQuads q(odd, i, n);
		addPairs(hn::Add(p.r, q.r), to.ae.r + i / 2);
		addPairs(hn::Add(p.g, q.g), to.ae.g + i / 2);
		addPairs(hn::Add(p.b, q.b), to.ae.b + i / 2);

		const VU16 sumP = p.sum();
		const VU16 sumQ = q.sum();
		hn::StoreU(aeBin(hn::OddEven(sumQ, sumP)), d, to.ae.bins + i);
		hn::StoreU(hn::ShiftRight<4>(sumP), d, to.evenLuma + i);
		hn::StoreU(hn::ShiftRight<4>(sumQ), d, to.oddLuma + i);

		AwbQuads awb(p, saturation, dark);
		awb.add(AwbQuads(q, saturation, dark));
		awb.addTo(to.awb, i);
	}
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(commonStatsKernel);

BandStats::BandStats(const Size &size)
	: quadsX_(size.width / 2), quadsY_(size.height / 2), ae_(quadsX_, quadsY_), awb_(quadsX_, quadsY_),
	  af_(quadsX_, quadsY_), rows_(quadsX_, quadsY_), tone_(quadsX_, quadsY_)
{
}

void BandStats::start(const Frame &frame)
{
	common_ = frame.aeStats() && frame.awbStats() && frame.afStats();
	waiting_.reset();
	ae_.start(frame.params.aeStats);
	awb_.start(frame.params.awbStats);
	af_.start(frame.params.afStats);
	if (frame.rowStats())
		rows_.start(frame.params.rowStats);
	if (frame.toneStats())
		tone_.start(frame.params.toneStats);
}

/**
 * Add a row of quads
 * @q: its number; rows come one after the other
 * @rows: its samples, which stay as they are until two more rows have been added
 */
void BandStats::addRow(const Frame &frame, unsigned int q, const QuadRows &rows)
{
	if (common_)
		addCommon(q, rows);
	else
		addAlone(frame, q, rows);

	if (frame.rowStats())
		rows_.addRow(q, rows);
	if (frame.toneStats())
		tone_.addRow(q, rows);
}

void BandStats::addAlone(const Frame &frame, unsigned int q, const QuadRows &rows)
{
	if (frame.aeStats())
		ae_.addRow(q, rows);
	if (frame.awbStats())
		awb_.addRow(q, rows);
	if (frame.afStats())
		af_.addRow(q, rows);
}

/* In pairs, where both rows belong to the same zones. */
void BandStats::addCommon(unsigned int q, const QuadRows &rows)
{
	/* No others have a border where those of white balance have none. */
	static_assert(FOVEA_ISP_AWB_ZONES_Y % FOVEA_ISP_AE_ZONES_Y == 0 && FOVEA_ISP_AWB_ZONES_Y % FOVEA_ISP_AF_ZONES_Y == 0);

	if (!waiting_) {
		waiting_ = rows;
		return;
	}
	if (zoneOf(q - 1, FOVEA_ISP_AWB_ZONES_Y, quadsY_) != zoneOf(q, FOVEA_ISP_AWB_ZONES_Y, quadsY_)) {
		addWaiting(q - 1);
		waiting_ = rows;
		return;
	}

	const bool oddFirst = !(q & 1);
	const AfLuma luma = af_.beginPair(q - 1);
	const CommonStats to = { ae_.beginPair(q - 1), awb_.beginPair(q - 1), oddFirst ? luma.second : luma.first,
				 oddFirst ? luma.first : luma.second };
	HWY_DYNAMIC_DISPATCH(commonStatsKernel)(oddFirst ? rows : *waiting_, oddFirst ? *waiting_ : rows, quadsX_,
						awb_.levels(), to);
	ae_.countPair();
	af_.addPair(luma);
	waiting_.reset();
}

/* Add the row that waits, which is row @q, alone. */
void BandStats::addWaiting(unsigned int q)
{
	ae_.addRow(q, *waiting_);
	awb_.addRow(q, *waiting_);
	af_.addRow(q, *waiting_);
	waiting_.reset();
}

/* Complete the statistics, of which row @last is the last. */
void BandStats::finish(unsigned int last)
{
	if (waiting_)
		addWaiting(last);
	ae_.finish();
	awb_.finish();
	af_.finish();
}

void BandStats::addTo(const Frame &frame, fovea_isp_stats_buffer *stats) const
{
	if (frame.aeStats())
		ae_.addTo(stats);
	if (frame.awbStats())
		awb_.addTo(stats);
	if (frame.afStats())
		af_.addTo(stats);
	if (frame.rowStats())
		rows_.addTo(stats);
	if (frame.toneStats())
		tone_.addTo(stats);
}

} /* namespace fovea::isp */
#endif
