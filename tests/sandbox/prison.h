/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Starts the launcher with a prisoner in place of the worker
 */

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <sys/types.h>

namespace fovea::test {

/* What lies in a folder that every user can read: launcher, prisoner, module. */
class Prison
{
public:
	Prison();
	~Prison();

	const std::string &path() const { return path_; }

	/* Empty if this machine has all layers, otherwise why it has not. */
	std::string lacks() const;

private:
	std::string path_;
};

class Prisoner
{
public:
	/* 'prepare' runs in the child before the launcher is executed. */
	Prisoner(const Prison &prison, const std::function<void()> &prepare = {});
	~Prisoner();

	/* The result of a command, or nothing if the prisoner is dead. */
	std::optional<int> command(const std::string &name, bool readsLog = true);

	/* Signal the launcher. */
	void kill(int signal);

	/* Return when nobody holds the other end of the socket any more. */
	void waitForSocketsEnd();

	/* Wait for the end of the launcher: its status as waitpid() gives it. */
	int wait();

	/* What was logged until the end. */
	const std::string &log() const { return log_; }

	pid_t launcher() const { return pid_; }

private:
	void readLog();

	pid_t pid_ = -1;
	int socket_ = -1;
	int logFd_ = -1;
	int status_ = 0;
	std::string log_;
};

/* Let a system call fail for this process and what it executes. */
void forbid(const char *syscall, int error);

} /* namespace fovea::test */
