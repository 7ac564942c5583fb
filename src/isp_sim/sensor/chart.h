/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The test chart: colour patches on a grey wall, with fine detail around
 */

#pragma once

#include <array>
#include <stdint.h>
#include <vector>

#include "isp_sim/sensor/spectrum.h"

namespace fovea::sensor {

struct ChartPatch {
	const char *name;
	std::array<double, 8> shape;	/* of the reflectance */

	Spectrum reflectance() const;
	Vector3 linearSrgb() const;	/* a saturated colour may have a channel below 0 */
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

} /* namespace fovea::sensor */
