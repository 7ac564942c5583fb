/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Defect pixels
 */

#pragma once

#include <stdint.h>
#include <utility>
#include <vector>

#include "module.h"

namespace libcamera {

namespace ipa::fovea::algorithms {

class DefectPixels : public Algorithm
{
public:
	int init(IPAContext &context, const ValueNode &tuningData) override;
	int configure(IPAContext &context, const IPAConfigInfo &configInfo) override;
	void prepare(IPAContext &context, const uint32_t frame,
		     IPAFrameContext &frameContext, FoveaParams *params) override;

private:
	double threshold_;
	double floor_;
	std::vector<std::pair<unsigned int, unsigned int>> known_;
	std::vector<fovea_isp_defect> listed_;
};

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
