/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Event loop: order, timers, descriptors, other threads
 */

#include <sys/epoll.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "isp_sim/v4l2/event_loop.h"

using namespace fovea::v4l2;
using namespace std::chrono_literals;

namespace {

TEST(EventLoop, PostedCallsRunInOrder)
{
	EventLoop loop;
	std::vector<int> order;
	for (int i = 0; i < 5; i++)
		loop.post([&order, i]() { order.push_back(i); });
	loop.post([&]() { loop.post([&]() { order.push_back(5); loop.stop(); }); });
	EXPECT_EQ(loop.run(), 0);
	EXPECT_EQ(order, (std::vector<int>{ 0, 1, 2, 3, 4, 5 }));
}

TEST(EventLoop, TimersRunByDeadline)
{
	EventLoop loop;
	const auto start = EventLoop::Clock::now();
	std::vector<int> order;
	EventLoop::Clock::time_point ran;

	loop.addTimer(start + 20ms, [&]() { order.push_back(2); ran = EventLoop::Clock::now(); loop.stop(); });
	loop.addTimer(start + 5ms, [&]() { order.push_back(1); });
	uint64_t cancelled = loop.addTimer(start + 1ms, [&]() { order.push_back(9); });
	loop.addTimer(EventLoop::Clock::time_point(), [&]() { order.push_back(0); });
	EXPECT_NE(cancelled, 0u);
	loop.cancelTimer(cancelled);
	loop.cancelTimer(12345);

	EXPECT_EQ(loop.run(), 0);
	EXPECT_EQ(order, (std::vector<int>{ 0, 1, 2 }));
	EXPECT_GE(ran, start + 20ms);
}

/* A timer that rearms itself in the past does not keep others from running. */
TEST(EventLoop, PastTimersDoNotStarve)
{
	EventLoop loop;
	std::function<void()> again = [&]() { loop.addTimer(EventLoop::Clock::time_point(), again); };
	again();
	loop.addTimer(EventLoop::Clock::now() + 10ms, [&]() { loop.stop(); });
	EXPECT_EQ(loop.run(), 0);
}

TEST(EventLoop, Descriptors)
{
	EventLoop loop;
	int pipes[2];
	ASSERT_EQ(pipe(pipes), 0);
	int reads = 0;

	EXPECT_EQ(loop.addFd(-1, EPOLLIN, [](uint32_t) {}), -EBADF);
	ASSERT_EQ(loop.addFd(pipes[0], EPOLLIN, [&](uint32_t events) {
		char c;
		EXPECT_TRUE(events & EPOLLIN);
		EXPECT_EQ(read(pipes[0], &c, 1), 1);
		if (++reads == 2) {
			loop.removeFd(pipes[0]);
			loop.stop();
		}
	}), 0);
	EXPECT_EQ(loop.addFd(pipes[0], EPOLLIN, [](uint32_t) {}), -EEXIST);

	ASSERT_EQ(write(pipes[1], "abc", 3), 3);
	EXPECT_EQ(loop.run(), 0);
	EXPECT_EQ(reads, 2);

	close(pipes[0]);
	close(pipes[1]);
}

TEST(EventLoop, OtherThreads)
{
	EventLoop loop;
	int sum = 0;
	std::vector<std::thread> threads;
	for (int t = 0; t < 4; t++) {
		threads.emplace_back([&]() {
			for (int i = 0; i < 1000; i++)
				loop.post([&]() { if (++sum == 4000) loop.stop(); });
		});
	}
	EXPECT_EQ(loop.run(), 0);
	for (std::thread &thread : threads)
		thread.join();
	EXPECT_EQ(sum, 4000);
}

} /* namespace */
