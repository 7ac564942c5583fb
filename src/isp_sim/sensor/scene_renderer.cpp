/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The image that a lens makes of a scene on the pixels of a sensor
 */

#include "isp_sim/sensor/scene_renderer.h"

#include <algorithm>
#include <chrono>
#include <math.h>

#include "isp_sim/sensor/truth.h"

namespace fovea::sensor {

namespace {

/* Signals of a scene without light are nothing of this; electrons per second. */
constexpr double kSmallestRange = 1.0;

double seconds(const Moment &moment)
{
	return std::chrono::duration<double>(moment.time).count();
}

/* When the middle of a row's exposure is, seconds. */
double middleOf(const Moment &moment, unsigned int y, unsigned int height)
{
	const unsigned int before = moment.upwards ? height - 1 - y : y;

	return seconds(moment) + before * moment.rowTime - moment.exposureTime / 2.0;
}

/* out = scale * in^2. */
void expand(const uint16_t *in, float scale, unsigned int count, float *out)
{
	for (unsigned int x = 0; x < count; x++) {
		const float v = in[x];
		out[x] = scale * (v * v);
	}
}

/* The inverse of expand(), rounded. */
void compand(const float *in, float scale, unsigned int count, uint16_t *out)
{
	for (unsigned int x = 0; x < count; x++) {
		const float v = sqrtf(std::max(in[x] * scale, 0.0f)) + 0.5f;
		out[x] = static_cast<uint16_t>(static_cast<int>(std::min(v, float(kSignalMax))));
	}
}

} /* namespace */

/**
 * \class SceneRenderer
 * \brief Gives the signals of a scene on every pixel of a mode's mosaic
 *
 * Each light has a map of its own, whose rows get factors from the light's level and
 * flicker over the row's exposure. Layers that never change are rendered once. Of the others
 * the planes are kept (see LayerPlanes), and each frame is put together from them, row by
 * row, at the time of the middle of the row's exposure: what moves is sheared by the rolling
 * shutter, but not smeared. All of it is safe to be called from several threads,
 * and depends on the arguments only.
 */

/**
 * \param[in] model The sensor
 * \param[in] scene The scene
 * \param[in] focus Dioptres over the position of the lens; without it all is in focus
 */
SceneRenderer::SceneRenderer(const SensorModel &model, const Scene &scene, const std::optional<Track> &focus)
	: model_(model), lens_(scene.lens), lights_(scene.allLights()), layers_(scene.allLayers()), focus_(focus),
	  fixed_(0), sampler_(lights_, layers_, lens_, [&](const Spectrum &irradiance, const Spectrum &reflectance) {
		  return electronsPerSecond(model_.pixel, lens_, irradiance, reflectance);
	  })
{
	while (fixed_ < layers_.size() && !layers_[fixed_].moves() && lens_.blur == 0.0 &&
	       (layers_[fixed_].distance == 0.0 || !focus_))
		fixed_++;

	for (size_t i = 0; i < lights_.size(); i++)
		largest_.push_back(std::max(kSmallestRange, sampler_.brightest(i)));
}

bool SceneRenderer::Geometry::operator==(const Geometry &other) const
{
	return crop.left == other.crop.left && crop.top == other.crop.top &&
	       width == other.width && height == other.height && binning == other.binning;
}

SceneRenderer::Geometry SceneRenderer::geometryOf(unsigned int mode) const
{
	const Mode &m = model_.properties.modes[mode];

	return { m.analogCrop, m.width, m.height / m.exposures, model_.readouts[mode].binning };
}

Grid SceneRenderer::grid(const Geometry &geometry) const
{
	const Rectangle &active = model_.properties.activeArea;

	return { geometry.crop.left - active.left - active.width / 2.0,
		 geometry.crop.top - active.top - active.height / 2.0, double(geometry.binning) };
}

/*
 * The blur of a layer when the lens is focused at \a dioptres (1 / m): the circle of confusion of a
 * thin lens has the diameter f^2 / N |D - F| / (1 - f F), D being 1 over the distance and F the
 * focus. A disc of diameter c has the variance c^2 / 16 in each direction.
 */
double SceneRenderer::blurVariance(const Layer &layer, double dioptres, unsigned int binning) const
{
	const double focal = lens_.focalLength * 1e-3;
	const double pixel = model_.pixel.pitch * 1e-6 * binning;
	const double own = lens_.blur / binning;
	double circle = 0.0;

	if (layer.distance > 0.0 && focus_)
		circle = focal * focal / lens_.fNumber * fabs(1.0 / layer.distance - dioptres) /
			 (1.0 - focal * dioptres) / pixel;

	return own * own + circle * circle / 16.0;
}

double SceneRenderer::largestVariance(const Layer &layer, unsigned int binning) const
{
	if (!focus_)
		return blurVariance(layer, 0.0, binning);

	return std::max(blurVariance(layer, focus_->minimum(), binning),
			blurVariance(layer, focus_->maximum(), binning));
}

Placement SceneRenderer::placement(const Layer &layer, double time, int32_t lensPosition,
				   unsigned int binning) const
{
	return { layer.motion[0].at(time) / binning, layer.motion[1].at(time) / binning,
		 blurVariance(layer, focus_ ? focus_->at(lensPosition) : 0.0, binning) };
}

std::vector<Placement> SceneRenderer::placements(const Geometry &geometry, double time,
						 int32_t lensPosition) const
{
	std::vector<Placement> result;

	for (size_t i = fixed_; i < layers_.size(); i++)
		result.push_back(placement(layers_[i], time, lensPosition, geometry.binning));
	return result;
}

/* The maps of the layers that never change; all zero without any. */
SceneRenderer::Maps SceneRenderer::makeBase(const Geometry &geometry) const
{
	const size_t pixels = size_t{ geometry.width } * geometry.height;
	std::vector<std::shared_ptr<SignalMap>> maps;
	Tile tile;

	for (size_t i = 0; i < std::max<size_t>(lights_.size(), 1); i++)
		maps.push_back(std::make_shared<SignalMap>(SignalMap{
			geometry.width, geometry.height, lights_.empty() ? kSmallestRange : largest_[i],
			std::vector<uint16_t>(pixels) }));

	for (unsigned int y = 0; fixed_ > 0 && y < geometry.height; y += Tile::kSize) {
		for (unsigned int x = 0; x < geometry.width; x += Tile::kSize) {
			sampler_.sample(grid(geometry), x, y, 0, fixed_, &tile);
			for (size_t i = 0; i < lights_.size(); i++) {
				for (unsigned int py = 0; py < std::min(Tile::kSize, geometry.height - y); py++) {
					uint16_t *out = &maps[i]->index[size_t{ y + py } * geometry.width + x];
					for (unsigned int px = 0; px < std::min(Tile::kSize, geometry.width - x); px++) {
						const auto c = channelAt(model_.properties.order, x + px, y + py);
						const double root = sqrt(tile.light[i][c][py][px] / largest_[i]);
						out[px] = static_cast<uint16_t>(std::min(root, 1.0) * kSignalMax + 0.5);
					}
				}
			}
		}
	}

	return { maps.begin(), maps.end() };
}

/* A layer's planes reach as far as it moves into the frame, and its blur around a shape. */
std::unique_ptr<LayerPlanes> SceneRenderer::makePlanes(const Geometry &geometry, size_t layer) const
{
	const Layer &l = layers_[layer];
	const Grid g = grid(geometry);
	const double variance = largestVariance(l, geometry.binning);
	const double margin = 4.0 * sqrt(variance) + 4.0;
	auto even = [](double v) { return static_cast<int>(floor(v / 2.0)) * 2; };

	double left = -l.motion[0].maximum() / g.pixel, top = -l.motion[1].maximum() / g.pixel;
	double right = geometry.width - l.motion[0].minimum() / g.pixel;
	double bottom = geometry.height - l.motion[1].minimum() / g.pixel;
	if (l.shape.kind != Shape::Kind::Everywhere) {
		left = std::max(left, (l.shape.box.left - g.originX) / g.pixel - margin);
		top = std::max(top, (l.shape.box.top - g.originY) / g.pixel - margin);
		right = std::min(right, (l.shape.box.right - g.originX) / g.pixel + margin);
		bottom = std::min(bottom, (l.shape.box.bottom - g.originY) / g.pixel + margin);
	}

	/* Of a shape that never enters the frame a corner is kept. */
	const LayerPlanes::Extent extent{ even(left), even(top),
					  static_cast<unsigned int>(std::max(even(right) + 4 - even(left), 2)),
					  static_cast<unsigned int>(std::max(even(bottom) + 4 - even(top), 2)) };
	return std::make_unique<LayerPlanes>(sampler_, layer, g, extent, model_.properties.order, l.moves(), variance);
}

SceneRenderer::Image SceneRenderer::makeImage(const Geometry &geometry) const
{
	Image image{ geometry, makeBase(geometry), {}, {}, {}, {} };

	for (size_t i = fixed_; i < layers_.size(); i++)
		image.planes.push_back(makePlanes(geometry, i));
	return image;
}

/* The image of a mode, made at its first use. Modes of one geometry share it. */
SceneRenderer::Image *SceneRenderer::image(unsigned int mode)
{
	const Geometry geometry = geometryOf(mode);

	for (const auto &image : images_) {
		if (image->geometry == geometry)
			return image.get();
	}

	images_.push_back(std::make_unique<Image>(makeImage(geometry)));
	return images_.back().get();
}

/** \brief Do now what the first frame of \a mode, an index that exists, would wait for */
void SceneRenderer::prepare(unsigned int mode)
{
	std::scoped_lock lock(mutex_);

	image(mode);
}

/* A map that nobody looks at any more. */
std::shared_ptr<SignalMap> SceneRenderer::spareMap(Image *image)
{
	for (const auto &map : image->pool) {
		if (map.use_count() == 1)
			return map;
	}

	const Geometry &geometry = image->geometry;
	image->pool.push_back(std::make_shared<SignalMap>(SignalMap{
		geometry.width, geometry.height, 0.0,
		std::vector<uint16_t>(size_t{ geometry.width } * geometry.height) }));
	return image->pool.back();
}

/* One row of all lights: the base, and the layers that change over it. */
void SceneRenderer::composeRow(Image *image, const Moment &moment, unsigned int y,
			       std::vector<std::vector<float>> *rows,
			       const std::vector<std::shared_ptr<SignalMap>> &maps) const
{
	const Geometry &geometry = image->geometry;
	const double time = middleOf(moment, y, geometry.height);
	const size_t at = size_t{ y } * geometry.width;
	std::array<float *, 8> pointers{};

	for (size_t i = 0; i < lights_.size(); i++) {
		const SignalMap &base = *image->base[i];
		expand(&base.index[at], static_cast<float>(base.largest / kSignalMax / kSignalMax), geometry.width,
		       (*rows)[i].data());
		pointers[i] = (*rows)[i].data();
	}

	for (size_t k = 0; k < image->planes.size(); k++)
		image->planes[k]->overlay(y, placement(layers_[fixed_ + k], time, moment.lensPosition, geometry.binning),
					  geometry.width, std::span(pointers.data(), lights_.size()));

	for (size_t i = 0; i < lights_.size(); i++)
		compand((*rows)[i].data(), static_cast<float>(double{ kSignalMax } * kSignalMax / largest_[i]),
			geometry.width, &maps[i]->index[at]);
}

/* The maps of a moment. They stay as they are while nothing moves. */
const SceneRenderer::Maps &SceneRenderer::compose(Image *image, const Moment &moment) const
{
	const Geometry &geometry = image->geometry;
	const auto first = placements(geometry, middleOf(moment, 0, geometry.height), moment.lensPosition);
	const auto last = placements(geometry, middleOf(moment, geometry.height - 1, geometry.height), moment.lensPosition);
	auto equal = [](const std::vector<Placement> &a, const std::vector<Placement> &b) {
		return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Placement &p, const Placement &q) {
			return p.x == q.x && p.y == q.y && p.variance == q.variance;
		});
	};

	if (!image->composed.empty() && equal(first, last) && equal(first, image->placements))
		return image->composed;

	image->composed.clear();
	std::vector<std::shared_ptr<SignalMap>> maps;
	std::vector<std::vector<float>> rows(lights_.size(), std::vector<float>(geometry.width));
	for (size_t i = 0; i < lights_.size(); i++) {
		maps.push_back(spareMap(image));
		maps.back()->largest = largest_[i];
	}

	for (unsigned int y = 0; y < geometry.height; y++)
		composeRow(image, moment, y, &rows, maps);

	image->composed.assign(maps.begin(), maps.end());
	image->placements = equal(first, last) ? first : std::vector<Placement>();
	return image->composed;
}

