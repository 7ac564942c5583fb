/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Frames of a chain of elements
 */

#include "streamer.h"

#include <algorithm>
#include <utility>

namespace fovea::graph {

namespace {

/* Virtual time starts at one second: a timestamp of 0 means none. */
constexpr std::chrono::nanoseconds kVirtualStart = std::chrono::seconds(1);

} /* namespace */

/**
 * \class Streamer
 * \brief Makes the frames of one video node
 *
 * Frames are made one at a time in a thread of the stream's own, so that no
 * picture keeps the event loop from its calls. In real time a frame starts with
 * the frame rate, unless the one before is not finished or there is no buffer: no
 * frame is made then. The kernel's vimc does not count it either, its vivid does.
 * In virtual time a frame starts as soon as there is a buffer.
 */

/**
 * \param[in] loop The event loop
 * \param[in] sink Where the frames go
 * \param[in] frameRate Frames a second, of real and of virtual time
 * \param[in] virtualTime Virtual or real time
 * \param[in] counting What sequence numbers count in real time
 */
Streamer::Streamer(v4l2::EventLoop *loop, FrameSink *sink, double frameRate, bool virtualTime,
		   Sequence counting)
	: loop_(loop), sink_(sink), virtualTime_(virtualTime), counting_(counting), timer_(0),
	  nextSequence_(0), sequence_(0), buffer_(nullptr), hasWork_(false), quit_(false)
{
	setFrameRate(frameRate);
}

Streamer::~Streamer()
{
	stop();
}

/** \brief Change the frames a second, from the next frame on */
void Streamer::setFrameRate(double frameRate)
{
	period_ = std::chrono::nanoseconds(static_cast<int64_t>(1e9 / frameRate));
}

/**
 * \brief Start to make frames
 * \param[in] elements What makes them, beginning with the one that needs no input;
 * none if buffers only pass
 */
void Streamer::start(std::vector<Element *> elements)
{
	elements_ = std::move(elements);
	for (Element *element : elements_)
		element->streamStarted();

	alive_ = std::make_shared<bool>(true);
	nextSequence_ = 0;
	scratch_.assign(elements_.size(), {});
	startTime_ = Clock::now();
	quit_ = false;
	thread_ = std::thread([this, alive = std::weak_ptr<bool>(alive_)]() { work(alive); });

	if (!virtualTime_) {
		nextTick_ = startTime_;
		armTimer();
		return;
	}

	/* From the loop: the queue counts as started when this function returns. */
	loop_->post([this, alive = std::weak_ptr<bool>(alive_)]() {
		if (!alive.expired())
			startFrame();
	});
}

/**
 * \brief Stop to make frames
 * \return The buffer of the frame that was made, which is not to be completed as
 * a frame, or nullptr
 */
v4l2::Buffer *Streamer::stop()
{
	if (!alive_)
		return nullptr;

	/* What the thread has posted finds that its stream is gone. */
	alive_.reset();
	loop_->cancelTimer(timer_);
	timer_ = 0;

	{
		std::lock_guard<std::mutex> lock(mutex_);
		quit_ = true;
	}
	changed_.notify_one();
	thread_.join();
	hasWork_ = false;
	steps_.clear();

	for (Element *element : elements_)
		element->streamStopped();
	return std::exchange(buffer_, nullptr);
}

/** \brief There is a buffer to take */
void Streamer::bufferQueued()
{
	if (virtualTime_ && alive_)
		startFrame();
}

void Streamer::armTimer()
{
	/* A loop that was late does not catch up. */
	nextTick_ = std::max(nextTick_ + period_, Clock::now());
	timer_ = loop_->addTimer(nextTick_, [this]() { tick(); });
}

void Streamer::tick()
{
	armTimer();
	if (!startFrame() && counting_ == Sequence::CountPeriods)
		nextSequence_++;
}

/* Start a frame if that is possible. */
bool Streamer::startFrame()
{
	if (buffer_)
		return false;

	buffer_ = sink_->takeBuffer();
	if (!buffer_)
		return false;

	sequence_ = nextSequence_++;
	const auto since = virtualTime_ ? sequence_ * period_ : Clock::now() - startTime_;
	const FrameTime time = { sequence_,
				 static_cast<uint64_t>(std::chrono::nanoseconds(since).count()) };

	steps_.clear();
	for (Element *element : elements_)
		steps_.push_back(element->prepareFrame(time));
	output_ = buffer_->memory(0);

	{
		std::lock_guard<std::mutex> lock(mutex_);
		hasWork_ = true;
	}
	changed_.notify_one();
	return true;
}

void Streamer::frameDone()
{
	const auto now = virtualTime_ ? kVirtualStart + sequence_ * period_
				      : std::chrono::nanoseconds(Clock::now().time_since_epoch());

	sink_->complete(std::exchange(buffer_, nullptr), sequence_, now.count());

	if (virtualTime_)
		startFrame();
}

/* The thread: wait for a frame, make it, tell the loop. */
void Streamer::work(const std::weak_ptr<bool> &alive)
{
	std::unique_lock<std::mutex> lock(mutex_);

	while (true) {
		changed_.wait(lock, [this]() { return hasWork_ || quit_; });
		if (quit_)
			return;

		lock.unlock();
		runSteps();
		lock.lock();

		hasWork_ = false;
		loop_->post([this, alive]() {
			if (!alive.expired())
				frameDone();
		});
	}
}

void Streamer::runSteps()
{
	Image input = {};

	for (size_t i = 0; i < steps_.size(); i++) {
		const FrameStep &step = steps_[i];
		Image output = { step.format, step.size, output_ };

		if (i + 1 < steps_.size()) {
			scratch_[i].resize(output.stride() * step.size.height);
			output.data = scratch_[i];
		}
		step.run(input, output);
		input = output;
	}
}

} /* namespace fovea::graph */
