/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Row sums
 */

#pragma once

#include <array>
#include <stdint.h>

#include "zone_stats.h"

namespace fovea::isp {

void rowStatsReference(const fovea_isp_row_stats_config &params, BayerOrder order,
		       const Plane &mosaic, fovea_isp_stats_buffer *stats);

fovea_isp_row_sum sumRow(const QuadRows &rows, uint16_t saturation, size_t n);

/* The row sums of a band of rows of quads, see AeAccumulator. */
class RowAccumulator
{
public:
	RowAccumulator(unsigned int quadsX, unsigned int quadsY);

	void start(const fovea_isp_row_stats_config &params);
	void addRow(unsigned int quadRow, const QuadRows &rows);

	void addTo(fovea_isp_stats_buffer *stats) const;

private:
	const fovea_isp_row_geometry geometry_;
	uint16_t saturation_ = 0;
	std::array<fovea_isp_row_sum, FOVEA_ISP_ROW_SUMS> sums_ = {};
};

} /* namespace fovea::isp */
