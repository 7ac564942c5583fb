/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Sensor models: what a data sheet says
 */

#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "isp_sim/sensor/sensor.h"
#include "isp_sim/sensor/spectrum.h"

namespace fovea::sensor {

/* The gain of a code, in one of the two forms of libcamera's sensor helpers. */
struct GainModel {
	enum class Kind {
		Linear,			/* (m0 code + c0) / (m1 code + c1) */
		Exponential,		/* a * 2^(m code) */
	};

	Kind kind = Kind::Linear;
	double m0 = 1.0, c0 = 0.0, m1 = 0.0, c1 = 16.0;
	double a = 1.0, m = 0.0;

	double gain(int32_t code) const;
};

/* The gain of a sensor about which nothing else is known: code / 16, 1 to 16. */
extern const GainModel kGenericGain;
extern const Range kGenericGainRange;
extern const Delays kGenericDelays;

/* Electrons that come without light. */
struct DarkCurrent {
	double rate = 0.0;		/* electrons per second, mean, at the reference temperature */
	double nonUniformity = 0.0;	/* standard deviation of the pixels' rates, of the mean */
	double reference = 25.0;	/* degrees Celsius */
	double doubling = 6.0;		/* K: so much warmer, twice the rate */
	double temperature = 25.0;	/* degrees Celsius, of the sensor */
	bool clamped = true;		/* the mean is taken off the codes, as covered pixels tell it */

	double ratio() const;
};

/* What rows or columns have in common. Electrons, before the gain. */
struct LineStructure {
	double offset = 0.0;		/* fixed; standard deviation */
	double noise = 0.0;		/* new in each frame; standard deviation */
	double gain = 0.0;		/* fixed; standard deviation of the response, columns only */
};

/* Pixels of the array that do not work, at random places. */
struct Defects {
	int64_t seed = 0;
	double hot = 0.0;		/* share of the pixels */
	double dead = 0.0;
	double stuck = 0.0;
	double clusters = 0.0;		/* share of them that take their right and lower neighbours along */
	double hotCurrent = 1000.0;	/* electrons per second, mean, at the reference temperature */
};

/* From a gain on the charge is converted in a smaller capacity. */
struct HighConversion {
	double gain = 0.0;		/* the analogue gain from which on; 0: never */
	double readNoise = 1.0;		/* electrons, before the gain, then */
	double fullWell = 1000.0;	/* electrons, then */
};

struct PixelModel {
	double pitch = 1.0;		/* um */
	unsigned int bitDepth = 10;	/* of the converter; codes below are at this depth */
	unsigned int blackLevel = 0;	/* code */
	double conversionGain = 0.1;	/* codes per electron at unity gain */
	double fullWell = 1000.0;	/* electrons */
	double wellKnee = 1.0;		/* of the full well: where it begins to be full; 1: a hard end */
	double readNoise = 1.0;		/* electrons, before the gain */
	double converterNoise = 0.0;	/* codes, behind the gain */
	double responseNonUniformity = 0.0;	/* standard deviation of the pixels' gain */
	double offsetNonUniformity = 0.0;	/* electrons, standard deviation of the pixels' offsets */
	DarkCurrent dark;
	LineStructure rows;
	LineStructure columns;
	Defects defects;
	HighConversion highConversion;
	double crosstalkEdge = 0.0;	/* share of the signal that goes to each of four neighbours */
	double crosstalkCorner = 0.0;	/* and to each of the four across the corners */
	std::array<Spectrum, 3> response;	/* electrons per photon, of red, green and blue */
	std::string responseFile;	/* where it is to be read from; empty: it is there */
	double responsePeak = 0.0;	/* the largest value then */

	Vector3 withCrosstalk(const Vector3 &signal) const;
};

/*
 * The relative illumination of one colour: 1 + a r^2 + b r^4 + c r^6, with the
 * distance r from the centre in halves of the active area's diagonal.
 */
struct Shading {
	std::array<double, 2> centre{ 0.5, 0.5 };	/* of the active area's width and height */
	std::array<double, 3> polynomial{};

	double at(double x, double y, double width, double height) const;
};

/* A corner of a curve of code over linear code. */
struct Knee {
	uint32_t linear;
	uint32_t code;
};

/* How a mode makes its samples. */
struct Readout {
	unsigned int binning = 1;	/* pixels averaged in each direction */
	double exposureRatio = 1.0;	/* from each exposure of a frame to the next, shorter one */
	unsigned int dualGain = 1;	/* the high gain over the low one; 1: read with one gain only */
	std::vector<Knee> companding;	/* empty: none */

	unsigned int linearWhite(unsigned int bitDepth) const;
	uint32_t compand(uint32_t linear) const;
};

struct SensorModel {
	Properties properties;
	GainModel gain;
	PixelModel pixel;
	std::array<Shading, 3> shading;		/* of red, green and blue */
	std::vector<Readout> readouts;		/* of each mode */
};

std::optional<SensorModel> loadSensorModel(const std::string &fileName, std::string *error,
					   std::vector<std::string> directories = {});
std::optional<SensorModel> parseSensorModel(std::string_view text, const std::string &fileName,
					    std::string *error);

} /* namespace fovea::sensor */
