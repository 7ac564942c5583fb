/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Lens shading and gains
 */

#include "lsc.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/lsc.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/*
 * A row of nodes. Each cell may write a vector too much: the next cell is later. Cells are
 * narrow, and so are the vectors.
 */
static void gainNodesKernel(const uint16_t *nodes, const GainColumns &columns, uint16_t *out)
{
	const hn::CappedTag<int16_t, 16> d;

	for (unsigned int cell = 0; cell < columns.cells; ++cell) {
		const auto start = hn::Set(d, static_cast<int16_t>(nodes[cell]));
		const auto step = hn::Set(d, static_cast<int16_t>(nodes[cell + 1] - nodes[cell]));
		for (size_t i = columns.starts[cell]; i < columns.starts[cell + 1]; i += hn::Lanes(d))
			hn::StoreU(hn::Add(start, hn::MulFixedPoint15(step, hn::LoadU(d, columns.fractions + i))), d,
				   reinterpret_cast<int16_t *>(out) + i);
	}
}

static void gainStepsKernel(const uint16_t *upper, const uint16_t *lower, size_t n, int16_t *steps)
{
	const D16 d;

	for (size_t i = 0; i < n; i += hn::Lanes(d))
		hn::StoreU(hn::Sub(loadSigned(lower + i), loadSigned(upper + i)), d, steps + i);
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "mesh.h"
#include "wb_gains.h"
#include "zone_stats.h"

namespace fovea::isp {

HWY_EXPORT(gainNodesKernel);
HWY_EXPORT(gainStepsKernel);

namespace {

constexpr unsigned int kCells = FOVEA_ISP_LSC_NODES_X - 1;
static_assert(FOVEA_ISP_LSC_NODES_Y == FOVEA_ISP_LSC_NODES_X);

/* The largest combined gain, UQ5.11. */
constexpr uint32_t kGainMax = 32767;

const uint16_t *nodesOf(const fovea_isp_lsc &lsc, BayerSite site)
{
	switch (site) {
	case SiteR:
		return lsc.r;
	case SiteGr:
		return lsc.gr;
	case SiteGb:
		return lsc.gb;
	case SiteB:
		break;
	}

	return lsc.b;
}

} /* namespace */

/* The product of lens shading and gains at all nodes. */
GainMesh::GainMesh(const fovea_isp_lsc &lsc, const fovea_isp_wb_gains &gains)
	: uniform_(blockDisabled(lsc.header))
{
	constexpr uint32_t kUnity = 4096;

	for (const BayerSite site : { SiteR, SiteGr, SiteGb, SiteB }) {
		const uint32_t gain = wbGainOf(gains, site);
		const uint16_t *nodes = nodesOf(lsc, site);
		for (unsigned int i = 0; i < FOVEA_ISP_LSC_NODES; ++i) {
			/* (product + 4096) >> 13, which does not fit 32 bits. */
			const uint32_t product = (uniform_ ? kUnity : nodes[i]) * gain;
			nodes_[site][i] = static_cast<uint16_t>(std::min(kGainMax, ((product >> 12) + 1) >> 1));
		}
		largest_ = std::max(largest_, *std::max_element(nodes_[site].begin(), nodes_[site].end()));
	}
}

/**
 * Multiply all samples by the gain of their place and colour
 * @mesh: the gains
 * @order: colours of the mosaic
 * @mosaic: the linear range, 0 to 16383
 *
 * out = min(16383, (in * w) >> 11), w the UQ5.11 gain that is interpolated
 * bilinearly between four nodes, each min(32767, (node * gain + 4096) >> 13) of two
 * UQ4.12. A mesh for each colour is the GainMap of the DNG specification (version
 * 1.3.0.0, 2009, opcodes), and a gain for each colour the coefficient law of J. von
 * Kries, "Chromatic adaptation", 1902. White is limited to the same value for all
 * colours: what is clipped in the sensor is neutral where no gain is below 16383 / (16383 -
 * black level). Definition: struct fovea_isp_lsc and struct fovea_isp_wb_gains.
 */
void gainsReference(const GainMesh &mesh, BayerOrder order, Plane *mosaic)
{
	const unsigned int quadsX = mosaic->width / 2;
	const unsigned int quadsY = mosaic->height / 2;

	for (unsigned int y = 0; y < mosaic->height; ++y) {
		const unsigned int cellY = zoneOf(y / 2, kCells, quadsY);
		const int fractionY = fractionOf(y / 2, kCells, quadsY);
		uint16_t *row = mosaic->row(y);
		for (unsigned int x = 0; x < mosaic->width; ++x) {
			const BayerSite site = bayerSite(order, x, y);
			const unsigned int cellX = zoneOf(x / 2, kCells, quadsX);
			const int fractionX = fractionOf(x / 2, kCells, quadsX);
			const uint16_t *upper = mesh.row(site, cellY) + cellX;
			const uint16_t *lower = mesh.row(site, cellY + 1) + cellX;
			const int gain = between(between(upper[0], upper[1], fractionX),
						 between(lower[0], lower[1], fractionX), fractionY);
			row[x] = static_cast<uint16_t>(std::min(kLinearMax, (row[x] * gain) >> 11));
		}
	}
}

GainRows::GainRows(unsigned int quadsX, unsigned int quadsY)
	: quadsX_(quadsX), nodes_(4, 2, quadsX), steps_(4, 1, quadsX), fractions_(quadsX + kRowMargin)
{
	for (unsigned int x = 0; x < quadsX; ++x)
		fractions_[x] = static_cast<int16_t>(fractionOf(x, kCells, quadsX));
	for (unsigned int y = 0; y < quadsY; ++y)
		places_.push_back({ static_cast<uint16_t>(zoneOf(y, kCells, quadsY)),
				    static_cast<int16_t>(fractionOf(y, kCells, quadsY)) });
	for (unsigned int cell = 0; cell <= kCells; ++cell)
		cellStarts_[cell] = zoneStart(cell, kCells, quadsX);
}

/* Forget the mesh of the last frame. */
void GainRows::start()
{
	cell_ = -1;
}

/* Make the gains for a row of quads ready. */
void GainRows::moveTo(const GainMesh &mesh, unsigned int quadRow)
{
	const Place place = places_[quadRow];

	fraction_ = place.fraction;
	if (place.cell != cell_ && (!mesh.uniform() || cell_ < 0))
		makeCell(mesh, place.cell);
}

/* Interpolate the nodes around a row of cells. */
void GainRows::makeCell(const GainMesh &mesh, int cell)
{
	/* Going down, the lower nodes of the last cell are the upper ones of this. */
	const bool keepUpper = cell_ >= 0 && cell == cell_ + 1;
	cell_ = cell;

	for (const BayerSite site : { SiteR, SiteGr, SiteGb, SiteB }) {
		uint16_t *upper = nodes_[site][cell];
		uint16_t *lower = nodes_[site][cell + 1];
		if (!keepUpper)
			interpolate(mesh.row(site, cell), upper);
		interpolate(mesh.row(site, cell + 1), lower);

		HWY_DYNAMIC_DISPATCH(gainStepsKernel)(upper, lower, quadsX_, steps_[site][0]);
	}
}

/* Interpolate a row of nodes along the row of quads. */
void GainRows::interpolate(const uint16_t *nodes, uint16_t *out) const
{
	HWY_DYNAMIC_DISPATCH(gainNodesKernel)(nodes, { cellStarts_.data(), kCells, fractions_.data() }, out);
}

} /* namespace fovea::isp */
#endif
