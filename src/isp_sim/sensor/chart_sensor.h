/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A sensor that looks at a synthetic scene
 */

#pragma once

#include <memory>

#include "isp_sim/sensor/model.h"
#include "isp_sim/sensor/scene.h"
#include "isp_sim/sensor/sensor.h"

namespace fovea::sensor {

std::unique_ptr<Sensor> createChartSensor(const SensorModel &model, const Scene &scene,
					  const std::optional<Track> &focus = std::nullopt);

} /* namespace fovea::sensor */
