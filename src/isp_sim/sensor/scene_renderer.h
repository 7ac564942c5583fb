/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The image that a lens makes of a scene on the pixels of a sensor
 */

#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "isp_sim/sensor/chart.h"
#include "isp_sim/sensor/model.h"
#include "isp_sim/sensor/scene.h"
#include "isp_sim/sensor/signal_map.h"

namespace fovea::sensor {

class SceneRenderer
{
public:
	SceneRenderer(const SensorModel &model, const Scene &scene);

	void prepare(unsigned int mode);
	void render(unsigned int mode, const Moment &moment, std::vector<SignalLayer> *layers);

private:
	struct Geometry {
		Rectangle crop;
		unsigned int width;
		unsigned int height;
		unsigned int binning;

		bool operator==(const Geometry &other) const;
	};
	struct CachedMap {
		Geometry geometry;
		std::shared_ptr<const SignalMap> map;
	};

	std::shared_ptr<const SignalMap> map(unsigned int mode);
	SignalMap makeMap(const Geometry &geometry) const;
	void fillTile(SignalMap *map, const Geometry &geometry, unsigned int tileX,
		      unsigned int tileY) const;
	double mixture(const ChartWindow &window, double x, double y, double size,
		       unsigned int channel) const;

	const SensorModel model_;
	const Scene scene_;
	std::vector<Vector3> signals_;	/* electrons / s, of each material */
	double largest_;		/* electrons / s */

	std::mutex mutex_;
	std::vector<CachedMap> maps_;
};

} /* namespace fovea::sensor */
