/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The worker's file system
 */

#pragma once

#include <string>
#include <vector>

#include "layer.h"

namespace fovea::sandbox {

void changeRoot(const std::vector<std::string> &paths, MissingLayers *missing);

} /* namespace fovea::sandbox */
