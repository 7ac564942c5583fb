/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Hardware that is unplugged and plugged in again, seen by its clients
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/media.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <string>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "isp_sim/server/owned_fd.h"
#include "isp_sim/server/protocol.h"

#include "fake_hardware.h"
#include "world.h"

using fovea::OwnedFd;
using namespace fovea::test;
using namespace fovea::transport;

namespace {

constexpr short kAll = POLLIN | POLLOUT | POLLPRI;
constexpr short kGone = POLLERR | POLLHUP | POLLPRI;

OwnedFd openNode(const char *path = "/dev/video0", int flags = O_RDWR)
{
	return OwnedFd(open(path, flags));
}

/* What a monitor was told next, fields apart by spaces; empty after a second. */
std::string nextEvent(int fd)
{
	pollfd entry = { fd, POLLIN, 0 };
	char bytes[4096];
	if (poll(&entry, 1, 1000) != 1)
		return {};
	const ssize_t size = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (size < static_cast<ssize_t>(sizeof(ReplyHeader)))
		return {};
	std::string text(bytes + sizeof(ReplyHeader), size - sizeof(ReplyHeader));
	for (char &c : text)
		c = c ? c : ' ';
	return text;
}

bool exists(const char *path)
{
	struct stat st;
	return !stat(path, &st);
}

bool listed(const char *directory, const std::string &name)
{
	bool found = false;
	DIR *dir = opendir(directory);
	while (const dirent *entry = dir ? readdir(dir) : nullptr)
		found |= name == entry->d_name;
	if (dir)
		closedir(dir);
	return found;
}

/* The error of an ioctl, 0 for none. */
int errorOf(int fd, unsigned long number, void *arg)
{
	return ioctl(fd, number, arg) < 0 ? errno : 0;
}

short readiness(int fd, short events)
{
	pollfd entry = { fd, events, 0 };
	poll(&entry, 1, 0);
	return entry.revents;
}

int openFiles(int fd)
{
	v4l2_control control = { kOpenFiles, 0 };
	return ioctl(fd, VIDIOC_G_CTRL, &control) ? -1 : control.value;
}

class Hotplug : public testing::Test
{
protected:
	void TearDown() override
	{
		const int ret = control("plug");
		EXPECT_EQ(ret, 0);
	}
};

} /* namespace */

TEST_F(Hotplug, OpenFilesFail)
{
	OwnedFd video = openNode();
	OwnedFd media = openNode("/dev/media0");
	OwnedFd copy(dup(video.get()));
	ASSERT_EQ(control("unplug"), 0);

	v4l2_capability capability = {};
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	for (const OwnedFd *fd : { &video, &copy, &media }) {
		EXPECT_EQ(errorOf(fd->get(), VIDIOC_QUERYCAP, &capability), ENODEV);
		EXPECT_EQ(errorOf(fd->get(), VIDIOC_STREAMON, &type), ENODEV);
		EXPECT_EQ(readiness(fd->get(), kAll), fd == &media ? kGone & ~POLLPRI : kGone);
	}
	EXPECT_EQ(mmap(nullptr, 4096, PROT_READ, MAP_SHARED, video.get(), 0), MAP_FAILED);
	EXPECT_EQ(errno, ENODEV);
}

TEST_F(Hotplug, MemoryStays)
{
	OwnedFd video = openNode();
	auto *memory = static_cast<char *>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
						video.get(), 0));
	ASSERT_NE(memory, MAP_FAILED);
	ASSERT_EQ(control("unplug"), 0);
	video.reset();
	memory[4095] = 7;
	EXPECT_EQ(memory[4095], 7);
	munmap(memory, 4096);
}

TEST_F(Hotplug, NodesVanishAndComeBack)
{
	const char *paths[] = { "/dev/video0", "/dev/media0", "/sys/class/video4linux/video0",
				"/sys/bus/media/devices/media0", "/sys/dev/char/81:0",
				"/sys/devices/platform/fake-isp" };
	for (const char *path : paths)
		EXPECT_TRUE(exists(path)) << path;

	ASSERT_EQ(control("unplug fake-isp"), 0);
	for (const char *path : paths)
		EXPECT_FALSE(exists(path)) << path;
	EXPECT_FALSE(listed("/dev", "video0"));
	EXPECT_TRUE(listed("/dev", "null"));
	EXPECT_FALSE(listed("/sys/class/video4linux", "video0"));
	EXPECT_EQ(open("/dev/video0", O_RDWR), -1);
	EXPECT_EQ(errno, ENOENT);

	ASSERT_EQ(control("plug fake-isp"), 0);
	for (const char *path : paths)
		EXPECT_TRUE(exists(path)) << path;
	EXPECT_TRUE(listed("/dev", "video0"));
	EXPECT_TRUE(openNode().isValid());
}

