/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Zones of the statistics
 */

#pragma once

#include <linux/fovea-isp.h>

#include "plane.h"

namespace fovea::isp {

/* First quad of zone @zone of @zones, see struct fovea_isp_zone_geometry. */
constexpr unsigned int zoneStart(unsigned int zone, unsigned int zones, unsigned int quads)
{
	return zone * quads / zones;
}

/* The zone that holds @quad. */
constexpr unsigned int zoneOf(unsigned int quad, unsigned int zones, unsigned int quads)
{
	/* The largest zone with zone * quads / zones <= quad. */
	return ((quad + 1) * zones - 1) / quads;
}

/* The four rows of half width of a row of quads, by colour. */
struct QuadRows {
	const uint16_t *r;
	const uint16_t *gr;
	const uint16_t *gb;
	const uint16_t *b;
};

} /* namespace fovea::isp */
