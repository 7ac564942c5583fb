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
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <vector>

#include "four_nodes.h"
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

int benchmarkCalls()
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

/* Seconds of processor time that a process has used. */
double processorTime(pid_t pid)
{
	clockid_t clock;
	timespec time;
	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &time))
		return 0;
	return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/*
 * Four nodes in virtual time: a frame is a poll, four DQBUF and four QBUF, and
 * what the device needs for 64x48 pixels.
 */
int benchmarkFrames()
{
	constexpr unsigned int kFrames = 5000;
	using Clock = std::chrono::steady_clock;

	fovea::test::FourNodes nodes;
	int ret = nodes.open();
	if (!ret)
		ret = nodes.start(4);

	Clock::duration waiting{};
	const auto start = Clock::now();
	const double clientStart = processorTime(getpid());
	const double serverStart = processorTime(fovea::test::serverPid());
	for (unsigned int i = 0; i < kFrames && !ret; i++) {
		std::array<fovea::test::FourNodes::Buffer, fovea::test::FourNodes::Count> frame;
		const auto before = Clock::now();
		ret = nodes.waitForFrame(&frame);
		waiting += Clock::now() - before;
		if (!ret)
			ret = nodes.queueFrame(frame);
	}
	if (ret) {
		fprintf(stderr, "the stream failed: %s\n", strerror(-ret));
		return 1;
	}

	const auto perFrame = [](auto time) {
		return std::chrono::duration<double, std::micro>(time).count() / kFrames;
	};
	const auto time = Clock::now() - start;
	printf("four nodes, 64x48, virtual time: %.0f frames/s, %.1f us a frame: "
	       "poll and DQBUF %.1f us, QBUF %.1f us; processor: application %.1f us, server %.1f us\n",
	       1e6 / perFrame(time), perFrame(time), perFrame(waiting), perFrame(time - waiting),
	       (processorTime(getpid()) - clientStart) * 1e6 / kFrames,
	       (processorTime(fovea::test::serverPid()) - serverStart) * 1e6 / kFrames);
	return 0;
}

} /* namespace */

int main(int, char **argv)
{
	using namespace fovea::test;

	return runInWorld(argv, benchmarkCalls, World::Fake) ||
	       runInWorld(argv, benchmarkFrames, World::Tiny);
}
