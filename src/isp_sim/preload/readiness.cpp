/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Waiting for open files of the virtual hardware
 *
 * An open file is ready in ways that no single descriptor can show. The server
 * therefore keeps an eventfd for each kind of readiness, and the wrappers wait
 * for those instead. The carrier shows that the server is gone.
 */

#include "readiness.h"

#include <errno.h>
#include <string.h>

#include <linux/videodev2.h>

#include "environment.h"
#include "files.h"
#include "real.h"
#include "wrap.h"

using namespace fovea::preload;
using namespace fovea::transport;

namespace fovea::preload {

namespace {

constexpr short kInEvents = POLLIN | POLLRDNORM;
constexpr short kOutEvents = POLLOUT | POLLWRNORM;

constexpr timespec kNoTime = { 0, 0 };

/* How often a wait looks whether an error state is still there. */
constexpr timespec kErrorRecheck = { 0, 100 * 1000 * 1000 };

/* Room for what pollFiles() works on: on the stack for usual numbers. */
template<typename T, size_t kLocal>
class Scratch
{
public:
	explicit Scratch(size_t count)
		: size_(count * sizeof(T)), data_(local_)
	{
		if (count <= kLocal)
			return;
		void *memory = real().mmap(nullptr, size_, PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		data_ = memory == MAP_FAILED ? nullptr : static_cast<T *>(memory);
	}

	~Scratch()
	{
		if (data_ && data_ != local_)
			munmap(data_, size_);
	}

	T *data() { return data_; }

private:
	size_t size_;
	T *data_;
	T local_[kLocal];
};

/* Which entry of the application a polled descriptor is part of, and how. */
struct Origin {
	nfds_t index;
	short meaning;		/* 0: the entry itself */
};

bool anyOurs(const pollfd *fds, nfds_t count)
{
	for (nfds_t i = 0; i < count; i++) {
		if (fds[i].fd >= 0 && lookUp(fds[i].fd))
			return true;
	}

	return false;
}

int foldAll(pollfd *fds, nfds_t count, const pollfd *polled, const Origin *origins,
	    nfds_t polledCount)
{
	for (nfds_t i = 0; i < count; i++)
		fds[i].revents = 0;

	for (nfds_t i = 0; i < polledCount; i++) {
		pollfd &entry = fds[origins[i].index];
		if (!polled[i].revents)
			continue;
		entry.revents |= origins[i].meaning
					 ? fold(origins[i].meaning, polled[i].revents, entry.events)
					 : polled[i].revents;
	}

	int ready = 0;
	for (nfds_t i = 0; i < count; i++)
		ready += fds[i].revents != 0;
	return ready;
}

} /* namespace */

void expand(const File &file, int fd, short events, Parts *parts)
{
	const auto add = [&](int part, short polled, short meaning) {
		parts->meanings[parts->count] = meaning;
		parts->fds[parts->count++] = { part, polled, 0 };
	};

	if (events & kInEvents)
		add(file.hidden[kReadyIn], POLLIN, POLLIN);
	if (events & kOutEvents)
		add(file.hidden[kReadyOut], POLLIN, POLLOUT);
	if (events & POLLPRI)
		add(file.hidden[kReadyPri], POLLIN, POLLPRI);
	/*
	 * As vb2_core_poll(): a queue is looked at only for its own events. A
	 * sub-device without events, see subdev_poll(), shows its error to all.
	 */
	const bool isQueue = !strncmp(file.name, "video", 5);
	if (!isQueue || (events & (kInEvents | kOutEvents)))
		add(file.hidden[kReadyErr], POLLIN, POLLERR);
	/* The hang-up of a media device, see media_poll(), is no event. */
	add(fd, 0, strncmp(file.name, "media", 5) ? POLLHUP : POLLRDHUP);
}

short fold(short meaning, short revents, short events)
{
	if (revents & POLLNVAL)
		return POLLNVAL;

	switch (meaning) {
	case POLLIN:
		return events & kInEvents;
	case POLLOUT:
		return events & kOutEvents;
	case POLLRDHUP:
		return POLLERR | POLLHUP;
	case POLLHUP:
		/* As v4l2_poll() for a device that is no longer registered. */
		return POLLERR | POLLHUP | (events & POLLPRI);
	default:
		return meaning;
	}
}

int pollFiles(pollfd *fds, nfds_t count, const timespec *timeout, const sigset_t *mask)
{
	if (!environment().active || !anyOurs(fds, count))
		return real().ppoll(fds, count, timeout, mask);

	Scratch<pollfd, 64> polled(count * kMaxParts);
	Scratch<Origin, 64> origins(count * kMaxParts);
	if (!polled.data() || !origins.data())
		return returned(-ENOMEM);

	nfds_t polledCount = 0;
	for (nfds_t i = 0; i < count; i++) {
		const File *file = fds[i].fd < 0 ? nullptr : lookUp(fds[i].fd);
		Parts parts;
		if (file) {
			expand(*file, fds[i].fd, fds[i].events, &parts);
		} else {
			parts.fds[0] = fds[i];
			parts.meanings[0] = 0;
			parts.count = 1;
		}

		for (unsigned int part = 0; part < parts.count; part++) {
			origins.data()[polledCount] = { i, parts.meanings[part] };
			polled.data()[polledCount++] = parts.fds[part];
		}
	}

	const int ret = real().ppoll(polled.data(), polledCount, timeout, mask);
	if (ret < 0)
		return ret;

	return foldAll(fds, count, polled.data(), origins.data(), polledCount);
}

int waitFor(const File &file, int fd, unsigned long request, const void *arg)
{
	short events = POLLPRI;
	if (request == VIDIOC_DQBUF)
		events = V4L2_TYPE_IS_OUTPUT(static_cast<const v4l2_buffer *>(arg)->type)
				 ? POLLOUT
				 : POLLIN;

	Parts parts;
	expand(file, fd, events, &parts);

	/*
	 * An error that is there from the beginning does not end the wait (a
	 * queue without buffers has one), one that comes up does: the queue was
	 * stopped.
	 */
	const timespec *timeout = nullptr;
	real().ppoll(parts.fds, parts.count, &kNoTime, nullptr);
	for (unsigned int i = 0; i < parts.count; i++) {
		if (parts.meanings[i] != POLLERR || !parts.fds[i].revents)
			continue;
		parts.fds[i].fd = -1;
		timeout = &kErrorRecheck;
	}

	return real().ppoll(parts.fds, parts.count, timeout, nullptr) < 0 ? -errno : 0;
}

namespace {

timespec fromMilliseconds(int milliseconds)
{
	return { milliseconds / 1000, (milliseconds % 1000) * 1000000L };
}

bool anyOursInSets(int count, const fd_set *const sets[3])
{
	for (int fd = 0; fd < count; fd++) {
		for (unsigned int i = 0; i < 3; i++) {
			if (sets[i] && FD_ISSET(fd, sets[i]) && lookUp(fd))
				return true;
		}
	}

	return false;
}

/* What select()'s three sets stand for, see fs/select.c. */
constexpr short kAsked[3] = { POLLIN | POLLRDNORM | POLLRDBAND,
			      POLLOUT | POLLWRNORM | POLLWRBAND, POLLPRI };
constexpr short kAnswered[3] = { kAsked[0] | POLLHUP | POLLERR, kAsked[1] | POLLERR, POLLPRI };

int selectFiles(int count, fd_set *sets[3], const timespec *timeout, const sigset_t *mask)
{
	Scratch<pollfd, 64> polled(count);
	if (!polled.data())
		return returned(-ENOMEM);

	nfds_t polledCount = 0;
	for (int fd = 0; fd < count; fd++) {
		short events = 0;
		for (unsigned int i = 0; i < 3; i++)
			events |= sets[i] && FD_ISSET(fd, sets[i]) ? kAsked[i] : 0;
		if (events)
			polled.data()[polledCount++] = { fd, events, 0 };
	}

	int ret = pollFiles(polled.data(), polledCount, timeout, mask);
	if (ret < 0)
		return ret;

	for (nfds_t i = 0; i < polledCount; i++) {
		if (polled.data()[i].revents & POLLNVAL)
			return returned(-EBADF);
	}

	int ready = 0;
	for (nfds_t i = 0; i < polledCount; i++) {
		const pollfd &entry = polled.data()[i];
		for (unsigned int set = 0; set < 3; set++) {
			if (!sets[set] || !FD_ISSET(entry.fd, sets[set]))
				continue;
			if (entry.revents & kAnswered[set])
				ready++;
			else
				FD_CLR(entry.fd, sets[set]);
		}
	}

	return ready;
}

} /* namespace */

} /* namespace fovea::preload */

FOVEA_EXPORT int ppoll(pollfd *fds, nfds_t count, const timespec *timeout, const sigset_t *mask)
{
	return pollFiles(fds, count, timeout, mask);
}

FOVEA_EXPORT int poll(pollfd *fds, nfds_t count, int timeout)
{
	if (!environment().active)
		return real().poll(fds, count, timeout);

	const timespec time = fromMilliseconds(timeout);
	return pollFiles(fds, count, timeout < 0 ? nullptr : &time, nullptr);
}

FOVEA_EXPORT int __poll_chk(pollfd *fds, nfds_t count, int timeout, size_t room)
{
	if (room / sizeof(*fds) < count)
		return real().__poll_chk(fds, count, timeout, room);
	return poll(fds, count, timeout);
}

FOVEA_EXPORT int __ppoll_chk(pollfd *fds, nfds_t count, const timespec *timeout,
			     const sigset_t *mask, size_t room)
{
	if (room / sizeof(*fds) < count)
		return real().__ppoll_chk(fds, count, timeout, mask, room);
	return ppoll(fds, count, timeout, mask);
}

FOVEA_EXPORT int pselect(int count, fd_set *in, fd_set *out, fd_set *except,
			 const timespec *timeout, const sigset_t *mask)
{
	fd_set *sets[3] = { in, out, except };
	if (!environment().active || count < 0 || !anyOursInSets(count, sets))
		return real().pselect(count, in, out, except, timeout, mask);

	return selectFiles(count, sets, timeout, mask);
}

FOVEA_EXPORT int select(int count, fd_set *in, fd_set *out, fd_set *except, timeval *timeout)
{
	fd_set *sets[3] = { in, out, except };
	if (!environment().active || count < 0 || !anyOursInSets(count, sets))
		return real().select(count, in, out, except, timeout);
	if (!timeout)
		return selectFiles(count, sets, nullptr, nullptr);

	/* As on Linux, the time that is left goes back to the caller. */
	const auto now = []() {
		timespec time;
		clock_gettime(CLOCK_MONOTONIC, &time);
		return time.tv_sec * 1000000L + time.tv_nsec / 1000;
	};
	const long end = now() + timeout->tv_sec * 1000000L + timeout->tv_usec;
	const timespec time = { timeout->tv_sec, timeout->tv_usec * 1000 };
	const int ret = selectFiles(count, sets, &time, nullptr);

	const int savedErrno = errno;
	const long left = end - now();
	timeout->tv_sec = left > 0 ? left / 1000000 : 0;
	timeout->tv_usec = left > 0 ? left % 1000000 : 0;
	errno = savedErrno;
	return ret;
}
