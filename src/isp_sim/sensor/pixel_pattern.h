/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What never changes of a sensor's pixels: response, offsets, defects
 */

#pragma once

#include <stdint.h>
#include <vector>

#include "isp_sim/sensor/model.h"

namespace fovea::sensor {

/* The part of the array that a mode reads. */
struct ArrayWindow {
	Rectangle crop;
	unsigned int width;		/* pixels that come out, of one exposure */
	unsigned int height;
	unsigned int binning;

	ArrayWindow(const Mode &mode, const Readout &readout);
	bool operator==(const ArrayWindow &other) const;
};

struct Defect {
	enum class Kind {
		Hot,
		Dead,
		Stuck,
	};

	Kind kind;
	unsigned int x;
	unsigned int y;
	double value;			/* hot: electrons per second; stuck: share of the range */

	bool operator==(const Defect &) const = default;
};

const char *defectName(Defect::Kind kind);

std::vector<Defect> arrayDefects(const SensorModel &model);
std::vector<Defect> windowDefects(const SensorModel &model, const ArrayWindow &window);

/* Row by row, without flips. The vectors have kRowPadding elements more. */
struct PixelPattern {
	std::vector<uint16_t> gain;		/* response and shading, kGainOne is 1 */
	std::vector<int16_t> offset;		/* standard normal; kGaussianFraction bits */
	std::vector<float> columnOffset;	/* electrons, of each column */
	std::vector<float> rowOffset;		/* electrons, of each row */
	std::vector<Defect> defects;		/* hot and stuck ones, by row, then column */
};

PixelPattern makePixelPattern(const SensorModel &model, const ArrayWindow &window);

} /* namespace fovea::sensor */
