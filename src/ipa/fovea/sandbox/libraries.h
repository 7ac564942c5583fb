/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The files that the dynamic loader opens for a program or a module
 */

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fovea::sandbox {

std::vector<std::string> filesToLoad(const std::vector<std::string> &roots,
				     std::string_view libraryPath);

} /* namespace fovea::sandbox */
