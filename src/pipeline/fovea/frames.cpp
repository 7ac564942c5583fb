/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Frames in flight between the application, the IPA module and the device
 */

#include "frames.h"

#include <algorithm>

/**
 * \file frames.h
 * \brief Bookkeeping of the frames in flight
 */

namespace libcamera::fovea {

/**
 * \struct Frame
 * \brief One request on its way through the IPA module and the device
 *
 * The stage follows the parameters buffer. What happens beside it is kept in
 * flags, because images, statistics and metadata arrive in any order.
 *
 * \var Frame::number
 * \brief Number of the frame for the IPA module, from 0 at start, without gaps
 *
 * It is not the request's sequence number: a request that is cancelled before
 * it reaches the handler consumes a sequence number, and the IPA module counts
 * on frame N - latency to exist.
 *
 * \var Frame::images
 * \brief Image buffers that the device has returned before the parameters
 * buffer, and wait for the frame's sequence number
 *
 * \var Frame::sequence
 * \brief The device's sequence number, valid in stage Captured
 *
 * \var Frame::timestamp
 * \brief Time of the frame's start in nanoseconds, once a capture buffer told it
 *
 * \var Frame::exportBuffers
 * \brief The metadata get the frame's parameters and statistics as they are
 *
 * \var Frame::statsSent
 * \brief The IPA module has been asked for this frame's metadata
 */

/**
 * \class FrameQueue
 * \brief The frames in flight, in the order of their requests
 *
 * The queue holds no buffer and calls nobody: it answers which frame is meant,
 * and which frame may go on.
 */

/**
 * \param[in] paramsLatency The parameters of frame N need the statistics of
 * frames up to N - \a paramsLatency
 */
FrameQueue::FrameQueue(unsigned int paramsLatency)
	: paramsLatency_(paramsLatency), nextNumber_(0)
{
}

/** \brief Append a frame for \a request and give it the next number */
Frame &FrameQueue::add(Request *request)
{
	Frame &frame = frames_.emplace_back();
	frame.number = nextNumber_++;
	frame.request = request;

	return frame;
}

void FrameQueue::remove(const Frame *frame)
{
	frames_.remove_if([frame](const Frame &f) { return &f == frame; });
}

Frame *FrameQueue::oldest()
{
	return frames_.empty() ? nullptr : &frames_.front();
}

template<typename Predicate>
Frame *FrameQueue::findIf(Predicate predicate)
{
	auto it = std::find_if(frames_.begin(), frames_.end(), predicate);
	return it == frames_.end() ? nullptr : &*it;
}

Frame *FrameQueue::find(uint32_t number)
{
	return findIf([number](const Frame &f) { return f.number == number; });
}

Frame *FrameQueue::findRequest(const Request *request)
{
	return findIf([request](const Frame &f) { return f.request == request; });
}

Frame *FrameQueue::findParams(const FrameBuffer *params)
{
	return findIf([params](const Frame &f) { return f.params == params; });
}

/** \brief Find the captured frame with the device's \a sequence number */
Frame *FrameQueue::findSequence(uint32_t sequence)
{
	return findIf([sequence](const Frame &f) {
		return f.stage == Frame::Stage::Captured &&
		       f.sequence == sequence;
	});
}

/** \brief The oldest frame in \a stage */
Frame *FrameQueue::findStage(Frame::Stage stage)
{
	return findIf([stage](const Frame &f) { return f.stage == stage; });
}

/** \brief The oldest frame whose statistics are sent and got no metadata yet */
Frame *FrameQueue::unanswered()
{
	return findIf([](const Frame &f) {
		return f.statsSent && !f.metadataReady;
	});
}

/**
 * \brief The frame whose parameters may be computed next
 *
 * Frame N may be computed when no frame up to N - latency lacks its metadata,
 * so that at most "latency" frames are between the two. Frames are computed in
 * order.
 *
 * \return The frame, or a null pointer when the next one has to wait
 */
Frame *FrameQueue::nextToCompute()
{
	Frame *next = findStage(Frame::Stage::Waiting);
	if (!next)
		return nullptr;

	const Frame *open = findIf([](const Frame &f) {
		return !f.metadataReady;
	});

	/* The next frame itself is open, the pointer is never null. */
	return next->number - open->number < paramsLatency_ ? next : nullptr;
}

/**
 * \brief Note that the device has consumed the job of \a frame
 * \param[in] frame The frame, in stage Queued
 * \param[in] sequence The device's sequence number
 *
 * The device consumes jobs in order, and sequence numbers grow.
 *
 * \return False if the order is broken; the frame is captured all the same
 */
bool FrameQueue::capture(Frame *frame, uint32_t sequence)
{
	const Frame *expected = findStage(Frame::Stage::Queued);
	const bool inOrder = frame == expected &&
			     (!lastSequence_ || sequence > *lastSequence_);

	frame->stage = Frame::Stage::Captured;
	frame->sequence = sequence;
	lastSequence_ = sequence;

	return inOrder;
}

/**
 * \brief A captured frame older than \a sequence that got no statistics
 *
 * The device completes statistics in the order of the frames: when those of
 * \a sequence are there, older ones will not come any more.
 */
Frame *FrameQueue::missingStats(uint32_t sequence)
{
	return findIf([sequence](const Frame &f) {
		return f.stage == Frame::Stage::Captured && !f.statsSent &&
		       f.sequence < sequence;
	});
}

} /* namespace libcamera::fovea */
