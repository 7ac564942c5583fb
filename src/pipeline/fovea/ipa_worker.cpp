/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A worker process that runs the IPA module
 */

#include "ipa_worker.h"

#include <algorithm>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <libcamera/base/log.h>

/**
 * \file ipa_worker.h
 * \brief A worker process that runs the IPA module
 */

using namespace std::chrono_literals;

namespace libcamera {

LOG_DEFINE_CATEGORY(FoveaIpa)

namespace fovea {

using namespace ipa::fovea;

namespace {

/* The descriptor at which the worker finds its socket. */
constexpr int kWorkerSocket = 3;

/* Exit status of a worker whose sandbox is not complete: trying again is no use. */
constexpr int kRefusedStatus = 78;

/* Messages that are read at once; then other events get their turn. */
constexpr unsigned int kMaxMessages = 16;

/*
 * How long a process may go on after its socket has hung up until it is killed, and
 * how long a killed one may take to end.
 */
constexpr std::chrono::milliseconds kHangUpTimeout = 1s;
constexpr std::chrono::milliseconds kKillTimeout = 1s;

int pidfdOpen(pid_t pid)
{
	return syscall(SYS_pidfd_open, pid, 0);
}

int millisecondsUntil(std::chrono::steady_clock::time_point deadline)
{
	const auto left = std::chrono::ceil<std::chrono::milliseconds>(
		deadline - std::chrono::steady_clock::now());

	return std::max<int>(left.count(), 0);
}

} /* namespace */

/**
 * \class IpaWorker
 * \brief A process, the socket to it, and what may be said over the socket
 *
 * An object lives for one process. The process is a child of the application, the
 * launcher that prepares the sandbox (src/ipa/fovea/sandbox); it ends with the
 * worker. The end of either is noticed at once, by the hang-up of the socket or
 * by the process descriptor.
 *
 * The worker can make the handler do nothing but look at one message of bounded
 * size after the other, and as many as it owes (Protocol); with the first one
 * too many it is killed.
 *
 * \var IpaWorker::hungUp
 * \brief There will be no more messages; failed() follows, which knows why
 *
 * \var IpaWorker::failed
 * \brief The worker has ended or had to be killed, for the given reason
 */

IpaWorker::IpaWorker()
	: channel_(ipc::kMaxAnswerSize)
{
	endTimer_.timeout.connect(this, &IpaWorker::sendKill);
}

/* The process is reaped here, where it has had time to end. */
IpaWorker::~IpaWorker()
{
	kill();
	endOfProcess(kKillTimeout);
}

/**
 * \brief Start the process
 * \return 0 or a negative error number, after a message
 */
int IpaWorker::spawn(const IpaProgram &program)
{
	UniqueFD handlerEnd;
	UniqueFD workerEnd;

	int ret = slots_.create();
	if (ret)
		return ret;

	ret = ipc::Channel::create(&handlerEnd, &workerEnd);
	if (!ret)
		ret = execute(program, workerEnd.get());
	if (!ret) {
		pidfd_ = UniqueFD(pidfdOpen(pid_));
		if (!pidfd_.isValid())
			ret = -errno;
	}
	if (ret) {
		LOG(FoveaIpa, Error)
			<< "Can't start " << program.launcher << ": " << strerror(-ret);
		return ret;
	}

	channel_.open(std::move(handlerEnd));
	alive_ = true;

	messageNotifier_ = std::make_unique<EventNotifier>(channel_.fd(), EventNotifier::Read);
	messageNotifier_->activated.connect(this, &IpaWorker::readMessages);
	endNotifier_ = std::make_unique<EventNotifier>(pidfd_.get(), EventNotifier::Read);
	endNotifier_->activated.connect(this, &IpaWorker::processEnded);

	return 0;
}

/*
 * posix_spawn() stops this thread until the launcher, a small static program, is
 * loaded; unlike fork() it copies nothing of the application. The child inherits
 * standard error and its socket, nothing else.
 */
int IpaWorker::execute(const IpaProgram &program, int socket)
{
	const std::string number = std::to_string(kWorkerSocket);
	std::vector<const char *> arguments{
		program.launcher.c_str(),
		"--module", program.module.c_str(),
		"--socket", number.c_str(),
	};
	if (!program.tuningPath.empty())
		arguments.insert(arguments.end(), { "--tuning", program.tuningPath.c_str() });
	arguments.push_back(nullptr);

	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (fcntl(STDERR_FILENO, F_GETFD) < 0)
		posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);

	/* An application without standard streams may have the socket in their place. */
	const UniqueFD source(fcntl(socket, F_DUPFD_CLOEXEC, kWorkerSocket + 1));
	posix_spawn_file_actions_adddup2(&actions, source.get(), kWorkerSocket);
	posix_spawn_file_actions_addclosefrom_np(&actions, kWorkerSocket + 1);

