/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Sensor models: what a data sheet says
 */

#include "isp_sim/sensor/model.h"

#include <algorithm>
#include <math.h>

#include <fmt/format.h>

#include "isp_sim/sensor/config.h"
#include "isp_sim/sensor/exact_math.h"

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

/* Electrons per photon that falls on the pixel, of red, green and blue. */
std::array<Spectrum, 3> PixelModel::responseSpectra() const
{
	std::array<Spectrum, 3> spectra;

	for (size_t i = 0; i < 3; i++) {
		spectra[i] = Spectrum([&](double nm) {
			double sum = 0.0;
			for (const ResponseLobe &l : response[i]) {
				double t = (nm - l.centre) / l.width;
				sum += l.peak * exact::exp(-0.5 * t * t);
			}
			return sum;
		});
	}

	return spectra;
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

/* The output size times the binning must be what the crop holds. */
bool checkModeGeometry(const Config &config, const Mode &mode, unsigned int binning,
		       const Rectangle &active)
{
	const Rectangle &crop = mode.analogCrop;

	if (mode.width % 2 || mode.height % 2)
		return config.fail("size", "expected even width and height");
	if (crop.width != mode.width * binning || crop.height != mode.height * binning)
		return config.fail("crop", fmt::format("expected a size of {}x{}, size times binning",
						       mode.width * binning, mode.height * binning));
	if (crop.left < active.left || crop.top < active.top ||
	    crop.left + crop.width > active.left + active.width ||
	    crop.top + crop.height > active.top + active.height)
		return config.fail("crop", "expected a rectangle inside active_area");
	if ((crop.left - active.left) % 2 || (crop.top - active.top) % 2)
		return config.fail("crop", "expected an even offset from active_area, to keep the Bayer order");

	return true;
}

bool readMode(const Config &config, SensorModel *model)
{
	std::vector<int64_t> size;
	int64_t pixelRate, linkFrequency, lineLength, vblankMin, vblankMax, vblankDefault, binning;
	size_t depth;
	Mode mode{};

	if (!config.onlyKeys({ "size", "crop", "binning", "bit_depth", "pixel_rate",
			       "link_frequency", "line_length", "vblank_min", "vblank_max",
			       "vblank_default" }) ||
	    !config.integers("size", 2, 16, 16384, &size) ||
	    !readRectangle(config, "crop", &mode.analogCrop) ||
	    !config.integer("binning", 1, 8, &binning) ||
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

	if (!checkModeGeometry(config, mode, binning, model->properties.activeArea))
		return false;
	if (mode.bitDepth > model->pixel.bitDepth)
		return config.fail("bit_depth", fmt::format("expected at most the converter's {} bits",
							    model->pixel.bitDepth));

	model->properties.modes.push_back(mode);
	model->binning.push_back(binning);
	return true;
}

bool readLobes(const Config &config, const char *key, std::vector<ResponseLobe> *lobes)
{
	std::vector<Config> items;

	if (!config.children(key, &items))
		return false;

	for (const Config &item : items) {
		ResponseLobe l{};
		if (!item.onlyKeys({ "peak", "centre", "width" }) ||
		    !item.number("peak", 0.0, 1.0, &l.peak) ||
		    !item.number("centre", 300.0, 1100.0, &l.centre) ||
		    !item.number("width", 5.0, 300.0, &l.width))
			return false;
		lobes->push_back(l);
	}

	return true;
}

bool readPixel(const Config &config, PixelModel *pixel)
{
	size_t depth;
	int64_t black;

	if (!config.onlyKeys({ "pitch", "bit_depth", "black_level", "conversion_gain",
			       "full_well", "read_noise", "converter_noise",
			       "response_non_uniformity", "response" }) ||
	    !config.number("pitch", 0.3, 50.0, &pixel->pitch) ||
	    !config.choice("bit_depth", { "8", "10", "12", "14", "16" }, &depth))
		return false;

	pixel->bitDepth = 8 + 2 * depth;
	int64_t half = int64_t{ 1 } << (pixel->bitDepth - 1);

	if (!config.integer("black_level", 0, half, &black) ||
	    !config.number("conversion_gain", 1e-4, 100.0, &pixel->conversionGain) ||
	    !config.number("full_well", 100.0, 1e6, &pixel->fullWell) ||
	    !config.number("read_noise", 0.0, 1000.0, &pixel->readNoise) ||
	    !config.number("converter_noise", 0.0, 100.0, &pixel->converterNoise) ||
	    !config.number("response_non_uniformity", 0.0, 0.1, &pixel->responseNonUniformity))
		return false;
	pixel->blackLevel = black;

	if (!config.isMap("response"))
		return config.fail("response", "expected a map of red, green and blue");

	Config response = config.child("response");
	return response.onlyKeys({ "red", "green", "blue" }) &&
	       readLobes(response, "red", &pixel->response[0]) &&
	       readLobes(response, "green", &pixel->response[1]) &&
	       readLobes(response, "blue", &pixel->response[2]);
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
			       "flips", "analogue_gain", "exposure", "delays", "pixel", "modes" }))
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

/* Read a sensor model from a file. See parseSensorModel(). */
std::optional<SensorModel> loadSensorModel(const std::string &fileName, std::string *error)
{
	std::string text;

	if (!readTextFile(fileName, &text, error))
		return std::nullopt;

	return parseSensorModel(text, fileName, error);
}

} /* namespace fovea::sensor */
