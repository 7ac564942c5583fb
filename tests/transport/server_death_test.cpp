/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What a client sees when the virtual hardware is killed
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "isp_sim/server/owned_fd.h"

#include "world.h"

using fovea::OwnedFd;

TEST(ServerDeath, GivesErrorsAndNeverHangs)
{
	OwnedFd fd(open("/dev/video0", O_RDWR));
	ASSERT_TRUE(fd.isValid());
	OwnedFd epfd(epoll_create1(EPOLL_CLOEXEC));
	epoll_event event = {};
	event.events = EPOLLIN | EPOLLPRI;
	ASSERT_EQ(epoll_ctl(epfd.get(), EPOLL_CTL_ADD, fd.get(), &event), 0);
	auto *memory = static_cast<char *>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0));
	ASSERT_NE(memory, MAP_FAILED);

	/* While one thread waits for a buffer and another for an event. */
	int dequeueError = 0;
	std::thread dequeue([&]() {
		v4l2_buffer buffer = {};
		buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
		dequeueError = ioctl(fd.get(), VIDIOC_DQBUF, &buffer) ? errno : 0;
	});
	short revents = 0;
	std::thread waiter([&]() {
		pollfd entry = { fd.get(), POLLIN | POLLPRI, 0 };
		poll(&entry, 1, -1);
		revents = entry.revents;
	});

	usleep(100000);
	kill(fovea::test::serverPid(), SIGKILL);
	dequeue.join();
	waiter.join();
	EXPECT_EQ(dequeueError, ENODEV);
	EXPECT_EQ(revents, POLLERR | POLLHUP | POLLPRI);

	v4l2_capability caps;
	EXPECT_EQ(ioctl(fd.get(), VIDIOC_QUERYCAP, &caps), -1);
	EXPECT_EQ(errno, ENODEV);
	EXPECT_EQ(open("/dev/video0", O_RDWR), -1);
	EXPECT_EQ(errno, ENODEV);
	EXPECT_EQ(mmap(nullptr, 4096, PROT_READ, MAP_SHARED, fd.get(), 0), MAP_FAILED);
	EXPECT_EQ(errno, ENODEV);

	ASSERT_EQ(epoll_wait(epfd.get(), &event, 1, 5000), 1);
	EXPECT_EQ(event.events, static_cast<uint32_t>(EPOLLERR | EPOLLHUP | EPOLLPRI));

	/* It is still a device, and its memory is still there. */
	struct stat st;
	EXPECT_EQ(fstat(fd.get(), &st), 0);
	EXPECT_TRUE(S_ISCHR(st.st_mode));
	memory[0] = 1;
	munmap(memory, 4096);
}

int main(int argc, char **argv)
{
	testing::InitGoogleTest(&argc, argv);
	return fovea::test::runInWorld(argv, []() { return RUN_ALL_TESTS(); });
}
