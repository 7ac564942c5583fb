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

/* The sensitivity of one channel: a sum of Gaussians, electrons per photon. */
struct ResponseLobe {
	double peak;
	double centre;			/* nm */
	double width;			/* nm, standard deviation */
};

struct PixelModel {
	double pitch = 1.0;		/* um */
	unsigned int bitDepth = 10;	/* of the converter; codes below are at this depth */
	unsigned int blackLevel = 0;	/* code */
	double conversionGain = 0.1;	/* codes per electron at unity gain */
	double fullWell = 1000.0;	/* electrons */
	double readNoise = 1.0;		/* electrons, before the gain */
	double converterNoise = 0.0;	/* codes, behind the gain */
	double responseNonUniformity = 0.0;	/* standard deviation of the pixels' gain */
	std::array<std::vector<ResponseLobe>, 3> response;

	std::array<Spectrum, 3> responseSpectra() const;
};

struct SensorModel {
	Properties properties;
	GainModel gain;
	PixelModel pixel;
	std::vector<unsigned int> binning;	/* of each mode: pixels averaged in each direction */
};

std::optional<SensorModel> loadSensorModel(const std::string &fileName, std::string *error);
std::optional<SensorModel> parseSensorModel(std::string_view text, const std::string &fileName,
					    std::string *error);

} /* namespace fovea::sensor */
