/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The truth about a synthetic frame, for tests
 */

#pragma once

#include <string>
#include <vector>

#include "isp_sim/sensor/model.h"
#include "isp_sim/sensor/pixel_pattern.h"
#include "isp_sim/sensor/scene.h"

namespace fovea::sensor {

struct PatchTruth {
	std::string name;
	Rectangle area;			/* in the frame; well inside the patch */
	Vector3 linearSrgb;		/* what a camera should show */
	Vector3 signal;			/* electrons per second of R, G, B, without shading */
	Vector3 illumination;		/* what the lens leaves of it at the patch's centre */
	bool neutral;
};

struct Truth {
	std::string model;
	std::string scene;
	Illuminant illuminant;
	Mode mode;
	BayerOrder order;		/* with the flips */
	unsigned int blackLevel;	/* codes of the mode's bit depth */
	unsigned int whiteLevel;
	Vector3 white;			/* electrons per second of a perfect diffuser */
	Vector3 wall;			/* and of the wall, or the flat field */
	std::vector<PatchTruth> patches;
	std::vector<Defect> defects;	/* in the frame; by row, then column */

	std::string toJson() const;
};

BayerOrder flippedOrder(BayerOrder order, bool hflip, bool vflip);
unsigned int channelAt(BayerOrder order, unsigned int x, unsigned int y);
const char *bayerOrderName(BayerOrder order);

Truth sceneTruth(const SensorModel &model, const Scene &scene, unsigned int mode,
		 bool hflip, bool vflip);

} /* namespace fovea::sensor */
