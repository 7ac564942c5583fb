/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The rigs of the tree, as devices in this process
 */

#pragma once

#include <memory>
#include <stdint.h>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <linux/media-bus-format.h>
#include <linux/media.h>
#include <linux/v4l2-subdev.h>
#include <linux/videodev2.h>

#include "isp_sim/graph/hardware.h"

namespace fovea::test {

std::string rigText(const std::string &name);

struct Frame {
	uint32_t index;
	uint32_t sequence;
	uint32_t flags;
	uint64_t timestamp;	/* nanoseconds, in steps of a microsecond */
	std::vector<uint8_t> data;
};

/* A rig in virtual time. */
class GraphTest : public ::testing::Test
{
protected:
	explicit GraphTest(const std::string &rig, bool virtualTime = true);

	std::unique_ptr<v4l2::OpenFile> open(const std::string &label);

	int setFormat(const std::string &label, unsigned int pad, uint32_t code, uint32_t width,
		      uint32_t height, uint32_t which = V4L2_SUBDEV_FORMAT_ACTIVE);
	int setControl(const std::string &label, uint32_t id, int32_t value);
	int setLink(const std::string &source, unsigned int sourcePad, const std::string &sink,
		    unsigned int sinkPad, uint32_t flags);
	static int setPixelFormat(v4l2::OpenFile *node, uint32_t pixelFormat, uint32_t width,
				  uint32_t height, uint32_t type = V4L2_BUF_TYPE_VIDEO_CAPTURE);

	static int request(v4l2::OpenFile *node, unsigned int count, uint32_t type = V4L2_BUF_TYPE_VIDEO_CAPTURE);
	static int queue(v4l2::OpenFile *node, uint32_t index, uint32_t type = V4L2_BUF_TYPE_VIDEO_CAPTURE);
	static int streamOn(v4l2::OpenFile *node, uint32_t type = V4L2_BUF_TYPE_VIDEO_CAPTURE);
	static int streamOff(v4l2::OpenFile *node, uint32_t type = V4L2_BUF_TYPE_VIDEO_CAPTURE);
	int dequeue(v4l2::OpenFile *node, Frame *frame, uint32_t type = V4L2_BUF_TYPE_VIDEO_CAPTURE);

	/* Set up 2 buffers, stream, and return the first \a count frames. */
	std::vector<Frame> capture(v4l2::OpenFile *node, unsigned int count);

	v4l2::EventLoop loop_;
	std::vector<std::unique_ptr<v4l2::Hardware>> hardware_;
};

} /* namespace fovea::test */
