/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A source of frames: a front end, or the memory input
 */

#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <stdint.h>
#include <vector>

#include "isp_sim/isp/params.h"
#include "isp_sim/sensor/sensor.h"
#include "isp_sim/v4l2/event_loop.h"

#include "fault_timeline.h"
#include "frame_buffers.h"
#include "frame_engine.h"
#include "isp_subdevices.h"
#include "nodes.h"

namespace fovea::device {

/* The back end, which serves one source at a time. */
struct BackEndGraph {
	struct Output {
		Role role;
		Scaler *scaler;
		ImageNode *node;
	};

	BackEnd *isp;
	ParamsNode *params;
	std::array<Output, 2> outputs;
};

class FrameSource
{
public:
	FrameSource(v4l2::EventLoop *loop, sensor::Sensor *sensor, const v4l2::Entity *feeder,
		    const BackEndGraph &backEnd, const FrameNodes &nodes, unsigned int threads);
	virtual ~FrameSource();

	bool uses(const Node *node) const;

	int nodeStarted(Node *node);
	void nodeStopped(Node *node);
	void bufferQueued(Node *node);

protected:
	/* A frame between its start and its completion. */
	struct Frame {
		uint32_t sequence = 0;
		uint64_t timestamp = 0;		/* nanoseconds */
		FrameBuffers buffers;
		bool damaged = false;		/* on its way from the sensor */
		unsigned int lateStats = 0;	/* frames */
		int status = 0;
		std::atomic<bool> done = false;
	};

	/* The first queue streams, or the last has stopped. */
	virtual void begin() = 0;
	virtual void end() = 0;

	/* The raw frames, and the sensor's mode that makes them. */
	virtual isp::RawFormat inputFormat() const = 0;
	virtual unsigned int sensorMode() const { return 0; }

	/* V4L2_BUF_FLAG_TIMESTAMP_* and V4L2_BUF_FLAG_TSTAMP_SRC_* of the buffers. */
	virtual uint32_t timestampFlags(Role role) const = 0;

	virtual void paramsQueued() {}
	virtual void buffersDropped([[maybe_unused]] Node *node) {}

	/* Start the frames whose time has come without a timer. */
	virtual void startReadyFrames() = 0;

	/* May finished frames be given back now? */
	virtual bool mayComplete() const { return true; }

	bool started() const { return started_; }
	bool streams(Role role) const;
	bool waiting(Role role) const { return !nodes_[role]->pending().empty(); }
	Node *node(Role role) const { return nodes_[role]; }
	bool hasRoom() const;
	bool working() const;

	void schedule();
	void submit(uint32_t sequence, uint64_t timestamp, const FrameBuffers &buffers,
		    FrameWork work, const FrameFaults &faults = {});

	/* A frame has started, the \a next one does not yet. */
	void frameStarted(uint32_t next);

	v4l2::EventLoop *const loop_;

private:
	/* Frames in the engine, and such that wait for their completion. */
	static constexpr unsigned int kFrames = FrameEngine::kMaxInFlight + 1;

	bool feedsBackEnd() const;
	Role roleOf(const Node *node) const;
	bool anyStreams() const;
	int configureEngine();
	isp::Configuration engineConfiguration() const;
	void chooseOutputs();
	void addMemory(const FrameBuffers &buffers, FrameWork *work) const;

	void update();
	void frameDone(const FrameWork &work);
	void completeFrames(bool all);
	void complete(Frame *frame);
	void giveBack(Role role, v4l2::Buffer *buffer, const Frame &frame);
	void giveLate(uint32_t next);

	const v4l2::Entity *const feeder_;
	const BackEndGraph backEnd_;
	const FrameNodes nodes_;
	const unsigned int threads_;
	std::shared_ptr<bool> alive_;
	bool scheduled_;
	bool started_;

	FrameEngine engine_;
	std::vector<const BackEndGraph::Output *> pictures_;	/* outputs of the engine */
	isp::Params params_;

	/* A finished buffer of statistics that is kept until a frame has started. */
	struct LateBuffer {
		Role role;
		v4l2::Buffer *buffer;
		v4l2::BufferState state;
		uint32_t due;
	};

	std::deque<LateBuffer> late_;
	uint32_t nextSequence_;
	std::array<Frame, kFrames> frames_;
	uint64_t framesStarted_;
	uint64_t framesCompleted_;
};

} /* namespace fovea::device */
