/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Device nodes and open files: the border between the V4L2 core and the
 * transport that carries calls to it
 */

#pragma once

#include <functional>
#include <memory>
#include <stddef.h>
#include <stdint.h>
#include <string>
#include <vector>

namespace fovea::v4l2 {

/*
 * An open file description of a device node, as the kernel's struct file. It is
 * destroyed when the last descriptor that refers to it is closed in all
 * processes, which may be after the node has gone. All functions run in the event
 * loop's thread and never block.
 */
class OpenFile
{
public:
	virtual ~OpenFile() = default;

	/*
	 * Execute an ioctl. \a arg points to the argument structure in the
	 * caller's (this process's) memory; pointers inside it (control arrays,
	 * planes, topology arrays) refer to memory of this process too. File
	 * descriptors inside it are descriptors of this process: those passed
	 * in stay owned by the transport, those returned (VIDIOC_EXPBUF,
	 * MEDIA_IOC_REQUEST_ALLOC) are owned by the transport afterwards.
	 * VIDIOC_DQBUF and VIDIOC_DQEVENT return -EAGAIN where they would wait;
	 * for VIDIOC_DQEVENT on a non-blocking descriptor that is -ENOENT in
	 * the kernel, which the transport has to make of it.
	 *
	 * Returns the ioctl's result (0 or positive) or a negative error code.
	 * As in the kernel, \a arg may be written to even when an error is
	 * returned (VIDIOC_S_EXT_CTRLS error_idx, for instance).
	 */
	virtual int ioctl(unsigned long request, void *arg) = 0;

	/*
	 * Readiness now: a mask of POLLIN, POLLOUT, POLLPRI, POLLERR, POLLHUP.
	 * POLLHUP comes with the end of the device, and is never withdrawn.
	 * The POLLERR of a video node is for those who poll for POLLIN or
	 * POLLOUT; in the kernel a poll for POLLPRI alone does not see it.
	 */
	virtual unsigned int poll() const = 0;

	/*
	 * Called by the core, in the event loop's thread, whenever poll() may
	 * have changed outside of a call of ioctl().
	 */
	std::function<void()> readinessChanged;

	/*
	 * Memory for mmap() of \a length bytes at \a offset: a descriptor, owned
	 * by the core, and the offset in it. Returns 0 or a negative error code.
	 */
	virtual int mmap(uint64_t offset, size_t length, int *fd,
			 uint64_t *fdOffset) = 0;
};

/* A device node as user space finds it in /dev and /sys. */
class DeviceNode
{
public:
	virtual ~DeviceNode() = default;

	virtual std::string name() const = 0;		/* "video0", below /dev */
	virtual unsigned int major() const = 0;		/* 81 for V4L2 */
	virtual unsigned int minor() const = 0;
	virtual std::string subsystem() const = 0;	/* "video4linux", "media" */
	virtual std::string label() const = 0;		/* sysfs "name" attribute */

	/* open(): \a flags as of open(2). Returns 0 or a negative error code. */
	virtual int open(int flags, std::unique_ptr<OpenFile> *file) = 0;
};

/* All nodes of one piece of hardware, with its place in sysfs. */
class Hardware
{
public:
	virtual ~Hardware() = default;

	/* Path of the parent device below /sys/devices: "platform/fovea-isp". */
	virtual std::string sysfsPath() const = 0;
	virtual std::string driver() const = 0;
	virtual const std::vector<DeviceNode *> &nodes() const = 0;

	/* Where the hardware writes lines of text; nowhere at first. */
	virtual void setLog([[maybe_unused]] std::function<void(const std::string &line)> log) {}

	/*
	 * Unplug: open files stay, and every call on them fails. The hardware
	 * may be destroyed before them.
	 */
	virtual void unregister() = 0;
};

} /* namespace fovea::v4l2 */
