/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Resource limits of the worker
 */

#include "resource_limits.h"

#include <algorithm>
#include <errno.h>
#include <string.h>
#include <sys/resource.h>

/**
 * \file resource_limits.h
 * \brief Resource limits of the worker
 */

namespace fovea::sandbox {

namespace {

struct Limit {
	__rlimit_resource resource;
	const char *name;
	rlim_t value;
};

/*
 * A worker of Fovea's own IPA takes 60 MiB of addresses; a thread's heap
 * reserves 64 MiB and its stack 8 MiB.
 */
constexpr rlim_t kAddressSpace = 1ULL << 30;

/* Descriptors of buffers are closed once they are mapped. */
constexpr rlim_t kDescriptors = 256;

/*
 * Threads and processes of the worker's user namespace, as Linux counts them since 5.14.
 */
constexpr rlim_t kThreads = 64;

constexpr Limit kLimits[] = {
	{ RLIMIT_AS, "address space", kAddressSpace },
	{ RLIMIT_NOFILE, "descriptors", kDescriptors },
	{ RLIMIT_NPROC, "processes", kThreads },
	{ RLIMIT_CORE, "core file", 0 },
	{ RLIMIT_FSIZE, "file size", 0 },
	{ RLIMIT_MEMLOCK, "locked memory", 0 },
	{ RLIMIT_MSGQUEUE, "message queues", 0 },
	{ RLIMIT_NICE, "priority", 0 },
	{ RLIMIT_RTPRIO, "real-time priority", 0 },
};

} /* namespace */

/**
 * \var kSanitized
 * \brief The worker is built with AddressSanitizer or ThreadSanitizer
 */

/**
 * \brief Limit what the worker may take of the machine
 * \param[in] ownNamespace The process has a user namespace, whose processes are
 * counted apart from the user's others
 * \param[out] missing Gets an entry for each limit that cannot be set
 *
 * A limit that is lower already stays. A sanitized worker has no limit of its
 * address space, most of which the sanitizer reserves for its shadow.
 */
void limitResources(bool ownNamespace, MissingLayers *missing)
{
	for (const Limit &limit : kLimits) {
		if ((kSanitized && limit.resource == RLIMIT_AS) ||
		    (!ownNamespace && limit.resource == RLIMIT_NPROC))
			continue;

		struct rlimit present;
		if (getrlimit(limit.resource, &present) < 0)
			present.rlim_max = RLIM_INFINITY;

		const rlim_t value = std::min(limit.value, present.rlim_max);
		const struct rlimit wanted {
			value, value
		};
		if (setrlimit(limit.resource, &wanted) < 0)
			missing->push_back({ "resource limits",
					     std::string(limit.name) + ": " + strerror(errno),
					     "allow prlimit() in the container" });
	}
}

} /* namespace fovea::sandbox */
