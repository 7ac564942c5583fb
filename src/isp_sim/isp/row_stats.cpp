/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Row sums
 */

#include "row_stats.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/row_stats.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

static void sumRowKernel(const QuadRows &rows, uint16_t saturation, size_t n, uint32_t *sum, uint32_t *count)
{
	const U16 d;
	const D16 ds;
	const V16 ones = hn::Set(ds, 1);
	const V16 limit = hn::Set(ds, static_cast<int16_t>(saturation));
	V32 sums = hn::Zero(D32());
	V32 counts = hn::Zero(D32());

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		const VU16 red = hn::Add(hn::LoadU(d, rows.r + i), hn::LoadU(d, rows.gr + i));
		const VU16 blue = hn::Add(hn::LoadU(d, rows.b + i), hn::LoadU(d, rows.gb + i));
		const VU16 total = hn::Add(hn::Add(red, blue), hn::Set(d, 2));
		const V16 mean = hn::BitCast(ds, hn::ShiftRight<2>(total));

		V16 counted = hn::VecFromMask(ds, hn::Lt(mean, limit));
		if (n - i < hn::Lanes(d))
			counted = hn::IfThenElseZero(hn::FirstN(ds, n - i), counted);
		sums = hn::Add(sums, multiplyPairs(hn::And(mean, counted), ones));
		counts = hn::Sub(counts, multiplyPairs(counted, ones));
	}

	*sum = static_cast<uint32_t>(hn::GetLane(hn::SumOfLanes(D32(), sums)));
	*count = static_cast<uint32_t>(hn::GetLane(hn::SumOfLanes(D32(), counts)));
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(sumRowKernel);

namespace {

/* See struct fovea_isp_row_geometry. */
fovea_isp_row_geometry rowGeometry(unsigned int quadsX, unsigned int quadsY)
{
	unsigned int quadRows = 1;
	while ((quadsY + quadRows - 1) / quadRows > FOVEA_ISP_ROW_SUMS)
		quadRows *= 2;

	return { static_cast<uint16_t>((quadsY + quadRows - 1) / quadRows), static_cast<uint16_t>(quadRows),
		 static_cast<uint16_t>(quadsX), static_cast<uint16_t>(quadsY) };
}

} /* namespace */

/**
 * Row sums of a whole frame
 * @params: level at which a quad is left out
 * @order: colours of the mosaic
 * @mosaic: samples behind the black level, 0 to 16383
 * @stats: receives the row part, its geometry and its flag
 *
 * Sum and number of the means v = (R + Gr + Gb + B + 2) >> 2, UQ0.14, of an entry's
 * quads with v < saturation. Bands of flicker show in sums of rows: D. Poplin, M.
 * Zelman, A. Clark and T. Sachs, "Automatic flicker frequency detection device and
 * method", US patent 7,187,405, expired. Definition: struct fovea_isp_row_sum. The part
 * is zero and has no flag where the block is disabled.
 */
void rowStatsReference(const fovea_isp_row_stats_config &params, BayerOrder order,
		       const Plane &mosaic, fovea_isp_stats_buffer *stats)
{
	if (blockDisabled(params.header))
		return;

	const unsigned int quadsX = mosaic.width / 2;
	const unsigned int quadsY = mosaic.height / 2;

	stats->flags |= FOVEA_ISP_STATS_FL_ROWS;
	stats->row_geometry = rowGeometry(quadsX, quadsY);

	for (unsigned int y = 0; y < quadsY; ++y) {
		fovea_isp_row_sum &sum = stats->row_sums[y / stats->row_geometry.quad_rows];
		for (unsigned int x = 0; x < quadsX; ++x) {
			const auto v = quadAt(mosaic, order, x, y);
			const unsigned int mean = (v[0] + v[1] + v[2] + v[3] + 2) >> 2;
			if (mean >= params.saturation)
				continue;
			sum.sum += mean;
			sum.count++;
		}
	}
}

/**
 * Sum up a row of @n quads
 * @rows: samples behind the black level, up to a whole vector
 * @saturation: quads with this mean or more are left out
 */
fovea_isp_row_sum sumRow(const QuadRows &rows, uint16_t saturation, size_t n)
{
	fovea_isp_row_sum result;
	HWY_DYNAMIC_DISPATCH(sumRowKernel)(rows, saturation, n, &result.sum, &result.count);
	return result;
}

RowAccumulator::RowAccumulator(unsigned int quadsX, unsigned int quadsY)
	: geometry_(rowGeometry(quadsX, quadsY))
{
}

/* Forget the last frame and take the level of the next. */
void RowAccumulator::start(const fovea_isp_row_stats_config &params)
{
	saturation_ = params.saturation;
	sums_ = {};
}

void RowAccumulator::addRow(unsigned int quadRow, const QuadRows &rows)
{
	const fovea_isp_row_sum row = sumRow(rows, saturation_, geometry_.quads_x);
	fovea_isp_row_sum &sum = sums_[quadRow / geometry_.quad_rows];
	sum.sum += row.sum;
	sum.count += row.count;
}

/* Add the sums of this band to those of the frame. */
void RowAccumulator::addTo(fovea_isp_stats_buffer *stats) const
{
	stats->flags |= FOVEA_ISP_STATS_FL_ROWS;
	stats->row_geometry = geometry_;
	for (unsigned int i = 0; i < geometry_.entries; ++i) {
		stats->row_sums[i].sum += sums_[i].sum;
		stats->row_sums[i].count += sums_[i].count;
	}
}

} /* namespace fovea::isp */
#endif
