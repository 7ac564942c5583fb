/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Several processes at the nodes of one piece of hardware: who is busy for whom
 */

#include <errno.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <signal.h>
#include <stdlib.h>
#include <string>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <linux/media.h>
#include <linux/v4l2-subdev.h>
#include <linux/videodev2.h>

#include "isp_sim/server/owned_fd.h"

using fovea::OwnedFd;

namespace {

constexpr v4l2_buf_type kType = V4L2_BUF_TYPE_META_CAPTURE;

/* "/dev/video1" for the entity "fovea-stats0". */
std::string nodeOf(const std::string &label)
{
	for (const auto &entry : std::filesystem::directory_iterator("/sys/class/video4linux")) {
		std::ifstream file(entry.path() / "name");
		std::string name;
		if (std::getline(file, name) && name == label)
			return "/dev/" + entry.path().filename().string();
	}
	return {};
}

OwnedFd openStats()
{
	return OwnedFd(open(nodeOf("fovea-stats0").c_str(), O_RDWR | O_NONBLOCK));
}

/* The error of an ioctl, 0 for none. */
template<typename T>
int errorOf(int fd, unsigned long request, T *arg)
{
	return ioctl(fd, request, arg) < 0 ? errno : 0;
}

int requestBuffers(int fd, uint32_t count)
{
	v4l2_requestbuffers request = {};
	request.count = count;
	request.type = kType;
	request.memory = V4L2_MEMORY_MMAP;
	return errorOf(fd, VIDIOC_REQBUFS, &request);
}

int setFormat(int fd)
{
	v4l2_format format = {};
	format.type = kType;
	const int error = errorOf(fd, VIDIOC_G_FMT, &format);
	return error ? error : errorOf(fd, VIDIOC_S_FMT, &format);
}

int queueBuffer(int fd)
{
	v4l2_buffer buffer = {};
	buffer.type = kType;
	buffer.memory = V4L2_MEMORY_MMAP;
	return errorOf(fd, VIDIOC_QBUF, &buffer);
}

int stream(int fd, bool on)
{
	int type = kType;
	return errorOf(fd, on ? VIDIOC_STREAMON : VIDIOC_STREAMOFF, &type);
}

int setPriority(int fd, uint32_t priority)
{
	return errorOf(fd, VIDIOC_S_PRIORITY, &priority);
}

/*
 * Another process, which executes what it is told and answers with an int. Its
 * functions are those of this program: it is a fork.
 */
class Client
{
public:
	explicit Client(std::function<int(int step)> steps)
	{
		int sockets[2];
		EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
		pid_ = fork();
		if (!pid_) {
			close(sockets[0]);
			serve(sockets[1], steps);
		}
		close(sockets[1]);
		socket_.reset(sockets[0]);
	}

	~Client() { end(SIGKILL); }

	int run(int step)
	{
		int result = -1;
		EXPECT_EQ(write(socket_.get(), &step, sizeof(step)), static_cast<ssize_t>(sizeof(step)));
		EXPECT_EQ(read(socket_.get(), &result, sizeof(result)), static_cast<ssize_t>(sizeof(result)));
		return result;
	}

	void end(int number)
	{
		if (pid_ <= 0)
			return;
		kill(pid_, number);
		waitpid(pid_, nullptr, 0);
		pid_ = -1;
	}

	int socket() const { return socket_.get(); }

private:
	[[noreturn]] static void serve(int socket, const std::function<int(int)> &steps)
	{
		int step;
		while (read(socket, &step, sizeof(step)) == sizeof(step)) {
			const int result = steps(step);
			if (write(socket, &result, sizeof(result)) != sizeof(result))
				break;
		}
		_exit(0);
	}

	pid_t pid_;
	OwnedFd socket_;
};

/* The server hears of a death from the kernel, a little later. */
bool soon(const std::function<bool()> &condition)
{
	for (int i = 0; i < 500; i++) {
		if (condition())
			return true;
		usleep(10000);
	}
	return false;
}

void sendDescriptor(int socket, int fd)
{
	char byte = 0;
	iovec iov = { &byte, 1 };
	alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
	msghdr message = {};
	message.msg_iov = &iov;
	message.msg_iovlen = 1;
	message.msg_control = control;
	message.msg_controllen = sizeof(control);
	cmsghdr *cmsg = CMSG_FIRSTHDR(&message);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
	EXPECT_EQ(sendmsg(socket, &message, 0), 1);
}

int receiveDescriptor(int socket)
{
	char byte;
	iovec iov = { &byte, 1 };
	alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
	msghdr message = {};
	message.msg_iov = &iov;
	message.msg_iovlen = 1;
	message.msg_control = control;
	message.msg_controllen = sizeof(control);
	int fd = -1;
	if (recvmsg(socket, &message, 0) == 1 && CMSG_FIRSTHDR(&message))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	return fd;
}

} /* namespace */

