/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Starts the IPA worker in a clean environment
 *
 * libcamera executes this program as the IPA proxy of the pipeline, with the
 * arguments <IPA module> <socket descriptor>. It takes away what the worker
 * must not have and becomes the worker, "fovea_ipa_worker" in the same folder.
 */

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "environment.h"

namespace {

constexpr const char *kWorkerName = "fovea_ipa_worker";

/* Path of the worker beside this program, empty with errno set on failure. */
std::string workerPath()
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self));
	if (length < 0)
		return {};
	if (length == sizeof(self)) {
		errno = ENAMETOOLONG;
		return {};
	}

	std::string path(self, length);
	return path.substr(0, path.rfind('/') + 1) + kWorkerName;
}

int fail(const char *what, const char *name)
{
	fprintf(stderr, "fovea_ipa_proxy: %s %s: %s\n", what, name, strerror(errno));
	return 1;
}

} /* namespace */

int main([[maybe_unused]] int argc, char **argv)
{
	/* No program started from here can gain rights, a setuid one neither. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fail("cannot give up", "new privileges");

	/*
	 * libcamera's socket tells the worker nothing of the application's
	 * death: without this, a killed application leaves its worker behind.
	 */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return fail("cannot follow", "the application's death");

	const std::string path = workerPath();
	if (path.empty())
		return fail("cannot find", kWorkerName);

	std::vector<char *> environment = fovea::sandbox::workerEnvironment(environ);
	execve(path.c_str(), argv, environment.data());

	return fail("cannot run", path.c_str());
}
