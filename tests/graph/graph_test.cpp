/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The rigs of the tree, as devices in this process
 */

#include "graph_test.h"

#include <chrono>
#include <errno.h>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <sys/mman.h>

namespace fovea::test {

/* A hang is a failure; nothing here takes longer on a slow machine. */
constexpr std::chrono::seconds kTimeout(30);

std::string rigText(const std::string &name)
{
	std::ifstream file(FOVEA_SOURCE_DIR "/rigs/" + name + ".yaml");
	return { std::istreambuf_iterator<char>(file), {} };
}

GraphTest::GraphTest(const std::string &rig, bool virtualTime)
{
	std::string error;
	std::optional<graph::GraphRig> parsed = graph::parseGraphRig(rigText(rig), rig, &error);
	EXPECT_TRUE(parsed) << error;
	if (parsed)
		hardware_ = graph::createHardware(&loop_, *parsed, virtualTime);
}

/* The V4L2 node with that label, else the media device. */
std::unique_ptr<v4l2::OpenFile> GraphTest::open(const std::string &label)
{
	for (const char *subsystem : { "video4linux", "media" }) {
		for (const auto &hardware : hardware_) {
			for (v4l2::DeviceNode *node : hardware->nodes()) {
				std::unique_ptr<v4l2::OpenFile> file;
				if (node->label() == label && node->subsystem() == subsystem &&
				    !node->open(0, &file))
					return file;
			}
		}
	}

	ADD_FAILURE() << "no node " << label;
	return nullptr;
}

int GraphTest::setFormat(const std::string &label, unsigned int pad, uint32_t code,
			 uint32_t width, uint32_t height, uint32_t which)
{
	v4l2_subdev_format format = {};
	format.which = which;
	format.pad = pad;
	format.format.code = code;
	format.format.width = width;
	format.format.height = height;
	return open(label)->ioctl(VIDIOC_SUBDEV_S_FMT, &format);
}

int GraphTest::setControl(const std::string &label, uint32_t id, int32_t value)
{
	v4l2_control control = { id, value };
	return open(label)->ioctl(VIDIOC_S_CTRL, &control);
}

/* Links are named by the entities at their ends, as in media-ctl. */
int GraphTest::setLink(const std::string &source, unsigned int sourcePad,
		       const std::string &sink, unsigned int sinkPad, uint32_t flags)
{
	std::unique_ptr<v4l2::OpenFile> media = open("VIMC MDEV");
	media_link_desc link = {};
	media_entity_desc entity = {};

	entity.id = MEDIA_ENT_ID_FLAG_NEXT;
	while (!media->ioctl(MEDIA_IOC_ENUM_ENTITIES, &entity)) {
		if (entity.name == source)
			link.source = { entity.id, static_cast<uint16_t>(sourcePad), 0, {} };
		if (entity.name == sink)
			link.sink = { entity.id, static_cast<uint16_t>(sinkPad), 0, {} };
		entity.id |= MEDIA_ENT_ID_FLAG_NEXT;
	}

	link.flags = flags;
	return media->ioctl(MEDIA_IOC_SETUP_LINK, &link);
}

int GraphTest::setPixelFormat(v4l2::OpenFile *node, uint32_t pixelFormat, uint32_t width,
			      uint32_t height, uint32_t type)
{
	v4l2_format format = {};
	format.type = type;
	format.fmt.pix.pixelformat = pixelFormat;
	format.fmt.pix.width = width;
	format.fmt.pix.height = height;
	return node->ioctl(VIDIOC_S_FMT, &format);
}

int GraphTest::request(v4l2::OpenFile *node, unsigned int count, uint32_t type)
{
	v4l2_requestbuffers request = {};
	request.count = count;
	request.type = type;
	request.memory = V4L2_MEMORY_MMAP;
	const int ret = node->ioctl(VIDIOC_REQBUFS, &request);
	return ret ? ret : static_cast<int>(request.count);
}

int GraphTest::queue(v4l2::OpenFile *node, uint32_t index, uint32_t type)
{
	v4l2_buffer buffer = {};
	buffer.index = index;
	buffer.type = type;
	buffer.memory = V4L2_MEMORY_MMAP;
	return node->ioctl(VIDIOC_QBUF, &buffer);
}

int GraphTest::streamOn(v4l2::OpenFile *node, uint32_t type)
{
	return node->ioctl(VIDIOC_STREAMON, &type);
}

int GraphTest::streamOff(v4l2::OpenFile *node, uint32_t type)
{
	return node->ioctl(VIDIOC_STREAMOFF, &type);
}

/* Run the loop until a buffer is there, and take it with its picture. */
int GraphTest::dequeue(v4l2::OpenFile *node, Frame *frame, uint32_t type)
{
	bool timedOut = false;
	const uint64_t timer = loop_.addTimer(v4l2::EventLoop::Clock::now() + kTimeout, [&]() {
		timedOut = true;
		loop_.stop();
	});

	node->readinessChanged = [this]() { loop_.stop(); };
	const unsigned int ready = V4L2_TYPE_IS_OUTPUT(type) ? POLLOUT : POLLIN;
	while (!(node->poll() & (ready | POLLERR)) && !timedOut)
		loop_.run();
	node->readinessChanged = nullptr;
	loop_.cancelTimer(timer);

	v4l2_buffer buffer = {};
	buffer.type = type;
	buffer.memory = V4L2_MEMORY_MMAP;
	int ret = node->ioctl(VIDIOC_DQBUF, &buffer);
	if (ret)
		return ret;

	int fd;
	uint64_t offset;
	ret = node->mmap(buffer.m.offset, buffer.length, &fd, &offset);
	if (ret)
		return ret;

	void *memory = mmap(nullptr, buffer.length, PROT_READ, MAP_SHARED, fd, offset);
	if (memory == MAP_FAILED)
		return -errno;

	const auto *bytes = static_cast<const uint8_t *>(memory);
	*frame = { buffer.index, buffer.sequence, buffer.flags,
		   buffer.timestamp.tv_sec * 1000000000ULL + buffer.timestamp.tv_usec * 1000ULL,
		   { bytes, bytes + buffer.bytesused } };
	munmap(memory, buffer.length);
	return 0;
}

std::vector<Frame> GraphTest::capture(v4l2::OpenFile *node, unsigned int count)
{
	std::vector<Frame> frames(count);

	EXPECT_EQ(request(node, 2), 2);
	EXPECT_EQ(queue(node, 0), 0);
	EXPECT_EQ(queue(node, 1), 0);
	EXPECT_EQ(streamOn(node), 0);
	for (Frame &frame : frames) {
		EXPECT_EQ(dequeue(node, &frame), 0);
		EXPECT_EQ(queue(node, frame.index), 0);
	}
	EXPECT_EQ(streamOff(node), 0);
	EXPECT_EQ(request(node, 0), 0);

	return frames;
}

} /* namespace fovea::test */
