/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Arithmetic with the same bits on every machine
 */

#include "isp_sim/sensor/exact_math.h"

#include <limits>
#include <math.h>

/*
 * IEEE 754 fixes the result of +, -, *, / and sqrt, and of scaling by a power
 * of two, but not that of exp, log and cos: C libraries differ in the last bit,
 * and one of them differs between CPUs. A frame of a virtual sensor must be
 * equal on all of them, so these are built of the exact operations only, and
 * the library is compiled without contraction to fused multiply-adds.
 * The relative error is below 1e-14, much less than any model here needs.
 */

namespace fovea::sensor::exact {

namespace {

/* ln 2 in two parts; the first has enough trailing zeros for k * kLn2High to be exact. */
constexpr double kLn2High = 0x1.62e42fee00000p-1;
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;

} /* namespace */

/* e^x: x = k ln 2 + r with |r| <= ln(2) / 2, Taylor series of e^r, scaled by 2^k. */
double exp(double x)
{
	if (x < -700.0)
		return 0.0;
	if (x > 700.0)
		return std::numeric_limits<double>::infinity();

	constexpr double kLog2E = 0x1.71547652b82fep+0;
	constexpr int kTerms = 16;

	double k = floor(x * kLog2E + 0.5);
	double r = (x - k * kLn2High) - k * kLn2Low;
	double sum = 1.0;
	for (int i = kTerms; i > 0; i--)
		sum = 1.0 + sum * r / i;

	return ldexp(sum, static_cast<int>(k));
}

/* ln x, x > 0: x = m 2^k with m in [0.7, 1.4), ln m = 2 atanh((m - 1) / (m + 1)). */
double log(double x)
{
	constexpr double kSqrtHalf = 0x1.6a09e667f3bcdp-1;
	constexpr int kTerms = 12;

	int k;
	double m = frexp(x, &k);
	if (m < kSqrtHalf) {
		m *= 2.0;
		k--;
	}

	double z = (m - 1.0) / (m + 1.0);
	double z2 = z * z;
	double sum = 0.0;
	for (int i = kTerms; i >= 0; i--)
		sum = 1.0 / (2 * i + 1) + sum * z2;

	return k * kLn2High + (2.0 * z * sum + k * kLn2Low);
}

/* x^y for x > 0, and 0 for x = 0. */
double pow(double x, double y)
{
	return x > 0.0 ? exp(y * log(x)) : 0.0;
}

/* cos x for |x| < 1e6: reduced to |r| <= pi, Taylor series. */
double cos(double x)
{
	constexpr double kTwoPi = 0x1.921fb54442d18p+2;
	constexpr int kTerms = 16;

	double r = x - floor(x / kTwoPi + 0.5) * kTwoPi;
	double r2 = r * r;
	double sum = 1.0;
	for (int i = kTerms; i > 0; i--)
		sum = 1.0 - sum * r2 / ((2.0 * i - 1.0) * (2.0 * i));

	return sum;
}

} /* namespace fovea::sensor::exact */
