/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * poll, select and epoll on open files of the virtual hardware
 */

#include <chrono>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "isp_sim/server/owned_fd.h"

#include "fake_hardware.h"
#include "world.h"

using fovea::OwnedFd;
using namespace fovea::test;

namespace {

/* Long enough never to be reached, short enough to end a failing test. */
constexpr int kLong = 5000;

class Readiness : public testing::Test
{
protected:
	void control(FakeControl id, int value)
	{
		v4l2_control control = { id, value };
		ASSERT_EQ(ioctl(fd.get(), VIDIOC_S_CTRL, &control), 0);
	}

	short polled(short events, int timeout = 0)
	{
		pollfd entry = { fd.get(), events, 0 };
		const int ret = poll(&entry, 1, timeout);
		EXPECT_EQ(ret, entry.revents ? 1 : 0);
		return entry.revents;
	}

	uint32_t waited(int epfd, int timeout = 0)
	{
		epoll_event events[4] = {};
		const int ret = epoll_wait(epfd, events, 4, timeout);
		EXPECT_LE(ret, 1);
		return ret > 0 ? events[0].events : 0;
	}

	OwnedFd fd{ open("/dev/video0", O_RDWR) };
};

} /* namespace */

TEST_F(Readiness, PollTellsTheKindsApart)
{
	EXPECT_EQ(polled(POLLIN | POLLOUT | POLLPRI), 0);
	for (short events : { POLLIN, POLLOUT, POLLPRI }) {
		control(kSetPoll, events);
		EXPECT_EQ(polled(POLLIN | POLLOUT | POLLPRI), events);
		EXPECT_EQ(polled(static_cast<short>((POLLIN | POLLOUT | POLLPRI) & ~events)), 0);
	}
	control(kSetPoll, POLLIN | POLLPRI);
	EXPECT_EQ(polled(POLLIN | POLLOUT | POLLPRI), POLLIN | POLLPRI);
	EXPECT_EQ(polled(POLLRDNORM), POLLRDNORM);

	/* The error of a queue is seen by those who ask for the queue. */
	control(kSetPoll, POLLERR);
	EXPECT_EQ(polled(POLLIN), POLLERR);
	EXPECT_EQ(polled(POLLPRI), 0);
	control(kSetPoll, 0);
	EXPECT_EQ(polled(POLLIN), 0);
}

TEST_F(Readiness, PollWaits)
{
	for (short events : { POLLIN, POLLOUT, POLLPRI }) {
		control(kSetPoll, 0);
		control(kSetPollLater, events);
		EXPECT_EQ(polled(POLLIN | POLLOUT | POLLPRI, kLong), events);
	}
}

TEST_F(Readiness, PollMixesWithOtherDescriptors)
{
	int pipeFds[2];
	ASSERT_EQ(pipe(pipeFds), 0);
	control(kSetPoll, POLLPRI);
	pollfd entries[4] = {
		{ pipeFds[0], POLLIN, 0 },
		{ fd.get(), POLLIN | POLLPRI, 0 },
		{ -1, POLLIN, 0 },
		{ pipeFds[1], POLLOUT, 0 },
	};
	EXPECT_EQ(poll(entries, 4, kLong), 2);
	EXPECT_EQ(entries[0].revents, 0);
	EXPECT_EQ(entries[1].revents, POLLPRI);
	EXPECT_EQ(entries[2].revents, 0);
	EXPECT_EQ(entries[3].revents, POLLOUT);

	/* More entries than fit the stack. */
	std::vector<pollfd> many(500, pollfd{ fd.get(), POLLPRI, 0 });
	EXPECT_EQ(poll(many.data(), many.size(), kLong), 500);
	close(pipeFds[0]);
	close(pipeFds[1]);
}

TEST_F(Readiness, Select)
{
	fd_set in, out, except;
	const auto selected = [&](int seconds) {
		FD_ZERO(&in);
		FD_ZERO(&out);
		FD_ZERO(&except);
		FD_SET(fd.get(), &in);
		FD_SET(fd.get(), &out);
		FD_SET(fd.get(), &except);
		timeval timeout = { seconds, 0 };
		const int ret = select(fd.get() + 1, &in, &out, &except, &timeout);
		EXPECT_LE(timeout.tv_sec, seconds);
		return ret;
	};

	EXPECT_EQ(selected(0), 0);
	EXPECT_FALSE(FD_ISSET(fd.get(), &in));
	control(kSetPollLater, POLLPRI);
	EXPECT_EQ(selected(5), 1);
	EXPECT_TRUE(FD_ISSET(fd.get(), &except));
	EXPECT_FALSE(FD_ISSET(fd.get(), &in));
	control(kSetPoll, POLLIN | POLLOUT);
	EXPECT_EQ(selected(0), 2);
	EXPECT_FALSE(FD_ISSET(fd.get(), &except));
	control(kSetPoll, POLLERR);
	EXPECT_EQ(selected(0), 2);
}

