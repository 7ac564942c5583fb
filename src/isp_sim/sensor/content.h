/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What a layer of a scene shows: charts, textures, pictures
 */

#pragma once

#include <array>
#include <memory>
#include <optional>
#include <stdint.h>
#include <vector>

#include "isp_sim/sensor/picture.h"
#include "isp_sim/sensor/spectrum.h"

namespace fovea::sensor {

/* In pixels of the sensor's array. */
struct Box {
	double left, top, right, bottom;
};

/* What is at a point: a mixture of up to three of the content's materials. */
struct Mix {
	std::array<uint16_t, 3> material{};
	std::array<double, 3> weight{ 1.0, 0.0, 0.0 };
};

/* Positions are in pixels of the sensor's array from the content's centre. */
class Content
{
public:
	virtual ~Content() = default;

	/* Reflectances of the materials. */
	virtual std::vector<Spectrum> materials() const = 0;

	/* The material of all of \a box, where it is known to be one. */
	virtual std::optional<unsigned int> only([[maybe_unused]] const Box &box) const
	{
		return std::nullopt;
	}

	virtual Mix at(double x, double y) const = 0;
};

enum class ContentKind {
	Chart,				/* the 24 patches, with fine detail around */
	Flat,
	Dark,
	Greyscale,
	SlantedEdge,
	DeadLeaves,
	Resolution,
	Picture,
	Layers,				/* of a scene only: several contents */
};

struct ContentOptions {
	ContentKind kind = ContentKind::Chart;
	double reflectance = 0.3;	/* of the flat field, or behind the rest */
	uint32_t seed = 1;		/* of dead leaves */
	double scale = 1.0;		/* array pixels for each pixel of a picture */
	std::shared_ptr<const LinearPicture> picture = nullptr;
};

std::unique_ptr<Content> makeContent(const ContentOptions &options);

std::unique_ptr<Content> makeChart(double wallReflectance);
std::unique_ptr<Content> makeDeadLeaves(uint32_t seed);

} /* namespace fovea::sensor */