TEST(Clients, BuffersBelongToOneFile)
{
	OwnedFd mine = openStats();
	ASSERT_TRUE(mine.isValid());
	Client other([fd = -1](int step) mutable {
		if (fd < 0)
			fd = openStats().release();
		switch (step) {
		case 0: return requestBuffers(fd, 2);
		case 1: return setFormat(fd);
		case 2: return queueBuffer(fd);
		default: return stream(fd, true);
		}
	});

	ASSERT_EQ(requestBuffers(mine.get(), 2), 0);
	for (int step = 0; step < 4; step++)
		EXPECT_EQ(other.run(step), EBUSY) << step;

	ASSERT_EQ(requestBuffers(mine.get(), 0), 0);
	EXPECT_EQ(other.run(1), 0);
	EXPECT_EQ(other.run(0), 0);
	EXPECT_EQ(requestBuffers(mine.get(), 2), EBUSY);
}

TEST(Clients, DeathFreesBuffersAndStream)
{
	Client other([fd = -1](int) mutable {
		fd = openStats().release();
		return requestBuffers(fd, 2) + queueBuffer(fd) + stream(fd, true);
	});
	ASSERT_EQ(other.run(0), 0);

	OwnedFd mine = openStats();
	EXPECT_EQ(requestBuffers(mine.get(), 2), EBUSY);
	EXPECT_EQ(setFormat(mine.get()), EBUSY);
	other.end(SIGKILL);
	EXPECT_TRUE(soon([&]() { return requestBuffers(mine.get(), 2) == 0; }));
	EXPECT_EQ(queueBuffer(mine.get()), 0);
	EXPECT_EQ(stream(mine.get(), true), 0);
	EXPECT_EQ(stream(mine.get(), false), 0);
}

/* A descriptor that was inherited is the same open file. */
TEST(Clients, ChildrenShareTheFile)
{
	OwnedFd mine = openStats();
	ASSERT_EQ(requestBuffers(mine.get(), 2), 0);
	{
		Client child([&](int) { return queueBuffer(mine.get()) + stream(mine.get(), true); });
		EXPECT_EQ(child.run(0), 0);
		child.end(SIGKILL);
	}

	/* Its end changes nothing: the file is open here. */
	v4l2_buffer buffer = {};
	buffer.type = kType;
	buffer.memory = V4L2_MEMORY_MMAP;
	EXPECT_TRUE(soon([&]() { return errorOf(mine.get(), VIDIOC_DQBUF, &buffer) == 0; }));
	EXPECT_EQ(stream(mine.get(), false), 0);
}

/* So is one that was sent; it keeps the file open when the sender closes it. */
TEST(Clients, ReceiversShareTheFile)
{
	int sockets[2];
	ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	Client receiver([fd = -1, socket = sockets[1]](int step) mutable {
		if (step == 1)
			return requestBuffers(fd, 0);
		fd = receiveDescriptor(socket);
		return fd < 0 ? EBADF : queueBuffer(fd);
	});

	OwnedFd mine = openStats();
	ASSERT_EQ(requestBuffers(mine.get(), 2), 0);
	sendDescriptor(sockets[0], mine.get());
	EXPECT_EQ(receiver.run(0), 0);
	mine.reset();

	OwnedFd other = openStats();
	usleep(50000);
	EXPECT_EQ(requestBuffers(other.get(), 2), EBUSY);
	EXPECT_EQ(receiver.run(1), 0);
	EXPECT_EQ(requestBuffers(other.get(), 2), 0);
	close(sockets[0]);
	close(sockets[1]);
}

