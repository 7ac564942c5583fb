/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Wrappers of the functions that take a descriptor
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include <linux/close_range.h>
#include <linux/dma-buf.h>
#include <linux/sockios.h>
#include <linux/videodev2.h>

#include "client.h"
#include "environment.h"
#include "files.h"
#include "paths.h"
#include "process.h"
#include "readiness.h"
#include "real.h"
#include "trace.h"
#include "wrap.h"

using namespace fovea::preload;

namespace {

/*
 * Close \a fd as the application asked. Hidden descriptors look closed to it
 * already. Runs in children cloned from threaded processes: no locks, no heap, no
 * message to the server, which learns from the kernel.
 */
int closeFd(int fd)
{
	if (!environment().active)
		return real().close(fd);

	if (isHidden(fd)) {
		errno = EBADF;
		return -1;
	}

	if (isCarrier(fd) && borrowsMemory())
		return real().close(fd);

	/* Before the number can be given to somebody else. */
	File *file = detach(fd);
	epollForget(fd);
	const int ret = real().close(fd);
	const int savedErrno = errno;
	if (file)
		release(file);
	errno = savedErrno;
	return ret;
}

int closeRange(unsigned int first, unsigned int last, int flags)
{
	if (!environment().active || (flags & CLOSE_RANGE_CLOEXEC) || first > last || borrowsMemory())
		return real().close_range(first, last, flags);

	/*
	 * Unsharing comes first: a child that shares the table with its parent
	 * would close the parent's.
	 */
	if (flags & CLOSE_RANGE_UNSHARE) {
		if (real().close_range(~0U, ~0U, flags))
			return -1;
		flags &= ~CLOSE_RANGE_UNSHARE;
	}

	for (int fd; (fd = nextCarrier(first, last)) >= 0;)
		closeFd(fd);

	/* What is left around the hidden ones. */
	while (first <= last) {
		const int hidden = nextHidden(first, last);
		const unsigned int end = hidden < 0 ? last : static_cast<unsigned int>(hidden) - 1;
		if (hidden != static_cast<int>(first)) {
			forgetRange(first, end);
			if (real().close_range(first, end, flags))
				return -1;
		}
		if (hidden < 0)
			break;
		first = static_cast<unsigned int>(hidden) + 1;
	}

	return 0;
}

int duplicate(int from, int fd)
{
	if (fd >= 0 && environment().active && !borrowsMemory())
		duplicated(from, fd);
	return fd;
}

/* Before \a fd becomes a duplicate of \a from: a hidden descriptor makes room. */
bool makeRoom(int from, int fd)
{
	return !environment().active || from == fd || !isHidden(fd) || borrowsMemory() ||
	       moveHidden(fd);
}

/* The file that locks on \a file are taken on. */
int lockFdOf(File *file)
{
	std::atomic<int> &slot = file->hidden[kHiddenLock];
	int fd = slot.load();
	if (fd >= 0)
		return fd;

	char path[PATH_MAX + 64];
	snprintf(path, sizeof(path), "%s/locks/%s", environment().tree, file->name);
	const int opened = real().open(path, O_RDWR | O_CLOEXEC);
	const int fresh = opened < 0 ? -1 : hide(opened, file, kHiddenLock);
	if (fresh < 0)
		return -1;
	if (slot.compare_exchange_strong(fd, fresh))
		return fresh;

	closeHidden(fresh);
	return fd;
}

/* A descriptor to lock in the place of \a fd. */
int lockTarget(int fd)
{
	File *file = lookUp(fd);
	return file ? lockFdOf(file) : fd;
}

template<typename Function>
int fcntlFd(int fd, int command, void *arg, Function function)
{
	if (!environment().active)
		return function(fd, command, arg);

	switch (command) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return duplicate(fd, function(fd, command, arg));

	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_GETLK:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return function(lockTarget(fd), command, arg);

	case F_GETFL: {
		const int flags = function(fd, command, arg);
		const File *file = flags < 0 ? nullptr : lookUp(fd);
		return file ? (flags & ~O_ACCMODE) | (file->flags & O_ACCMODE) : flags;
	}

	default:
		return function(fd, command, arg);
	}
}

/* Ioctls that the kernel answers for every descriptor. */
bool isGeneric(unsigned long request)
{
	return request == FIOCLEX || request == FIONCLEX || request == FIONBIO ||
	       request == FIOASYNC;
}

bool mayWait(unsigned long request)
{
	return request == VIDIOC_DQBUF || request == VIDIOC_DQEVENT;
}

