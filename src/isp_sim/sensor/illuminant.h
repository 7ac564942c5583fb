/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Light sources: lamps, LEDs and daylight
 */

#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "isp_sim/sensor/spectrum.h"

namespace fovea::sensor {

/* A light source. The kind says where the spectrum comes from. */
struct Illuminant {
	enum class Kind {
		Blackbody,
		Daylight,
		Led,			/* white: a blue LED and phosphors */
		RgbLed,			/* white: a red, a green and a blue LED */
		Named,			/* one of illuminantNames() */
		Table,			/* measured, from a file */
	};

	Kind kind;
	double temperature;		/* K; the correlated one where the kind does not use it */
	double illuminance;		/* lux on the scene */
	std::string name;		/* of Named, or the file of Table */
	Spectrum table{};		/* of Table, in any unit */

	Spectrum spectrum() const;
	Spectrum irradiance() const;	/* W / m^2 / nm */
	const char *kindName() const;
};

struct Chromaticity {
	double x;			/* CIE 1931 */
	double y;
};

Chromaticity chromaticity(const Spectrum &s);
double correlatedTemperature(const Chromaticity &c);

/* Coolest and warmest white that the LEDs can mix; K. */
constexpr double kLedMinimum = 2200.0;
constexpr double kLedMaximum = 10000.0;

Spectrum ledSpectrum(double temperature);
Spectrum rgbLedSpectrum(double temperature);

std::vector<std::string> illuminantNames();
std::optional<Spectrum> namedSpectrum(std::string_view name);

std::optional<Spectrum> parseSpectrum(std::string_view text, const std::string &fileName,
				      std::string *error);

} /* namespace fovea::sensor */
