/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Test patterns
 */

#include "test_pattern.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <string.h>
#include <utility>

/**
 * \file test_pattern.h
 * \brief The patterns that the kernel's test-pattern generator offers
 *
 * Names, order and look follow the menu of vimc and vivid. Most patterns have few
 * different rows, so a row is made once for each kind and parity and copied.
 */

namespace fovea::graph {

namespace {

constexpr unsigned int kBars = 8;

using Bars = std::array<Color, kBars>;

/* White, yellow, cyan, green, magenta, red, blue, black. */
constexpr Bars bars(uint8_t white, uint8_t high, uint8_t low, uint8_t black)
{
	return { { { white, white, white },
		   { high, high, low },
		   { low, high, high },
		   { low, high, low },
		   { high, low, high },
		   { high, low, low },
		   { low, low, high },
		   { black, black, black } } };
}

constexpr Bars kBars75 = bars(191, 191, 0, 0);
constexpr Bars kBars100 = bars(255, 255, 0, 0);

/* Colours that stay within the gamut of all colour spaces. */
constexpr Bars kBarsCsc = bars(191, 191, 50, 50);

constexpr Color kBlack = { 0, 0, 0 };
constexpr Color kWhite = { 255, 255, 255 };
constexpr Color kRed = { 255, 0, 0 };
constexpr Color kGreen = { 0, 255, 0 };
constexpr Color kBlue = { 0, 0, 255 };

/* Side of a square of the checkers, in pixels. */
unsigned int checkerSize(Pattern pattern)
{
	switch (pattern) {
	case Pattern::Checkers16:
		return 16;
	case Pattern::Checkers2:
	case Pattern::RedGreenCheckers2:
		return 2;
	default:
		return 1;
	}
}

/* Width of the lines of the crosses, in pixels. */
unsigned int crossWidth(Pattern pattern)
{
	switch (pattern) {
	case Pattern::Cross10:
		return 10;
	case Pattern::Cross2:
		return 2;
	default:
		return 1;
	}
}

bool onCross(unsigned int position, unsigned int size, unsigned int width)
{
	const unsigned int first = (size - width) / 2;
	return position >= first && position < first + width;
}

/* The kind of row \a y of a picture: rows of a kind are equal. */
unsigned int rowKind(Pattern pattern, unsigned int y, Size size)
{
	switch (pattern) {
	case Pattern::BarsHorizontal:
	case Pattern::Squares:
		return y * kBars / size.height;
	case Pattern::Checkers16:
	case Pattern::Checkers2:
	case Pattern::Checkers1:
	case Pattern::RedGreenCheckers2:
	case Pattern::RedGreenCheckers1:
		return y / checkerSize(pattern) & 1;
	case Pattern::HorizontalLines:
		return y & 1;
	case Pattern::Cross1:
	case Pattern::Cross2:
	case Pattern::Cross10:
		return onCross(y, size.height, crossWidth(pattern));
	default:
		return 0;
	}
}

/* The colour at column \a x of a row of \a kind. Noise has no rows alike. */
Color colorAt(Pattern pattern, unsigned int kind, unsigned int x, Size size)
{
	switch (pattern) {
	case Pattern::Bars75:
		return kBars75[x * kBars / size.width];
	case Pattern::Bars100:
		return kBars100[x * kBars / size.width];
	case Pattern::BarsCsc:
		return kBarsCsc[x * kBars / size.width];
	case Pattern::BarsHorizontal:
		return kBars100[kind];
	case Pattern::Squares:
		return kBars100[(x * kBars / size.width + kind) % kBars];
	case Pattern::White:
		return kWhite;
	case Pattern::Red:
		return kRed;
	case Pattern::Green:
		return kGreen;
	case Pattern::Blue:
		return kBlue;
	case Pattern::Checkers16:
	case Pattern::Checkers2:
	case Pattern::Checkers1:
		return (x / checkerSize(pattern) & 1) ^ kind ? kBlack : kWhite;
	case Pattern::RedGreenCheckers2:
	case Pattern::RedGreenCheckers1:
		return (x / checkerSize(pattern) & 1) ^ kind ? kGreen : kRed;
	case Pattern::HorizontalLines:
		return kind ? kBlack : kWhite;
	case Pattern::VerticalLines:
		return x & 1 ? kBlack : kWhite;
	case Pattern::Cross1:
	case Pattern::Cross2:
	case Pattern::Cross10:
		return kind || onCross(x, size.width, crossWidth(pattern)) ? kBlack : kWhite;
	case Pattern::GrayRamp: {
		const auto level = static_cast<uint8_t>(x * 256 / size.width);
		return { level, level, level };
	}
	default:
		return kBlack;
	}
}

uint8_t toByte(double value)
{
	return static_cast<uint8_t>(std::clamp(std::lround(value), 0L, 255L));
}

bool isNeutral(const PatternSettings &settings)
{
	return settings.brightness == 128 && settings.contrast == 128 &&
	       settings.saturation == 128 && settings.hue == 0;
}

void renderRow(const PatternSettings &settings, unsigned int kind, unsigned int y,
	       const Image &image, uint8_t *row)
{
	const unsigned int width = image.size.width;
	Color last = {};
	Color adjusted = {};
	bool first = true;

	for (unsigned int x = 0; x < width; x++) {
		const unsigned int from = settings.horizontalFlip ? width - 1 - x : x;
		const Color color = colorAt(settings.pattern, kind, from, image.size);

		/* Neighbours are mostly equal, and an adjustment costs. */
		if (first || memcmp(&color, &last, sizeof(color))) {
			last = color;
			adjusted = adjustColor(color, settings);
			first = false;
		}
		storePixel(*image.format, x, y, adjusted, row + x * image.format->bytes);
	}
}

void renderNoise(const PatternSettings &settings, uint32_t seed, const Image &image)
{
	/* Marsaglia's xorshift, "Xorshift RNGs", 2003. Its state is never 0. */
	uint32_t state = seed * 2654435761U | 1;
	std::array<Color, 256> levels;

	for (unsigned int i = 0; i < levels.size(); i++) {
		const auto level = static_cast<uint8_t>(i);
		levels[i] = adjustColor({ level, level, level }, settings);
	}

	for (unsigned int y = 0; y < image.size.height; y++) {
		uint8_t *row = image.row(y);
		for (unsigned int x = 0; x < image.size.width; x++) {
			state ^= state << 13;
			state ^= state >> 17;
			state ^= state << 5;
			storePixel(*image.format, x, y, levels[state >> 24],
				   row + x * image.format->bytes);
		}
	}
}

} /* namespace */

/** \brief The menu, in the order of Pattern */
const std::vector<std::string> &patternNames()
{
	static const std::vector<std::string> names = {
		"75% Colorbar",
		"100% Colorbar",
		"CSC Colorbar",
		"Horizontal 100% Colorbar",
		"100% Color Squares",
		"100% Black",
		"100% White",
		"100% Red",
		"100% Green",
		"100% Blue",
		"16x16 Checkers",
		"2x2 Checkers",
		"1x1 Checkers",
		"2x2 Red/Green Checkers",
		"1x1 Red/Green Checkers",
		"Alternating Hor Lines",
		"Alternating Vert Lines",
		"One Pixel Wide Cross",
		"Two Pixels Wide Cross",
		"Ten Pixels Wide Cross",
		"Gray Ramp",
		"Noise",
	};

	return names;
}

/**
 * \brief Apply brightness, contrast, saturation and hue to a colour
 *
 * They act on luma and chroma of Rec. 601 in full range, as on an analogue
 * picture: contrast scales luma, brightness shifts it, hue turns and saturation
 * scales chroma.
 */
Color adjustColor(Color color, const PatternSettings &settings)
{
	if (isNeutral(settings))
		return color;

	constexpr double kr = 0.299;
	constexpr double kg = 0.587;
	constexpr double kb = 0.114;

	const double luma = kr * color.red + kg * color.green + kb * color.blue;
	const double cb = (color.blue - luma) / (2 - 2 * kb);
	const double cr = (color.red - luma) / (2 - 2 * kr);

	const double angle = settings.hue * std::numbers::pi / 128;
	const double scale = settings.saturation / 128.0;
	const double newLuma = luma * settings.contrast / 128 + settings.brightness - 128;
	const double newCb = (cb * std::cos(angle) + cr * std::sin(angle)) * scale;
	const double newCr = (cr * std::cos(angle) - cb * std::sin(angle)) * scale;

	const double red = newLuma + newCr * (2 - 2 * kr);
	const double blue = newLuma + newCb * (2 - 2 * kb);
	const double green = (newLuma - kr * red - kb * blue) / kg;
	return { toByte(red), toByte(green), toByte(blue) };
}

/**
 * \brief Fill \a image with a pattern
 * \param[in] settings The pattern and how it is changed
 * \param[in] seed What the noise depends on
 * \param[in] image The picture
 */
void renderPattern(const PatternSettings &settings, uint32_t seed, const Image &image)
{
	if (settings.pattern == Pattern::Noise) {
		renderNoise(settings, seed, image);
		return;
	}

	/* The first row of each kind, and parity for Bayer formats. */
	std::map<std::pair<unsigned int, unsigned int>, const uint8_t *> done;

	for (unsigned int y = 0; y < image.size.height; y++) {
		const unsigned int from = settings.verticalFlip ? image.size.height - 1 - y : y;
		const unsigned int kind = rowKind(settings.pattern, from, image.size);
		const unsigned int parity = image.format->bayer() ? y & 1 : 0;
		uint8_t *row = image.row(y);

		const auto [it, isNew] = done.try_emplace({ kind, parity }, row);
		if (isNew)
			renderRow(settings, kind, y, image, row);
		else
			memcpy(row, it->second, image.stride());
	}
}

} /* namespace fovea::graph */
