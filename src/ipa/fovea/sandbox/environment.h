/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Environment of the IPA worker
 */

#pragma once

#include <vector>

namespace fovea::sandbox {

std::vector<char *> workerEnvironment(char **environment);

} /* namespace fovea::sandbox */
