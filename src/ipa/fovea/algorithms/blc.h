/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Black level
 */

#pragma once

#include <array>
#include <optional>

#include "module.h"

namespace libcamera {

namespace ipa::fovea::algorithms {

class BlackLevel : public Algorithm
{
public:
	int init(IPAContext &context, const ValueNode &tuningData) override;
	int configure(IPAContext &context, const IPAConfigInfo &configInfo) override;
	void prepare(IPAContext &context, const uint32_t frame,
		     IPAFrameContext &frameContext, FoveaParams *params) override;
	void process(IPAContext &context, const uint32_t frame,
		     IPAFrameContext &frameContext,
		     const fovea_isp_stats_buffer *stats,
		     ControlList &metadata) override;

private:
	std::array<uint16_t, 4> levels_;
	std::optional<uint16_t> whiteLevel_;
};

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
