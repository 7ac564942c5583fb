/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Spectra: black bodies, daylight, the standard observer, reflectances
 */

#include "isp_sim/sensor/spectrum.h"

#include <iterator>
#include <math.h>
#include <utility>

#include "isp_sim/sensor/exact_math.h"

namespace fovea::sensor {

namespace {

/* SI 2019: Planck's constant, the speed of light, Boltzmann's constant. */
constexpr double kPlanck = 6.62607015e-34;
constexpr double kLightSpeed = 2.99792458e8;
constexpr double kBoltzmann = 1.380649e-23;

/* A Gaussian with a width for each side. */
double lobe(double x, double centre, double below, double above)
{
	double t = (x - centre) / (x < centre ? below : above);

	return exact::exp(-0.5 * t * t);
}

} /* namespace */

Vector3 multiply(const Matrix3 &m, const Vector3 &v)
{
	Vector3 result;

	for (size_t i = 0; i < 3; i++)
		result[i] = m[i][0] * v[0] + m[i][1] * v[1] + m[i][2] * v[2];

	return result;
}

/* Solve m x = v by elimination with pivoting. False if m is singular. */
bool solve(Matrix3 m, Vector3 v, Vector3 *x)
{
	for (size_t column = 0; column < 3; column++) {
		size_t pivot = column;
		for (size_t row = column + 1; row < 3; row++) {
			if (fabs(m[row][column]) > fabs(m[pivot][column]))
				pivot = row;
		}

		if (m[pivot][column] == 0.0)
			return false;

		std::swap(m[pivot], m[column]);
		std::swap(v[pivot], v[column]);

		for (size_t row = column + 1; row < 3; row++) {
			double factor = m[row][column] / m[column][column];
			for (size_t k = column; k < 3; k++)
				m[row][k] -= factor * m[column][k];
			v[row] -= factor * v[column];
		}
	}

	for (size_t row = 3; row-- > 0;) {
		double sum = v[row];
		for (size_t k = row + 1; k < 3; k++)
			sum -= m[row][k] * (*x)[k];
		(*x)[row] = sum / m[row][row];
	}

	return true;
}

/**
 * \class Spectrum
 * \brief A function of the wavelength, 380 nm to 780 nm in steps of 5 nm
 */

Spectrum::Spectrum(const std::function<double(double)> &f)
{
	for (size_t i = 0; i < kSize; i++)
		values_[i] = f(wavelength(i));
}

Spectrum Spectrum::operator*(const Spectrum &other) const
{
	Spectrum result;

	for (size_t i = 0; i < kSize; i++)
		result.values_[i] = values_[i] * other.values_[i];

	return result;
}

Spectrum Spectrum::operator+(const Spectrum &other) const
{
	Spectrum result;

	for (size_t i = 0; i < kSize; i++)
		result.values_[i] = values_[i] + other.values_[i];

	return result;
}

Spectrum Spectrum::operator*(double factor) const
{
	Spectrum result;

	for (size_t i = 0; i < kSize; i++)
		result.values_[i] = values_[i] * factor;

	return result;
}

/* The integral over the wavelength in nanometres. */
double Spectrum::integral() const
{
	double sum = 0.0;

	for (double value : values_)
		sum += value;

	return sum * kStep;
}

/**
 * \brief The CIE 1931 2-degree observer, as an analytic function
 *
 * The multi-lobe fit of Wyman, Sloan and Shirley, "Simple Analytic
 * Approximations to the CIE XYZ Color Matching Functions", Journal of Computer
 * Graphics Techniques 2(2), 2013.
 */
const Observer &Observer::standard()
{
	static const Observer observer{ {
		Spectrum([](double l) {
			return 1.056 * lobe(l, 599.8, 37.9, 31.0) +
			       0.362 * lobe(l, 442.0, 16.0, 26.7) -
			       0.065 * lobe(l, 501.1, 20.4, 26.2);
		}),
		Spectrum([](double l) {
			return 0.821 * lobe(l, 568.8, 46.9, 40.5) +
			       0.286 * lobe(l, 530.9, 16.3, 31.1);
		}),
		Spectrum([](double l) {
			return 1.217 * lobe(l, 437.0, 11.8, 36.0) +
			       0.681 * lobe(l, 459.0, 26.0, 13.8);
		}),
	} };

	return observer;
}

Vector3 Observer::tristimulus(const Spectrum &s) const
{
	return { (xyz[0] * s).integral(), (xyz[1] * s).integral(), (xyz[2] * s).integral() };
}

/* Planck's law, relative to the value at 560 nm. \a temperature in kelvin. */
Spectrum blackbodySpectrum(double temperature)
{
	auto radiance = [&](double nm) {
		double wavelength = nm * 1e-9;
		double x = kPlanck * kLightSpeed / (wavelength * kBoltzmann * temperature);
		double l5 = nm * nm * nm * nm * nm;

		return 1.0 / (l5 * (exact::exp(x) - 1.0));
	};
	double reference = radiance(560.0);

	return Spectrum([&](double nm) { return radiance(nm) / reference; });
}

/* The shape that daylight of all temperatures has in common: exp of a sum of cosines. */
static const Spectrum &atmosphere()
{
	static constexpr double kShape[] = { -0.161, 0.059, -0.097, -0.050, -0.060, -0.029, -0.044, -0.016 };
	constexpr double kPi = 0x1.921fb54442d18p+1;
	static const Spectrum shape([](double nm) {
		const double u = (nm - 380.0) / 400.0;
		double sum = 0.0;
		for (size_t k = 0; k < std::size(kShape); k++)
			sum += kShape[k] * exact::cos(kPi * (k + 1) * u);
		return exact::exp(sum);
	});

	return shape;
}

/**
 * \brief A smooth daylight spectrum
 * \param[in] temperature The correlated colour temperature, 4000 K to 25000 K
 *
 * The CIE gives the chromaticity of daylight by polynomials of 1/T (CIE 15,
 * method of calculating D illuminants) and its spectrum by tables. This is the
 * black body of the same temperature, times what sun and atmosphere take away as a few
 * cosines of the wavelength that we fitted, times exp(a u + b u^2), u being the
 * wavelength relative to 560 nm, with a and b such that the chromaticity is that
 * of CIE daylight. It has no narrow bands; colours under it differ a little from
 * those under a tabulated illuminant of that name.
 */
Spectrum daylightSpectrum(double temperature)
{
	double t = 1e3 / temperature;
	double x = temperature <= 7000.0
			   ? 0.244063 + 0.09911 * t + 2.9678 * t * t - 4.6070 * t * t * t
			   : 0.237040 + 0.24748 * t + 1.9018 * t * t - 2.0064 * t * t * t;
	double y = -3.000 * x * x + 2.870 * x - 0.275;

	const Spectrum base = blackbodySpectrum(temperature) * atmosphere();
	auto tilted = [&](double a, double b) {
		return base * Spectrum([&](double nm) {
			double u = (nm - 560.0) / 180.0;
			return exact::exp(a * u + b * u * u);
		});
	};
	auto error = [&](double a, double b) -> std::array<double, 2> {
		Vector3 v = Observer::standard().tristimulus(tilted(a, b));
		double sum = v[0] + v[1] + v[2];
		return { v[0] / sum - x, v[1] / sum - y };
	};

	/* Newton's method with forward differences; converges in a few steps. */
	constexpr int kIterations = 12;
	constexpr double kDelta = 1e-5;
	double a = 0.0;
	double b = 0.0;
	for (int i = 0; i < kIterations; i++) {
		auto e = error(a, b);
		auto ea = error(a + kDelta, b);
		auto eb = error(a, b + kDelta);
		double j00 = (ea[0] - e[0]) / kDelta, j01 = (eb[0] - e[0]) / kDelta;
		double j10 = (ea[1] - e[1]) / kDelta, j11 = (eb[1] - e[1]) / kDelta;
		double determinant = j00 * j11 - j01 * j10;

		if (determinant == 0.0)
			break;
		a -= (j11 * e[0] - j01 * e[1]) / determinant;
		b -= (j00 * e[1] - j10 * e[0]) / determinant;
	}

	return tilted(a, b);
}

/* IEC 61966-2-1: linear sRGB and CIE XYZ, relative to the D65 white. */
const Matrix3 kXyzToLinearSrgb{ {
	{ 3.2404542, -1.5371385, -0.4985314 },
	{ -0.9692660, 1.8760108, 0.0415560 },
	{ 0.0556434, -0.2040259, 1.0572252 },
} };

const Matrix3 kLinearSrgbToXyz{ {
	{ 0.4124564, 0.3575761, 0.1804375 },
	{ 0.2126729, 0.7151522, 0.0721750 },
	{ 0.0193339, 0.1191920, 0.9503041 },
} };

/* IEC 61966-2-1: the linear value, 0 to 1, of an 8-bit sRGB code. */
double linearFromSrgb(double code)
{
	double v = code / 255.0;

	return v <= 0.04045 ? v / 12.92 : exact::pow((v + 0.055) / 1.055, 2.4);
}

/**
 * \brief A smooth reflectance that has a given colour under daylight
 * \param[in] rgb Linear sRGB, each 0 to 1
 *
 * The reflectance is a sigmoid of a quadratic of the wavelength, s(q) = 1/2 +
 * q / (2 sqrt(1 + q^2)): Jakob and Hanika, "A Low-Dimensional Function Space for
 * Efficient Spectral Upsampling", Eurographics 2019. It is always between 0 and
 * 1 and as smooth as pigments are. A grey is spectrally flat. The coefficients are found by a
 * damped Newton iteration on the tristimulus values under 6504 K daylight.
 */
Spectrum reflectanceFromLinearSrgb(const Vector3 &rgb)
{
	auto sigmoid = [](double q) { return 0.5 + q / (2.0 * sqrt(1.0 + q * q)); };
	auto reflectance = [&](const Vector3 &c) {
		return Spectrum([&](double nm) {
			double u = (nm - 560.0) / 180.0;
			return sigmoid(c[0] + u * (c[1] + u * c[2]));
		});
	};

	static const Spectrum light = [] {
		Spectrum s = daylightSpectrum(6504.0);
		return s * (1.0 / Observer::standard().tristimulus(s)[1]);
	}();
	auto colour = [&](const Vector3 &c) {
		return multiply(kXyzToLinearSrgb,
				Observer::standard().tristimulus(light * reflectance(c)));
	};

	/* The flat reflectance of the same luminance is where to start. */
	double grey = 0.2126729 * rgb[0] + 0.7151522 * rgb[1] + 0.0721750 * rgb[2];
	if (rgb[0] == rgb[1] && rgb[1] == rgb[2])
		return Spectrum([&](double) { return grey; });

	constexpr int kIterations = 60;
	constexpr double kDelta = 1e-5;
	double s = 2.0 * grey - 1.0;
	Vector3 c{ s / sqrt(1.0 - s * s), 0.0, 0.0 };
	auto distance = [&](const Vector3 &v) {
		Vector3 m = colour(v);
		double d[3] = { m[0] - rgb[0], m[1] - rgb[1], m[2] - rgb[2] };
		return d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
	};

	for (int i = 0; i < kIterations; i++) {
		Vector3 now = colour(c);
		Matrix3 jacobian;
		for (size_t k = 0; k < 3; k++) {
			Vector3 moved = c;
			moved[k] += kDelta;
			Vector3 v = colour(moved);
			for (size_t row = 0; row < 3; row++)
				jacobian[row][k] = (v[row] - now[row]) / kDelta;
		}

		Vector3 residual{ rgb[0] - now[0], rgb[1] - now[1], rgb[2] - now[2] };
		Vector3 step{};
		if (!solve(jacobian, residual, &step))
			break;

		/* Halve the step until it improves the colour. */
		double before = distance(c);
		double scale = 1.0;
		while (scale > 1e-6) {
			Vector3 next{ c[0] + scale * step[0], c[1] + scale * step[1],
				      c[2] + scale * step[2] };
			if (distance(next) < before) {
				c = next;
				break;
			}
			scale *= 0.5;
		}
		if (scale <= 1e-6)
			break;
	}

	return reflectance(c);
}

} /* namespace fovea::sensor */
