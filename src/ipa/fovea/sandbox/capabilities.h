/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Root's rights
 */

#pragma once

#include "layer.h"

namespace fovea::sandbox {

void dropCapabilities(MissingLayers *missing);
bool hasCapabilities();

} /* namespace fovea::sandbox */
