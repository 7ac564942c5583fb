/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A small device on the core: a source, a capture and an output node
 */

#pragma once

#include <deque>
#include <memory>
#include <poll.h>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <linux/media-bus-format.h>
#include <linux/media.h>
#include <linux/v4l2-subdev.h>
#include <linux/videodev2.h>

#include "isp_sim/v4l2/subdevice.h"
#include "isp_sim/v4l2/video_device.h"

namespace fovea::test {

/* A source of 8-bit grey images with controls of each type. */
class Source : public v4l2::Subdevice, private v4l2::ControlOperations
{
public:
	Source(v4l2::MediaDevice *media);

	v4l2::Control *exposure;
	v4l2::Control *menu;
	v4l2::Control *readOnly;
	v4l2::Control *wide;
	int64_t volatileValue = 7;
	int setError = 0;
	std::vector<std::pair<uint32_t, int64_t>> writes;

protected:
	void initState(v4l2::SubdeviceState *state) override;
	int enumMbusCode(const v4l2::SubdeviceState &state, v4l2_subdev_mbus_code_enum *code) override;
	int setFormat(v4l2::SubdeviceState &state, v4l2_subdev_format *format) override;
	int subscribeEvent(v4l2::FileHandle *file, const v4l2_event_subscription &subscription) override;

private:
	int setControl(const v4l2::Control &control, int64_t value) override;
	int getVolatile(const v4l2::Control &control, int64_t *value) override;
};

/* A node of any type that holds its buffers until a test completes them. */
class TestNode : public v4l2::VideoDevice
{
public:
	TestNode(v4l2::MediaDevice *media, std::string name, v4l2_buf_type type,
		 unsigned int minQueued = 0);

	bool finish(v4l2::BufferState state = v4l2::BufferState::Done, uint32_t sequence = 0);

	std::deque<v4l2::Buffer *> owned;
	int prepareError = 0;
	int startError = 0;
	unsigned int starts = 0;
	unsigned int stops = 0;
	bool last = false;

	void bufQueue(v4l2::Buffer &buffer) override { owned.push_back(&buffer); }
	int bufPrepare(v4l2::Buffer &) override { return prepareError; }
	int startStreaming() override;
	void stopStreaming() override;

protected:
	int enumFormat(v4l2_fmtdesc *description) override;
	int tryFormat(v4l2_format *format) override;
	int validateFormat(const v4l2_mbus_framefmt &bus) override;
};

class CoreTest : public ::testing::Test
{
protected:
	CoreTest();

	template<typename Node>
	std::unique_ptr<v4l2::OpenFile> open(Node &node)
	{
		std::unique_ptr<v4l2::OpenFile> file;
		EXPECT_EQ(node.open(0, &file), 0);
		return file;
	}

	static int request(v4l2::OpenFile *file, v4l2_buf_type type, uint32_t count,
			   uint32_t memory = V4L2_MEMORY_MMAP, uint32_t *got = nullptr);
	static v4l2_buffer buffer(v4l2_buf_type type, uint32_t index = 0,
				  uint32_t memory = V4L2_MEMORY_MMAP);
	static int queue(v4l2::OpenFile *file, v4l2_buf_type type, uint32_t index);
	static int on(v4l2::OpenFile *file, uint32_t type);
	static int off(v4l2::OpenFile *file, uint32_t type);

	v4l2::MediaDevice media_;
	Source source_;
	TestNode capture_;
	TestNode output_;
	TestNode planar_;
};

} /* namespace fovea::test */
