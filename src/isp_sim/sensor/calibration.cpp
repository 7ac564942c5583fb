/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Colour calibration of a sensor model, from its spectral responses
 */

#include "isp_sim/sensor/calibration.h"

#include <math.h>

#include <fmt/format.h>

#include "isp_sim/sensor/chart.h"
#include "isp_sim/sensor/colour_difference.h"
#include "isp_sim/sensor/truth.h"

namespace fovea::sensor {

namespace {

/* Warm lamps to blue sky; lamps are black bodies, the rest is daylight. */
const Illuminant kIlluminants[] = {
	{ Illuminant::Kind::Blackbody, 2300.0, 500.0, "" },
	{ Illuminant::Kind::Blackbody, 2850.0, 500.0, "" },
	{ Illuminant::Kind::Blackbody, 3400.0, 500.0, "" },
	{ Illuminant::Kind::Blackbody, 4000.0, 500.0, "" },
	{ Illuminant::Kind::Daylight, 5000.0, 500.0, "" },
	{ Illuminant::Kind::Daylight, 6504.0, 500.0, "" },
	{ Illuminant::Kind::Daylight, 8000.0, 500.0, "" },
};

/*
 * One row of a colour matrix: the least-squares map of \a inputs to \a targets
 * whose weights sum to 1, so that white stays white.
 */
Vector3 fitRow(const std::vector<Vector3> &inputs, const std::vector<double> &targets)
{
	double xx = 0.0, xy = 0.0, yy = 0.0, xt = 0.0, yt = 0.0;

	for (size_t i = 0; i < inputs.size(); i++) {
		double x = inputs[i][0] - inputs[i][2];
		double y = inputs[i][1] - inputs[i][2];
		double t = targets[i] - inputs[i][2];

		xx += x * x;
		xy += x * y;
		yy += y * y;
		xt += x * t;
		yt += y * t;
	}

	double determinant = xx * yy - xy * xy;
	double a = (xt * yy - yt * xy) / determinant;
	double b = (yt * xx - xt * xy) / determinant;

	return { a, b, 1.0 - a - b };
}

/*
 * The mean of a grey of 18 % at 500 lux of daylight, 1/100 s, unity gain: what an
 * algorithm that estimates the illuminance compares a frame with.
 */
LuxReference luxReference(const SensorModel &model)
{
	constexpr double kExposureTime = 0.01;
	constexpr double kGrey = 0.18;
	const PixelModel &pixel = model.pixel;
	Illuminant daylight{ Illuminant::Kind::Daylight, 6504.0, 500.0, "" };
	Spectrum light = daylight.irradiance();
	Vector3 signal = pixel.withCrosstalk(electronsPerSecond(pixel, Lens(), light,
								Spectrum([](double) { return kGrey; })));
	double range = (1 << pixel.bitDepth) - 1 - pixel.blackLevel;
	LuxReference reference{ daylight.illuminance, kExposureTime, 1.0, {}, 0.0 };

	for (size_t i = 0; i < 3; i++)
		reference.mean[i] = signal[i] * kExposureTime * pixel.conversionGain / range;

	/* White balance scales red and blue to green. */
	reference.luminance = reference.mean[1];
	return reference;
}

/* What the chart shows where the camera adapts fully. */
std::vector<Vector3> chartColours()
{
	std::vector<Vector3> colours;

	for (const ChartPatch &patch : kChartPatches)
		colours.push_back(patch.linearSrgb());

	return colours;
}

/* Of one pixel, in its linear modes. */
NoiseCalibration noiseOf(const PixelModel &pixel)
{
	const double range = 1 << pixel.bitDepth;
	const double scale = pixel.conversionGain / range;
	const double read = scale * pixel.readNoise;
	const double converter = pixel.converterNoise / range;

	return { scale, read * read, converter * converter };
}

/*
 * The reciprocal of 1 + a x + b x^2 + c x^3 as a power series, x = r^2. With shading as
 * lenses have it, the terms beyond the sixth are less than a thousandth.
 */
ShadingCalibration shadingOf(const std::array<Shading, 3> &shading)
{
	ShadingCalibration result{};

	for (size_t colour = 0; colour < result.size(); colour++) {
		for (size_t n = 0; n < result[colour].size(); n++) {
			for (size_t k = 0; k < 3 && k <= n; k++)
				result[colour][n] -= shading[colour].polynomial[k] *
						     (k == n ? 1.0 : result[colour][n - 1 - k]);
		}
	}

	return result;
}

} /* namespace */

/**
 * \brief The least-squares colour matrix
 * \param[in] balanced What a camera sees of some surfaces, the white being 1 in each channel
 * \param[in] linearSrgb What it should show
 *
 * White stays white: the weights of each row sum to 1.
 */
Matrix3 fitColourMatrix(const std::vector<Vector3> &balanced, const std::vector<Vector3> &linearSrgb)
{
	Matrix3 matrix;

	for (size_t row = 0; row < 3; row++) {
		std::vector<double> targets;
		for (const Vector3 &colour : linearSrgb)
			targets.push_back(colour[row]);
		matrix[row] = fitRow(balanced, targets);
	}

	return matrix;
}

/** \brief The mean CIEDE2000 of pairs of colours, relative to the D65 white */
double meanColourDifference(const std::vector<Vector3> &linearSrgb,
			    const std::vector<Vector3> &expected)
{
	const Vector3 white = multiply(kLinearSrgbToXyz, { 1.0, 1.0, 1.0 });
	double sum = 0.0;

	for (size_t i = 0; i < linearSrgb.size(); i++)
		sum += ciede2000(lab(multiply(kLinearSrgbToXyz, linearSrgb[i]), white),
				 lab(multiply(kLinearSrgbToXyz, expected[i]), white));

	return sum / linearSrgb.size();
}

/**
 * \brief The best that a white balance and a matrix can do for a sensor in a light
 *
 * Computed from spectra: of the light, the chart, the sensor's response and crosstalk.
 */
ColourCalibration calibrateColours(const SensorModel &model, const Illuminant &illuminant)
{
	const Spectrum light = illuminant.irradiance();
	const std::vector<Vector3> targets = chartColours();
	auto signal = [&](const Spectrum &reflectance) {
		return model.pixel.withCrosstalk(electronsPerSecond(model.pixel, Lens(), light, reflectance));
	};

	const Vector3 white = signal(Spectrum([](double) { return 1.0; }));
	const std::vector<Spectrum> reflectances = chartReflectances(1.0);
	std::vector<Vector3> inputs;
	for (size_t i = 0; i < kPatchCount; i++) {
		const Vector3 v = signal(reflectances[i]);
		inputs.push_back({ v[0] / white[0], v[1] / white[1], v[2] / white[2] });
	}

	ColourCalibration result{ illuminant, white[0] / white[1], white[2] / white[1],
				  fitColourMatrix(inputs, targets), 0.0, 0.0 };
	for (size_t i = 0; i < kPatchCount; i++) {
		inputs[i] = multiply(result.matrix, inputs[i]);
		for (size_t k = 0; k < 3; k++)
			result.error += (inputs[i][k] - targets[i][k]) * (inputs[i][k] - targets[i][k]);
	}
	result.error = sqrt(result.error / (3 * kPatchCount));
	result.difference = meanColourDifference(inputs, targets);

	return result;
}

/**
 * \brief Calibrate the colours of a sensor model
 *
 * The neutral ratios and the colour matrices follow from the model's spectral
 * responses, the illuminants' spectra and the chart's reflectances; no frame is
 * rendered. The target is the chart's linear sRGB under D65: full adaptation. Noise and
 * lens shading are those of the model, in the form of the IPA's tuning files.
 */
Calibration computeCalibration(const SensorModel &model)
{
	Calibration calibration{ model.properties.model, model.pixel.bitDepth,
				 model.pixel.blackLevel, {}, luxReference(model),
				 noiseOf(model.pixel), shadingOf(model.shading) };

	for (const Illuminant &illuminant : kIlluminants)
		calibration.colours.push_back(calibrateColours(model, illuminant));

	return calibration;
}

/* The calibration as YAML, for a tuning file. */
std::string Calibration::toYaml() const
{
	std::string text = fmt::format("model: {}\nblack_level: {}        # of {}\n"
				       "black_level_16bit: {}\ncolours:\n",
				       model, blackLevel, (1 << bitDepth) - 1,
				       blackLevel << (16 - bitDepth));

	for (const ColourCalibration &c : colours) {
		text += fmt::format("  - ct: {:.0f}             # {}\n", c.illuminant.temperature,
				    c.illuminant.kind == Illuminant::Kind::Blackbody ? "black body" : "daylight");
		text += fmt::format("    r_over_g: {:.4f}\n    b_over_g: {:.4f}\n", c.redRatio, c.blueRatio);
		text += fmt::format("    gains: [{:.4f}, {:.4f}]   # red, blue\n", 1.0 / c.redRatio,
				    1.0 / c.blueRatio);
		text += "    ccm: [";
		for (size_t row = 0; row < 3; row++)
			text += fmt::format("{}{:.4f}, {:.4f}, {:.4f}{}", row ? "           " : " ",
					    c.matrix[row][0], c.matrix[row][1], c.matrix[row][2],
					    row < 2 ? ",\n" : " ]\n");
		text += fmt::format("    rms_error: {:.4f}\n    ciede2000: {:.2f}\n", c.error, c.difference);
	}

	text += fmt::format("noise: {{ shot: {:.3e}, read: {:.3e}, converter: {:.3e} }}\nlens_shading:\n",
			    noise.shot, noise.read, noise.converter);
	for (size_t i = 0; i < shading.size(); i++) {
		text += fmt::format("  {}: [", "rgb"[i]);
		for (size_t n = 0; n < shading[i].size(); n++)
			text += fmt::format("{} {:.4f}", n ? "," : "", shading[i][n]);
		text += " ]\n";
	}

	return text + fmt::format("lux_reference:           # 18 % grey, f/2, D65\n  lux: {}\n  exposure_time: {}   # s\n"
				  "  analogue_gain: {}\n  mean: [{:.5f}, {:.5f}, {:.5f}]   # black 0, white 1\n"
				  "  luminance: {:.5f}\n",
				  lux.lux, lux.exposureTime, lux.analogueGain, lux.mean[0], lux.mean[1],
				  lux.mean[2], lux.luminance);
}

} /* namespace fovea::sensor */
