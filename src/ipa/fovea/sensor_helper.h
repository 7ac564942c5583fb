/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Gain model and black level of a sensor
 */

#pragma once

#include <memory>
#include <string>

#include <libipa/camera_sensor_helper.h>

namespace libcamera {

class ValueNode;

namespace ipa::fovea {

std::unique_ptr<CameraSensorHelper> createSensorHelper(const std::string &model,
						       const ValueNode &tuning);

} /* namespace ipa::fovea */

} /* namespace libcamera */
