/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A capture session: the way of frames from start to stop
 */

#pragma once

#include <map>
#include <stdint.h>

#include <libcamera/base/object.h>
#include <libcamera/base/signal.h>
#include <libcamera/base/span.h>
#include <libcamera/base/timer.h>
#include <libcamera/base/utils.h>

#include <libcamera/controls.h>

#include "frames.h"
#include "job_queue.h"

namespace libcamera {

class FrameBuffer;
class PipelineHandler;
class Request;

namespace fovea {

class BackEnd;
class CameraData;

class CaptureSession : public Object
{
public:
	CaptureSession(PipelineHandler *pipe, CameraData *data, BackEnd *backEnd,
		       unsigned int maxRequests);
	~CaptureSession();

	int start(const ControlList &controls);
	void stop();

	int queue(Request *request);
	void disconnect();

	Signal<> deviceLost;

private:
	enum class State {
		Idle,
		Running,
		Failed,
		Stopping,
	};

	void connectSignals();
	int startIpa(const ControlList &controls);

	void computeParams();
	void paramsComputed(uint32_t number, Span<const uint8_t> params);
	void submit(Frame *frame, Span<const uint8_t> params);
	void exportBuffer(Frame *frame, unsigned int control, Span<const uint8_t> data);

	void imageReady(FrameBuffer *buffer);
	void paramsReady(FrameBuffer *buffer);
	void statsReady(FrameBuffer *buffer);

	void completeImages(Frame *frame, bool trusted);
	void matchStats();
	void sendStats(Frame *frame, FrameBuffer *buffer);

	void setSensorControls(const ControlList &controls);
	void metadataReady(uint32_t number, const ControlList &metadata);
	void finishMetadata(uint32_t number);
	void complete(uint32_t number);

	void frameStarted(uint32_t sequence);
	void watch();
	void checkProgress();
	void deviceStalled();
	void fail();
	void giveUp();
	void cancelAll();

	PipelineHandler *pipe_;
	CameraData *data_;

	State state_;
	bool ipaStarted_;
	bool exportBuffers_;

	JobQueue jobs_;
	FrameQueue frames_;
	std::map<uint32_t, FrameBuffer *> pendingStats_;

	Timer watchdog_;
	utils::time_point lastProgress_;
};

} /* namespace fovea */

} /* namespace libcamera */
