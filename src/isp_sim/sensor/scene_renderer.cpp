/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The image that a lens makes of a scene on the pixels of a sensor
 */

#include "isp_sim/sensor/scene_renderer.h"

#include <algorithm>
#include <math.h>
#include <optional>

#include "isp_sim/sensor/truth.h"

namespace fovea::sensor {

namespace {

constexpr unsigned int kTile = 8;

} /* namespace */

/**
 * \class SceneRenderer
 * \brief Gives the signals of a scene on every pixel of a mode's mosaic
 *
 * Maps are cached. All of it is safe to be called from several threads, and depends on
 * the arguments only.
 */

SceneRenderer::SceneRenderer(const SensorModel &model, const Scene &scene)
	: model_(model), scene_(scene), signals_(MaterialCount), largest_(1.0)
{
	if (scene.kind == Scene::Kind::Dark)
		return;

	Spectrum light = scene.illuminant.irradiance();
	std::vector<Spectrum> reflectances = chartReflectances(scene.reflectance);
	for (size_t i = 0; i < MaterialCount; i++) {
		signals_[i] = electronsPerSecond(model.pixel, scene.lens, light, reflectances[i]);
		for (double signal : signals_[i])
			largest_ = std::max(largest_, signal);
	}
}

bool SceneRenderer::Geometry::operator==(const Geometry &other) const
{
	return crop.left == other.crop.left && crop.top == other.crop.top &&
	       width == other.width && height == other.height && binning == other.binning;
}

/* The average signal of the surfaces that a pixel of \a size sees. */
double SceneRenderer::mixture(const ChartWindow &window, double x, double y, double size,
			    unsigned int channel) const
{
	/* The lens blurs: a pixel sees twice its own width, so nothing at 0.5 cycles a pixel. */
	constexpr int kSamples = 4;
	constexpr double kBlur = 2.0;
	double step = size * kBlur / kSamples;
	double left = x - step * (kSamples - 1) / 2;
	double top = y - step * (kSamples - 1) / 2;
	double right = left + step * (kSamples - 1);
	double bottom = top + step * (kSamples - 1);

	Surface corner = window.at(left, top);
	if (!corner.fine && corner.a == corner.b) {
		bool uniform = true;
		for (const Surface &other : { window.at(right, top), window.at(left, bottom),
					      window.at(right, bottom) })
			uniform = uniform && !other.fine && other.a == corner.a && other.b == corner.a;
		if (uniform)
			return signals_[corner.a][channel];
	}

	double sum = 0.0;
	for (int i = 0; i < kSamples * kSamples; i++) {
		Surface s = window.at(left + (i % kSamples) * step, top + (i / kSamples) * step);
		sum += signals_[s.a][channel] * (1.0 - s.mix) + signals_[s.b][channel] * s.mix;
	}

	return sum / (kSamples * kSamples);
}

/* Fill one tile of a map. Most show one surface only. */
void SceneRenderer::fillTile(SignalMap *map, const Geometry &geometry, unsigned int tileX,
			     unsigned int tileY) const
{
	const Properties &properties = model_.properties;
	const Rectangle &active = properties.activeArea;
	const unsigned int binning = geometry.binning;
	double originX = geometry.crop.left - active.left - active.width / 2.0;
	double originY = geometry.crop.top - active.top - active.height / 2.0;
	unsigned int endX = std::min(tileX + kTile, map->width);
	unsigned int endY = std::min(tileY + kTile, map->height);

	ChartWindow window(originX + (tileX - 1.0) * binning, originY + (tileY - 1.0) * binning,
			   originX + (endX + 1.0) * binning, originY + (endY + 1.0) * binning);
	std::optional<Material> only = scene_.kind == Scene::Kind::Chart ? window.only() : Wall;
	Vector3 roots{};
	for (size_t c = 0; only && c < 3; c++)
		roots[c] = sqrt(signals_[*only][c] / largest_);

	for (unsigned int y = tileY; y < endY; y++) {
		for (unsigned int x = tileX; x < endX; x++) {
			unsigned int channel = channelAt(properties.order, x, y);
			double root = only ? roots[channel]
					   : sqrt(mixture(window, originX + (x + 0.5) * binning,
							  originY + (y + 0.5) * binning, binning, channel) /
						  largest_);

			map->index[size_t{ y } * map->width + x] =
				static_cast<uint16_t>(std::min(root, 1.0) * kSignalMax + 0.5);
		}
	}
}

SignalMap SceneRenderer::makeMap(const Geometry &geometry) const
{
	SignalMap map{ geometry.width, geometry.height, largest_, {} };

	map.index.resize(size_t{ geometry.width } * geometry.height);
	for (unsigned int y = 0; y < geometry.height; y += kTile) {
		for (unsigned int x = 0; x < geometry.width; x += kTile)
			fillTile(&map, geometry, x, y);
	}

	return map;
}

/* The map of a mode, made at its first use. Modes of one geometry share it. */
std::shared_ptr<const SignalMap> SceneRenderer::map(unsigned int mode)
{
	const Mode &m = model_.properties.modes[mode];
	const Geometry geometry{ m.analogCrop, m.width, m.height / m.exposures,
				 model_.readouts[mode].binning };
	std::scoped_lock lock(mutex_);

	for (const CachedMap &cached : maps_) {
		if (cached.geometry == geometry)
			return cached.map;
	}

	maps_.push_back({ geometry, std::make_shared<const SignalMap>(makeMap(geometry)) });
	return maps_.back().map;
}

/** \brief Do now what the first frame of \a mode, an index that exists, would wait for */
void SceneRenderer::prepare(unsigned int mode)
{
	map(mode);
}

/**
 * \brief What the pixels of one frame, or of one exposure of it, see
 * \param[in] mode Index of a mode of the model; must exist
 * \param[in] moment When and through which lens they see it
 * \param[inout] layers What they see: at least one layer, all of the mode's size. Giving
 * the layers of the last call back saves memory allocations
 */
void SceneRenderer::render(unsigned int mode, [[maybe_unused]] const Moment &moment,
			   std::vector<SignalLayer> *layers)
{
	layers->resize(1);
	layers->front().map = map(mode);
	layers->front().rowFactors.clear();
}

} /* namespace fovea::sensor */
