/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * fovea-tune record and verify
 */

#include "record_command.h"

#include <iostream>
#include <memory>
#include <stdlib.h>
#include <unistd.h>

#include <fmt/format.h>

#include "record.h"

namespace fovea::tune {

namespace {

struct Arguments {
	std::string recording;		/* to write, or to verify */
	std::string scene;
	std::string replayed;
	std::string rig;
	std::string tuning;
	bool insideWorld = false;
	RecordOptions options;
};

/* On a terminal only: a line that is written over. */
class Progress
{
public:
	~Progress()
	{
		if (terminal_)
			std::cerr << "\r" << std::string(24, ' ') << "\r";
	}

	void operator()(unsigned int frame, unsigned int frames) const
	{
		if (terminal_)
			std::cerr << fmt::format("\rframe {}/{}", frame, frames);
	}

private:
	bool terminal_ = isatty(STDERR_FILENO);
};

int fail(const std::string &message)
{
	std::cerr << "fovea-tune: " << message << "\n";
	return 1;
}

std::vector<std::string> worldOptions(const Arguments &arguments, const std::string &recording)
{
	std::vector<std::string> options;
	auto add = [&options](const char *option, const std::string &value) {
		if (!value.empty())
			options.insert(options.end(), { option, value });
	};

	if (!arguments.options.realTime)
		options.push_back("--virtual-time");
	add("--rig", arguments.rig);
	add("--scene", arguments.scene);
	add("--recording", recording);
	add("--tuning", arguments.tuning);
	return options;
}

int runRecord(const Arguments &arguments, const EnterWorld &enterWorld)
{
	RecordSummary summary;
	std::string error;

	/* A world is there already, or a camera of this machine is wanted. */
	const bool here = arguments.insideWorld || !arguments.options.camera.empty() || getenv("FOVEA_SOCKET");
	if (!here)
		return enterWorld(worldOptions(arguments, arguments.replayed));

	int ret;
	{
		Progress progress;
		ret = record(arguments.recording, arguments.options, std::ref(progress), &summary, &error);
	}
	if (ret)
		return fail(error);

	const sensor::RawLayout &layout = summary.recording.layout;
	std::cout << fmt::format("{}: {} frames of {}x{}, {} bits, model {}, {} lost{}\n", arguments.recording,
				 summary.frames, layout.width, layout.height, layout.bitDepth,
				 summary.recording.model, summary.lost,
				 summary.ispBuffers ? "" : ", without statistics and parameters");
	return 0;
}

int runVerify(const Arguments &arguments, const EnterWorld &enterWorld)
{
	std::string error;

	if (!arguments.insideWorld)
		return enterWorld(worldOptions(arguments, arguments.recording));

	int ret;
	{
		Progress progress;
		ret = verify(arguments.recording, std::ref(progress), &error);
	}
	if (ret)
		return fail(error);

	std::cout << fmt::format("{}: the replay is the same to the bit\n", arguments.recording);
	return 0;
}

} /* namespace */

std::function<int()> addRecordCommand(CLI::App *app, EnterWorld enterWorld)
{
	auto arguments = std::make_shared<Arguments>();
	RecordOptions &options = arguments->options;
	CLI::App *command = app->add_subcommand(
		"record", "Make a recording of a camera: raw frames, metadata, statistics, parameters and controls");

	command->add_option("-o,--output", arguments->recording, "Recording to write, such as session.fvr")
		->required();
	command->add_option("--frames", options.frames, "Frames to record")
		->check(CLI::Range(1u, 1000000u))->capture_default_str();
	command->add_option("--size", options.size, "Raw frames: WIDTHxHEIGHT; the largest where it is left out");
	command->add_option("--pictures", options.pictures,
			    "Pictures (NV12) of WIDTHxHEIGHT beside the raw frames, of which the hashes are kept; or none")
		->capture_default_str();
	command->add_option("--controls", options.controls,
			    "File with lines 'FRAME Name = value': controls of single requests")
		->check(CLI::ExistingFile);
	command->add_option("--camera", options.camera,
			    "Id of a camera of this machine, as 'cam -l' shows it; else the virtual one");
	command->add_option("--rig", arguments->rig, "Rig of the virtual camera; see fovea-run");
	CLI::Option *scene = command->add_option("--scene", arguments->scene, "What the virtual camera sees");
	command->add_option("--recording", arguments->replayed, "Recording that the virtual camera sees")
		->excludes(scene);
	command->add_option("--tuning", arguments->tuning, "Tuning file");
	command->add_flag("--real-time", options.realTime,
			  "The virtual camera takes frames at its rate, and not when software is ready");
	command->add_flag("--inside-world", arguments->insideWorld)->group("");
	command->footer("Examples:\n"
			"  fovea-tune record -o chart.fvr --frames 60 --scene chart-2850k --pictures 1280x720\n"
			"  fovea-tune verify chart.fvr\n"
			"  fovea-tune record -o desk.fvr --camera '/base/soc/i2c0mux/i2c@1/imx219@10'");

	return [arguments, enterWorld]() { return runRecord(*arguments, enterWorld); };
}

std::function<int()> addVerifyCommand(CLI::App *app, EnterWorld enterWorld)
{
	auto arguments = std::make_shared<Arguments>();
	CLI::App *command = app->add_subcommand(
		"verify", "Run a recorded session again, and compare frames, pictures, metadata, statistics and parameters to the bit");

	command->add_option("recording", arguments->recording, "What 'fovea-tune record' wrote")
		->required()->check(CLI::ExistingFile);
	command->add_option("--rig", arguments->rig, "Rig of the session, where it was not the default");
	command->add_option("--tuning", arguments->tuning, "Tuning file");
	command->add_flag("--inside-world", arguments->insideWorld)->group("");
	command->footer("Example: see which frame a change of the IPA changes first\n"
			"  fovea-tune record -o before.fvr --frames 60 --pictures 1280x720\n"
			"  fovea-tune verify before.fvr");

	return [arguments, enterWorld]() { return runVerify(*arguments, enterWorld); };
}

} /* namespace fovea::tune */