TEST_F(Readiness, EpollTellsTheKindsApart)
{
	OwnedFd epfd(epoll_create1(EPOLL_CLOEXEC));
	epoll_event event = {};
	event.events = EPOLLIN | EPOLLOUT | EPOLLPRI;
	event.data.u64 = 0x123456789abcdef0;
	ASSERT_EQ(epoll_ctl(epfd.get(), EPOLL_CTL_ADD, fd.get(), &event), 0);
	EXPECT_EQ(epoll_ctl(epfd.get(), EPOLL_CTL_ADD, fd.get(), &event), -1);
	EXPECT_EQ(errno, EEXIST);

	EXPECT_EQ(waited(epfd.get()), 0U);
	for (int events : { POLLIN, POLLOUT, POLLPRI, POLLIN | POLLPRI }) {
		control(kSetPoll, 0);
		control(kSetPollLater, events);
		/* The kinds become ready one after the other; the first may be seen alone. */
		epoll_event got = {};
		for (int i = 0; i < 1000 && got.events != static_cast<uint32_t>(events); i++) {
			if (i > 0)
				usleep(1000);
			ASSERT_EQ(epoll_wait(epfd.get(), &got, 1, kLong), 1);
			ASSERT_EQ(got.events & ~events, 0U);
			ASSERT_EQ(got.data.u64, event.data.u64);
		}
		EXPECT_EQ(got.events, static_cast<uint32_t>(events));
	}

	event.events = EPOLLOUT;
	ASSERT_EQ(epoll_ctl(epfd.get(), EPOLL_CTL_MOD, fd.get(), &event), 0);
	EXPECT_EQ(waited(epfd.get(), 10), 0U);
	control(kSetPoll, POLLOUT);
	EXPECT_EQ(waited(epfd.get(), kLong), static_cast<uint32_t>(EPOLLOUT));

	ASSERT_EQ(epoll_ctl(epfd.get(), EPOLL_CTL_DEL, fd.get(), nullptr), 0);
	EXPECT_EQ(waited(epfd.get(), 10), 0U);
	EXPECT_EQ(epoll_ctl(epfd.get(), EPOLL_CTL_DEL, fd.get(), nullptr), -1);
	EXPECT_EQ(errno, ENOENT);
}

/* Who waits for events of a video node does not see its queue's error. */
TEST_F(Readiness, QueueErrorsAreForThoseWhoWaitForBuffers)
{
	control(kSetPoll, POLLERR);
	EXPECT_EQ(polled(POLLPRI, 10), 0);
	EXPECT_EQ(polled(0), 0);
	EXPECT_EQ(polled(POLLIN | POLLPRI), POLLERR);
	EXPECT_EQ(polled(POLLOUT), POLLERR);

	fd_set set;
	const auto selected = [&](bool in, bool except) {
		timeval timeout = { 0, 10000 };
		FD_ZERO(&set);
		FD_SET(fd.get(), &set);
		return select(fd.get() + 1, in ? &set : nullptr, nullptr, except ? &set : nullptr, &timeout);
	};
	EXPECT_EQ(selected(false, true), 0);
	EXPECT_FALSE(FD_ISSET(fd.get(), &set));
	EXPECT_EQ(selected(true, false), 1);

	for (uint32_t flags : { 0U, static_cast<uint32_t>(EPOLLET) }) {
		OwnedFd epfd(epoll_create1(EPOLL_CLOEXEC));
		epoll_event event = {};
		event.events = EPOLLPRI | flags;
		ASSERT_EQ(epoll_ctl(epfd.get(), EPOLL_CTL_ADD, fd.get(), &event), 0);
		EXPECT_EQ(waited(epfd.get(), 10), 0U);
		event.events = EPOLLIN | EPOLLPRI | flags;
		ASSERT_EQ(epoll_ctl(epfd.get(), EPOLL_CTL_MOD, fd.get(), &event), 0);
		EXPECT_EQ(waited(epfd.get(), kLong), static_cast<uint32_t>(EPOLLERR));
		event.events = EPOLLPRI | flags;
		ASSERT_EQ(epoll_ctl(epfd.get(), EPOLL_CTL_MOD, fd.get(), &event), 0);
		EXPECT_EQ(waited(epfd.get(), 10), 0U);
	}

	/* A change with the error there. */
	control(kAddPollLater, POLLPRI);
	EXPECT_EQ(polled(POLLPRI, kLong), POLLPRI);

	/* The error of a sub-device is for all. */
	OwnedFd subdevice(open("/dev/v4l-subdev0", O_RDWR));
	v4l2_control error = { kSetPoll, POLLERR };
	ASSERT_EQ(ioctl(subdevice.get(), VIDIOC_S_CTRL, &error), 0);
	pollfd entry = { subdevice.get(), POLLPRI, 0 };
	EXPECT_EQ(poll(&entry, 1, 0), 1);
	EXPECT_EQ(entry.revents, POLLERR);
}

