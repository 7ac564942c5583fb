/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Scenes: what a sensor looks at, in which light, through which lens
 */

#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "isp_sim/sensor/content.h"
#include "isp_sim/sensor/illuminant.h"
#include "isp_sim/sensor/model.h"
#include "isp_sim/sensor/timeline.h"

namespace fovea::sensor {

struct Lens {
	double fNumber = 2.0;
	double transmission = 0.9;
	double focalLength = 4.0;	/* mm */
	double blur = 0.0;		/* pixels of the array, standard deviation of a Gaussian */
	std::array<double, 2> lateralCa{};	/* magnification of red and blue over that of green, minus 1 */
};

/* Positions are in pixels of the sensor's array, from the centre of its active area. */

/* A light that fades over the scene: all of it at one point, nothing at the other. */
struct Gradient {
	std::array<double, 2> from;
	std::array<double, 2> to;

	double at(double x, double y) const;
};

struct Light {
	std::string name;
	Illuminant illuminant;
	Track level{ 1.0 };		/* factor of the illuminance */
	Flicker flicker{};
	std::optional<Gradient> gradient = std::nullopt;
};

/* Where a layer is opaque. */
struct Shape {
	enum class Kind {
		Everywhere,
		Rectangle,
		Disc,
	};

	Kind kind = Kind::Everywhere;
	Box box{};			/* also around a disc */

	bool covers(double x, double y) const;
};

struct Layer {
	ContentOptions content{};
	std::string pictureFile{};
	Shape shape{};
	std::array<double, 2> position{};	/* of the content's centre */
	std::array<Track, 2> motion{ Track(0.0), Track(0.0) };	/* of all of the layer: x and y */
	double distance = 0.0;		/* m; 0 is in focus always */
	std::vector<size_t> lights{};	/* indices; empty means all */

	bool moves() const { return !motion[0].constant() || !motion[1].constant(); }
};

struct Scene {
	using Kind = ContentKind;

	std::string name;
	std::string description;
	Kind kind = Kind::Chart;
	double reflectance = 0.3;	/* of the flat field, or of the wall behind the chart */
	Illuminant illuminant{ Illuminant::Kind::Daylight, 6504.0, 500.0, "" };	/* that of the first light */
	Lens lens;
	std::vector<Light> lights{};	/* empty: the illuminant, steady */
	std::vector<Layer> layers{};	/* back to front; empty: the kind's content */

	std::vector<Light> allLights() const;
	std::vector<Layer> allLayers() const;
};

std::optional<Scene> loadScene(const std::string &fileName, std::string *error,
			       const std::vector<std::string> &directories = {});
std::optional<Scene> parseScene(std::string_view text, const std::string &fileName,
				std::string *error);

Vector3 electronsPerSecond(const PixelModel &pixel, const Lens &lens,
			   const Spectrum &irradiance, const Spectrum &reflectance);

} /* namespace fovea::sensor */
