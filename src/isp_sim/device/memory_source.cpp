/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Frames that come from memory
 */

#include "memory_source.h"

#include "formats.h"

namespace fovea::device {

/**
 * \class MemorySource
 * \brief The memory input as a source of frames
 *
 * No sensor, no clock: a frame is processed when the input and every other queue
 * of the back end that streams have a buffer, and takes the oldest of each.
 * Sequence numbers count the frames. Captured buffers have the timestamp of the
 * input's.
 */

/**
 * \param[in] loop The event loop
 * \param[in] input The node that raw frames are read from
 * \param[in] backEnd The back end
 * \param[in] nodes The nodes of both
 * \param[in] threads Threads that the ISP may use for a frame
 */
MemorySource::MemorySource(v4l2::EventLoop *loop, RawNode *input, const BackEndGraph &backEnd,
			   const FrameNodes &nodes, unsigned int threads)
	: FrameSource(loop, nullptr, input, backEnd, nodes, threads), input_(input), isp_(backEnd.isp), sequence_(0)
{
}

void MemorySource::begin()
{
	sequence_ = 0;
}

isp::RawFormat MemorySource::inputFormat() const
{
	const v4l2_pix_format_mplane &pix = input_->format().fmt.pix_mp;
	const RawFormat &memory = input_->rawFormat();
	const RawFormat *raw = rawFormatOfCode(memory.code);
	const unsigned int height = isp_->activeState().pads[BackEnd::Sink].format.height;

	return { { pix.width, height }, raw->bitDepth, raw->order, raw->stride(pix.width), pix.height / height };
}

uint32_t MemorySource::timestampFlags([[maybe_unused]] Role role) const
{
	return V4L2_BUF_FLAG_TIMESTAMP_COPY;
}

bool MemorySource::buffersReady() const
{
	if (!streams(Role::Input))
		return false;

	for (Role role : kRoles) {
		if (streams(role) && !waiting(role))
			return false;
	}

	return true;
}

void MemorySource::startReadyFrames()
{
	while (buffersReady() && hasRoom()) {
		FrameBuffers buffers;
		for (Role role : kRoles) {
			if (streams(role))
				buffers[role] = node(role)->take();
		}

		submit(sequence_++, buffers[Role::Input]->timestamp, buffers, {});
	}
}

} /* namespace fovea::device */
