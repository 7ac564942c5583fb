/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Private directory of one run
 */

#include "runtime_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <filesystem>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/core.h>

namespace fovea::run {

namespace fs = std::filesystem;

namespace {

constexpr const char *kPrefix = "fovea-run-";
constexpr const char *kLock = "lock";

std::string baseDirectory()
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	if (runtime && *runtime && !access(runtime, W_OK | X_OK))
		return runtime;

	return fs::temp_directory_path();
}

bool isOurs(const fs::path &path)
{
	struct stat status;
	return path.filename().string().starts_with(kPrefix) &&
	       !lstat(path.c_str(), &status) && S_ISDIR(status.st_mode) &&
	       status.st_uid == geteuid();
}

/* The lock is held for as long as the run lives, however it ends. */
bool isStale(const fs::path &path)
{
	int fd = open((path / kLock).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;

	bool stale = !flock(fd, LOCK_EX | LOCK_NB);
	close(fd);
	return stale;
}

/* What runs that were killed have left. */
void removeStale(const fs::path &base)
{
	std::error_code error;

	for (const fs::directory_entry &entry : fs::directory_iterator(base, error)) {
		if (isOurs(entry.path()) && isStale(entry.path())) {
			std::error_code ignored;
			fs::remove_all(entry.path(), ignored);
		}
	}
}

} /* namespace */

/**
 * \class RuntimeDirectory
 * \brief A directory, readable by its owner only, that is removed at the end
 *
 * It lies in XDG_RUNTIME_DIR, or where temporary files go. A run that is killed
 * leaves its directory; the next run removes it.
 */

RuntimeDirectory::RuntimeDirectory()
	: lock_(-1)
{
}

RuntimeDirectory::~RuntimeDirectory()
{
	if (path_.empty())
		return;

	std::error_code ignored;
	fs::remove_all(path_, ignored);
	close(lock_);
}

/**
 * \brief Create the directory
 * \return 0, or a negative error code with \a error set
 */
int RuntimeDirectory::create(std::string *error)
{
	const std::string base = baseDirectory();
	removeStale(base);

	std::string path = base + "/" + kPrefix + "XXXXXX";
	if (!mkdtemp(path.data())) {
		int err = errno;
		*error = fmt::format("cannot create a directory in {}: {}; set XDG_RUNTIME_DIR to a directory of yours",
				     base, strerror(err));
		return -err;
	}
	path_ = path;

	lock_ = open((path_ + "/" + kLock).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock_ < 0 || flock(lock_, LOCK_EX | LOCK_NB)) {
		int err = errno;
		*error = fmt::format("cannot lock {}: {}", path_, strerror(err));
		return -err;
	}

	return 0;
}

} /* namespace fovea::run */
