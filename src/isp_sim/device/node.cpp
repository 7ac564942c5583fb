/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What the video nodes share
 */

#include "nodes.h"

namespace fovea::device {

/**
 * \class Node
 * \brief A video node whose buffers wait for a frame to take them
 */

Node::Node(v4l2::MediaDevice *media, std::string name, v4l2_buf_type type)
	: VideoDevice(media, std::move(name), type,
		      MEDIA_PAD_FL_MUST_CONNECT |
			      (V4L2_TYPE_IS_OUTPUT(type) ? MEDIA_PAD_FL_SOURCE
							 : MEDIA_PAD_FL_SINK)),
	  listener_(nullptr), active_(false)
{
}

/** \brief Take the oldest buffer that waits, or nullptr */
v4l2::Buffer *Node::take()
{
	if (pending_.empty())
		return nullptr;

	v4l2::Buffer *buffer = pending_.front();
	pending_.pop_front();
	return buffer;
}

void Node::bufQueue(v4l2::Buffer &buffer)
{
	pending_.push_back(&buffer);
	if (active_)
		listener_->bufferQueued(this);
}

int Node::startStreaming()
{
	active_ = true;

	int ret = listener_->nodeStarted(this);
	if (ret) {
		active_ = false;
		pending_.clear();
	}

	return ret;
}

/* The listener lets go of all buffers of the node; those that wait are stale. */
void Node::stopStreaming()
{
	active_ = false;
	listener_->nodeStopped(this);

	while (v4l2::Buffer *buffer = take())
		queue().complete(*buffer, v4l2::BufferState::Error);
}

} /* namespace fovea::device */
