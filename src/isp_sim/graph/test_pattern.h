/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Test patterns
 */

#pragma once

#include <stdint.h>
#include <string>
#include <vector>

#include "formats.h"

namespace fovea::graph {

enum class Pattern : uint8_t {
	Bars75,
	Bars100,
	BarsCsc,
	BarsHorizontal,
	Squares,
	Black,
	White,
	Red,
	Green,
	Blue,
	Checkers16,
	Checkers2,
	Checkers1,
	RedGreenCheckers2,
	RedGreenCheckers1,
	HorizontalLines,
	VerticalLines,
	Cross1,
	Cross2,
	Cross10,
	GrayRamp,
	Noise,
};

struct PatternSettings {
	Pattern pattern = Pattern::Bars75;
	bool horizontalFlip = false;
	bool verticalFlip = false;
	int brightness = 128;		/* 0 to 255, 128 is neutral */
	int contrast = 128;		/* 0 to 255, 128 is neutral */
	int saturation = 128;		/* 0 to 255, 128 is neutral */
	int hue = 0;			/* -128 to 127, half a turn each way */
};

const std::vector<std::string> &patternNames();

Color adjustColor(Color color, const PatternSettings &settings);
void renderPattern(const PatternSettings &settings, uint32_t seed, const Image &image);

} /* namespace fovea::graph */
