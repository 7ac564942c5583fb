/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Frame clock: when frames start, and what they take and give back
 */

#include "frame_clock.h"

#include <algorithm>
#include <errno.h>
#include <stdio.h>
#include <string>

/**
 * \file frame_clock.h
 * \brief Time of a camera: frame starts, jobs, completion
 *
 * In real time a frame starts whenever the sensor's frame period has passed. A
 * frame that finds no job, no buffer, or no room in the engine produces nothing
 * but its frame start event, and its sequence number is used up.
 *
 * In virtual time a frame starts when everything it waits for is there:
 * - while parameters stream: a job, all buffers of the statistics queue, and no
 *   frame start event that a subscriber still has to dequeue;
 * - otherwise a buffer of each capture queue that streams.
 * The buffers of a frame complete after its frame start event was dequeued, so
 * that a client which sees the statistics of a frame has seen its start. What a
 * client does between two frames then depends on no clock.
 *
 * All of it runs in the event loop's thread but frameDone().
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
 * \brief Starts the frames of one camera
 */

/**
 * \param[in] loop The event loop
 * \param[in] sensor What renders the frames
 * \param[in] graph The entities
 * \param[in] virtualTime Virtual or real time
 * \param[in] threads Threads that the ISP may use for a frame
 */
FrameClock::FrameClock(v4l2::EventLoop *loop, sensor::Sensor *sensor,
		       const CameraGraph &graph, bool virtualTime, unsigned int threads)
	: loop_(loop), graph_(graph),
	  nodes_{ graph.params, graph.raw, graph.main, graph.stats },
	  virtualTime_(virtualTime), threads_(threads),
	  alive_(std::make_shared<bool>(true)), scheduled_(false),
	  engine_(sensor, [this](const FrameWork &work) { frameDone(work); }),
	  started_(false), sequence_(0), startTime_(0), frameTime_(0), timer_(0),
	  framesStarted_(0), framesCompleted_(0)
{
	for (Node *node : nodes_)
		node->setListener(this);
	graph_.receiver->frameStartsRead = [this]() { schedule(); };
}

FrameClock::~FrameClock()
{
	graph_.receiver->frameStartsRead = nullptr;
	engine_.stop();
	loop_->cancelTimer(timer_);
}

bool FrameClock::running() const
{
	return std::any_of(nodes_.begin(), nodes_.end(),
			   [](const Node *node) { return node->active(); });
}

/* --------------------------------------------------------------------------
 * Start and stop
 */

/*
 * The first queue streams: sequence, time and parameters start anew. As with a
 * real sensor the first frame comes one frame period later, which leaves time to
 * start the other queues.
 */
void FrameClock::begin()
{
	started_ = true;
	sequence_ = 0;
	params_ = isp::Params();
	graph_.sensor->streamStarted();

	startTime_ = virtualTime_ ? kVirtualStart : now() + graph_.sensor->frameDuration();
	frameTime_ = startTime_;
	if (!virtualTime_)
		armTimer();
}

/* The last queue has stopped. */
void FrameClock::end()
{
	started_ = false;
	loop_->cancelTimer(timer_);
	timer_ = 0;
	engine_.stop();
	graph_.sensor->streamStopped();
}

isp::Configuration FrameClock::engineConfiguration() const
{
	const v4l2_mbus_framefmt &bus = graph_.sensor->activeState().pads[0].format;
	const RawFormat *raw = rawFormatOfCode(bus.code);

	isp::Configuration configuration;
	configuration.input = { { bus.width, bus.height }, raw->bitDepth, raw->order,
				raw->stride(bus.width) };
	configuration.threads = threads_;
	if (graph_.main->active())
		configuration.outputs.push_back(graph_.main->outputFormat(graph_.scaler->crop()));

	return configuration;
}

/* The engine is idle when this is called. */
int FrameClock::configureEngine()
{
	std::string error;

	engine_.stop();
	int ret = engine_.start(engineConfiguration(), graph_.sensor->modeIndex(), &error);
	if (ret)
		fprintf(stderr, "fovea-isp: cannot stream: %s\n", error.c_str());

	return ret;
}

