/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * fovea-run: run a command in the world of the virtual camera
 */

#include <algorithm>
#include <filesystem>
#include <stdlib.h>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <yaml-cpp/yaml.h>

#include "isp_sim/sensor/rig.h"

#include "installation.h"
#include "processes.h"
#include "runtime_directory.h"

using namespace fovea::run;
namespace fs = std::filesystem;

namespace {

struct Options {
	std::string rig;
	std::string scene;
	std::string recording;
	std::string faults;
	std::string tuning;
	std::string trace;
	unsigned int threads = 0;
	bool virtualTime = false;
	bool list = false;
	std::vector<std::string> command;
};

int fail(const std::string &message)
{
	fmt::print(stderr, "fovea-run: {}\n", message);
	return EXIT_FAILURE;
}

/* "first:second:...", with what the environment has already at the end. */
std::string pathList(const std::vector<std::string> &first, const char *variable)
{
	std::string list;
	const char *present = getenv(variable);

	for (const std::string &entry : first)
		list += (list.empty() ? "" : ":") + entry;
	if (present && *present)
		list += std::string(":") + present;

	return list;
}

/* Our libraries before others; those of an outer fovea-run give way. */
std::string preloads(const Installation &installation)
{
	std::string list = installation.preload + ":" + installation.handler;
	const char *present = getenv("LD_PRELOAD");
	std::string rest = present ? present : "";

	while (!rest.empty()) {
		size_t end = rest.find_first_of(": ");
		std::string entry = rest.substr(0, end);
		rest = end == std::string::npos ? "" : rest.substr(end + 1);

		const fs::path name = fs::path(entry).filename();
		if (!entry.empty() && name != fs::path(installation.preload).filename() &&
		    name != fs::path(installation.handler).filename())
			list += ":" + entry;
	}

	return list;
}

std::vector<std::string> serverArguments(const Options &options,
					 const Installation &installation,
					 const RuntimeDirectory &directory)
{
	std::vector<std::string> arguments = {
		installation.server,
		"--socket", directory.path() + "/hw",
		"--sysfs", directory.path() + "/sysfs",
	};

	auto add = [&arguments](const char *option, const std::string &value) {
		if (!value.empty())
			arguments.insert(arguments.end(), { option, value });
	};
	add("--rig", options.rig);
	add("--scene", options.scene);
	add("--recording", options.recording);
	add("--faults", options.faults);
	add("--threads", options.threads ? std::to_string(options.threads) : "");
	if (options.virtualTime)
		arguments.push_back("--virtual-time");

	return arguments;
}

/* The server is a machine of its own: nothing of an outer world acts on it. */
Variables serverVariables()
{
	return { { "LD_PRELOAD", "" }, { "FOVEA_SOCKET", "" }, { "FOVEA_SYSFS", "" } };
}

int commandVariables(const Options &options, const Installation &installation,
		     const RuntimeDirectory &directory, Variables *variables)
{
	/* libcamera looks for <config path>/fovea/<sensor>.yaml. */
	const fs::path config = fs::path(directory.path()) / "ipa";
	std::error_code error;
	fs::create_directory(config, error);
	fs::create_directory_symlink(installation.tuning, config / "fovea", error);
	if (error)
		return fail(fmt::format("cannot create {}: {}", config.string(), error.message()));

	*variables = {
		{ "FOVEA_SOCKET", directory.path() + "/hw" },
		{ "FOVEA_SYSFS", directory.path() + "/sysfs" },
		{ "FOVEA_TRACE", options.trace.empty() ? "" : fs::absolute(options.trace).string() },
		{ "LD_PRELOAD", preloads(installation) },
		{ "LD_LIBRARY_PATH", pathList(installation.libraries, "LD_LIBRARY_PATH") },
		{ "PATH", pathList(installation.programs, "PATH") },
		{ "GST_PLUGIN_PATH", pathList({ installation.gstreamer }, "GST_PLUGIN_PATH") },
		{ "LIBCAMERA_IPA_MODULE_PATH", installation.ipaModules },
		{ "LIBCAMERA_IPA_PROXY_PATH", installation.ipaProxies },
		{ "LIBCAMERA_IPA_CONFIG_PATH", pathList({ config }, "LIBCAMERA_IPA_CONFIG_PATH") },
	};
	if (!options.tuning.empty())
		(*variables)["LIBCAMERA_FOVEA_TUNING_FILE"] = fs::absolute(options.tuning);

	return 0;
}

/* The description that a file gives of itself, or why it cannot be read. */
std::string descriptionOf(const fs::path &file)
{
	try {
		return YAML::LoadFile(file)["description"].as<std::string>("");
	} catch (const YAML::Exception &exception) {
		return fmt::format("(malformed: {})", exception.what());
	}
}

void listFiles(const char *title, const std::vector<std::string> &directories,
	       const char *subdirectory)
{
	fmt::print("{}:\n", title);

	for (const std::string &directory : directories) {
		std::vector<fs::path> files;
		std::error_code error;
		for (const fs::directory_entry &entry :
		     fs::directory_iterator(fs::path(directory) / subdirectory, error)) {
			if (entry.path().extension() == ".yaml")
				files.push_back(entry.path());
		}

		std::sort(files.begin(), files.end());
		for (const fs::path &file : files)
			fmt::print("  {:<24} {}\n", file.stem().string(), descriptionOf(file));
	}
}

int list()
{
	const auto search = fovea::sensor::SearchPath::fromEnvironment();

	listFiles("Rigs (--rig)", search.rigs, "");
	listFiles("Scenes (--scene)", search.rigs, "scenes");
	listFiles("Faults (--faults)", search.rigs, "faults");
	listFiles("Recordings (--recording)", search.recordings, "");

	return EXIT_SUCCESS;
}

int run(const Options &options)
{
	Installation installation;
	RuntimeDirectory directory;
	std::string error;

	if (!options.tuning.empty() && !fs::is_regular_file(options.tuning))
		return fail(fmt::format("tuning file {}: no such file", options.tuning));
	if (!Installation::find(&installation, &error) || directory.create(&error))
		return fail(error);

	Variables variables;
	if (commandVariables(options, installation, directory, &variables))
		return EXIT_FAILURE;

	Processes processes;
	if (processes.startServer(serverArguments(options, installation, directory),
				  serverVariables()))
		return EXIT_FAILURE;

	return processes.runCommand(options.command, variables);
}

} /* namespace */

