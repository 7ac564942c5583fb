/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Wrappers of the functions that take a path
 */

#include <stdarg.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "client.h"
#include "environment.h"
#include "files.h"
#include "paths.h"
#include "real.h"
#include "trace.h"
#include "wrap.h"

using namespace fovea::preload;

namespace {

/* open() has a mode only where it may create a file. */
bool needsMode(int flags)
{
	return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
}

int openDevice(const Target &target, int flags)
{
	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return -EEXIST;
	if (flags & O_DIRECTORY)
		return -ENOTDIR;
	if (flags & O_PATH) {
		const int fd = real().open(target.path, flags);
		return fd < 0 ? -errno : fd;
	}

	int fd = -1;
	const int ret = client::open(target.name, flags, &fd);
	return ret < 0 ? ret : fd;
}

/* All kinds of open(); \a function opens paths of the real machine. */
template<typename Function>
int openPath(int dirfd, const char *path, int flags, Function function)
{
	Target target;
	resolve(dirfd, path, &target);

	int fd;
	switch (target.kind) {
	case Target::Device:
		fd = returned(openDevice(target, flags));
		break;
	case Target::Hidden:
		fd = returned(-ENOENT);
		break;
	case Target::Redirected:
		fd = function(AT_FDCWD, target.path);
		break;
	default:
		fd = function(dirfd, path);
		break;
	}

	if (environment().active) {
		if (target.kind != Target::Device && fd >= 0)
			forget(fd);
		trace::opened(path, flags, fd, errno);
	}

	return fd;
}

#define FOVEA_MODE(flags)                       \
	mode_t mode = 0;                        \
	if (needsMode(flags)) {                 \
		va_list args;                   \
		va_start(args, flags);          \
		mode = va_arg(args, mode_t);    \
		va_end(args);                   \
	}

/*
 * Functions that only look at a path: \a function(path) does it in the real
 * machine or in the server's tree, \a device(target) for a node.
 */
template<typename Function, typename Device>
auto onPath(int dirfd, const char *path, Function function, Device device)
	-> decltype(function(dirfd, path))
{
	using Result = decltype(function(dirfd, path));

	Target target;
	resolve(dirfd, path, &target);

	switch (target.kind) {
	case Target::Device:
		return device(target);
	case Target::Redirected:
		return function(AT_FDCWD, target.path);
	case Target::Hidden:
		errno = ENOENT;
		if constexpr (std::is_pointer_v<Result>)
			return nullptr;
		else
			return -1;
	default:
		return function(dirfd, path);
	}
}

/* Nodes are character devices that the user may read and write. */
constexpr mode_t kNodeMode = S_IFCHR | 0660;

template<typename Stat>
int describeNode(int ret, Stat *st, dev_t number)
{
	if (ret)
		return ret;

	st->st_mode = kNodeMode;
	st->st_rdev = number;
	st->st_size = 0;
	st->st_blocks = 0;
	return 0;
}

template<typename Stat, typename Function>
int statPath(int dirfd, const char *path, Stat *st, Function function)
{
	return onPath(dirfd, path, function, [&](const Target &target) {
		return describeNode(function(AT_FDCWD, target.path), st,
				    deviceNumber(target.path));
	});
}

/* As stat() would show the node, where the server's tree still has it. */
template<typename Stat, typename Function, typename FdFunction>
int statFd(int fd, Stat *st, Function function, FdFunction fdFunction)
{
	const File *file = lookUp(fd);
	if (!file)
		return fdFunction();

	char path[PATH_MAX];
	const dev_t number = makedev(file->major, file->minor);
	if (nodePath(file->name, path) && !describeNode(function(path), st, number))
		return 0;
	return describeNode(fdFunction(), st, number);
}

void describeNode(struct statx *st, dev_t number)
{
	st->stx_mode = kNodeMode;
	st->stx_rdev_major = major(number);
	st->stx_rdev_minor = minor(number);
	st->stx_size = 0;
	st->stx_blocks = 0;
}

/* Nodes can be read and written, not executed. */
int accessNode(int mode)
{
	return mode & X_OK ? returned(-EACCES) : 0;
}

/* A node is not a symbolic link. */
ssize_t readNodeLink(const Target &)
{
	return returned(-EINVAL);
}

char *realNodePath(const Target &target, char *resolved)
{
	const size_t size = strlen("/dev/") + strlen(target.name) + 1;
	char *result = resolved ? resolved : static_cast<char *>(malloc(size));
	if (result)
		snprintf(result, size, "/dev/%s", target.name);
	return result;
}

char *mapped(char *path)
{
	if (path)
		mapBack(path);
	return path;
}

} /* namespace */

/* ---- Opening ---- */

#define FOVEA_OPEN(name)                                                        \
	FOVEA_EXPORT int name(const char *path, int flags, ...)                 \
	{                                                                       \
		FOVEA_MODE(flags)                                               \
		return openPath(AT_FDCWD, path, flags, [=](int, const char *p) { \
			return real().name(p, flags, mode);                     \
		});                                                             \
	}

