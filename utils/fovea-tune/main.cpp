/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * fovea-tune: see what a tuning file does to recorded raw frames and scenes
 */

#include <errno.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <string.h>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <libcamera/control_ids.h>

#include "capture.h"
#include "import_command.h"
#include "info_command.h"
#include "picture.h"
#include "record_command.h"
#include "scene_command.h"

using namespace fovea::tune;

namespace {

/*
 * AE and AWB settle within this many frames from any start; see the
 * convergence tests of the IPA.
 */
constexpr unsigned int kDefaultFrames = 20;

struct Options {
	std::string recording;
	std::string scene;
	std::string tuning;
	std::string output;
	std::string compareWith;
	std::string difference;
	std::string metadata;
	unsigned int frames = kDefaultFrames;
	bool insideWorld = false;
};

int fail(const std::string &message)
{
	std::cerr << "fovea-tune: " << message << std::endl;
	return 1;
}

/* "frame-#.png" names a file for each frame, as with cam. */
std::string outputName(const std::string &pattern, unsigned int frame)
{
	std::string name = pattern;
	size_t position = name.rfind('#');
	if (position != std::string::npos)
		name.replace(position, 1, fmt::format("{:06}", frame));

	return name;
}

/*
 * One line a frame: sequence, timestamp in ns, exposure in us, analogue gain,
 * red and blue gain, colour temperature in kelvin, lux, mean of the picture's
 * green channel (0 to 255). A value that the camera does not report is empty.
 */
class MetadataFile
{
public:
	int open(const std::string &path)
	{
		if (path.empty())
			return 0;

		file_.open(path);
		file_ << "sequence,timestamp,exposure,gain,red_gain,blue_gain,temperature,lux,mean\n";
		return check(path);
	}

	int check(const std::string &path)
	{
		if (path.empty())
			return 0;

		file_.flush();
		if (!file_)
			return fail(fmt::format("cannot write {}: {}; check the path and the free space",
						path, strerror(errno)));
		return 0;
	}

	void add(const Frame &frame)
	{
		using namespace libcamera;

		if (!file_.is_open())
			return;

		const ControlList &metadata = *frame.metadata;
		const auto gains = metadata.get(controls::ColourGains);
		file_ << frame.sequence << ',' << text(metadata.get(controls::SensorTimestamp))
		      << ',' << text(metadata.get(controls::ExposureTime))
		      << ',' << text(metadata.get(controls::AnalogueGain))
		      << ',' << (gains ? fmt::format("{:.5f},{:.5f}", (*gains)[0], (*gains)[1]) : ",")
		      << ',' << text(metadata.get(controls::ColourTemperature))
		      << ',' << text(metadata.get(controls::Lux))
		      << ',' << fmt::format("{:.3f}", mean(frame.picture)) << '\n';
	}

private:
	template<typename T>
	static std::string text(const std::optional<T> &value)
	{
		return value ? fmt::format("{}", *value) : std::string();
	}

	static double mean(const Picture &picture)
	{
		uint64_t sum = 0;
		for (size_t i = 1; i < picture.rgb.size(); i += 3)
			sum += picture.rgb[i];
		return static_cast<double>(sum) * 3 / picture.rgb.size();
	}

