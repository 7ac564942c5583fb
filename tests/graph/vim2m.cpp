/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * vim2m: contexts, jobs and pictures
 */

#include "graph_test.h"

#include <algorithm>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>

#include "isp_sim/graph/vim2m.h"

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr uint32_t kOutput = V4L2_BUF_TYPE_VIDEO_OUTPUT;
constexpr uint32_t kCapture = V4L2_BUF_TYPE_VIDEO_CAPTURE;

class Vim2m : public GraphTest
{
protected:
	explicit Vim2m(bool virtualTime = true)
		: GraphTest("vimc-vivid-vim2m", virtualTime)
	{
	}

	void setUp(v4l2::OpenFile *file, uint32_t pixelFormat, uint32_t width, uint32_t height)
	{
		EXPECT_EQ(setPixelFormat(file, V4L2_PIX_FMT_RGB24, 64, 32, kOutput), 0);
		EXPECT_EQ(setPixelFormat(file, pixelFormat, width, height, kCapture), 0);
		EXPECT_EQ(request(file, 2, kOutput), 2);
		EXPECT_EQ(request(file, 2, kCapture), 2);
	}

	/* Fill an input buffer: red left, blue right. */
	static void fill(v4l2::OpenFile *file, uint32_t index)
	{
		v4l2_buffer buffer = {};
		buffer.index = index;
		buffer.type = kOutput;
		ASSERT_EQ(file->ioctl(VIDIOC_QUERYBUF, &buffer), 0);

		int fd;
		uint64_t offset;
		ASSERT_EQ(file->mmap(buffer.m.offset, buffer.length, &fd, &offset), 0);
		auto *memory = static_cast<uint8_t *>(mmap(nullptr, buffer.length, PROT_WRITE,
							   MAP_SHARED, fd, offset));
		ASSERT_NE(memory, MAP_FAILED);
		for (uint32_t i = 0; i < 64 * 32; i++) {
			const bool left = i % 64 < 32;
			memory[3 * i] = left ? 255 : 0;
			memory[3 * i + 1] = 0;
			memory[3 * i + 2] = left ? 0 : 255;
		}
		munmap(memory, buffer.length);
	}

	std::unique_ptr<v4l2::OpenFile> file_ = open("vim2m");
};

TEST_F(Vim2m, Capabilities)
{
	v4l2_capability capability;
	ASSERT_EQ(file_->ioctl(VIDIOC_QUERYCAP, &capability), 0);
	EXPECT_STREQ(reinterpret_cast<char *>(capability.driver), "vim2m");
	EXPECT_EQ(capability.device_caps, 0x04208000u);
}

/* One node for the source and the sink. */
TEST_F(Vim2m, Topology)
{
	std::unique_ptr<v4l2::OpenFile> media;
	ASSERT_EQ(hardware_.back()->nodes().size(), 2u);
	ASSERT_EQ(hardware_.back()->nodes()[0]->open(0, &media), 0);

	media_v2_interface interfaces[4];
	media_v2_link links[8];
	media_v2_topology topology = {};
	topology.num_interfaces = 4;
	topology.ptr_interfaces = reinterpret_cast<uintptr_t>(interfaces);
	topology.num_links = 8;
	topology.ptr_links = reinterpret_cast<uintptr_t>(links);
	ASSERT_EQ(media->ioctl(MEDIA_IOC_G_TOPOLOGY, &topology), 0);
	EXPECT_EQ(topology.num_entities, 3u);
	ASSERT_EQ(topology.num_interfaces, 1u);
	EXPECT_EQ(interfaces[0].id, 0x0300000cu);
	ASSERT_EQ(topology.num_links, 4u);
	EXPECT_EQ(std::count_if(links, links + 4, [&](const media_v2_link &link) {
		return link.source_id == interfaces[0].id;
	}), 2);
}

