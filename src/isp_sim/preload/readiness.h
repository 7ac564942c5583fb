/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Waiting for open files of the virtual hardware
 */

#pragma once

#include <poll.h>
#include <signal.h>
#include <time.h>

namespace fovea::preload {

struct File;

/*
 * The most descriptors that stand for one open file: its readiness objects, and
 * the carrier for the hang-up.
 */
constexpr unsigned int kMaxParts = 5;

/* What to poll for one open file, and what it means. */
struct Parts {
	pollfd fds[kMaxParts];
	short meanings[kMaxParts];	/* POLLIN, POLLOUT, POLLPRI, POLLERR, POLLHUP, POLLRDHUP */
	unsigned int count = 0;
};

/* The parts to wait for with \a fd, a descriptor of \a file, for \a events. */
void expand(const File &file, int fd, short events, Parts *parts);

/* The events of an open file of which a part with \a meaning is ready. */
short fold(short meaning, short revents, short events);

/* ppoll() for any descriptors. */
int pollFiles(pollfd *fds, nfds_t count, const timespec *timeout, const sigset_t *mask);

/*
 * Wait until \a file, which \a fd is a descriptor of, may have what the ioctl
 * \a request asks for. Returns 0 or a negative error code.
 */
int waitFor(const File &file, int fd, unsigned long request, const void *arg);

/* epoll's share of close(): \a fd, a file or an epoll instance, is closed. */
void epollForget(int fd);

} /* namespace fovea::preload */
