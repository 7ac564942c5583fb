/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Jobs: the buffers that the device takes and gives back together
 */

#pragma once

#include <optional>
#include <queue>
#include <stdint.h>
#include <vector>

#include <libcamera/base/object.h>
#include <libcamera/base/signal.h>
#include <libcamera/base/span.h>

#include "metadata_buffers.h"

namespace libcamera {

class FrameBuffer;
class Request;
class V4L2VideoDevice;

namespace fovea {

class BackEnd;
class CameraData;

class JobQueue : public Object
{
public:
	JobQueue(CameraData *data, BackEnd *backEnd, unsigned int maxRequests);

	int allocate();
	void release();

	int streamOn();
	void streamOff();
	bool deviceIsThere();

	FrameBuffer *takeParams();
	void returnParams(FrameBuffer *buffer);

	std::vector<FrameBuffer *> queueImages(Request *request);
	int queueParams(FrameBuffer *buffer, Span<const uint8_t> params);
	int queueEmptyParams(FrameBuffer *buffer);

	int queueStats(FrameBuffer *buffer);
	std::optional<uint32_t> statsSequence(const FrameBuffer *buffer) const;
	Span<const uint8_t> statsData(const FrameBuffer *buffer) const;

	Signal<FrameBuffer *> imageReady;
	Signal<FrameBuffer *> paramsReady;
	Signal<FrameBuffer *> statsReady;
	Signal<> stalled;

private:
	void connectNodes();
	int allocateImages();

	CameraData *data_;
	V4L2VideoDevice *params_;
	V4L2VideoDevice *stats_;
	const unsigned int maxRequests_;

	MetadataBuffers paramsBuffers_;
	MetadataBuffers statsBuffers_;
	std::queue<FrameBuffer *> freeParams_;
};

} /* namespace fovea */

} /* namespace libcamera */