TEST_F(Vim2m, ContextsAreApart)
{
	auto other = open("vim2m");
	ASSERT_EQ(setPixelFormat(file_.get(), V4L2_PIX_FMT_BGR24, 64, 32, kOutput), 0);

	v4l2_format format = {};
	format.type = kOutput;
	ASSERT_EQ(other->ioctl(VIDIOC_G_FMT, &format), 0);
	EXPECT_EQ(format.fmt.pix.pixelformat, V4L2_PIX_FMT_RGB565);
	EXPECT_EQ(format.fmt.pix.width, 640u);

	v4l2_control control = { V4L2_CID_HFLIP, 1 };
	ASSERT_EQ(file_->ioctl(VIDIOC_S_CTRL, &control), 0);
	ASSERT_EQ(other->ioctl(VIDIOC_G_CTRL, &control), 0);
	EXPECT_EQ(control.value, 0);

	/* Both stream at once: no buffer queue is another's. */
	for (v4l2::OpenFile *file : { file_.get(), other.get() }) {
		setUp(file, V4L2_PIX_FMT_RGB24, 64, 32);
		ASSERT_EQ(queue(file, 0, kOutput), 0);
		ASSERT_EQ(queue(file, 0, kCapture), 0);
		ASSERT_EQ(streamOn(file, kOutput), 0);
		ASSERT_EQ(streamOn(file, kCapture), 0);
	}
	Frame frame;
	EXPECT_EQ(dequeue(other.get(), &frame, kCapture), 0);
	EXPECT_EQ(dequeue(file_.get(), &frame, kCapture), 0);
}

TEST_F(Vim2m, Formats)
{
	EXPECT_EQ(setPixelFormat(file_.get(), V4L2_PIX_FMT_YUYV, 64, 32, kOutput), -EINVAL);
	EXPECT_EQ(setPixelFormat(file_.get(), V4L2_PIX_FMT_YUYV, 64, 32, kCapture), 0);
	EXPECT_EQ(setPixelFormat(file_.get(), 0, 64, 32, kOutput), 0);
	EXPECT_EQ(setPixelFormat(file_.get(), 0, 64, 32, V4L2_BUF_TYPE_META_CAPTURE), -EINVAL);

	v4l2_format format = {};
	format.type = kCapture;
	format.fmt.pix.width = 10000;
	format.fmt.pix.height = 1;
	format.fmt.pix.pixelformat = V4L2_PIX_FMT_SRGGB8;
	ASSERT_EQ(file_->ioctl(VIDIOC_TRY_FMT, &format), 0);
	EXPECT_EQ(format.fmt.pix.width, 640u);
	EXPECT_EQ(format.fmt.pix.height, 32u);
	EXPECT_EQ(format.fmt.pix.sizeimage, 640u * 32u);

	ASSERT_EQ(request(file_.get(), 1, kCapture), 1);
	EXPECT_EQ(setPixelFormat(file_.get(), V4L2_PIX_FMT_YUYV, 64, 32, kCapture), -EBUSY);
}

/* Scaled, flipped, converted; with the input's time and flags. */
TEST_F(Vim2m, Pictures)
{
	setUp(file_.get(), V4L2_PIX_FMT_YUYV, 128, 64);
	fill(file_.get(), 0);
	v4l2_control control = { V4L2_CID_HFLIP, 1 };
	ASSERT_EQ(file_->ioctl(VIDIOC_S_CTRL, &control), 0);

	v4l2_buffer input = {};
	input.type = kOutput;
	input.memory = V4L2_MEMORY_MMAP;
	input.timestamp = { 12, 345678 };
	input.flags = V4L2_BUF_FLAG_KEYFRAME;
	ASSERT_EQ(file_->ioctl(VIDIOC_QBUF, &input), 0);
	ASSERT_EQ(queue(file_.get(), 0, kCapture), 0);
	ASSERT_EQ(streamOn(file_.get(), kOutput), 0);
	EXPECT_FALSE(file_->poll() & (POLLIN | POLLOUT));
	ASSERT_EQ(streamOn(file_.get(), kCapture), 0);

	Frame frame;
	ASSERT_EQ(dequeue(file_.get(), &frame, kCapture), 0);
	EXPECT_EQ(frame.sequence, 0u);
	EXPECT_EQ(frame.timestamp, 12345678000u);
	EXPECT_TRUE(frame.flags & V4L2_BUF_FLAG_KEYFRAME);
	EXPECT_EQ(frame.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK, V4L2_BUF_FLAG_TIMESTAMP_COPY);
	ASSERT_EQ(frame.data.size(), 128u * 64u * 2u);
	/* Flipped: blue left, red right. */
	EXPECT_EQ(frame.data[0], 41);
	EXPECT_EQ(frame.data[2 * 127], 82);

	EXPECT_TRUE(file_->poll() & POLLOUT);
	ASSERT_EQ(dequeue(file_.get(), &frame, kOutput), 0);
	EXPECT_EQ(frame.index, 0u);
}

