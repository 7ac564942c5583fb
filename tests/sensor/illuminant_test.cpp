/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Light sources and the chart's reflectances against published values
 */

#include <fstream>
#include <map>
#include <math.h>
#include <sstream>
#include <stdlib.h>

#include <gtest/gtest.h>

#include "isp_sim/sensor/chart.h"
#include "isp_sim/sensor/colour_difference.h"
#include "isp_sim/sensor/illuminant.h"

using namespace fovea::sensor;

namespace {

/* A CSV file of named columns behind "nm"; empty where there is none. */
std::map<std::string, Spectrum> readTable(const std::string &name)
{
	const char *data = getenv("FOVEA_DATA_PATH");
	const std::string directory = data ? data : FOVEA_SOURCE_DIR "/../shared/data";
	std::ifstream file(directory + "/spectral/derived-colour-science/" + name);
	std::map<std::string, Spectrum> table;
	std::map<double, std::vector<double>> rows;
	std::vector<std::string> names;
	std::string line, cell;

	for (bool header = true; std::getline(file, line); header = false) {
		std::istringstream cells(line);
		std::vector<double> values;
		while (std::getline(cells, cell, ',')) {
			if (header)
				names.push_back(cell);
			else
				values.push_back(atof(cell.c_str()));
		}
		if (!values.empty()) {
			values.resize(names.size());
			rows[values[0]] = values;
		}
	}

	for (size_t k = 1; k < names.size(); k++) {
		table[names[k]] = Spectrum([&](double nm) {
			const auto above = rows.lower_bound(nm);
			if (above == rows.end())
				return rows.rbegin()->second[k];
			if (above->first == nm || above == rows.begin())
				return above->second[k];
			const auto below = std::prev(above);
			const double t = (nm - below->first) / (above->first - below->first);
			return below->second[k] * (1 - t) + above->second[k] * t;
		});
	}

	return table;
}

double correlation(const Spectrum &a, const Spectrum &b)
{
	double ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;

	for (size_t i = 0; i < Spectrum::kSize; i++) {
		ma += a[i] / Spectrum::kSize;
		mb += b[i] / Spectrum::kSize;
	}
	for (size_t i = 0; i < Spectrum::kSize; i++) {
		aa += (a[i] - ma) * (a[i] - ma);
		bb += (b[i] - mb) * (b[i] - mb);
		ab += (a[i] - ma) * (b[i] - mb);
	}

	return ab / sqrt(aa * bb);
}

} /* namespace */

/* CIE 15, tables of the chromaticities; F2, F11 and the LEDs too have names of their own. */
TEST(Illuminant, NamedOnesHaveThePublishedChromaticity)
{
	struct {
		const char *name;
		double x, y, temperature;
	} const published[] = {
		{ "A", 0.4476, 0.4074, 2856 }, { "D50", 0.3457, 0.3585, 5003 },
		{ "D55", 0.3324, 0.3474, 5503 }, { "D65", 0.3127, 0.3290, 6504 },
		{ "D75", 0.2990, 0.3149, 7504 }, { "E", 0.3333, 0.3333, 5454 },
		{ "F1", 0.3131, 0.3371, 6430 }, { "F2", 0.3721, 0.3751, 4230 },
		{ "FL3", 0.4091, 0.3941, 3450 }, { "FL4", 0.4402, 0.4031, 2940 },
		{ "FL7", 0.3129, 0.3292, 6500 }, { "FL8", 0.3458, 0.3586, 5000 },
		{ "FL10", 0.3458, 0.3588, 5000 }, { "F11", 0.3805, 0.3769, 4000 },
		{ "FL12", 0.4370, 0.4042, 3000 }, { "LED-B1", 0.4560, 0.4078, 2733 },
		{ "LED-B3", 0.3756, 0.3723, 4103 }, { "LED-B5", 0.3118, 0.3236, 6598 },
		{ "LED-RGB1", 0.4557, 0.4211, 2840 }, { "LED-V1", 0.4548, 0.4044, 2724 },
	};

	for (const auto &p : published) {
		const auto spectrum = namedSpectrum(p.name);
		ASSERT_TRUE(spectrum) << p.name;
		const Chromaticity c = chromaticity(*spectrum);
		EXPECT_NEAR(c.x, p.x, 0.003) << p.name;
		EXPECT_NEAR(c.y, p.y, 0.003) << p.name;
		EXPECT_NEAR(correlatedTemperature(c) / p.temperature, 1.0, 0.025) << p.name;
	}

	EXPECT_FALSE(namedSpectrum("F13"));
	EXPECT_FALSE(namedSpectrum(""));
	for (const std::string &name : illuminantNames())
		EXPECT_TRUE(namedSpectrum(name)) << name;
}

