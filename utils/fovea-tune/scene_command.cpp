/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * fovea-tune scene: what there is to see
 */

#include "scene_command.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include "isp_sim/sensor/rig.h"

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

} /* namespace */

std::function<int()> addSceneCommand(CLI::App *app)
{
	auto arguments = std::make_shared<Arguments>();
	CLI::App *command = app->add_subcommand("scene", "Show the scenes that 'fovea-run --scene' knows");

	command->add_flag("--list", arguments->list, "List them, on a terminal with thumbnails")->required();
	command->add_option("--model", arguments->model, "Sensor model that looks at them; a name or a YAML file")
		->capture_default_str();
	command->add_option("-o,--output", arguments->directory, "Directory for the thumbnails as PNG files")
		->check(CLI::ExistingDirectory);
	command->footer("Example:\n"
			"  fovea-tune scene --list\n"
			"  mkdir -p scenes && fovea-tune scene --list -o scenes");

	return [arguments]() { return list(*arguments); };
}

} /* namespace fovea::tune */
