/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Demosaic
 */

#pragma once

#include "module.h"

namespace libcamera {

namespace ipa::fovea::algorithms {

class Demosaic : public Algorithm
{
public:
	int init(IPAContext &context, const ValueNode &tuningData) override;
	void prepare(IPAContext &context, const uint32_t frame,
		     IPAFrameContext &frameContext, FoveaParams *params) override;

private:
	uint16_t directionThreshold_;
	bool refine_;
};

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
