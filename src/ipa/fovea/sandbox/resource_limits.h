/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Resource limits of the worker
 */

#pragma once

#include "layer.h"

namespace fovea::sandbox {

/* The runtime of a sanitizer needs what a plain worker must not have. */
inline constexpr bool kSanitized = FOVEA_SANITIZED;

void limitResources(bool ownNamespace, MissingLayers *missing);

} /* namespace fovea::sandbox */
