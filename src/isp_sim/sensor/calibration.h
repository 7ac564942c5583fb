/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Colour calibration of a sensor model, from its spectral responses
 */

#pragma once

#include <array>
#include <string>
#include <vector>

#include "isp_sim/sensor/model.h"
#include "isp_sim/sensor/scene.h"

namespace fovea::sensor {

struct ColourCalibration {
	Illuminant illuminant;
	double redRatio;		/* red / green of a grey */
	double blueRatio;		/* blue / green of a grey */
	Matrix3 matrix;			/* white-balanced camera to linear sRGB */
	double error;			/* root mean square over the chart, white being 1 */
	double difference;		/* CIEDE2000, mean over the chart */
};

struct LuxReference {
	double lux;
	double exposureTime;		/* s */
	double analogueGain;
	Vector3 mean;			/* of the chart's frame, black 0 and white 1 */
	double luminance;		/* of the white-balanced mean */
};

/* Variance of a sample: gain shot signal + gain^2 read + converter; 1 is the range's square. */
struct NoiseCalibration {
	double shot;
	double read;
	double converter;
};

/* Coefficients of r^2, r^4 ... of the gains that even out the shading of R, G, B. */
using ShadingCalibration = std::array<std::array<double, 6>, 3>;

struct Calibration {
	std::string model;
	unsigned int bitDepth;
	unsigned int blackLevel;
	std::vector<ColourCalibration> colours;
	LuxReference lux;
	NoiseCalibration noise;
	ShadingCalibration shading;

	std::string toYaml() const;
};

Matrix3 fitColourMatrix(const std::vector<Vector3> &balanced, const std::vector<Vector3> &linearSrgb);
double meanColourDifference(const std::vector<Vector3> &linearSrgb,
			    const std::vector<Vector3> &expected);

ColourCalibration calibrateColours(const SensorModel &model, const Illuminant &illuminant);
Calibration computeCalibration(const SensorModel &model);

} /* namespace fovea::sensor */
