/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Automatic white balance
 */

#pragma once

#include <memory>
#include <optional>

#include <libipa/awb.h>

#include "colour_curve.h"
#include "module.h"

namespace libcamera {

namespace ipa::fovea::algorithms {

class Awb : public Algorithm
{
public:
	Awb();

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
	int createAlgorithm(const ValueNode &tuningData);
	bool hasMode(int32_t mode) const;
	void handleManual(AwbControls &awb, const ControlList &controls);
	std::optional<WhiteBalanceResult> measure(IPAContext &context,
						  const fovea_isp_stats_buffer &stats,
						  const IPAFrameContext &frameContext);
	void writeGains(const IPAContext &context, IPAFrameContext &frameContext,
			FoveaParams *params) const;
	void filter(WhiteBalanceResult &result, unsigned int &frames,
		    const WhiteBalanceResult &measured) const;

	std::unique_ptr<AwbAlgorithm> algorithm_;
	bool grey_;
	ColourCurve curve_;
	double errorLimit_;
	double transverse_;
	double speed_;

};

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
