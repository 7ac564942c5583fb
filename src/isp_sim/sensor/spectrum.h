/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Spectra: black bodies, daylight, the standard observer, reflectances
 */

#pragma once

#include <array>
#include <functional>
#include <stddef.h>

namespace fovea::sensor {

using Vector3 = std::array<double, 3>;
using Matrix3 = std::array<Vector3, 3>;

Vector3 multiply(const Matrix3 &m, const Vector3 &v);
bool solve(Matrix3 m, Vector3 v, Vector3 *x);

/* A function of the wavelength, sampled over the visible range. */
class Spectrum
{
public:
	static constexpr double kFirst = 380.0;		/* nm */
	static constexpr double kStep = 5.0;		/* nm */
	static constexpr size_t kSize = 81;

	Spectrum() = default;
	explicit Spectrum(const std::function<double(double)> &f);

	static constexpr double wavelength(size_t i) { return kFirst + kStep * i; }

	double &operator[](size_t i) { return values_[i]; }
	double operator[](size_t i) const { return values_[i]; }

	Spectrum operator*(const Spectrum &other) const;
	Spectrum operator+(const Spectrum &other) const;
	Spectrum operator*(double factor) const;
	double integral() const;

private:
	std::array<double, kSize> values_{};
};

struct Observer {
	std::array<Spectrum, 3> xyz;

	static const Observer &standard();

	Vector3 tristimulus(const Spectrum &s) const;
};

Spectrum blackbodySpectrum(double temperature);
Spectrum daylightSpectrum(double temperature);

extern const Matrix3 kXyzToLinearSrgb;
extern const Matrix3 kLinearSrgbToXyz;

double linearFromSrgb(double code);

Spectrum reflectanceFromLinearSrgb(const Vector3 &rgb);

} /* namespace fovea::sensor */
