/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The cage around a program that wants out
 */

#include <algorithm>
#include <errno.h>
#include <fcntl.h>
#include <fstream>
#include <grp.h>
#include <signal.h>
#include <sstream>
#include <stdlib.h>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "sandbox/cage.h"

#include "attempts.h"
#include "prison.h"

using namespace fovea::sandbox;
using namespace fovea::test;

namespace {

constexpr uid_t kOrdinaryUser = 4711;

std::string firstLine(const std::string &text)
{
	return text.substr(0, text.find('\n'));
}

/* The children of all threads of a process; only the kernel's own list is used. */
std::string childOf(pid_t pid)
{
	std::ifstream file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) +
			   "/children");
	std::string child;
	file >> child;
	return child;
}

std::string readFile(const std::string &path)
{
	std::stringstream content;
	content << std::ifstream(path).rdbuf();
	return content.str();
}

void becomeOrdinary()
{
	if (setgroups(0, nullptr) || setresgid(kOrdinaryUser, kOrdinaryUser, kOrdinaryUser) ||
	    setresuid(kOrdinaryUser, kOrdinaryUser, kOrdinaryUser))
		_exit(125);
}

class CageTest : public testing::Test
{
protected:
	/* For tests that need all layers. */
	bool complete()
	{
		missing_ = firstLine(prison_.lacks());
		return missing_.empty();
	}

	void expectHeld(Prisoner *prisoner)
	{
		for (const Attempt &attempt : attempts()) {
			std::optional<int> result = prisoner->command(attempt.name);
			ASSERT_TRUE(result) << attempt.name << " ended the prisoner";
			EXPECT_LT(*result, 0) << attempt.name << " succeeded";
		}
	}

	Prison prison_;
	std::string missing_;
};

/* As root and as an ordinary user; root only where the tests run as root. */
class CageOfUser : public CageTest, public testing::WithParamInterface<bool>
{
protected:
	void SetUp() override
	{
		if (GetParam() && geteuid() != 0)
			GTEST_SKIP() << "not root: the other case runs as this user";
		if (!complete())
			GTEST_SKIP() << missing_;
	}

	std::function<void()> prepare() const
	{
		return GetParam() ? becomeOrdinary : std::function<void()>();
	}
};

TEST_P(CageOfUser, HoldsDuringInit)
{
	Prisoner prisoner(prison_, prepare());
	ASSERT_EQ(prisoner.command("load the module"), 0) << (prisoner.wait(), prisoner.log());
	EXPECT_EQ(prisoner.command("read the tuning"), 0);
	EXPECT_EQ(prisoner.command("start a thread"), 0);
	EXPECT_EQ(prisoner.command("work"), 0);
	expectHeld(&prisoner);
}

TEST_P(CageOfUser, HoldsWhenSealed)
{
	Prisoner prisoner(prison_, prepare());
	ASSERT_EQ(prisoner.command("load the module"), 0) << (prisoner.wait(), prisoner.log());
	ASSERT_EQ(prisoner.command("seal"), 0);
	EXPECT_EQ(prisoner.command("work"), 0);
	/* The report of a sanitizer may read files; there are none but these. */
	if (!FOVEA_SANITIZED) {
		EXPECT_LT(prisoner.command("read the tuning"), 0);
	}
	EXPECT_LT(prisoner.command("start a thread"), 0);
	EXPECT_EQ(prisoner.command("count descriptors"), 4);
	expectHeld(&prisoner);
	EXPECT_EQ(prisoner.command("write the log"), 0);
	EXPECT_EQ(prisoner.wait(), 0);
	EXPECT_NE(prisoner.log().find("a line of the log"), std::string::npos);
}

