/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Frames in flight between the application, the IPA module and the device
 */

#pragma once

#include <list>
#include <optional>
#include <stddef.h>
#include <stdint.h>
#include <vector>

namespace libcamera {

class FrameBuffer;
class Request;

namespace fovea {

struct Frame {
	enum class Stage {
		Waiting,	/* for older statistics or a parameters buffer */
		Computing,	/* the IPA module computes the parameters */
		Queued,		/* the device has the job */
		Captured,	/* the device has consumed the job */
	};

	uint32_t number = 0;
	Request *request = nullptr;
	Stage stage = Stage::Waiting;

	FrameBuffer *params = nullptr;
	FrameBuffer *stats = nullptr;
	std::vector<FrameBuffer *> images;

	uint32_t sequence = 0;
	std::optional<uint64_t> timestamp;

	bool exportBuffers = false;
	bool statsSent = false;
	bool metadataReady = false;
};

class FrameQueue
{
public:
	explicit FrameQueue(unsigned int paramsLatency);

	Frame &add(Request *request);
	void remove(const Frame *frame);

	bool empty() const { return frames_.empty(); }
	Frame *oldest();

	Frame *find(uint32_t number);
	Frame *findRequest(const Request *request);
	Frame *findParams(const FrameBuffer *params);
	Frame *findSequence(uint32_t sequence);
	Frame *findStage(Frame::Stage stage);
	Frame *unanswered();

	Frame *nextToCompute();

	bool capture(Frame *frame, uint32_t sequence);
	std::optional<uint32_t> lastSequence() const { return lastSequence_; }
	Frame *missingStats(uint32_t sequence);

private:
	template<typename Predicate>
	Frame *findIf(Predicate predicate);

	const unsigned int paramsLatency_;
	uint32_t nextNumber_;
	std::optional<uint32_t> lastSequence_;
	std::list<Frame> frames_;
};

} /* namespace fovea */

} /* namespace libcamera */
