/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Histograms of zones
 */

#pragma once

#include <array>
#include <stddef.h>
#include <stdint.h>
#include <vector>

#include "zone_stats.h"

namespace fovea::isp {

void toneStatsReference(const fovea_isp_tone_stats_config &params, BayerOrder order,
			const Plane &mosaic, fovea_isp_stats_buffer *stats);

void toneBins(const QuadRows &rows, bool brightest, size_t n, uint16_t *bins);

/* The histograms of a band of rows of quads, see AeAccumulator. */
class ToneAccumulator
{
public:
	ToneAccumulator(unsigned int quadsX, unsigned int quadsY);

	void start(const fovea_isp_tone_stats_config &params);
	void addRow(unsigned int quadRow, const QuadRows &rows);

	void addTo(fovea_isp_stats_buffer *stats) const;

private:
	unsigned int quadsX_;
	unsigned int quadsY_;
	bool brightest_ = false;
	std::vector<uint16_t> bins_;
	/* Four histograms take turns, so that equal neighbours do not wait. */
	std::array<std::array<fovea_isp_tone_zone, FOVEA_ISP_TONE_ZONES>, 4> zones_ = {};
};

} /* namespace fovea::isp */