	std::ofstream file_;
};

std::string describe(const libcamera::ControlList &metadata)
{
	std::string text;

	if (const auto exposure = metadata.get(libcamera::controls::ExposureTime))
		text += fmt::format(", exposure {} us", *exposure);
	if (const auto gain = metadata.get(libcamera::controls::AnalogueGain))
		text += fmt::format(", gain {:.2f}", *gain);
	if (const auto gains = metadata.get(libcamera::controls::ColourGains))
		text += fmt::format(", colour gains {:.3f} {:.3f}", (*gains)[0], (*gains)[1]);
	if (const auto temperature = metadata.get(libcamera::controls::ColourTemperature))
		text += fmt::format(", {} K", *temperature);

	return text;
}

int compareWith(const Options &options, const Picture &picture)
{
	Picture other;
	std::string error;

	if (readPng(options.compareWith, &other, &error))
		return fail(error);
	if (other.width != picture.width || other.height != picture.height)
		return fail(fmt::format("{} is {}x{}, the new picture {}x{}: compare pictures of one recording",
					options.compareWith, other.width, other.height,
					picture.width, picture.height));

	const Difference difference = compare(picture, other);
	std::cout << fmt::format("against {}: {} of {} pixels changed, largest difference {}, PSNR {:.2f} dB\n",
				 options.compareWith, difference.changedPixels,
				 uint64_t{ picture.width } * picture.height,
				 difference.largest, difference.psnr);

	if (!options.difference.empty() &&
	    writePng(options.difference, differencePicture(picture, other), &error))
		return fail(error);

	return 0;
}

/* The part that runs inside the world of the virtual camera. */
int takePictures(const Options &options)
{
	const bool eachFrame = options.output.find('#') != std::string::npos;
	const bool progress = isatty(STDERR_FILENO);
	std::string error;
	Picture last;
	unsigned int count = 0;

	MetadataFile metadata;
	if (metadata.open(options.metadata))
		return 1;

	Capture capture;
	if (capture.open(&error))
		return fail(error);

	auto handler = [&](const Frame &frame) {
		count++;
		if (progress)
			std::cerr << fmt::format("\rframe {}/{}", count, options.frames);

		metadata.add(frame);

		std::string writeError;
		if (eachFrame && writePng(outputName(options.output, count - 1),
					  frame.picture, &writeError))
			return -fail(writeError);

		if (count == options.frames) {
			std::cout << fmt::format("{}: frame {}, {}x{}, hash {:016x}{}\n",
						 outputName(options.output, count - 1),
						 frame.sequence, frame.picture.width,
						 frame.picture.height, hash(frame.picture),
						 describe(*frame.metadata));
			last = frame.picture;
		}
		return 0;
	};

	int ret = capture.run(options.frames, handler, &error);
	if (progress)
		std::cerr << "\r" << std::string(24, ' ') << "\r";
	if (ret)
		return error.empty() ? 1 : fail(error);
	if (metadata.check(options.metadata))
		return 1;

	if (!options.compareWith.empty() && compareWith(options, last))
		return 1;

	if (!eachFrame && writePng(options.output, last, &error))
		return fail(error);

	return 0;
}

std::filesystem::path ownPath()
{
	std::error_code error;
	return std::filesystem::read_symlink("/proc/self/exe", error);
}

/* Start this program again, inside the world of the virtual camera. */
int enterWorld(const std::vector<std::string> &worldOptions, char **argv)
{
	const std::filesystem::path self = ownPath();
	const std::filesystem::path run = self.parent_path() / "fovea-run";
	if (access(run.c_str(), X_OK))
		return fail(fmt::format("{} is missing: build it with 'ninja -C build'", run.string()));

	std::vector<std::string> arguments = { run.string() };
	arguments.insert(arguments.end(), worldOptions.begin(), worldOptions.end());
	arguments.push_back("--");
	arguments.push_back(self.string());
	arguments.push_back(argv[1]);
	arguments.push_back("--inside-world");
	for (char **argument = argv + 2; *argument; argument++)
		arguments.push_back(*argument);

	std::vector<char *> raw;
	for (std::string &argument : arguments)
		raw.push_back(argument.data());
	raw.push_back(nullptr);

	/* What recordings and tuning files cannot mend is not worth a warning. */
	setenv("LIBCAMERA_LOG_LEVELS", "*:WARN,CameraSensor*:ERROR", 0);

	execv(run.c_str(), raw.data());
	return fail(fmt::format("cannot execute {}: {}", run.string(), strerror(errno)));
}

std::vector<std::string> worldOptions(const Options &options)
{
	std::vector<std::string> arguments = { "--virtual-time" };
	auto add = [&arguments](const char *option, const std::string &value) {
		if (!value.empty())
			arguments.insert(arguments.end(), { option, value });
	};

	add("--recording", options.recording);
	add("--scene", options.scene);
	add("--tuning", options.tuning);
	return arguments;
}

int run(const Options &options, char **argv)
{
	if (options.insideWorld)
		return takePictures(options);

	if (!options.tuning.empty() && access(options.tuning.c_str(), R_OK))
		return fail(fmt::format("tuning file {}: {}", options.tuning, strerror(errno)));
	if (!options.difference.empty() && options.compareWith.empty())
		return fail("--difference needs --compare FILE to compare with");

	return enterWorld(worldOptions(options), argv);
}

void addOptions(CLI::App *command, Options *options)
{
	command->add_option("--tuning", options->tuning,
			    "Tuning file; the camera's own where it is left out");
	command->add_option("-o,--output", options->output,
			    "PNG file of the last frame; with a '#' in its name, a file for each frame")
		->required();
	command->add_option("--frames", options->frames,
			    "Frames to run; the last is the picture, the others let AE and AWB settle")
		->check(CLI::Range(1u, 1000000u))
		->capture_default_str();
	command->add_option("--metadata", options->metadata,
			    "CSV file with a line of metadata a frame");
	command->add_option("--compare", options->compareWith,
			    "PNG file to compare the last frame with");
	command->add_option("--difference", options->difference,
			    "PNG file for the difference, eight times enlarged");
	command->add_flag("--inside-world", options->insideWorld)->group("");
}

} /* namespace */