int ioctlFile(File *file, int fd, unsigned long request, void *arg)
{
	if (isGeneric(request))
		return real().ioctl(fd, request, arg) < 0 ? -errno : 0;

	for (;;) {
		int ret = client::ioctl(file, request, arg);
		if (ret != -EAGAIN || !mayWait(request))
			return ret;

		/* O_NONBLOCK belongs to the carrier, whoever has set it. */
		if (real().fcntl(fd, F_GETFL) & O_NONBLOCK)
			return request == VIDIOC_DQEVENT ? -ENOENT : ret;
		ret = waitFor(*file, fd, request, arg);
		if (ret < 0)
			return ret;
	}
}

/*
 * Buffers of the virtual hardware are memfds. They are coherent, so there is
 * nothing to do where a DMA buffer is synchronised, or named.
 */
bool isDmabufCourtesy(int fd, unsigned long request)
{
	if (request != DMA_BUF_IOCTL_SYNC && request != DMA_BUF_SET_NAME_A &&
	    request != DMA_BUF_SET_NAME_B)
		return false;

	return real().fcntl(fd, F_GET_SEALS) >= 0;
}

int ioctlFd(int fd, unsigned long request, void *arg)
{
	/* The kernel takes 32 bits; some callers extend the sign. */
	request &= 0xffffffff;

	File *file = lookUp(fd);
	int ret;
	if (file) {
		const int savedErrno = errno;
		ret = ioctlFile(file, fd, request, arg);
		errno = savedErrno;
		ret = returned(ret);
	} else {
		ret = real().ioctl(fd, request, arg);
		if (ret < 0 && errno == ENOTTY && isDmabufCourtesy(fd, request))
			ret = 0;
	}

	trace::ioctl(fd, file ? file->name : nullptr, request, ret, errno);
	return ret;
}

template<typename Function>
void *mapFile(File *file, size_t length, off64_t offset, Function function)
{
	int fd = -1;
	uint64_t fdOffset = 0;
	const int ret = client::mapMemory(file, offset, length, &fd, &fdOffset);
	if (ret < 0) {
		errno = -ret;
		return MAP_FAILED;
	}

	void *address = function(fd, fdOffset);
	const int savedErrno = errno;
	real().close(fd);
	errno = savedErrno;
	return address;
}

void forgetReceived(msghdr *message)
{
	if (!environment().active || !message->msg_control)
		return;

	for (cmsghdr *cmsg = CMSG_FIRSTHDR(message); cmsg; cmsg = CMSG_NXTHDR(message, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
			continue;

		for (size_t i = 0; i < (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(int), sizeof(int));
			forget(fd);
		}
	}
}

} /* namespace */

/* ---- Life of a descriptor ---- */

FOVEA_EXPORT int close(int fd)
{
	return closeFd(fd);
}

FOVEA_EXPORT int close_range(unsigned int first, unsigned int last, int flags)
{
	return closeRange(first, last, flags);
}

FOVEA_EXPORT void closefrom(int first)
{
	closeRange(first < 0 ? 0 : first, ~0U, 0);
}

FOVEA_EXPORT int dup(int fd)
{
	return duplicate(fd, real().dup(fd));
}

FOVEA_EXPORT int dup2(int from, int fd)
{
	if (!makeRoom(from, fd))
		return -1;
	return duplicate(from, real().dup2(from, fd));
}

FOVEA_EXPORT int dup3(int from, int fd, int flags)
{
	if (!makeRoom(from, fd))
		return -1;
	return duplicate(from, real().dup3(from, fd, flags));
}

#define FOVEA_FCNTL(name)                                                       \
	FOVEA_EXPORT int name(int fd, int command, ...)                         \
	{                                                                       \
		va_list args;                                                   \
		va_start(args, command);                                        \
		void *arg = va_arg(args, void *);                               \
		va_end(args);                                                   \
		return fcntlFd(fd, command, arg, [](int f, int c, void *a) {    \
			return real().name(f, c, a);                            \
		});                                                             \
	}

FOVEA_FCNTL(fcntl)
FOVEA_FCNTL(fcntl64)

FOVEA_EXPORT int lockf(int fd, int command, off_t length)
{
	return real().lockf(lockTarget(fd), command, length);
}

FOVEA_EXPORT int lockf64(int fd, int command, off64_t length)
{
	return real().lockf64(lockTarget(fd), command, length);
}

