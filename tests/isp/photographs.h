/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Photographs of which every colour of every pixel is known
 */

#pragma once

#include <string>
#include <vector>

#include "isp_sim/isp/plane.h"

namespace fovea::isp::test {

struct Photograph {
	std::string name;
	Planes planes;
};

std::vector<Photograph> photographs();

} /* namespace fovea::isp::test */
