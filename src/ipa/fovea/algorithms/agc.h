/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Automatic exposure and gain
 */

#pragma once

#include <map>
#include <vector>

#include <libcamera/base/utils.h>

#include <libipa/agc_mean_luminance.h>

#include "exposure_statistics.h"
#include "module.h"

namespace libcamera {

namespace ipa::fovea::algorithms {

class Agc : public Algorithm, public AgcMeanLuminance
{
public:
	Agc();

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
	void parseMeteringModes(const ValueNode &tuningData);
	void addControls(IPAContext &context);
	void handleModes(AgcControls &agc, const ControlList &controls);
	void handleDurations(IPAContext &context, AgcControls &agc,
			     const ControlList &controls);

	double estimateLuminance(double gain) const override;
	void applyLimits(const IPAContext &context);
	utils::Duration wantedExposure(const IPAContext &context,
				       const IPAFrameContext &frameContext);
	utils::Duration limitExposure(const IPAContext &context,
				      utils::Duration exposure) const;
	utils::Duration filterExposure(IPAContext &context, utils::Duration wanted) const;
	void updateResult(IPAContext &context, const IPAFrameContext &frameContext,
			  utils::Duration wanted);
	void fillMetadata(const IPAContext &context, const IPAFrameContext &frameContext,
			  ControlList &metadata) const;

	std::map<int32_t, std::vector<uint8_t>> meteringModes_;
	double maxDigitalGain_;
	double speed_;

	/* The statistics in work, for estimateLuminance(). */
	const ExposureStatistics *statistics_;
	const std::vector<uint8_t> *weights_;
	RGB<double> colourGains_;
};

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