FOVEA_EXPORT int flock(int fd, int operation)
{
	return real().flock(lockTarget(fd), operation);
}

FOVEA_EXPORT ssize_t recvmsg(int fd, msghdr *message, int flags)
{
	const ssize_t ret = real().recvmsg(fd, message, flags);
	if (ret >= 0)
		forgetReceived(message);
	return ret;
}

FOVEA_EXPORT int recvmmsg(int fd, mmsghdr *messages, unsigned int count, int flags,
			  timespec *timeout)
{
	const int ret = real().recvmmsg(fd, messages, count, flags, timeout);
	for (int i = 0; i < ret; i++)
		forgetReceived(&messages[i].msg_hdr);
	return ret;
}

/* ---- Use of a descriptor ---- */

FOVEA_EXPORT int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	va_start(args, request);
	void *arg = va_arg(args, void *);
	va_end(args);

	return ioctlFd(fd, request, arg);
}

/* The nodes have no read() and write(). */
FOVEA_EXPORT ssize_t read(int fd, void *buffer, size_t size)
{
	return lookUp(fd) ? returned(-EINVAL) : real().read(fd, buffer, size);
}

FOVEA_EXPORT ssize_t __read_chk(int fd, void *buffer, size_t size, size_t room)
{
	return lookUp(fd) ? returned(-EINVAL) : real().__read_chk(fd, buffer, size, room);
}

FOVEA_EXPORT ssize_t write(int fd, const void *buffer, size_t size)
{
	return lookUp(fd) ? returned(-EINVAL) : real().write(fd, buffer, size);
}

#define FOVEA_MMAP(name, offset_type)                                           \
	FOVEA_EXPORT void *name(void *address, size_t length, int protection,   \
				int flags, int fd, offset_type offset)          \
	{                                                                       \
		File *file = fd < 0 || (flags & MAP_ANONYMOUS) ? nullptr : lookUp(fd); \
		if (!file)                                                      \
			return real().name(address, length, protection, flags, fd, offset); \
		return mapFile(file, length, offset, [=](int f, uint64_t o) {   \
			return real().name(address, length, protection, flags, f, o); \
		});                                                             \
	}

FOVEA_MMAP(mmap, off_t)
FOVEA_MMAP(mmap64, off64_t)

/*
 * Some libraries, libcamera among them, open nodes by system call. What is not
 * ours goes on with all six arguments.
 */
FOVEA_EXPORT long syscall(long number, ...)
{
	long a[6];
	va_list args;
	va_start(args, number);
	for (long &value : a)
		value = va_arg(args, long);
	va_end(args);

	const auto pointer = [&](int i) { return reinterpret_cast<void *>(a[i]); };
	const auto path = [&](int i) { return reinterpret_cast<const char *>(a[i]); };

	if (!environment().active)
		return real().syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);

	switch (number) {
#ifdef SYS_open
	case SYS_open:
		return open(path(0), a[1], static_cast<mode_t>(a[2]));
#endif
	case SYS_openat:
		return openat(a[0], path(1), a[2], static_cast<mode_t>(a[3]));
	case SYS_close:
		return closeFd(a[0]);
	case SYS_close_range:
		return closeRange(a[0], a[1], a[2]);
	case SYS_ioctl:
		return ioctlFd(a[0], a[1], pointer(2));
	case SYS_dup:
		return dup(a[0]);
#ifdef SYS_dup2
	case SYS_dup2:
		return dup2(a[0], a[1]);
#endif
	case SYS_dup3:
		return dup3(a[0], a[1], a[2]);
	case SYS_fcntl:
		return fcntl(a[0], a[1], pointer(2));
	case SYS_mmap:
		return reinterpret_cast<long>(mmap(pointer(0), a[1], a[2], a[3], a[4], a[5]));
	case SYS_read:
		return read(a[0], pointer(1), a[2]);
	case SYS_write:
		return write(a[0], pointer(1), a[2]);
#ifdef SYS_poll
	case SYS_poll:
		return poll(static_cast<pollfd *>(pointer(0)), a[1], a[2]);
#endif
	case SYS_statx:
		return statx(a[0], path(1), a[2], a[3], static_cast<struct statx *>(pointer(4)));
	case SYS_faccessat:
		return faccessat(a[0], path(1), a[2], 0);
	case SYS_readlinkat:
		return readlinkat(a[0], path(1), static_cast<char *>(pointer(2)), a[3]);
	default:
		return real().syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	}
}