/**
 * \brief A queue starts to stream
 * \return 0, or the error of the ISP for a configuration that it cannot do
 */
int FrameClock::nodeStarted(Node *node)
{
	if (!started_ || node == graph_.main) {
		engine_.drain();
		completeFrames(true);

		int ret = configureEngine();
		if (ret)
			return ret;
	}

	if (!started_)
		begin();

	/* Parameters that were queued before are jobs as if queued now. */
	if (node == graph_.params) {
		for (size_t count = node->pending().size(); count; count--)
			closeJob();
	}

	schedule();
	return 0;
}

/**
 * \brief A queue stops
 *
 * Frames in work are finished first; that takes no longer than rendering and
 * processing FrameEngine::kMaxInFlight frames.
 */
void FrameClock::nodeStopped(Node *node)
{
	engine_.drain();
	completeFrames(true);
	dropJobs(node);

	if (running())
		schedule();
	else
		end();
}

/** \brief A buffer was queued on a streaming queue */
void FrameClock::bufferQueued(Node *node)
{
	if (node == graph_.params)
		closeJob();

	schedule();
}

/* --------------------------------------------------------------------------
 * Jobs
 */

/* The oldest parameters that wait become a job with the oldest buffers. */
void FrameClock::closeJob()
{
	Buffers job;
	job.params = graph_.params->take();
	job.raw = graph_.raw->active() ? graph_.raw->take() : nullptr;
	job.main = graph_.main->active() ? graph_.main->take() : nullptr;
	job.stats = graph_.stats->active() ? graph_.stats->take() : nullptr;
	jobs_.push_back(job);
}

/*
 * Take what belongs to a stopped node out of the jobs. Without parameters there
 * are no jobs: the other buffers wait for a frame again, in their order.
 */
void FrameClock::dropJobs(Node *node)
{
	const bool all = node == graph_.params;

	for (auto it = jobs_.rbegin(); it != jobs_.rend(); ++it) {
		auto putBack = [&](Node *owner, v4l2::Buffer **buffer) {
			if (*buffer && (all || owner == node)) {
				owner->pending().push_front(*buffer);
				*buffer = nullptr;
			}
		};

		putBack(graph_.params, &it->params);
		putBack(graph_.raw, &it->raw);
		putBack(graph_.main, &it->main);
		putBack(graph_.stats, &it->stats);
	}

	if (all)
		jobs_.clear();
}

bool FrameClock::buffersReady() const
{
	if (graph_.params->active())
		return !jobs_.empty();

	/* In real time any buffer makes a frame worth its work. */
	auto ready = [](Node *node) { return !node->pending().empty(); };
	auto captures = { static_cast<Node *>(graph_.raw), static_cast<Node *>(graph_.main),
			  static_cast<Node *>(graph_.stats) };
	bool any = false;
	bool all = true;

	for (Node *node : captures) {
		if (!node->active())
			continue;
		any |= ready(node);
		all &= ready(node);
	}

	return virtualTime_ ? any && all : any;
}

FrameClock::Buffers FrameClock::takeBuffers()
{
	Buffers buffers;

	if (graph_.params->active()) {
		buffers = jobs_.front();
		jobs_.pop_front();
		return buffers;
	}

	buffers.raw = graph_.raw->active() ? graph_.raw->take() : nullptr;
	buffers.main = graph_.main->active() ? graph_.main->take() : nullptr;
	buffers.stats = graph_.stats->active() ? graph_.stats->take() : nullptr;
	return buffers;
}

/* --------------------------------------------------------------------------
 * Frame starts
 */

/* Look at the state once the present call is over. */
void FrameClock::schedule()
{
	if (scheduled_)
		return;

	scheduled_ = true;
	loop_->post([this, alive = std::weak_ptr<bool>(alive_)]() {
		if (!alive.expired())
			update();
	});
}

void FrameClock::update()
{
	scheduled_ = false;
	completeFrames(false);

	if (virtualTime_ && readyForVirtualFrame()) {
		startFrame();
		schedule();
	}
}

