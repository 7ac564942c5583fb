/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The processes of one run: the virtual hardware and the command
 */

#pragma once

#include <map>
#include <signal.h>
#include <string>
#include <sys/types.h>
#include <vector>

namespace fovea::run {

/* Variables to set in a child's environment. */
using Variables = std::map<std::string, std::string>;

class Processes
{
public:
	Processes();
	~Processes();

	int startServer(const std::vector<std::string> &arguments,
			const Variables &variables);
	int runCommand(const std::vector<std::string> &arguments,
		       const Variables &variables);

private:
	pid_t spawn(const std::vector<std::string> &arguments,
		    const Variables &variables, bool server);
	[[noreturn]] void execute(const std::vector<std::string> &arguments,
				  const Variables &variables, bool server,
				  pid_t parent);
	int waitCommand(pid_t command);
	int waitSignal(siginfo_t *info);
	void reap(pid_t command, bool *ended, int *status);
	void endCommand(pid_t command);
	void stopServer();

	pid_t server_;
	bool serverDied_;
	unsigned int attempts_;		/* to end a command that lost its server */
};

} /* namespace fovea::run */