/* The highest priority of all files of the device counts, in whatever process. */
TEST(Clients, PriorityActsOnOtherProcesses)
{
	OwnedFd mine = openStats();
	Client other([fd = -1](int step) mutable {
		if (fd < 0)
			fd = OwnedFd(open(nodeOf("fovea-params").c_str(), O_RDWR)).release();
		return setPriority(fd, step);
	});

	EXPECT_EQ(setFormat(mine.get()), 0);
	ASSERT_EQ(other.run(V4L2_PRIORITY_RECORD), 0);
	uint32_t highest = 0;
	EXPECT_EQ(errorOf(mine.get(), VIDIOC_G_PRIORITY, &highest), 0);
	EXPECT_EQ(highest, static_cast<uint32_t>(V4L2_PRIORITY_RECORD));
	EXPECT_EQ(setFormat(mine.get()), EBUSY);
	EXPECT_EQ(requestBuffers(mine.get(), 2), EBUSY);
	EXPECT_EQ(setPriority(mine.get(), V4L2_PRIORITY_RECORD), EBUSY);

	ASSERT_EQ(other.run(V4L2_PRIORITY_INTERACTIVE), 0);
	EXPECT_EQ(setFormat(mine.get()), 0);

	ASSERT_EQ(other.run(V4L2_PRIORITY_RECORD), 0);
	EXPECT_EQ(setFormat(mine.get()), EBUSY);
	other.end(SIGKILL);
	EXPECT_TRUE(soon([&]() { return setFormat(mine.get()) == 0; }));
}

/* While one process streams, another cannot change the pipeline under it. */
TEST(Clients, StreamKeepsThePipeline)
{
	Client other([fd = -1](int step) mutable {
		if (step)
			return stream(fd, false);
		fd = openStats().release();
		return requestBuffers(fd, 2) + stream(fd, true);
	});
	OwnedFd subdevice(open(nodeOf("fovea-frontend0").c_str(), O_RDWR));
	v4l2_subdev_format format = {};
	format.which = V4L2_SUBDEV_FORMAT_ACTIVE;
	ASSERT_EQ(errorOf(subdevice.get(), VIDIOC_SUBDEV_G_FMT, &format), 0);
	EXPECT_EQ(errorOf(subdevice.get(), VIDIOC_SUBDEV_S_FMT, &format), 0);

	ASSERT_EQ(other.run(0), 0);
	EXPECT_EQ(errorOf(subdevice.get(), VIDIOC_SUBDEV_S_FMT, &format), EBUSY);
	ASSERT_EQ(other.run(1), 0);
	EXPECT_EQ(errorOf(subdevice.get(), VIDIOC_SUBDEV_S_FMT, &format), 0);
}

/* Unplugged under several: all see it, and a new file owes nothing to old ones. */
TEST(Clients, UnplugIsSeenByAll)
{
	const auto steps = [fd = -1](int step) mutable {
		if (step)
			return queueBuffer(fd);
		fd = openStats().release();
		return fd < 0 ? ENOENT : 0;
	};
	Client first(steps);
	Client second(steps);
	ASSERT_EQ(first.run(0), 0);
	ASSERT_EQ(second.run(0), 0);

	OwnedFd mine = openStats();
	ASSERT_EQ(requestBuffers(mine.get(), 2), 0);
	const std::string before = nodeOf("fovea-stats0");
	ASSERT_EQ(system("fovea-ctl unplug"), 0);
	EXPECT_EQ(first.run(1), ENODEV);
	EXPECT_EQ(second.run(1), ENODEV);
	EXPECT_EQ(requestBuffers(mine.get(), 0), ENODEV);
	EXPECT_EQ(nodeOf("fovea-stats0"), "");

	/* Numbers stay in use while old files are open. */
	ASSERT_EQ(system("fovea-ctl plug"), 0);
	EXPECT_NE(nodeOf("fovea-stats0"), before);
	OwnedFd fresh = openStats();
	EXPECT_EQ(requestBuffers(fresh.get(), 2), 0);
	EXPECT_EQ(queueBuffer(fresh.get()), 0);
	EXPECT_EQ(first.run(1), ENODEV);

	fresh.reset();
	mine.reset();
	first.end(SIGTERM);
	second.end(SIGTERM);
	EXPECT_TRUE(soon([&]() {
		return !system("fovea-ctl unplug") && !system("fovea-ctl plug") &&
		       nodeOf("fovea-stats0") == before;
	}));
}