	/* The application's signal mask and dispositions are not the worker's. */
	sigset_t none;
	sigset_t all;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_t attributes;
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);

	const int error = posix_spawn(&pid_, program.launcher.c_str(), &actions, &attributes,
				      const_cast<char *const *>(arguments.data()), environ);

	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);

	if (error)
		pid_ = -1;

	return -error;
}

/** \brief Kill the process and hang up; harmless if that has been done */
void IpaWorker::kill()
{
	alive_ = false;

	/* They may be what this is called from. */
	for (EventNotifier *notifier : { messageNotifier_.get(), endNotifier_.get() }) {
		if (notifier)
			notifier->setEnabled(false);
	}

	endTimer_.stop();
	sendKill();
	channel_.close();
}

void IpaWorker::sendKill()
{
	if (pidfd_.isValid())
		syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
}

/** \brief Send init() with the shared memory */
void IpaWorker::init(const IpaProgram &program, const IPAConfigInfo &config)
{
	const int fds[] = { slots_.paramsFd(), slots_.statsFd() };
	const int ret = channel_.send(
		protocol_.init(IPASettings{ program.tuningFile, program.sensorModel }, config),
		fds);
	if (ret)
		LOG(FoveaIpa, Debug) << "Can't send to the IPA worker: " << strerror(-ret);
}

/**
 * \brief Send a message of protocol()
 *
 * A worker that has gone is noticed by its hang-up, so that an error is none of
 * the caller's business. One that reads so little that its socket is full never
 * gets the message, hence never answers, and is dealt with as one that hangs.
 */
void IpaWorker::send(Span<const uint8_t> message)
{
	if (!alive_)
		return;

	const int ret = channel_.send(message);
	if (ret)
		LOG(FoveaIpa, Debug) << "Can't send to the IPA worker: " << strerror(-ret);
}

/**
 * \brief Let the worker's messages come in, and nothing else happen
 * \param[in] done What is waited for
 * \param[in] timeout How long at most
 * \return True when \a done() holds, false if it does not in time or the worker fails
 */
bool IpaWorker::waitFor(const std::function<bool()> &done, std::chrono::milliseconds timeout)
{
	const auto deadline = std::chrono::steady_clock::now() + timeout;

	while (alive_ && !done()) {
		struct pollfd fds[] = {
			{ hasHungUp_ ? -1 : channel_.fd(), POLLIN, 0 },
			{ pidfd_.get(), POLLIN, 0 },
		};
		const int ready = poll(fds, std::size(fds), millisecondsUntil(deadline));
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			break;

		if (fds[0].revents)
			readMessages();
		else
			processEnded();
	}

	return alive_ && done();
}

void IpaWorker::readMessages()
{
	for (unsigned int i = 0; i < kMaxMessages && alive_; i++) {
		Span<const uint8_t> data;
		const int ret = channel_.receive(&data, false);
		if (ret == -EAGAIN)
			return;

		if (ret == -EPIPE) {
			hangUp();
			return;
		}

		std::string error;
		if (ret == -EBADMSG)
			error = "has descriptors with it";
		else if (ret == -EMSGSIZE)
			error = "is longer than " + std::to_string(ipc::kMaxAnswerSize) + " bytes";
		else if (ret)
			error = strerror(-ret);
		else
			protocol_.receive(data, &error);

		if (!error.empty()) {
			fail("was killed: its message " + error);
			return;
		}
	}
}

/* How the process ends is known a moment later, or it has to be helped. */
void IpaWorker::hangUp()
{
	hasHungUp_ = true;
	messageNotifier_->setEnabled(false);
	endTimer_.start(kHangUpTimeout);

	hungUp.emit();
}

/* The process is gone. What it has sent before counts no more. */
void IpaWorker::processEnded()
{
	fail(endOfProcess(0ms));
}

void IpaWorker::fail(const std::string &reason)
{
	kill();
	failed.emit(reason);
}

/* How the process ended, reaping it. */
std::string IpaWorker::endOfProcess(std::chrono::milliseconds timeout)
{
	if (pid_ < 0)
		return "has ended";

	struct pollfd fd{ pidfd_.get(), POLLIN, 0 };
	while (poll(&fd, 1, timeout.count()) < 0 && errno == EINTR)
		continue;

	siginfo_t info = {};
	if (waitid(P_PID, pid_, &info, WEXITED | WNOHANG) || !info.si_pid)
		return "has ended";
	pid_ = -1;

	if (info.si_code != CLD_EXITED)
		return "was killed by signal " + std::to_string(info.si_status) + " (" +
		       strsignal(info.si_status) + ")";

	refused_ = info.si_status == kRefusedStatus;

	return "ended with status " + std::to_string(info.si_status);
}

} /* namespace fovea */

} /* namespace libcamera */
