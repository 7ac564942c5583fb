/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Faults: what goes wrong with the hardware, and when
 */

#pragma once

#include <chrono>
#include <optional>
#include <stdint.h>
#include <string>
#include <string_view>
#include <vector>

namespace fovea::sensor {

class Config;
struct SearchPath;

enum class FaultKind {
	LostFrame,		/* nothing of the frame arrives */
	CsiError,		/* the frame arrives damaged */
	LateStatistics,
	StalledIsp,
	ControlError,		/* the sensor does not answer on its bus */
	SlowBus,
	Unplug,
};

/* What a sensor driver writes to the bus. */
enum class BusControl {
	Exposure,
	AnalogueGain,
	VerticalBlanking,
	HorizontalFlip,
	VerticalFlip,
};

struct Fault {
	FaultKind kind = FaultKind::LostFrame;
	unsigned int input = 0;		/* number of the sensor */

	/* Begin: with this frame, or with the first one at or after this time. */
	std::optional<uint64_t> frame;
	std::chrono::nanoseconds time{};

	/* End: after so many frames, or after this time; neither: see the kind. */
	std::optional<uint64_t> count;
	std::optional<std::chrono::nanoseconds> duration;

	unsigned int delayFrames = 0;			/* LateStatistics */
	std::chrono::microseconds delay{};		/* SlowBus, of each control */
	int error = 0;					/* ControlError, negative */
	std::optional<BusControl> control;		/* ControlError; none: all */
};

bool readFaults(const Config &config, std::vector<Fault> *faults);
std::optional<std::vector<Fault>> parseFaults(std::string_view text, const std::string &fileName,
					      std::string *error);

} /* namespace fovea::sensor */
