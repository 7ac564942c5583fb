/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Exposure statistics
 */

#pragma once

#include <optional>
#include <stddef.h>
#include <stdint.h>
#include <vector>

#include "zone_stats.h"

namespace fovea::isp {

void aeStatsReference(const fovea_isp_ae_stats_config &params, BayerOrder order,
		      const Plane &mosaic, fovea_isp_stats_buffer *stats);

/* Sums of each pair of columns of quads, and the histogram bin of each column. */
struct AeColumns {
	uint32_t *r;
	uint32_t *g;
	uint32_t *b;
	uint16_t *bins;
};

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

	AeColumns beginPair(unsigned int quadRow);
	void countPair();

	void addTo(fovea_isp_stats_buffer *stats) const;

private:
	AeColumns columns();
	void moveTo(unsigned int quadRow);
	void count(size_t first, size_t step);
	void count(size_t first, size_t last, size_t step, uint32_t weight);
	void addWaiting();
	void fold();

	unsigned int quadsX_;
	unsigned int quadsY_;
	int zoneRow_ = -1;
	unsigned int rowsInZone_ = 0;
	/* A row that is added with the next one. */
	std::optional<QuadRows> waiting_;
	unsigned int waitingRow_ = 0;
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