/* All buffers of the statistics queue wait, alone or as a part of jobs. */
bool FrameClock::statsReturned() const
{
	if (!graph_.stats->active())
		return true;

	size_t waiting = graph_.stats->pending().size() +
			 std::count_if(jobs_.begin(), jobs_.end(),
				       [](const Buffers &job) { return job.stats; });
	return waiting == graph_.stats->queue().count();
}

bool FrameClock::readyForVirtualFrame() const
{
	if (!started_ || !buffersReady() || !engine_.canSubmit() ||
	    framesStarted_ - framesCompleted_ == kFrames)
		return false;

	return !graph_.params->active() ||
	       (statsReturned() && !graph_.receiver->frameStartPending());
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
	const sensor::FrameSettings settings = graph_.sensor->startFrame();
	const std::chrono::nanoseconds duration = graph_.sensor->frameDuration(settings);
	const bool lost = !virtualTime_ && now() >= frameTime_ + duration;
	const bool room = engine_.canSubmit() && framesStarted_ - framesCompleted_ < kFrames;

	graph_.receiver->frameStart(sequence_, frameTime_.count());
	if (!lost && room && buffersReady())
		submit(settings, takeBuffers());

	sequence_++;
	frameTime_ += duration;
}

void FrameClock::submit(const sensor::FrameSettings &settings, const Buffers &buffers)
{
	Frame &frame = frames_[framesStarted_++ % kFrames];
	frame.sequence = sequence_;
	frame.timestamp = frameTime_.count();
	frame.buffers = buffers;
	frame.status = 0;
	frame.done = false;

	if (buffers.params)
		isp::applyParams(graph_.params->parameters(*buffers.params), &params_);

	FrameWork work;
	work.sequence = sequence_;
	work.time = frameTime_ - startTime_;
	work.settings = settings;
	work.params = params_;
	work.context = &frame;
	if (buffers.raw)
		work.raw = buffers.raw->memory(0);
	if (buffers.main) {
		work.outputs[0] = buffers.main->memory(0).first(graph_.main->size());
		work.outputCount = 1;
	}
	if (buffers.stats)
		work.stats = reinterpret_cast<fovea_isp_stats_buffer *>(buffers.stats->memory(0).data());

	engine_.submit(work);
}

/* --------------------------------------------------------------------------
 * Completion
 */

/* In the engine's thread. */
void FrameClock::frameDone(const FrameWork &work)
{
	Frame *frame = static_cast<Frame *>(work.context);
	frame->status = work.status;
	frame->done = true;

	loop_->post([this, alive = std::weak_ptr<bool>(alive_)]() {
		if (!alive.expired())
			update();
	});
}

/* In virtual time no buffer may overtake the frame start event. */
bool FrameClock::mayComplete() const
{
	return !virtualTime_ || !graph_.receiver->frameStartPending();
}

void FrameClock::completeFrames(bool all)
{
	while (framesCompleted_ < framesStarted_) {
		Frame &frame = frames_[framesCompleted_ % kFrames];
		if (!frame.done || (!all && !mayComplete()))
			return;

		framesCompleted_++;
		complete(&frame);
	}
}

void FrameClock::complete(Frame *frame)
{
	const Buffers buffers = frame->buffers;
	const bool failed = frame->status != 0;

	frame->buffers = {};
	if (failed)
		fprintf(stderr, "fovea-isp: frame %u failed with error %d\n",
			frame->sequence, -frame->status);

	giveBack(graph_.params, buffers.params, *frame, false);
	giveBack(graph_.raw, buffers.raw, *frame, failed);
	giveBack(graph_.main, buffers.main, *frame, failed);
	giveBack(graph_.stats, buffers.stats, *frame, failed);
}

void FrameClock::giveBack(Node *node, v4l2::Buffer *buffer, const Frame &frame, bool failed)
{
	if (!buffer)
		return;

	buffer->sequence = frame.sequence;
	buffer->timestamp = frame.timestamp;
	buffer->field = V4L2_FIELD_NONE;
	if (node != graph_.params)
		buffer->setBytesUsed(0, node->size());

	node->queue().complete(*buffer, failed ? v4l2::BufferState::Error
					       : v4l2::BufferState::Done);
}

} /* namespace fovea::device */
