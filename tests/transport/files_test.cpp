/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Open files through the preload library: calls, memory, life of descriptors
 */

#include <array>
#include <errno.h>
#include <fcntl.h>
#include <filesystem>
#include <linux/dma-buf.h>
#include <linux/media.h>
#include <linux/videodev2.h>
#include <sched.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "isp_sim/server/owned_fd.h"

#include "fake_hardware.h"
#include "world.h"

using fovea::OwnedFd;
using namespace fovea::test;

namespace {

OwnedFd openNode(const char *path = "/dev/video0", int flags = O_RDWR)
{
	return OwnedFd(open(path, flags));
}

/* Through another descriptor, so that what is counted is not disturbed. */
int openFiles(int fd)
{
	v4l2_control control = { kOpenFiles, 0 };
	return ioctl(fd, VIDIOC_G_CTRL, &control) ? -1 : control.value;
}

/* The server learns of a close by a message of the kernel. */
bool becomes(int fd, int count)
{
	for (int i = 0; i < 200; i++) {
		if (openFiles(fd) == count)
			return true;
		usleep(10000);
	}
	return false;
}

bool answers(int fd)
{
	v4l2_capability caps = {};
	return !ioctl(fd, VIDIOC_QUERYCAP, &caps) && !strcmp(reinterpret_cast<char *>(caps.driver), "fake");
}

template<typename Function>
int inChild(Function function)
{
	const pid_t pid = fork();
	if (!pid)
		_exit(function());
	int status = 0;
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Run a program from a child that shares the memory, and closes all it has. */
int runVforked(int fd)
{
	const pid_t pid = vfork();
	if (!pid) {
		dup2(fd, STDIN_FILENO);
		dup2(STDERR_FILENO, fd);
		close_range(3, ~0U, 0);
		execl("/bin/true", "true", nullptr);
		_exit(127);
	}
	int status = -1;
	waitpid(pid, &status, 0);
	return status;
}

} /* namespace */

TEST(Files, OpensByEveryFunction)
{
	EXPECT_TRUE(answers(OwnedFd(open("/dev/video0", O_RDWR)).get()));
	EXPECT_TRUE(answers(OwnedFd(open64("/dev/video0", O_RDWR)).get()));
	EXPECT_TRUE(answers(OwnedFd(openat(AT_FDCWD, "/dev/video0", O_RDWR)).get()));
	EXPECT_TRUE(answers(OwnedFd(syscall(SYS_openat, AT_FDCWD, "/dev/video0", O_RDWR)).get()));

	OwnedFd dev(open("/dev", O_RDONLY | O_DIRECTORY));
	EXPECT_TRUE(answers(OwnedFd(openat(dev.get(), "video0", O_RDWR)).get()));

	FILE *file = fopen("/dev/video0", "r+");
	ASSERT_NE(file, nullptr);
	EXPECT_TRUE(answers(fileno(file)));
	fclose(file);
}

TEST(Files, RefusesWhatTheKernelWould)
{
	EXPECT_EQ(open("/dev/video77", O_RDWR), -1);
	EXPECT_EQ(errno, ENOENT);
	EXPECT_EQ(open("/dev/video0", O_RDWR | O_CREAT | O_EXCL, 0600), -1);
	EXPECT_EQ(errno, EEXIST);
	EXPECT_EQ(open("/dev/video0", O_RDONLY | O_DIRECTORY), -1);
	EXPECT_EQ(errno, ENOTDIR);

	OwnedFd fd = openNode();
	char byte;
	EXPECT_EQ(read(fd.get(), &byte, 1), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(ioctl(fd.get(), VIDIOC_QUERYCAP, nullptr), -1);
	EXPECT_EQ(errno, EFAULT);
	EXPECT_EQ(ioctl(fd.get(), VIDIOC_LOG_STATUS), -1);
	EXPECT_EQ(errno, ENOTTY);
	EXPECT_EQ(isatty(fd.get()), 0);
}

TEST(Files, CarriesResultsAndErrors)
{
	OwnedFd fd = openNode();
	int type = 42;
	errno = 0;
	EXPECT_EQ(ioctl(fd.get(), VIDIOC_STREAMON, &type), 42);
	EXPECT_EQ(errno, 0);
	type = -ENOSPC;
	EXPECT_EQ(ioctl(fd.get(), VIDIOC_STREAMON, &type), -1);
	EXPECT_EQ(errno, ENOSPC);
	type = 7;
	EXPECT_EQ(syscall(SYS_ioctl, fd.get(), VIDIOC_STREAMON, &type), 7);
}

TEST(Files, CarriesNestedArrays)
{
	OwnedFd fd = openNode();
	std::array<uint8_t, 100> payload{};
	v4l2_ext_control list[3] = {};
	list[0].id = 21;
	list[1].id = 0x5a;
	list[1].size = payload.size();
	list[1].ptr = payload.data();
	v4l2_ext_controls controls = {};
	controls.count = 2;
	controls.controls = list;

	ASSERT_EQ(ioctl(fd.get(), VIDIOC_G_EXT_CTRLS, &controls), 0);
	EXPECT_EQ(list[0].value, 42);
	EXPECT_EQ(payload[0], 0x5a);
	EXPECT_EQ(payload[99], 0x5a);
	EXPECT_EQ(list[1].ptr, payload.data());
	EXPECT_EQ(controls.controls, list);

	/* The index of the bad control is there although the call fails. */
	controls.count = 3;
	EXPECT_EQ(ioctl(fd.get(), VIDIOC_G_EXT_CTRLS, &controls), -1);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(controls.error_idx, 2U);

	controls.controls = nullptr;
	EXPECT_EQ(ioctl(fd.get(), VIDIOC_G_EXT_CTRLS, &controls), -1);
	EXPECT_EQ(errno, EFAULT);
}

TEST(Files, RefusesBadPointers)
{
	OwnedFd video = openNode();
	OwnedFd media = openNode("/dev/media0");
	const auto refused = [](const OwnedFd &fd, unsigned long request, void *arg) {
		errno = 0;
		return ioctl(fd.get(), request, arg) == -1 && errno == EFAULT;
	};
	const size_t page = sysconf(_SC_PAGESIZE);
	auto *area = static_cast<char *>(mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE,
					      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	ASSERT_NE(area, MAP_FAILED);
	ASSERT_EQ(mprotect(area + page, page, PROT_NONE), 0);
	void *four = reinterpret_cast<void *>(uintptr_t{ 4 });

	/* None, a number, memory that ends too early, memory not to be written. */
	for (void *bad : { static_cast<void *>(nullptr), four, static_cast<void *>(area + page - 8) }) {
		EXPECT_TRUE(refused(video, VIDIOC_QUERYCAP, bad)) << bad;
		EXPECT_TRUE(refused(video, VIDIOC_G_EXT_CTRLS, bad)) << bad;
		EXPECT_TRUE(refused(video, VIDIOC_EXPBUF, bad)) << bad;
		EXPECT_TRUE(refused(media, MEDIA_IOC_G_TOPOLOGY, bad)) << bad;

		v4l2_ext_controls controls = {};
		controls.count = 1;
		controls.controls = static_cast<v4l2_ext_control *>(bad);
		EXPECT_TRUE(refused(video, VIDIOC_G_EXT_CTRLS, &controls)) << bad;
		EXPECT_EQ(controls.controls, bad);

		v4l2_ext_control control = {};
		control.id = 1;
		control.size = 100;
		control.ptr = bad;
		controls.controls = &control;
		EXPECT_TRUE(refused(video, VIDIOC_G_EXT_CTRLS, &controls)) << bad;

		v4l2_buffer buffer = {};
		buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
		buffer.memory = V4L2_MEMORY_DMABUF;
		buffer.length = 1;
		buffer.m.planes = static_cast<v4l2_plane *>(bad);
		EXPECT_TRUE(refused(video, VIDIOC_QBUF, &buffer)) << bad;
		EXPECT_TRUE(refused(video, VIDIOC_QUERYBUF, &buffer)) << bad;
	}
	int type = 9;
	memcpy(area, &type, sizeof(type));
	ASSERT_EQ(mprotect(area, page, PROT_READ), 0);
	EXPECT_EQ(ioctl(video.get(), VIDIOC_STREAMON, area), 9);
	EXPECT_TRUE(refused(video, VIDIOC_QUERYCAP, area));

	/* As v4l2-compliance; no pointer asks for the numbers only. */
	for (void *bad : { four, static_cast<void *>(area) }) {
		media_v2_topology topology = {};
		topology.num_entities = kFakeEntities;
		topology.ptr_entities = reinterpret_cast<uintptr_t>(bad);
		EXPECT_TRUE(refused(media, MEDIA_IOC_G_TOPOLOGY, &topology)) << bad;

		media_links_enum links = {};
		links.entity = 1;
		links.pads = static_cast<media_pad_desc *>(bad);
		EXPECT_TRUE(refused(media, MEDIA_IOC_ENUM_LINKS, &links)) << bad;
		links.pads = nullptr;
		links.links = static_cast<media_link_desc *>(bad);
		EXPECT_TRUE(refused(media, MEDIA_IOC_ENUM_LINKS, &links)) << bad;
	}

	munmap(area, 2 * page);
	EXPECT_TRUE(answers(video.get()));
	EXPECT_TRUE(answers(media.get()));
}

/* A descriptor that does not reach the application is closed. */
TEST(Files, LosesNoDescriptorToBadPointers)
{
	OwnedFd fd = openNode();
	v4l2_exportbuffer *readOnly = static_cast<v4l2_exportbuffer *>(
		mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	ASSERT_NE(readOnly, MAP_FAILED);
	const auto descriptors = []() {
		return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
	};

	const auto before = descriptors();
	EXPECT_EQ(ioctl(fd.get(), VIDIOC_EXPBUF, readOnly), -1);
	EXPECT_EQ(errno, EFAULT);
	EXPECT_EQ(descriptors(), before);
	munmap(readOnly, 4096);
}

TEST(Files, RefusesUnknownNumbers)
{
	std::vector<char> memory(1 << _IOC_SIZEBITS);
	for (const char *path : { "/dev/video0", "/dev/media0", "/dev/v4l-subdev0" }) {
		OwnedFd fd = openNode(path);
		for (unsigned int direction : { _IOC_NONE, _IOC_READ, _IOC_WRITE, _IOC_READ | _IOC_WRITE }) {
			for (unsigned int size : { 0, 1, 8, 4097, (1 << _IOC_SIZEBITS) - 1 }) {
				for (unsigned int number : { 1, 0xff }) {
					for (char type : { 'V', '|', 'x' }) {
						const unsigned long request = _IOC(direction, type, number, size);
						EXPECT_EQ(ioctl(fd.get(), request, nullptr), -1);
						EXPECT_EQ(errno, ENOTTY) << std::hex << request;
						EXPECT_EQ(ioctl(fd.get(), request, memory.data()), -1);
						EXPECT_EQ(errno, ENOTTY) << std::hex << request;
					}
				}
			}
		}
		EXPECT_TRUE(answers(fd.get()));
	}
	EXPECT_EQ(memory, std::vector<char>(memory.size()));
}

TEST(Files, CarriesPayloadsBeyondAPacket)
{
	OwnedFd fd = openNode();
	for (size_t size : { 3000UL, 5000UL, 65000UL, 66000UL, 1000000UL }) {
		std::vector<uint8_t> payload(size, 0);
		v4l2_ext_control control = {};
		control.id = 0x33;
		control.size = payload.size();
		control.ptr = payload.data();
		v4l2_ext_controls controls = {};
		controls.count = 1;
		controls.controls = &control;
		ASSERT_EQ(ioctl(fd.get(), VIDIOC_G_EXT_CTRLS, &controls), 0) << size;
		EXPECT_EQ(payload, std::vector<uint8_t>(size, 0x33));
	}
}

TEST(Files, CarriesTheGraph)
{
	OwnedFd fd = openNode("/dev/media0");

	media_v2_topology topology = {};
	ASSERT_EQ(ioctl(fd.get(), MEDIA_IOC_G_TOPOLOGY, &topology), 0);
	ASSERT_EQ(topology.num_entities, kFakeEntities);
	std::vector<media_v2_entity> entities(topology.num_entities);
	topology.ptr_entities = reinterpret_cast<uintptr_t>(entities.data());
	ASSERT_EQ(ioctl(fd.get(), MEDIA_IOC_G_TOPOLOGY, &topology), 0);
	EXPECT_EQ(topology.ptr_entities, reinterpret_cast<uintptr_t>(entities.data()));
	EXPECT_EQ(entities[0].id, 1U);
	EXPECT_EQ(entities[kFakeEntities - 1].id, kFakeEntities);

	/* The device knows the sizes of these arrays. */
	media_pad_desc pads[kFakePads + 1] = {};
	media_link_desc links[kFakeLinks + 1] = {};
	pads[kFakePads].index = 99;
	media_links_enum enumeration = {};
	enumeration.entity = 1;
	enumeration.pads = pads;
	enumeration.links = links;
	ASSERT_EQ(ioctl(fd.get(), MEDIA_IOC_ENUM_LINKS, &enumeration), 0);
	EXPECT_EQ(pads[kFakePads - 1].index, 12);
	EXPECT_EQ(pads[kFakePads].index, 99);
	EXPECT_EQ(links[kFakeLinks - 1].flags, 21U);
	EXPECT_EQ(enumeration.pads, pads);

	enumeration.pads = nullptr;
	links[0].flags = 0;
	ASSERT_EQ(ioctl(fd.get(), MEDIA_IOC_ENUM_LINKS, &enumeration), 0);
	EXPECT_EQ(links[0].flags, 20U);
	enumeration.entity = 3;
	EXPECT_EQ(ioctl(fd.get(), MEDIA_IOC_ENUM_LINKS, &enumeration), -1);
}

TEST(Files, MapsMemory)
{
	OwnedFd fd = openNode();
	auto *one = static_cast<char *>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 8192));
	ASSERT_NE(one, MAP_FAILED);
	auto *two = static_cast<char *>(mmap(nullptr, 16384, PROT_READ, MAP_SHARED, fd.get(), 0));
	ASSERT_NE(two, MAP_FAILED);
	strcpy(one, "shared");
	EXPECT_STREQ(two + 8192, "shared");
	munmap(one, 4096);
	munmap(two, 16384);

	EXPECT_EQ(mmap(nullptr, 4096, PROT_READ, MAP_SHARED, fd.get(), 1 << 20), MAP_FAILED);
	EXPECT_EQ(errno, EINVAL);
}

TEST(Files, PassesDmabufs)
{
	OwnedFd fd = openNode();
	OwnedFd memory[2] = { OwnedFd(memfd_create("a", 0)), OwnedFd(memfd_create("b", 0)) };
	v4l2_plane planes[2] = {};
	v4l2_buffer buffer = {};
	buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
	buffer.memory = V4L2_MEMORY_DMABUF;
	buffer.index = 5;
	buffer.length = 2;
	buffer.m.planes = planes;
	planes[0].m.fd = memory[0].get();
	planes[1].m.fd = memory[1].get();

	ASSERT_EQ(ioctl(fd.get(), VIDIOC_QBUF, &buffer), 0);
	EXPECT_EQ(planes[0].m.fd, memory[0].get());
	EXPECT_EQ(planes[1].bytesused, 101U);
	uint32_t mark = 0;
	ASSERT_EQ(pread(memory[1].get(), &mark, 4, 4), 4);
	EXPECT_EQ(mark, 5U);

	/* What was queued comes back, not the server's numbers. */
	planes[0].m.fd = planes[1].m.fd = -1;
	ASSERT_EQ(ioctl(fd.get(), VIDIOC_QUERYBUF, &buffer), 0);
	EXPECT_EQ(planes[0].m.fd, memory[0].get());
	EXPECT_EQ(planes[1].m.fd, memory[1].get());

	planes[1].m.fd = 9999;
	EXPECT_EQ(ioctl(fd.get(), VIDIOC_QBUF, &buffer), -1);
	EXPECT_EQ(errno, EINVAL);
}

TEST(Files, ExportsBuffers)
{
	OwnedFd fd = openNode();
	v4l2_exportbuffer exported = {};
	exported.flags = O_CLOEXEC | O_RDWR;
	ASSERT_EQ(ioctl(fd.get(), VIDIOC_EXPBUF, &exported), 0);
	OwnedFd buffer(exported.fd);
	EXPECT_EQ(fcntl(buffer.get(), F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(lseek(buffer.get(), 0, SEEK_END), static_cast<off_t>(kFakeMemorySize));

	dma_buf_sync sync = { DMA_BUF_SYNC_START };
	EXPECT_EQ(ioctl(buffer.get(), DMA_BUF_IOCTL_SYNC, &sync), 0);
	OwnedFd other(open("/dev/null", O_RDWR));
	EXPECT_EQ(ioctl(other.get(), DMA_BUF_IOCTL_SYNC, &sync), -1);

	exported.flags = O_RDWR;
	ASSERT_EQ(ioctl(fd.get(), VIDIOC_EXPBUF, &exported), 0);
	buffer.reset(exported.fd);
	EXPECT_EQ(fcntl(buffer.get(), F_GETFD), 0);
}

TEST(Files, DescribesItself)
{
	OwnedFd fd = openNode("/dev/v4l-subdev0", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	ASSERT_EQ(fstat(fd.get(), &st), 0);
	EXPECT_TRUE(S_ISCHR(st.st_mode));
	EXPECT_EQ(st.st_rdev, makedev(81, 1));

	struct stat byPath;
	ASSERT_EQ(stat("/dev/v4l-subdev0", &byPath), 0);
	EXPECT_EQ(byPath.st_rdev, st.st_rdev);
	EXPECT_EQ(byPath.st_ino, st.st_ino);

	struct statx stx;
	ASSERT_EQ(statx(fd.get(), "", AT_EMPTY_PATH, STATX_BASIC_STATS, &stx), 0);
	EXPECT_EQ(stx.stx_rdev_minor, 1U);

	EXPECT_EQ(fcntl(fd.get(), F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(fd.get(), F_GETFL) & (O_ACCMODE | O_NONBLOCK), O_RDONLY | O_NONBLOCK);
}

TEST(Files, ClosesWithTheLastDuplicate)
{
	OwnedFd probe = openNode();
	ASSERT_TRUE(becomes(probe.get(), 1));

	OwnedFd first = openNode();
	EXPECT_EQ(openFiles(probe.get()), 2);
	OwnedFd second(dup(first.get()));
	OwnedFd third(fcntl(first.get(), F_DUPFD_CLOEXEC, 0));
	OwnedFd fourth(open("/dev/null", O_RDONLY));
	ASSERT_EQ(dup2(second.get(), fourth.get()), fourth.get());
	first.reset();
	second.reset();
	third.reset();
	EXPECT_TRUE(answers(fourth.get()));
	EXPECT_EQ(openFiles(probe.get()), 2);

	/* Replaced, it is closed. */
	OwnedFd null(open("/dev/null", O_RDONLY));
	dup2(null.get(), fourth.get());
	EXPECT_TRUE(becomes(probe.get(), 1));
	EXPECT_FALSE(answers(fourth.get()));
}

TEST(Files, SurvivesForkAndExit)
{
	OwnedFd probe = openNode();
	ASSERT_TRUE(becomes(probe.get(), 1));
	OwnedFd fd = openNode();

	EXPECT_EQ(inChild([&]() {
			  const bool good = answers(fd.get());
			  fd.reset();
			  return good ? 0 : 1;
		  }),
		  0);
	EXPECT_TRUE(answers(fd.get()));
	EXPECT_EQ(openFiles(probe.get()), 2);

	/* A child holds the file open after the parent has closed it. */
	int pipeFds[2];
	ASSERT_EQ(pipe(pipeFds), 0);
	const pid_t pid = fork();
	if (!pid) {
		char byte;
		close(pipeFds[1]);
		[[maybe_unused]] ssize_t ret = read(pipeFds[0], &byte, 1);
		_exit(answers(fd.get()) ? 0 : 1);
	}
	fd.reset();
	usleep(50000);
	EXPECT_EQ(openFiles(probe.get()), 2);
	close(pipeFds[1]);
	int status = -1;
	waitpid(pid, &status, 0);
	EXPECT_EQ(status, 0);
	EXPECT_TRUE(becomes(probe.get(), 1));
	close(pipeFds[0]);
}

TEST(Files, IsClosedWhenItsProcessIsKilled)
{
	OwnedFd probe = openNode();
	ASSERT_TRUE(becomes(probe.get(), 1));

	const pid_t pid = fork();
	if (!pid) {
		OwnedFd one = openNode();
		OwnedFd two = openNode("/dev/media0");
		v4l2_control control = { kSetPollLater, 1 };
		ioctl(one.get(), VIDIOC_S_CTRL, &control);
		kill(getpid(), SIGKILL);
	}
	waitpid(pid, nullptr, 0);
	EXPECT_TRUE(becomes(probe.get(), 1));
	EXPECT_TRUE(answers(openNode().get()));
}

/* As libcamera starts its workers. */
TEST(Files, SurvivesRawClone)
{
	OwnedFd probe = openNode();
	ASSERT_TRUE(becomes(probe.get(), 1));
	OwnedFd fd = openNode();

	struct {
		uint64_t flags, pidfd, childTid, parentTid, exitSignal, stack, stackSize, tls;
	} args = {};
	args.exitSignal = SIGCHLD;
	const long pid = syscall(SYS_clone3, &args, sizeof(args));
	ASSERT_GE(pid, 0);
	if (!pid) {
		close_range(3, ~0U, 0);
		_exit(fcntl(fd.get(), F_GETFD) == -1 ? 0 : 1);
	}
	int status = -1;
	waitpid(pid, &status, 0);
	EXPECT_EQ(status, 0);
	EXPECT_TRUE(answers(fd.get()));
	EXPECT_EQ(openFiles(probe.get()), 2);
}

/* The child works on the parent's memory, but has descriptors of its own. */
TEST(Files, SurvivesVfork)
{
	OwnedFd fd = openNode();
	const auto descriptors = []() {
		return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
	};

	const auto before = descriptors();
	EXPECT_EQ(runVforked(fd.get()), 0);
	EXPECT_EQ(runVforked(fd.get()), 0);
	EXPECT_TRUE(answers(fd.get()));
	EXPECT_EQ(descriptors(), before);
}

/* Outside of a world the library is not there. */
TEST(Files, PassesThroughWithoutAServer)
{
	EXPECT_EQ(inChild([]() {
			  setenv("FOVEA_SOCKET", "", 1);
			  execl("/bin/sh", "sh", "-c", "test ! -e /dev/media0 -a -c /dev/null", nullptr);
			  return 127;
		  }),
		  0);
}

TEST(Files, SurvivesPassing)
{
	OwnedFd probe = openNode();
	ASSERT_TRUE(becomes(probe.get(), 1));

	int sockets[2];
	ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	OwnedFd fd = openNode();

	char byte = 'x';
	iovec iov = { &byte, 1 };
	alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
	msghdr message = {};
	message.msg_iov = &iov;
	message.msg_iovlen = 1;
	message.msg_control = control;
	message.msg_controllen = sizeof(control);
	cmsghdr *cmsg = CMSG_FIRSTHDR(&message);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	const int number = fd.get();
	memcpy(CMSG_DATA(cmsg), &number, sizeof(int));
	ASSERT_EQ(sendmsg(sockets[0], &message, 0), 1);
	fd.reset();

	/* In flight, it is open. */
	usleep(50000);
	EXPECT_EQ(openFiles(probe.get()), 2);
	EXPECT_EQ(inChild([&]() {
			  if (recvmsg(sockets[1], &message, 0) != 1)
				  return 2;
			  int received;
			  memcpy(&received, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
			  struct stat st;
			  if (fstat(received, &st) || st.st_rdev != makedev(81, 0))
				  return 3;
			  return answers(received) ? 0 : 1;
		  }),
		  0);
	EXPECT_TRUE(becomes(probe.get(), 1));
	close(sockets[0]);
	close(sockets[1]);
}

TEST(Files, SurvivesExec)
{
	OwnedFd fd = openNode();
	EXPECT_EQ(inChild([&]() {
			  const std::string number = std::to_string(fd.get());
			  setenv("FOVEA_TEST_INHERITED", number.c_str(), 1);
			  execl("/proc/self/exe", "files_test",
				"--gtest_filter=Files.DISABLED_Inherited",
				"--gtest_also_run_disabled_tests", "--gtest_brief=1", nullptr);
			  return 127;
		  }),
		  0);
}

/* Run by SurvivesExec in a new program. */
TEST(Files, DISABLED_Inherited)
{
	const int fd = atoi(getenv("FOVEA_TEST_INHERITED"));
	EXPECT_TRUE(answers(fd));
	struct stat st;
	ASSERT_EQ(fstat(fd, &st), 0);
	EXPECT_EQ(st.st_rdev, makedev(81, 0));
}

TEST(Files, LocksExcludeOtherProcesses)
{
	OwnedFd fd = openNode("/dev/media0");
	ASSERT_EQ(lockf(fd.get(), F_TLOCK, 0), 0);

	const auto tryLock = []() {
		OwnedFd other = openNode("/dev/media0");
		return lockf(other.get(), F_TLOCK, 0) ? errno : 0;
	};

	const int denied = inChild(tryLock);
	EXPECT_TRUE(denied == EAGAIN || denied == EACCES) << denied;

	/* Looking at the node is not closing it. */
	struct stat st;
	stat("/dev/media0", &st);
	EXPECT_NE(inChild(tryLock), 0);

	ASSERT_EQ(lockf(fd.get(), F_ULOCK, 0), 0);
	EXPECT_EQ(inChild(tryLock), 0);

	/* Closed, and by the death of a process. */
	ASSERT_EQ(lockf(fd.get(), F_TLOCK, 0), 0);
	fd.reset();
	EXPECT_EQ(inChild(tryLock), 0);
	inChild([&]() {
		OwnedFd other = openNode("/dev/media0");
		[[maybe_unused]] int ret = lockf(other.get(), F_TLOCK, 0);
		kill(getpid(), SIGKILL);
		return 0;
	});
	EXPECT_EQ(inChild(tryLock), 0);

	OwnedFd one = openNode("/dev/media0");
	OwnedFd two = openNode("/dev/media0");
	EXPECT_EQ(flock(one.get(), LOCK_EX | LOCK_NB), 0);
	EXPECT_EQ(flock(two.get(), LOCK_EX | LOCK_NB), -1);
}

TEST(Files, ServesThreads)
{
	OwnedFd probe = openNode();
	ASSERT_TRUE(becomes(probe.get(), 1));
	std::atomic<int> failures = 0;
	std::vector<std::thread> threads;

	for (int t = 0; t < 8; t++) {
		threads.emplace_back([&, t]() {
			for (int i = 0; i < 200; i++) {
				OwnedFd fd = openNode(t % 2 ? "/dev/video0" : "/dev/v4l-subdev0");
				OwnedFd copy(dup(fd.get()));
				int type = t * 1000 + i;
				failures += ioctl(fd.get(), VIDIOC_STREAMON, &type) != type;
				fd.reset();
				failures += ioctl(copy.get(), VIDIOC_STREAMON, &type) != type;
			}
		});
	}
	for (std::thread &thread : threads)
		thread.join();

	EXPECT_EQ(failures, 0);
	EXPECT_TRUE(becomes(probe.get(), 1));
}

TEST(Files, LeavesOtherDescriptorsAlone)
{
	/* A number that was a node, closed where the library cannot see it. */
	OwnedFd fd = openNode();
	FILE *stream = fdopen(fd.get(), "r+");
	const int number = fd.release();
	fclose(stream);
	int sockets[2];
	ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	ASSERT_TRUE(sockets[0] == number || sockets[1] == number);
	EXPECT_FALSE(answers(number));
	EXPECT_EQ(write(sockets[0], "x", 1), 1);
	close(sockets[0]);
	close(sockets[1]);

	/* All descriptors but one: what belongs to it goes on working. */
	OwnedFd kept = openNode();
	EXPECT_EQ(close_range(kept.get() + 1, ~0U, 0), 0);
	EXPECT_TRUE(answers(kept.get()));
	for (int i = 3; i < 4096; i++) {
		if (i != kept.get())
			close(i);
	}
	EXPECT_TRUE(answers(kept.get()));
}

int main(int argc, char **argv)
{
	testing::InitGoogleTest(&argc, argv);
	return runInWorld(argv, []() { return RUN_ALL_TESTS(); });
}
