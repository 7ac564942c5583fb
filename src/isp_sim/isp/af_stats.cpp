/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Focus statistics
 */

#include "af_stats.h"

#include <stdlib.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/af_stats.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

static void afLumaKernel(const QuadRows &rows, size_t n, uint16_t *luma)
{
	const U16 d;

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		const VU16 red = hn::Add(hn::LoadU(d, rows.r + i), hn::LoadU(d, rows.gr + i));
		const VU16 blue = hn::Add(hn::LoadU(d, rows.b + i), hn::LoadU(d, rows.gb + i));
		hn::StoreU(hn::ShiftRight<4>(hn::Add(red, blue)), d, luma + i);
	}
}

/* What a vector of a row adds to the two filters. */
struct AfValues {
	HWY_INLINE AfValues(const uint16_t *luma, VU16 fineThreshold, VU16 coarseThreshold)
	{
		const U16 d;
		const V16 centre = loadSigned(luma);
		const V16 left = loadSigned(luma - 1);
		const V16 right = loadSigned(luma + 1);
		fine = hn::SaturatedSub(hn::BitCast(d, hn::Abs(hn::Sub(hn::Sub(left, centre), hn::Sub(centre, right)))),
					fineThreshold);
		coarse = hn::SaturatedSub(hn::BitCast(d, hn::Abs(hn::Sub(hn::Add(loadSigned(luma - 2), left),
									 hn::Add(loadSigned(luma + 2), right)))),
					  coarseThreshold);
	}

	VU16 fine, coarse;
};

/* One row, or two if @second is not null: values of two of them fit signed lanes. */
static void afAccumulateKernel(const uint16_t *first, const uint16_t *second, const uint16_t *thresholds,
			       size_t n, uint32_t *const sums[FOVEA_ISP_AF_FILTERS])
{
	const U16 d;
	const VU16 fineThreshold = hn::Set(d, thresholds[0]);
	const VU16 coarseThreshold = hn::Set(d, thresholds[1]);
	uint32_t *const fineSums = sums[0];
	uint32_t *const coarseSums = sums[1];

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		AfValues values(first + i, fineThreshold, coarseThreshold);
		if (second) {
			const AfValues others(second + i, fineThreshold, coarseThreshold);
			values.fine = hn::Add(values.fine, others.fine);
			values.coarse = hn::Add(values.coarse, others.coarse);
		}
		if (n - i < hn::Lanes(d)) {
			values.fine = hn::IfThenElseZero(hn::FirstN(d, n - i), values.fine);
			values.coarse = hn::IfThenElseZero(hn::FirstN(d, n - i), values.coarse);
		}
		addPairs(values.fine, fineSums + i / 2);
		addPairs(values.coarse, coarseSums + i / 2);
	}
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(afLumaKernel);
HWY_EXPORT(afAccumulateKernel);

/**
 * Focus values of a whole frame
 * @params: thresholds of the two filters
 * @order: colours of the mosaic
 * @mosaic: samples behind the black level, 0 to 16383
 * @stats: receives the focus part, its geometry and its flag
 *
 * Sums of max(0, f - threshold) over 16x16 zones, with L = (R + Gr + Gb + B) >> 4, 0 to
 * 4095: f[0] = |L(x-1) - 2 L(x) + L(x+1)|, and f[1] = |L(x-2) + L(x-1) - L(x+1) -
 * L(x+2)|. The first is the row's part of the sum-modified Laplacian of S. Nayar and Y.
 * Nakagawa, "Shape from focus", IEEE Trans. Pattern Analysis and Machine Intelligence 16
 * (8), 1994, the second a gradient that also sees edges of many pixels. Definition: struct
 * fovea_isp_af_zone. The part is zero and has no flag where the block is disabled.
 */
void afStatsReference(const fovea_isp_af_stats_config &params, BayerOrder order,
		      const Plane &mosaic, fovea_isp_stats_buffer *stats)
{
	if (blockDisabled(params.header))
		return;

	const int quadsX = static_cast<int>(mosaic.width / 2);
	const int quadsY = static_cast<int>(mosaic.height / 2);

	stats->flags |= FOVEA_ISP_STATS_FL_AF;
	stats->af_geometry = { FOVEA_ISP_AF_ZONES_X, FOVEA_ISP_AF_ZONES_Y,
			       static_cast<uint16_t>(quadsX), static_cast<uint16_t>(quadsY) };

	for (int y = 0; y < quadsY; ++y) {
		const auto luma = [&](int x) {
			const auto v = quadAt(mosaic, order, std::clamp(x, 0, quadsX - 1), y);
			return static_cast<int>((v[0] + v[1] + v[2] + v[3]) >> 4);
		};

		for (int x = 0; x < quadsX; ++x) {
			const int fine = abs(luma(x - 1) - 2 * luma(x) + luma(x + 1));
			const int coarse = abs(luma(x - 2) + luma(x - 1) - luma(x + 1) - luma(x + 2));
			fovea_isp_af_zone &zone =
				stats->af_zones[zoneOf(y, FOVEA_ISP_AF_ZONES_Y, quadsY) * FOVEA_ISP_AF_ZONES_X +
						zoneOfColumn(x, FOVEA_ISP_AF_ZONES_X, quadsX)];
			zone.sum[0] += std::max(0, fine - params.threshold[0]);
			zone.sum[1] += std::max(0, coarse - params.threshold[1]);
		}
	}
}

