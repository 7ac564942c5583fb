/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Frame clock: when the frames of a sensor start
 */

#include "frame_clock.h"

#include <algorithm>

#include "formats.h"

/**
 * \file frame_clock.h
 * \brief Time of a sensor input: frame starts and jobs
 *
 * In real time a frame starts whenever the sensor's frame period has passed. A
 * frame that finds no job, no buffer, or no room in the engine produces nothing
 * but its frame start event, and its sequence number is used up.
 *
 * In virtual time a frame starts when everything it waits for is there:
 * - while parameters stream: a job, all buffers of the statistics queues, and no
 *   frame start event that a subscriber still has to dequeue;
 * - otherwise a buffer of each capture queue that streams.
 * The buffers of a frame complete after its frame start event was dequeued, so
 * that a client which sees the statistics of a frame has seen its start. What a
 * client does between two frames then depends on no clock.
 *
 * Frame start events have the time at which the first line is read, buffers that
 * at which its exposure began.
 *
 * Each input has a clock of its own. Nodes of the back end belong to the frames
 * of the input that feeds it.
 */

namespace fovea::device {

namespace {

/* Virtual time starts at one second: a timestamp of 0 means none. */
constexpr std::chrono::nanoseconds kVirtualStart = std::chrono::seconds(1);

std::chrono::nanoseconds now()
{
	return v4l2::EventLoop::Clock::now().time_since_epoch();
}

} /* namespace */

/**
 * \class FrameClock
 * \brief Starts the frames of one sensor
 */

/**
 * \param[in] loop The event loop
 * \param[in] sensor What renders the frames
 * \param[in] frontEnd The entities of the input
 * \param[in] backEnd The back end
 * \param[in] nodes The nodes of both
 * \param[in] virtualTime Virtual or real time
 * \param[in] threads Threads that the ISP may use for a frame
 */
FrameClock::FrameClock(v4l2::EventLoop *loop, sensor::Sensor *sensor,
		       const FrontEndGraph &frontEnd, const BackEndGraph &backEnd,
		       const FrameNodes &nodes, bool virtualTime, unsigned int threads)
	: FrameSource(loop, sensor, frontEnd.frontEnd, backEnd, nodes, threads),
	  graph_(frontEnd), virtualTime_(virtualTime),
	  jobs_(nodes, [this](Role role) { return streams(role); }), sequence_(0),
	  startTime_(0), frameTime_(0), lastFrameTime_(0), timer_(0)
{
	graph_.receiver->frameStartsRead = [this]() { schedule(); };
}

FrameClock::~FrameClock()
{
	graph_.receiver->frameStartsRead = nullptr;
	loop_->cancelTimer(timer_);
}

/** \brief The time now; in virtual time that of the next frame start */
std::chrono::nanoseconds FrameClock::time() const
{
	return virtualTime_ ? frameTime_ : now();
}

void FrameClock::setFaults(std::shared_ptr<FaultTimeline> faults, unsigned int input)
{
	faults_ = std::move(faults);
	input_ = input;
}

/* --------------------------------------------------------------------------
 * Start and stop
 */

/*
 * As with a real sensor the first frame comes one frame period later, which
 * leaves time to start the other queues.
 */
void FrameClock::begin()
{
	sequence_ = 0;
	graph_.sensor->streamStarted();

	startTime_ = virtualTime_ ? kVirtualStart : now() + graph_.sensor->frameDuration();
	frameTime_ = startTime_;
	lastFrameTime_ = {};
	if (!virtualTime_)
		armTimer();
}

void FrameClock::end()
{
	loop_->cancelTimer(timer_);
	timer_ = 0;
	stallLeft_ = 0;
	lateLeft_ = 0;
	graph_.sensor->streamStopped();
}

isp::RawFormat FrameClock::inputFormat() const
{
	const v4l2_mbus_framefmt &bus = graph_.sensor->activeState().pads[0].format;
	const auto &pads = graph_.frontEnd->activeState().pads;
	const unsigned int exposures = pads[FrontEnd::Sink].format.height / pads[FrontEnd::ImageSource].format.height;
	const RawFormat *raw = rawFormatOfCode(bus.code);

	return { { bus.width, bus.height / exposures }, raw->bitDepth, raw->order, raw->stride(bus.width), exposures };
}

uint32_t FrameClock::timestampFlags([[maybe_unused]] Role role) const
{
	return V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC | V4L2_BUF_FLAG_TSTAMP_SRC_SOE;
}

unsigned int FrameClock::sensorMode() const
{
	return graph_.sensor->modeIndex();
}

/* --------------------------------------------------------------------------
 * Jobs
 */

void FrameClock::paramsQueued()
{
	jobs_.close();
}

void FrameClock::buffersDropped(Node *node)
{
	jobs_.drop(node);
}

bool FrameClock::buffersReady() const
{
	if (streams(Role::Params))
		return !jobs_.empty();

	/* In real time any buffer makes a frame worth its work. */
	bool any = false;
	bool all = true;

	for (Role role : kRoles) {
		if (!streams(role))
			continue;
		any |= waiting(role);
		all &= waiting(role);
	}

	return virtualTime_ ? any && all : any;
}

FrameBuffers FrameClock::takeBuffers()
{
	if (streams(Role::Params))
		return jobs_.take();

	FrameBuffers buffers;
	for (Role role : kRoles) {
		if (streams(role))
			buffers[role] = node(role)->take();
	}

	return buffers;
}

/* --------------------------------------------------------------------------
 * Frame starts
 */

void FrameClock::startReadyFrames()
{
	if (virtualTime_ && readyForVirtualFrame()) {
		startFrame();
		schedule();
	}
}

/* All buffers of a statistics queue wait, alone or as a part of jobs. */
bool FrameClock::statsReturned(Role role) const
{
	if (!streams(role))
		return true;

	return node(role)->pending().size() + jobs_.count(role) == node(role)->queue().count();
}

/*
 * Do frames pass without the ISP, because it is stalled? In virtual time, which
 * waits for software, so do those for which statistics are late: software waits
 * for them.
 */
bool FrameClock::passesFrames() const
{
	return stallLeft_ || (virtualTime_ && lateLeft_);
}

/* A frame has started. One that is \a gone before the ISP has no other faults. */
void FrameClock::countFaults(const FrameFaults &faults, bool gone)
{
	if (stallLeft_ && stallLeft_ != FrameFaults::kForEver)
		stallLeft_--;
	if (lateLeft_)
		lateLeft_--;
	if (gone)
		return;

	stallLeft_ = faults.stall.value_or(stallLeft_);
	lateLeft_ = faults.lateStats ? faults.lateStats : lateLeft_;
}

bool FrameClock::readyForVirtualFrame() const
{
	/* Not before the last picture is there: the order is seen by clients. */
	if (passesFrames())
		return stallLeft_ != FrameFaults::kForEver && !working() &&
		       !graph_.receiver->frameStartPending();

	if (!buffersReady() || !hasRoom())
		return false;

	return !streams(Role::Params) ||
	       (statsReturned(Role::Stats) && statsReturned(Role::BackEndStats) &&
		!graph_.receiver->frameStartPending());
}

void FrameClock::armTimer()
{
	v4l2::EventLoop::Clock::time_point deadline(frameTime_);
	timer_ = loop_->addTimer(deadline, [this]() { tick(); });
}

/*
 * The time of a frame has come. Where the loop was kept from running for more
 * than a frame, the frames that have passed are lost as well.
 */
void FrameClock::tick()
{
	startFrame();
	armTimer();
}

/* Start the frame of frameTime_ and set the time of the next. */
void FrameClock::startFrame()
{
	sensor::FrameSettings settings = graph_.sensor->startFrame();
	if (graph_.lens)
		settings.lensPosition = graph_.lens->position();
	const std::chrono::nanoseconds duration = graph_.sensor->frameDuration(settings);
	const FrameFaults faults = faults_ ? faults_->startFrame(input_, duration) : FrameFaults();
	const bool gone = faults.lost || passesFrames();
	const bool lost = gone || (!virtualTime_ && now() >= frameTime_ + duration);

	graph_.receiver->frameStart(sequence_, frameTime_.count());
	if (!lost && hasRoom() && buffersReady()) {
		FrameWork work;
		work.time = frameTime_ - startTime_;
		work.settings = settings;
		submit(sequence_, exposureStart(settings).count(), takeBuffers(), work, faults);
	}

	countFaults(faults, gone);
	sequence_++;
	lastFrameTime_ = frameTime_;
	frameTime_ += duration;
	frameStarted(sequence_);
}

/*
 * The frame's first line is read when the frame starts; its exposure began before
 * that. It cannot have begun before the same line of the frame before was read.
 */
std::chrono::nanoseconds FrameClock::exposureStart(const sensor::FrameSettings &settings) const
{
	return std::max(frameTime_ - graph_.sensor->exposureTime(settings), lastFrameTime_);
}

/* A stalled ISP keeps all. In virtual time no buffer may overtake the frame start event. */
bool FrameClock::mayComplete() const
{
	return !stallLeft_ && (!virtualTime_ || !graph_.receiver->frameStartPending());
}

} /* namespace fovea::device */
