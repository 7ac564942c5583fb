/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A source of frames: a front end, or the memory input
 */

#include "frame_source.h"

#include <algorithm>
#include <stdio.h>
#include <string>

#include "formats.h"

namespace fovea::device {

/**
 * \class FrameSource
 * \brief What all sources of frames do: take buffers, work, give them back
 *
 * A source owns some nodes (raw capture and statistics of a front end; the
 * memory input), and, while its link to the back end is enabled, the nodes of
 * the back end too. That link cannot change while any of them streams, so it
 * tells at any time whose they are.
 *
 * When frames start is the business of the derived classes. All of it runs in
 * the event loop's thread but frameDone().
 */

/**
 * \param[in] loop The event loop
 * \param[in] sensor What renders the frames, or nullptr where they lie in memory
 * \param[in] feeder The entity whose link to the back end makes this its source
 * \param[in] backEnd The back end
 * \param[in] nodes The nodes of the source and those of the back end
 * \param[in] threads Threads that the ISP may use for a frame
 */
FrameSource::FrameSource(v4l2::EventLoop *loop, sensor::Sensor *sensor,
			 const v4l2::Entity *feeder, const BackEndGraph &backEnd,
			 const FrameNodes &nodes, unsigned int threads)
	: loop_(loop), feeder_(feeder), backEnd_(backEnd), nodes_(nodes), threads_(threads),
	  alive_(std::make_shared<bool>(true)), scheduled_(false), started_(false),
	  engine_(sensor, [this](const FrameWork &work) { frameDone(work); }),
	  nextSequence_(0), framesStarted_(0), framesCompleted_(0)
{
}

FrameSource::~FrameSource()
{
	engine_.stop();
}

bool FrameSource::feedsBackEnd() const
{
	const v4l2::Link *link = backEnd_.isp->enabledLink(BackEnd::Sink);
	return link && link->source->entity == feeder_;
}

/* \a node must be one of the source's. */
Role FrameSource::roleOf(const Node *node) const
{
	return *std::find_if(kRoles.begin(), kRoles.end(),
			     [&](Role role) { return nodes_[role] == node; });
}

/** \brief Is \a node one whose buffers belong to frames of this source now? */
bool FrameSource::uses(const Node *node) const
{
	for (Role role : kRoles) {
		if (nodes_[role] != node)
			continue;
		return role == Role::Raw || role == Role::Stats || role == Role::Input ||
		       feedsBackEnd();
	}

	return false;
}

/** \brief Does the node of \a role stream for this source? */
bool FrameSource::streams(Role role) const
{
	const Node *node = nodes_[role];
	return node && node->active() && uses(node);
}

bool FrameSource::anyStreams() const
{
	return std::any_of(kRoles.begin(), kRoles.end(), [this](Role role) { return streams(role); });
}

/* --------------------------------------------------------------------------
 * Start and stop
 */

isp::Configuration FrameSource::engineConfiguration() const
{
	isp::Configuration configuration;
	configuration.input = inputFormat();
	configuration.threads = threads_;
	for (const BackEndGraph::Output *output : pictures_)
		configuration.outputs.push_back(output->node->outputFormat(output->scaler->crop()));

	return configuration;
}

/* The outputs that stream now. One that stops later leaves its place empty. */
void FrameSource::chooseOutputs()
{
	pictures_.clear();
	for (const BackEndGraph::Output &output : backEnd_.outputs) {
		if (streams(output.role))
			pictures_.push_back(&output);
	}
}

/* The engine is idle when this is called. */
int FrameSource::configureEngine()
{
	std::string error;

	engine_.stop();
	chooseOutputs();
	int ret = engine_.start(engineConfiguration(), sensorMode(), &error);
	if (ret)
		fprintf(stderr, "fovea-isp: cannot stream: %s\n", error.c_str());

	return ret;
}

/**
 * \brief A queue starts to stream
 *
 * With the first one sequence, time and parameters start anew.
 *
 * \return 0, or the error of the ISP for a configuration that it cannot do
 */
int FrameSource::nodeStarted(Node *node)
{
	const Role role = roleOf(node);

	if (!started_ || role == Role::Main || role == Role::Viewfinder) {
		engine_.drain();
		completeFrames(true);

		int ret = configureEngine();
		if (ret)
			return ret;
	}

	if (!started_) {
		started_ = true;
		params_ = isp::Params();
		begin();
	}
	node->queue().setTimestampFlags(timestampFlags(role));

	/* Parameters that were queued before count as if queued now. */
	if (role == Role::Params) {
		for (size_t count = node->pending().size(); count; count--)
			paramsQueued();
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
void FrameSource::nodeStopped(Node *node)
{
	engine_.drain();
	completeFrames(true);
	giveLate(UINT32_MAX);
	buffersDropped(node);

	if (anyStreams()) {
		schedule();
		return;
	}

	started_ = false;
	end();
	engine_.stop();
}

/** \brief A buffer was queued on a streaming queue */
void FrameSource::bufferQueued(Node *node)
{
	if (node == nodes_[Role::Params])
		paramsQueued();

	schedule();
}

/* --------------------------------------------------------------------------
 * Frames
 */

/** \brief Look at the state once the present call is over */
void FrameSource::schedule()
{
	if (scheduled_)
		return;

	scheduled_ = true;
	loop_->post([this, alive = std::weak_ptr<bool>(alive_)]() {
		if (!alive.expired())
			update();
	});
}

void FrameSource::update()
{
	scheduled_ = false;
	completeFrames(false);
	if (mayComplete())
		giveLate(nextSequence_);
	if (started_)
		startReadyFrames();
}

/** \brief Would submit() find room now? */
bool FrameSource::hasRoom() const
{
	return engine_.canSubmit() && framesStarted_ - framesCompleted_ < kFrames;
}

/** \brief Does the engine work on a frame? */
bool FrameSource::working() const
{
	for (uint64_t frame = framesCompleted_; frame < framesStarted_; frame++) {
		if (!frames_[frame % kFrames].done)
			return true;
	}

	return false;
}

/* The memory of the frame's buffers. */
void FrameSource::addMemory(const FrameBuffers &buffers, FrameWork *work) const
{
	auto stats = [&](Role role) {
		const v4l2::Buffer *buffer = buffers[role];
		return buffer ? reinterpret_cast<fovea_isp_stats_buffer *>(buffer->memory(0).data())
			      : nullptr;
	};
	auto layout = [&](Role role) {
		const auto *raw = static_cast<const RawNode *>(nodes_[role]);
		return RawLayout{ raw->rawFormat().packed, raw->stride() };
	};

	if (const v4l2::Buffer *input = buffers[Role::Input]) {
		work->input = input->payload(0);
		work->inputLayout = layout(Role::Input);
	}

	if (const v4l2::Buffer *raw = buffers[Role::Raw]) {
		work->raw = raw->memory(0);
		work->rawLayout = layout(Role::Raw);
	}

	for (size_t i = 0; i < pictures_.size(); i++) {
		if (const v4l2::Buffer *buffer = buffers[pictures_[i]->role])
			work->outputs[i] = pictures_[i]->node->memory(*buffer);
	}

	work->stats = stats(Role::Stats);
	work->backEndStats = stats(Role::BackEndStats);
}

/**
 * \brief Start a frame
 * \param[in] sequence Its number
 * \param[in] timestamp Its time in nanoseconds
 * \param[in] buffers What it takes; parameters apply from this frame on
 * \param[in] work What the engine has to know of it, but for the memory
 * \param[in] faults What is wrong with it
 *
 * hasRoom() must be true.
 */
void FrameSource::submit(uint32_t sequence, uint64_t timestamp, const FrameBuffers &buffers,
			 FrameWork work, const FrameFaults &faults)
{
	Frame &frame = frames_[framesStarted_++ % kFrames];
	frame.sequence = sequence;
	frame.timestamp = timestamp;
	frame.buffers = buffers;
	frame.damaged = faults.damaged;
	frame.lateStats = faults.lateStats;
	frame.status = 0;
	frame.done = false;

	if (const v4l2::Buffer *params = buffers[Role::Params])
		isp::applyParams(backEnd_.params->parameters(*params), &params_);

	work.sequence = sequence;
	work.params = params_;
	work.context = &frame;
	addMemory(buffers, &work);

	engine_.submit(work);
}

/* --------------------------------------------------------------------------
 * Completion
 */

/* In the engine's thread. */
void FrameSource::frameDone(const FrameWork &work)
{
	Frame *frame = static_cast<Frame *>(work.context);
	frame->status = work.status;
	frame->done = true;

	loop_->post([this, alive = std::weak_ptr<bool>(alive_)]() {
		if (!alive.expired())
			update();
	});
}

void FrameSource::completeFrames(bool all)
{
	while (framesCompleted_ < framesStarted_) {
		Frame &frame = frames_[framesCompleted_ % kFrames];
		if (!frame.done || (!all && !mayComplete()))
			return;

		framesCompleted_++;
		complete(&frame);
	}
}

void FrameSource::complete(Frame *frame)
{
	const FrameBuffers buffers = frame->buffers;

	frame->buffers = {};
	if (frame->status)
		fprintf(stderr, "fovea-isp: frame %u failed with error %d\n",
			frame->sequence, -frame->status);

	for (Role role : kRoles) {
		if (buffers[role])
			giveBack(role, buffers[role], *frame);
	}
}

void FrameSource::giveBack(Role role, v4l2::Buffer *buffer, const Frame &frame)
{
	Node *node = nodes_[role];
	const bool failed = (frame.status || frame.damaged) && !isOutput(role);

	buffer->sequence = frame.sequence;
	if (role != Role::Input)
		buffer->timestamp = frame.timestamp;
	buffer->field = V4L2_FIELD_NONE;
	for (size_t i = 0; !isOutput(role) && i < buffer->planeCount(); i++)
		buffer->setBytesUsed(i, node->size(i));

	const v4l2::BufferState state = failed ? v4l2::BufferState::Error : v4l2::BufferState::Done;

	/* What comes after late statistics waits with them: a queue has an order. */
	if (isStats(role) && (frame.lateStats || !late_.empty()))
		late_.push_back({ role, buffer, state, frame.sequence + frame.lateStats });
	else
		node->queue().complete(*buffer, state);
}

/* Give back the late buffers that are due before the frame \a next. */
void FrameSource::giveLate(uint32_t next)
{
	while (!late_.empty() && late_.front().due < next) {
		const LateBuffer late = late_.front();
		late_.pop_front();
		nodes_[late.role]->queue().complete(*late.buffer, late.state);
	}
}

/** \brief A frame has started; the one of the number \a next does so later */
void FrameSource::frameStarted(uint32_t next)
{
	nextSequence_ = next;
	if (!late_.empty())
		schedule();
}

} /* namespace fovea::device */
