/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Types, names and menus that the kernel gives to standard controls
 */

#pragma once

#include <stdint.h>
#include <string>
#include <vector>

namespace fovea::v4l2 {

struct StandardControl {
	uint32_t id;
	uint32_t type;
	const char *name;
	uint32_t flags;
};

const StandardControl *standardControl(uint32_t id);
std::vector<std::string> standardMenu(uint32_t id);

} /* namespace fovea::v4l2 */
