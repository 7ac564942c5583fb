/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The work of a frame: rendering by the sensor, processing by the ISP
 */

#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <stdint.h>
#include <string>
#include <thread>
#include <vector>

#include "isp_sim/isp/isp.h"
#include "isp_sim/isp/params.h"
#include "isp_sim/sensor/sensor.h"

namespace fovea::device {

/* The planes of a picture; the second is empty where the first holds all. */
using OutputMemory = std::array<std::span<uint8_t>, 2>;

/* How raw frames lie in memory: unpacked as for the ISP, or packed as on CSI-2. */
struct RawLayout {
	bool packed = false;
	size_t stride = 0;	/* bytes */
};

/* Everything that is known of a frame when it starts. */
struct FrameWork {
	uint32_t sequence = 0;
	std::chrono::nanoseconds time{};	/* since the start of the stream */
	sensor::FrameSettings settings{};

	/* The frame to work on; empty: the sensor renders it. */
	std::span<const uint8_t> input;
	RawLayout inputLayout;

	/* Where the raw frame is captured to; empty: nowhere. */
	std::span<uint8_t> raw;
	RawLayout rawLayout;

	/* A picture for each configured output, without memory: not wanted. */
	std::array<OutputMemory, 2> outputs;
	fovea_isp_stats_buffer *stats = nullptr;
	fovea_isp_stats_buffer *backEndStats = nullptr;
	isp::Params params;

	void *context = nullptr;	/* for the caller */
	int status = 0;			/* result: 0 or a negative error code */
};

class FrameEngine
{
public:
	/* Frames that may be between start and completion. */
	static constexpr unsigned int kMaxInFlight = 3;

	/* \a completed is called in one of the engine's threads, in frame order. */
	FrameEngine(sensor::Sensor *sensor,
		    std::function<void(const FrameWork &)> completed);
	~FrameEngine();

	int start(const isp::Configuration &configuration, unsigned int mode,
		  std::string *error);
	void stop();
	void drain();

	bool canSubmit() const;
	bool submit(const FrameWork &work);

private:
	struct Slot;

	/* One more than frames in work: the one that is being reported. */
	static constexpr unsigned int kSlots = kMaxInFlight + 1;

	void renderThread();
	void processThread();
	void render(Slot *slot);
	std::span<uint8_t> scratch(Slot *slot) const;
	void capture(Slot *slot) const;
	void process(Slot *slot);
	std::vector<std::span<uint8_t>> pictures(Slot *slot) const;
	void splitPictures(Slot *slot) const;

	sensor::Sensor *sensor_;
	std::function<void(const FrameWork &)> completed_;

	isp::Isp isp_;		/* pictures and statistics */
	isp::Isp statsIsp_;	/* statistics of frames without a picture */
	isp::RawFormat rawFormat_;
	unsigned int rawRows_;	/* of all exposures */
	size_t rawSize_;
	std::vector<size_t> pictureSizes_;

	mutable std::mutex mutex_;
	std::condition_variable changed_;
	bool running_;
	std::array<std::unique_ptr<Slot>, kSlots> slots_;
	uint64_t submitted_;
	uint64_t rendered_;
	uint64_t processed_;
	uint64_t reported_;

	std::thread renderer_;
	std::thread processor_;
};

} /* namespace fovea::device */
