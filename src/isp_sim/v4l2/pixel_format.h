/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What the kernel does with every pixel format, whatever the driver
 */

#pragma once

#include <linux/videodev2.h>

namespace fovea::v4l2 {

void describePixelFormat(v4l2_fmtdesc *description);
void completePixFormat(v4l2_format *format);

} /* namespace fovea::v4l2 */
