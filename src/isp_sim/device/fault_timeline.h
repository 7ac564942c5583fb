/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * When faults happen
 */

#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <stdint.h>
#include <vector>

#include "isp_sim/sensor/faults.h"

namespace fovea::device {

/* What is wrong with one frame. */
struct FrameFaults {
	bool lost = false;
	bool damaged = false;
	unsigned int lateStats = 0;	/* frames */
	std::optional<uint64_t> stall;	/* frames that are lost meanwhile; kForEver */

	static constexpr uint64_t kForEver = UINT64_MAX;
};

class FaultTimeline
{
public:
	explicit FaultTimeline(std::vector<sensor::Fault> faults = {});

	FrameFaults startFrame(unsigned int input, std::chrono::nanoseconds duration);
	int writeControl(unsigned int input, uint32_t id);
	std::chrono::nanoseconds takeDelay();

	/* The hardware goes now, and comes back after a time, if ever. */
	std::function<void(std::optional<std::chrono::nanoseconds> away)> unplug;

private:
	/* The next frame of an input: its number, and its time since the first. */
	struct Position {
		uint64_t frame = 0;
		std::chrono::nanoseconds time{};
	};

	struct Entry {
		sensor::Fault fault;
		std::optional<Position> begin;
		bool active = false;
	};

	void update(Entry *entry, const Position &position);
	void apply(const Entry &entry, bool first, FrameFaults *faults) const;

	std::vector<Entry> entries_;
	std::map<unsigned int, Position> positions_;
	std::chrono::nanoseconds delay_;
};

} /* namespace fovea::device */
