/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Rigs: which sensors look at what
 */

#include "isp_sim/sensor/rig.h"

#include <algorithm>
#include <filesystem>
#include <stdlib.h>

#include <fmt/format.h>

#include "isp_sim/sensor/chart_sensor.h"
#include "isp_sim/sensor/config.h"
#include "isp_sim/sensor/recorded_sensor.h"

namespace fovea::sensor {

namespace {

namespace fs = std::filesystem;

bool isFile(const std::string &path)
{
	std::error_code ec;

	return fs::exists(path, ec) && !ec;
}

void appendPath(const char *variable, std::vector<std::string> *directories)
{
	const char *value = getenv(variable);
	if (!value)
		return;

	std::string_view rest = value;
	while (!rest.empty()) {
		size_t end = std::min(rest.find(':'), rest.size());
		if (end > 0)
			directories->emplace_back(rest.substr(0, end));
		rest.remove_prefix(std::min(end + 1, rest.size()));
	}
}

/*
 * A text with a slash or an extension is a file. A name is looked up with the
 * extension .yaml in a folder of each directory. A file in the working directory
 * never hides a name.
 */
std::optional<std::string> find(const std::string &kind, const std::string &nameOrFile,
				const std::vector<std::string> &directories,
				const std::string &folder, std::string *error)
{
	bool isName = nameOrFile.find_first_of("/.") == std::string::npos;

	if (!isName) {
		if (isFile(nameOrFile))
			return nameOrFile;
		*error = fmt::format("{}: no such {} file", nameOrFile, kind);
		return std::nullopt;
	}

	for (const std::string &directory : directories) {
		std::string path = (fs::path(directory) / folder / (nameOrFile + ".yaml")).string();
		if (isFile(path))
			return path;
	}

	*error = fmt::format("{}: no {} of that name in {}; give a name or a .yaml file", nameOrFile,
			     kind, fmt::join(directories, ", "));
	return std::nullopt;
}

/* Models name sub-devices, whose names the media controller cuts at 63 bytes. */
bool readModelName(const Config &config, std::string *model)
{
	constexpr size_t kLongest = 32;

	if (!config.text("model", model))
		return false;
	if (model->empty() || model->size() > kLongest || model->find(' ') != std::string::npos)
		return config.fail("model", fmt::format("expected a name of 1 to {} characters without spaces",
							kLongest));

	return true;
}

/* [[position, dioptres], ...]: where the lens is focused, 1 / m. */
bool readFocus(const Config &config, LensModel *lens)
{
	constexpr double kNearest = 40.0;
	std::vector<std::vector<double>> rows;
	std::vector<Key> keys;

	if (!config.rows("focus", 2, &rows))
		return false;

	for (const auto &row : rows) {
		const bool rises = keys.empty() || row[0] > keys.back().time;
		if (!rises || row[0] < 0.0 || row[0] > lens->maximum || row[1] < 0.0 || row[1] > kNearest)
			return config.fail("focus", fmt::format("got [{}, {}], expected positions that rise from 0 to {}, "
								"and 0 to {} dioptres",
								row[0], row[1], lens->maximum, kNearest));
		keys.push_back({ row[0], row[1] });
	}

	lens->focus = Track(std::move(keys));
	return true;
}

bool readLens(const Config &config, SensorSlot *slot)
{
	LensModel lens{};
	int64_t maximum, preset;

	if (!config.onlyKeys({ "model", "max", "default", "focus" }) ||
	    !readModelName(config, &lens.model) ||
	    !config.integer("max", 1, 65535, &maximum) ||
	    !config.integer("default", 0, maximum, &preset))
		return false;

	lens.maximum = maximum;
	lens.preset = preset;
	if (config.has("focus") && !readFocus(config, &lens))
		return false;
	slot->lens = lens;
	return true;
}

bool readCurrent(const Config &config, const char *key, int *current)
{
	int64_t value;

	if (!config.integer(key, kFlashCurrentStep, 10000, &value))
		return false;
	if (value % kFlashCurrentStep)
		return config.fail(key, fmt::format("got {} mA, expected a multiple of {}", value,
						    kFlashCurrentStep));

	*current = value;
	return true;
}

bool readFlash(const Config &config, SensorSlot *slot)
{
	FlashModel flash{};

	if (!config.onlyKeys({ "model", "flash_current", "torch_current" }) ||
	    !readModelName(config, &flash.model) ||
	    !readCurrent(config, "flash_current", &flash.flashCurrent) ||
	    !readCurrent(config, "torch_current", &flash.torchCurrent))
		return false;

	slot->flash = flash;
	return true;
}

/* Read the optional map \a key with \a read. */
bool readPart(const Config &config, const char *key, bool (*read)(const Config &, SensorSlot *),
	      SensorSlot *slot)
{
	if (!config.has(key))
		return true;
	if (!config.isMap(key))
		return config.fail(key, "expected a map of fields");

	return read(config.child(key), slot);
}

bool readSlot(const Config &config, SensorSlot *slot)
{
	if (!config.onlyKeys({ "model", "scene", "recording", "lens", "flash" }) ||
	    !readPart(config, "lens", readLens, slot) ||
	    !readPart(config, "flash", readFlash, slot))
		return false;
	if (config.has("scene") == config.has("recording"))
		return config.fail("expected exactly one of: scene, recording");

	if (config.has("recording"))
		return (!config.has("model") || config.text("model", &slot->model)) &&
		       config.text("recording", &slot->recording);

	return config.text("model", &slot->model) && config.text("scene", &slot->scene);
}

bool readRig(const Config &config, Rig *rig)
{
	int64_t version;
	std::vector<Config> slots;

	if (!config.onlyKeys({ "version", "name", "description", "clock", "sensors", "faults" }) ||
	    !config.integer("version", 1, 1, &version) ||
	    !config.text("name", &rig->name) ||
	    (config.has("description") && !config.text("description", &rig->description)) ||
	    !config.children("sensors", &slots))
		return false;

	if (config.has("clock")) {
		size_t clock;
		if (!config.choice("clock", { "real-time", "virtual-time" }, &clock))
			return false;
		rig->clock = clock ? Clock::VirtualTime : Clock::RealTime;
	}

	if (config.has("faults") && !readFaults(config, &rig->faults))
		return false;

	if (slots.empty() || slots.size() > kMaxSensors)
		return config.fail("sensors", fmt::format("got {} sensors, expected 1 to {}",
							  slots.size(), kMaxSensors));

	rig->sensors.resize(slots.size());
	for (size_t i = 0; i < slots.size(); i++) {
		if (!readSlot(slots[i], &rig->sensors[i]))
			return false;
	}

	return true;
}

} /* namespace */

/**
 * \struct SearchPath
 * \brief Where names of rigs, models, scenes and recordings are looked up
 *
 * The directories of the environment come first, then those of the source tree
 * or of the installation, which the build sets:
 *
 * - FOVEA_RIG_PATH: directories of rigs, with sensors/, scenes/ and faults/ in them
 * - FOVEA_RECORDING_PATH: directories of sidecars
 * - FOVEA_DATA_PATH: directories to which the sidecars' file names are relative
 *
 * Each is a list separated by colons.
 */
SearchPath SearchPath::fromEnvironment()
{
	SearchPath search;

	appendPath("FOVEA_RIG_PATH", &search.rigs);
	appendPath("FOVEA_RECORDING_PATH", &search.recordings);
	appendPath("FOVEA_DATA_PATH", &search.data);

	std::string source = FOVEA_SOURCE_DIR;
	search.rigs.push_back(source + "/rigs");
	search.recordings.push_back(source + "/recordings");
	search.data.push_back(source + "/../shared/data");

	return search;
}

/* Read a rig from text; docs/sensors.md has the schema. */
std::optional<Rig> parseRig(std::string_view text, const std::string &fileName,
			    std::string *error)
{
	Rig rig;

	if (!Config::parse(text, fileName, error,
			   [&](const Config &config) { return readRig(config, &rig); }))
		return std::nullopt;

	return rig;
}

/* The file of a rig that is given by its name or as a file. */
std::optional<std::string> findRig(const std::string &nameOrFile, const SearchPath &search,
				   std::string *error)
{
	return find("rig", nameOrFile, search.rigs, "", error);
}

/* Read the rig of a name, or of a file. */
std::optional<Rig> loadRig(const std::string &nameOrFile, const SearchPath &search,
			   std::string *error)
{
	std::string text;

	auto file = findRig(nameOrFile, search, error);
	if (!file || !readTextFile(*file, &text, error))
		return std::nullopt;

	return parseRig(text, *file, error);
}

/* Read the faults of a name, or of a file. */
std::optional<std::vector<Fault>> loadFaults(const std::string &nameOrFile,
					     const SearchPath &search, std::string *error)
{
	std::string text;

	auto file = find("list of faults", nameOrFile, search.rigs, "faults", error);
	if (!file || !readTextFile(*file, &text, error))
		return std::nullopt;

	return parseFaults(text, *file, error);
}

/* Read the sensor model of a name, or of a file. */
std::optional<SensorModel> findSensorModel(const std::string &nameOrFile,
					   const SearchPath &search, std::string *error)
{
	auto file = find("sensor model", nameOrFile, search.rigs, "sensors", error);
	if (!file)
		return std::nullopt;

	return loadSensorModel(*file, error, search.data);
}

/* Read the scene of a name, or of a file. */
std::optional<Scene> findScene(const std::string &nameOrFile, const SearchPath &search,
			       std::string *error)
{
	auto file = find("scene", nameOrFile, search.rigs, "scenes", error);
	if (!file)
		return std::nullopt;

	return loadScene(*file, error, search.data);
}

namespace {

/*
 * A recording names its model. One that has a file lends it the gain codes and
 * the delays; of others nothing is known.
 */
std::unique_ptr<Sensor> makeRecordedSensor(const SensorSlot &slot, const SearchPath &search,
					   std::string *error)
{
	std::string file = slot.recording;
	std::string unused;

	if (file.find_first_of("/.") == std::string::npos) {
		auto found = find("recording", file, search.recordings, "", error);
		if (!found)
			return nullptr;
		file = *found;
	}

	auto recording = loadRecording(file, search.data, error);
	if (!recording)
		return nullptr;

	if (!slot.model.empty()) {
		auto model = findSensorModel(slot.model, search, error);
		return model ? createRecordedSensor(std::move(*recording), &*model, error) : nullptr;
	}

	auto modelFile = find("sensor model", recording->model, search.rigs, "sensors", &unused);
	if (!modelFile)
		return createRecordedSensor(std::move(*recording), nullptr, error);

	auto model = loadSensorModel(*modelFile, error, search.data);
	return model ? createRecordedSensor(std::move(*recording), &*model, error) : nullptr;
}

} /* namespace */

/**
 * \brief Create the sensor of a slot
 * \param[in] slot What the rig says
 * \param[in] search Where names are looked up
 * \param[out] error What is wrong and where
 *
 * \return The sensor, or nullptr after an error
 */
std::unique_ptr<Sensor> makeSensor(const SensorSlot &slot, const SearchPath &search,
				   std::string *error)
{
	error->clear();

	if (slot.scene.empty() == slot.recording.empty()) {
		*error = "a sensor needs either a scene or a recording";
		return nullptr;
	}

	if (!slot.recording.empty())
		return makeRecordedSensor(slot, search, error);

	auto model = findSensorModel(slot.model, search, error);
	if (!model)
		return nullptr;

	auto scene = findScene(slot.scene, search, error);
	if (!scene)
		return nullptr;

	return createChartSensor(*model, *scene, slot.lens ? slot.lens->focus : std::nullopt);
}

} /* namespace fovea::sensor */
