/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Frame clock: when the frames of a sensor start
 */

#pragma once

#include <chrono>
#include <memory>
#include <stdint.h>

#include "fault_timeline.h"
#include "frame_source.h"
#include "isp_subdevices.h"
#include "lens_device.h"
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
	const LensDevice *lens;		/* null without one */
};

class FrameClock : public FrameSource
{
public:
	FrameClock(v4l2::EventLoop *loop, sensor::Sensor *sensor, const FrontEndGraph &frontEnd,
		   const BackEndGraph &backEnd, const FrameNodes &nodes, bool virtualTime,
		   unsigned int threads);
	~FrameClock() override;

	std::chrono::nanoseconds time() const;

	/* What goes wrong at the sensor input number \a input. */
	void setFaults(std::shared_ptr<FaultTimeline> faults, unsigned int input);

private:
	/* FrameSource */
	void begin() override;
	void end() override;
	isp::RawFormat inputFormat() const override;
	unsigned int sensorMode() const override;
	void paramsQueued() override;
	void buffersDropped(Node *node) override;
	uint32_t timestampFlags(Role role) const override;
	void startReadyFrames() override;
	bool mayComplete() const override;

	FrameBuffers takeBuffers();
	bool buffersReady() const;
	bool readyForVirtualFrame() const;
	bool statsReturned(Role role) const;

	bool passesFrames() const;
	void countFaults(const FrameFaults &faults, bool gone);

	void armTimer();
	void tick();
	void startFrame();
	std::chrono::nanoseconds exposureStart(const sensor::FrameSettings &settings) const;

	const FrontEndGraph graph_;
	const bool virtualTime_;
	JobQueue jobs_;

	uint32_t sequence_;
	std::chrono::nanoseconds startTime_;
	std::chrono::nanoseconds frameTime_;
	std::chrono::nanoseconds lastFrameTime_;
	uint64_t timer_;

	std::shared_ptr<FaultTimeline> faults_;
	unsigned int input_ = 0;
	uint64_t stallLeft_ = 0;	/* frames that the ISP stays stalled */
	uint64_t lateLeft_ = 0;		/* frames until late statistics come */
};

} /* namespace fovea::device */
