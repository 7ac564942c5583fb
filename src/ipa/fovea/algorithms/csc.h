/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Colour-space conversion
 */

#pragma once

#include "module.h"

namespace libcamera {

namespace ipa::fovea::algorithms {

class Csc : public Algorithm
{
public:
	int configure(IPAContext &context, const IPAConfigInfo &configInfo) override;
	void prepare(IPAContext &context, const uint32_t frame,
		     IPAFrameContext &frameContext, FoveaParams *params) override;

private:
	int16_t coeff_[3][3];
	int16_t offset_[3];
};

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
