/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Light sources: lamps, LEDs and daylight
 */

#include "isp_sim/sensor/illuminant.h"

#include <charconv>
#include <math.h>

#include <fmt/format.h>

#include "isp_sim/sensor/exact_math.h"

namespace fovea::sensor {

namespace {

/* Luminous efficacy of 555 nm light, lm / W. */
constexpr double kLuminousEfficacy = 683.002;

/* A Gaussian of the wavelength: a band of a phosphor, or a line of mercury or of an LED. */
struct Band {
	double centre;			/* nm */
	double width;			/* nm, standard deviation */
	double height;
};

double gaussian(double nm, const Band &band)
{
	const double t = (nm - band.centre) / band.width;

	return band.height * exact::exp(-0.5 * t * t);
}

Spectrum bandSpectrum(const std::vector<Band> &bands)
{
	return Spectrum([&](double nm) {
		double sum = 0.0;
		for (const Band &band : bands)
			sum += gaussian(nm, band);
		return sum;
	});
}

struct Lamp {
	const char *name;
	std::vector<Band> bands;
};

/*
 * The CIE's fluorescent and LED lamps (CIE 15) as sums of bands: the lines of mercury
 * at 405, 436, 546 and 578 nm as wide as the CIE's steps of 5 nm make them,
 * and the phosphors. Fitted by us; tests/sensor/illuminant_test.cpp compares the
 * chromaticities with the published ones.
 */
const std::vector<Lamp> &lamps()
{
	static const std::vector<Lamp> lamps{
		{ "FL1",
		  { { 404.9, 2.51, 0.3682 }, { 435.6, 2.5, 0.8259 }, { 472.5, 41.54, 0.295 }, { 545.9, 2.5, 0.3738 },
		    { 578.2, 3.47, 0.1156 }, { 581.9, 39.91, 0.336 } } },
		{ "FL2",
		  { { 404.9, 2.56, 0.4055 }, { 435.6, 2.5, 0.8872 }, { 469.1, 36.11, 0.2152 }, { 546, 2.5, 0.3971 },
		    { 578, 4.01, 0.1288 }, { 583.2, 36.98, 0.5333 } } },
		{ "FL3",
		  { { 404.9, 2.5, 0.4226 }, { 435.7, 2.5, 0.9338 }, { 470.8, 35.99, 0.1502 }, { 546.1, 2.5, 0.4814 },
		    { 576.3, 14.41, 0.2048 }, { 589.9, 38.22, 0.5412 } } },
		{ "FL4",
		  { { 404.8, 2.5, 0.4049 }, { 435.7, 2.5, 0.9627 }, { 532.9, 90, 0.1169 }, { 546.1, 2.5, 0.5172 },
		    { 575.7, 18.21, 0.4234 }, { 605.9, 29.6, 0.4302 } } },
		{ "FL5",
		  { { 404.9, 2.53, 0.383 }, { 435.6, 2.5, 0.8168 }, { 469.8, 40.4, 0.2966 }, { 546, 2.5, 0.3861 },
		    { 577.4, 40, 0.3708 }, { 578.1, 3.37, 0.1177 } } },
		{ "FL6",
		  { { 404.9, 2.5, 0.4084 }, { 435.6, 2.5, 0.8941 }, { 468.6, 37.54, 0.1935 }, { 546.1, 2.5, 0.4707 },
		    { 575, 14.73, 0.1875 }, { 584, 40.06, 0.4775 } } },
		{ "FL7",
		  { { 404.9, 2.65, 0.3436 }, { 435.6, 2.5, 0.8095 }, { 464.9, 40.82, 0.213 }, { 546, 2.5, 0.4181 },
		    { 578.1, 3.05, 0.1149 }, { 587, 81.22, 0.281 } } },
		{ "FL8",
		  { { 404.9, 2.5, 0.3202 }, { 435.7, 2.5, 0.8514 }, { 490.9, 46.23, 0.3419 }, { 546, 2.5, 0.5489 },
		    { 578, 2.5, 0.1668 }, { 630, 63.19, 0.4107 } } },
		{ "FL9",
		  { { 399.2, 12.04, 0.0344 }, { 405, 2.5, 0.3276 }, { 435.7, 2.5, 0.9057 }, { 473.7, 30.77, 0.1776 },
		    { 545.9, 2.5, 0.5292 }, { 578.1, 2.69, 0.1583 }, { 600.3, 74.02, 0.4504 }, { 654.9, 13.17, 0.1188 } } },
		{ "FL10",
		  { { 404.7, 2.5, 0.127 }, { 435.8, 2.5, 0.3832 }, { 460, 31.65, 0.1335 }, { 489, 4.4, 0.1632 },
		    { 544.7, 4.43, 0.9966 }, { 585.6, 8.65, 0.1928 }, { 611.9, 2.68, 0.6191 }, { 620.6, 12.29, 0.1709 } } },
		{ "FL11",
		  { { 404.7, 2.5, 0.1496 }, { 435.8, 2.5, 0.4174 }, { 461.5, 31.4, 0.089 }, { 489, 4.52, 0.1653 },
		    { 544.7, 4.33, 0.9982 }, { 585.7, 7.93, 0.1955 }, { 612, 2.51, 0.8373 }, { 619.6, 13.53, 0.1917 } } },
		{ "FL12",
		  { { 404.8, 2.5, 0.1742 }, { 435.7, 2.5, 0.4156 }, { 465.1, 29.28, 0.0359 }, { 489.1, 4.84, 0.1622 },
		    { 544.7, 4.14, 0.9353 }, { 606.9, 27.83, 0.2039 }, { 612.1, 2.5, 1.1329 }, { 708.8, 5.24, 0.0999 } } },
		{ "LED-B1",
		  { { 451.4, 10.82, 0.3105 }, { 503.5, 34.07, 0.1573 }, { 607.9, 51.77, 0.9877 } } },
		{ "LED-B2",
		  { { 452, 9.22, 0.4311 }, { 501.7, 42.92, 0.1705 }, { 605.7, 54.12, 0.9804 } } },
		{ "LED-B3",
		  { { 448, 8.83, 0.8424 }, { 536.7, 54.69, 0.5368 }, { 615.3, 47.25, 0.622 } } },
		{ "LED-B4",
		  { { 451.1, 10.46, 0.9052 }, { 539.2, 19.26, 0.11 }, { 577.7, 60.36, 0.5972 } } },
		{ "LED-B5",
		  { { 430.2, 4.45, 0.0585 }, { 451.8, 9.76, 0.8893 }, { 561.8, 62.34, 0.4993 } } },
		{ "LED-BH1",
		  { { 444.7, 12.24, 0.1704 }, { 567.8, 50.36, 0.3689 }, { 625.1, 9.06, 0.7647 } } },
		{ "LED-RGB1",
		  { { 519.5, 13.22, 0.2112 }, { 566.4, 82.93, 0.1374 }, { 628.7, 14.57, 0.3125 }, { 635.7, 6.54, 0.6162 } } },
		{ "LED-V1",
		  { { 413.3, 6.6, 0.6941 }, { 593.3, 84.13, 0.5912 }, { 648, 32.85, 0.5034 } } },
		{ "LED-V2",
		  { { 413, 7.57, 0.9227 }, { 497, 45.06, 0.5847 }, { 627.9, 58.27, 0.8158 } } },
	};

	return lamps;
}

/* The white of a colour temperature: daylight where there is such, else the black body. */
Chromaticity whiteOf(double temperature)
{
	constexpr double kDaylight = 5000.0;

	return chromaticity(temperature < kDaylight ? blackbodySpectrum(temperature)
						    : daylightSpectrum(temperature));
}

/* The sum of three \a primaries that has the chromaticity \a white. */
Spectrum mix(const std::array<Spectrum, 3> &primaries, const Chromaticity &white)
{
	const Vector3 target{ white.x / white.y, 1.0, (1.0 - white.x - white.y) / white.y };
	Matrix3 m;
	for (size_t i = 0; i < 3; i++) {
		const Vector3 v = Observer::standard().tristimulus(primaries[i]);
		for (size_t row = 0; row < 3; row++)
			m[row][i] = v[row];
	}

	Vector3 parts{};
	solve(m, target, &parts);
	return primaries[0] * parts[0] + primaries[1] * parts[1] + primaries[2] * parts[2];
}

/* CIE 1960 u and v. */
std::array<double, 2> uniform(const Chromaticity &c)
{
	const double d = -2.0 * c.x + 12.0 * c.y + 3.0;

	return { 4.0 * c.x / d, 6.0 * c.y / d };
}

} /* namespace */

/** \brief The CIE 1931 chromaticity of a spectrum that is not zero everywhere */
Chromaticity chromaticity(const Spectrum &s)
{
	const Vector3 v = Observer::standard().tristimulus(s);
	const double sum = v[0] + v[1] + v[2];

	return { v[0] / sum, v[1] / sum };
}

/**
 * \brief The correlated colour temperature
 *
 * The temperature of the black body that is nearest in the CIE 1960 diagram (CIE 15), by
 * a search in reciprocal temperature, in which the locus is evenly spaced.
 *
 * \return Kelvin, 1000 to 25000
 */
double correlatedTemperature(const Chromaticity &c)
{
	constexpr double kGoldenSection = 0.6180339887498949;
	constexpr int kIterations = 60;
	const auto wanted = uniform(c);
	auto distance = [&](double mired) {
		const auto uv = uniform(chromaticity(blackbodySpectrum(1e6 / mired)));
		const double du = uv[0] - wanted[0], dv = uv[1] - wanted[1];
		return du * du + dv * dv;
	};

	double low = 1e6 / 25000.0, high = 1e6 / 1000.0;
	double a = high - kGoldenSection * (high - low), b = low + kGoldenSection * (high - low);
	double fa = distance(a), fb = distance(b);
	for (int i = 0; i < kIterations; i++) {
		if (fa < fb) {
			high = b;
			b = a;
			fb = fa;
			a = high - kGoldenSection * (high - low);
			fa = distance(a);
		} else {
			low = a;
			a = b;
			fa = fb;
			b = low + kGoldenSection * (high - low);
			fb = distance(b);
		}
	}

	return 2e6 / (low + high);
}

/**
 * \brief A white LED: a blue chip and two phosphors
 * \param[in] temperature Kelvin, kLedMinimum to kLedMaximum
 *
 * The three are mixed to the chromaticity of the black body, or of daylight from 5000 K on.
 * Widths are those of usual chips and phosphors.
 */
Spectrum ledSpectrum(double temperature)
{
	static const std::array<Spectrum, 3> parts{
		bandSpectrum({ { 451.0, 10.0, 1.0 } }),
		bandSpectrum({ { 535.0, 38.0, 1.0 } }),
		bandSpectrum({ { 612.0, 42.0, 1.0 } }),
	};

	return mix(parts, whiteOf(temperature));
}

/**
 * \brief White of a red, a green and a blue LED; see ledSpectrum()
 */
Spectrum rgbLedSpectrum(double temperature)
{
	static const std::array<Spectrum, 3> parts{
		bandSpectrum({ { 463.0, 11.0, 1.0 } }),
		bandSpectrum({ { 526.0, 15.0, 1.0 } }),
		bandSpectrum({ { 631.0, 8.5, 1.0 } }),
	};

	return mix(parts, whiteOf(temperature));
}

/** \brief The names that namedSpectrum() knows */
std::vector<std::string> illuminantNames()
{
	std::vector<std::string> names{ "A", "D50", "D55", "D65", "D75", "E" };

	for (const Lamp &lamp : lamps())
		names.push_back(lamp.name);
	return names;
}

/**
 * \brief The spectrum of an illuminant of the CIE, as modelled here
 * \param[in] name "D65"; fluorescent lamps as "FL2" or "F2"
 */
std::optional<Spectrum> namedSpectrum(std::string_view name)
{
	static const struct {
		std::string_view name;
		double temperature;
	} kDaylights[] = { { "D50", 5003.0 }, { "D55", 5503.0 }, { "D65", 6504.0 }, { "D75", 7504.0 } };

	if (name == "A")
		return blackbodySpectrum(2856.0);
	if (name == "E")
		return Spectrum([](double) { return 1.0; });
	for (const auto &daylight : kDaylights) {
		if (name == daylight.name)
			return daylightSpectrum(daylight.temperature);
	}

	const bool isShort = name.size() > 1 && name[0] == 'F' && name[1] != 'L';
	for (const Lamp &lamp : lamps()) {
		const std::string_view full = lamp.name;
		if (name == full || (isShort && full.starts_with("FL") && name.substr(1) == full.substr(2)))
			return bandSpectrum(lamp.bands);
	}

	return std::nullopt;
}

namespace {

struct Point {
	double wavelength;
	double value;
};

/* "wavelength,value"; false if it is anything else. */
bool parsePoint(std::string_view line, Point *point)
{
	auto number = [](std::string_view text, double *value) {
		while (!text.empty() && text.front() == ' ')
			text.remove_prefix(1);
		while (!text.empty() && (text.back() == ' ' || text.back() == '\r'))
			text.remove_suffix(1);
		auto [last, status] = std::from_chars(text.data(), text.data() + text.size(), *value);
		return status == std::errc{} && last == text.data() + text.size() && isfinite(*value);
	};
	const size_t comma = line.find(',');

	return comma != line.npos && number(line.substr(0, comma), &point->wavelength) &&
	       number(line.substr(comma + 1), &point->value);
}

/* Straight lines between the points, nothing outside. */
double interpolate(const std::vector<Point> &points, double wavelength)
{
	for (size_t i = 1; i < points.size(); i++) {
		const Point &a = points[i - 1], &b = points[i];
		if (wavelength >= a.wavelength && wavelength <= b.wavelength)
			return a.value + (b.value - a.value) * (wavelength - a.wavelength) /
						 (b.wavelength - a.wavelength);
	}

	return 0.0;
}

} /* namespace */

/**
 * \brief Read a measured spectrum
 * \param[in] text Lines of "wavelength,value": nanometres that rise, values from 0 to 1e12.
 * A first line that begins with a letter is a header; lines with # are comments
 * \param[in] fileName The name to give in errors
 * \param[out] error What is wrong: file, line, and what is expected
 */
std::optional<Spectrum> parseSpectrum(std::string_view text, const std::string &fileName,
				      std::string *error)
{
	constexpr double kMaximum = 1e12;
	std::vector<Point> points;
	size_t number = 0;
	auto fail = [&](const char *message) -> std::optional<Spectrum> {
		*error = fmt::format("{}:{}: {}", fileName, number, message);
		return std::nullopt;
	};

	error->clear();
	for (size_t at = 0; at < text.size();) {
		const size_t end = std::min(text.find('\n', at), text.size());
		const std::string_view line = text.substr(at, end - at);
		Point point;

		at = end + 1;
		number++;
		if (line.empty() || line == "\r" || line.front() == '#' ||
		    (points.empty() && isalpha(static_cast<unsigned char>(line.front()))))
			continue;
		if (!parsePoint(line, &point))
			return fail("expected 'wavelength,value', two numbers");
		if (point.wavelength < 100.0 || point.wavelength > 5000.0 ||
		    (!points.empty() && point.wavelength <= points.back().wavelength))
			return fail("expected wavelengths that rise, 100 nm to 5000 nm");
		if (point.value < 0.0 || point.value > kMaximum)
			return fail("expected a value from 0 to 1e12");
		points.push_back(point);
	}

	const Spectrum spectrum([&](double nm) { return interpolate(points, nm); });
	if (!(Observer::standard().tristimulus(spectrum)[1] > 1e-6))
		return fail("expected light from 380 nm to 780 nm");

	return spectrum;
}

/** \brief The spectrum, in any unit */
Spectrum Illuminant::spectrum() const
{
	switch (kind) {
	case Kind::Blackbody:
		return blackbodySpectrum(temperature);
	case Kind::Daylight:
		return daylightSpectrum(temperature);
	case Kind::Led:
		return ledSpectrum(temperature);
	case Kind::RgbLed:
		return rgbLedSpectrum(temperature);
	case Kind::Named:
		return namedSpectrum(name).value_or(Spectrum());
	case Kind::Table:
		break;
	}

	return table;
}

/** \brief The spectral irradiance on the scene that gives the illuminant's lux */
Spectrum Illuminant::irradiance() const
{
	const Spectrum s = spectrum();
	const double lux = kLuminousEfficacy * Observer::standard().tristimulus(s)[1];

	return lux > 0.0 ? s * (illuminance / lux) : s;
}

/** \brief The kind as scenes and truth files spell it */
const char *Illuminant::kindName() const
{
	static const char *const names[] = { "blackbody", "daylight", "led", "rgb-led", "named", "table" };

	return names[static_cast<size_t>(kind)];
}

} /* namespace fovea::sensor */
