/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Formats of the image capture nodes
 */

#pragma once

namespace libcamera {

class V4L2VideoDevice;
class PixelFormat;
class Size;
struct StreamConfiguration;

namespace fovea {

int tryCaptureFormat(V4L2VideoDevice *node, StreamConfiguration *config);
int setCaptureFormat(V4L2VideoDevice *node, const StreamConfiguration &config);
int setIdleFormat(V4L2VideoDevice *node, const PixelFormat &pixelFormat,
		  const Size &size);

} /* namespace fovea */

} /* namespace libcamera */
