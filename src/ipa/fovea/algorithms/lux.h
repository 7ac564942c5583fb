/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Illuminance
 */

#pragma once

#include <libipa/lux.h>

#include "module.h"

namespace libcamera {

namespace ipa::fovea::algorithms {

class Lux : public Algorithm
{
public:
	int init(IPAContext &context, const ValueNode &tuningData) override;
	void process(IPAContext &context, const uint32_t frame,
		     IPAFrameContext &frameContext,
		     const fovea_isp_stats_buffer *stats,
		     ControlList &metadata) override;

private:
	ipa::Lux lux_;
};

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
