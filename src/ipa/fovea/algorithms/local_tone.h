/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Local tone mapping
 */

#pragma once

#include "module.h"

namespace libcamera {

namespace ipa::fovea::algorithms {

class LocalTone : public Algorithm
{
public:
	LocalTone();

	int init(IPAContext &context, const ValueNode &tuningData) override;
	int configure(IPAContext &context, const IPAConfigInfo &configInfo) override;
	void prepare(IPAContext &context, const uint32_t frame,
		     IPAFrameContext &frameContext, FoveaParams *params) override;
	void process(IPAContext &context, const uint32_t frame,
		     IPAFrameContext &frameContext,
		     const fovea_isp_stats_buffer *stats,
		     ControlList &metadata) override;

private:
	double baseGain(double level) const;
	double wantedLift(double level) const;

	double strength_;
	double hdrStrength_;
	double target_;
	double maxLift_;
	double speed_;

	bool active_;
	double activeStrength_;
	double scale_;
};

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
