/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * White-balance statistics
 */

#include "awb_stats.h"

#include "demosaic.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/awb_stats.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "stats_quads-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

static void awbAccumulateRowKernel(const QuadRows &quadRows, const AwbLevels &levels, size_t n,
				   const AwbColumns &awbColumns)
{
	const QuadRows rows = quadRows;
	const AwbColumns columns = awbColumns;
	const V16 saturation = hn::Set(D16(), static_cast<int16_t>(levels.saturation));
	const V16 dark = hn::Set(D16(), static_cast<int16_t>(levels.dark));

	for (size_t i = 0; i < n; i += hn::Lanes(D16()))
		AwbQuads(StatsQuads(rows, i, n), saturation, dark).addTo(columns, i);
}

static void awbAccumulatePairKernel(const QuadRows &first, const QuadRows &second, const AwbLevels &levels,
				    size_t n, const AwbColumns &awbColumns)
{
	const QuadRows rows[] = { first, second };
	const AwbColumns columns = awbColumns;
	const V16 saturation = hn::Set(D16(), static_cast<int16_t>(levels.saturation));
	const V16 dark = hn::Set(D16(), static_cast<int16_t>(levels.dark));

	for (size_t i = 0; i < n; i += hn::Lanes(D16())) {
		AwbQuads sum(StatsQuads(rows[0], i, n), saturation, dark);
		sum.add(AwbQuads(StatsQuads(rows[1], i, n), saturation, dark));
		sum.addTo(columns, i);
	}
}

