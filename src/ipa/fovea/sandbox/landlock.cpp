/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Landlock: no file, socket or signal but those that are listed
 */

#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/landlock.h>

/**
 * \file landlock.h
 * \brief Landlock: no file, socket or signal but those that are listed
 */

namespace fovea::sandbox {

namespace {

constexpr const char *kLayer = "landlock";

/*
 * The kernel's documentation, userspace-api/landlock.rst, gives the version of
 * each right. The headers of the distribution know the first two only, so the
 * structure and the newer rights are written out.
 */
struct RulesetAttributes {
	uint64_t handledFiles;
	uint64_t handledNetwork; /* since version 4 */
	uint64_t scoped; /* since version 6 */
};

struct Rights {
	int version;
	uint64_t files;
	uint64_t network;
	uint64_t scoped;
};

constexpr Rights kRights[] = {
	{ 1, (1ULL << 13) - 1, 0, 0 }, /* execute to make_sym */
	{ 2, 1ULL << 13, 0, 0 }, /* refer */
	{ 3, 1ULL << 14, 0, 0 }, /* truncate */
	{ 4, 0, 3, 0 }, /* bind_tcp, connect_tcp */
	{ 5, 1ULL << 15, 0, 0 }, /* ioctl_dev */
	{ 6, 0, 0, 3 }, /* abstract_unix_socket, signal */
};

int createRuleset(int version)
{
	RulesetAttributes attributes{};

	for (const Rights &rights : kRights) {
		if (rights.version > version)
			break;
		attributes.handledFiles |= rights.files;
		attributes.handledNetwork |= rights.network;
		attributes.scoped |= rights.scoped;
	}

	/* A kernel refuses a structure that is longer than the one it knows. */
	size_t size = sizeof(attributes);
	if (version < 6)
		size = offsetof(RulesetAttributes, scoped);
	if (version < 4)
		size = offsetof(RulesetAttributes, handledNetwork);

	return syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
}

/* A file may be read, a folder read and listed. What is not there needs no rule. */
int allow(int ruleset, const std::string &path)
{
	const int fd = open(path.c_str(), O_PATH | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;

	struct stat status {
	};
	landlock_path_beneath_attr rule{};
	rule.parent_fd = fd;
	rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
	if (!fstat(fd, &status) && S_ISDIR(status.st_mode))
		rule.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;

	int ret = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	if (ret)
		ret = -errno;
	close(fd);

	return ret;
}

void report(MissingLayers *missing, const std::string &reason)
{
	missing->push_back({ kLayer, reason,
			     "run Linux 5.13 or later with CONFIG_SECURITY_LANDLOCK and with "
			     "'landlock' in the kernel's parameter lsm=, in a container that "
			     "allows its system calls" });
}

} /* namespace */

/**
 * \brief The version of Landlock that the kernel has, or a negative error code
 */
int landlockVersion()
{
	int version = syscall(SYS_landlock_create_ruleset, nullptr, 0,
			      LANDLOCK_CREATE_RULESET_VERSION);
	return version < 0 ? -errno : version;
}

/**
 * \brief Take away all files but some, for this process and for ever
 * \param[in] readable Files that may be read, and folders that may be listed and
 * whose files may be read
 * \param[out] missing Gets an entry if Landlock cannot be had
 *
 * Everything that the running kernel's version can forbid is forbidden: beyond
 * files these are TCP ports, abstract sockets and signals to processes outside.
 * No file can be executed. The process must have given up new privileges.
 */
void restrictToFiles(const std::vector<std::string> &readable, MissingLayers *missing)
{
	const int version = landlockVersion();
	if (version < 0) {
		report(missing, std::string("landlock_create_ruleset: ") + strerror(-version));
		return;
	}

	const int ruleset = createRuleset(version);
	if (ruleset < 0) {
		report(missing, std::string("landlock_create_ruleset: ") + strerror(errno));
		return;
	}

	for (const std::string &path : readable) {
		const int ret = allow(ruleset, path);
		if (ret)
			report(missing, "landlock_add_rule for " + path + ": " + strerror(-ret));
	}

	if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		report(missing, std::string("landlock_restrict_self: ") + strerror(errno));

	close(ruleset);
}

} /* namespace fovea::sandbox */
