/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Applications that are killed at random points of a stream leave nothing
 *
 * Usage: transport_kills_test [--kills N]
 */

#include <algorithm>
#include <array>
#include <atomic>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <random>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/media.h>

#include <gtest/gtest.h>

#include "four_nodes.h"
#include "world.h"

using namespace fovea::test;

namespace {

/* In the suite; by hand one takes more. */
unsigned int kills = 40;

constexpr unsigned int kBuffers = 4;

/* From an application's first call to well into its stream. */
constexpr unsigned int kLongestLife = 30000;	/* us */

/* What the server holds for its clients. */
struct Holdings {
	size_t descriptors = 0;
	size_t buffers = 0;	/* mappings of buffers */

	bool operator==(const Holdings &) const = default;
};

Holdings holdings()
{
	namespace fs = std::filesystem;

	const std::string process = "/proc/" + std::to_string(serverPid());
	Holdings result;
	for ([[maybe_unused]] const auto &entry : fs::directory_iterator(process + "/fd"))
		result.descriptors++;

	std::ifstream maps(process + "/maps");
	for (std::string line; std::getline(maps, line);)
		result.buffers += line.find("memfd:v4l2-buffer") != std::string::npos;

	return result;
}

/* An application that has all four nodes to itself, for a few frames. */
int stream(unsigned int frames)
{
	FourNodes nodes;
	int ret = nodes.open();
	if (!ret)
		ret = nodes.start(kBuffers);

	for (unsigned int i = 0; i < frames && !ret; i++) {
		std::array<FourNodes::Buffer, FourNodes::Count> frame;
		ret = nodes.waitForFrame(&frame);
		if (!ret)
			ret = nodes.queueFrame(frame);
	}

	return ret ? ret : nodes.stop();
}

/* How far an application has come, told through shared memory. */
enum Stage : int {
	Started,
	Open,
	Streaming,
};

[[noreturn]] void streamForEver(std::atomic<int> *stage)
{
	FourNodes nodes;
	int ret = nodes.open();
	*stage = Open;
	if (!ret)
		ret = nodes.start(kBuffers);

	while (!ret) {
		std::array<FourNodes::Buffer, FourNodes::Count> frame;
		ret = nodes.waitForFrame(&frame);
		*stage = Streaming;
		if (!ret)
			ret = nodes.queueFrame(frame);
	}

	/* The one that was killed before has perhaps not let go yet. */
	for (;;)
		pause();
}

/* The server hears of a death by its sockets, not before the next call. */
bool settles(const Holdings &before)
{
	for (int i = 0; i < 2000; i++) {
		if (holdings() == before)
			return true;
		usleep(5000);
	}

	return false;
}

} /* namespace */

TEST(Kills, LeaveNothing)
{
	void *shared = mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(shared, MAP_FAILED);
	auto *stage = new (shared) std::atomic<int>(Started);

	/*
	 * An open file that stays; with it comes this process's connection. A
	 * second call is served when the server has let go of the first one.
	 */
	const int kept = open("/dev/media0", O_RDWR | O_CLOEXEC);
	media_device_info info = {};
	ASSERT_EQ(ioctl(kept, MEDIA_IOC_DEVICE_INFO, &info), 0);
	const Holdings before = holdings();
	ASSERT_GT(before.descriptors, 0U);
	ASSERT_EQ(before.buffers, 0U);
	ASSERT_EQ(stream(10), 0);
	ASSERT_TRUE(settles(before));

	std::mt19937 random(1);
	unsigned int killed[Streaming + 1] = {};
	size_t mostBuffers = 0;
	for (unsigned int i = 0; i < kills; i++) {
		*stage = Started;
		const pid_t pid = fork();
		ASSERT_GE(pid, 0);
		if (!pid)
			streamForEver(stage);

		/* However slow the machine is, some come as far as to stream. */
		for (int wait = 0; i % 2 && *stage != Streaming && wait < 20000; wait++)
			usleep(1000);
		usleep(random() % kLongestLife);
		mostBuffers = std::max(mostBuffers, holdings().buffers);
		kill(pid, SIGKILL);
		waitpid(pid, nullptr, 0);
		killed[*stage]++;

		ASSERT_TRUE(settles(before)) << "after " << i + 1 << " kills: "
					     << holdings().descriptors << " descriptors, before "
					     << before.descriptors << ", "
					     << holdings().buffers << " buffers";
		if (i % 10 == 9) {
			ASSERT_EQ(stream(10), 0) << "after " << i + 1 << " kills";
		}
	}

	printf("killed: %u before all nodes were open, %u before the first frame, %u later\n",
	       killed[Started], killed[Open], killed[Streaming]);
	EXPECT_EQ(mostBuffers, kBuffers * FourNodes::Count);
	EXPECT_GE(killed[Streaming], kills / 2);
	EXPECT_EQ(stream(10), 0);
	EXPECT_TRUE(settles(before));
	close(kept);
}

int main(int argc, char **argv)
{
	testing::InitGoogleTest(&argc, argv);
	for (int i = 1; i + 1 < argc; i++) {
		if (!strcmp(argv[i], "--kills"))
			kills = strtoul(argv[i + 1], nullptr, 0);
	}

	return runInWorld(argv, []() { return RUN_ALL_TESTS(); }, World::Tiny);
}
