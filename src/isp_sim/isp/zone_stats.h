/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Zones of the statistics
 */

#pragma once

#include <array>
#include <numeric>
#include <vector>

#include <linux/fovea-isp.h>

#include "plane.h"

namespace fovea::isp {

/* First quad of zone @zone of @zones, see struct fovea_isp_zone_geometry. */
constexpr unsigned int zoneStart(unsigned int zone, unsigned int zones, unsigned int quads)
{
	return zone * quads / zones;
}

/* The samples of the quad at column x, row y of quads, by their site. */
inline std::array<unsigned int, 4> quadAt(const Plane &mosaic, BayerOrder order,
					  unsigned int x, unsigned int y)
{
	std::array<unsigned int, 4> samples;

	for (unsigned int i = 0; i < 4; ++i) {
		const unsigned int column = i & 1;
		const unsigned int row = i >> 1;
		samples[bayerSite(order, column, row)] = mosaic.row(2 * y + row)[2 * x + column];
	}

	return samples;
}

/* The zone that holds @quad. */
constexpr unsigned int zoneOf(unsigned int quad, unsigned int zones, unsigned int quads)
{
	/* The largest zone with zone * quads / zones <= quad. */
	return ((quad + 1) * zones - 1) / quads;
}

/*
 * First column of zone @zone: even, so that kernels may add up pairs. The same
 * for struct fovea_isp_zone_geometry.
 */
constexpr unsigned int zoneColumn(unsigned int zone, unsigned int zones, unsigned int quads)
{
	const unsigned int start = zoneStart(zone, zones, quads);
	return zone < zones ? start & ~1U : start;
}

/* The zone that holds column @quad: the last that begins there or before. */
constexpr unsigned int zoneOfColumn(unsigned int quad, unsigned int zones, unsigned int quads)
{
	/* start & ~1 <= quad is start <= quad | 1. */
	return std::min(zoneOf(quad | 1, zones, quads), zones - 1);
}

/* What kernels have added up in columns @first to before @last. */
template<typename T>
uint32_t sumOfColumns(const std::vector<T> &columns, unsigned int first, unsigned int last)
{
	return std::accumulate(columns.begin() + first, columns.begin() + last, uint32_t{ 0 });
}

/* The four rows of half width of a row of quads, by colour. */
struct QuadRows {
	const uint16_t *r;
	const uint16_t *gr;
	const uint16_t *gb;
	const uint16_t *b;
};

} /* namespace fovea::isp */
