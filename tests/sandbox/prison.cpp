/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Starts the launcher with a prisoner in place of the worker
 */

#include "prison.h"

#include <errno.h>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <seccomp.h>

namespace fovea::test {

namespace fs = std::filesystem;

namespace {

void install(const std::string &from, const fs::path &to)
{
	fs::copy_file(from, to);
	fs::permissions(to, fs::perms(0755));
}

} /* namespace */

Prison::Prison()
{
	std::string path = testing::TempDir() + "fovea-prison-XXXXXX";
	path_ = mkdtemp(path.data());
	fs::permissions(path_, fs::perms(0755));

	install(LAUNCHER, path_ + "/fovea_ipa_cage");
	install(PRISONER, path_ + "/fovea_ipa_worker");
	install(MODULE, path_ + "/module.so");
	install(LIBRARY, path_ + "/" + fs::path(LIBRARY).filename().string());

	fs::create_directory(path_ + "/tuning");
	fs::permissions(path_ + "/tuning", fs::perms(0755));
	std::ofstream(path_ + "/tuning/tuning.yaml") << "version: 1\n";
	fs::permissions(path_ + "/tuning/tuning.yaml", fs::perms(0644));
}

Prison::~Prison()
{
	std::error_code ignored;
	fs::remove_all(path_, ignored);
}

std::string Prison::lacks() const
{
	const std::string command = path_ + "/fovea_ipa_cage --check 2>&1";
	std::string text;
	FILE *pipe = popen(command.c_str(), "r");
	for (int c; (c = fgetc(pipe)) != EOF;)
		text += static_cast<char>(c);

	return pclose(pipe) ? text : std::string();
}

Prisoner::Prisoner(const Prison &prison, const std::function<void()> &prepare)
{
	int sockets[2], log[2];
	EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets), 0);
	EXPECT_EQ(pipe(log), 0);

	pid_ = fork();
	if (!pid_) {
		dup2(log[1], STDERR_FILENO);
		close(log[1]);
		close(log[0]);
		close(sockets[0]);
		unsetenv("FOVEA_SANDBOX");
		if (prepare)
			prepare();

		const std::string launcher = prison.path() + "/fovea_ipa_cage";
		const std::string module = prison.path() + "/module.so";
		const std::string tuning = prison.path() + "/tuning";
		const std::string socket = std::to_string(sockets[1]);
		execl(launcher.c_str(), launcher.c_str(), "--module", module.c_str(), "--socket",
		      socket.c_str(), "--tuning", tuning.c_str(), nullptr);
		_exit(127);
	}

	close(sockets[1]);
	close(log[1]);
	socket_ = sockets[0];
	logFd_ = log[0];
}

Prisoner::~Prisoner()
{
	if (pid_ > 0) {
		::kill(pid_, SIGKILL);
		wait();
	}
	close(socket_);
	close(logFd_);
}

void Prisoner::readLog()
{
	char buffer[4096];
	ssize_t size = read(logFd_, buffer, sizeof(buffer));
	if (size > 0)
		log_.append(buffer, size);
}

std::optional<int> Prisoner::command(const std::string &name, bool readsLog)
{
	if (send(socket_, name.data(), name.size(), MSG_NOSIGNAL) < 0)
		return {};

	while (true) {
		pollfd fds[] = { { socket_, POLLIN, 0 }, { logFd_, POLLIN, 0 } };
		poll(fds, readsLog ? 2 : 1, -1);
		if (fds[0].revents) {
			int result;
			if (recv(socket_, &result, sizeof(result), 0) != sizeof(result))
				return {};
			return result;
		}
		if (fds[1].revents & POLLIN)
			readLog();
	}
}

void Prisoner::kill(int signal)
{
	::kill(pid_, signal);
}

void Prisoner::waitForSocketsEnd()
{
	char byte;
	while (recv(socket_, &byte, sizeof(byte), 0) > 0)
		continue;
}

int Prisoner::wait()
{
	if (pid_ <= 0)
		return status_;

	/* The end of the socket ends a prisoner that waits for a command. */
	shutdown(socket_, SHUT_RDWR);
	for (size_t before = log_.size() + 1; before != log_.size();) {
		before = log_.size();
		readLog();
	}

	waitpid(pid_, &status_, 0);
	pid_ = -1;

	return status_;
}

void forbid(const char *syscall, int error)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int ret = seccomp_rule_add(filter, SCMP_ACT_ERRNO(error),
				   seccomp_syscall_resolve_name(syscall), 0);
	if (ret || seccomp_load(filter))
		_exit(126);
	seccomp_release(filter);
}

} /* namespace fovea::test */