#define FOVEA_OPENAT(name)                                                      \
	FOVEA_EXPORT int name(int dirfd, const char *path, int flags, ...)      \
	{                                                                       \
		FOVEA_MODE(flags)                                               \
		return openPath(dirfd, path, flags, [=](int d, const char *p) { \
			return real().name(d, p, flags, mode);                  \
		});                                                             \
	}

#define FOVEA_OPEN_2(name)                                                      \
	FOVEA_EXPORT int name(const char *path, int flags)                      \
	{                                                                       \
		return openPath(AT_FDCWD, path, flags, [=](int, const char *p) { \
			return real().name(p, flags);                           \
		});                                                             \
	}

#define FOVEA_OPENAT_2(name)                                                    \
	FOVEA_EXPORT int name(int dirfd, const char *path, int flags)           \
	{                                                                       \
		return openPath(dirfd, path, flags, [=](int d, const char *p) { \
			return real().name(d, p, flags);                        \
		});                                                             \
	}

#define FOVEA_CREAT(name)                                                       \
	FOVEA_EXPORT int name(const char *path, mode_t mode)                    \
	{                                                                       \
		return openPath(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC,   \
				[=](int, const char *p) {                       \
					return real().name(p, mode);            \
				});                                             \
	}

FOVEA_OPEN(open)
FOVEA_OPEN(open64)
FOVEA_OPENAT(openat)
FOVEA_OPENAT(openat64)
FOVEA_OPEN_2(__open_2)
FOVEA_OPEN_2(__open64_2)
FOVEA_OPENAT_2(__openat_2)
FOVEA_OPENAT_2(__openat64_2)
FOVEA_CREAT(creat)
FOVEA_CREAT(creat64)

#define FOVEA_FOPEN(name)                                                       \
	FOVEA_EXPORT FILE *name(const char *path, const char *mode)             \
	{                                                                       \
		const auto function = [=](int, const char *p) {                 \
			return real().name(p, mode);                            \
		};                                                              \
		return onPath(AT_FDCWD, path, function, [=](const Target &) -> FILE * { \
			const int fd = open(path, strpbrk(mode, "+wa") ? O_RDWR : O_RDONLY); \
			return fd < 0 ? nullptr : fdopen(fd, mode);             \
		});                                                             \
	}

FOVEA_FOPEN(fopen)
FOVEA_FOPEN(fopen64)

FOVEA_EXPORT DIR *opendir(const char *path)
{
	const auto function = [](int, const char *p) { return real().opendir(p); };
	return onPath(AT_FDCWD, path, function, [](const Target &) -> DIR * {
		errno = ENOTDIR;
		return nullptr;
	});
}

#define FOVEA_SCANDIR(name, entry)                                              \
	FOVEA_EXPORT int name(const char *path, struct entry ***list,           \
			      int (*filter)(const struct entry *),              \
			      int (*compare)(const struct entry **, const struct entry **)) \
	{                                                                       \
		const auto function = [=](int, const char *p) {                 \
			return real().name(p, list, filter, compare);           \
		};                                                              \
		return onPath(AT_FDCWD, path, function, [](const Target &) {    \
			return returned(-ENOTDIR);                              \
		});                                                             \
	}

FOVEA_SCANDIR(scandir, dirent)
FOVEA_SCANDIR(scandir64, dirent64)

/* ---- Looking ---- */

FOVEA_EXPORT int access(const char *path, int mode)
{
	const auto function = [=](int, const char *p) { return real().access(p, mode); };
	return onPath(AT_FDCWD, path, function,
		      [=](const Target &) { return accessNode(mode); });
}

FOVEA_EXPORT int faccessat(int dirfd, const char *path, int mode, int flags)
{
	const auto function = [=](int d, const char *p) { return real().faccessat(d, p, mode, flags); };
	return onPath(dirfd, path, function, [=](const Target &) { return accessNode(mode); });
}

FOVEA_EXPORT ssize_t readlink(const char *path, char *buffer, size_t size)
{
	const auto function = [=](int, const char *p) { return real().readlink(p, buffer, size); };
	return onPath(AT_FDCWD, path, function, readNodeLink);
}

FOVEA_EXPORT ssize_t readlinkat(int dirfd, const char *path, char *buffer, size_t size)
{
	const auto function = [=](int d, const char *p) { return real().readlinkat(d, p, buffer, size); };
	return onPath(dirfd, path, function, readNodeLink);
}

FOVEA_EXPORT ssize_t __readlink_chk(const char *path, char *buffer, size_t size, size_t room)
{
	const auto function = [=](int, const char *p) { return real().__readlink_chk(p, buffer, size, room); };
	return onPath(AT_FDCWD, path, function, readNodeLink);
}

