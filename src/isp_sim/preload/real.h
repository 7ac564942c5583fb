/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The C library's functions behind the wrappers
 */

#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

extern "C" {

/* Exported by the C library for programs, but declared in no header. */
int __open_2(const char *, int);
int __open64_2(const char *, int);
int __openat_2(int, const char *, int);
int __openat64_2(int, const char *, int);
int __poll_chk(struct pollfd *, nfds_t, int, size_t);
int __ppoll_chk(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *, size_t);
ssize_t __read_chk(int, void *, size_t, size_t);
ssize_t __readlink_chk(const char *, char *, size_t, size_t);
ssize_t __readlinkat_chk(int, const char *, char *, size_t, size_t);
char *__realpath_chk(const char *, char *, size_t);
int __xstat(int, const char *, struct stat *);
int __lxstat(int, const char *, struct stat *);
int __fxstat(int, int, struct stat *);
int __fxstatat(int, int, const char *, struct stat *, int);
int __xstat64(int, const char *, struct stat64 *);
int __lxstat64(int, const char *, struct stat64 *);
int __fxstat64(int, int, struct stat64 *);
int __fxstatat64(int, int, const char *, struct stat64 *, int);
int fcntl64(int, int, ...);

}

/* Every function that the library wraps. */
#define FOVEA_WRAPPED(X)                                                        \
	X(open) X(open64) X(openat) X(openat64) X(creat) X(creat64)             \
	X(__open_2) X(__open64_2) X(__openat_2) X(__openat64_2)                 \
	X(fopen) X(fopen64) X(opendir) X(scandir) X(scandir64)                  \
	X(access) X(faccessat) X(readlink) X(readlinkat)                        \
	X(__readlink_chk) X(__readlinkat_chk) X(realpath) X(__realpath_chk)     \
	X(canonicalize_file_name)                                               \
	X(stat) X(lstat) X(fstat) X(fstatat)                                    \
	X(stat64) X(lstat64) X(fstat64) X(fstatat64) X(statx)                   \
	X(__xstat) X(__lxstat) X(__fxstat) X(__fxstatat)                        \
	X(__xstat64) X(__lxstat64) X(__fxstat64) X(__fxstatat64)                \
	X(close) X(close_range) X(closefrom) X(dup) X(dup2) X(dup3)             \
	X(fcntl) X(fcntl64) X(lockf) X(lockf64) X(flock)                        \
	X(recvmsg) X(recvmmsg) X(read) X(__read_chk) X(write)                   \
	X(ioctl) X(mmap) X(mmap64) X(syscall)                                   \
	X(poll) X(ppoll) X(__poll_chk) X(__ppoll_chk) X(select) X(pselect)      \
	X(epoll_ctl) X(epoll_wait) X(epoll_pwait) X(epoll_pwait2)               \
	X(execve) X(execvpe) X(fexecve) X(posix_spawn) X(posix_spawnp)

namespace fovea::preload {

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"

struct RealFunctions {
#define FOVEA_MEMBER(name) decltype(&::name) name;
	FOVEA_WRAPPED(FOVEA_MEMBER)
#undef FOVEA_MEMBER
};

#pragma GCC diagnostic pop

/* Resolved on first use, and before main() at the latest. */
const RealFunctions &real();

} /* namespace fovea::preload */
