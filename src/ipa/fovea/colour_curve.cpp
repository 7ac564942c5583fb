/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * White-balance gains by colour temperature
 */

#include "colour_curve.h"

#include <algorithm>
#include <cmath>
#include <errno.h>
#include <limits>

#include "libcamera/internal/value_node.h"

/**
 * \file colour_curve.h
 * \brief White-balance gains by colour temperature
 */

namespace libcamera {

namespace ipa::fovea {

namespace {

RGB<double> toGains(double rg, double bg)
{
	return RGB<double>{ { 1.0 / rg, 1.0, 1.0 / bg } };
}

} /* namespace */

/**
 * \class ColourCurve
 * \brief The colours of grey under the illuminants of the tuning file
 *
 * Points of the plane of R/G and B/G, joined by straight lines.
 */

/**
 * \brief Read the points
 * \param[in] tuningData The node "colourGains": a list of ct (kelvin, growing)
 * and gains (red, blue); may be empty
 * \return 0, or -EINVAL
 */
int ColourCurve::init(const ValueNode &tuningData)
{
	points_.clear();

	for (const auto &entry : tuningData.asList()) {
		auto temperature = entry["ct"].get<double>();
		auto gains = entry["gains"].get<std::vector<double>>();
		if (!temperature || !gains || gains->size() != 2)
			return -EINVAL;

		points_.push_back({ *temperature, 1.0 / (*gains)[0], 1.0 / (*gains)[1] });
	}

	return 0;
}

/**
 * \brief Gains of a colour temperature; the curve must not be empty
 *
 * Interpolated in mired (the reciprocal of the temperature), along which the
 * colours of thermal light are nearly evenly spaced. Beyond the ends the gains
 * of the end hold.
 */
RGB<double> ColourCurve::gains(double temperature) const
{
	auto next = std::find_if(points_.begin(), points_.end(), [temperature](const Point &point) {
		return point.temperature >= temperature;
	});
	if (next == points_.begin())
		return toGains(next->rg, next->bg);
	if (next == points_.end())
		return toGains(points_.back().rg, points_.back().bg);

	const Point &a = *std::prev(next);
	const Point &b = *next;
	const double position = (1 / temperature - 1 / a.temperature) /
				(1 / b.temperature - 1 / a.temperature);

	return toGains(std::lerp(a.rg, b.rg, position), std::lerp(a.bg, b.bg, position));
}

/**
 * \brief The point of the curve that is nearest to some gains
 * \param[in] gains The gains, green 1.0
 * \return Temperature and gains of the point; the curve must not be empty
 */
WhiteBalanceResult ColourCurve::nearest(const RGB<double> &gains) const
{
	const double rg = 1.0 / gains.r();
	const double bg = 1.0 / gains.b();
	double best = std::numeric_limits<double>::infinity();
	WhiteBalanceResult result{};

	for (size_t i = 0; i < points_.size(); i++) {
		const Point &a = points_[i ? i - 1 : 0];
		const Point &b = points_[i];
		const double dr = b.rg - a.rg;
		const double db = b.bg - a.bg;
		const double length2 = dr * dr + db * db;
		const double position =
			length2 > 0 ? std::clamp(((rg - a.rg) * dr + (bg - a.bg) * db) / length2, 0.0, 1.0)
				    : 0.0;
		const double r = a.rg + position * dr;
		const double c = a.bg + position * db;
		const double distance = std::hypot(rg - r, bg - c);
		if (distance >= best)
			continue;

		best = distance;
		result.gains = toGains(r, c);
		result.temperature = 1.0 / std::lerp(1.0 / a.temperature, 1.0 / b.temperature,
						     position);
	}

	return result;
}

/**
 * \brief Hold gains near the curve
 * \param[in] gains The gains, green 1.0
 * \param[in] distance Largest distance from the curve in R/G and B/G
 * \return The gains, moved straight towards the curve if they are farther away,
 * with the temperature of the nearest point
 */
WhiteBalanceResult ColourCurve::limit(const RGB<double> &gains, double distance) const
{
	WhiteBalanceResult result = nearest(gains);
	const double nearRg = 1.0 / result.gains.r();
	const double nearBg = 1.0 / result.gains.b();
	const double dr = 1.0 / gains.r() - nearRg;
	const double db = 1.0 / gains.b() - nearBg;
	const double away = std::hypot(dr, db);

	if (away <= distance)
		result.gains = gains;
	else
		result.gains = toGains(nearRg + dr * distance / away,
				       nearBg + db * distance / away);

	return result;
}

} /* namespace ipa::fovea */

} /* namespace libcamera */