TEST_P(CageOfUser, LeavesNoRight)
{
	setenv("LD_PRELOAD", "/nonexistent/libfovea-v4l2.so", 1);
	setenv("FOVEA_SOCKET", "/nonexistent/socket", 1);
	Prisoner prisoner(prison_, prepare());
	unsetenv("LD_PRELOAD");
	unsetenv("FOVEA_SOCKET");
	ASSERT_EQ(prisoner.command("seal"), 0);

	const std::string process = "/proc/" + childOf(prisoner.launcher());
	const std::string status = readFile(process + "/status");
	EXPECT_NE(status.find("NoNewPrivs:\t1"), std::string::npos) << status;
	for (const char *set : { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" })
		EXPECT_NE(status.find(std::string(set) + ":\t0000000000000000"), std::string::npos)
			<< status;

	const std::string environment = readFile(process + "/environ");
	EXPECT_EQ(environment.find("LD_PRELOAD"), std::string::npos);
	EXPECT_EQ(environment.find("FOVEA_"), std::string::npos);
	EXPECT_NE(environment.find("LD_LIBRARY_PATH"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Users, CageOfUser, testing::Bool(),
			 [](const testing::TestParamInfo<bool> &user) {
				 return user.param ? "AsOrdinaryUser" : "AsTheTestsUser";
			 });

TEST_F(CageTest, EndsForeignCallsWithTheProcess)
{
	if (!complete())
		GTEST_SKIP() << missing_;
#ifndef __x86_64__
	GTEST_SKIP() << "only x86-64 has the calls of x32";
#endif

	Prisoner prisoner(prison_);
	ASSERT_EQ(prisoner.command("seal"), 0);
	EXPECT_EQ(prisoner.command("use foreign calls"), std::nullopt);
	EXPECT_EQ(WTERMSIG(prisoner.wait()), SIGSYS);
}

TEST_F(CageTest, PassesOnACrash)
{
	if (!complete())
		GTEST_SKIP() << missing_;

	Prisoner prisoner(prison_);
	ASSERT_EQ(prisoner.command("seal"), 0);
	EXPECT_EQ(prisoner.command("abort"), std::nullopt);
	EXPECT_NE(prisoner.wait(), 0);
}

TEST_F(CageTest, EndsWithTheLauncher)
{
	if (!complete())
		GTEST_SKIP() << missing_;

	Prisoner prisoner(prison_);
	ASSERT_EQ(prisoner.command("seal"), 0);
	prisoner.kill(SIGKILL);
	prisoner.waitForSocketsEnd();
	EXPECT_EQ(WTERMSIG(prisoner.wait()), SIGKILL);
}

TEST_F(CageTest, SurvivesALogThatNobodyReads)
{
	if (!complete())
		GTEST_SKIP() << missing_;

	Prisoner prisoner(prison_);
	EXPECT_EQ(prisoner.command("flood the log", false), 0);
	EXPECT_EQ(prisoner.wait(), 0);
	EXPECT_EQ(prisoner.log().substr(0, 3), "fff");
}

TEST_F(CageTest, HasFewSystemCalls)
{
	EXPECT_LE(countSyscalls(Row::Always), 25u);
	EXPECT_GT(countSyscalls(Row::Init), 0u);
}

TEST_F(CageTest, DocumentsEverySystemCall)
{
	const std::string path = testing::TempDir() + "fovea-syscalls.txt";
	FILE *file = fopen(path.c_str(), "w");
	ASSERT_TRUE(file);
	listSyscalls(file);
	fclose(file);

	std::istringstream table(readFile(path));
	unlink(path.c_str());
	std::string document = readFile(DOCUMENT);
	document.erase(0, document.find("\n## System calls\n") + 1);
	document.erase(std::min(document.find("\n## "), document.size()));
	unsigned int rows = 0;
	for (std::string line; std::getline(table, line); rows++)
		EXPECT_NE(document.find(line + "\n"), std::string::npos)
			<< "docs/sandbox.md lacks this line, see 'fovea_ipa_worker --list-syscalls':\n"
			<< line;
	const unsigned int calls = countSyscalls(Row::Always) + countSyscalls(Row::Init) +
				   countSyscalls(Row::Sanitizer);
	EXPECT_GT(rows, calls);

	/* Nor does it list one that the table does not have. */
	std::istringstream lines(document);
	unsigned int documented = 0;
	for (std::string line; std::getline(lines, line);)
		documented += line.compare(0, 3, "| `") == 0 && line.find("` | ") != std::string::npos;
	EXPECT_EQ(documented, calls);
}

/* A kernel or a container that lacks a layer. */
struct Lack {
	const char *syscall;
	int error;
	const char *layer;
	const char *remedy;
};

class CageWithout : public CageTest, public testing::WithParamInterface<Lack>
{
protected:
	/* Where an earlier layer is missing anyway, the later ones are not tried. */
	bool reachable()
	{
		return complete() || std::string(GetParam().syscall) == "unshare";
	}
};

TEST_P(CageWithout, RefusesWithTheRightWords)
{
	if (!reachable())
		GTEST_SKIP() << missing_;

	Prisoner prisoner(prison_, [] { forbid(GetParam().syscall, GetParam().error); });
	EXPECT_EQ(prisoner.command("work"), std::nullopt);

	const int status = prisoner.wait();
	EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == kRefusedStatus) << status;
	EXPECT_NE(prisoner.log().find("ERROR"), std::string::npos) << prisoner.log();
	EXPECT_NE(prisoner.log().find(GetParam().remedy), std::string::npos) << prisoner.log();
	EXPECT_NE(prisoner.log().find("module.so is not run: the layer '" +
				      std::string(GetParam().layer) + "' is missing"),
		  std::string::npos)
		<< prisoner.log();
}

TEST_P(CageWithout, RunsRelaxedWithAWarning)
{
	if (!reachable())
		GTEST_SKIP() << missing_;

	Prisoner prisoner(prison_, [] {
		setenv("FOVEA_SANDBOX", "relaxed", 1);
		forbid(GetParam().syscall, GetParam().error);
	});
	EXPECT_EQ(prisoner.command("load the module"), 0);
	EXPECT_EQ(prisoner.command("read the tuning"), 0);
	EXPECT_EQ(prisoner.command("seal"), 0);
	EXPECT_EQ(prisoner.command("work"), 0);
	EXPECT_EQ(prisoner.wait(), 0);
	EXPECT_NE(prisoner.log().find("WARNING: FOVEA_SANDBOX=relaxed"), std::string::npos)
		<< prisoner.log();
	EXPECT_NE(prisoner.log().find("'" + std::string(GetParam().layer) + "'"), std::string::npos)
		<< prisoner.log();
}

INSTANTIATE_TEST_SUITE_P(
	Layers, CageWithout,
	testing::Values(Lack{ "unshare", EPERM, "user namespace", "kernel.unprivileged_userns_clone" },
			Lack{ "unshare", ENOSPC, "user namespace", "user.max_user_namespaces" },
			Lack{ "unshare", EINVAL, "user namespace", "CONFIG_USER_NS" },
			Lack{ "open_tree", ENOSYS, "mount namespace", "Linux 5.12" },
			Lack{ "pivot_root", EPERM, "mount namespace", "pivot_root" },
			Lack{ "landlock_create_ruleset", ENOSYS, "landlock", "CONFIG_SECURITY_LANDLOCK" },
			Lack{ "seccomp", EPERM, "seccomp", "CONFIG_SECCOMP_FILTER" }),
	[](const testing::TestParamInfo<Lack> &lack) {
		return std::string(lack.param.syscall) + "_" + std::to_string(lack.param.error);
	});

} /* namespace */
