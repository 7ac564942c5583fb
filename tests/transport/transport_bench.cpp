/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What a call to the virtual hardware costs beyond the device's own work
 */

#include <algorithm>
#include <chrono>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#include "world.h"

namespace {

constexpr unsigned int kWarmUp = 1000;
constexpr unsigned int kCalls = 20000;

/* Time \a call many times; prints the median and the 99th percentile. */
template<typename Call>
void measure(const char *name, Call call)
{
	std::vector<double> times;
	times.reserve(kCalls);

	for (unsigned int i = 0; i < kWarmUp + kCalls; i++) {
		const auto start = std::chrono::steady_clock::now();
		call();
		const std::chrono::duration<double, std::micro> time =
			std::chrono::steady_clock::now() - start;
		if (i >= kWarmUp)
			times.push_back(time.count());
	}

	std::sort(times.begin(), times.end());
	printf("%-44s median %6.2f us   99 %% %6.2f us\n", name, times[times.size() / 2],
	       times[times.size() * 99 / 100]);
}

int benchmark()
{
	const int fd = open("/dev/video0", O_RDWR | O_NONBLOCK);
	const int null = open("/dev/null", O_RDWR);
	if (fd < 0 || null < 0)
		return 1;

	measure("ioctl, VIDIOC_QUERYCAP", [&]() {
		v4l2_capability caps;
		ioctl(fd, VIDIOC_QUERYCAP, &caps);
	});

	measure("ioctl, VIDIOC_G_EXT_CTRLS with 2 controls", [&]() {
		v4l2_ext_control list[2] = {};
		v4l2_ext_controls controls = {};
		controls.count = 2;
		controls.controls = list;
		ioctl(fd, VIDIOC_G_EXT_CTRLS, &controls);
	});

	const int memory = memfd_create("bench", 0);
	measure("ioctl, VIDIOC_QBUF with a DMA buffer", [&]() {
		v4l2_plane plane = {};
		plane.m.fd = memory;
		v4l2_buffer buffer = {};
		buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
		buffer.memory = V4L2_MEMORY_DMABUF;
		buffer.length = 1;
		buffer.m.planes = &plane;
		ioctl(fd, VIDIOC_QBUF, &buffer);
	});

	measure("poll of one node", [&]() {
		pollfd entry = { fd, POLLIN | POLLPRI, 0 };
		poll(&entry, 1, 0);
	});

	measure("open and close of a node", [&]() {
		close(open("/dev/video0", O_RDWR));
	});

	measure("ioctl of another descriptor", [&]() {
		int value;
		ioctl(null, VIDIOC_STREAMON, &value);
	});

	return 0;
}

} /* namespace */

int main(int, char **argv)
{
	return fovea::test::runInWorld(argv, benchmark);
}