/* The sums of four vectors in the lanes of a block, by halves. */
template<class D>
HWY_INLINE auto sumOfBlocks(D d, hn::Vec<D> v)
{
	if constexpr (hn::MaxLanes(d) > 4) {
		const hn::Half<D> half;
		return sumOfBlocks(half, hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
	} else {
		return v;
	}
}

/* The first @n lanes of sums. */
HWY_INLINE VU32 sumsUpTo(const uint32_t *p, size_t n)
{
	const U32 d;
	const VU32 v = hn::LoadU(d, p);
	return n >= hn::Lanes(d) ? v : hn::IfThenElseZero(hn::FirstN(d, n), v);
}

/* Pairs of counts, which fit signed lanes. */
HWY_INLINE VU32 countsUpTo(const uint16_t *p, size_t n)
{
	const D16 d;
	return hn::BitCast(U32(), multiplyPairs(hn::BitCast(d, loadUpTo(p, n)), hn::Set(d, 1)));
}

HWY_INLINE void sumZone(const AwbColumns &columns, size_t first, size_t last, AwbSums *out)
{
	const U32 d;
	const hn::Repartition<uint64_t, U32> d64;
	VU32 r = hn::Zero(d);
	VU32 g = hn::Zero(d);
	VU32 b = hn::Zero(d);
	VU32 saturated = hn::Zero(d);
	VU32 dark = hn::Zero(d);

	for (size_t x = first; x < last; x += 2 * hn::Lanes(d)) {
		/* The last zone may end in the middle of a pair; the rest is zero. */
		const size_t pairs = (last - x + 1) / 2;
		r = hn::Add(r, sumsUpTo(columns.r + x / 2, pairs));
		g = hn::Add(g, sumsUpTo(columns.g + x / 2, pairs));
		b = hn::Add(b, sumsUpTo(columns.b + x / 2, pairs));
		saturated = hn::Add(saturated, countsUpTo(columns.saturated + x, last - x));
		dark = hn::Add(dark, countsUpTo(columns.dark + x, last - x));
	}

	const auto pairwise = [&](VU32 p, VU32 q) HWY_ATTR {
		return hn::BitCast(d64, hn::Add(hn::InterleaveLower(d, p, q), hn::InterleaveUpper(d, p, q)));
	};
	const auto rg = pairwise(r, g);
	const auto bs = pairwise(b, saturated);
	const VU32 sums = hn::Add(hn::BitCast(d, hn::InterleaveLower(d64, rg, bs)),
				  hn::BitCast(d, hn::InterleaveUpper(d64, rg, bs)));
	hn::StoreU(sumOfBlocks(d, sums), hn::CappedTag<uint32_t, 4>(), &out->r);
	out->dark = hn::GetLane(hn::SumOfLanes(d, dark));
}

/* All zones of a row in one call, so that none of them waits for the one before. */
static void awbFoldKernel(const AwbColumns &awbColumns, const unsigned int *starts, AwbSums *sums)
{
	const AwbColumns columns = awbColumns;

	for (unsigned int zone = 0; zone < FOVEA_ISP_AWB_ZONES_X; ++zone)
		sumZone(columns, starts[zone], starts[zone + 1], sums + zone);
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(awbAccumulateRowKernel);
HWY_EXPORT(awbAccumulatePairKernel);
HWY_EXPORT(awbFoldKernel);

/**
 * Zone sums of a whole frame
 * @params: levels at which a quad is left out
 * @order: colours of the mosaic
 * @mosaic: samples behind the black level, 0 to 16383
 * @stats: receives the white-balance part, its geometry and its flag
 *
 * Of a quad with the largest sample m: saturated++ where m >= saturation, else dark++
 * where m < dark, else count++ and the sums of R, (Gr + Gb + 1) >> 1 and B grow by it,
 * UQ0.14. Means of regions are what the estimation of an illuminant starts from (G.
 * Buchsbaum, "A spatial processor model for object colour perception", Journal of the
 * Franklin Institute 310 (1), 1980); saturated and dark quads do not have its colour.
 * Definition: struct fovea_isp_awb_zone. The part is zero and has no flag where the
 * block is disabled.
 */
void awbStatsReference(const fovea_isp_awb_stats_config &params, BayerOrder order,
		       const Plane &mosaic, fovea_isp_stats_buffer *stats)
{
	if (blockDisabled(params.header))
		return;

	const unsigned int quadsX = mosaic.width / 2;
	const unsigned int quadsY = mosaic.height / 2;

	stats->flags |= FOVEA_ISP_STATS_FL_AWB;
	stats->awb_geometry = { FOVEA_ISP_AWB_ZONES_X, FOVEA_ISP_AWB_ZONES_Y,
				static_cast<uint16_t>(quadsX), static_cast<uint16_t>(quadsY) };

	for (unsigned int y = 0; y < quadsY; ++y) {
		for (unsigned int x = 0; x < quadsX; ++x) {
			const auto v = quadAt(mosaic, order, x, y);
			fovea_isp_awb_zone &sums =
				stats->awb_zones[zoneOf(y, FOVEA_ISP_AWB_ZONES_Y, quadsY) * FOVEA_ISP_AWB_ZONES_X +
						 zoneOfColumn(x, FOVEA_ISP_AWB_ZONES_X, quadsX)];
			const unsigned int max = std::max({ v[0], v[1], v[2], v[3] });
			if (max >= params.saturation) {
				sums.saturated++;
			} else if (max < params.dark) {
				sums.dark++;
			} else {
				sums.r += v[SiteR];
				sums.g += (v[SiteGr] + v[SiteGb] + 1) >> 1;
				sums.b += v[SiteB];
				sums.count++;
			}
		}
	}
}

/* The kernel adds whole vectors, of the widest instruction set: up to kRowMargin samples. */
AwbAccumulator::AwbAccumulator(unsigned int quadsX, unsigned int quadsY)
	: quadsX_(quadsX), quadsY_(quadsY), sumR_(quadsX / 2 + kRowMargin),
	  sumG_(quadsX / 2 + kRowMargin), sumB_(quadsX / 2 + kRowMargin),
	  saturatedCount_(quadsX + kRowMargin), darkCount_(quadsX + kRowMargin)
{
	for (unsigned int zone = 0; zone <= FOVEA_ISP_AWB_ZONES_X; ++zone)
		zoneColumns_[zone] = zoneColumn(zone, FOVEA_ISP_AWB_ZONES_X, quadsX);
}

/* Forget the last frame and take the levels of the next. */
void AwbAccumulator::start(const fovea_isp_awb_stats_config &params)
{
	levels_ = { params.saturation, params.dark };
	zones_ = {};
	zoneRow_ = -1;
	waiting_.reset();
}

/* Add a row of quads, see AeAccumulator. */
void AwbAccumulator::addRow(unsigned int quadRow, const QuadRows &rows)
{
	moveTo(quadRow);
	rowsInZone_++;

	if (!waiting_) {
		waiting_ = rows;
		return;
	}

	HWY_DYNAMIC_DISPATCH(awbAccumulatePairKernel)(*waiting_, rows, levels_, quadsX_, columns());
	waiting_.reset();
}

/* Begin to add two rows from outside, see AeAccumulator. */
AwbColumns AwbAccumulator::beginPair(unsigned int quadRow)
{
	moveTo(quadRow);
	addWaiting();
	rowsInZone_ += 2;
	return columns();
}

void AwbAccumulator::moveTo(unsigned int quadRow)
{
	const int zoneRow = zoneOf(quadRow, FOVEA_ISP_AWB_ZONES_Y, quadsY_);
	if (zoneRow == zoneRow_)
		return;
	fold();
	zoneRow_ = zoneRow;
}

/* Add the row that waits for another one. */
void AwbAccumulator::addWaiting()
{
	if (!waiting_)
		return;

	HWY_DYNAMIC_DISPATCH(awbAccumulateRowKernel)(*waiting_, levels_, quadsX_, columns());
	waiting_.reset();
}

AwbColumns AwbAccumulator::columns()
{
	return { sumR_.data(), sumG_.data(), sumB_.data(), saturatedCount_.data(), darkCount_.data() };
}

/* Fold the sums of the columns into the zones. */
void AwbAccumulator::fold()
{
	addWaiting();

	if (zoneRow_ >= 0)
		addColumns(&zones_[zoneRow_ * FOVEA_ISP_AWB_ZONES_X]);

	std::fill(sumR_.begin(), sumR_.end(), 0);
	std::fill(sumG_.begin(), sumG_.end(), 0);
	std::fill(sumB_.begin(), sumB_.end(), 0);
	std::fill(saturatedCount_.begin(), saturatedCount_.end(), 0);
	std::fill(darkCount_.begin(), darkCount_.end(), 0);
	rowsInZone_ = 0;
}

/* Add the sums of the columns to a row of zones. */
void AwbAccumulator::addColumns(fovea_isp_awb_zone *zones)
{
	AwbSums sums[FOVEA_ISP_AWB_ZONES_X];
	HWY_DYNAMIC_DISPATCH(awbFoldKernel)(columns(), zoneColumns_.data(), sums);

	for (unsigned int i = 0; i < FOVEA_ISP_AWB_ZONES_X; ++i) {
		zones[i].r += sums[i].r;
		zones[i].g += sums[i].g;
		zones[i].b += sums[i].b;
		zones[i].saturated += sums[i].saturated;
		zones[i].dark += sums[i].dark;
		zones[i].count += (zoneColumns_[i + 1] - zoneColumns_[i]) * rowsInZone_ - sums[i].saturated - sums[i].dark;
	}
}

/* Complete the last row of zones. */
void AwbAccumulator::finish()
{
	fold();
	zoneRow_ = -1;
}

/* Add the sums of this band to those of the frame. */
void AwbAccumulator::addTo(fovea_isp_stats_buffer *stats) const
{
	stats->flags |= FOVEA_ISP_STATS_FL_AWB;
	stats->awb_geometry = { FOVEA_ISP_AWB_ZONES_X, FOVEA_ISP_AWB_ZONES_Y,
				static_cast<uint16_t>(quadsX_), static_cast<uint16_t>(quadsY_) };

	for (unsigned int i = 0; i < FOVEA_ISP_AWB_ZONES; ++i) {
		fovea_isp_awb_zone &sums = stats->awb_zones[i];
		sums.r += zones_[i].r;
		sums.g += zones_[i].g;
		sums.b += zones_[i].b;
		sums.count += zones_[i].count;
		sums.saturated += zones_[i].saturated;
		sums.dark += zones_[i].dark;
	}
}

} /* namespace fovea::isp */
#endif
