/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Small pictures of what a virtual sensor sees
 */

#pragma once

#include <string>

#include "isp_sim/sensor/model.h"
#include "isp_sim/sensor/scene.h"

#include "picture.h"

namespace fovea::tune {

Picture thumbnail(const sensor::SensorModel &model, const sensor::Scene &scene, unsigned int width);
std::string terminalText(const Picture &picture, unsigned int columns);

} /* namespace fovea::tune */
