/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The processes of one run: the virtual hardware and the command
 */

#include "processes.h"

#include <algorithm>
#include <errno.h>
#include <iterator>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <fmt/core.h>

namespace fovea::run {

namespace {

/* Exit statuses of a shell for commands that do not start. */
constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;
constexpr int kSignalBase = 128;

/* Loading a scene or a recording of many megapixels takes seconds at most. */
constexpr int kServerStartMs = 60000;
constexpr int kServerStopMs = 5000;

/*
 * A command whose camera is gone gets this long to notice, and then after each
 * signal to end: cam, for one, waits for a camera for ever.
 */
constexpr int kLostServerSeconds = 5;

sigset_t handledSignals()
{
	sigset_t signals;
	sigemptyset(&signals);
	for (int signal : { SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT })
		sigaddset(&signals, signal);
	return signals;
}

std::string describe(int status)
{
	if (WIFSIGNALED(status))
		return fmt::format("was killed by signal {} ({})", WTERMSIG(status),
				   strsignal(WTERMSIG(status)));

	return fmt::format("ended with status {}", WEXITSTATUS(status));
}

} /* namespace */

/**
 * \class Processes
 * \brief Starts the server and the command, waits, forwards signals, cleans up
 *
 * Signals are blocked and taken synchronously, so that nothing happens in a
 * signal handler. The server runs in a session of its own: an interrupt from the
 * terminal reaches the command only, which then still has its camera while it
 * stops.
 */

Processes::Processes()
	: server_(-1), serverDied_(false), attempts_(0)
{
	sigset_t signals = handledSignals();
	sigprocmask(SIG_BLOCK, &signals, nullptr);
}

Processes::~Processes()
{
	stopServer();
}

pid_t Processes::spawn(const std::vector<std::string> &arguments,
		       const Variables &variables, bool server)
{
	const pid_t parent = getpid();
	pid_t pid = fork();
	if (!pid)
		execute(arguments, variables, server, parent);
	if (pid < 0)
		fmt::print(stderr, "fovea-run: cannot start {}: {}\n", arguments[0],
			   strerror(errno));

	return pid;
}

void Processes::execute(const std::vector<std::string> &arguments,
			const Variables &variables, bool server, pid_t parent)
{
	sigset_t signals = handledSignals();
	sigprocmask(SIG_UNBLOCK, &signals, nullptr);

	if (server) {
		setsid();
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent)
			_exit(EXIT_FAILURE);
	}

	/* An empty variable leads out of an outer world, a missing one does not. */
	for (const auto &[name, value] : variables)
		setenv(name.c_str(), value.c_str(), 1);

	std::vector<char *> argv;
	for (const std::string &argument : arguments)
		argv.push_back(const_cast<char *>(argument.c_str()));
	argv.push_back(nullptr);

	execvp(argv[0], argv.data());

	int err = errno;
	fmt::print(stderr, "fovea-run: cannot execute '{}': {}\n", arguments[0], strerror(err));
	_exit(err == ENOENT ? kNotFound : kNotExecutable);
}

/**
 * \brief Start the virtual hardware and wait until it serves
 * \param[in] arguments Program and arguments, without --ready-fd
 * \param[in] variables Changes to the environment
 * \return 0, or a negative error code; the reason has been printed by the server
 * or by this function
 */
int Processes::startServer(const std::vector<std::string> &arguments,
			   const Variables &variables)
{
	int ready[2];
	if (pipe(ready))
		return -errno;

	std::vector<std::string> complete = arguments;
	complete.push_back("--ready-fd");
	complete.push_back(std::to_string(ready[1]));

	server_ = spawn(complete, variables, true);
	close(ready[1]);
	if (server_ < 0) {
		close(ready[0]);
		return -EAGAIN;
	}

	/* End of file comes when the server closes its end: ready, or dead. */
	struct pollfd poll = { ready[0], POLLIN, 0 };
	char byte;
	bool timedOut = ::poll(&poll, 1, kServerStartMs) == 0;
	bool serving = !timedOut && read(ready[0], &byte, 1) == 1;
	close(ready[0]);

	if (serving)
		return 0;

	if (timedOut)
		fmt::print(stderr, "fovea-run: fovea-hw has not started within {} s\n",
			   kServerStartMs / 1000);
	else
		fmt::print(stderr, "fovea-run: the virtual hardware did not start; its message is above\n");
	stopServer();

	return -EIO;
}

/**
 * \brief Run the command and wait for its end
 * \return Its exit status as a shell gives it: 128 plus the signal's number
 * when it was killed
 */
int Processes::runCommand(const std::vector<std::string> &arguments,
			  const Variables &variables)
{
	pid_t command = spawn(arguments, variables, false);
	if (command < 0)
		return kNotExecutable;

	return waitCommand(command);
}

int Processes::waitCommand(pid_t command)
{
	bool ended = false;
	int status = 0;

	while (!ended) {
		siginfo_t info;
		int signal = waitSignal(&info);
		if (signal < 0) {
			endCommand(command);
			continue;
		}

		/*
		 * A signal from the terminal went to the whole foreground group,
		 * the command included; one that was sent to us is passed on.
		 */
		if (signal == SIGCHLD)
			reap(command, &ended, &status);
		else if (info.si_code != SI_KERNEL)
			kill(command, signal);
	}

	if (WIFSIGNALED(status))
		return kSignalBase + WTERMSIG(status);

	/* Without its camera the command cannot have done what it was asked. */
	if (serverDied_ && !WEXITSTATUS(status))
		return EXIT_FAILURE;

	return WEXITSTATUS(status);
}

/* The next signal; -1 once a command without server has had time to notice. */
int Processes::waitSignal(siginfo_t *info)
{
	const sigset_t signals = handledSignals();
	const struct timespec timeout = { kLostServerSeconds, 0 };
	int signal;

	do {
		signal = serverDied_ ? sigtimedwait(&signals, info, &timeout)
				     : sigwaitinfo(&signals, info);
	} while (signal < 0 && errno == EINTR);

	return signal;
}

void Processes::endCommand(pid_t command)
{
	constexpr int kSignals[] = { SIGINT, SIGTERM, SIGKILL };
	const int signal = kSignals[std::min<size_t>(attempts_++, std::size(kSignals) - 1)];

	fmt::print(stderr, "fovea-run: the command goes on without its camera: ending it with {}\n",
		   sigabbrev_np(signal));
	kill(command, signal);
}

/* Several children may have ended for one SIGCHLD. */
void Processes::reap(pid_t command, bool *ended, int *status)
{
	int result;
	pid_t pid;

	while ((pid = waitpid(-1, &result, WNOHANG)) > 0) {
		if (pid == command) {
			*ended = true;
			*status = result;
		} else if (pid == server_) {
			server_ = -1;
			serverDied_ = true;
			fmt::print(stderr, "fovea-run: fovea-hw {}: the camera is gone, the command's calls give ENODEV; run it again\n",
				   describe(result));
		}
	}
}

void Processes::stopServer()
{
	if (server_ < 0)
		return;

	sigset_t child;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	const struct timespec timeout = { kServerStopMs / 1000, 0 };

	kill(server_, SIGTERM);
	while (waitpid(server_, nullptr, WNOHANG) == 0) {
		if (sigtimedwait(&child, nullptr, &timeout) < 0 && errno == EAGAIN) {
			kill(server_, SIGKILL);
			waitpid(server_, nullptr, 0);
			break;
		}
	}

	server_ = -1;
}

} /* namespace fovea::run */
