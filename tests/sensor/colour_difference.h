/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * CIELAB and the colour difference CIEDE2000, for tests
 */

#pragma once

#include <math.h>

#include "isp_sim/sensor/spectrum.h"

namespace fovea::sensor::test {

/* CIE 15: XYZ and that of the white to L*, a*, b*. */
inline Vector3 lab(const Vector3 &xyz, const Vector3 &white)
{
	Vector3 f;

	for (size_t i = 0; i < 3; i++) {
		const double t = xyz[i] / white[i];
		f[i] = t > 216.0 / 24389.0 ? cbrt(t) : (24389.0 / 27.0 * t + 16.0) / 116.0;
	}

	return { 116.0 * f[1] - 16.0, 500.0 * (f[0] - f[1]), 200.0 * (f[1] - f[2]) };
}

inline double degreesOf(double a, double b)
{
	const double h = atan2(b, a) * 180.0 / M_PI;

	return h < 0.0 ? h + 360.0 : h;
}

inline double cosDegrees(double degrees)
{
	return cos(degrees * M_PI / 180.0);
}

/* ISO/CIE 11664-6 with all weights 1. */
inline double ciede2000(const Vector3 &one, const Vector3 &two)
{
	const auto seventh = [](double c) { return sqrt(pow(c, 7) / (pow(c, 7) + pow(25.0, 7))); };
	const double stretch = 1.5 - 0.5 * seventh((hypot(one[1], one[2]) + hypot(two[1], two[2])) / 2);
	const double a1 = one[1] * stretch, a2 = two[1] * stretch;
	const double c1 = hypot(a1, one[2]), c2 = hypot(a2, two[2]);
	const double h1 = degreesOf(a1, one[2]), h2 = degreesOf(a2, two[2]);
	const bool grey = c1 * c2 == 0.0;

	double dh = grey ? 0.0 : h2 - h1;
	double hue = grey ? h1 + h2 : (h1 + h2) / 2;
	if (fabs(dh) > 180.0) {
		hue += h1 + h2 < 360.0 ? 180.0 : -180.0;
		dh += dh > 0.0 ? -360.0 : 360.0;
	}

	const double lightness = (one[0] + two[0]) / 2 - 50.0, chroma = (c1 + c2) / 2;
	const double t = 1.0 - 0.17 * cosDegrees(hue - 30) + 0.24 * cosDegrees(2 * hue) +
			 0.32 * cosDegrees(3 * hue + 6) - 0.20 * cosDegrees(4 * hue - 63);
	const double l = (two[0] - one[0]) / (1.0 + 0.015 * lightness * lightness / sqrt(20.0 + lightness * lightness));
	const double c = (c2 - c1) / (1.0 + 0.045 * chroma);
	const double h = 2.0 * sqrt(c1 * c2) * sin(dh / 2 * M_PI / 180.0) / (1.0 + 0.015 * chroma * t);
	const double rotation = 60.0 * exp(-pow((hue - 275.0) / 25.0, 2));
	const double r = -2.0 * seventh(chroma) * sin(rotation * M_PI / 180.0);

	return sqrt(l * l + c * c + h * h + r * c * h);
}

} /* namespace fovea::sensor::test */
