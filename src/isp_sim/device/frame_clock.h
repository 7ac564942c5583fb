/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Frame clock: when the frames of a sensor start
 */

#pragma once

#include <chrono>
#include <stdint.h>

#include "frame_source.h"
#include "isp_subdevices.h"
#include "nodes.h"
#include "sensor_device.h"

namespace fovea::device {

/* The entities of one sensor input. */
struct FrontEndGraph {
	SensorDevice *sensor;
	Csi2Receiver *receiver;
	FrontEnd *frontEnd;
	RawNode *raw;
	StatsNode *stats;
};

class FrameClock : public FrameSource
{
public:
	FrameClock(v4l2::EventLoop *loop, sensor::Sensor *sensor, const FrontEndGraph &frontEnd,
		   const BackEndGraph &backEnd, const FrameNodes &nodes, bool virtualTime,
		   unsigned int threads);
	~FrameClock() override;

private:
	/* FrameSource */
	void begin() override;
	void end() override;
	isp::RawFormat inputFormat() const override;
	unsigned int sensorMode() const override;
	void paramsQueued() override;
	void buffersDropped(Node *node) override;
	void startReadyFrames() override;
	bool mayComplete() const override;

	FrameBuffers takeBuffers();
	bool buffersReady() const;
	bool readyForVirtualFrame() const;
	bool statsReturned(Role role) const;

	void armTimer();
	void tick();
	void startFrame();

	const FrontEndGraph graph_;
	const bool virtualTime_;
	JobQueue jobs_;

	uint32_t sequence_;
	std::chrono::nanoseconds startTime_;
	std::chrono::nanoseconds frameTime_;
	uint64_t timer_;
};

} /* namespace fovea::device */
