/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The image that a lens makes of a scene on the pixels of a sensor
 */

#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "isp_sim/sensor/layer_planes.h"
#include "isp_sim/sensor/model.h"
#include "isp_sim/sensor/scene.h"
#include "isp_sim/sensor/scene_sampler.h"
#include "isp_sim/sensor/signal_map.h"

namespace fovea::sensor {

class SceneRenderer
{
public:
	SceneRenderer(const SensorModel &model, const Scene &scene,
		      const std::optional<Track> &focus = std::nullopt);

	void prepare(unsigned int mode);
	void render(unsigned int mode, const Moment &moment, std::vector<SignalLayer> *layers);

	Grid grid(unsigned int mode) const { return grid(geometryOf(mode)); }

private:
	struct Geometry {
		Rectangle crop;
		unsigned int width;
		unsigned int height;
		unsigned int binning;

		bool operator==(const Geometry &other) const;
	};

	using Maps = std::vector<std::shared_ptr<const SignalMap>>;	/* of each light */

	/* What is known about one readout. */
	struct Image {
		Geometry geometry;
		Maps base;		/* the layers that never change */
		std::vector<std::unique_ptr<LayerPlanes>> planes;	/* of the others */

		/* The last frame, and how its layers lay. */
		std::vector<Placement> placements;
		Maps composed;
		std::vector<std::shared_ptr<SignalMap>> pool;
	};

	Geometry geometryOf(unsigned int mode) const;
	Image *image(unsigned int mode);
	Image makeImage(const Geometry &geometry) const;
	Maps makeBase(const Geometry &geometry) const;
	std::unique_ptr<LayerPlanes> makePlanes(const Geometry &geometry, size_t layer) const;
	Grid grid(const Geometry &geometry) const;

	double blurVariance(const Layer &layer, double dioptres, unsigned int binning) const;
	double largestVariance(const Layer &layer, unsigned int binning) const;
	Placement placement(const Layer &layer, double time, int32_t lensPosition, unsigned int binning) const;
	std::vector<Placement> placements(const Geometry &geometry, double time, int32_t lensPosition) const;

	const Maps &compose(Image *image, const Moment &moment) const;
	void composeRow(Image *image, const Moment &moment, unsigned int y, std::vector<std::vector<float>> *rows,
			const std::vector<std::shared_ptr<SignalMap>> &maps) const;
	static std::shared_ptr<SignalMap> spareMap(Image *image);
	void setRowFactors(const Light &light, const Moment &moment, unsigned int height,
			   std::vector<double> *factors) const;

	const SensorModel model_;
	const Lens lens_;
	const std::vector<Light> lights_;
	const std::vector<Layer> layers_;
	const std::optional<Track> focus_;	/* dioptres over the lens position */
	size_t fixed_;				/* layers that never change, from the back on */
	SceneSampler sampler_;
	std::vector<double> largest_;		/* electrons a second, of each light */

	std::mutex mutex_;
	std::vector<std::unique_ptr<Image>> images_;
};

} /* namespace fovea::sensor */
