/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Lens shading
 */

#pragma once

#include "module.h"
#include "shading.h"

namespace libcamera {

namespace ipa::fovea::algorithms {

class LensShading : public Algorithm
{
public:
	int init(IPAContext &context, const ValueNode &tuningData) override;
	int configure(IPAContext &context, const IPAConfigInfo &configInfo) override;
	void queueRequest(IPAContext &context, const uint32_t frame,
			  IPAFrameContext &frameContext,
			  const ControlList &controls) override;
	void prepare(IPAContext &context, const uint32_t frame,
		     IPAFrameContext &frameContext, FoveaParams *params) override;
	void process(IPAContext &context, const uint32_t frame,
		     IPAFrameContext &frameContext,
		     const fovea_isp_stats_buffer *stats,
		     ControlList &metadata) override;

private:
	Shading shading_;
	ShadingGrid mesh_;
};

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
