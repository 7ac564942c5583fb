/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Companded samples and merged exposures
 */

#pragma once

#include <stdint.h>
#include <vector>

#include "module.h"

namespace libcamera {

namespace ipa::fovea::algorithms {

class Hdr : public Algorithm
{
public:
	Hdr();

	int init(IPAContext &context, const ValueNode &tuningData) override;
	int configure(IPAContext &context, const IPAConfigInfo &configInfo) override;
	void prepare(IPAContext &context, const uint32_t frame,
		     IPAFrameContext &frameContext, FoveaParams *params) override;
	void process(IPAContext &context, const uint32_t frame,
		     IPAFrameContext &frameContext,
		     const fovea_isp_stats_buffer *stats,
		     ControlList &metadata) override;

private:
	int configureCompanded();
	void configureMerge(const IPAContext &context);
	void configureRange(IPAContext &context);
	void prepareMerge(const IPAContext &context, const IPAFrameContext &frameContext,
			  FoveaParams *params) const;

	std::vector<uint32_t> companding_;
	double exposureRatio_;
	double compandedGain_;

	bool companded_;
	unsigned int exposures_;

	/* Linear values (20 bits) of what saturates a frame without HDR, and of the range's end. */
	double white_;
	double end_;
	double gains_[FOVEA_ISP_EXPOSURES];
	uint16_t range_[FOVEA_ISP_RANGE_POINTS];
};

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
