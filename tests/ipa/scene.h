/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Synthetic scenes and their statistics
 */

#pragma once

#include <array>
#include <stdint.h>
#include <vector>

#include <linux/fovea-isp.h>

namespace fovea::test {

using Colour = std::array<double, 3>;

struct Scene {
	/* What the sensor sees of a 32x32 grid at exposure 1.0, 1.0 saturates. */
	std::vector<Colour> zones;
};

Scene uniformScene(const Colour &colour);
Scene contrastScene();
Scene chartScene(double temperature, bool wall);
Scene illuminated(const Scene &scene, double factor);

Colour neutral(double temperature);

fovea_isp_stats_buffer statistics(const Scene &scene, double exposure, uint32_t sequence);

} /* namespace fovea::test */
