/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The light that comes from each point of a scene
 */

#include "isp_sim/sensor/scene_sampler.h"

#include <algorithm>

namespace fovea::sensor {

namespace {

/*
 * The lens blurs: a pixel sees twice its own width, so nothing at 0.5 cycles a pixel.
 * It takes samples two to a pixel, from a grid that it shares with its neighbours.
 */
constexpr unsigned int kWindow = 4;
constexpr unsigned int kSide = 2 * Tile::kSize + 2;
constexpr double kStep = 0.5;
constexpr double kFirst = -0.25;

using Samples = std::array<std::array<float, kSide>, kSide>;

/* The mean over each pixel's window. */
void average(const Samples &samples, Tile::Plane *plane)
{
	std::array<std::array<float, Tile::kSize>, kSide> sums;

	for (unsigned int y = 0; y < kSide; y++) {
		for (unsigned int x = 0; x < Tile::kSize; x++) {
			const float *s = &samples[y][2 * x];
			sums[y][x] = (s[0] + s[1]) + (s[2] + s[3]);
		}
	}

	for (unsigned int y = 0; y < Tile::kSize; y++) {
		for (unsigned int x = 0; x < Tile::kSize; x++)
			(*plane)[y][x] = ((sums[2 * y][x] + sums[2 * y + 1][x]) +
					  (sums[2 * y + 2][x] + sums[2 * y + 3][x])) *
					 (1.0f / (kWindow * kWindow));
	}
}

} /* namespace */

/**
 * \class SceneSampler
 * \brief What a receptor, a pixel or an eye, gets from a scene at full light
 *
 * Flicker and level are left to the caller, as is motion: layers are where they are
 * at rest.
 */

/**
 * \param[in] lights The lights
 * \param[in] layers The layers, back to front
 * \param[in] lens Whose colours are displaced
 * \param[in] receptor What becomes of a spectrum
 */
SceneSampler::SceneSampler(const std::vector<Light> &lights, const std::vector<Layer> &layers,
			   const Lens &lens, const Receptor &receptor)
	: lights_(lights), lens_(lens)
{
	std::vector<Spectrum> irradiances;
	for (const Light &light : lights)
		irradiances.push_back(light.illuminant.irradiance());

	for (const Layer &layer : layers) {
		Painted painted{ layer, makeContent(layer.content), {} };
		const std::vector<Spectrum> materials = painted.content->materials();

		for (size_t i = 0; i < lights.size(); i++) {
			const bool falls = layer.lights.empty() ||
					   std::find(layer.lights.begin(), layer.lights.end(), i) !=
						   layer.lights.end();
			std::vector<Vector3> signals(materials.size());
			for (size_t k = 0; falls && k < materials.size(); k++)
				signals[k] = receptor(irradiances[i], materials[k]);
			painted.signals.push_back(std::move(signals));
		}
		painted_.push_back(std::move(painted));
	}
}

/** \brief The largest value of any material under one light */
double SceneSampler::brightest(size_t light) const
{
	double largest = 0.0;

	for (const Painted &painted : painted_) {
		Vector3 sum{};
		for (const Vector3 &signal : painted.signals[light]) {
			for (size_t c = 0; c < 3; c++) {
				largest = std::max(largest, signal[c]);
				sum[c] += signal[c];
			}
		}
		/* Of a picture all three primaries may be there at once. */
		if (painted.layer.content.kind == ContentKind::Picture)
			largest = std::max({ largest, sum[0], sum[1], sum[2] });
	}

	return largest;
}

/* The layer in front that covers a point; \a last where none does. */
size_t SceneSampler::layerAt(double x, double y, size_t first, size_t last) const
{
	for (size_t i = last; i-- > first;) {
		if (painted_[i].layer.shape.covers(x, y))
			return i;
	}

	return last;
}

SceneSampler::Point SceneSampler::point(double x, double y, size_t first, size_t last) const
{
	const size_t i = layerAt(x, y, first, last);
	if (i == last)
		return { nullptr, {} };

	const Painted &painted = painted_[i];
	return { &painted, painted.content->at(x - painted.layer.position[0],
					       y - painted.layer.position[1]) };
}

Vector3 SceneSampler::value(const Point &point, size_t light) const
{
	Vector3 sum{};

	if (!point.painted)
		return sum;

	const std::vector<Vector3> &signals = point.painted->signals[light];
	for (size_t k = 0; k < 3; k++) {
		const double weight = point.mix.weight[k];
		if (weight == 0.0)
			continue;
		const Vector3 &signal = signals[point.mix.material[k]];
		for (size_t c = 0; c < 3; c++)
			sum[c] += signal[c] * weight;
	}

	return sum;
}

double SceneSampler::share(size_t light, double x, double y) const
{
	const auto &gradient = lights_[light].gradient;

	return gradient ? gradient->at(x, y) : 1.0;
}

/** \brief The value at a point, of the layers from \a first on, before \a last */
Vector3 SceneSampler::at(double x, double y, size_t light, size_t first, size_t last) const
{
	Vector3 v = value(point(x, y, first, last), light);
	const double factor = share(light, x, y);

	return { v[0] * factor, v[1] * factor, v[2] * factor };
}

/* Whether all of \a box shows one material, or nothing. */
bool SceneSampler::uniform(const Box &box, size_t first, size_t last, Point *result) const
{
	for (size_t i = last; i-- > first;) {
		const Painted &painted = painted_[i];
		const Shape &shape = painted.layer.shape;

		if (shape.kind != Shape::Kind::Everywhere) {
			if (box.right < shape.box.left || box.left >= shape.box.right ||
			    box.bottom < shape.box.top || box.top >= shape.box.bottom)
				continue;
			/* Both shapes are convex. */
			if (!shape.covers(box.left, box.top) || !shape.covers(box.right, box.top) ||
			    !shape.covers(box.left, box.bottom) || !shape.covers(box.right, box.bottom))
				return false;
		}

		const auto &position = painted.layer.position;
		const auto only = painted.content->only({ box.left - position[0], box.top - position[1],
							  box.right - position[0], box.bottom - position[1] });
		if (!only)
			return false;
		*result = { &painted, { { static_cast<uint16_t>(*only), 0, 0 }, { 1.0, 0.0, 0.0 } } };
		return true;
	}

	*result = { nullptr, {} };
	return true;
}

/* A tile of one material. */
void SceneSampler::fill(const Grid &grid, int x, int y, const Point &point, Tile *tile) const
{
	for (auto &row : tile->coverage)
		row.fill(point.painted ? 1.0f : 0.0f);

	for (size_t i = 0; i < lights_.size(); i++) {
		const Vector3 v = value(point, i);
		for (unsigned int py = 0; py < Tile::kSize; py++) {
			for (unsigned int px = 0; px < Tile::kSize; px++) {
				const double factor = lights_[i].gradient
							      ? share(i, grid.originX + (x + px + 0.5) * grid.pixel,
								      grid.originY + (y + py + 0.5) * grid.pixel)
							      : 1.0;
				for (size_t c = 0; c < 3; c++)
					tile->light[i][c][py][px] = static_cast<float>(v[c] * factor);
			}
		}
	}
}

/* Channels from \a channel on, whose image is larger by \a scale than that of green. */
void SceneSampler::integrate(const Grid &grid, int x, int y, size_t first, size_t last, double scale,
			     size_t channel, size_t channels, Tile *tile) const
{
	std::vector<std::array<Samples, 3>> values(lights_.size());
	Samples coverage;

	for (unsigned int sy = 0; sy < kSide; sy++) {
		for (unsigned int sx = 0; sx < kSide; sx++) {
			const double px = (grid.originX + (x + kFirst + kStep * sx) * grid.pixel) * scale;
			const double py = (grid.originY + (y + kFirst + kStep * sy) * grid.pixel) * scale;
			const Point p = point(px, py, first, last);

			coverage[sy][sx] = p.painted ? 1.0f : 0.0f;
			for (size_t i = 0; i < lights_.size(); i++) {
				const Vector3 v = value(p, i);
				const double factor = share(i, px, py);
				for (size_t c = channel; c < channel + channels; c++)
					values[i][c][sy][sx] = static_cast<float>(v[c] * factor);
			}
		}
	}

	for (size_t i = 0; i < lights_.size(); i++) {
		for (size_t c = channel; c < channel + channels; c++)
			average(values[i][c], &tile->light[i][c]);
	}
	average(coverage, &tile->coverage);
}

/**
 * \brief Sample a tile of pixels
 * \param[in] grid The readout
 * \param[in] x, y The tile's first pixel in the frame; may lie outside of it
 * \param[in] first, last The layers
 * \param[out] tile What the pixels get
 */
void SceneSampler::sample(const Grid &grid, int x, int y, size_t first, size_t last, Tile *tile) const
{
	const bool displaced = lens_.lateralCa[0] != 0.0 || lens_.lateralCa[1] != 0.0;
	/* Lens::lateralCa of 0.01 is 26 pixels at the corner of 4056x3040. */
	const double margin = displaced ? 64.0 : 1.0;
	const Box box{ grid.originX + (x - margin) * grid.pixel, grid.originY + (y - margin) * grid.pixel,
		       grid.originX + (x + Tile::kSize + margin) * grid.pixel,
		       grid.originY + (y + Tile::kSize + margin) * grid.pixel };
	Point only;

	tile->light.resize(lights_.size());
	if (uniform(box, first, last, &only))
		return fill(grid, x, y, only, tile);

	if (!displaced)
		return integrate(grid, x, y, first, last, 1.0, 0, 3, tile);

	integrate(grid, x, y, first, last, 1.0 / (1.0 + lens_.lateralCa[0]), 0, 1, tile);
	integrate(grid, x, y, first, last, 1.0 / (1.0 + lens_.lateralCa[1]), 2, 1, tile);
	integrate(grid, x, y, first, last, 1.0, 1, 1, tile);
}

} /* namespace fovea::sensor */
