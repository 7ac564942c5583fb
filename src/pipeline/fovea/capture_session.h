/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A capture session: the way of frames from start to stop
 */

#pragma once

#include <map>
#include <optional>
#include <queue>
#include <stdint.h>

#include <libcamera/base/object.h>
#include <libcamera/base/signal.h>
#include <libcamera/base/timer.h>
#include <libcamera/base/utils.h>

#include <libcamera/controls.h>

#include "frames.h"
#include "metadata_buffers.h"

namespace libcamera {

class FrameBuffer;
class PipelineHandler;
class Request;
class V4L2VideoDevice;

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

	Signal<> deviceLost;

private:
	enum class State {
		Idle,
		Running,
		Failed,
		Stopping,
	};

	void connectSignals();
	int allocateBuffers();
	void releaseBuffers();
	int startIpa(const ControlList &controls);
	int streamOn();
	void streamOff();

	void computeParams();
	void paramsComputed(uint32_t number, uint32_t bytesUsed);
	void submit(Frame *frame, uint32_t bytesUsed);
	int queueParams(FrameBuffer *buffer, uint32_t bytesUsed);
	uint32_t writeEmptyParams(FrameBuffer *buffer);

	void imageReady(FrameBuffer *buffer);
	void paramsReady(FrameBuffer *buffer);
	void statsReady(FrameBuffer *buffer);

	void completeImages(Frame *frame, bool trusted);
	std::optional<uint32_t> statsSequence(const FrameBuffer *buffer) const;
	void matchStats();
	void sendStats(Frame *frame, FrameBuffer *buffer);
	int queueStats(FrameBuffer *buffer);

	void setSensorControls(uint32_t number, const ControlList &controls);
	void metadataReady(uint32_t number, const ControlList &metadata);
	void finishMetadata(uint32_t number);
	void complete(uint32_t number);

	void watch();
	void checkProgress();
	bool deviceIsThere();
	void ipaSilent();
	void deviceStalled();
	void fail();
	void cancelAll();

	PipelineHandler *pipe_;
	CameraData *data_;
	BackEnd *backEnd_;
	V4L2VideoDevice *params_;
	V4L2VideoDevice *stats_;
	const unsigned int maxRequests_;

	State state_;
	bool ipaRunning_;

	FrameQueue frames_;
	MetadataBuffers paramsBuffers_;
	MetadataBuffers statsBuffers_;
	std::queue<FrameBuffer *> freeParams_;
	std::map<uint32_t, FrameBuffer *> pendingStats_;

	Timer watchdog_;
	utils::time_point lastProgress_;
};

} /* namespace fovea */

} /* namespace libcamera */
