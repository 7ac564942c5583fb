/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The application's memory, behind pointers that may be wrong
 *
 * A driver answers a bad pointer with EFAULT. A library would crash; the kernel
 * can be asked to copy inside this process, and to tell.
 */

#include "memory.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

namespace fovea::preload {

namespace {

/*
 * The frames of the callers are there, and hold most arguments: those are copied
 * without a system call, which takes about 2 us.
 */
constexpr uintptr_t kCallersFrames = 64 * 1024;

bool isOnStack(const void *address, size_t size)
{
	const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
	const auto start = reinterpret_cast<uintptr_t>(address);

	return start >= here && size <= kCallersFrames && start - here <= kCallersFrames - size;
}

/* Where the kernel does not copy, good pointers have to work all the same. */
bool unsupported(int error)
{
	return error == ENOSYS || error == EPERM;
}

} /* namespace */

int copyFromUser(void *to, const void *address, size_t size)
{
	if (!size)
		return 0;
	if (!address)
		return -EFAULT;

	if (isOnStack(address, size)) {
		memcpy(to, address, size);
		return 0;
	}

	const iovec local = { to, size };
	const iovec remote = { const_cast<void *>(address), size };
	const ssize_t copied = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
	if (copied == static_cast<ssize_t>(size))
		return 0;
	if (copied >= 0 || !unsupported(errno))
		return -EFAULT;

	memcpy(to, address, size);
	return 0;
}

int copyToUser(void *address, const void *from, size_t size)
{
	if (!size)
		return 0;
	if (!address)
		return -EFAULT;

	if (isOnStack(address, size)) {
		memcpy(address, from, size);
		return 0;
	}

	const iovec local = { const_cast<void *>(from), size };
	const iovec remote = { address, size };
	const ssize_t copied = process_vm_writev(getpid(), &local, 1, &remote, 1, 0);
	if (copied == static_cast<ssize_t>(size))
		return 0;
	if (copied >= 0 || !unsupported(errno))
		return -EFAULT;

	memcpy(address, from, size);
	return 0;
}

} /* namespace fovea::preload */