/* With the CIE's tables at hand: the same chromaticity, and the same shape. */
TEST(Illuminant, NamedOnesResembleTheTables)
{
	const auto table = readTable("illum_DATA_ILLUMINANTS_CIE.csv");
	if (table.empty())
		GTEST_SKIP() << "no spectral tables in FOVEA_DATA_PATH";

	for (const std::string &name : illuminantNames()) {
		ASSERT_TRUE(table.count(name)) << name;
		const Spectrum &measured = table.at(name);
		const Spectrum ours = *namedSpectrum(name);
		const Chromaticity a = chromaticity(ours), b = chromaticity(measured);
		EXPECT_NEAR(a.x, b.x, 0.002) << name;
		EXPECT_NEAR(a.y, b.y, 0.002) << name;
		/* Daylight lacks the narrow bands of the atmosphere. */
		if (name != "E") {
			EXPECT_GT(correlation(ours, measured), name[0] == 'D' ? 0.95 : 0.99) << name;
		}
	}
}

TEST(Illuminant, LedsHaveTheTemperature)
{
	for (double t : { kLedMinimum, 2700.0, 4000.0, 4999.0, 5001.0, 6500.0, kLedMaximum }) {
		for (const Spectrum &s : { ledSpectrum(t), rgbLedSpectrum(t) }) {
			EXPECT_NEAR(correlatedTemperature(chromaticity(s)) / t, 1.0, 0.005) << t;
			for (size_t i = 0; i < Spectrum::kSize; i++)
				EXPECT_GE(s[i], 0.0) << t << " K, " << Spectrum::wavelength(i) << " nm";
		}
	}
}

TEST(Illuminant, TemperatureOfABlackbodyIsItsOwn)
{
	for (double t : { 1500.0, 2856.0, 5000.0, 12000.0 })
		EXPECT_NEAR(correlatedTemperature(chromaticity(blackbodySpectrum(t))) / t, 1.0, 1e-4);
}

TEST(Illuminant, IrradianceHasTheIlluminance)
{
	using Kind = Illuminant::Kind;
	const Illuminant lights[] = {
		{ Kind::Blackbody, 4300.0, 750.0, "" }, { Kind::Daylight, 4300.0, 750.0, "" },
		{ Kind::Led, 4300.0, 750.0, "" },	{ Kind::RgbLed, 4300.0, 750.0, "" },
		{ Kind::Named, 0.0, 750.0, "F11" },
	};

	for (const Illuminant &light : lights) {
		double lux = 683.002 * (light.irradiance() * Observer::standard().xyz[1]).integral();
		EXPECT_NEAR(lux, 750.0, 1e-9) << light.kindName();
	}
}

TEST(Illuminant, ReadsAFile)
{
	std::string error;
	const auto s = parseSpectrum("nm,value\n# a ramp\n380,0\r\n780, 4\n", "ramp.csv", &error);
	ASSERT_TRUE(s) << error;
	EXPECT_NEAR((*s)[0], 0.0, 1e-12);
	EXPECT_NEAR((*s)[40], 2.0, 1e-12);
	EXPECT_NEAR((*s)[80], 4.0, 1e-12);
}

TEST(Illuminant, RefusesBadFiles)
{
	struct {
		const char *text, *error;
	} const cases[] = {
		{ "", "s.csv:0: expected light" },
		{ "380,0\n780,0\n", "s.csv:2: expected light" },
		{ "380,1\n780\n", "s.csv:2: expected 'wavelength,value'" },
		{ "380,1\n780,x\n", "s.csv:2: expected 'wavelength,value'" },
		{ "380,1\n780,nan\n", "s.csv:2: expected 'wavelength,value'" },
		{ "380,1\n\n380,2\n", "s.csv:3: expected wavelengths that rise" },
		{ "20,1\n", "s.csv:1: expected wavelengths that rise" },
		{ "380,1\n780,-1\n", "s.csv:2: expected a value" },
	};

	for (const auto &c : cases) {
		std::string error;
		EXPECT_FALSE(parseSpectrum(c.text, "s.csv", &error)) << c.text;
		EXPECT_EQ(error.find(c.error), 0u) << error;
	}
}

