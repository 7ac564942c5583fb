/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Exposure statistics
 */

#include "ae_stats.h"

#include "demosaic.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/ae_stats.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "stats_quads-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

static void aeAccumulateRowKernel(const QuadRows &rows, size_t n, const AeColumns &columns)
{
	const U16 d;

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		const StatsQuads quads(rows, i, n);
		addPairs(quads.r, columns.r + i / 2);
		addPairs(quads.g, columns.g + i / 2);
		addPairs(quads.b, columns.b + i / 2);
		hn::StoreU(aeBin(quads.sum()), d, columns.bins + i);
	}
}

/* Sums of two samples fit signed lanes. Of the bins, those of every second quad count. */
static void aeAccumulatePairKernel(const QuadRows &evenRow, const QuadRows &oddRow, size_t n,
				   const AeColumns &aeColumns)
{
	const U16 d;
	const QuadRows even = evenRow;
	const QuadRows odd = oddRow;
	const AeColumns columns = aeColumns;

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		const StatsQuads p(even, i, n);
		const StatsQuads q(odd, i, n);
		addPairs(hn::Add(p.r, q.r), columns.r + i / 2);
		addPairs(hn::Add(p.g, q.g), columns.g + i / 2);
		addPairs(hn::Add(p.b, q.b), columns.b + i / 2);
		hn::StoreU(aeBin(hn::OddEven(q.sum(), p.sum())), d, columns.bins + i);
	}
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(aeAccumulateRowKernel);
HWY_EXPORT(aeAccumulatePairKernel);

/**
 * Sums and histogram of a whole frame
 * @params: weights of the zones
 * @order: colours of the mosaic
 * @mosaic: samples behind the black level, 0 to 16383
 * @stats: receives the exposure part, its geometry and its flag
 *
 * In each of 16x16 zones the sums of R, (Gr + Gb + 1) >> 1 and B, UQ0.14, over all
 * quads, and their number; for every second quad, like the black fields of a chess
 * board, weight (0 to 15) to bin ((R + Gr + Gb + B + 2) >> 2) >> 4 of 1024. Metering by
 * weighted zones: R. Kremens, N. Sampat, S. Venkataraman and T. Yeh, "System implications
 * of implementing auto-exposure on consumer digital cameras", SPIE, 1999. Sums of 32
 * bits hold the largest zone: 2^18 quads. Definition: struct fovea_isp_ae_zone and struct
 * fovea_isp_stats_buffer. The part is zero and has no flag where the block is disabled.
 */
void aeStatsReference(const fovea_isp_ae_stats_config &params, BayerOrder order,
		      const Plane &mosaic, fovea_isp_stats_buffer *stats)
{
	if (blockDisabled(params.header))
		return;

	const unsigned int quadsX = mosaic.width / 2;
	const unsigned int quadsY = mosaic.height / 2;

	stats->flags |= FOVEA_ISP_STATS_FL_AE;
	stats->ae_geometry = { FOVEA_ISP_AE_ZONES_X, FOVEA_ISP_AE_ZONES_Y,
			       static_cast<uint16_t>(quadsX), static_cast<uint16_t>(quadsY) };

	for (unsigned int y = 0; y < quadsY; ++y) {
		for (unsigned int x = 0; x < quadsX; ++x) {
			const auto v = quadAt(mosaic, order, x, y);
			const unsigned int zone = zoneOf(y, FOVEA_ISP_AE_ZONES_Y, quadsY) * FOVEA_ISP_AE_ZONES_X +
						  zoneOfColumn(x, FOVEA_ISP_AE_ZONES_X, quadsX);
			fovea_isp_ae_zone &sums = stats->ae_zones[zone];
			sums.r += v[SiteR];
			sums.g += (v[SiteGr] + v[SiteGb] + 1) >> 1;
			sums.b += v[SiteB];
			sums.count++;

			const unsigned int mean = (v[0] + v[1] + v[2] + v[3] + 2) >> 2;
			if (((x + y) & 1) == 0)
				stats->ae_histogram[mean >> 4] += params.weights[zone];
		}
	}
}

/* The kernel adds whole vectors, of the widest instruction set: up to kRowMargin samples. */
AeAccumulator::AeAccumulator(unsigned int quadsX, unsigned int quadsY)
	: quadsX_(quadsX), quadsY_(quadsY), sumR_(quadsX / 2 + kRowMargin),
	  sumG_(quadsX / 2 + kRowMargin), sumB_(quadsX / 2 + kRowMargin),
	  bins_(quadsX + kRowMargin)
{
	for (unsigned int zone = 0; zone <= FOVEA_ISP_AE_ZONES_X; ++zone)
		zoneColumns_[zone] = zoneColumn(zone, FOVEA_ISP_AE_ZONES_X, quadsX);
}

/* Forget the last frame and take the weights of the next. */
void AeAccumulator::start(const fovea_isp_ae_stats_config &params)
{
	std::copy_n(params.weights, weights_.size(), weights_.begin());
	histogram_ = {};
	zones_ = {};
	zoneRow_ = -1;
	waiting_.reset();
}

/**
 * Add a row of quads
 * @quadRow: its number; rows come one after the other
 * @rows: its samples, readable up to a whole vector. They stay as they are until two
 *	more rows have been added, of which beginPair() may be the first, or the last one
 *	finished
 *
 * Rows are added in pairs where both belong to the same zones.
 */