AfAccumulator::AfAccumulator(unsigned int quadsX, unsigned int quadsY)
	: quadsX_(quadsX), quadsY_(quadsY), luma_(2, quadsX)
{
	for (std::vector<uint32_t> &sums : sums_)
		sums.resize(quadsX / 2 + kRowMargin);
}

/* Forget the last frame and take the thresholds of the next. */
void AfAccumulator::start(const fovea_isp_af_stats_config &params)
{
	std::copy_n(params.threshold, thresholds_.size(), thresholds_.begin());
	zones_ = {};
	zoneRow_ = -1;
	waiting_ = nullptr;
}

/* Add a row of quads, see AeAccumulator. */
void AfAccumulator::addRow(unsigned int quadRow, const QuadRows &rows)
{
	moveTo(quadRow);

	uint16_t *luma = luma_[quadRow];
	HWY_DYNAMIC_DISPATCH(afLumaKernel)(rows, quadsX_, luma);
	addLuma(luma);
}

/* Begin to add two rows from outside, see AeAccumulator: what gets their luma. */
AfLuma AfAccumulator::beginPair(unsigned int quadRow)
{
	moveTo(quadRow);
	addWaiting();
	return { luma_[quadRow], luma_[quadRow + 1] };
}

void AfAccumulator::addPair(const AfLuma &luma)
{
	addLuma(luma.first);
	addLuma(luma.second);
}

void AfAccumulator::moveTo(unsigned int quadRow)
{
	const int zoneRow = zoneOf(quadRow, FOVEA_ISP_AF_ZONES_Y, quadsY_);
	if (zoneRow == zoneRow_)
		return;
	fold();
	zoneRow_ = zoneRow;
}

/* Add a row of luma, with the one that waits if there is one. */
void AfAccumulator::addLuma(uint16_t *luma)
{
	for (int k = 1; k <= 2; ++k) {
		luma[-k] = luma[0];
		luma[quadsX_ - 1 + k] = luma[quadsX_ - 1];
	}

	if (waiting_)
		accumulate(luma);
	else
		waiting_ = luma;
}

void AfAccumulator::addWaiting()
{
	if (waiting_)
		accumulate(nullptr);
}

/* Add the row that waits, and @luma if it is not null. */
void AfAccumulator::accumulate(const uint16_t *luma)
{
	uint32_t *const sums[] = { sums_[0].data(), sums_[1].data() };
	HWY_DYNAMIC_DISPATCH(afAccumulateKernel)(waiting_, luma, thresholds_.data(), quadsX_, sums);
	waiting_ = nullptr;
}

/* Fold the sums of the columns into the zones. */
void AfAccumulator::fold()
{
	addWaiting();

	for (unsigned int filter = 0; filter < FOVEA_ISP_AF_FILTERS; ++filter) {
		for (unsigned int zone = 0; zone < FOVEA_ISP_AF_ZONES_X && zoneRow_ >= 0; ++zone) {
			const unsigned int start = zoneColumn(zone, FOVEA_ISP_AF_ZONES_X, quadsX_);
			const unsigned int end = zoneColumn(zone + 1, FOVEA_ISP_AF_ZONES_X, quadsX_);
			/* The last zone may end in the middle of a pair; the rest is zero. */
			zones_[zoneRow_ * FOVEA_ISP_AF_ZONES_X + zone].sum[filter] +=
				sumOfColumns(sums_[filter], start / 2, (end + 1) / 2);
		}
		std::fill(sums_[filter].begin(), sums_[filter].end(), 0);
	}
}

/* Complete the last row of zones. */
void AfAccumulator::finish()
{
	fold();
	zoneRow_ = -1;
}

/* Add the sums of this band to those of the frame. */
void AfAccumulator::addTo(fovea_isp_stats_buffer *stats) const
{
	stats->flags |= FOVEA_ISP_STATS_FL_AF;
	stats->af_geometry = { FOVEA_ISP_AF_ZONES_X, FOVEA_ISP_AF_ZONES_Y,
			       static_cast<uint16_t>(quadsX_), static_cast<uint16_t>(quadsY_) };

	for (unsigned int i = 0; i < FOVEA_ISP_AF_ZONES; ++i) {
		for (unsigned int filter = 0; filter < FOVEA_ISP_AF_FILTERS; ++filter)
			stats->af_zones[i].sum[filter] += zones_[i].sum[filter];
	}
}

} /* namespace fovea::isp */
#endif
