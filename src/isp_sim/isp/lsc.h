/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Lens shading and gains
 */

#pragma once

#include <array>
#include <stddef.h>
#include <stdint.h>
#include <vector>

#include "line_buffer.h"
#include "plane.h"

namespace fovea::isp {

/* The nodes of all colours, multiplied by the gains: UQ5.11. */
class GainMesh
{
public:
	GainMesh(const fovea_isp_lsc &lsc, const fovea_isp_wb_gains &gains);

	const uint16_t *row(BayerSite site, unsigned int nodeRow) const
	{
		return nodes_[site].data() + nodeRow * FOVEA_ISP_LSC_NODES_X;
	}

	/* All nodes of a colour are the same. */
	bool uniform() const { return uniform_; }
	uint16_t largest() const { return largest_; }

private:
	std::array<std::array<uint16_t, FOVEA_ISP_LSC_NODES>, 4> nodes_;
	bool uniform_;
	uint16_t largest_ = 0;
};

void gainsReference(const GainMesh &mesh, BayerOrder order, Plane *mosaic);

/*
 * The gains of a row of quads: of the nodes above it, and what is added to them
 * down to the nodes below it.
 */
struct GainRow {
	const uint16_t *above;
	const int16_t *step;
	/* Position between the two, 0 to 32767. */
	int16_t fraction;
};

/* The cells of a row of nodes: first columns, and the position of each column in its cell. */
struct GainColumns {
	const unsigned int *starts;
	unsigned int cells;
	const int16_t *fractions;
};

/* The rows of nodes around one row of quads, interpolated along the row. */
class GainRows
{
public:
	GainRows(unsigned int quadsX, unsigned int quadsY);

	void start();
	void moveTo(const GainMesh &mesh, unsigned int quadRow);
	/* The gains of the row of quads of moveTo(). */
	GainRow row(BayerSite site) const { return { nodes_[site][cell_], steps_[site][0], fraction_ }; }

private:
	/* Cell and position in it of a row of quads. */
	struct Place {
		uint16_t cell;
		int16_t fraction;
	};

	void makeCell(const GainMesh &mesh, int cell);
	void interpolate(const uint16_t *nodes, uint16_t *out) const;

	unsigned int quadsX_;
	int cell_ = -1;
	int16_t fraction_ = 0;
	std::vector<Place> places_;
	/* By colour, the upper and the lower nodes. */
	LineBuffers<uint16_t> nodes_;
	LineBuffers<int16_t> steps_;
	/* See GainColumns; the last start is the end of the last cell. */
	std::array<unsigned int, FOVEA_ISP_LSC_NODES_X> cellStarts_ = {};
	std::vector<int16_t> fractions_;
};

} /* namespace fovea::isp */
