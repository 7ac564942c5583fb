/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Noise reduction
 */

#pragma once

#include <libipa/pwl.h>

#include "module.h"

namespace libcamera {

namespace ipa::fovea::algorithms {

class NoiseReduction : public Algorithm
{
public:
	NoiseReduction();

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
	struct Smoothing {
		double strength;
		double threshold;
	};

	void prepareRaw(const IPAContext &context, IPAFrameContext &frameContext,
			FoveaParams *params) const;
	void prepareChroma(const IPAFrameContext &frameContext, double noise,
			   FoveaParams *params) const;
	void prepareTemporal(const IPAFrameContext &frameContext, const PictureNoise &noise,
			     FoveaParams *params) const;

	Smoothing raw_;
	Smoothing chroma_;
	Pwl temporalWeight_;
	double temporalThreshold_;
};

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
