/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Layers of the sandbox that a machine may lack
 */

#pragma once

#include <string>
#include <vector>

namespace fovea::sandbox {

/* Exit status of a worker that refuses to run a module. */
inline constexpr int kRefusedStatus = 78;

struct MissingLayer {
	std::string layer;
	std::string reason;
	std::string remedy;
};

using MissingLayers = std::vector<MissingLayer>;

int judge(const MissingLayers &missing, const std::string &module, bool relaxed);

} /* namespace fovea::sandbox */
