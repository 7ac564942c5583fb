/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Chromatic aberration
 */

#pragma once

#include <optional>
#include <vector>

#include "module.h"

namespace libcamera {

namespace ipa::fovea::algorithms {

class ChromaticAberration : public Algorithm
{
public:
	int init(IPAContext &context, const ValueNode &tuningData) override;
	int configure(IPAContext &context, const IPAConfigInfo &configInfo) override;
	void prepare(IPAContext &context, const uint32_t frame,
		     IPAFrameContext &frameContext, FoveaParams *params) override;

private:
	using Polynomial = std::vector<double>;

	fovea_isp_cac_shift shift(const FrameGeometry &geometry, const Polynomial &polynomial,
				  unsigned int node) const;

	std::optional<ArrayPlace> centre_;
	Polynomial red_;
	Polynomial blue_;
	fovea_isp_cac mesh_;
};

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
