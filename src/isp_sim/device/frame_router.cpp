/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Which source of frames a node works for
 */

#include "frame_router.h"

#include <errno.h>

namespace fovea::device {

/**
 * \class FrameRouter
 * \brief Tells the source that uses a node of what happens to it
 *
 * The nodes of the back end work for the source whose link is enabled. The link
 * stays as it is from before the node starts until after it has stopped.
 */

/** \brief Let \a source hear of \a nodes while it uses them */
void FrameRouter::add(FrameSource *source, const FrameNodes &nodes)
{
	sources_.push_back(source);

	for (Role role : kRoles) {
		if (nodes[role])
			nodes[role]->setListener(this);
	}
}

FrameSource *FrameRouter::sourceOf(const Node *node) const
{
	for (FrameSource *source : sources_) {
		if (source->uses(node))
			return source;
	}

	return nullptr;
}

/** \brief A queue starts to stream; -ENOLINK where nothing feeds its node */
int FrameRouter::nodeStarted(Node *node)
{
	FrameSource *source = sourceOf(node);
	return source ? source->nodeStarted(node) : -ENOLINK;
}

void FrameRouter::nodeStopped(Node *node)
{
	if (FrameSource *source = sourceOf(node))
		source->nodeStopped(node);
}

void FrameRouter::bufferQueued(Node *node)
{
	if (FrameSource *source = sourceOf(node))
		source->bufferQueued(node);
}

} /* namespace fovea::device */