void AeAccumulator::addRow(unsigned int quadRow, const QuadRows &rows)
{
	moveTo(quadRow);
	rowsInZone_++;

	if (!waiting_) {
		waiting_ = rows;
		waitingRow_ = quadRow;
		return;
	}

	const QuadRows &even = quadRow & 1 ? *waiting_ : rows;
	const QuadRows &odd = quadRow & 1 ? rows : *waiting_;
	HWY_DYNAMIC_DISPATCH(aeAccumulatePairKernel)(even, odd, quadsX_, columns());
	countPair();
	waiting_.reset();
}

/* Begin to add two rows of quads of the same zones from outside: what is then to be filled. */
AeColumns AeAccumulator::beginPair(unsigned int quadRow)
{
	moveTo(quadRow);
	addWaiting();
	rowsInZone_ += 2;
	return columns();
}

/* Count the bins of a pair of rows. */
void AeAccumulator::countPair()
{
	count(0, 1);
}

void AeAccumulator::moveTo(unsigned int quadRow)
{
	const int zoneRow = zoneOf(quadRow, FOVEA_ISP_AE_ZONES_Y, quadsY_);
	if (zoneRow == zoneRow_)
		return;
	fold();
	zoneRow_ = zoneRow;
}

/* Add the row that waits for another one. */
void AeAccumulator::addWaiting()
{
	if (!waiting_)
		return;

	HWY_DYNAMIC_DISPATCH(aeAccumulateRowKernel)(*waiting_, quadsX_, columns());
	count(waitingRow_ & 1, 2);
	waiting_.reset();
}

AeColumns AeAccumulator::columns()
{
	return { sumR_.data(), sumG_.data(), sumB_.data(), bins_.data() };
}

/*
 * Count every bin, or every second from @first on, with the weights of their zones.
 * Neighbours of the same weight are counted in one go.
 */
void AeAccumulator::count(size_t first, size_t step)
{
	const uint8_t *weights = weights_.data() + zoneRow_ * FOVEA_ISP_AE_ZONES_X;
	for (unsigned int start = 0, zone = 1; zone <= FOVEA_ISP_AE_ZONES_X; ++zone) {
		if (zone < FOVEA_ISP_AE_ZONES_X && weights[zone] == weights[start])
			continue;
		/* Zones begin at even columns. */
		count(zoneColumns_[start] + first, zoneColumns_[zone], step, weights[start]);
		start = zone;
	}
}

/*
 * Add @weight to the bins of every @step quad from @first to before @last, in plain
 * arrays as this is a hot loop.
 */
void AeAccumulator::count(size_t first, size_t last, size_t step, uint32_t weight)
{
	const uint16_t *bins = bins_.data();
	uint32_t *const histograms[] = { histogram_[0].data(), histogram_[1].data() };
	size_t i = first;

	for (; i + 3 * step < last; i += 4 * step) {
		histograms[0][bins[i]] += weight;
		histograms[1][bins[i + step]] += weight;
		histograms[0][bins[i + 2 * step]] += weight;
		histograms[1][bins[i + 3 * step]] += weight;
	}
	for (; i + step < last; i += step)
		histograms[0][bins[i]] += weight;
	if (i < last)
		histograms[0][bins[i]] += weight;
}

/* Fold the sums of the columns into the zones. */
void AeAccumulator::fold()
{
	addWaiting();

	for (unsigned int zone = 0; zone < FOVEA_ISP_AE_ZONES_X && zoneRow_ >= 0; ++zone) {
		fovea_isp_ae_zone &sums = zones_[zoneRow_ * FOVEA_ISP_AE_ZONES_X + zone];
		const unsigned int start = zoneColumns_[zone];
		const unsigned int end = zoneColumns_[zone + 1];

		/* The last zone may end in the middle of a pair; the rest is zero. */
		sums.r += sumOfColumns(sumR_, start / 2, (end + 1) / 2);
		sums.g += sumOfColumns(sumG_, start / 2, (end + 1) / 2);
		sums.b += sumOfColumns(sumB_, start / 2, (end + 1) / 2);
		sums.count += (end - start) * rowsInZone_;
	}

	std::fill(sumR_.begin(), sumR_.end(), 0);
	std::fill(sumG_.begin(), sumG_.end(), 0);
	std::fill(sumB_.begin(), sumB_.end(), 0);
	rowsInZone_ = 0;
}

/* Complete the last row of zones. */
void AeAccumulator::finish()
{
	fold();
	zoneRow_ = -1;
}

/* Add the sums of this band to those of the frame. */
void AeAccumulator::addTo(fovea_isp_stats_buffer *stats) const
{
	stats->flags |= FOVEA_ISP_STATS_FL_AE;
	stats->ae_geometry = { FOVEA_ISP_AE_ZONES_X, FOVEA_ISP_AE_ZONES_Y,
			       static_cast<uint16_t>(quadsX_), static_cast<uint16_t>(quadsY_) };

	for (unsigned int i = 0; i < FOVEA_ISP_AE_HIST_BINS; ++i)
		stats->ae_histogram[i] += histogram_[0][i] + histogram_[1][i];

	for (unsigned int i = 0; i < FOVEA_ISP_AE_ZONES; ++i) {
		stats->ae_zones[i].r += zones_[i].r;
		stats->ae_zones[i].g += zones_[i].g;
		stats->ae_zones[i].b += zones_[i].b;
		stats->ae_zones[i].count += zones_[i].count;
	}
}

} /* namespace fovea::isp */
#endif
