/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Stands in for the peers that this build does not have
 */

#include <stdio.h>

#include "bench.h"

namespace fovea::isp::bench {

namespace {

[[maybe_unused]] void leaveOut(const char *peer, const char *package)
{
	fprintf(stderr, "isp-bench: %s is left out: %s was not there when this was built (utils/setup --bench)\n",
		peer, package);
}

} /* namespace */

#ifndef HAVE_OPENCV
void registerOpenCv()
{
	leaveOut("peer/opencv-*", "libopencv-imgproc-dev");
}
#endif

#ifndef HAVE_LIBYUV
void registerLibyuv()
{
	leaveOut("peer/libyuv-*", "libyuv-dev");
}
#endif

#ifndef HAVE_HALIDE
void registerHalide()
{
	leaveOut("peer/halide-camera-pipe-*", "libhalide19-dev or later, which Debian has from trixie on,");
}
#endif

} /* namespace fovea::isp::bench */
