/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Frames of a chain of elements
 */

#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdint.h>
#include <thread>
#include <vector>

#include "isp_sim/v4l2/buffer_queue.h"
#include "isp_sim/v4l2/event_loop.h"

#include "element.h"

namespace fovea::graph {

/* Where the frames go. */
class FrameSink
{
public:
	virtual ~FrameSink() = default;

	/* The next buffer to fill, or nullptr. */
	virtual v4l2::Buffer *takeBuffer() = 0;
	virtual void complete(v4l2::Buffer *buffer, uint32_t sequence, uint64_t timestamp) = 0;
};

class Streamer
{
public:
	/* What has no sequence number: a frame that could not be made, or nothing. */
	enum class Sequence {
		CountFrames,
		CountPeriods,
	};

	Streamer(v4l2::EventLoop *loop, FrameSink *sink, double frameRate, bool virtualTime,
		 Sequence counting = Sequence::CountFrames);
	~Streamer();

	void setFrameRate(double frameRate);
	void start(std::vector<Element *> elements);
	v4l2::Buffer *stop();
	void bufferQueued();

private:
	using Clock = v4l2::EventLoop::Clock;

	void armTimer();
	void tick();
	bool startFrame();
	void frameDone();

	void work(const std::weak_ptr<bool> &alive);
	void runSteps();

	v4l2::EventLoop *loop_;
	FrameSink *sink_;
	std::chrono::nanoseconds period_;
	const bool virtualTime_;
	const Sequence counting_;

	/* Used by the event loop's thread only. */
	std::vector<Element *> elements_;
	std::shared_ptr<bool> alive_;	/* while a stream runs */
	uint64_t timer_;
	Clock::time_point startTime_;
	Clock::time_point nextTick_;
	uint32_t nextSequence_;
	uint32_t sequence_;		/* of the frame that is made */
	v4l2::Buffer *buffer_;		/* of the frame that is made */

	/* The frame that is made; the thread has it while hasWork_ is set. */
	std::vector<FrameStep> steps_;
	std::vector<std::vector<uint8_t>> scratch_;
	std::span<uint8_t> output_;

	std::thread thread_;
	std::mutex mutex_;
	std::condition_variable changed_;
	bool hasWork_;
	bool quit_;
};

} /* namespace fovea::graph */
