/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * fovea-tune import: raw files into a recording
 */

#include "import_command.h"

#include <iostream>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include "isp_sim/sensor/rig.h"

#include "import/importer.h"

namespace fovea::tune {

namespace {

struct Arguments {
	CLI::App *command;
	std::vector<std::string> files;
	std::string output;
	double blackLevel = 0.0;
	ImportOptions options;
};

void addFormatOptions(CLI::App *command, Arguments *arguments)
{
	constexpr const char *kGroup = "Raw samples without a description";
	ImportOptions &options = arguments->options;

	CLI::Option *format = command->add_option("--format", options.format,
						  "Pixel format as libcamera and cam name it: SRGGB10, SBGGR12_CSI2P")
				      ->group(kGroup);
	command->add_option("--size", options.size, "Samples: WIDTHxHEIGHT")->group(kGroup)->needs(format);
	command->add_option("--stride", options.stride, "Bytes from line to line, where lines have padding")
		->group(kGroup)->needs(format)->check(CLI::Range(uint64_t{ 16 }, uint64_t{ 1 } << 20));
	command->add_option("--header", options.header, "Bytes before the first line")
		->group(kGroup)->needs(format)->check(CLI::Range(uint64_t{ 0 }, uint64_t{ 1 } << 30));
	command->add_option("--shift", options.shift, "Bits below the sample in its word; 6 of 10 bits that are left-justified")
		->group(kGroup)->needs(format)->check(CLI::Range(0u, 8u));
}

void addCaptureOptions(CLI::App *command, Arguments *arguments)
{
	constexpr const char *kGroup = "What the files do not tell, or tell wrong";
	ImportOptions &options = arguments->options;

	command->add_option("--name", options.name, "Name; that of the output where it is left out")->group(kGroup);
	command->add_option("--model", options.model, "Sensor model, which names the tuning file: a-z, 0-9 and -")
		->group(kGroup)
		->check([](const std::string &text) {
			const bool good = !text.empty() && text.size() <= 20 &&
					  text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") ==
						  std::string::npos;
			return good ? std::string() : "expected at most 20 of a-z, 0-9 and -";
		});
	command->add_option("--black-level", arguments->blackLevel, "Code of no light")
		->group(kGroup)->check(CLI::Range(0.0, 65535.0));
	command->add_option("--white-level", options.whiteLevel, "Code at which samples clip")
		->group(kGroup)->check(CLI::Range(1u, 65535u));
	command->add_option("--exposure-us", options.exposure, "Exposure time in microseconds")
		->group(kGroup)->check(CLI::Range(1.0, 1e8));
	command->add_option("--gain", options.gain, "Analogue gain")
		->group(kGroup)->check(CLI::Range(0.1, 1000.0));
	command->add_option("--lens-position", options.lensPosition, "Focus in dioptres")
		->group(kGroup)->check(CLI::Range(0.0, 1000.0));
	command->add_option("--cam-log", options.camLog,
			    "Output of 'cam --metadata' beside the files that it wrote: exposure, gain, focus and time of each frame")
		->group(kGroup)->check(CLI::ExistingFile);
	command->add_option("--frame-rate", options.frameRate, "Frames per second")
		->group(kGroup)->check(CLI::Range(1u, 240u));
}

std::string describe(const ImportSummary &summary, const std::string &output)
{
	static constexpr const char *kOrders[] = { "RGGB", "GRBG", "GBRG", "BGGR" };
	const sensor::Recording &recording = summary.recording;
	std::string text = fmt::format("{}: {} frame{} of {}x{}, {} bits, {}, black {}, white {}, model {}",
				       output, summary.frames, summary.frames == 1 ? "" : "s",
				       recording.layout.width, recording.layout.height,
				       recording.layout.bitDepth, kOrders[static_cast<size_t>(recording.order)],
				       recording.blackLevel, recording.whiteLevel, recording.model);

	if (summary.first.exposureTime > 0.0)
		text += fmt::format(", exposure {:.6g} us", summary.first.exposureTime * 1e6);
	if (summary.first.analogueGain > 0.0)
		text += fmt::format(", gain {:.4g}", summary.first.analogueGain);
	if (summary.first.neutral[0] > 0.0)
		text += fmt::format(", neutral {:.4f} {:.4f} {:.4f}", summary.first.neutral[0],
				    summary.first.neutral[1], summary.first.neutral[2]);

	return text;
}

int run(Arguments *arguments)
{
	const bool terminal = isatty(STDERR_FILENO);
	ImportSummary summary;
	std::string error;

	if (arguments->command->count("--black-level"))
		arguments->options.blackLevel = arguments->blackLevel;
	if (!arguments->options.format.empty() && arguments->options.size.empty()) {
		std::cerr << "fovea-tune: --format needs --size WIDTHxHEIGHT\n";
		return 1;
	}
	arguments->options.dataDirectories = sensor::SearchPath::fromEnvironment().data;

	auto progress = [&](size_t file, size_t files) {
		if (terminal)
			std::cerr << fmt::format("\rfile {}/{}", file + 1, files);
	};
	const bool good = importFiles(arguments->files, arguments->output, arguments->options, progress,
				      &summary, &error);
	if (terminal)
		std::cerr << "\r" << std::string(24, ' ') << "\r";
	if (!good) {
		std::cerr << "fovea-tune: " << error << "\n";
		return 1;
	}

	std::cout << describe(summary, arguments->output) << "\n";
	return 0;
}

} /* namespace */

std::function<int()> addImportCommand(CLI::App *app)
{
	auto arguments = std::make_shared<Arguments>();
	CLI::App *command = app->add_subcommand(
		"import", "Make a recording of DNG, NEF, CR2 and ARW files, of raw samples, or of cam's raw frames");

	arguments->command = command;
	command->add_option("FILE", arguments->files,
			    "Frames in their order: raw files, directories of them, sidecars, recordings")
		->required();
	command->add_option("-o,--output", arguments->output, "Recording to write, such as night.fvr")
		->required();
	command->add_flag("--rescale", arguments->options.rescale,
			  "Take the frames as radiance: exposure and gain act on them");
	command->add_option("--bracket", arguments->options.bracket,
			    "Frames of one scene at several exposures, which become one of a wider range")
		->check(CLI::Range(2u, 8u));
	addFormatOptions(command, arguments.get());
	addCaptureOptions(command, arguments.get());
	command->footer("Examples:\n"
			"  fovea-tune import night-*.dng -o night.fvr\n"
			"  fovea-tune import short.nef long.nef --bracket 2 -o window.fvr\n"
			"  cam -c 1 -s role=raw --metadata --capture=8 --file=frame-#.bin > cam.log\n"
			"  fovea-tune import frame-*.bin --format SRGGB10_CSI2P --size 1640x1232 --stride 2056 \\\n"
			"      --cam-log cam.log --model imx219 -o desk.fvr\n"
			"  fovea-run --recording night.fvr -- qcam");

	return [arguments]() { return run(arguments.get()); };
}

} /* namespace fovea::tune */
