/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The sources of libcamera's software ISP, which Fovea's build of libcamera
 * leaves out because no handler of it needs them
 */

#include "software_isp/benchmark.cpp"
#include "software_isp/debayer.cpp"
#include "software_isp/debayer_cpu.cpp"
#include "software_isp/swstats_cpu.cpp"