FOVEA_EXPORT ssize_t __readlinkat_chk(int dirfd, const char *path, char *buffer, size_t size,
				      size_t room)
{
	const auto function = [=](int d, const char *p) { return real().__readlinkat_chk(d, p, buffer, size, room); };
	return onPath(dirfd, path, function, readNodeLink);
}

FOVEA_EXPORT char *realpath(const char *path, char *resolved)
{
	const auto function = [=](int, const char *p) { return mapped(real().realpath(p, resolved)); };
	return onPath(AT_FDCWD, path, function,
		      [=](const Target &target) { return realNodePath(target, resolved); });
}

FOVEA_EXPORT char *__realpath_chk(const char *path, char *resolved, size_t room)
{
	const auto function = [=](int, const char *p) { return mapped(real().__realpath_chk(p, resolved, room)); };
	return onPath(AT_FDCWD, path, function,
		      [=](const Target &target) { return realNodePath(target, resolved); });
}

FOVEA_EXPORT char *canonicalize_file_name(const char *path)
{
	const auto function = [](int, const char *p) { return mapped(real().canonicalize_file_name(p)); };
	return onPath(AT_FDCWD, path, function,
		      [](const Target &target) { return realNodePath(target, nullptr); });
}

#define FOVEA_STAT(name, type)                                                  \
	FOVEA_EXPORT int name(const char *path, struct type *st)                \
	{                                                                       \
		return statPath(AT_FDCWD, path, st, [=](int, const char *p) {   \
			return real().name(p, st);                              \
		});                                                             \
	}

#define FOVEA_XSTAT(name, type)                                                 \
	FOVEA_EXPORT int name(int version, const char *path, struct type *st)   \
	{                                                                       \
		return statPath(AT_FDCWD, path, st, [=](int, const char *p) {   \
			return real().name(version, p, st);                     \
		});                                                             \
	}

#define FOVEA_FSTAT(name, byPath, type)                                         \
	FOVEA_EXPORT int name(int fd, struct type *st)                          \
	{                                                                       \
		return statFd(fd, st,                                           \
			      [=](const char *p) { return real().byPath(p, st); }, \
			      [=]() { return real().name(fd, st); });           \
	}

#define FOVEA_FXSTAT(name, byPath, type)                                        \
	FOVEA_EXPORT int name(int version, int fd, struct type *st)             \
	{                                                                       \
		return statFd(fd, st,                                           \
			      [=](const char *p) { return real().byPath(version, p, st); }, \
			      [=]() { return real().name(version, fd, st); });  \
	}

#define FOVEA_FSTATAT(name, byFd, type)                                         \
	FOVEA_EXPORT int name(int dirfd, const char *path, struct type *st, int flags) \
	{                                                                       \
		if ((flags & AT_EMPTY_PATH) && lookUp(dirfd))                   \
			return byFd(dirfd, st);                                 \
		return statPath(dirfd, path, st, [=](int d, const char *p) {    \
			return real().name(d, p, st, flags);                    \
		});                                                             \
	}

#define FOVEA_FXSTATAT(name, type)                                              \
	FOVEA_EXPORT int name(int version, int dirfd, const char *path,         \
			      struct type *st, int flags)                       \
	{                                                                       \
		return statPath(dirfd, path, st, [=](int d, const char *p) {    \
			return real().name(version, d, p, st, flags);           \
		});                                                             \
	}

FOVEA_STAT(stat, stat)
FOVEA_STAT(lstat, stat)
FOVEA_STAT(stat64, stat64)
FOVEA_STAT(lstat64, stat64)
FOVEA_XSTAT(__xstat, stat)
FOVEA_XSTAT(__lxstat, stat)
FOVEA_XSTAT(__xstat64, stat64)
FOVEA_XSTAT(__lxstat64, stat64)
FOVEA_FSTAT(fstat, stat, stat)
FOVEA_FSTAT(fstat64, stat64, stat64)
FOVEA_FXSTAT(__fxstat, __xstat, stat)
FOVEA_FXSTAT(__fxstat64, __xstat64, stat64)
FOVEA_FSTATAT(fstatat, fstat, stat)
FOVEA_FSTATAT(fstatat64, fstat64, stat64)
FOVEA_FXSTATAT(__fxstatat, stat)
FOVEA_FXSTATAT(__fxstatat64, stat64)

FOVEA_EXPORT int statx(int dirfd, const char *path, int flags, unsigned int mask,
		       struct statx *st)
{
	const File *file = flags & AT_EMPTY_PATH ? lookUp(dirfd) : nullptr;
	if (file) {
		const int ret = real().statx(dirfd, path, flags, mask, st);
		if (!ret)
			describeNode(st, makedev(file->major, file->minor));
		return ret;
	}

	const auto function = [=](int d, const char *p) { return real().statx(d, p, flags, mask, st); };
	return onPath(dirfd, path, function, [=](const Target &target) {
		const int ret = function(AT_FDCWD, target.path);
		if (!ret)
			describeNode(st, deviceNumber(target.path));
		return ret;
	});
}