/*
 * The factor of each row: the mean of the light over the row's exposure. The product of
 * the means of level and flicker is that of their product while the level is constant.
 */
void SceneRenderer::setRowFactors(const Light &light, const Moment &moment, unsigned int height,
				  std::vector<double> *factors) const
{
	factors->clear();
	const bool flickers = light.flicker.frequency > 0.0 && light.flicker.depth > 0.0;
	if (!flickers && light.level.constant() && light.level.at(0.0) == 1.0)
		return;

	factors->resize(height);
	for (unsigned int y = 0; y < height; y++) {
		const double end = middleOf(moment, y, height) + moment.exposureTime / 2.0;
		const double start = end - moment.exposureTime;
		(*factors)[y] = light.level.mean(start, end) * light.flicker.mean(start, end);
	}
}

/**
 * \brief What the pixels of one frame, or of one exposure of it, see
 * \param[in] mode Index of a mode of the model; must exist
 * \param[in] moment When and through which lens they see it
 * \param[inout] layers What they see: at least one layer, all of the mode's size. Giving
 * the layers of the last call back saves memory allocations
 */
void SceneRenderer::render(unsigned int mode, const Moment &moment, std::vector<SignalLayer> *layers)
{
	std::scoped_lock lock(mutex_);
	Image *current = image(mode);
	size_t used = 0;

	/* Maps of the last frame that are given back can serve for this one. */
	for (SignalLayer &layer : *layers)
		layer.map = nullptr;

	const Maps &maps = current->planes.empty() || lights_.empty() ? current->base : compose(current, moment);
	layers->resize(maps.size());
	for (size_t i = 0; i < maps.size(); i++) {
		SignalLayer &layer = (*layers)[used];
		layer.rowFactors.clear();
		if (i < lights_.size())
			setRowFactors(lights_[i], moment, current->geometry.height, &layer.rowFactors);

		/* A light that is off costs nothing. */
		const bool off = !layer.rowFactors.empty() &&
				 std::all_of(layer.rowFactors.begin(), layer.rowFactors.end(), [](double f) { return f == 0.0; });
		if (off && (used > 0 || i + 1 < maps.size()))
			continue;
		layer.map = maps[i];
		used++;
	}
	layers->resize(used);
}

} /* namespace fovea::sensor */
