/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The frames of a recording, in memory or read ahead
 */

#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <stddef.h>
#include <stdint.h>
#include <string>
#include <thread>
#include <vector>

#include "isp_sim/sensor/aligned_bytes.h"

namespace fovea::sensor {

class FrameSource
{
public:
	struct Layout {
		size_t frames;		/* a multiple of the group */
		size_t size;		/* of a frame, bytes */
		size_t group;		/* frames that are wanted together */
		bool loop;		/* the first follows the last */
	};

	using Read = std::function<bool(size_t frame, std::span<uint8_t> bytes, std::string *error)>;

	FrameSource(const Layout &layout, Read read);
	~FrameSource();

	bool load(std::string *error);
	void readAhead();

	/* All frames of a group, one behind the other. */
	std::span<const uint8_t> acquire(size_t group, std::string *error);

private:
	struct Slot {
		enum class State {
			Empty,
			Reading,
			Ready,
			Failed,
		};

		State state = State::Empty;
		size_t group = 0;
		AlignedBytes frames;
		std::string error;
	};

	size_t groups() const { return layout_.frames / layout_.group; }
	bool readGroup(size_t group, std::span<uint8_t> bytes, std::string *error) const;
	Slot *find(size_t group);
	bool isAhead(size_t group) const;
	Slot *choose();
	void run();

	const Layout layout_;
	const Read read_;
	std::vector<Slot> slots_;
	bool resident_ = false;

	std::mutex mutex_;
	std::condition_variable changed_;
	std::thread reader_;
	bool running_ = false;
	size_t wanted_ = 0;
	Slot *held_ = nullptr;
};

} /* namespace fovea::sensor */
