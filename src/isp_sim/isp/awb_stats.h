/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * White-balance statistics
 */

#pragma once

#include <optional>
#include <stddef.h>
#include <stdint.h>
#include <vector>

#include "zone_stats.h"

namespace fovea::isp {

void awbStatsReference(const fovea_isp_awb_stats_config &params, BayerOrder order,
		       const Plane &mosaic, fovea_isp_stats_buffer *stats);

/* Sums of each pair of columns of quads, and counts of each column. */
struct AwbColumns {
	uint32_t *r;
	uint32_t *g;
	uint32_t *b;
	uint16_t *saturated;
	uint16_t *dark;
};

/* What a zone gets of its columns. */
struct AwbSums {
	uint32_t r;
	uint32_t g;
	uint32_t b;
	uint32_t saturated;
	uint32_t dark;
};

/* From where on a quad is saturated, and below what it is dark. */
struct AwbLevels {
	uint16_t saturation;
	uint16_t dark;
};

/* The white-balance statistics of a band of rows of quads, see AeAccumulator. */
class AwbAccumulator
{
public:
	AwbAccumulator(unsigned int quadsX, unsigned int quadsY);

	void start(const fovea_isp_awb_stats_config &params);
	void addRow(unsigned int quadRow, const QuadRows &rows);
	void finish();

	const AwbLevels &levels() const { return levels_; }
	AwbColumns beginPair(unsigned int quadRow);

	void addTo(fovea_isp_stats_buffer *stats) const;

private:
	AwbColumns columns();
	void moveTo(unsigned int quadRow);
	void addWaiting();
	void addColumns(fovea_isp_awb_zone *zones);
	void fold();

	unsigned int quadsX_;
	unsigned int quadsY_;
	int zoneRow_ = -1;
	unsigned int rowsInZone_ = 0;
	/* A row that is added with the next one. */
	std::optional<QuadRows> waiting_;
	AwbLevels levels_ = {};
	/* First columns of the zones, and the end of the last. */
	std::array<unsigned int, FOVEA_ISP_AWB_ZONES_X + 1> zoneColumns_ = {};
	std::vector<uint32_t> sumR_, sumG_, sumB_;
	std::vector<uint16_t> saturatedCount_, darkCount_;
	std::array<fovea_isp_awb_zone, FOVEA_ISP_AWB_ZONES> zones_ = {};
};

} /* namespace fovea::isp */
