/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A layer that moves or gets out of focus, ready to be laid over others
 */

#pragma once

#include <array>
#include <span>
#include <stdint.h>
#include <vector>

#include "isp_sim/sensor/scene_sampler.h"
#include "isp_sim/sensor/sensor.h"

namespace fovea::sensor {

/* How a layer lies in one frame, or in one row of it. */
struct Placement {
	double x, y;			/* shift in pixels of the frame */
	double variance;		/* of the blur, square pixels of the frame */
};

class LayerPlanes
{
public:
	struct Extent {
		int left, top;		/* in pixels of the frame; even */
		unsigned int width, height;
	};

	LayerPlanes(const SceneSampler &sampler, size_t layer, const Grid &grid, const Extent &extent,
		    BayerOrder order, bool moves, double largestVariance);

	/* Lay a row over others: \a rows is one of linear signals for each light. */
	void overlay(unsigned int y, const Placement &placement, unsigned int width,
		     std::span<float *const> rows);

private:
	/* One amount of blur. */
	struct Level {
		double variance;
		/* For each light, and each phase of the mosaic, companded. */
		std::vector<std::array<std::vector<uint16_t>, 4>> light;
		std::vector<uint16_t> coverage;
	};

	using Plane = std::vector<float>;

	void addLevel(const std::vector<std::array<Plane, 3>> &light, const Plane &coverage,
		      double variance, BayerOrder order, bool moves);
	void gather(const Level &level, double part, int row, int first, int count, unsigned int phaseX,
		    unsigned int phaseY, double factor);

	Extent extent_;
	std::vector<float> scales_;	/* of the companded codes' squares */
	std::vector<Level> levels_;
	bool opaque_;

	/* Of one row. */
	std::vector<std::vector<float>> sums_;
	std::vector<float> cover_;
};

} /* namespace fovea::sensor */
