/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Event loop of the virtual hardware: descriptors, timers, posted calls
 */

#include "event_loop.h"

#include <array>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <utility>

/**
 * \file event_loop.h
 * \brief A single-threaded loop over epoll, an eventfd and a timerfd
 *
 * All V4L2 state lives on the thread that calls run(). Other threads reach it
 * by post() alone; addFd(), addTimer() and their opposites belong to that
 * thread (or to the time before run()).
 */

namespace fovea::v4l2 {

struct EventLoop::Watch {
	std::function<void(uint32_t)> handler;
};

/**
 * \brief Create the loop and its descriptors
 *
 * Where the system has no descriptors left, run() returns -EMFILE.
 */
EventLoop::EventLoop()
	: epollFd_(epoll_create1(EPOLL_CLOEXEC)),
	  wakeFd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
	  timerFd_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)),
	  stop_(false), nextTimerId_(1)
{
	for (int fd : { wakeFd_, timerFd_ }) {
		struct epoll_event event = {};
		event.events = EPOLLIN;
		event.data.fd = fd;
		epoll_ctl(epollFd_, EPOLL_CTL_ADD, fd, &event);
	}
}

EventLoop::~EventLoop()
{
	for (int fd : { timerFd_, wakeFd_, epollFd_ }) {
		if (fd >= 0)
			close(fd);
	}
}

/**
 * \brief Run handlers until stop() is called
 *
 * A stop() that came before run() ends the next run() after the calls posted so
 * far.
 *
 * \return 0, or a negative error code when the loop cannot wait
 */
int EventLoop::run()
{
	if (epollFd_ < 0 || wakeFd_ < 0 || timerFd_ < 0)
		return -EMFILE;

	std::array<struct epoll_event, 32> events;

	while (true) {
		const bool awake = awakeUntil_ != Clock::time_point() && Clock::now() < awakeUntil_;
		if (!awake)
			awakeUntil_ = {};

		int count = epoll_wait(epollFd_, events.data(), events.size(), awake ? 0 : -1);
		if (count < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}

		for (int i = 0; i < count; i++) {
			int fd = events[i].data.fd;
			uint64_t value;

			if (fd == wakeFd_) {
				[[maybe_unused]] ssize_t ret = read(fd, &value, sizeof(value));
				runPosted();
			} else if (fd == timerFd_) {
				[[maybe_unused]] ssize_t ret = read(fd, &value, sizeof(value));
				runTimers();
			} else {
				/*
				 * A handler may remove any watch, its own
				 * included: look it up late and hold it.
				 */
				auto it = watches_.find(fd);
				if (it == watches_.end())
					continue;
				std::shared_ptr<Watch> watch = it->second;
				watch->handler(events[i].events);
			}
		}

		if (!count)
			continue;

		std::lock_guard<std::mutex> lock(postedMutex_);
		if (stop_) {
			stop_ = false;
			return 0;
		}
	}
}

/**
 * \brief Make run() return after the current round of handlers
 *
 * May be called from any thread.
 */
void EventLoop::stop()
{
	post([this]() {
		std::lock_guard<std::mutex> lock(postedMutex_);
		stop_ = true;
	});
}

/**
 * \brief Watch the descriptor \a fd for the epoll \a events
 *
 * The loop does not own \a fd; removeFd() comes before close(). A descriptor can
 * be watched once.
 *
 * \return 0, -EEXIST if \a fd is watched already, or the error of epoll_ctl()
 */
int EventLoop::addFd(int fd, uint32_t events, std::function<void(uint32_t)> handler)
{
	struct epoll_event event = {};
	event.events = events;
	event.data.fd = fd;
	if (epoll_ctl(epollFd_, EPOLL_CTL_ADD, fd, &event) < 0)
		return -errno;

	watches_[fd] = std::make_shared<Watch>(Watch{ std::move(handler) });
	return 0;
}

/** \brief Change the epoll events that \a fd is watched for */
void EventLoop::modifyFd(int fd, uint32_t events)
{
	struct epoll_event event = {};
	event.events = events;
	event.data.fd = fd;
	epoll_ctl(epollFd_, EPOLL_CTL_MOD, fd, &event);
}

/** \brief Stop watching \a fd; its handler is not called any more */
void EventLoop::removeFd(int fd)
{
	epoll_ctl(epollFd_, EPOLL_CTL_DEL, fd, nullptr);
	watches_.erase(fd);
}

/** \brief Queue \a function for the loop's thread; safe from any thread */
void EventLoop::post(std::function<void()> function)
{
	{
		std::lock_guard<std::mutex> lock(postedMutex_);
		posted_.push_back(std::move(function));
	}

	uint64_t one = 1;
	[[maybe_unused]] ssize_t ret = write(wakeFd_, &one, sizeof(one));
}

/**
 * \brief Call \a handler once, at or after \a deadline
 * \return The timer's id, never 0
 */
uint64_t EventLoop::addTimer(Clock::time_point deadline, std::function<void()> handler)
{
	uint64_t id = nextTimerId_++;
	timers_.emplace(deadline, Timer{ id, std::move(handler) });
	armTimer();
	return id;
}

/** \brief Cancel the timer \a id; unknown or expired ids are ignored */
void EventLoop::cancelTimer(uint64_t id)
{
	for (auto it = timers_.begin(); it != timers_.end(); ++it) {
		if (it->second.id == id) {
			timers_.erase(it);
			armTimer();
			return;
		}
	}
}

/* Set the timerfd to the earliest deadline, or disarm it. */
void EventLoop::armTimer()
{
	using namespace std::chrono;

	struct itimerspec spec = {};

	if (!timers_.empty()) {
		auto ns = duration_cast<nanoseconds>(timers_.begin()->first.time_since_epoch()).count();
		/* A zero value would disarm: the distant past is 1 ns. */
		if (ns < 1)
			ns = 1;
		spec.it_value.tv_sec = ns / 1000000000;
		spec.it_value.tv_nsec = ns % 1000000000;
	}

	timerfd_settime(timerFd_, TFD_TIMER_ABSTIME, &spec, nullptr);
}

/*
 * Only timers that exist on entry run, so that a handler which keeps adding
 * timers of the past cannot starve the descriptors.
 */
void EventLoop::runTimers()
{
	const Clock::time_point now = Clock::now();
	const uint64_t newest = nextTimerId_;

	for (auto it = timers_.begin(); it != timers_.end() && it->first <= now;) {
		if (it->second.id >= newest) {
			++it;
			continue;
		}

		Timer timer = std::move(it->second);
		timers_.erase(it);
		timer.handler();
		/* The handler may have changed the map. */
		it = timers_.begin();
	}

	armTimer();
}

void EventLoop::runPosted()
{
	std::vector<std::function<void()>> functions;

	{
		std::lock_guard<std::mutex> lock(postedMutex_);
		functions.swap(posted_);
	}

	for (auto &function : functions)
		function();
}

} /* namespace fovea::v4l2 */
