/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Text in a picture
 */

#pragma once

#include <string_view>

#include "formats.h"

namespace fovea::graph {

/* Height of a line of text in pixels. */
constexpr unsigned int kTextHeight = 16;

void drawText(const Image &image, unsigned int left, unsigned int top, std::string_view text);

} /* namespace fovea::graph */
