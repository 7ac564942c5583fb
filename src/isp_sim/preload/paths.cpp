/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Which paths are those of the virtual hardware
 */

#include "paths.h"

#include <errno.h>
#include <initializer_list>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "environment.h"
#include "real.h"

namespace fovea::preload {

namespace {

/* What the kernel's media subsystem puts in /dev. */
constexpr const char *kNodePrefixes[] = {
	"video", "media", "v4l-subdev", "v4l-touch", "vbi", "radio", "swradio",
};

/*
 * Below /sys, what belongs to the virtual hardware alone: the real machine's
 * video devices are not seen. All else is the real machine's, unless only the
 * server's tree has it.
 */
constexpr const char *kOwnedPrefixes[] = {
	"bus/media", "class/video4linux", "dev/char/81:",
};

/* Of video4linux; those of media devices are given out as they come. */
constexpr const char *kVideoNumbers = "81:";

bool startsWith(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

bool isNodeName(const char *name)
{
	for (const char *prefix : kNodePrefixes) {
		if (!startsWith(name, prefix))
			continue;
		const char *digits = name + strlen(prefix);
		if (*digits && strspn(digits, "0123456789") == strlen(digits))
			return true;
	}

	return false;
}

/* Is \a dirfd /dev, or its stand-in? */
bool isDevDirectory(int dirfd)
{
	struct stat dev, other;

	if (dirfd == AT_FDCWD ? real().stat(".", &other) : real().fstat(dirfd, &other))
		return false;

	char standIn[PATH_MAX + 8];
	snprintf(standIn, sizeof(standIn), "%s/dev", environment().tree);
	for (const char *path : { "/dev", static_cast<const char *>(standIn) }) {
		if (!real().stat(path, &dev) && dev.st_dev == other.st_dev &&
		    dev.st_ino == other.st_ino)
			return true;
	}

	return false;
}

/*
 * Remove double slashes and "." from the absolute \a path. ".." is left alone:
 * what it leads to depends on symbolic links.
 */
bool normalise(const char *path, char (&out)[PATH_MAX])
{
	size_t length = 0;

	while (*path) {
		while (*path == '/')
			path++;
		const size_t part = strcspn(path, "/");
		if (part && !(part == 1 && *path == '.')) {
			if (length + part + 2 > sizeof(out))
				return false;
			out[length++] = '/';
			memcpy(out + length, path, part);
			length += part;
		}
		path += part;
	}

	if (!length)
		out[length++] = '/';
	out[length] = '\0';
	return true;
}

void setPath(Target *target, Target::Kind kind, const char *directory, const char *rest)
{
	char path[PATH_MAX];
	const int length = snprintf(path, sizeof(path), "%s%s%s", environment().tree,
				    directory, rest);
	if (length < 0 || static_cast<size_t>(length) >= sizeof(path))
		return;

	memcpy(target->buffer, path, length + 1);
	target->path = target->buffer;
	target->name = strrchr(target->buffer, '/') + 1;
	target->kind = kind;
}

void resolveNode(const char *name, Target *target)
{
	setPath(target, Target::Device, "/nodes/", name);
	if (target->kind == Target::Device && real().access(target->path, F_OK))
		target->kind = Target::Hidden;
}

/* /dev/char/MAJOR:MINOR, which udev makes a link to the node. */
void resolveNumber(const char *number, Target *target)
{
	char device[PATH_MAX];

	setPath(target, Target::Redirected, "/sys/dev/char/", number);
	const ssize_t length = target->kind == Target::Redirected
				       ? real().readlink(target->path, device, sizeof(device) - 1)
				       : -1;
	if (length < 0) {
		target->kind = startsWith(number, kVideoNumbers) ? Target::Hidden : Target::Real;
		return;
	}

	device[length] = '\0';
	const char *slash = strrchr(device, '/');
	resolveNode(slash ? slash + 1 : device, target);
}

void resolveSys(const char *rest, const char *whole, Target *target)
{
	char original[PATH_MAX];
	strcpy(original, whole);

	bool owned = false;
	for (const char *prefix : kOwnedPrefixes) {
		if (!startsWith(rest, prefix))
			continue;
		const char next = rest[strlen(prefix)];
		owned |= prefix[strlen(prefix) - 1] == ':' || !next || next == '/';
	}

	setPath(target, Target::Redirected, "/sys/", rest);
	if (owned || target->kind == Target::Real)
		return;

	struct stat st;
	if (real().lstat(target->path, &st) || !real().lstat(original, &st))
		target->kind = Target::Real;
}

} /* namespace */

void resolve(int dirfd, const char *path, Target *target)
{
	target->kind = Target::Real;
	if (!path || !environment().active)
		return;

	const int savedErrno = errno;

	if (*path != '/') {
		if (isNodeName(path) && isDevDirectory(dirfd)) {
			char name[NAME_MAX];
			snprintf(name, sizeof(name), "%s", path);
			resolveNode(name, target);
		}
	} else if (path[1] == '/' || path[1] == '.' || startsWith(path, "/dev") ||
		   startsWith(path, "/sys")) {
		char normal[PATH_MAX];
		if (!normalise(path, normal))
			;
		else if (startsWith(normal, "/dev/") && isNodeName(normal + 5))
			resolveNode(normal + 5, target);
		else if (startsWith(normal, "/dev/char/"))
			resolveNumber(normal + 10, target);
		else if (!strcmp(normal, "/dev/v4l") || startsWith(normal, "/dev/v4l/"))
			target->kind = Target::Hidden;
		else if (startsWith(normal, "/sys/"))
			resolveSys(normal + 5, normal, target);
		else if (!strcmp(normal, "/dev"))
			setPath(target, Target::Redirected, "/dev", "");
	}

	errno = savedErrno;
}

dev_t deviceNumber(const char *path)
{
	const int fd = real().open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;

	char text[32] = {};
	const ssize_t size = real().read(fd, text, sizeof(text) - 1);
	real().close(fd);

	unsigned int number[2] = { 0, 0 };
	unsigned int part = 0;
	for (ssize_t i = 0; i < size && text[i] != '\n'; i++) {
		if (text[i] == ':' && part == 0)
			part = 1;
		else
			number[part] = number[part] * 10 + (text[i] - '0');
	}

	return makedev(number[0], number[1]);
}

bool nodePath(const char *name, char (&path)[PATH_MAX])
{
	const int length = snprintf(path, sizeof(path), "%s/nodes/%s", environment().tree, name);
	return length > 0 && static_cast<size_t>(length) < sizeof(path);
}

void mapBack(char *path)
{
	const Environment &env = environment();
	if (!env.active || strncmp(path, env.tree, env.treeLength))
		return;

	const char *rest = path + env.treeLength;
	if (startsWith(rest, "/sys") || startsWith(rest, "/dev"))
		memmove(path, rest, strlen(rest) + 1);
}

} /* namespace fovea::preload */
