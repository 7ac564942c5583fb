/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Frame clock: when frames start, and what they take and give back
 */

#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <stdint.h>

#include "isp_sim/isp/params.h"
#include "isp_sim/sensor/sensor.h"
#include "isp_sim/v4l2/event_loop.h"

#include "frame_engine.h"
#include "isp_subdevices.h"
#include "nodes.h"
#include "sensor_device.h"

namespace fovea::device {

/* The entities of one camera, from the sensor to its nodes. */
struct CameraGraph {
	SensorDevice *sensor;
	Csi2Receiver *receiver;
	FrontEnd *frontEnd;
	RawNode *raw;
	StatsNode *stats;
	BackEnd *backEnd;
	ParamsNode *params;
	Scaler *scaler;
	MainNode *main;
};

class FrameClock : public NodeListener
{
public:
	FrameClock(v4l2::EventLoop *loop, sensor::Sensor *sensor, const CameraGraph &graph,
		   bool virtualTime, unsigned int threads);
	~FrameClock() override;

	/* NodeListener */
	int nodeStarted(Node *node) override;
	void nodeStopped(Node *node) override;
	void bufferQueued(Node *node) override;

private:
	/* The buffers of one frame; any may be missing. */
	struct Buffers {
		v4l2::Buffer *params = nullptr;
		v4l2::Buffer *raw = nullptr;
		v4l2::Buffer *main = nullptr;
		v4l2::Buffer *stats = nullptr;
	};

	/* A frame between its start and its completion. */
	struct Frame {
		uint32_t sequence = 0;
		uint64_t timestamp = 0;
		Buffers buffers;
		int status = 0;
		std::atomic<bool> done = false;
	};

	/* Frames in the engine, and such that wait for their completion. */
	static constexpr unsigned int kFrames = FrameEngine::kMaxInFlight + 1;

	bool running() const;
	void begin();
	void end();
	int configureEngine();
	isp::Configuration engineConfiguration() const;

	void closeJob();
	void dropJobs(Node *node);
	Buffers takeBuffers();
	bool buffersReady() const;

	void schedule();
	void update();
	bool readyForVirtualFrame() const;
	bool statsReturned() const;
	void armTimer();
	void tick();
	void startFrame();
	void submit(const sensor::FrameSettings &settings, const Buffers &buffers);

	void frameDone(const FrameWork &work);
	bool mayComplete() const;
	void completeFrames(bool all);
	void complete(Frame *frame);
	void giveBack(Node *node, v4l2::Buffer *buffer, const Frame &frame, bool failed);

	v4l2::EventLoop *loop_;
	CameraGraph graph_;
	std::array<Node *, 4> nodes_;
	bool virtualTime_;
	unsigned int threads_;
	std::shared_ptr<bool> alive_;
	bool scheduled_;

	FrameEngine engine_;
	isp::Params params_;
	std::deque<Buffers> jobs_;

	bool started_;
	uint32_t sequence_;
	std::chrono::nanoseconds startTime_;
	std::chrono::nanoseconds frameTime_;
	uint64_t timer_;

	std::array<Frame, kFrames> frames_;
	uint64_t framesStarted_;
	uint64_t framesCompleted_;
};

} /* namespace fovea::device */
