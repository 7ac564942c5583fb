/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Controls as text, exact
 */

#pragma once

#include <string>
#include <string_view>

#include <libcamera/controls.h>

namespace fovea::tune {

std::string controlsToText(const libcamera::ControlList &controls);
bool controlFromText(std::string_view line, libcamera::ControlList *controls, std::string *error);
bool controlsFromText(std::string_view text, libcamera::ControlList *controls, std::string *error);

} /* namespace fovea::tune */
