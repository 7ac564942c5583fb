/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Small pictures of what a virtual sensor sees
 */

#include "thumbnail.h"

#include <algorithm>
#include <array>
#include <math.h>
#include <string.h>

#include <fmt/format.h>

#include "isp_sim/sensor/chart_sensor.h"
#include "isp_sim/sensor/truth.h"

namespace fovea::tune {

using namespace fovea::sensor;

namespace {

/* The mode with the fewest samples: a small picture needs no more. */
unsigned int smallestMode(const Properties &properties)
{
	const auto mode = std::min_element(properties.modes.begin(), properties.modes.end(),
					   [](const Mode &a, const Mode &b) {
						   return a.width * a.height < b.width * b.height;
					   });

	return mode - properties.modes.begin();
}

/* Lines at which a perfect diffuser fills most of the well; the default where there is no light. */
int32_t exposureFor(const SensorModel &model, const Truth &truth)
{
	constexpr double kPart = 0.9;
	const Mode &mode = truth.mode;
	const double lineTime = static_cast<double>(mode.width + mode.hblank) / mode.pixelRate;
	const double brightest = *std::max_element(truth.white.begin(), truth.white.end());
	const double range = std::min(model.pixel.fullWell,
				      ((1 << model.pixel.bitDepth) - 1.0 - model.pixel.blackLevel) /
					      model.pixel.conversionGain);

	if (brightest <= 0.0)
		return model.properties.exposureDefault;
	return static_cast<int32_t>(std::clamp(kPart * range / (brightest * lineTime),
					       double(model.properties.exposureMin),
					       double(mode.height + mode.vblankMax - model.properties.exposureMargin)));
}

uint8_t encode(double linear)
{
	const double v = std::clamp(linear, 0.0, 1.0);
	const double srgb = v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1.0 / 2.4) - 0.055;

	return static_cast<uint8_t>(255.0 * srgb + 0.5);
}

/* The means of red, green and blue in a block of samples, above black. */
std::array<double, 3> blockMeans(std::span<const uint8_t> raw, const Truth &truth, unsigned int left,
				 unsigned int top, unsigned int side)
{
	std::array<double, 3> sums{}, counts{};
	const bool words = truth.mode.bitDepth > 8;

	for (unsigned int y = top; y < top + side; y++) {
		for (unsigned int x = left; x < left + side; x++) {
			const size_t at = (size_t{ y } * truth.mode.width + x) * (words ? 2 : 1);
			const unsigned int channel = channelAt(truth.order, x, y);
			sums[channel] += (words ? raw[at] | raw[at + 1] << 8 : raw[at]) - double(truth.blackLevel);
			counts[channel]++;
		}
	}

	for (size_t c = 0; c < 3; c++)
		sums[c] /= std::max(counts[c], 1.0);
	return sums;
}

} /* namespace */

/**
 * \brief A small picture of a scene
 * \param[in] model The sensor that looks at it
 * \param[in] scene The scene
 * \param[in] width Pixels; the picture is as tall as the sensor's shape asks
 *
 * Exposed and balanced by the truth, without a colour matrix: what the sensor sees, not what
 * the camera makes of it.
 */
Picture thumbnail(const SensorModel &model, const Scene &scene, unsigned int width)
{
	auto sensor = createChartSensor(model, scene);
	const unsigned int index = smallestMode(model.properties);
	const Truth truth = sceneTruth(model, scene, index, false, false);
	const Mode &mode = truth.mode;
	const size_t stride = mode.width * (mode.bitDepth > 8 ? 2 : 1);
	const FrameSettings settings{ index, exposureFor(model, truth), model.properties.analogueGain.min,
				      static_cast<int32_t>(mode.vblankDefault), false, false };
	std::vector<uint8_t> raw(stride * mode.height);
	Picture picture;

	if (sensor->render(settings, 0, {}, raw, stride))
		return picture;

	/* Blocks of whole quads. */
	const unsigned int side = std::max(2u, mode.width / width / 2 * 2);
	const double brightest = *std::max_element(truth.white.begin(), truth.white.end());
	picture.width = mode.width / side;
	picture.height = mode.height / side;
	for (unsigned int y = 0; y < picture.height; y++) {
		for (unsigned int x = 0; x < picture.width; x++) {
			const auto means = blockMeans(raw, truth, x * side, y * side, side);
			for (size_t c = 0; c < 3; c++) {
				const double gain = truth.white[c] > 0.0 ? brightest / truth.white[c] : 1.0;
				picture.rgb.push_back(encode(means[c] * gain / (truth.whiteLevel - truth.blackLevel)));
			}
		}
	}

	return picture;
}

/**
 * \brief A picture for a terminal that shows 24-bit colours
 * \param[in] picture The picture
 * \param[in] columns Characters of a line; each shows two pixels, one above the other
 */
std::string terminalText(const Picture &picture, unsigned int columns)
{
	std::string text;
	const unsigned int rows = columns * picture.height / std::max(picture.width, 1u) / 2;
	auto pixel = [&](unsigned int x, unsigned int y) {
		const size_t px = size_t{ x } * picture.width / columns;
		const size_t py = size_t{ y } * picture.height / (2 * rows);
		const uint8_t *p = &picture.rgb[(py * picture.width + px) * 3];
		return fmt::format("{};{};{}", p[0], p[1], p[2]);
	};

	for (unsigned int y = 0; y < rows; y++) {
		for (unsigned int x = 0; x < columns; x++)
			text += fmt::format("\x1b[38;2;{}m\x1b[48;2;{}m\u2580", pixel(x, 2 * y), pixel(x, 2 * y + 1));
		text += "\x1b[0m\n";
	}

	return text;
}

} /* namespace fovea::tune */
