/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The light that comes from each point of a scene
 */

#pragma once

#include <array>
#include <functional>
#include <memory>
#include <vector>

#include "isp_sim/sensor/scene.h"

namespace fovea::sensor {

/* A readout of the array: pixels of the frame on the scene. */
struct Grid {
	double originX, originY;	/* of the frame's corner, from the centre of the active area */
	double pixel;			/* size of a pixel: the binning */
};

/* Pixels of a small part of a frame, as they see some layers. */
struct Tile {
	static constexpr unsigned int kSize = 8;
	using Plane = std::array<std::array<float, kSize>, kSize>;

	/* For each light, three channels; what is not covered adds nothing. */
	std::vector<std::array<Plane, 3>> light;
	Plane coverage;
};

class SceneSampler
{
public:
	/* Three values of a spectrum that reaches the lens: electrons a second, or XYZ. */
	using Receptor = std::function<Vector3(const Spectrum &irradiance, const Spectrum &reflectance)>;

	SceneSampler(const std::vector<Light> &lights, const std::vector<Layer> &layers,
		     const Lens &lens, const Receptor &receptor);

	size_t lights() const { return lights_.size(); }
	double brightest(size_t light) const;

	/* The layers from \a first on, before \a last: those behind first. */
	void sample(const Grid &grid, int x, int y, size_t first, size_t last, Tile *tile) const;

	Vector3 at(double x, double y, size_t light, size_t first, size_t last) const;
	size_t layerAt(double x, double y, size_t first, size_t last) const;

private:
	struct Painted {
		Layer layer;
		std::unique_ptr<Content> content;
		std::vector<std::vector<Vector3>> signals;	/* of each light, of each material */
	};

	struct Point {
		const Painted *painted;	/* null where nothing is */
		Mix mix;
	};

	Point point(double x, double y, size_t first, size_t last) const;
	Vector3 value(const Point &point, size_t light) const;
	double share(size_t light, double x, double y) const;
	bool uniform(const Box &box, size_t first, size_t last, Point *result) const;
	void fill(const Grid &grid, int x, int y, const Point &point, Tile *tile) const;
	void integrate(const Grid &grid, int x, int y, size_t first, size_t last, double scale,
		       size_t channel, size_t channels, Tile *tile) const;

	const std::vector<Light> lights_;
	const Lens lens_;
	std::vector<Painted> painted_;
};

} /* namespace fovea::sensor */
