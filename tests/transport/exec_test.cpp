/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Programs that are executed see the devices, whatever their environment
 */

#include <fcntl.h>
#include <functional>
#include <spawn.h>
#include <stdlib.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "world.h"

namespace {

/* Its exit status says whether the node is there. */
constexpr const char *kPath = "/usr/bin/test";
constexpr const char *kFile = "test";
char *const kArguments[] = { const_cast<char *>("test"), const_cast<char *>("-c"),
			     const_cast<char *>("/dev/video0"), nullptr };

constexpr int kNotExecuted = 127;

int statusOf(pid_t child)
{
	int status = 0;
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* The exit status of a child that executes something in \a body. */
int inChild(const std::function<void()> &body)
{
	const pid_t child = fork();
	if (!child) {
		body();
		_exit(kNotExecuted);
	}
	return statusOf(child);
}

int executeWith(std::vector<const char *> variables)
{
	variables.push_back(nullptr);
	return inChild([&]() {
		execve(kPath, kArguments, const_cast<char *const *>(variables.data()));
	});
}

std::string socketVariable(const std::string &value)
{
	return "FOVEA_SOCKET=" + value;
}

} /* namespace */

TEST(Exec, NeedsNoEnvironment)
{
	char *const none[] = { nullptr };

	EXPECT_EQ(inChild([&]() { execve(kPath, kArguments, none); }), 0);
	EXPECT_EQ(inChild([&]() { execvpe(kPath, kArguments, none); }), 0);
	EXPECT_EQ(inChild([&]() { execle(kPath, "test", "-c", "/dev/video0", nullptr, none); }), 0);
	EXPECT_EQ(inChild([&]() { fexecve(open(kPath, O_RDONLY), kArguments, none); }), 0);
}

TEST(Exec, NeedsNoEnvironmentOfTheCaller)
{
	const std::function<void()> functions[] = {
		[]() { execv(kPath, kArguments); },
		[]() { execvp(kFile, kArguments); },
		[]() { execl(kPath, "test", "-c", "/dev/video0", nullptr); },
		[]() { execlp(kFile, "test", "-c", "/dev/video0", nullptr); },
	};

	for (const auto &function : functions) {
		EXPECT_EQ(inChild([&]() {
				  clearenv();
				  function();
			  }),
			  0);
	}
}

TEST(Exec, SpawnNeedsNoEnvironment)
{
	char *const none[] = { nullptr };
	pid_t child;

	ASSERT_EQ(posix_spawn(&child, kPath, nullptr, nullptr, kArguments, none), 0);
	EXPECT_EQ(statusOf(child), 0);
	ASSERT_EQ(posix_spawnp(&child, kFile, nullptr, nullptr, kArguments, none), 0);
	EXPECT_EQ(statusOf(child), 0);
}

TEST(Exec, PassesArguments)
{
	/* A node that is not there, by each kind of argument list. */
	EXPECT_EQ(inChild([]() { execl(kPath, "test", "-c", "/dev/video9", nullptr); }), 1);
	EXPECT_EQ(inChild([]() { execlp(kFile, "test", "-c", "/dev/video9", nullptr); }), 1);
	EXPECT_EQ(inChild([]() {
			  execle(kPath, "test", "-c", "/dev/video9", nullptr, environ);
		  }),
		  1);
	EXPECT_EQ(inChild([]() { execl("/nonexistent", "nonexistent", nullptr); }), kNotExecuted);
}

TEST(Exec, PassesVariables)
{
	char *const arguments[] = { const_cast<char *>("sh"), const_cast<char *>("-c"),
				    const_cast<char *>("exit $STATUS"), nullptr };
	char *const variables[] = { const_cast<char *>("STATUS=42"), nullptr };

	EXPECT_EQ(inChild([&]() { execve("/bin/sh", arguments, variables); }), 42);
}

TEST(Exec, KeepsOtherPreloadedLibraries)
{
	const std::string socket = socketVariable(getenv("FOVEA_SOCKET"));

	EXPECT_EQ(executeWith({ "LD_PRELOAD=libm.so.6" }), 0);
	EXPECT_EQ(executeWith({ "LD_PRELOAD=" }), 0);
	EXPECT_EQ(executeWith({ socket.c_str(), "LD_PRELOAD=libm.so.6" }), 0);

	char *const arguments[] = { const_cast<char *>("sh"), const_cast<char *>("-c"),
				    const_cast<char *>("grep -q libm.so.6 /proc/self/maps && test -c /dev/video0"),
				    nullptr };
	char *const variables[] = { const_cast<char *>("LD_PRELOAD=libm.so.6"),
				    const_cast<char *>("PATH=/usr/bin:/bin"), nullptr };
	EXPECT_EQ(inChild([&]() { execve("/bin/sh", arguments, variables); }), 0);
}

TEST(Exec, AnotherSocketIsLeftAlone)
{
	/* An empty one leads to the devices of the real machine. */
	const std::string outside = socketVariable("");
	const std::string other = socketVariable("/nonexistent");

	char *const arguments[] = { const_cast<char *>("sh"), const_cast<char *>("-c"),
				    const_cast<char *>("test \"$FOVEA_SOCKET$LD_PRELOAD\" = \"$WANTED\""),
				    nullptr };
	for (const auto &[variable, wanted] : { std::pair{ outside, "WANTED=" },
						std::pair{ other, "WANTED=/nonexistent" } }) {
		char *const variables[] = { const_cast<char *>(variable.c_str()),
					    const_cast<char *>(wanted), nullptr };
		EXPECT_EQ(inChild([&]() { execve("/bin/sh", arguments, variables); }), 0) << variable;
	}
}

TEST(Exec, WorksAfterVfork)
{
	char *const none[] = { nullptr };

	const pid_t child = vfork();
	if (!child) {
		execve(kPath, kArguments, none);
		_exit(kNotExecuted);
	}
	EXPECT_EQ(statusOf(child), 0);
}

int main(int argc, char **argv)
{
	testing::InitGoogleTest(&argc, argv);

	return fovea::test::runInWorld(argv, []() { return RUN_ALL_TESTS(); });
}
