/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Buffers are one memory: what the application maps is what the server maps
 */

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "four_nodes.h"
#include "world.h"

using namespace fovea::test;

namespace {

constexpr unsigned int kBuffers = 3;

/* The buffers that a process has mapped: inode and address. */
std::map<std::string, uintptr_t> mappedBuffers(pid_t pid)
{
	std::map<std::string, uintptr_t> result;
	std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");

	for (std::string line; std::getline(maps, line);) {
		if (line.find("memfd:v4l2-buffer") == std::string::npos)
			continue;
		std::istringstream fields(line);
		std::string range, mode, offset, device, inode;
		fields >> range >> mode >> offset >> device >> inode;
		EXPECT_EQ(mode, "rw-s") << line;
		result[device + " " + inode] = std::stoull(range, nullptr, 16);
	}

	return result;
}

} /* namespace */

TEST(ZeroCopy, BothSidesMapTheSameMemory)
{
	FourNodes nodes;
	ASSERT_EQ(nodes.open(), 0);
	ASSERT_EQ(nodes.start(kBuffers), 0);

	const auto mine = mappedBuffers(getpid());
	const auto theirs = mappedBuffers(serverPid());
	ASSERT_EQ(mine.size(), kBuffers * FourNodes::Count);
	ASSERT_EQ(theirs.size(), mine.size());
	for (const auto &[inode, address] : mine)
		EXPECT_EQ(theirs.count(inode), 1U) << inode;

	/* What the server writes is there without a call; it is not all zeroes. */
	std::array<FourNodes::Buffer, FourNodes::Count> frame;
	ASSERT_EQ(nodes.waitForFrame(&frame), 0);
	const auto *raw = static_cast<const uint8_t *>(nodes.memory(FourNodes::Raw,
								   frame[FourNodes::Raw].index));
	EXPECT_TRUE(std::any_of(raw, raw + nodes.size(FourNodes::Raw),
				[](uint8_t byte) { return byte; }));
	EXPECT_EQ(nodes.stop(), 0);
}

int main(int argc, char **argv)
{
	testing::InitGoogleTest(&argc, argv);
	return runInWorld(argv, []() { return RUN_ALL_TESTS(); }, World::Tiny);
}
