/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The engine beside the scalar references of the whole ISP
 */

#pragma once

#include <span>
#include <stdint.h>
#include <vector>

#include "isp_sim/isp/reference.h"

namespace fovea::isp::test {

/* A byte that no picture needs, between and behind the rows. */
inline constexpr uint8_t kCanary = 0xa5;

/* What a frame gives: memory for all outputs, filled with kCanary, and statistics. */
struct Result {
	explicit Result(const Configuration &configuration);

	std::vector<std::vector<uint8_t>> pictures;
	fovea_isp_stats_buffer stats = {};
	std::vector<std::span<uint8_t>> spans;
};

void expectEqual(const Configuration &configuration, const Result &expected, const Result &actual);

/* Process a frame by the references, and with each instruction set. */
void compare(const Configuration &configuration, const std::vector<uint8_t> &raw, const Params &params);

} /* namespace fovea::isp::test */