/* A new device knows nothing of old files, nor they of it. */
TEST_F(Hotplug, ComesBackFresh)
{
	OwnedFd old = openNode();
	ASSERT_EQ(control("unplug"), 0);
	ASSERT_EQ(control("plug"), 0);

	OwnedFd fresh = openNode();
	EXPECT_EQ(openFiles(fresh.get()), 1);
	v4l2_control control = { kSetPoll, POLLIN };
	EXPECT_EQ(errorOf(old.get(), VIDIOC_S_CTRL, &control), ENODEV);
	EXPECT_EQ(readiness(old.get(), kAll), kGone);
	EXPECT_EQ(readiness(fresh.get(), kAll), 0);
	old.reset();
	EXPECT_EQ(openFiles(fresh.get()), 1);
}

/* Who sleeps is woken: poll(), epoll_wait() and a blocking DQBUF. */
TEST_F(Hotplug, WaitersWake)
{
	OwnedFd polled = openNode();
	OwnedFd watched = openNode();
	OwnedFd dequeued = openNode();
	OwnedFd epoll(epoll_create1(EPOLL_CLOEXEC));
	epoll_event event = {};
	event.events = EPOLLIN;
	ASSERT_EQ(epoll_ctl(epoll.get(), EPOLL_CTL_ADD, watched.get(), &event), 0);

	std::thread poller([&]() {
		pollfd entry = { polled.get(), POLLIN, 0 };
		EXPECT_EQ(poll(&entry, 1, -1), 1);
		EXPECT_EQ(entry.revents, POLLERR | POLLHUP);
	});
	std::thread watcher([&]() {
		epoll_event result = {};
		EXPECT_EQ(epoll_wait(epoll.get(), &result, 1, -1), 1);
		EXPECT_TRUE(result.events & EPOLLHUP);
	});
	std::thread dequeuer([&]() {
		v4l2_plane plane = {};
		v4l2_buffer buffer = {};
		buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
		buffer.memory = V4L2_MEMORY_MMAP;
		buffer.length = 1;
		buffer.m.planes = &plane;
		EXPECT_EQ(errorOf(dequeued.get(), VIDIOC_DQBUF, &buffer), ENODEV);
	});

	usleep(50000);
	EXPECT_EQ(control("unplug"), 0);
	for (std::thread *thread : { &poller, &watcher, &dequeuer })
		thread->join();
}

/* A descriptor that reaches a process after its device has gone. */
TEST_F(Hotplug, OtherProcessesSeeTheSame)
{
	OwnedFd video = openNode();
	int pipeFds[2];
	ASSERT_EQ(pipe(pipeFds), 0);
	const pid_t child = fork();
	if (!child) {
		char byte;
		v4l2_capability capability = {};
		const bool told = read(pipeFds[0], &byte, 1) == 1;
		_exit(told ? errorOf(video.get(), VIDIOC_QUERYCAP, &capability) : 255);
	}

	EXPECT_EQ(control("unplug"), 0);
	EXPECT_EQ(write(pipeFds[1], "1", 1), 1);
	int status = 0;
	waitpid(child, &status, 0);
	EXPECT_EQ(WEXITSTATUS(status), ENODEV);
	close(pipeFds[0]);
	close(pipeFds[1]);
}

TEST_F(Hotplug, MonitorsAreTold)
{
	OwnedFd monitor(connectToServer());
	ASSERT_EQ(request(monitor.get(), kOpMonitor), 0);
	ASSERT_EQ(control("unplug"), 0);

	EXPECT_TRUE(nextEvent(monitor.get()).starts_with(
		"remove@/devices/platform/fake-isp/media0 ACTION=remove DEVPATH=/devices/platform/fake-isp/media0 "
		"SUBSYSTEM=media MAJOR=510 MINOR=0 DEVNAME=media0 SEQNUM="));
	EXPECT_TRUE(nextEvent(monitor.get()).starts_with("remove@/devices/platform/fake-isp/video4linux/video0 "));
	EXPECT_TRUE(nextEvent(monitor.get()).starts_with(
		"remove@/devices/platform/fake-isp/i2c-0/0-0010/video4linux/v4l-subdev0 "));

	ASSERT_EQ(control("plug"), 0);
	EXPECT_TRUE(nextEvent(monitor.get()).starts_with("add@/devices/platform/fake-isp/video4linux/"));
	EXPECT_TRUE(nextEvent(monitor.get()).starts_with("add@/devices/platform/fake-isp/i2c-0/"));
	EXPECT_TRUE(nextEvent(monitor.get()).starts_with("add@/devices/platform/fake-isp/media0 "));
}

TEST_F(Hotplug, CommandsAreChecked)
{
	EXPECT_EQ(control("list"), 0);
	EXPECT_EQ(control("plug fake-isp"), -EALREADY);
	EXPECT_EQ(control("unplug nothing"), -ENODEV);
	EXPECT_EQ(control("explode"), -EINVAL);
	EXPECT_EQ(control("unplug fake-isp"), 0);
	EXPECT_EQ(control("unplug fake-isp"), -EALREADY);
	EXPECT_EQ(control("unplug"), 0);
}

int main(int argc, char **argv)
{
	testing::InitGoogleTest(&argc, argv);
	return runInWorld(argv, []() { return RUN_ALL_TESTS(); });
}