/* No queue waits for anything: that is an error, as in the kernel. */
TEST_F(Vim2m, Readiness)
{
	EXPECT_TRUE(file_->poll() & POLLERR);
	setUp(file_.get(), V4L2_PIX_FMT_RGB24, 64, 32);
	ASSERT_EQ(streamOn(file_.get(), kOutput), 0);
	EXPECT_TRUE(file_->poll() & POLLERR);
	ASSERT_EQ(queue(file_.get(), 0, kOutput), 0);
	EXPECT_FALSE(file_->poll() & POLLERR);
}

class RealTimeVim2m : public Vim2m
{
protected:
	RealTimeVim2m()
		: Vim2m(false)
	{
	}
};

/* A queue that stops takes its buffers with it and leaves the other's alone. */
TEST_F(RealTimeVim2m, StopWhileAJobRuns)
{
	setUp(file_.get(), V4L2_PIX_FMT_RGB24, 64, 32);
	v4l2_control time = { graph::kCidTransactionTime, 10001 };
	ASSERT_EQ(file_->ioctl(VIDIOC_S_CTRL, &time), 0);
	ASSERT_EQ(queue(file_.get(), 0, kOutput), 0);
	ASSERT_EQ(queue(file_.get(), 0, kCapture), 0);
	ASSERT_EQ(streamOn(file_.get(), kOutput), 0);
	ASSERT_EQ(streamOn(file_.get(), kCapture), 0);
	ASSERT_EQ(streamOff(file_.get(), kOutput), 0);

	/* The capture buffer still waits; a new input completes it. */
	time.value = 1;
	ASSERT_EQ(file_->ioctl(VIDIOC_S_CTRL, &time), 0);
	ASSERT_EQ(queue(file_.get(), 1, kOutput), 0);
	ASSERT_EQ(streamOn(file_.get(), kOutput), 0);
	Frame frame;
	ASSERT_EQ(dequeue(file_.get(), &frame, kCapture), 0);
	EXPECT_FALSE(frame.flags & V4L2_BUF_FLAG_ERROR);
}

/* A context that closes, or whose device goes, frees the device for others. */
TEST_F(RealTimeVim2m, CloseWhileAJobRuns)
{
	auto other = open("vim2m");
	for (v4l2::OpenFile *file : { file_.get(), other.get() }) {
		setUp(file, V4L2_PIX_FMT_RGB24, 64, 32);
		v4l2_control time = { graph::kCidTransactionTime, file == other.get() ? 1 : 10001 };
		ASSERT_EQ(file->ioctl(VIDIOC_S_CTRL, &time), 0);
		ASSERT_EQ(queue(file, 0, kOutput), 0);
		ASSERT_EQ(queue(file, 0, kCapture), 0);
		ASSERT_EQ(streamOn(file, kOutput), 0);
		ASSERT_EQ(streamOn(file, kCapture), 0);
	}

	/* The first one's job holds the device. */
	file_.reset();
	Frame frame;
	EXPECT_EQ(dequeue(other.get(), &frame, kCapture), 0);

	ASSERT_EQ(queue(other.get(), 1, kOutput), 0);
	ASSERT_EQ(queue(other.get(), 1, kCapture), 0);
	for (auto &hardware : hardware_)
		hardware->unregister();
	v4l2_capability capability;
	EXPECT_EQ(other->ioctl(VIDIOC_QUERYCAP, &capability), -ENODEV);
	hardware_.clear();
}

} /* namespace */
