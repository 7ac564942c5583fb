/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Sharpening
 */

#pragma once

#include <libipa/pwl.h>

#include "module.h"

namespace libcamera {

namespace ipa::fovea::algorithms {

class Sharpen : public Algorithm
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
	Pwl strength_;
	double coring_;
	double limitBright_;
	double limitDark_;
};

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
