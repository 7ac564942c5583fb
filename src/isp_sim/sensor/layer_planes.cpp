/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A layer that moves or gets out of focus, ready to be laid over others
 */

#include "isp_sim/sensor/layer_planes.h"

#include <algorithm>
#include <math.h>

#include "isp_sim/sensor/signal_map.h"
#include "isp_sim/sensor/truth.h"

namespace fovea::sensor {

namespace {

using Plane = std::vector<float>;

/*
 * Each blur is made of the one before by a filter in both directions: three taps with
 * \a side in the outer ones, or two running means of \a window. Either adds to the variance:
 * 2 side, (window^2 - 1) / 6.
 */
struct Step {
	float side;
	int window;
	double variance;		/* after it, square pixels */
};

constexpr Step kSteps[] = {
	{ 0.125f, 0, 0.25 },
	{ 0.125f, 0, 0.5 },
	{ 0.25f, 0, 1.0 },
	{ 0.0f, 3, 1.0 + 8.0 / 6.0 },
	{ 0.0f, 5, 1.0 + 32.0 / 6.0 },
	{ 0.0f, 7, 1.0 + 80.0 / 6.0 },
	{ 0.0f, 11, 1.0 + 200.0 / 6.0 },
	{ 0.0f, 15, 1.0 + 424.0 / 6.0 },
	{ 0.0f, 21, 1.0 + 864.0 / 6.0 },
	{ 0.0f, 31, 1.0 + 1824.0 / 6.0 },
	{ 0.0f, 45, 1.0 + 3848.0 / 6.0 },
};

/* The three taps along a line of \a count values that are \a stride apart; ends repeat. */
void threeTaps(const float *in, float *out, int width, int height, float side)
{
	const float middle = 1.0f - 2.0f * side;

	for (int y = 0; y < height; y++) {
		const float *above = in + size_t(std::max(y - 1, 0)) * width;
		const float *here = in + size_t(y) * width;
		const float *below = in + size_t(std::min(y + 1, height - 1)) * width;
		float *o = out + size_t(y) * width;
		for (int x = 0; x < width; x++)
			o[x] = middle * here[x] + side * (above[x] + below[x]);
	}
}

/* The running mean down the columns; the edge rows repeat. */
void runningMean(const float *in, float *out, int width, int height, int window)
{
	const int half = window / 2;
	const double scale = 1.0 / window;
	std::vector<double> sums(width, 0.0);

	for (int k = -half; k <= half; k++) {
		const float *row = in + size_t(std::clamp(k, 0, height - 1)) * width;
		for (int x = 0; x < width; x++)
			sums[x] += row[x];
	}

	for (int y = 0; y < height; y++) {
		const float *old = in + size_t(std::clamp(y - half, 0, height - 1)) * width;
		const float *next = in + size_t(std::clamp(y + half + 1, 0, height - 1)) * width;
		float *o = out + size_t(y) * width;
		for (int x = 0; x < width; x++) {
			o[x] = static_cast<float>(sums[x] * scale);
			sums[x] += double(next[x]) - double(old[x]);
		}
	}
}

void transpose(const float *in, float *out, int width, int height)
{
	constexpr int kBlock = 16;

	for (int y = 0; y < height; y += kBlock) {
		for (int x = 0; x < width; x += kBlock) {
			for (int j = y; j < std::min(y + kBlock, height); j++) {
				for (int i = x; i < std::min(x + kBlock, width); i++)
					out[size_t(i) * height + j] = in[size_t(j) * width + i];
			}
		}
	}
}

void blurColumns(Plane *plane, Plane *scratch, int width, int height, const Step &step)
{
	if (step.window == 0) {
		threeTaps(plane->data(), scratch->data(), width, height, step.side);
		plane->swap(*scratch);
		return;
	}

	runningMean(plane->data(), scratch->data(), width, height, step.window);
	runningMean(scratch->data(), plane->data(), width, height, step.window);
}

void blur(Plane *plane, Plane *scratch, int width, int height, const Step &step)
{
	blurColumns(plane, scratch, width, height, step);
	transpose(plane->data(), scratch->data(), width, height);
	plane->swap(*scratch);
	blurColumns(plane, scratch, height, width, step);
	transpose(plane->data(), scratch->data(), height, width);
	plane->swap(*scratch);
}

/* out += factor * in^2: companded codes to a linear sum. */
void addSquares(float *out, const uint16_t *in, float factor, int count)
{
	for (int x = 0; x < count; x++) {
		const float v = in[x];
		out[x] += factor * (v * v);
	}
}

void addCodes(float *out, const uint16_t *in, float factor, int count)
{
	for (int x = 0; x < count; x++)
		out[x] += factor * in[x];
}

} /* namespace */

/**
 * \class LayerPlanes
 * \brief The image of one layer, blurred in steps and in all phases of the mosaic
 *
 * A frame samples it at any shift, linearly between pixels of one colour, and mixes two
 * steps of blur so that the variance is exact. Colours are kept times the coverage,
 * so that what is blurred over the layer's rim is right.
 */

/**
 * \param[in] sampler The scene
 * \param[in] layer Index of the layer
 * \param[in] grid The readout
 * \param[in] extent What is kept, in pixels of the frame
 * \param[in] order Of the array
 * \param[in] moves Whether there will be shifts
 * \param[in] largestVariance The strongest blur
 */
LayerPlanes::LayerPlanes(const SceneSampler &sampler, size_t layer, const Grid &grid, const Extent &extent,
			 BayerOrder order, bool moves, double largestVariance)
	: extent_(extent), opaque_(true), sums_(sampler.lights())
{
	const size_t pixels = size_t{ extent.width } * extent.height;
	std::vector<std::array<Plane, 3>> light(sampler.lights());
	Plane coverage(pixels), scratch(pixels);
	Tile tile;

	for (size_t i = 0; i < light.size(); i++) {
		for (Plane &plane : light[i])
			plane.resize(pixels);
		scales_.push_back(static_cast<float>(std::max(sampler.brightest(i), 1e-30) / kSignalMax / kSignalMax));
	}

	for (unsigned int y = 0; y < extent.height; y += Tile::kSize) {
		for (unsigned int x = 0; x < extent.width; x += Tile::kSize) {
			sampler.sample(grid, extent.left + int(x), extent.top + int(y), layer, layer + 1, &tile);
			const unsigned int columns = std::min(Tile::kSize, extent.width - x);
			for (unsigned int k = 0; k < std::min(Tile::kSize, extent.height - y); k++) {
				const size_t at = size_t{ y + k } * extent.width + x;
				std::copy_n(tile.coverage[k].begin(), columns, coverage.begin() + at);
				for (size_t i = 0; i < light.size(); i++) {
					for (size_t c = 0; c < 3; c++)
						std::copy_n(tile.light[i][c][k].begin(), columns,
							    light[i][c].begin() + at);
				}
			}
		}
	}

	opaque_ = std::all_of(coverage.begin(), coverage.end(), [](float c) { return c == 1.0f; });
	addLevel(light, coverage, 0.0, order, moves);
	for (const Step &step : kSteps) {
		if (levels_.back().variance >= largestVariance)
			break;
		for (auto &planes : light) {
			for (Plane &plane : planes)
				blur(&plane, &scratch, extent.width, extent.height, step);
		}
		if (!opaque_)
			blur(&coverage, &scratch, extent.width, extent.height, step);
		addLevel(light, coverage, step.variance, order, moves);
	}
}

void LayerPlanes::addLevel(const std::vector<std::array<Plane, 3>> &light, const Plane &coverage,
			   double variance, BayerOrder order, bool moves)
{
	Level level{ variance, {}, {} };

	level.light.resize(light.size());
	for (size_t i = 0; i < light.size(); i++) {
		for (unsigned int phase = 0; phase < (moves ? 4 : 1); phase++) {
			std::vector<uint16_t> &out = level.light[i][phase];
			out.resize(coverage.size());
			for (unsigned int y = 0; y < extent_.height; y++) {
				for (unsigned int x = 0; x < extent_.width; x++) {
					const size_t at = size_t{ y } * extent_.width + x;
					const unsigned int channel = channelAt(order, x + (phase & 1), y + (phase >> 1));
					const double signal = light[i][channel][at] / scales_[i];
					out[at] = static_cast<uint16_t>(std::min(sqrt(std::max(signal, 0.0)), double(kSignalMax)) + 0.5);
				}
			}
		}
	}

	if (!opaque_) {
		level.coverage.resize(coverage.size());
		for (size_t k = 0; k < coverage.size(); k++)
			level.coverage[k] = static_cast<uint16_t>(std::clamp(coverage[k], 0.0f, 1.0f) * kSignalMax + 0.5f);
	}

	levels_.push_back(std::move(level));
}

/*
 * Add a part of one row of one level to the sums. Columns \a first to first + count lie in the
 * extent, as does the row.
 */
void LayerPlanes::gather(const Level &level, double part, int row, int first, int count,
			 unsigned int phaseX, unsigned int phaseY, double factor)
{
	const size_t at = size_t(row) * extent_.width + first;
	const double weight = part * factor;

	for (size_t i = 0; i < level.light.size(); i++)
		addSquares(sums_[i].data(), level.light[i][phaseX + 2 * phaseY].data() + at,
			   static_cast<float>(weight) * scales_[i], count);
	if (!opaque_)
		addCodes(cover_.data(), level.coverage.data() + at, static_cast<float>(weight / kSignalMax), count);
}

/**
 * \brief Lay a row of the layer over what is behind it
 * \param[in] y The row of the frame
 * \param[in] placement Where the layer lies now, and how blurred it is
 * \param[in] width Of the frame
 * \param[inout] rows The linear signals of each light
 */
void LayerPlanes::overlay(unsigned int y, const Placement &placement, unsigned int width,
			  std::span<float *const> rows)
{
	const int shiftX = static_cast<int>(floor(-placement.x)), shiftY = static_cast<int>(floor(-placement.y));
	const double partX = -placement.x - shiftX, partY = -placement.y - shiftY;
	const int row = static_cast<int>(y) + shiftY - extent_.top;
	const int left = std::max(0, extent_.left - shiftX);
	const int right = std::min<int>(width, extent_.left + int(extent_.width) - 1 - shiftX);
	const int count = right - left;
	if (row < 0 || row + 1 >= int(extent_.height) || count <= 0)
		return;

	size_t above = 0;
	while (above + 1 < levels_.size() && levels_[above].variance < placement.variance)
		above++;
	const double over = levels_[above].variance;
	const double under = above ? levels_[above - 1].variance : over;
	const double blurred = above ? std::min((placement.variance - under) / (over - under), 1.0) : 1.0;

	for (auto &sums : sums_)
		sums.assign(count, 0.0f);
	cover_.assign(count, opaque_ ? 1.0f : 0.0f);

	for (int k = 0; k < 8; k++) {
		const bool x1 = k & 1, y1 = k & 2, sharper = k & 4;
		const double factor = (x1 ? partX : 1.0 - partX) * (y1 ? partY : 1.0 - partY);
		const double part = sharper ? 1.0 - blurred : blurred;
		if (factor * part == 0.0)
			continue;
		/* The extent begins at an even pixel, so that phases are those of the shift. */
		gather(levels_[sharper ? above - 1 : above], part, row + y1, left + shiftX + x1 - extent_.left, count,
		       (shiftX + x1) & 1, (shiftY + y1) & 1, factor);
	}

	for (size_t i = 0; i < rows.size(); i++) {
		float *out = rows[i] + left;
		const float *sum = sums_[i].data(), *cover = cover_.data();
		for (int x = 0; x < count; x++)
			out[x] = out[x] * (1.0f - cover[x]) + sum[x];
	}
}

} /* namespace fovea::sensor */
