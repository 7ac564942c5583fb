/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Log of ioctls and opened device nodes
 *
 * One line for each, in the file FOVEA_TRACE, which all processes of a run
 * append to:
 *
 *   PID open PATH FLAGS = RESULT
 *   PID ioctl TARGET NAME NUMBER = RESULT
 *
 * TARGET is the node of the virtual hardware, or what the kernel calls another
 * descriptor. RESULT is a number, negative for an error code.
 */

#include "trace.h"

#include <atomic>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/media.h>
#include <linux/v4l2-subdev.h>
#include <linux/videodev2.h>

#include "environment.h"
#include "files.h"
#include "real.h"

namespace fovea::preload::trace {

namespace {

struct IoctlName {
	unsigned long request;
	const char *name;
};

constexpr IoctlName kNames[] = {
#define FOVEA_IOCTL(name) { name, #name },
	FOVEA_IOCTL(MEDIA_IOC_DEVICE_INFO)
	FOVEA_IOCTL(MEDIA_IOC_ENUM_ENTITIES)
	FOVEA_IOCTL(MEDIA_IOC_ENUM_LINKS)
	FOVEA_IOCTL(MEDIA_IOC_G_TOPOLOGY)
	FOVEA_IOCTL(MEDIA_IOC_REQUEST_ALLOC)
	FOVEA_IOCTL(MEDIA_IOC_SETUP_LINK)
	FOVEA_IOCTL(MEDIA_REQUEST_IOC_QUEUE)
	FOVEA_IOCTL(MEDIA_REQUEST_IOC_REINIT)
	FOVEA_IOCTL(VIDIOC_CREATE_BUFS)
	FOVEA_IOCTL(VIDIOC_CROPCAP)
	FOVEA_IOCTL(VIDIOC_DBG_G_CHIP_INFO)
	FOVEA_IOCTL(VIDIOC_DBG_G_REGISTER)
	FOVEA_IOCTL(VIDIOC_DBG_S_REGISTER)
	FOVEA_IOCTL(VIDIOC_DECODER_CMD)
	FOVEA_IOCTL(VIDIOC_DQBUF)
	FOVEA_IOCTL(VIDIOC_DQEVENT)
	FOVEA_IOCTL(VIDIOC_DV_TIMINGS_CAP)
	FOVEA_IOCTL(VIDIOC_ENCODER_CMD)
	FOVEA_IOCTL(VIDIOC_ENUMAUDIO)
	FOVEA_IOCTL(VIDIOC_ENUMAUDOUT)
	FOVEA_IOCTL(VIDIOC_ENUMINPUT)
	FOVEA_IOCTL(VIDIOC_ENUMOUTPUT)
	FOVEA_IOCTL(VIDIOC_ENUMSTD)
	FOVEA_IOCTL(VIDIOC_ENUM_DV_TIMINGS)
	FOVEA_IOCTL(VIDIOC_ENUM_FMT)
	FOVEA_IOCTL(VIDIOC_ENUM_FRAMEINTERVALS)
	FOVEA_IOCTL(VIDIOC_ENUM_FRAMESIZES)
	FOVEA_IOCTL(VIDIOC_ENUM_FREQ_BANDS)
	FOVEA_IOCTL(VIDIOC_EXPBUF)
	FOVEA_IOCTL(VIDIOC_G_AUDIO)
	FOVEA_IOCTL(VIDIOC_G_AUDOUT)
	FOVEA_IOCTL(VIDIOC_G_CROP)
	FOVEA_IOCTL(VIDIOC_G_CTRL)
	FOVEA_IOCTL(VIDIOC_G_DV_TIMINGS)
	FOVEA_IOCTL(VIDIOC_G_EDID)
	FOVEA_IOCTL(VIDIOC_G_ENC_INDEX)
	FOVEA_IOCTL(VIDIOC_G_EXT_CTRLS)
	FOVEA_IOCTL(VIDIOC_G_FBUF)
	FOVEA_IOCTL(VIDIOC_G_FMT)
	FOVEA_IOCTL(VIDIOC_G_FREQUENCY)
	FOVEA_IOCTL(VIDIOC_G_INPUT)
	FOVEA_IOCTL(VIDIOC_G_JPEGCOMP)
	FOVEA_IOCTL(VIDIOC_G_MODULATOR)
	FOVEA_IOCTL(VIDIOC_G_OUTPUT)
	FOVEA_IOCTL(VIDIOC_G_PARM)
	FOVEA_IOCTL(VIDIOC_G_PRIORITY)
	FOVEA_IOCTL(VIDIOC_G_SELECTION)
	FOVEA_IOCTL(VIDIOC_G_SLICED_VBI_CAP)
	FOVEA_IOCTL(VIDIOC_G_STD)
	FOVEA_IOCTL(VIDIOC_G_TUNER)
	FOVEA_IOCTL(VIDIOC_LOG_STATUS)
	FOVEA_IOCTL(VIDIOC_OVERLAY)
	FOVEA_IOCTL(VIDIOC_PREPARE_BUF)
	FOVEA_IOCTL(VIDIOC_QBUF)
	FOVEA_IOCTL(VIDIOC_QUERYBUF)
	FOVEA_IOCTL(VIDIOC_QUERYCAP)
	FOVEA_IOCTL(VIDIOC_QUERYCTRL)
	FOVEA_IOCTL(VIDIOC_QUERYMENU)
	FOVEA_IOCTL(VIDIOC_QUERYSTD)
	FOVEA_IOCTL(VIDIOC_QUERY_DV_TIMINGS)
	FOVEA_IOCTL(VIDIOC_QUERY_EXT_CTRL)
	FOVEA_IOCTL(VIDIOC_REMOVE_BUFS)
	FOVEA_IOCTL(VIDIOC_REQBUFS)
	FOVEA_IOCTL(VIDIOC_STREAMOFF)
	FOVEA_IOCTL(VIDIOC_STREAMON)
	FOVEA_IOCTL(VIDIOC_SUBDEV_ENUM_FRAME_INTERVAL)
	FOVEA_IOCTL(VIDIOC_SUBDEV_ENUM_FRAME_SIZE)
	FOVEA_IOCTL(VIDIOC_SUBDEV_ENUM_MBUS_CODE)
	FOVEA_IOCTL(VIDIOC_SUBDEV_G_CLIENT_CAP)
	FOVEA_IOCTL(VIDIOC_SUBDEV_G_CROP)
	FOVEA_IOCTL(VIDIOC_SUBDEV_G_FMT)
	FOVEA_IOCTL(VIDIOC_SUBDEV_G_FRAME_INTERVAL)
	FOVEA_IOCTL(VIDIOC_SUBDEV_G_ROUTING)
	FOVEA_IOCTL(VIDIOC_SUBDEV_G_SELECTION)
	FOVEA_IOCTL(VIDIOC_SUBDEV_QUERYCAP)
	FOVEA_IOCTL(VIDIOC_SUBDEV_S_CLIENT_CAP)
	FOVEA_IOCTL(VIDIOC_SUBDEV_S_CROP)
	FOVEA_IOCTL(VIDIOC_SUBDEV_S_FMT)
	FOVEA_IOCTL(VIDIOC_SUBDEV_S_FRAME_INTERVAL)
	FOVEA_IOCTL(VIDIOC_SUBDEV_S_ROUTING)
	FOVEA_IOCTL(VIDIOC_SUBDEV_S_SELECTION)
	FOVEA_IOCTL(VIDIOC_SUBSCRIBE_EVENT)
	FOVEA_IOCTL(VIDIOC_S_AUDIO)
	FOVEA_IOCTL(VIDIOC_S_AUDOUT)
	FOVEA_IOCTL(VIDIOC_S_CROP)
	FOVEA_IOCTL(VIDIOC_S_CTRL)
	FOVEA_IOCTL(VIDIOC_S_DV_TIMINGS)
	FOVEA_IOCTL(VIDIOC_S_EDID)
	FOVEA_IOCTL(VIDIOC_S_EXT_CTRLS)
	FOVEA_IOCTL(VIDIOC_S_FBUF)
	FOVEA_IOCTL(VIDIOC_S_FMT)
	FOVEA_IOCTL(VIDIOC_S_FREQUENCY)
	FOVEA_IOCTL(VIDIOC_S_HW_FREQ_SEEK)
	FOVEA_IOCTL(VIDIOC_S_INPUT)
	FOVEA_IOCTL(VIDIOC_S_JPEGCOMP)
	FOVEA_IOCTL(VIDIOC_S_MODULATOR)
	FOVEA_IOCTL(VIDIOC_S_OUTPUT)
	FOVEA_IOCTL(VIDIOC_S_PARM)
	FOVEA_IOCTL(VIDIOC_S_PRIORITY)
	FOVEA_IOCTL(VIDIOC_S_SELECTION)
	FOVEA_IOCTL(VIDIOC_S_STD)
	FOVEA_IOCTL(VIDIOC_S_TUNER)
	FOVEA_IOCTL(VIDIOC_TRY_DECODER_CMD)
	FOVEA_IOCTL(VIDIOC_TRY_ENCODER_CMD)
	FOVEA_IOCTL(VIDIOC_TRY_EXT_CTRLS)
	FOVEA_IOCTL(VIDIOC_TRY_FMT)
	FOVEA_IOCTL(VIDIOC_UNSUBSCRIBE_EVENT)
	FOVEA_IOCTL(DMA_BUF_IOCTL_SYNC)
	FOVEA_IOCTL(DMA_BUF_IOCTL_EXPORT_SYNC_FILE)
	FOVEA_IOCTL(DMA_BUF_IOCTL_IMPORT_SYNC_FILE)
	FOVEA_IOCTL(DMA_BUF_SET_NAME_A)
	FOVEA_IOCTL(DMA_BUF_SET_NAME_B)
	FOVEA_IOCTL(DMA_HEAP_IOCTL_ALLOC)
#undef FOVEA_IOCTL
};

/* The name of an ioctl, or null. */
const char *nameOf(unsigned long request)
{
	for (const IoctlName &entry : kNames) {
		if (entry.request == request)
			return entry.name;
	}

	return nullptr;
}

void writeLine(const char *line, int length)
{
	/* 1 + the descriptor, 0 before the first line, -1 when it has failed. */
	static std::atomic<int> file;

	int known = file.load();
	if (!known) {
		int fd = real().open(environment().trace, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
		if (fd >= 0)
			fd = hide(fd, nullptr, 0);
		const int fresh = fd < 0 ? -1 : fd + 1;
		if (file.compare_exchange_strong(known, fresh))
			known = fresh;
		else if (fd >= 0)
			closeHidden(fd);
	}

	if (known > 0 && length > 0)
		[[maybe_unused]] ssize_t ret = real().write(known - 1, line, length);
}

} /* namespace */

bool isStandard(unsigned long request)
{
	return nameOf(request);
}

bool enabled()
{
	return environment().active && *environment().trace;
}

void opened(const char *path, int flags, int fd, int error)
{
	if (!enabled() || !path || strncmp(path, "/dev/", 5))
		return;

	const int savedErrno = errno;
	char line[PATH_MAX + 64];
	writeLine(line, snprintf(line, sizeof(line), "%d open %s %#x = %d\n", getpid(),
				 path, flags, fd < 0 ? -error : fd));
	errno = savedErrno;
}

void ioctl(int fd, const char *name, unsigned long request, int ret, int error)
{
	if (!enabled())
		return;

	const int savedErrno = errno;
	char target[256];
	if (name) {
		snprintf(target, sizeof(target), "/dev/%s", name);
	} else {
		char link[64];
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		const ssize_t size = real().readlink(link, target, sizeof(target) - 1);
		target[size < 0 ? 0 : size] = '\0';
	}

	const char *what = nameOf(request);
	char line[512];
	writeLine(line, snprintf(line, sizeof(line), "%d ioctl %s %s %#lx = %d\n", getpid(),
				 target, what ? what : "unknown", request, ret < 0 ? -error : ret));
	errno = savedErrno;
}

} /* namespace fovea::preload::trace */
