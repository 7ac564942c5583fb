/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The nodes that frames use, the buffers of a frame, and jobs
 */

#include "frame_buffers.h"

#include <algorithm>

namespace fovea::device {

/**
 * \class JobQueue
 * \brief Sets of buffers that were queued for the same frame
 *
 * linux/fovea-isp.h defines what a job is.
 */

JobQueue::JobQueue(const FrameNodes &nodes, std::function<bool(Role)> streams)
	: nodes_(nodes), streams_(std::move(streams))
{
}

/** \brief The jobs that have a buffer of \a role */
size_t JobQueue::count(Role role) const
{
	return std::count_if(jobs_.begin(), jobs_.end(),
			     [role](const FrameBuffers &job) { return job[role]; });
}

/** \brief Make a job of the oldest parameters and the oldest other buffers */
void JobQueue::close()
{
	FrameBuffers job;

	for (Role role : kRoles) {
		if (role == Role::Params || streams_(role))
			job[role] = nodes_[role]->take();
	}

	jobs_.push_back(job);
}

/** \brief Take the oldest job; there must be one */
FrameBuffers JobQueue::take()
{
	FrameBuffers job = jobs_.front();
	jobs_.pop_front();
	return job;
}

/**
 * \brief Take what belongs to the stopped \a node out of the jobs
 *
 * Without parameters there are no jobs: the other buffers wait for a frame
 * again, in their order.
 */
void JobQueue::drop(const Node *node)
{
	const bool all = node == nodes_[Role::Params];

	for (auto job = jobs_.rbegin(); job != jobs_.rend(); ++job) {
		for (Role role : kRoles) {
			v4l2::Buffer *&buffer = (*job)[role];
			if (buffer && (all || nodes_[role] == node)) {
				nodes_[role]->pending().push_front(buffer);
				buffer = nullptr;
			}
		}
	}

	if (all)
		jobs_.clear();
}

} /* namespace fovea::device */
