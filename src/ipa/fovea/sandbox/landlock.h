/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Landlock: no file, socket or signal but those that are listed
 */

#pragma once

#include <string>
#include <vector>

#include "layer.h"

namespace fovea::sandbox {

int landlockVersion();
void restrictToFiles(const std::vector<std::string> &readable, MissingLayers *missing);

} /* namespace fovea::sandbox */