TEST_F(Readiness, EpollEdgeAndOneShot)
{
	OwnedFd epfd(epoll_create1(EPOLL_CLOEXEC));
	epoll_event event = {};
	event.events = EPOLLIN | EPOLLET;
	ASSERT_EQ(epoll_ctl(epfd.get(), EPOLL_CTL_ADD, fd.get(), &event), 0);
	control(kSetPoll, POLLIN);
	EXPECT_EQ(waited(epfd.get(), kLong), static_cast<uint32_t>(EPOLLIN));
	EXPECT_EQ(waited(epfd.get(), 10), 0U);
	/* Still ready, but something new has happened. */
	control(kSetPollLater, POLLIN);
	EXPECT_EQ(waited(epfd.get(), kLong), static_cast<uint32_t>(EPOLLIN));
	EXPECT_EQ(waited(epfd.get(), 10), 0U);

	event.events = EPOLLIN | EPOLLPRI | EPOLLONESHOT;
	ASSERT_EQ(epoll_ctl(epfd.get(), EPOLL_CTL_MOD, fd.get(), &event), 0);
	EXPECT_EQ(waited(epfd.get(), kLong), static_cast<uint32_t>(EPOLLIN));
	control(kSetPollLater, POLLIN | POLLPRI);
	EXPECT_EQ(waited(epfd.get(), 200), 0U);
	ASSERT_EQ(epoll_ctl(epfd.get(), EPOLL_CTL_MOD, fd.get(), &event), 0);
	EXPECT_EQ(waited(epfd.get(), kLong), static_cast<uint32_t>(EPOLLIN | EPOLLPRI));
}

TEST_F(Readiness, EpollForgetsClosedFiles)
{
	OwnedFd epfd(epoll_create1(EPOLL_CLOEXEC));
	epoll_event event = {};
	event.events = EPOLLIN;
	ASSERT_EQ(epoll_ctl(epfd.get(), EPOLL_CTL_ADD, fd.get(), &event), 0);
	control(kSetPoll, POLLIN);
	EXPECT_EQ(waited(epfd.get(), kLong), static_cast<uint32_t>(EPOLLIN));
	fd.reset();
	EXPECT_EQ(waited(epfd.get(), 10), 0U);
}

TEST_F(Readiness, DequeueWaits)
{
	v4l2_buffer buffer = {};
	buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	control(kSetPollLater, POLLIN);
	EXPECT_EQ(ioctl(fd.get(), VIDIOC_DQBUF, &buffer), 0);
	EXPECT_EQ(buffer.index, 5U);

	buffer.type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
	control(kSetPollLater, POLLOUT);
	EXPECT_EQ(ioctl(fd.get(), VIDIOC_DQBUF, &buffer), 0);

	v4l2_event event = {};
	control(kSetPollLater, POLLPRI);
	EXPECT_EQ(ioctl(fd.get(), VIDIOC_DQEVENT, &event), 0);

	/* The queue is stopped while a thread waits. */
	control(kSetPoll, 0);
	control(kSetPollLater, POLLERR);
	EXPECT_EQ(ioctl(fd.get(), VIDIOC_DQBUF, &buffer), -1);
	EXPECT_EQ(errno, EINVAL);

	control(kSetPoll, 0);
	ASSERT_EQ(fcntl(fd.get(), F_SETFL, O_NONBLOCK), 0);
	EXPECT_EQ(ioctl(fd.get(), VIDIOC_DQBUF, &buffer), -1);
	EXPECT_EQ(errno, EAGAIN);

	/* As v4l2_event_dequeue(): what is not there is not found. */
	EXPECT_EQ(ioctl(fd.get(), VIDIOC_DQEVENT, &event), -1);
	EXPECT_EQ(errno, ENOENT);
	control(kSetPoll, POLLPRI);
	EXPECT_EQ(ioctl(fd.get(), VIDIOC_DQEVENT, &event), 0);
}

TEST_F(Readiness, SignalsInterruptWaits)
{
	struct sigaction action = {};
	action.sa_handler = [](int) {};
	sigaction(SIGUSR1, &action, nullptr);
	const pthread_t self = pthread_self();
	std::thread thread([self]() {
		usleep(100000);
		pthread_kill(self, SIGUSR1);
	});

	v4l2_buffer buffer = {};
	buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	EXPECT_EQ(ioctl(fd.get(), VIDIOC_DQBUF, &buffer), -1);
	EXPECT_EQ(errno, EINTR);
	thread.join();
}

int main(int argc, char **argv)
{
	testing::InitGoogleTest(&argc, argv);
	return runInWorld(argv, []() { return RUN_ALL_TESTS(); });
}
