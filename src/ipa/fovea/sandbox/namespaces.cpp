/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Namespaces of the worker
 */

#include "namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

/**
 * \file namespaces.h
 * \brief Namespaces of the worker
 */

namespace fovea::sandbox {

namespace {

/* The user and group "nobody" of the kernel's documentation. */
constexpr const char *kNobody = "65534";

int writeFile(const char *path, const std::string &text)
{
	const int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;

	int ret = write(fd, text.data(), text.size()) < 0 ? -errno : 0;
	close(fd);

	return ret;
}

/* Inside, the worker is nobody; outside, it stays the user that it was. */
int becomeNobody(uid_t user, gid_t group)
{
	int ret = writeFile("/proc/self/setgroups", "deny");
	if (ret)
		return ret;

	ret = writeFile("/proc/self/uid_map", std::string(kNobody) + " " + std::to_string(user) + " 1");
	if (ret)
		return ret;

	return writeFile("/proc/self/gid_map", std::string(kNobody) + " " + std::to_string(group) + " 1");
}

std::string userRemedy(int error)
{
	switch (error) {
	case ENOSPC:
		return "raise the limit: sysctl user.max_user_namespaces=16384";
	case EINVAL:
		return "run a kernel with CONFIG_USER_NS";
	case EUSERS:
		return "use fewer containers inside each other";
	default:
		return "allow user namespaces: sysctl kernel.unprivileged_userns_clone=1 and "
		       "kernel.apparmor_restrict_unprivileged_userns=0 where these exist; in a "
		       "container, let its seccomp profile allow unshare(CLONE_NEWUSER)";
	}
}

bool enterUser(MissingLayers *missing)
{
	const uid_t user = geteuid();
	const gid_t group = getegid();

	/* Only root may; the groups of an ordinary user stay, and give no file. */
	if (!user)
		setgroups(0, nullptr);

	int error = 0;
	std::string what = "unshare(CLONE_NEWUSER)";
	if (unshare(CLONE_NEWUSER) < 0) {
		error = errno;
	} else {
		error = -becomeNobody(user, group);
		what = "writing the user map";
	}

	if (error)
		missing->push_back({ "user namespace", what + ": " + strerror(error),
				     userRemedy(error) });

	return !error;
}

struct Kind {
	int flag;
	const char *layer;
	const char *option;
};

constexpr Kind kMount{ CLONE_NEWNS, "mount namespace", "CONFIG_NAMESPACES" };
constexpr Kind kPid{ CLONE_NEWPID, "PID namespace", "CONFIG_PID_NS" };
constexpr Kind kNetwork{ CLONE_NEWNET, "network namespace", "CONFIG_NET_NS" };
constexpr Kind kIpc{ CLONE_NEWIPC, "IPC namespace", "CONFIG_IPC_NS" };
constexpr Kind kNames{ CLONE_NEWUTS, "UTS namespace", "CONFIG_UTS_NS" };

bool enterKind(const Kind &kind, MissingLayers *missing)
{
	if (!unshare(kind.flag))
		return true;

	missing->push_back({ kind.layer, std::string("unshare: ") + strerror(errno),
			     std::string("run a kernel with ") + kind.option +
				     ", and allow user namespaces, with unshare(), in the container; "
				     "raise sysctl user.max_*_namespaces" });
	return false;
}

} /* namespace */

/**
 * \struct Namespaces
 * \brief Which namespaces the process has of its own
 *
 * \var Namespaces::user
 * \brief User namespace, in which the process has all rights for now
 * \var Namespaces::mount
 * \brief Mount namespace
 * \var Namespaces::pid
 * \brief PID namespace, which the next child is the first process of
 */

/**
 * \brief Put the process into namespaces of its own
 * \param[out] missing Gets an entry for each that cannot be had
 *
 * The process must have a single thread.
 */
Namespaces Namespaces::enter(MissingLayers *missing)
{
	Namespaces namespaces;

	/*
	 * Without the first the others are possible for root only, and are used
	 * where they are.
	 */
	namespaces.user = enterUser(missing);
	namespaces.mount = enterKind(kMount, missing);
	namespaces.pid = enterKind(kPid, missing);
	enterKind(kNetwork, missing);
	enterKind(kIpc, missing);
	enterKind(kNames, missing);

	return namespaces;
}

} /* namespace fovea::sandbox */
