/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Which source of frames a node works for
 */

#pragma once

#include <vector>

#include "frame_source.h"
#include "nodes.h"

namespace fovea::device {

class FrameRouter : public NodeListener
{
public:
	void add(FrameSource *source, const FrameNodes &nodes);

	/* NodeListener */
	int nodeStarted(Node *node) override;
	void nodeStopped(Node *node) override;
	void bufferQueued(Node *node) override;

private:
	FrameSource *sourceOf(const Node *node) const;

	std::vector<FrameSource *> sources_;
};

} /* namespace fovea::device */
