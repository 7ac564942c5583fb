/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Types of the Fovea IPA's algorithms
 */

#pragma once

#include <linux/fovea-isp.h>

#include <libcamera/ipa/fovea_ipa_interface.h>

#include <libipa/algorithm.h>
#include <libipa/module.h>

#include "ipa_context.h"
#include "params.h"

namespace libcamera {

namespace ipa::fovea {

/* Largest value of the linear domain (14 bits). */
inline constexpr double kLinearMax = 16383.0;

using Module = ipa::Module<IPAContext, IPAFrameContext, IPAConfigInfo,
			   FoveaParams, fovea_isp_stats_buffer>;

using Algorithm = libcamera::ipa::Algorithm<Module>;

} /* namespace ipa::fovea */

} /* namespace libcamera */
