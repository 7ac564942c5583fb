/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Scenes: what a sensor looks at, in which light, through which lens
 */

#include "isp_sim/sensor/scene.h"

#include <algorithm>

#include "isp_sim/sensor/config.h"

namespace fovea::sensor {

namespace {

/* The range of the CIE's formula for daylight; see daylightSpectrum(). */
constexpr double kDaylightMinimum = 4000.0;
constexpr double kDaylightMaximum = 25000.0;

bool readIlluminant(const Config &config, Illuminant *illuminant)
{
	size_t kind;

	if (!config.onlyKeys({ "kind", "temperature", "lux" }) ||
	    !config.choice("kind", { "blackbody", "daylight" }, &kind) ||
	    !config.number("lux", 0.001, 200000.0, &illuminant->illuminance))
		return false;

	illuminant->kind = static_cast<Illuminant::Kind>(kind);
	if (illuminant->kind == Illuminant::Kind::Daylight)
		return config.number("temperature", kDaylightMinimum, kDaylightMaximum,
				     &illuminant->temperature);

	return config.number("temperature", 1000.0, 25000.0, &illuminant->temperature);
}

bool readLens(const Config &config, Lens *lens)
{
	return config.onlyKeys({ "f_number", "transmission" }) &&
	       config.number("f_number", 0.7, 64.0, &lens->fNumber) &&
	       config.number("transmission", 0.01, 1.0, &lens->transmission);
}

bool readScene(const Config &config, Scene *scene)
{
	int64_t version;
	size_t kind;

	if (!config.onlyKeys({ "version", "name", "description", "kind", "reflectance",
			       "illuminant", "lens" }) ||
	    !config.integer("version", 1, 1, &version) ||
	    !config.text("name", &scene->name) ||
	    !config.choice("kind", { "chart", "flat", "dark" }, &kind))
		return false;
	scene->kind = static_cast<Scene::Kind>(kind);

	if (config.has("description") && !config.text("description", &scene->description))
		return false;
	if (config.has("reflectance") &&
	    !config.number("reflectance", 0.01, 1.0, &scene->reflectance))
		return false;

	if (scene->kind != Scene::Kind::Dark) {
		if (!config.isMap("illuminant"))
			return config.fail("illuminant", "expected a map of kind, temperature and lux");
		if (!readIlluminant(config.child("illuminant"), &scene->illuminant))
			return false;
	} else if (config.has("illuminant")) {
		return config.fail("illuminant", "a dark scene has none, remove it");
	}

	if (!config.has("lens"))
		return true;
	if (!config.isMap("lens"))
		return config.fail("lens", "expected a map of f_number and transmission");
	return readLens(config.child("lens"), &scene->lens);
}

} /* namespace */

/**
 * \brief Read a scene from text
 * \param[in] text The YAML text; docs/sensors.md has the schema
 * \param[in] fileName The name to give in errors
 * \param[out] error What is wrong: file, line, field and the expected range
 */
std::optional<Scene> parseScene(std::string_view text, const std::string &fileName,
				std::string *error)
{
	Scene scene;

	if (!Config::parse(text, fileName, error,
			   [&](const Config &config) { return readScene(config, &scene); }))
		return std::nullopt;

	return scene;
}

/* Read a scene from a file. See parseScene(). */
std::optional<Scene> loadScene(const std::string &fileName, std::string *error)
{
	std::string text;

	if (!readTextFile(fileName, &text, error))
		return std::nullopt;

	return parseScene(text, fileName, error);
}

/**
 * \brief The photocurrent of a pixel that sees a diffuse surface
 * \param[in] irradiance The spectral irradiance on the surface, W / m^2 / nm
 * \param[in] reflectance The surface's reflectance
 *
 * A distant diffuse surface gives the image irradiance E rho T / (4 N^2); each
 * photon of wavelength l carries h c / l; the pixel has an area and a response.
 *
 * \return Electrons per second of the red, green and blue pixels
 */
Vector3 electronsPerSecond(const PixelModel &pixel, const Lens &lens,
			   const Spectrum &irradiance, const Spectrum &reflectance)
{
	/* h c, in J nm. */
	constexpr double kPhotonEnergy = 6.62607015e-34 * 2.99792458e8 * 1e9;

	double area = pixel.pitch * pixel.pitch * 1e-12;
	double throughput = lens.transmission / (4.0 * lens.fNumber * lens.fNumber);
	Spectrum photons = irradiance * reflectance *
			   Spectrum([&](double nm) { return nm / kPhotonEnergy; }) *
			   (area * throughput);

	/* A camera that is a matrix may have negative lobes, its pixels have no negative light. */
	Vector3 electrons;
	for (size_t i = 0; i < 3; i++)
		electrons[i] = std::max((photons * pixel.response[i]).integral(), 0.0);

	return electrons;
}

} /* namespace fovea::sensor */