int main(int argc, char **argv)
{
	CLI::App app{ "Recorded raw frames: make them, and tune the Fovea camera on them" };
	app.require_subcommand(1);
	app.footer("Example:\n"
		   "  fovea-tune replay recordings/imx378-desk.yaml --tuning tuning/imx378.yaml -o out.png");

	Options options;

	CLI::App *replay = app.add_subcommand(
		"replay", "Run a recording through the IPA and the ISP in virtual time");
	replay->add_option("recording", options.recording,
			   "Recording: its YAML file, a raw file beside it, or a name of 'fovea-run --list'")
		->required();
	addOptions(replay, &options);
	replay->footer("Example: see what a change of the tuning does to a picture\n"
		       "  fovea-tune replay recordings/imx378-desk.yaml -o before.png\n"
		       "  fovea-tune replay recordings/imx378-desk.yaml --tuning mine.yaml -o after.png \\\n"
		       "      --compare before.png --difference difference.png");

	CLI::App *capture = app.add_subcommand(
		"capture", "Run a synthetic scene through the sensor, the IPA and the ISP in virtual time");
	capture->add_option("--scene", options.scene,
			    "Scene: its YAML file or a name of 'fovea-run --list'; the rig's own where it is left out");
	addOptions(capture, &options);
	capture->footer("Example:\n"
			"  fovea-tune capture --scene chart-2850k -o chart.png --metadata frames.csv");

	const std::function<int()> runImport = addImportCommand(&app);

	const std::function<int()> runInfo = addInfoCommand(&app);

	const std::function<int()> runScene = addSceneCommand(&app);
	const auto enter = [argv](const std::vector<std::string> &arguments) {
		return enterWorld(arguments, argv);
	};
	const std::function<int()> runRecord = addRecordCommand(&app, enter);
	const std::function<int()> runVerify = addVerifyCommand(&app, enter);

	CLI11_PARSE(app, argc, argv);

	if (app.got_subcommand("scene"))
		return runScene();
	if (app.got_subcommand("record"))
		return runRecord();
	if (app.got_subcommand("verify"))
		return runVerify();
	if (app.got_subcommand("info"))
		return runInfo();
	if (app.got_subcommand("import"))
		return runImport();
	return run(options, argv);
}
