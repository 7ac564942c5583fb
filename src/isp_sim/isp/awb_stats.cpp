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

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(awbAccumulateRowKernel);
HWY_EXPORT(awbAccumulatePairKernel);

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

	for (unsigned int zone = 0; zone < FOVEA_ISP_AWB_ZONES_X && zoneRow_ >= 0; ++zone) {
		fovea_isp_awb_zone &sums = zones_[zoneRow_ * FOVEA_ISP_AWB_ZONES_X + zone];
		const unsigned int start = zoneColumn(zone, FOVEA_ISP_AWB_ZONES_X, quadsX_);
		const unsigned int end = zoneColumn(zone + 1, FOVEA_ISP_AWB_ZONES_X, quadsX_);

		/* The last zone may end in the middle of a pair; the rest is zero. */
		sums.r += sumOfColumns(sumR_, start / 2, (end + 1) / 2);
		sums.g += sumOfColumns(sumG_, start / 2, (end + 1) / 2);
		sums.b += sumOfColumns(sumB_, start / 2, (end + 1) / 2);

		const uint32_t saturated = sumOfColumns(saturatedCount_, start, end);
		const uint32_t dark = sumOfColumns(darkCount_, start, end);
		sums.saturated += saturated;
		sums.dark += dark;
		sums.count += (end - start) * rowsInZone_ - saturated - dark;
	}

	std::fill(sumR_.begin(), sumR_.end(), 0);
	std::fill(sumG_.begin(), sumG_.end(), 0);
	std::fill(sumB_.begin(), sumB_.end(), 0);
	std::fill(saturatedCount_.begin(), saturatedCount_.end(), 0);
	std::fill(darkCount_.begin(), darkCount_.end(), 0);
	rowsInZone_ = 0;
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
