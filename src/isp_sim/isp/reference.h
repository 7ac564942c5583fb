/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The whole ISP in its scalar references
 */

#pragma once

#include <span>
#include <stdint.h>
#include <string>

#include "isp.h"
#include "params.h"
#include "plane.h"
#include "temporal_nr.h"

namespace fovea::isp {

int validateConfiguration(const Configuration &configuration, std::string *error);
int validateBuffers(const Configuration &configuration, std::span<const uint8_t> raw,
		    std::span<const std::span<uint8_t>> outputs);
size_t inputSize(const RawFormat &format);

int processReference(const Configuration &configuration, std::span<const uint8_t> raw,
		     const Params &params, std::span<const std::span<uint8_t>> outputs,
		     fovea_isp_stats_buffer *stats, TemporalState *state = nullptr);

} /* namespace fovea::isp */
