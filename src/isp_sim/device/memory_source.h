/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Frames that come from memory
 */

#pragma once

#include <stdint.h>

#include "frame_source.h"
#include "nodes.h"

namespace fovea::device {

class MemorySource : public FrameSource
{
public:
	MemorySource(v4l2::EventLoop *loop, RawNode *input, const BackEndGraph &backEnd,
		     const FrameNodes &nodes, unsigned int threads);

private:
	/* FrameSource */
	void begin() override;
	void end() override {}
	isp::RawFormat inputFormat() const override;
	uint32_t timestampFlags(Role role) const override;
	void startReadyFrames() override;

	bool buffersReady() const;

	RawNode *const input_;
	BackEnd *const isp_;
	uint32_t sequence_;
};

} /* namespace fovea::device */
