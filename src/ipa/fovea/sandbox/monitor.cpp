/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Watches over the worker from outside of its cage
 */

#include "monitor.h"

#include <algorithm>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string_view>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "log_filter.h"

/**
 * \file monitor.h
 * \brief Watches over the worker from outside of its cage
 */

namespace fovea::sandbox {

namespace {

uint64_t now()
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000ULL + time.tv_nsec / 1000000;
}

/* How long a reader of the log may take for a piece, in milliseconds. */
constexpr int kPatience = 100;

/*
 * A log that nobody reads must not stop the worker: what has no room is lost, and
 * the reader is waited for only once. A pipe that is ready takes PIPE_BUF bytes
 * without waiting.
 */
void writeIfPossible(std::string_view text, bool *isRead)
{
	while (!text.empty()) {
		struct pollfd log{ STDERR_FILENO, POLLOUT, 0 };
		*isRead = poll(&log, 1, *isRead ? kPatience : 0) == 1 &&
			  (log.revents & POLLOUT);
		if (!*isRead)
			return;

		ssize_t written = write(STDERR_FILENO, text.data(),
					std::min<size_t>(text.size(), PIPE_BUF));
		if (written <= 0)
			return;
		text.remove_prefix(written);
	}
}

/* The status of the worker becomes ours. */
int endLike(int status)
{
	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);

	signal(WTERMSIG(status), SIG_DFL);
	raise(WTERMSIG(status));

	return 128 + WTERMSIG(status);
}

} /* namespace */

/**
 * \brief Pass on the worker's log until the worker has ended
 * \param[in] log The reading end of the worker's log
 * \param[in] worker The worker, a child of this process
 * \return The exit status of the worker; a signal that ended it ends this
 * process, too
 */
int forwardLog(int log, pid_t worker)
{
	LogFilter filter;
	bool isRead = true;
	char buffer[PIPE_BUF];

	while (true) {
		ssize_t size = read(log, buffer, sizeof(buffer));
		if (size < 0 && errno == EINTR)
			continue;
		if (size <= 0)
			break;
		writeIfPossible(filter.accept({ buffer, static_cast<size_t>(size) }, now()),
				&isRead);
	}

	int status = 0;
	while (waitpid(worker, &status, 0) < 0 && errno == EINTR)
		continue;

	return endLike(status);
}

} /* namespace fovea::sandbox */
