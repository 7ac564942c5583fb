/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Wrappers of epoll
 *
 * An open file is registered by an epoll instance of its own, the inner one,
 * which holds the parts that stand for it (readiness.h) and is put into the
 * application's. It is registered for EPOLLRDNORM, by which its events are told
 * from others (applications ask for EPOLLIN), and for EPOLLIN, with which the
 * kernel wakes outer instances. What edge-triggered and one-shot mean is thus
 * left to the kernel.
 */

#include <atomic>
#include <string.h>

#include "environment.h"
#include "files.h"
#include "readiness.h"
#include "real.h"
#include "wrap.h"

using namespace fovea::preload;

namespace {

/* A registered open file. */
struct Watch {
	/* 1 + the inner instance; 0: the structure is free, -1: being changed. */
	std::atomic<int> inner;
	int epfd;
	int fd;
	uint32_t events;
	uint64_t data;
};

/* The events of inner instances. */
constexpr uint32_t kMark = EPOLLIN | EPOLLRDNORM;

constexpr unsigned int kWatchesPerBlock = 256;
constexpr unsigned int kMaxBlocks = 256;

struct WatchBlock {
	Watch watches[kWatchesPerBlock];
};

std::atomic<WatchBlock *> blocks[kMaxBlocks];

/* Watches in use, so that programs without any pay nothing. */
std::atomic<unsigned int> watchCount;

WatchBlock *blockAt(unsigned int index, bool create)
{
	WatchBlock *block = blocks[index].load(std::memory_order_acquire);
	if (block || !create)
		return block;

	void *memory = real().mmap(nullptr, sizeof(WatchBlock), PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return nullptr;
	auto *fresh = static_cast<WatchBlock *>(memory);
	if (blocks[index].compare_exchange_strong(block, fresh))
		return fresh;
	munmap(memory, sizeof(WatchBlock));
	return block;
}

/* The first watch in use for which \a predicate holds. */
template<typename Predicate>
Watch *findWatch(Predicate predicate)
{
	if (!watchCount.load())
		return nullptr;

	for (unsigned int i = 0; i < kMaxBlocks; i++) {
		WatchBlock *block = blockAt(i, false);
		if (!block)
			return nullptr;
		for (Watch &watch : block->watches) {
			if (watch.inner.load(std::memory_order_acquire) > 0 && predicate(watch))
				return &watch;
		}
	}

	return nullptr;
}

Watch *newWatch()
{
	for (unsigned int i = 0; i < kMaxBlocks; i++) {
		WatchBlock *block = blockAt(i, true);
		if (!block)
			return nullptr;
		for (Watch &watch : block->watches) {
			int unused = 0;
			if (watch.inner.compare_exchange_strong(unused, -1)) {
				watchCount.fetch_add(1);
				return &watch;
			}
		}
	}

	return nullptr;
}

void dropWatch(Watch *watch)
{
	const int inner = watch->inner.exchange(-1);
	if (inner > 0)
		closeHidden(inner - 1);
	watch->inner.store(0);
	watchCount.fetch_sub(1);
}

/* An inner instance with the parts of \a file that \a events are about. */
int createInner(const File &file, int fd, uint32_t events)
{
	int inner = epoll_create1(EPOLL_CLOEXEC);
	if (inner >= 0)
		inner = hide(inner, nullptr, 0);
	if (inner < 0)
		return -EMFILE;

	Parts parts;
	expand(file, fd, static_cast<short>(events & 0x7fff), &parts);
	for (unsigned int i = 0; i < parts.count; i++) {
		epoll_event event = {};
		event.events = static_cast<unsigned short>(parts.fds[i].events);
		event.data.u32 = static_cast<uint32_t>(parts.meanings[i]);
		if (parts.fds[i].fd < 0)
			continue;
		if (real().epoll_ctl(inner, EPOLL_CTL_ADD, parts.fds[i].fd, &event) < 0) {
			const int error = errno;
			closeHidden(inner);
			return -error;
		}
	}

	return inner;
}

/*
 * Put \a file into \a epfd. EPOLLEXCLUSIVE is not allowed for an epoll instance;
 * without it more waiters wake than need to.
 */
int addWatch(int epfd, int fd, const File &file, const epoll_event &event)
{
	Watch *watch = newWatch();
	if (!watch)
		return -ENOMEM;

	const int inner = createInner(file, fd, event.events);
	epoll_event outer = event;
	outer.events = kMark | (event.events & (EPOLLET | EPOLLONESHOT | EPOLLWAKEUP));
	int ret = inner;
	if (inner >= 0 && real().epoll_ctl(epfd, EPOLL_CTL_ADD, inner, &outer) < 0) {
		ret = -errno;
		closeHidden(inner);
	}
	if (ret < 0) {
		dropWatch(watch);
		return ret;
	}

	watch->epfd = epfd;
	watch->fd = fd;
	watch->events = event.events;
	watch->data = event.data.u64;
	watch->inner.store(inner + 1, std::memory_order_release);
	return 0;
}

int controlFile(int epfd, int operation, int fd, const File &file, const epoll_event *event)
{
	Watch *watch = findWatch([=](const Watch &w) { return w.epfd == epfd && w.fd == fd; });

	if (operation == EPOLL_CTL_ADD)
		return watch ? -EEXIST : addWatch(epfd, fd, file, *event);
	if (!watch)
		return -ENOENT;
	if (operation != EPOLL_CTL_DEL && operation != EPOLL_CTL_MOD)
		return -EINVAL;

	/* Closing the inner instance takes it out of the outer one. */
	dropWatch(watch);
	return operation == EPOLL_CTL_MOD ? addWatch(epfd, fd, file, *event) : 0;
}

/* What has happened to the open file of \a watch. */
uint32_t innerEvents(const Watch &watch)
{
	epoll_event parts[kMaxParts];
	const int count = real().epoll_wait(watch.inner.load() - 1, parts, kMaxParts, 0);

	uint32_t events = 0;
	for (int i = 0; i < count; i++)
		events |= static_cast<unsigned short>(fold(static_cast<short>(parts[i].data.u32),
							   static_cast<short>(parts[i].events),
							   static_cast<short>(watch.events & 0x7fff)));
	return events;
}

/*
 * Replace events of inner instances by those of the open files. Returns the
 * number of events that remain: a file may have become unready meanwhile.
 */
int translate(int epfd, epoll_event *events, int count)
{
	int kept = 0;

	for (int i = 0; i < count; i++) {
		epoll_event event = events[i];
		if (event.events == kMark) {
			const uint64_t data = event.data.u64;
			Watch *watch = findWatch([=](const Watch &w) { return w.epfd == epfd && w.data == data; });
			/* The instance may be known by another descriptor. */
			if (!watch)
				watch = findWatch([=](const Watch &w) { return w.data == data; });
			if (watch)
				event.events = innerEvents(*watch);
		}
		if (event.events)
			events[kept++] = event;
	}

	return kept;
}

/* A wait for events, done by \a wait() as often as it brings only stale ones. */
template<typename Wait>
int waitTranslated(int epfd, epoll_event *events, Wait wait)
{
	for (;;) {
		const int count = wait();
		if (count <= 0 || !watchCount.load())
			return count;

		const int kept = translate(epfd, events, count);
		if (kept)
			return kept;
	}
}

long nowMilliseconds()
{
	timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000L + time.tv_nsec / 1000000;
}

/* Waits again for what is left of \a timeout milliseconds, negative for ever. */
class Countdown
{
public:
	explicit Countdown(int timeout)
		: timeout_(timeout), start_(timeout > 0 ? nowMilliseconds() : 0)
	{
	}

	int left() const
	{
		if (timeout_ <= 0)
			return timeout_;
		const long left = timeout_ - (nowMilliseconds() - start_);
		return left > 0 ? left : 0;
	}

private:
	int timeout_;
	long start_;
};

} /* namespace */

namespace fovea::preload {

void epollForget(int fd)
{
	const int savedErrno = errno;
	while (Watch *watch = findWatch([=](const Watch &w) { return w.fd == fd || w.epfd == fd; }))
		dropWatch(watch);
	errno = savedErrno;
}

} /* namespace fovea::preload */

FOVEA_EXPORT int epoll_ctl(int epfd, int operation, int fd, epoll_event *event)
{
	const File *file = lookUp(fd);
	if (!file)
		return real().epoll_ctl(epfd, operation, fd, event);
	if (!event && operation != EPOLL_CTL_DEL)
		return returned(-EFAULT);

	return returned(controlFile(epfd, operation, fd, *file, event));
}

FOVEA_EXPORT int epoll_wait(int epfd, epoll_event *events, int count, int timeout)
{
	const Countdown countdown(timeout);
	return waitTranslated(epfd, events, [&]() {
		return real().epoll_wait(epfd, events, count, countdown.left());
	});
}

FOVEA_EXPORT int epoll_pwait(int epfd, epoll_event *events, int count, int timeout,
			     const sigset_t *mask)
{
	const Countdown countdown(timeout);
	return waitTranslated(epfd, events, [&]() {
		return real().epoll_pwait(epfd, events, count, countdown.left(), mask);
	});
}

FOVEA_EXPORT int epoll_pwait2(int epfd, epoll_event *events, int count,
			      const timespec *timeout, const sigset_t *mask)
{
	return waitTranslated(epfd, events, [&]() {
		return real().epoll_pwait2(epfd, events, count, timeout, mask);
	});
}
