/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Sensor models: what a data sheet says
 */

#include "isp_sim/sensor/model.h"

#include <algorithm>
#include <filesystem>
#include <math.h>

#include <fmt/format.h>

#include "isp_sim/sensor/config.h"
#include "isp_sim/sensor/exact_math.h"
#include "isp_sim/sensor/spectral_response.h"

namespace fovea::sensor {

const GainModel kGenericGain{ GainModel::Kind::Linear, 1.0, 0.0, 0.0, 16.0, 1.0, 0.0 };
const Range kGenericGainRange{ 16, 256, 1, 16 };

/* What libcamera assumes for a sensor that it does not know. */
const Delays kGenericDelays{ 2, 1, 2 };

/* The analogue gain, a factor, of a gain code. */
double GainModel::gain(int32_t code) const
{
	if (kind == Kind::Exponential)
		return a * exact::exp(m * code * 0x1.62e42fefa39efp-1);

	return (m0 * code + c0) / (m1 * code + c1);
}

/* How much larger the dark current is than at the reference temperature. */
double DarkCurrent::ratio() const
{
	return exact::exp((temperature - reference) / doubling * 0x1.62e42fefa39efp-1);
}

/**
 * \brief What the pixels of a uniform area get of its signal, and of its other colours
 *
 * In a mosaic red has four green neighbours and blue ones across the corners; the
 * neighbours of a green pixel are red and blue in equal parts.
 */
Vector3 PixelModel::withCrosstalk(const Vector3 &signal) const
{
	const double edges = 4.0 * crosstalkEdge;
	const double corners = 4.0 * crosstalkCorner;
	const double own = 1.0 - edges - corners;

	return { own * signal[0] + edges * signal[1] + corners * signal[2],
		 (own + corners) * signal[1] + edges * (signal[0] + signal[2]) / 2.0,
		 own * signal[2] + edges * signal[1] + corners * signal[0] };
}

/* The relative illumination at a place of an area of that size, in any unit. */
double Shading::at(double x, double y, double width, double height) const
{
	const double dx = x - centre[0] * width;
	const double dy = y - centre[1] * height;
	const double r2 = 4.0 * (dx * dx + dy * dy) / (width * width + height * height);

	return 1.0 + r2 * (polynomial[0] + r2 * (polynomial[1] + r2 * polynomial[2]));
}

/* The largest linear code where the converter has \a bitDepth bits. */
unsigned int Readout::linearWhite(unsigned int bitDepth) const
{
	return (dualGain << bitDepth) - 1;
}

/* The code of a linear code: rounded, between the knees on straight lines. */
uint32_t Readout::compand(uint32_t linear) const
{
	if (companding.empty() || linear <= companding.front().linear)
		return companding.empty() ? linear : companding.front().code;

	for (size_t i = 1; i < companding.size(); i++) {
		const Knee &a = companding[i - 1];
		const Knee &b = companding[i];
		if (linear > b.linear)
			continue;

		const uint64_t width = b.linear - a.linear;
		return a.code + ((linear - a.linear) * uint64_t{ b.code - a.code } + width / 2) / width;
	}

	return companding.back().code;
}

namespace {

bool readRectangle(const Config &config, const char *key, Rectangle *rectangle)
{
	std::vector<int64_t> v;

	if (!config.integers(key, 4, 0, 65535, &v))
		return false;
	if (v[2] == 0 || v[3] == 0)
		return config.fail(key, "width and height (3rd and 4th) must not be 0");

	*rectangle = { static_cast<int>(v[0]), static_cast<int>(v[1]),
		       static_cast<unsigned int>(v[2]), static_cast<unsigned int>(v[3]) };
	return true;
}

bool readRange(const Config &config, Range *range)
{
	int64_t min, max, def;

	if (!config.integer("min", 0, 65535, &min) ||
	    !config.integer("max", min, 65535, &max) ||
	    !config.integer("default", min, max, &def))
		return false;

	*range = { static_cast<int32_t>(min), static_cast<int32_t>(max), 1,
		   static_cast<int32_t>(def) };
	return true;
}

bool readGain(const Config &config, SensorModel *model)
{
	GainModel &gain = model->gain;
	size_t kind;
	constexpr double kLimit = 1e6;

	if (!config.choice("model", { "linear", "exponential" }, &kind))
		return false;
	gain.kind = kind ? GainModel::Kind::Exponential : GainModel::Kind::Linear;

	if (gain.kind == GainModel::Kind::Linear) {
		if (!config.onlyKeys({ "model", "m0", "c0", "m1", "c1", "min", "max", "default" }) ||
		    !config.number("m0", -kLimit, kLimit, &gain.m0) ||
		    !config.number("c0", -kLimit, kLimit, &gain.c0) ||
		    !config.number("m1", -kLimit, kLimit, &gain.m1) ||
		    !config.number("c1", -kLimit, kLimit, &gain.c1))
			return false;
	} else {
		if (!config.onlyKeys({ "model", "a", "m", "min", "max", "default" }) ||
		    !config.number("a", 1e-3, kLimit, &gain.a) ||
		    !config.number("m", 0.0, 10.0, &gain.m))
			return false;
	}

	Range &range = model->properties.analogueGain;
	if (!readRange(config, &range))
		return false;

	/* Both forms are monotonic unless the denominator changes its sign. */
	for (int32_t code = range.min; code <= range.max; code++) {
		double g = gain.gain(code);
		if (!(g >= 1e-3 && g <= 1e4))
			return config.fail(fmt::format("code {} gives gain {}, expected 0.001 to 10000",
						       code, g));
	}

	return true;
}

bool readExposure(const Config &config, Properties *properties)
{
	int64_t min, margin, def;

	if (!config.onlyKeys({ "min", "margin", "default" }) ||
	    !config.integer("min", 1, 1024, &min) ||
	    !config.integer("margin", 0, 1024, &margin) ||
	    !config.integer("default", min, 65535, &def))
		return false;

	properties->exposureMin = min;
	properties->exposureMargin = margin;
	properties->exposureStep = 1;
	properties->exposureDefault = def;
	return true;
}

bool readDelays(const Config &config, Delays *delays)
{
	int64_t exposure, gain, vblank;

	/* libcamera's DelayedControls keeps 16 values. */
	if (!config.onlyKeys({ "exposure", "gain", "vblank" }) ||
	    !config.integer("exposure", 0, 15, &exposure) ||
	    !config.integer("gain", 0, 15, &gain) ||
	    !config.integer("vblank", 0, 15, &vblank))
		return false;

	*delays = { static_cast<unsigned int>(exposure), static_cast<unsigned int>(gain),
		    static_cast<unsigned int>(vblank) };
	return true;
}

/* The size of one exposure times the binning must be what the crop holds. */
bool checkModeGeometry(const Config &config, const Mode &mode, unsigned int binning,
		       const Rectangle &active)
{
	const Rectangle &crop = mode.analogCrop;
	const unsigned int height = mode.height / mode.exposures;

	if (mode.width % 2 || mode.height % (2 * mode.exposures))
		return config.fail("size", "expected even width and height, the height of each exposure");
	if (crop.width != mode.width * binning || crop.height != height * binning)
		return config.fail("crop", fmt::format("expected a size of {}x{}, that of an exposure times binning",
						       mode.width * binning, height * binning));
	if (crop.left < active.left || crop.top < active.top ||
	    crop.left + crop.width > active.left + active.width ||
	    crop.top + crop.height > active.top + active.height)
		return config.fail("crop", "expected a rectangle inside active_area");
	if ((crop.left - active.left) % 2 || (crop.top - active.top) % 2)
		return config.fail("crop", "expected an even offset from active_area, to keep the Bayer order");

	return true;
}

/* The curve begins at 0 and rises to the linear white; its codes fit the mode. */
bool readCompanding(const Config &config, uint32_t white, unsigned int bitDepth,
		    std::vector<Knee> *knees)
{
	/* As many as the ISP's inverse curve has. */
	constexpr size_t kMaximumKnees = 16;
	std::vector<Config> items;

	if (!config.children("companding", &items))
		return false;
	if (items.size() < 2 || items.size() > kMaximumKnees)
		return config.fail("companding", fmt::format("expected 2 to {} knees", kMaximumKnees));

	for (const Config &item : items) {
		const bool first = knees->empty();
		const bool last = &item == &items.back();
		const int64_t from = first ? 0 : int64_t{ knees->back().linear } + 1;
		int64_t linear, code;

		if (!item.onlyKeys({ "linear", "code" }) ||
		    !item.integer("linear", last ? white : from, first ? 0 : white, &linear) ||
		    !item.integer("code", first ? 0 : knees->back().code, (1 << bitDepth) - 1, &code))
			return false;
		if (linear < from)
			return item.fail("linear", fmt::format("expected {} to {}", from, white));
		if (!first && code - knees->back().code > linear - knees->back().linear)
			return item.fail("code", "expected no slope above 1");
		knees->push_back({ static_cast<uint32_t>(linear), static_cast<uint32_t>(code) });
	}

	return true;
}

/* How a mode makes its samples; fields that are not there leave it the usual way. */
bool readReadout(const Config &config, unsigned int converterBits, Mode *mode, Readout *readout)
{
	int64_t binning, exposures = 1;
	size_t dual = 0;

	if (!config.integer("binning", 1, 8, &binning) ||
	    (config.has("exposures") && !config.integer("exposures", 1, 3, &exposures)) ||
	    (config.has("dual_gain") &&
	     !config.choice("dual_gain", { "1", "2", "4", "8", "16", "32", "64", "128", "256" }, &dual)))
		return false;

	readout->binning = binning;
	readout->dualGain = 1u << dual;
	mode->exposures = exposures;
	if (exposures > 1 && !config.number("exposure_ratio", 1.0, 256.0, &readout->exposureRatio))
		return false;
	if (exposures == 1 && config.has("exposure_ratio"))
		return config.fail("exposure_ratio", "a mode of one exposure has none, remove it");
	if (converterBits + dual > 20)
		return config.fail("dual_gain", "expected at most 20 bits with the converter's");

	mode->companded = config.has("companding");
	if (mode->companded)
		return readCompanding(config, readout->linearWhite(converterBits), mode->bitDepth,
				      &readout->companding);
	if (dual)
		return config.fail("dual_gain", "expected companding with it, as its codes need more bits");
	if (mode->bitDepth > converterBits)
		return config.fail("bit_depth", fmt::format("expected at most the converter's {} bits",
							    converterBits));

	return true;
}

bool readMode(const Config &config, SensorModel *model)
{
	std::vector<int64_t> size;
	int64_t pixelRate, linkFrequency, lineLength, vblankMin, vblankMax, vblankDefault;
	size_t depth;
	Mode mode{};
	Readout readout;

	if (!config.onlyKeys({ "size", "crop", "binning", "bit_depth", "pixel_rate",
			       "link_frequency", "line_length", "vblank_min", "vblank_max",
			       "vblank_default", "exposures", "exposure_ratio", "dual_gain",
			       "companding" }) ||
	    !config.integers("size", 2, 16, 16384, &size) ||
	    !readRectangle(config, "crop", &mode.analogCrop) ||
	    !config.choice("bit_depth", { "8", "10", "12", "14", "16" }, &depth) ||
	    !config.integer("pixel_rate", 1000, 100'000'000'000, &pixelRate) ||
	    !config.integer("link_frequency", 1000, 100'000'000'000, &linkFrequency) ||
	    !config.integer("line_length", size[0], 65535, &lineLength) ||
	    !config.integer("vblank_min", 0, 65535, &vblankMin) ||
	    !config.integer("vblank_max", vblankMin, 1 << 24, &vblankMax) ||
	    !config.integer("vblank_default", vblankMin, vblankMax, &vblankDefault))
		return false;

	mode.width = size[0];
	mode.height = size[1];
	mode.bitDepth = 8 + 2 * depth;
	mode.pixelRate = pixelRate;
	mode.linkFrequency = linkFrequency;
	mode.hblank = lineLength - size[0];
	mode.vblankMin = vblankMin;
	mode.vblankMax = vblankMax;
	mode.vblankDefault = vblankDefault;

	if (!readReadout(config, model->pixel.bitDepth, &mode, &readout) ||
	    !checkModeGeometry(config, mode, readout.binning, model->properties.activeArea))
		return false;

	model->properties.modes.push_back(mode);
	model->readouts.push_back(readout);
	return true;
}

/* The sensitivity of one channel: a sum of Gaussians. */
bool readLobes(const Config &config, const char *key, Spectrum *response)
{
	std::vector<Config> items;

	if (!config.children(key, &items))
		return false;

	for (const Config &item : items) {
		double peak, centre, width;
		if (!item.onlyKeys({ "peak", "centre", "width" }) ||
		    !item.number("peak", 0.0, 1.0, &peak) ||
		    !item.number("centre", 300.0, 1100.0, &centre) ||
		    !item.number("width", 5.0, 300.0, &width))
			return false;

		const Spectrum sum = *response;
		for (size_t i = 0; i < Spectrum::kSize; i++) {
			const double t = (Spectrum::wavelength(i) - centre) / width;
			(*response)[i] = sum[i] + peak * exact::exp(-0.5 * t * t);
		}
	}

	return true;
}

/* A number that has a default. */
bool optionalNumber(const Config &config, const char *key, double min, double max, double *value)
{
	return !config.has(key) || config.number(key, min, max, value);
}

/* A map of fields that all have defaults; without it they keep them. */
template<typename Reader>
bool optionalMap(const Config &config, const char *key, Reader read)
{
	if (!config.has(key))
		return true;
	if (!config.isMap(key))
		return config.fail(key, "expected a map of fields");

	return read(config.child(key));
}

bool readDarkCurrent(const Config &config, DarkCurrent *dark)
{
	return config.onlyKeys({ "rate", "non_uniformity", "reference", "doubling", "temperature", "clamped" }) &&
	       config.number("rate", 0.0, 1e5, &dark->rate) &&
	       optionalNumber(config, "non_uniformity", 0.0, 10.0, &dark->nonUniformity) &&
	       optionalNumber(config, "reference", -50.0, 150.0, &dark->reference) &&
	       optionalNumber(config, "doubling", 2.0, 50.0, &dark->doubling) &&
	       optionalNumber(config, "temperature", -50.0, 150.0, &dark->temperature) &&
	       (!config.has("clamped") || config.boolean("clamped", &dark->clamped));
}

bool readRows(const Config &config, LineStructure *lines)
{
	return config.onlyKeys({ "offset", "noise" }) &&
	       optionalNumber(config, "offset", 0.0, 100.0, &lines->offset) &&
	       optionalNumber(config, "noise", 0.0, 100.0, &lines->noise);
}

bool readColumns(const Config &config, LineStructure *lines)
{
	return config.onlyKeys({ "offset", "noise", "gain" }) &&
	       optionalNumber(config, "offset", 0.0, 100.0, &lines->offset) &&
	       optionalNumber(config, "noise", 0.0, 100.0, &lines->noise) &&
	       optionalNumber(config, "gain", 0.0, 0.1, &lines->gain);
}

bool readDefects(const Config &config, Defects *defects)
{
	constexpr double kMost = 0.01;

	return config.onlyKeys({ "seed", "hot", "dead", "stuck", "clusters", "hot_current" }) &&
	       config.integer("seed", 0, 1 << 30, &defects->seed) &&
	       optionalNumber(config, "hot", 0.0, kMost, &defects->hot) &&
	       optionalNumber(config, "dead", 0.0, kMost, &defects->dead) &&
	       optionalNumber(config, "stuck", 0.0, kMost, &defects->stuck) &&
	       optionalNumber(config, "clusters", 0.0, 1.0, &defects->clusters) &&
	       optionalNumber(config, "hot_current", 0.0, 1e7, &defects->hotCurrent);
}

bool readHighConversion(const Config &config, HighConversion *high)
{
	return config.onlyKeys({ "gain", "read_noise", "full_well" }) &&
	       config.number("gain", 1.0, 1e4, &high->gain) &&
	       config.number("read_noise", 0.0, 1000.0, &high->readNoise) &&
	       config.number("full_well", 100.0, 1e6, &high->fullWell);
}

bool readCrosstalk(const Config &config, PixelModel *pixel)
{
	return config.onlyKeys({ "edge", "corner" }) &&
	       optionalNumber(config, "edge", 0.0, 0.1, &pixel->crosstalkEdge) &&
	       optionalNumber(config, "corner", 0.0, 0.1, &pixel->crosstalkCorner);
}

/* A camera that is a matrix: red, green and blue are sums of X, Y and Z. */
bool readResponseMatrix(const Config &config, PixelModel *pixel)
{
	std::array<double, 9> m;
	std::array<Spectrum, 3> sensitivities;

	if (!config.onlyKeys({ "matrix", "peak" }) ||
	    !config.numbers("matrix", m.size(), -100.0, 100.0, m.data()) ||
	    !config.number("peak", 0.01, 1.0, &pixel->responsePeak))
		return false;

	for (size_t row = 0; row < 3; row++) {
		const double *weights = &m[3 * row];
		if (weights[0] + weights[1] + weights[2] < 1e-3)
			return config.fail("matrix", "expected rows whose sums are 0.001 or more");
		for (size_t i = 0; i < Spectrum::kSize; i++) {
			for (size_t k = 0; k < 3; k++)
				sensitivities[row][i] += weights[k] * Observer::standard().xyz[k][i];
		}
	}

	pixel->response = responseOfSensitivities(sensitivities, pixel->responsePeak);
	return true;
}

bool readResponse(const Config &config, PixelModel *pixel)
{
	if (config.has("matrix"))
		return readResponseMatrix(config, pixel);
	if (config.has("file"))
		return config.onlyKeys({ "file", "peak" }) &&
		       config.text("file", &pixel->responseFile) &&
		       config.number("peak", 0.01, 1.0, &pixel->responsePeak);

	return config.onlyKeys({ "red", "green", "blue" }) &&
	       readLobes(config, "red", &pixel->response[0]) &&
	       readLobes(config, "green", &pixel->response[1]) &&
	       readLobes(config, "blue", &pixel->response[2]);
}

bool readPixel(const Config &config, PixelModel *pixel)
{
	size_t depth;
	int64_t black;

	if (!config.onlyKeys({ "pitch", "bit_depth", "black_level", "conversion_gain", "full_well",
			       "well_knee", "read_noise", "converter_noise",
			       "response_non_uniformity", "offset_non_uniformity", "dark_current",
			       "rows", "columns", "defects", "high_conversion", "crosstalk",
			       "response" }) ||
	    !config.number("pitch", 0.3, 50.0, &pixel->pitch) ||
	    !config.choice("bit_depth", { "8", "10", "12", "14", "16" }, &depth))
		return false;

	pixel->bitDepth = 8 + 2 * depth;
	int64_t half = int64_t{ 1 } << (pixel->bitDepth - 1);

	if (!config.integer("black_level", 0, half, &black) ||
	    !config.number("conversion_gain", 1e-4, 100.0, &pixel->conversionGain) ||
	    !config.number("full_well", 100.0, 1e6, &pixel->fullWell) ||
	    !optionalNumber(config, "well_knee", 0.1, 1.0, &pixel->wellKnee) ||
	    !config.number("read_noise", 0.0, 1000.0, &pixel->readNoise) ||
	    !config.number("converter_noise", 0.0, 100.0, &pixel->converterNoise) ||
	    !config.number("response_non_uniformity", 0.0, 0.1, &pixel->responseNonUniformity) ||
	    !optionalNumber(config, "offset_non_uniformity", 0.0, 100.0, &pixel->offsetNonUniformity))
		return false;
	pixel->blackLevel = black;

	if (!optionalMap(config, "dark_current",
			 [&](const Config &map) { return readDarkCurrent(map, &pixel->dark); }) ||
	    !optionalMap(config, "rows", [&](const Config &map) { return readRows(map, &pixel->rows); }) ||
	    !optionalMap(config, "columns",
			 [&](const Config &map) { return readColumns(map, &pixel->columns); }) ||
	    !optionalMap(config, "defects",
			 [&](const Config &map) { return readDefects(map, &pixel->defects); }) ||
	    !optionalMap(config, "high_conversion",
			 [&](const Config &map) { return readHighConversion(map, &pixel->highConversion); }) ||
	    !optionalMap(config, "crosstalk",
			 [&](const Config &map) { return readCrosstalk(map, pixel); }))
		return false;

	if (!config.isMap("response"))
		return config.fail("response", "expected a map of red, green and blue, of matrix or of file");

	return readResponse(config.child("response"), pixel);
}

/* Where light falls off, some must remain. */
bool checkShading(const Config &config, const char *key, const Shading &shading)
{
	constexpr int kSteps = 32;

	for (int i = 0; i <= kSteps * kSteps; i++) {
		const double x = double(i % kSteps) / (kSteps - 1);
		const double y = double(i / kSteps) / kSteps;
		const double v = shading.at(x, y, 1.0, 1.0);
		if (!(v >= 0.02 && v <= 1.9))
			return config.fail(key, fmt::format("the light is {:.3g} of that at the centre at [{:.2f}, {:.2f}], expected 0.02 to 1.9",
							    v, x, y));
	}

	return true;
}

bool readShading(const Config &config, std::array<Shading, 3> *shading)
{
	static constexpr std::array<const char *, 3> kColours{ "red", "green", "blue" };

	if (!config.onlyKeys({ "red", "green", "blue" }))
		return false;

	for (size_t i = 0; i < 3; i++) {
		Shading &s = (*shading)[i];
		if (!config.isMap(kColours[i]))
			return config.fail(kColours[i], "expected a map of centre and polynomial");

		const Config map = config.child(kColours[i]);
		if (!map.onlyKeys({ "centre", "polynomial" }) ||
		    (map.has("centre") && !map.numbers("centre", 2, 0.2, 0.8, s.centre.data())) ||
		    !map.numbers("polynomial", 3, -4.0, 4.0, s.polynomial.data()) ||
		    !checkShading(map, "polynomial", s))
			return false;
	}

	return true;
}

/* A required map. */
bool requireMap(const Config &config, const char *key)
{
	return config.isMap(key) || config.fail(key, "expected a map of fields");
}

bool readModel(const Config &config, SensorModel *model)
{
	Properties &properties = model->properties;
	size_t order;

	if (!config.onlyKeys({ "version", "model", "bayer_order", "native_area", "active_area",
			       "flips", "analogue_gain", "exposure", "delays", "pixel",
			       "shading", "modes" }))
		return false;

	int64_t version;
	if (!config.integer("version", 1, 1, &version) ||
	    !config.text("model", &properties.model) ||
	    !config.choice("bayer_order", { "RGGB", "GRBG", "GBRG", "BGGR" }, &order) ||
	    !readRectangle(config, "native_area", &properties.nativeArea) ||
	    !readRectangle(config, "active_area", &properties.activeArea) ||
	    !config.boolean("flips", &properties.flips))
		return false;
	properties.order = static_cast<BayerOrder>(order);

	const Rectangle &active = properties.activeArea;
	if (active.width > 16384 || active.height > 16384)
		return config.fail("active_area", "expected at most 16384x16384");

	for (const char *key : { "analogue_gain", "exposure", "delays", "pixel" }) {
		if (!requireMap(config, key))
			return false;
	}

	std::vector<Config> modes;
	if (!readGain(config.child("analogue_gain"), model) ||
	    !readExposure(config.child("exposure"), &properties) ||
	    !readDelays(config.child("delays"), &properties.delays) ||
	    !readPixel(config.child("pixel"), &model->pixel) ||
	    !optionalMap(config, "shading",
			 [&](const Config &map) { return readShading(map, &model->shading); }) ||
	    !config.children("modes", &modes))
		return false;

	return std::all_of(modes.begin(), modes.end(),
			   [&](const Config &mode) { return readMode(mode, model); });
}

} /* namespace */

/**
 * \brief Read a sensor model from text
 * \param[in] text The YAML text; docs/sensors.md has the schema
 * \param[in] fileName The name to give in errors
 * \param[out] error What is wrong: file, line, field and the expected range
 */
std::optional<SensorModel> parseSensorModel(std::string_view text, const std::string &fileName,
					    std::string *error)
{
	SensorModel model;

	if (!Config::parse(text, fileName, error,
			   [&](const Config &config) { return readModel(config, &model); }))
		return std::nullopt;

	return model;
}

/**
 * \brief Read a sensor model from a file; see parseSensorModel()
 * \param[in] fileName The file
 * \param[out] error What is wrong: file, line, field and the expected range
 * \param[in] directories Where the file of a spectral response is looked for, behind
 * the directory of the model
 */
std::optional<SensorModel> loadSensorModel(const std::string &fileName, std::string *error,
					   std::vector<std::string> directories)
{
	std::string text;

	if (!readTextFile(fileName, &text, error))
		return std::nullopt;

	auto model = parseSensorModel(text, fileName, error);
	directories.insert(directories.begin(), (std::filesystem::path(fileName).parent_path() / ".").string());
	if (!model || !loadResponse(&*model, directories, error))
		return std::nullopt;

	return model;
}

} /* namespace fovea::sensor */
