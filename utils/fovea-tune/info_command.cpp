/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * fovea-tune info: what a recording holds
 */

#include "info_command.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "isp_sim/sensor/recording_file.h"
#include "isp_sim/sensor/rig.h"

#include "isp_text.h"

namespace fovea::tune {

using sensor::Attachment;
using sensor::Recording;

namespace {

struct Arguments {
	std::string recording;
	std::optional<size_t> frame;
	bool params = false;
	bool stats = false;
};

int fail(const std::string &message)
{
	std::cerr << "fovea-tune: " << message << "\n";
	return 1;
}

const char *nameOf(Attachment::Kind kind)
{
	switch (kind) {
	case Attachment::Kind::Metadata:
		return "metadata";
	case Attachment::Kind::Controls:
		return "controls";
	case Attachment::Kind::Statistics:
		return "statistics";
	case Attachment::Kind::Parameters:
		return "parameters";
	case Attachment::Kind::Pictures:
		return "pictures";
	}

	return "unknown";
}

bool isText(Attachment::Kind kind)
{
	return kind == Attachment::Kind::Metadata || kind == Attachment::Kind::Controls ||
	       kind == Attachment::Kind::Pictures;
}

/* A line a frame; what is not known is left out. */
std::string describe(size_t index, const sensor::FrameInfo &info)
{
	std::string text = fmt::format("frame {}: sequence {}", index, info.sequence);

	if (info.timestamp)
		text += fmt::format(", {} ns", info.timestamp);
	if (info.exposureTime > 0.0)
		text += fmt::format(", exposure {:.6g} us", info.exposureTime * 1e6);
	if (info.analogueGain > 0.0)
		text += fmt::format(", gain {:.4g}", info.analogueGain);
	if (info.digitalGain > 0.0)
		text += fmt::format(", digital gain {:.4g}", info.digitalGain);
	if (info.lensPosition)
		text += fmt::format(", lens at {:.3f} dioptres", *info.lensPosition);
	if (info.neutral[0] > 0.0)
		text += fmt::format(", neutral {:.4f} {:.4f} {:.4f}", info.neutral[0], info.neutral[1], info.neutral[2]);

	return text + "\n";
}

/* The description as it is in the file, and a line a frame. */
int printRecording(const Recording &recording)
{
	std::cout << sensor::describe(recording);
	for (size_t i = 0; i < recording.count(); i++)
		std::cout << describe(i, recording.info(i));

	return 0;
}

/* The parameters or the statistics of a frame. */
int printBuffer(const std::vector<Attachment> &attachments, Attachment::Kind kind, const std::string &frame)
{
	const auto found = std::find_if(attachments.begin(), attachments.end(),
					[&](const Attachment &a) { return a.kind == kind; });
	std::string text, error;

	if (found == attachments.end())
		return fail(fmt::format("{} has no {}", frame, nameOf(kind)));

	const bool good = kind == Attachment::Kind::Parameters ? paramsToText(found->data, &text, &error)
							       : statsToText(found->data, &text, &error);
	if (!good)
		return fail(fmt::format("{}: {}", frame, error));

	std::cout << text;
	return 0;
}

/* What belongs to a frame: texts as they are, of others the size. */
void printAttachments(const std::vector<Attachment> &attachments)
{
	for (const Attachment &attachment : attachments) {
		if (isText(attachment.kind))
			std::cout << nameOf(attachment.kind) << ":\n"
				  << std::string(attachment.data.begin(), attachment.data.end());
		else
			std::cout << fmt::format("{}: {} bytes\n", nameOf(attachment.kind), attachment.data.size());
	}
}

int printFrame(const Recording &recording, const Arguments &arguments)
{
	const size_t frame = *arguments.frame;
	const std::string name = fmt::format("{}: frame {}", arguments.recording, frame);
	std::vector<Attachment> attachments;
	std::string error;

	if (frame >= recording.count())
		return fail(fmt::format("--frame: got {}, expected 0 to {}", frame, recording.count() - 1));
	if (recording.file && !recording.file->readAttachments(frame, &attachments, &error))
		return fail(error);

	if (arguments.params)
		return printBuffer(attachments, Attachment::Kind::Parameters, name);
	if (arguments.stats)
		return printBuffer(attachments, Attachment::Kind::Statistics, name);

	std::cout << describe(frame, recording.info(frame));
	printAttachments(attachments);
	return 0;
}

int run(const Arguments &arguments)
{
	std::string error;

	const auto recording = sensor::loadRecording(arguments.recording,
						     sensor::SearchPath::fromEnvironment().data, &error);
	if (!recording)
		return fail(error);

	return arguments.frame ? printFrame(*recording, arguments) : printRecording(*recording);
}

} /* namespace */

std::function<int()> addInfoCommand(CLI::App *app)
{
	auto arguments = std::make_shared<Arguments>();
	CLI::App *command = app->add_subcommand("info", "Show what a recording holds");

	command->add_option("recording", arguments->recording, "Recording, or a sidecar")
		->required()->check(CLI::ExistingFile);
	CLI::Option *frame = command->add_option("--frame", arguments->frame,
						 "Frame, from 0 on: metadata, controls, and what else was recorded with it");
	CLI::Option *params = command->add_flag("--params", arguments->params,
						"Parameters of the frame: the blocks of the ISP and their fields")
				      ->needs(frame);
	command->add_flag("--stats", arguments->stats, "Statistics of the frame")
		->needs(frame)->excludes(params);
	command->footer("Blocks and fields have their names of include/linux/fovea-isp.h.\n\n"
			"Examples:\n"
			"  fovea-tune info session.fvr\n"
			"  fovea-tune info session.fvr --frame 12\n"
			"  fovea-tune info session.fvr --frame 12 --params | less");

	return [arguments]() { return run(*arguments); };
}

} /* namespace fovea::tune */
