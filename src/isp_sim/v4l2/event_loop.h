/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Event loop of the virtual hardware: descriptors, timers, posted calls
 */

#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stdint.h>
#include <vector>

namespace fovea::v4l2 {

class EventLoop
{
public:
	using Clock = std::chrono::steady_clock;	/* CLOCK_MONOTONIC */

	EventLoop();
	~EventLoop();

	/* Run until stop(), which may be called from any thread or handler. */
	int run();
	void stop();

	/* From a handler: look for events without sleeping for this long. */
	void stayAwake(Clock::duration time) { awakeUntil_ = Clock::now() + time; }

	/* \a events are EPOLLIN, EPOLLOUT...; \a handler gets the ready mask. */
	int addFd(int fd, uint32_t events, std::function<void(uint32_t)> handler);
	void modifyFd(int fd, uint32_t events);
	void removeFd(int fd);

	/* Call \a function in the loop's thread, from any thread, in order. */
	void post(std::function<void()> function);

	/* One-shot timer. Returns an id for cancelTimer(); 0 is never an id. */
	uint64_t addTimer(Clock::time_point deadline, std::function<void()> handler);
	void cancelTimer(uint64_t id);

private:
	struct Watch;
	struct Timer {
		uint64_t id;
		std::function<void()> handler;
	};

	void armTimer();
	void runTimers();
	void runPosted();

	int epollFd_;
	int wakeFd_;
	int timerFd_;
	bool stop_;
	uint64_t nextTimerId_;
	Clock::time_point awakeUntil_;
	std::map<int, std::shared_ptr<Watch>> watches_;
	std::multimap<Clock::time_point, Timer> timers_;

	std::mutex postedMutex_;
	std::vector<std::function<void()>> posted_;
};

} /* namespace fovea::v4l2 */
