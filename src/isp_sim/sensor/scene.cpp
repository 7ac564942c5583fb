/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Scenes: what a sensor looks at, in which light, through which lens
 */

#include "isp_sim/sensor/scene.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "isp_sim/sensor/config.h"

namespace fovea::sensor {

namespace {

/* The range of the CIE's formula for daylight; see daylightSpectrum(). */
constexpr double kDaylightMinimum = 4000.0;
constexpr double kDaylightMaximum = 25000.0;

/* Farther from the centre nothing is seen by any sensor; pixels of the array. */
constexpr double kFarthest = 8192.0;

/* A layer that moves is kept in memory as far as it moves. */
constexpr double kLongestWay = 4096.0;

bool readTemperature(const Config &config, Illuminant *illuminant)
{
	double low = 1000.0, high = 25000.0;

	if (illuminant->kind == Illuminant::Kind::Daylight) {
		low = kDaylightMinimum;
		high = kDaylightMaximum;
	} else if (illuminant->kind != Illuminant::Kind::Blackbody) {
		low = kLedMinimum;
		high = kLedMaximum;
	}

	return config.number("temperature", low, high, &illuminant->temperature);
}

bool readNamed(const Config &config, Illuminant *illuminant)
{
	if (!config.text("name", &illuminant->name))
		return false;

	const auto spectrum = namedSpectrum(illuminant->name);
	if (!spectrum)
		return config.fail("name", fmt::format("got '{}', expected one of: {}", illuminant->name,
						       fmt::join(illuminantNames(), ", ")));

	illuminant->kind = Illuminant::Kind::Named;
	illuminant->temperature = correlatedTemperature(chromaticity(*spectrum));
	return true;
}

/* A kind of a temperature, a name, or a file. */
bool readIlluminant(const Config &config, Illuminant *illuminant)
{
	size_t kind;

	if (!config.onlyKeys({ "kind", "temperature", "name", "spectrum", "lux" }) ||
	    !config.number("lux", 0.001, 200000.0, &illuminant->illuminance))
		return false;

	if (config.has("kind") + config.has("name") + config.has("spectrum") != 1)
		return config.fail("expected one of kind (with a temperature), name, and spectrum");

	if (config.has("kind")) {
		if (!config.choice("kind", { "blackbody", "daylight", "led", "rgb-led" }, &kind))
			return false;
		illuminant->kind = static_cast<Illuminant::Kind>(kind);
		return readTemperature(config, illuminant);
	}

	if (config.has("temperature"))
		return config.fail("temperature", "a name or a spectrum has its own, remove it");
	if (config.has("name"))
		return readNamed(config, illuminant);

	/* The file is read by loadScene(). */
	illuminant->kind = Illuminant::Kind::Table;
	illuminant->temperature = 0.0;
	return config.text("spectrum", &illuminant->name);
}

bool readLens(const Config &config, Lens *lens)
{
	if (!config.onlyKeys({ "f_number", "transmission", "focal_length", "blur", "lateral_ca" }) ||
	    !config.number("f_number", 0.7, 64.0, &lens->fNumber) ||
	    !config.number("transmission", 0.01, 1.0, &lens->transmission))
		return false;
	if (config.has("focal_length") && !config.number("focal_length", 1.0, 50.0, &lens->focalLength))
		return false;
	if (config.has("blur") && !config.number("blur", 0.0, 20.0, &lens->blur))
		return false;

	return !config.has("lateral_ca") ||
	       config.numbers("lateral_ca", 2, -0.01, 0.01, lens->lateralCa.data());
}

/* [[time, value, ...], ...]: one track for each value, from \a min to \a max. */
bool readTracks(const Config &config, const char *key, double min, double max,
		std::initializer_list<Track *> tracks)
{
	std::vector<std::vector<double>> rows;

	if (!config.rows(key, tracks.size() + 1, &rows))
		return false;

	std::vector<std::vector<Key>> keys(tracks.size());
	for (size_t i = 0; i < rows.size(); i++) {
		if (rows[i][0] < 0.0 || (i > 0 && rows[i][0] < rows[i - 1][0]))
			return config.fail(key, "expected times from 0 s on that do not fall");
		for (size_t k = 0; k < tracks.size(); k++) {
			const double value = rows[i][k + 1];
			if (value < min || value > max)
				return config.fail(key, fmt::format("got '{}', expected values from {} to {}",
								    value, min, max));
			keys[k].push_back({ rows[i][0], value });
		}
	}

	size_t k = 0;
	for (Track *track : tracks)
		*track = Track(std::move(keys[k++]));
	return true;
}

bool readFlicker(const Config &config, Flicker *flicker)
{
	size_t waveform;

	if (!config.onlyKeys({ "waveform", "frequency", "depth", "duty", "phase" }) ||
	    !config.choice("waveform", { "sine", "rectified", "pulse" }, &waveform) ||
	    !config.number("frequency", 1.0, 20000.0, &flicker->frequency) ||
	    !config.number("depth", 0.0, 1.0, &flicker->depth))
		return false;
	flicker->waveform = static_cast<Flicker::Waveform>(waveform);

	if (config.has("duty") && !config.number("duty", 0.01, 1.0, &flicker->duty))
		return false;
	return !config.has("phase") || config.number("phase", 0.0, 1.0, &flicker->phase);
}

bool readGradient(const Config &config, Gradient *gradient)
{
	if (!config.onlyKeys({ "from", "to" }) ||
	    !config.numbers("from", 2, -kFarthest, kFarthest, gradient->from.data()) ||
	    !config.numbers("to", 2, -kFarthest, kFarthest, gradient->to.data()))
		return false;

	return gradient->from != gradient->to || config.fail("to", "expected another point than 'from'");
}

bool readLight(const Config &config, Light *light)
{
	if (!config.onlyKeys({ "name", "illuminant", "level", "flicker", "gradient" }) ||
	    !config.text("name", &light->name))
		return false;
	if (!config.isMap("illuminant"))
		return config.fail("illuminant", "expected a map of kind, temperature and lux");
	if (!readIlluminant(config.child("illuminant"), &light->illuminant))
		return false;

	if (config.has("level") && !readTracks(config, "level", 0.0, 1000.0, { &light->level }))
		return false;
	if (config.has("flicker")) {
		if (!config.isMap("flicker"))
			return config.fail("flicker", "expected a map of waveform, frequency and depth");
		if (!readFlicker(config.child("flicker"), &light->flicker))
			return false;
	}
	if (config.has("gradient")) {
		light->gradient.emplace();
		if (!config.isMap("gradient"))
			return config.fail("gradient", "expected a map of from and to");
		return readGradient(config.child("gradient"), &*light->gradient);
	}

	return true;
}

/* The light of a scene: one illuminant, or a list of lights. */
bool readLights(const Config &config, Scene *scene)
{
	constexpr size_t kMaximum = 8;
	std::vector<Config> items;

	if (config.has("illuminant") == config.has("lights"))
		return config.fail("illuminant", "expected either an illuminant or lights");

	if (config.has("illuminant")) {
		if (!config.isMap("illuminant"))
			return config.fail("illuminant", "expected a map of kind, temperature and lux");
		return readIlluminant(config.child("illuminant"), &scene->illuminant);
	}

	if (!config.children("lights", &items))
		return false;
	if (items.size() > kMaximum)
		return config.fail("lights", fmt::format("expected at most {}", kMaximum));

	for (const Config &item : items) {
		Light light{ "", { Illuminant::Kind::Daylight, 6504.0, 500.0, "" } };
		if (!readLight(item, &light))
			return false;
		for (const Light &other : scene->lights) {
			if (other.name == light.name)
				return item.fail("name", "given twice, expected another one");
		}
		scene->lights.push_back(std::move(light));
	}

	scene->illuminant = scene->lights.front().illuminant;
	return true;
}

/* The fields of a content, in a scene and in a layer of one. */
bool readContent(const Config &config, Layer *layer)
{
	ContentOptions *content = &layer->content;
	int64_t seed = content->seed;

	if (config.has("reflectance") && !config.number("reflectance", 0.01, 1.0, &content->reflectance))
		return false;
	if (config.has("seed") && !config.integer("seed", 0, INT32_MAX, &seed))
		return false;
	content->seed = static_cast<uint32_t>(seed);

	const bool isPicture = content->kind == ContentKind::Picture;
	if (config.has("picture") != isPicture)
		return config.fail("picture", isPicture ? "missing, expected a PNG or PPM file"
							: "only of the kind picture, remove it");
	if (isPicture && !config.text("picture", &layer->pictureFile))
		return false;
	if (config.has("scale") && !config.number("scale", 0.1, 100.0, &content->scale))
		return false;

	if (config.has("distance") && !config.number("distance", 0.03, 10000.0, &layer->distance))
		return false;
	if (config.has("position") &&
	    !config.numbers("position", 2, -kFarthest, kFarthest, layer->position.data()))
		return false;
	return !config.has("motion") || readTracks(config, "motion", -kLongestWay, kLongestWay,
						   { &layer->motion[0], &layer->motion[1] });
}

bool readShape(const Config &config, Shape *shape)
{
	double v[4];

	if (!config.onlyKeys({ "rectangle", "disc" }))
		return false;
	if (config.has("rectangle") == config.has("disc"))
		return config.fail("expected either a rectangle or a disc");

	if (config.has("rectangle")) {
		if (!config.numbers("rectangle", 4, -kFarthest, kFarthest, v))
			return false;
		shape->kind = Shape::Kind::Rectangle;
		shape->box = { v[0], v[1], v[0] + v[2], v[1] + v[3] };
		return (v[2] > 0.0 && v[3] > 0.0) ||
		       config.fail("rectangle", "expected [left, top, width, height] with a positive size");
	}

	if (!config.numbers("disc", 3, -kFarthest, kFarthest, v))
		return false;
	shape->kind = Shape::Kind::Disc;
	shape->box = { v[0] - v[2], v[1] - v[2], v[0] + v[2], v[1] + v[2] };
	return v[2] > 0.0 || config.fail("disc", "expected [x, y, radius] with a positive radius");
}

/* Which of the scene's lights fall on a layer. */
bool readLayerLights(const Config &config, const Scene &scene, Layer *layer)
{
	std::vector<std::string> names;

	if (!config.texts("lights", &names))
		return false;

	for (const std::string &name : names) {
		const auto light = std::find_if(scene.lights.begin(), scene.lights.end(),
						[&](const Light &l) { return l.name == name; });
		if (light == scene.lights.end())
			return config.fail("lights", fmt::format("'{}' is none of the scene's lights", name));
		layer->lights.push_back(light - scene.lights.begin());
	}

	return true;
}

#define CONTENT_KINDS "chart", "flat", "dark", "greyscale", "slanted-edge", "dead-leaves", "resolution", "picture"

bool readLayer(const Config &config, const Scene &scene, Layer *layer)
{
	size_t kind;

	if (!config.onlyKeys({ "kind", "reflectance", "seed", "picture", "scale", "distance", "position",
			       "motion", "shape", "lights" }) ||
	    !config.choice("kind", { CONTENT_KINDS }, &kind))
		return false;
	layer->content.kind = static_cast<ContentKind>(kind);
	if (layer->content.kind == ContentKind::Dark)
		return config.fail("kind", "a layer cannot be dark, expected another kind");

	if (!readContent(config, layer))
		return false;
	if (config.has("lights") && !readLayerLights(config, scene, layer))
		return false;
	if (!config.has("shape"))
		return true;

	return config.isMap("shape") ? readShape(config.child("shape"), &layer->shape)
				     : config.fail("shape", "expected a map of rectangle or disc");
}

bool readLayers(const Config &config, Scene *scene)
{
	constexpr size_t kMaximum = 16;
	std::vector<Config> items;

	if (!config.children("layers", &items))
		return false;
	if (items.size() > kMaximum)
		return config.fail("layers", fmt::format("expected at most {}", kMaximum));

	for (const Config &item : items) {
		Layer layer;
		if (!readLayer(item, *scene, &layer))
			return false;
		scene->layers.push_back(std::move(layer));
	}

	return scene->layers.front().shape.kind == Shape::Kind::Everywhere ||
	       config.fail("layers", "the first is the background, expected none with a shape");
}

/* What there is to see: the only content, or layers. */
bool readKind(const Config &config, Scene *scene)
{
	if ((scene->kind == Scene::Kind::Layers) != config.has("layers"))
		return config.fail("layers", "expected with the kind layers, and only there");

	if (scene->kind == Scene::Kind::Layers) {
		for (const char *key : { "reflectance", "seed", "picture", "scale", "distance", "motion" }) {
			if (config.has(key))
				return config.fail(key, "belongs into a layer");
		}
		return readLayers(config, scene);
	}

	Layer layer;
	layer.content.kind = scene->kind;
	if (!readContent(config, &layer))
		return false;

	scene->reflectance = layer.content.reflectance;
	scene->layers.push_back(std::move(layer));
	return true;
}

bool readScene(const Config &config, Scene *scene)
{
	int64_t version;
	size_t kind;

	if (!config.onlyKeys({ "version", "name", "description", "kind", "reflectance", "seed", "picture",
			       "scale", "distance", "motion", "illuminant", "lights", "layers", "lens" }) ||
	    !config.integer("version", 1, 1, &version) ||
	    !config.text("name", &scene->name) ||
	    !config.choice("kind", { CONTENT_KINDS, "layers" }, &kind))
		return false;
	scene->kind = static_cast<Scene::Kind>(kind);

	if (config.has("description") && !config.text("description", &scene->description))
		return false;

	if (scene->kind != Scene::Kind::Dark) {
		if (!readLights(config, scene))
			return false;
	} else if (config.has("illuminant") || config.has("lights")) {
		return config.fail(config.has("lights") ? "lights" : "illuminant",
				   "a dark scene has none, remove it");
	}
	if (!readKind(config, scene))
		return false;

	if (!config.has("lens"))
		return true;
	if (!config.isMap("lens"))
		return config.fail("lens", "expected a map of f_number and transmission");
	return readLens(config.child("lens"), &scene->lens);
}

/* A file of a scene: beside the scene's own, or in a directory of data. */
bool readFile(const std::string &name, const std::vector<std::string> &directories,
	      const std::string &sceneFile, std::string *bytes, std::string *error)
{
	constexpr size_t kMaximum = size_t{ 256 } << 20;
	namespace fs = std::filesystem;

	for (const std::string &directory : directories) {
		const fs::path path = fs::path(directory) / name;
		std::error_code code;
		if (!fs::is_regular_file(path, code))
			continue;

		std::ifstream file(path, std::ios::binary);
		const uintmax_t size = fs::file_size(path, code);
		if (!file || code || size > kMaximum) {
			*error = fmt::format("{}: {}: cannot be read, or larger than 256 MB", sceneFile, path.string());
			return false;
		}
		bytes->resize(size);
		file.read(bytes->data(), size);
		return file.good() || size == 0;
	}

	*error = fmt::format("{}: '{}' is not found, looked in: {}", sceneFile, name,
			     fmt::join(directories, ", "));
	return false;
}

bool loadFiles(Scene *scene, const std::string &fileName, const std::vector<std::string> &directories,
	       std::string *error)
{
	std::string bytes;
	auto table = [&](Illuminant *illuminant) {
		if (illuminant->kind != Illuminant::Kind::Table)
			return true;
		if (!readFile(illuminant->name, directories, fileName, &bytes, error))
			return false;
		const auto spectrum = parseSpectrum(bytes, illuminant->name, error);
		if (!spectrum)
			return false;
		illuminant->table = *spectrum;
		illuminant->temperature = correlatedTemperature(chromaticity(*spectrum));
		return true;
	};

	if (!table(&scene->illuminant))
		return false;
	for (Light &light : scene->lights) {
		if (!table(&light.illuminant))
			return false;
	}

	for (Layer &layer : scene->layers) {
		if (layer.pictureFile.empty())
			continue;
		if (!readFile(layer.pictureFile, directories, fileName, &bytes, error))
			return false;
		auto picture = parsePicture(bytes, layer.pictureFile, error);
		if (!picture)
			return false;
		layer.content.picture = std::make_shared<const LinearPicture>(std::move(*picture));
	}

	return true;
}

} /* namespace */

/* The share of the light at a point: 1 at from, falling evenly to 0 at to. */
double Gradient::at(double x, double y) const
{
	const double dx = to[0] - from[0], dy = to[1] - from[1];
	const double along = ((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy);

	return 1.0 - std::clamp(along, 0.0, 1.0);
}

/* Whether the layer is opaque at a point. */
bool Shape::covers(double x, double y) const
{
	if (kind == Kind::Everywhere)
		return true;
	if (x < box.left || x >= box.right || y < box.top || y >= box.bottom)
		return false;
	if (kind == Kind::Rectangle)
		return true;

	const double dx = x - (box.left + box.right) / 2.0, dy = y - (box.top + box.bottom) / 2.0;
	const double radius = (box.right - box.left) / 2.0;
	return dx * dx + dy * dy < radius * radius;
}

/** \brief The lights, also of a scene that has a single illuminant */
std::vector<Light> Scene::allLights() const
{
	if (kind == Kind::Dark)
		return {};
	if (lights.empty())
		return { Light{ "", illuminant } };

	return lights;
}

/** \brief The layers, also of a scene that has a single content */
std::vector<Layer> Scene::allLayers() const
{
	if (!layers.empty())
		return layers;

	Layer layer;
	layer.content.kind = kind;
	layer.content.reflectance = reflectance;
	return { layer };
}

/**
 * \brief Read a scene from text
 * \param[in] text The YAML text; docs/sensors.md has the schema
 * \param[in] fileName The name to give in errors
 * \param[out] error What is wrong: file, line, field and the expected range
 *
 * No other file is read: spectra and pictures that the scene names are missing.
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

/**
 * \brief Read a scene from a file, with the spectra and pictures that it names
 * \param[in] fileName The scene's file
 * \param[out] error What is wrong
 * \param[in] directories Where its files are looked for when they are not beside it
 *
 * See parseScene().
 */
std::optional<Scene> loadScene(const std::string &fileName, std::string *error,
			       const std::vector<std::string> &directories)
{
	std::string text;

	if (!readTextFile(fileName, &text, error))
		return std::nullopt;

	auto scene = parseScene(text, fileName, error);
	if (!scene)
		return std::nullopt;

	std::vector<std::string> places{ std::filesystem::path(fileName).parent_path().string() };
	places.insert(places.end(), directories.begin(), directories.end());
	if (!loadFiles(&*scene, fileName, places, error))
		return std::nullopt;

	return scene;
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
