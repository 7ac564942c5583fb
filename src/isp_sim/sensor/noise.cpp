/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Noise: a Gaussian table and a counter-based random generator
 */

#include "isp_sim/sensor/noise.h"

#include <math.h>

#include "isp_sim/sensor/exact_math.h"

namespace fovea::sensor {

namespace {

/* Horner's scheme, highest coefficient first. */
template<size_t N>
double polynomial(const double (&coefficients)[N], double x)
{
	double sum = 0.0;

	for (double c : coefficients)
		sum = sum * x + c;

	return sum;
}

/*
 * The quantile function of the normal distribution, by the rational
 * approximation of Peter J. Acklam (relative error below 1.2e-9).
 */
double normalQuantile(double p)
{
	static constexpr double kA[] = { -3.969683028665376e+01, 2.209460984245205e+02,
					 -2.759285104469687e+02, 1.383577518672690e+02,
					 -3.066479806614716e+01, 2.506628277459239e+00 };
	static constexpr double kB[] = { -5.447609879822406e+01, 1.615858368580409e+02,
					 -1.556989798598866e+02, 6.680131188771972e+01,
					 -1.328068155288572e+01, 1.0 };
	static constexpr double kC[] = { -7.784894002430293e-03, -3.223964580411365e-01,
					 -2.400758277161838e+00, -2.549732539343734e+00,
					 4.374664141464968e+00, 2.938163982698783e+00 };
	static constexpr double kD[] = { 7.784695709041462e-03, 3.224671290700398e-01,
					 2.445134137142996e+00, 3.754408661907416e+00, 1.0 };
	constexpr double kTail = 0.02425;

	if (p > 0.5)
		return -normalQuantile(1.0 - p);

	if (p < kTail) {
		double q = sqrt(-2.0 * exact::log(p));
		return polynomial(kC, q) / polynomial(kD, q);
	}

	double q = p - 0.5;
	double r = q * q;
	return polynomial(kA, r) * q / polynomial(kB, r);
}

GaussianTable makeTable()
{
	GaussianTable table;
	std::array<double, table.size()> quantiles;
	double power = 0.0;

	for (size_t i = 0; i < table.size(); i++) {
		quantiles[i] = normalQuantile((i + 0.5) / table.size());
		power += quantiles[i] * quantiles[i];
	}

	/* The cut tails take some variance away; give it back. */
	double scale = (1 << kGaussianFraction) / sqrt(power / table.size());
	for (size_t i = 0; i < table.size(); i++)
		table[i] = static_cast<int16_t>(floor(quantiles[i] * scale + 0.5));

	return table;
}

} /* namespace */

/**
 * \brief Samples of the standard normal distribution, sorted, all equally likely
 *
 * Fixed point with kGaussianFraction fractional bits. The mean is 0, the variance
 * 1, and the largest value about 3.7.
 */
const GaussianTable &gaussianTable()
{
	static const GaussianTable table = makeTable();

	return table;
}

} /* namespace fovea::sensor */
