/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The test chart: colour patches on a grey wall, with fine detail around
 */

#pragma once

#include <array>
#include <optional>
#include <stdint.h>
#include <vector>

#include "isp_sim/sensor/spectrum.h"

namespace fovea::sensor {

struct ChartPatch {
	const char *name;
	std::array<uint8_t, 3> srgb;

	Vector3 linearSrgb() const;
};

constexpr size_t kPatchCount = 24;
constexpr size_t kFirstNeutralPatch = 18;
extern const std::array<ChartPatch, kPatchCount> kChartPatches;

/* Surfaces of the scene: the patches first. */
enum Material : uint8_t {
	Wall = kPatchCount,
	Frame,
	Black,
	White,
	MaterialCount,
};

std::vector<Spectrum> chartReflectances(double wallReflectance);

/* Positions are in pixels of the sensor, from the centre of its active area. */
struct PatchArea {
	double left, top, right, bottom;
};

PatchArea patchArea(size_t patch);

/* A mixture of two surfaces at one point. */
struct Surface {
	Material a;
	Material b;
	double mix;			/* share of b */
	bool fine;			/* changes within a pixel */
};

/* The part of the scene that a rectangle shows. */
class ChartWindow
{
public:
	ChartWindow(double left, double top, double right, double bottom);

	std::optional<Material> only() const { return only_; }
	Surface at(double x, double y) const;

private:
	/* Indices of what hangs in the window. */
	static constexpr size_t kMaximumItems = 13;

	std::array<uint8_t, kMaximumItems> items_;
	size_t itemCount_ = 0;
	std::optional<Material> only_;
};

} /* namespace fovea::sensor */
