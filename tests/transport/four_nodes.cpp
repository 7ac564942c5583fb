/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * An application that streams on four nodes of the Fovea device
 */

#include "four_nodes.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/media/v4l2-isp.h>

namespace fovea::test {

namespace {

constexpr struct {
	const char *name;
	v4l2_buf_type type;
} kNodes[FourNodes::Count] = {
	{ "fovea-raw0", V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE },
	{ "fovea-main0", V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE },
	{ "fovea-stats0", V4L2_BUF_TYPE_META_CAPTURE },
	{ "fovea-params", V4L2_BUF_TYPE_META_OUTPUT },
};

constexpr unsigned int kMostNodes = 64;

/* Milliseconds: a frame that takes so long does not come any more. */
constexpr int kFrameTimeout = 20000;

/* /dev/videoN whose sysfs entry has this name, or -1. */
int openNamed(const char *name)
{
	for (unsigned int i = 0; i < kMostNodes; i++) {
		char path[64];
		snprintf(path, sizeof(path), "/sys/class/video4linux/video%u/name", i);
		const int file = ::open(path, O_RDONLY | O_CLOEXEC);
		if (file < 0)
			continue;

		char text[64] = {};
		const ssize_t size = read(file, text, sizeof(text) - 1);
		close(file);
		if (size <= 0 || std::string(text, size - (text[size - 1] == '\n')) != name)
			continue;

		snprintf(path, sizeof(path), "/dev/video%u", i);
		return ::open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	}

	return -1;
}

/* A v4l2_buffer with room for a plane, as both kinds of nodes want it. */
struct BufferArgument {
	BufferArgument(FourNodes::Node node, uint32_t index)
	{
		buffer.type = kNodes[node].type;
		buffer.index = index;
		buffer.memory = V4L2_MEMORY_MMAP;
		if (multiplanar()) {
			buffer.m.planes = &plane;
			buffer.length = 1;
		}
	}

	bool multiplanar() const { return V4L2_TYPE_IS_MULTIPLANAR(buffer.type); }

	v4l2_buffer buffer = {};
	v4l2_plane plane = {};
};

} /* namespace */

FourNodes::~FourNodes()
{
	for (unsigned int node = 0; node < Count; node++) {
		unmap(static_cast<Node>(node));
		if (nodes_[node].fd >= 0)
			close(nodes_[node].fd);
	}
}

int FourNodes::open()
{
	for (unsigned int node = 0; node < Count; node++) {
		nodes_[node].fd = openNamed(kNodes[node].name);
		if (nodes_[node].fd < 0)
			return -ENODEV;
	}

	return 0;
}

/* With the formats that the device has after its start. */
int FourNodes::start(unsigned int buffers)
{
	for (unsigned int node = 0; node < Count; node++) {
		int ret = allocate(static_cast<Node>(node), buffers);
		if (ret)
			return ret;
	}

	/* Frames of some nodes only would come from buffers that wait now. */
	for (unsigned int node = 0; node < Count; node++) {
		int type = kNodes[node].type;
		if (ioctl(nodes_[node].fd, VIDIOC_STREAMON, &type))
			return -errno;
	}

	for (uint32_t i = 0; i < buffers; i++) {
		std::array<Buffer, Count> frame;
		frame.fill({ i, 0, 0 });
		int ret = queueFrame(frame);
		if (ret)
			return ret;
	}

	return 0;
}

int FourNodes::stop()
{
	for (unsigned int node = 0; node < Count; node++) {
		int type = kNodes[node].type;
		if (ioctl(nodes_[node].fd, VIDIOC_STREAMOFF, &type))
			return -errno;
		unmap(static_cast<Node>(node));
	}

	return 0;
}

int FourNodes::allocate(Node node, unsigned int count)
{
	State &state = nodes_[node];
	v4l2_requestbuffers request = {};
	request.count = count;
	request.type = kNodes[node].type;
	request.memory = V4L2_MEMORY_MMAP;
	if (ioctl(state.fd, VIDIOC_REQBUFS, &request))
		return -errno;

	for (uint32_t i = 0; i < count; i++) {
		BufferArgument query(node, i);
		if (ioctl(state.fd, VIDIOC_QUERYBUF, &query.buffer))
			return -errno;

		state.size = query.multiplanar() ? query.plane.length : query.buffer.length;
		const uint32_t offset = query.multiplanar() ? query.plane.m.mem_offset
							    : query.buffer.m.offset;
		void *memory = mmap(nullptr, state.size, PROT_READ | PROT_WRITE, MAP_SHARED,
				    state.fd, offset);
		if (memory == MAP_FAILED)
			return -errno;
		state.memory.push_back(memory);
	}

	return 0;
}

void FourNodes::unmap(Node node)
{
	for (void *memory : nodes_[node].memory)
		munmap(memory, nodes_[node].size);
	nodes_[node].memory.clear();
}

/* Parameters are without a block: what they were before stays. */
int FourNodes::queue(Node node, uint32_t index)
{
	BufferArgument argument(node, index);
	if (node == Params) {
		v4l2_isp_params_buffer params = {};
		params.version = V4L2_ISP_PARAMS_VERSION_V1;
		memcpy(nodes_[node].memory[index], &params, sizeof(params));
		argument.buffer.bytesused = sizeof(params);
	}

	return ioctl(nodes_[node].fd, VIDIOC_QBUF, &argument.buffer) ? -errno : 0;
}

int FourNodes::dequeue(Node node, Buffer *buffer)
{
	BufferArgument argument(node, 0);
	if (ioctl(nodes_[node].fd, VIDIOC_DQBUF, &argument.buffer))
		return -errno;

	*buffer = { argument.buffer.index, argument.buffer.sequence, argument.buffer.flags };
	return 0;
}

int FourNodes::waitForFrame(std::array<Buffer, Count> *frame)
{
	unsigned int left = (1U << Count) - 1;

	while (left) {
		pollfd fds[Count];
		for (unsigned int node = 0; node < Count; node++)
			fds[node] = { left & (1U << node) ? nodes_[node].fd : -1,
				      static_cast<short>(node == Params ? POLLOUT : POLLIN), 0 };
		const int ready = poll(fds, Count, kFrameTimeout);
		if (ready <= 0)
			return ready ? -errno : -ETIMEDOUT;

		for (unsigned int node = 0; node < Count; node++) {
			if (fds[node].revents & (POLLERR | POLLHUP | POLLNVAL))
				return -EIO;
			if (!fds[node].revents)
				continue;
			int ret = dequeue(static_cast<Node>(node), &(*frame)[node]);
			if (ret)
				return ret;
			left &= ~(1U << node);
		}
	}

	return 0;
}

int FourNodes::queueFrame(const std::array<Buffer, Count> &frame)
{
	for (unsigned int node = 0; node < Count; node++) {
		int ret = queue(static_cast<Node>(node), frame[node].index);
		if (ret)
			return ret;
	}

	return 0;
}

} /* namespace fovea::test */
