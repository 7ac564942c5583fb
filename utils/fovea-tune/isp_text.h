/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Parameters and statistics of the ISP as text
 */

#pragma once

#include <span>
#include <stdint.h>
#include <string>

namespace fovea::tune {

bool paramsToText(std::span<const uint8_t> params, std::string *text, std::string *error);
bool statsToText(std::span<const uint8_t> stats, std::string *text, std::string *error);

/* Empty where there is none. */
std::string paramsDifference(std::span<const uint8_t> recorded, std::span<const uint8_t> replayed);
std::string statsDifference(std::span<const uint8_t> recorded, std::span<const uint8_t> replayed);

} /* namespace fovea::tune */
