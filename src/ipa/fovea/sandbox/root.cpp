/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The worker's file system
 */

#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

/**
 * \file root.h
 * \brief The worker's file system
 */

namespace fovea::sandbox {

namespace {

/* A file or folder of the old file system that the new one gets. */
struct Source {
	std::string path;
	bool folder;
	int tree;
};

/* A folder that is on every machine; the new root hides it until it is the root. */
constexpr const char *kMountPoint = "/usr";

/* Folders and empty files are all that the new root itself holds. */
constexpr const char *kOptions = "mode=0755,size=1m";

int openSource(const std::string &path, Source *source)
{
	struct stat status;
	if (stat(path.c_str(), &status) < 0)
		return -errno;

	source->path = path;
	source->folder = S_ISDIR(status.st_mode);
	source->tree = open_tree(AT_FDCWD, path.c_str(),
				 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
					 (source->folder ? AT_RECURSIVE : 0));
	return source->tree < 0 ? -errno : 0;
}

int makeReadOnly(int fd, uint64_t more, unsigned int flags)
{
	struct mount_attr attributes {
	};
	attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | more;
	return mount_setattr(fd, "", AT_EMPTY_PATH | flags, &attributes,
			     sizeof(attributes)) < 0
		       ? -errno
		       : 0;
}

/* Make "./a/b/c" where the source is "/a/b/c"; a folder of another source stays. */
int makeMountPoint(const Source &source)
{
	const std::string path = "." + source.path;

	for (size_t slash = path.find('/', 2); slash != std::string::npos;
	     slash = path.find('/', slash + 1)) {
		if (mkdir(path.substr(0, slash).c_str(), 0755) < 0 && errno != EEXIST)
			return -errno;
	}

	if (source.folder)
		return mkdir(path.c_str(), 0755) < 0 && errno != EEXIST ? -errno : 0;

	const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0444);
	if (fd < 0)
		return -errno;
	close(fd);

	return 0;
}

int attach(const Source &source)
{
	int ret = makeMountPoint(source);
	if (ret)
		return ret;

	ret = makeReadOnly(source.tree, 0, source.folder ? AT_RECURSIVE : 0);
	if (ret)
		return ret;

	return move_mount(source.tree, "", AT_FDCWD, ("." + source.path).c_str(),
			  MOVE_MOUNT_F_EMPTY_PATH) < 0
		       ? -errno
		       : 0;
}

/* From the mount point to the root; the old root is let go. */
int pivot()
{
	if (syscall(SYS_pivot_root, ".", ".") == 0)
		return umount2(".", MNT_DETACH) < 0 || chdir("/") < 0 ? -errno : 0;

	/* The initial file system in memory, of small machines, cannot be left so. */
	if (errno != EINVAL)
		return -errno;
	return chroot(".") < 0 || chdir("/") < 0 ? -errno : 0;
}

int build(const std::vector<Source> &sources, std::string *step)
{
	*step = "mounting an empty root";
	if (mount("fovea-worker", kMountPoint, "tmpfs", MS_NOSUID | MS_NODEV, kOptions) < 0 ||
	    chdir(kMountPoint) < 0)
		return -errno;

	/* Folders come first: files may lie below them. */
	for (bool folders : { true, false }) {
		for (const Source &source : sources) {
			struct stat status;
			if (source.folder != folders ||
			    (!folders && !stat(("." + source.path).c_str(), &status)))
				continue;

			*step = "attaching " + source.path;
			int ret = attach(source);
			if (ret)
				return ret;
		}
	}

	*step = "changing the root";
	int ret = pivot();
	if (ret)
		return ret;

	*step = "making the root read-only";
	const int root = open("/", O_PATH | O_CLOEXEC);
	if (root < 0)
		return -errno;
	ret = makeReadOnly(root, MOUNT_ATTR_NOEXEC, 0);
	close(root);

	return ret;
}

int openSources(const std::vector<std::string> &paths, std::vector<Source> *sources,
		std::string *step)
{
	*step = "making mounts private";
	if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0)
		return -errno;

	for (const std::string &path : paths) {
		Source source;
		*step = "opening " + path;
		int ret = openSource(path, &source);
		if (ret == -ENOENT)
			continue;
		if (ret)
			return ret;
		sources->push_back(std::move(source));
	}

	return 0;
}

} /* namespace */

/**
 * \brief Leave all files behind but some
 * \param[in] paths Absolute paths of the files and folders to keep, read-only
 * \param[out] missing Gets an entry if the kernel refuses
 *
 * The process must have a mount namespace of its own and the right to mount in
 * it. The kept files keep their paths; a path that does not exist is left out.
 * The new root is a file system in memory, read-only, on which nothing can be
 * executed. It holds no /proc, /sys and /dev. Needs Linux 5.12.
 */
void changeRoot(const std::vector<std::string> &paths, MissingLayers *missing)
{
	std::vector<Source> sources;
	std::string step;

	int ret = openSources(paths, &sources, &step);
	if (!ret) {
		ret = build(sources, &step);
		/* A development run goes on without: give the folder back. */
		if (ret && chdir("/") == 0)
			umount2(kMountPoint, MNT_DETACH);
	}

	for (const Source &source : sources)
		close(source.tree);

	if (ret)
		missing->push_back({ "mount namespace", step + ": " + strerror(-ret),
				     "run Linux 5.12 or later, and allow mount(), open_tree(), "
				     "move_mount(), mount_setattr() and pivot_root() to user "
				     "namespaces in the container" });
}

} /* namespace fovea::sandbox */
