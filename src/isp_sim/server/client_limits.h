/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What clients can take of the server
 */

#pragma once

#include <map>
#include <stddef.h>
#include <sys/types.h>

namespace fovea::server {

/* A number of things of one kind: in all, and of one process. */
struct Limit {
	size_t total;
	size_t perProcess;
};

struct Limits {
	/* What the present RLIMIT_NOFILE of this process has room for. */
	static Limits forDescriptors();

	Limit connections;
	Limit files;
};

/* How many things of a kind there are, and whose they are. */
class Tally
{
public:
	explicit Tally(Limit limit)
		: limit_(limit)
	{
	}

	/* 0, -ENFILE beyond the total, -EMFILE beyond the process's share. */
	int add(pid_t process);
	void remove(pid_t process);

private:
	Limit limit_;
	size_t total_ = 0;
	std::map<pid_t, size_t> processes_;
};

} /* namespace fovea::server */
