/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * White-balance gains by colour temperature
 */

#pragma once

#include <vector>

#include "ipa_context.h"

namespace libcamera {

class ValueNode;

namespace ipa::fovea {

class ColourCurve
{
public:
	int init(const ValueNode &tuningData);

	bool empty() const { return points_.empty(); }
	RGB<double> gains(double temperature) const;
	WhiteBalanceResult nearest(const RGB<double> &gains) const;
	WhiteBalanceResult limit(const RGB<double> &gains, double distance) const;

private:
	struct Point {
		double temperature;
		double rg;
		double bg;
	};

	std::vector<Point> points_;
};

} /* namespace ipa::fovea */

} /* namespace libcamera */