/* Pairs of Sharma, Wu and Dalal (Color Research and Application 30(1), 2005), table 1. */
TEST(ColourDifference, EqualsThePublishedPairs)
{
	struct {
		Vector3 a, b;
		double difference;
	} const pairs[] = {
		{ { 50.0, 2.6772, -79.7751 }, { 50.0, 0.0, -82.7485 }, 2.0425 },
		{ { 50.0, -1.3802, -84.2814 }, { 50.0, 0.0, -82.7485 }, 1.0 },
		{ { 50.0, 0.0, 0.0 }, { 50.0, -1.0, 2.0 }, 2.3669 },
		{ { 50.0, 2.49, -0.001 }, { 50.0, -2.49, 0.0009 }, 7.1792 },
		{ { 50.0, 2.49, -0.001 }, { 50.0, -2.49, 0.0011 }, 7.2195 },
		{ { 50.0, -0.001, 2.49 }, { 50.0, 0.0009, -2.49 }, 4.8045 },
		{ { 50.0, -0.001, 2.49 }, { 50.0, 0.0011, -2.49 }, 4.7461 },
		{ { 50.0, 2.5, 0.0 }, { 50.0, 0.0, -2.5 }, 4.3065 },
		{ { 50.0, 2.5, 0.0 }, { 73.0, 25.0, -18.0 }, 27.1492 },
		{ { 50.0, 2.5, 0.0 }, { 61.0, -5.0, 29.0 }, 22.8977 },
		{ { 50.0, 2.5, 0.0 }, { 56.0, -27.0, -3.0 }, 31.903 },
		{ { 50.0, 2.5, 0.0 }, { 58.0, 24.0, 15.0 }, 19.4535 },
		{ { 60.2574, -34.0099, 36.2677 }, { 60.4626, -34.1751, 39.4387 }, 1.2644 },
		{ { 22.7233, 20.0904, -46.694 }, { 23.0331, 14.973, -42.5619 }, 2.0373 },
		{ { 90.8027, -2.0831, 1.441 }, { 91.1528, -1.6435, 0.0447 }, 1.4441 },
		{ { 2.0776, 0.0795, -1.135 }, { 0.9033, -0.0636, -0.5514 }, 0.9082 },
	};

	for (const auto &p : pairs) {
		EXPECT_NEAR(ciede2000(p.a, p.b), p.difference, 1e-4);
		EXPECT_NEAR(ciede2000(p.b, p.a), p.difference, 1e-4);
	}
}

/* Under daylight and lamps the patches look as measured ones. */
TEST(ChartPatch, ReflectancesResembleMeasuredOnes)
{
	const auto table = readTable("cc_DATA_BABELCOLOR_AVERAGE.csv");
	if (table.empty())
		GTEST_SKIP() << "no spectral tables in FOVEA_DATA_PATH";

	for (const char *light : { "D65", "A", "F11" }) {
		const Spectrum s = *namedSpectrum(light);
		const Observer &eye = Observer::standard();
		double mean = 0.0;
		for (const ChartPatch &patch : kChartPatches) {
			/* The greys' names are longer in the table. */
			const auto measured = table.lower_bound(patch.name);
			ASSERT_EQ(measured->first.find(patch.name), 0u);
			const Vector3 white = eye.tristimulus(s);
			const double d = ciede2000(lab(eye.tristimulus(s * patch.reflectance()), white),
						   lab(eye.tristimulus(s * measured->second), white));
			EXPECT_LT(d, 3.0) << patch.name << " under " << light;
			mean += d / kPatchCount;
		}
		EXPECT_LT(mean, 0.7) << light;
	}
}

/* The maker's nominal sRGB of some patches: near, as they are of another light and rounded. */
TEST(ChartPatch, ColoursAreNearTheNominalOnes)
{
	struct {
		size_t patch;
		Vector3 srgb;
	} const nominal[] = {
		{ 0, { 115, 82, 68 } }, { 2, { 98, 122, 157 } }, { 6, { 214, 126, 44 } }, { 13, { 70, 148, 73 } },
		{ 14, { 175, 54, 60 } }, { 15, { 231, 199, 31 } }, { 18, { 243, 243, 243 } }, { 21, { 122, 122, 122 } },
	};

	for (const auto &n : nominal) {
		const Vector3 linear{ linearFromSrgb(n.srgb[0]), linearFromSrgb(n.srgb[1]), linearFromSrgb(n.srgb[2]) };
		const Vector3 white = multiply(kLinearSrgbToXyz, { 1, 1, 1 });
		const double d = ciede2000(lab(multiply(kLinearSrgbToXyz, linear), white),
					   lab(multiply(kLinearSrgbToXyz, kChartPatches[n.patch].linearSrgb()), white));
		EXPECT_LT(d, 3.5) << kChartPatches[n.patch].name;
	}
}
