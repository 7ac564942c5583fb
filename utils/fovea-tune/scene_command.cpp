/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * fovea-tune scene: what there is to see
 */

#include "scene_command.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include "isp_sim/sensor/rig.h"
#include "isp_sim/sensor/truth.h"
#include "isp_sim/sensor/truth_maps.h"

#include "thumbnail.h"

namespace fovea::tune {

namespace fs = std::filesystem;

namespace {

constexpr unsigned int kPixels = 160;
constexpr unsigned int kColumns = 40;

struct Arguments {
	bool list = false;
	std::string model = "imx219";
	std::string directory;

	/* Of the truth. */
	std::string scene;
	std::string truth;
	unsigned int mode = 1;
	int exposure = 1000;		/* lines */
	double time = 0.0;		/* seconds */
	int lensPosition = 0;
	std::string focus;		/* "position:dioptres,..." */
};

int fail(const std::string &message)
{
	std::cerr << "fovea-tune: " << message << "\n";
	return 1;
}

/* Names of all scenes; the first of a name is the one that is found. */
std::vector<std::string> sceneNames(const sensor::SearchPath &search)
{
	std::vector<std::string> names;

	for (const std::string &directory : search.rigs) {
		std::error_code code;
		for (const fs::directory_entry &entry : fs::directory_iterator(fs::path(directory) / "scenes", code)) {
			if (entry.path().extension() == ".yaml")
				names.push_back(entry.path().stem().string());
		}
	}

	std::sort(names.begin(), names.end());
	names.erase(std::unique(names.begin(), names.end()), names.end());
	return names;
}

int list(const Arguments &arguments)
{
	const auto search = sensor::SearchPath::fromEnvironment();
	const bool terminal = isatty(STDOUT_FILENO);
	std::string error;

	const auto model = sensor::findSensorModel(arguments.model, search, &error);
	if (!model)
		return fail(error);

	for (const std::string &name : sceneNames(search)) {
		const auto scene = sensor::findScene(name, search, &error);
		if (!scene)
			return fail(error);

		std::cout << fmt::format("{:<24} {}\n", name, scene->description);
		if (!terminal && arguments.directory.empty())
			continue;

		const Picture picture = thumbnail(*model, *scene, kPixels);
		if (terminal)
			std::cout << terminalText(picture, kColumns) << "\n";
		if (!arguments.directory.empty() &&
		    writePng(fs::path(arguments.directory) / (name + ".png"), picture, &error))
			return fail(error);
	}

	return 0;
}

/* What --focus says: "0:0,1023:12". */
bool parseFocus(const std::string &text, std::optional<sensor::Track> *focus)
{
	std::vector<sensor::Key> keys;
	std::istringstream points(text);
	std::string point;

	while (std::getline(points, point, ',')) {
		sensor::Key key;
		char colon;
		std::istringstream pair(point);
		if (!(pair >> key.time >> colon >> key.value) || colon != ':' || !pair.eof() ||
		    (!keys.empty() && key.time <= keys.back().time) || key.value < 0.0 || key.value > 40.0)
			return false;
		keys.push_back(key);
	}

	if (!keys.empty())
		*focus = sensor::Track(std::move(keys));
	return true;
}

/* Write what is true of each pixel of a frame. */
int writeTruth(const Arguments &arguments)
{
	const auto search = sensor::SearchPath::fromEnvironment();
	std::optional<sensor::Track> focus;
	std::string error;

	const auto model = sensor::findSensorModel(arguments.model, search, &error);
	if (!model)
		return fail(error);
	const auto scene = sensor::findScene(arguments.scene, search, &error);
	if (!scene)
		return fail(error);
	if (arguments.mode >= model->properties.modes.size())
		return fail(fmt::format("mode {}, expected 0 to {}", arguments.mode,
					model->properties.modes.size() - 1));
	if (!parseFocus(arguments.focus, &focus))
		return fail(fmt::format("--focus '{}', expected positions that rise, with 0 to 40 dioptres: 0:0,1023:12",
					arguments.focus));

	const sensor::Mode &mode = model->properties.modes[arguments.mode];
	const double rowTime = static_cast<double>(mode.width + mode.hblank) / mode.pixelRate;
	const sensor::Moment moment{ std::chrono::nanoseconds(static_cast<int64_t>(arguments.time * 1e9)),
				     arguments.exposure * rowTime, rowTime, false, arguments.lensPosition };
	const sensor::TruthMaps maps = sensor::truthMaps(*model, *scene, focus, arguments.mode, moment);
	if (!sensor::writeTruthMaps(maps, arguments.truth, &error))
		return fail(error);

	std::ofstream file(fs::path(arguments.truth) / "truth.json");
	file << sensor::sceneTruth(*model, *scene, arguments.mode, false, false).toJson();
	file.close();
	return file ? 0 : fail(arguments.truth + ": cannot write");
}

} /* namespace */

std::function<int()> addSceneCommand(CLI::App *app)
{
	auto arguments = std::make_shared<Arguments>();
	CLI::App *command = app->add_subcommand("scene", "Show the scenes that 'fovea-run --scene' knows");

	CLI::Option *listing = command->add_flag("--list", arguments->list, "List them, on a terminal with thumbnails");
	command->add_option("NAME", arguments->scene, "A scene; a name or a YAML file")->excludes(listing);
	command->add_option("--truth", arguments->truth, "Directory for the truth about each pixel as NumPy files")
		->check(CLI::ExistingDirectory)
		->excludes(listing);
	command->add_option("--mode", arguments->mode, "Index of the sensor's mode")->capture_default_str();
	command->add_option("--exposure", arguments->exposure, "Lines")
		->capture_default_str()
		->check(CLI::Range(1, 1 << 24));
	command->add_option("--time", arguments->time, "Seconds since the start of the stream")
		->capture_default_str()
		->check(CLI::Range(0.0, 1e6));
	command->add_option("--lens-position", arguments->lensPosition, "Position of the lens")
		->capture_default_str();
	command->add_option("--focus", arguments->focus, "Dioptres at positions of the lens: 0:0,1023:12");
	command->add_option("--model", arguments->model, "Sensor model that looks at them; a name or a YAML file")
		->capture_default_str();
	command->add_option("-o,--output", arguments->directory, "Directory for the thumbnails as PNG files")
		->check(CLI::ExistingDirectory);
	command->footer("Example:\n"
			"  fovea-tune scene --list\n"
			"  mkdir -p scenes && fovea-tune scene --list -o scenes\n"
			"  mkdir -p truth && fovea-tune scene mixed-light --truth truth");

	return [arguments]() {
		if (arguments->list)
			return list(*arguments);
		if (arguments->scene.empty() || arguments->truth.empty())
			return fail("scene: expected --list, or a scene's name and --truth DIRECTORY");
		return writeTruth(*arguments);
	};
}

} /* namespace fovea::tune */
