/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What debayer and scaler do to a picture
 */

#pragma once

#include <linux/videodev2.h>

#include "formats.h"

namespace fovea::graph {

void debayer(const Image &bayer, unsigned int window, const Image &output);
void scale(const Image &input, const v4l2_rect &crop, const Image &output);

} /* namespace fovea::graph */
