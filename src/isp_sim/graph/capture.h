/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Capture node at the end of a graph
 */

#pragma once

#include <deque>
#include <vector>

#include "isp_sim/v4l2/video_device.h"

#include "element.h"
#include "streamer.h"

namespace fovea::graph {

class Capture : public v4l2::VideoDevice, private FrameSink
{
public:
	Capture(v4l2::EventLoop *loop, v4l2::MediaDevice *media, const EntityConfig &config,
		double frameRate, bool virtualTime);

protected:
	/* VideoDevice */
	int enumFormat(v4l2_fmtdesc *description) override;
	int tryFormat(v4l2_format *format) override;
	bool hasFrameSizes() const override { return true; }
	int enumFrameSizes(v4l2_frmsizeenum *size) override;
	int validateFormat(const v4l2_mbus_framefmt &bus) override;

	/* QueueOperations */
	int queueSetup(unsigned int *count, std::vector<size_t> *sizes) override;
	void bufQueue(v4l2::Buffer &buffer) override;
	int prepareStreaming() override;
	int startStreaming() override;
	void stopStreaming() override;

private:
	/* FrameSink */
	v4l2::Buffer *takeBuffer() override;
	void complete(v4l2::Buffer *buffer, uint32_t sequence, uint64_t timestamp) override;

	int findElements(std::vector<Element *> *elements) const;

	const EntityConfig config_;
	std::deque<v4l2::Buffer *> pending_;
	Streamer streamer_;
};

} /* namespace fovea::graph */
