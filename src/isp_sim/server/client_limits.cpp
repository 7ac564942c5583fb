/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What clients can take of the server
 */

#include "client_limits.h"

#include <algorithm>
#include <errno.h>
#include <sys/resource.h>

namespace fovea::server {

/* More connections or open files than any sound set of clients has. */
constexpr rlim_t kMostOfAKind = 1024;

/*
 * An open file takes five descriptors (the carrier, four readiness objects), a
 * connection one: with an eighth of the descriptors' number for each, a quarter
 * of them is left for buffers, whatever clients do. No process gets more than
 * half of a kind, so that another one finds room beside it.
 */
Limits Limits::forDescriptors()
{
	rlimit limit = {};
	if (getrlimit(RLIMIT_NOFILE, &limit))
		limit.rlim_cur = kMostOfAKind;

	const size_t total = std::clamp<rlim_t>(limit.rlim_cur / 8, 16, kMostOfAKind);
	return { { total, total / 2 }, { total, total / 2 } };
}

int Tally::add(pid_t process)
{
	if (total_ >= limit_.total)
		return -ENFILE;

	size_t &count = processes_[process];
	if (count >= limit_.perProcess)
		return -EMFILE;

	count++;
	total_++;
	return 0;
}

void Tally::remove(pid_t process)
{
	const auto it = processes_.find(process);
	if (it == processes_.end())
		return;

	total_--;
	if (!--it->second)
		processes_.erase(it);
}

} /* namespace fovea::server */