int main(int argc, char **argv)
{
	CLI::App app{ "Run a command in the world of the virtual camera" };
	Options options;

	app.add_option("--rig", options.rig, "Rig: which hardware there is; a name or a YAML file");
	CLI::Option *scene = app.add_option("--scene", options.scene,
					    "Scene that the sensor sees; a name or a YAML file");
	app.add_option("--recording", options.recording,
		       "Recorded raw frames that the sensor sees; a name, a recording (.fvr), a YAML file, or a raw file beside it")
		->excludes(scene);
	app.add_option("--faults", options.faults,
		       "Faults of the hardware on a timeline, see docs/faults.md; a name or a YAML file");
	app.add_option("--tuning", options.tuning, "Tuning file instead of the sensor's own");
	app.add_flag("--virtual-time", options.virtualTime,
		     "Take a frame whenever software is ready for it: as fast as possible, and to the bit");
	app.add_option("--threads", options.threads, "Threads of the ISP, 1 to 64")
		->check(CLI::Range(1u, 64u));
	app.add_option("--trace", options.trace,
		       "File for a line on each call that the command makes to a device");
	app.add_flag("--list", options.list, "List rigs, scenes, recordings and faults, and end");
	app.add_option("command", options.command, "Command and arguments");
	app.positionals_at_end();
	app.footer("The command's exit status is fovea-run's; libcamera's cam, qcam and lc-compliance are\n"
		   "on its PATH.\n\n"
		   "Examples:\n"
		   "  fovea-run -- cam -c 1 --capture=30 --file=frame-#.ppm\n"
		   "  fovea-run --scene chart-2850k -- qcam\n"
		   "  fovea-run --recording imx378-desk --virtual-time -- cam -c 1 --capture=10\n"
		   "  fovea-run --faults bad-day -- cam -c 1 --capture=120\n"
		   "  fovea-run -- media-ctl -p");

	CLI11_PARSE(app, argc, argv);

	if (options.list)
		return list();
	if (options.command.empty())
		return fail("no command: give one after '--', for example 'fovea-run -- cam -l'");

	return run(options);
}
