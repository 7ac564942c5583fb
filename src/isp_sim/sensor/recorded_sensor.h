/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A sensor that replays a recording
 */

#pragma once

#include <memory>
#include <string>

#include "isp_sim/sensor/model.h"
#include "isp_sim/sensor/recording.h"
#include "isp_sim/sensor/sensor.h"

namespace fovea::sensor {

std::unique_ptr<Sensor> createRecordedSensor(Recording recording, const SensorModel *model,
					     std::string *error);

} /* namespace fovea::sensor */
