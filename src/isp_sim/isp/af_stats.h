/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Focus statistics
 */

#pragma once

#include <stddef.h>
#include <stdint.h>
#include <vector>

#include "line_buffer.h"
#include "zone_stats.h"

namespace fovea::isp {

void afStatsReference(const fovea_isp_af_stats_config &params, BayerOrder order,
		      const Plane &mosaic, fovea_isp_stats_buffer *stats);

/* (r + gr + gb + b) >> 4 of the quads of two rows. */
struct AfLuma {
	uint16_t *first;
	uint16_t *second;
};

/* The focus statistics of a band of rows of quads, see AeAccumulator. */
class AfAccumulator
{
public:
	AfAccumulator(unsigned int quadsX, unsigned int quadsY);

	void start(const fovea_isp_af_stats_config &params);
	void addRow(unsigned int quadRow, const QuadRows &rows);
	void finish();

	AfLuma beginPair(unsigned int quadRow);
	void addPair(const AfLuma &luma);

	void addTo(fovea_isp_stats_buffer *stats) const;

private:
	void moveTo(unsigned int quadRow);
	void addLuma(uint16_t *luma);
	void addWaiting();
	void accumulate(const uint16_t *luma);
	void fold();

	unsigned int quadsX_;
	unsigned int quadsY_;
	int zoneRow_ = -1;
	std::array<uint16_t, FOVEA_ISP_AF_FILTERS> thresholds_ = {};
	LineBuffer<uint16_t> luma_;
	/* A row that is added with the next one. */
	const uint16_t *waiting_ = nullptr;
	std::vector<uint32_t> sums_[FOVEA_ISP_AF_FILTERS];
	std::array<fovea_isp_af_zone, FOVEA_ISP_AF_ZONES> zones_ = {};
};

} /* namespace fovea::isp */
