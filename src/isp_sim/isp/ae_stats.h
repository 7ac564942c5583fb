/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Exposure statistics
 */

#pragma once

#include <stddef.h>
#include <stdint.h>
#include <vector>

#include "zone_stats.h"

namespace fovea::isp {

void aeStatsReference(const fovea_isp_ae_stats_config &params, BayerOrder order,
		      const Plane &mosaic, fovea_isp_stats_buffer *stats);

void aeAccumulateRow(const QuadRows &rows, size_t n, uint32_t *sumR, uint32_t *sumG,
		     uint32_t *sumB, uint16_t *bins);

/*
 * The exposure statistics of a band of rows of quads. Sums are held by pairs of
 * columns and folded into the zones at the end of each row of zones.
 */
class AeAccumulator
{
public:
	AeAccumulator(unsigned int quadsX, unsigned int quadsY);

	void start(const fovea_isp_ae_stats_config &params);
	void addRow(unsigned int quadRow, const QuadRows &rows);
	void finish();

	void addTo(fovea_isp_stats_buffer *stats) const;

private:
	void count(size_t first, size_t last, uint32_t weight);
	void fold();

	unsigned int quadsX_;
	unsigned int quadsY_;
	int zoneRow_ = -1;
	unsigned int rowsInZone_ = 0;
	std::array<uint8_t, FOVEA_ISP_AE_ZONES> weights_ = {};
	/* First columns of the zones, and the end of the last. */
	std::array<unsigned int, FOVEA_ISP_AE_ZONES_X + 1> zoneColumns_ = {};
	std::vector<uint32_t> sumR_, sumG_, sumB_;
	std::vector<uint16_t> bins_;
	/* Two histograms take turns, so that equal neighbours do not wait. */
	std::array<std::array<uint32_t, FOVEA_ISP_AE_HIST_BINS>, 2> histogram_ = {};
	std::array<fovea_isp_ae_zone, FOVEA_ISP_AE_ZONES> zones_ = {};
};

} /* namespace fovea::isp */
