/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Starts the IPA worker in its cage
 *
 * The pipeline handler executes this program in place of the worker. It puts up
 * all layers of the sandbox that must be there before the dynamic loader runs,
 * and starts the worker, "fovea_ipa_worker" in the same folder. It stays to pass
 * on the worker's log and its end.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <optional>
#include <poll.h>
#include <set>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string>
#include <string.h>
#include <string_view>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capabilities.h"
#include "environment.h"
#include "landlock.h"
#include "layer.h"
#include "libraries.h"
#include "monitor.h"
#include "namespaces.h"
#include "policy.h"
#include "resource_limits.h"
#include "root.h"

using namespace fovea::sandbox;

namespace {

constexpr const char *kWorkerName = "fovea_ipa_worker";

/* The worker's only descriptor beyond the standard ones. */
constexpr int kSocket = STDERR_FILENO + 1;

constexpr const char *kUsage =
	"Usage: fovea_ipa_cage --module PATH --socket FD [--tuning PATH]\n"
	"       fovea_ipa_cage --check\n"
	"\n"
	"Runs an IPA module in Fovea's sandbox. Pipeline handlers start this program.\n"
	"\n"
	"  --module PATH   the module, a shared object\n"
	"  --socket FD     descriptor of the socket to the pipeline handler\n"
	"  --tuning PATH   folder of tuning data, or one file, that the module may read\n"
	"  --check         say which layers of the sandbox this machine lacks; the exit\n"
	"                  status is 0 if it lacks none and 78 if a module would be refused\n"
	"\n"
	"FOVEA_SANDBOX=relaxed in the environment runs modules without the layers that are\n"
	"missing, with a warning: for development only. The system calls that a module may\n"
	"make are listed by 'fovea_ipa_worker --list-syscalls'.\n"
	"\n"
	"Example: fovea_ipa_cage --check\n";

int fail(const char *what, const char *name)
{
	fprintf(stderr, "fovea_ipa_cage: %s %s: %s\n", what, name, strerror(errno));
	return EXIT_FAILURE;
}

/* Path of the worker beside this program, empty with errno set on failure. */
std::string workerPath()
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self));
	if (length < 0)
		return {};
	if (length == sizeof(self)) {
		errno = ENAMETOOLONG;
		return {};
	}

	std::string path(self, length);
	return path.substr(0, path.rfind('/') + 1) + kWorkerName;
}

/* Nothing of the application's state goes on: signals, session, personality. */
void resetProcess()
{
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, nullptr);

	/* The terminal's signals are for the application, which then ends us. */
	setsid();
	personality(PER_LINUX);
	umask(077);
}

/* Descriptors: /dev/null twice, the log, the socket, and no other. */
int resetDescriptors(CagePolicy *policy)
{
	if (fcntl(policy->socket, F_GETFD) < 0)
		return fail("cannot use", "the socket");

	/* Out of the way of the standard streams, then to its place. */
	const int socket = fcntl(policy->socket, F_DUPFD, kSocket + 1);
	const int null = open("/dev/null", O_RDWR);
	if (socket < 0 || null < 0)
		return fail("cannot open", "/dev/null");

	for (int stream : { STDIN_FILENO, STDOUT_FILENO }) {
		if (dup2(null, stream) < 0)
			return fail("cannot replace", "a standard stream");
	}
	if (fcntl(STDERR_FILENO, F_GETFD) < 0 && dup2(null, STDERR_FILENO) < 0)
		return fail("cannot replace", "the log");
	if (dup2(socket, kSocket) < 0)
		return fail("cannot move", "the socket");

	policy->socket = kSocket;
	if (close_range(kSocket + 1, ~0U, 0) < 0) {
		for (int fd = kSocket + 1, end = sysconf(_SC_OPEN_MAX); fd < end; fd++)
			close(fd);
	}

	return 0;
}

/* LD_LIBRARY_PATH of the folders in which the files lie. */
std::string libraryPath(const std::vector<std::string> &files)
{
	std::set<std::string> folders;
	for (const std::string &file : files)
		folders.insert(file.substr(0, file.rfind('/')));

	std::string path;
	for (const std::string &folder : folders)
		path += (path.empty() ? "" : ":") + folder;
	return path;
}

/* Everything that the worker's file system holds. */
std::vector<std::string> keptFiles(const CagePolicy &policy, const std::vector<std::string> &toLoad)
{
	std::vector<std::string> files = toLoad;
	if (!policy.tuning.empty())
		files.push_back(policy.tuning);
	if (kSanitized)
		files.push_back("/proc");

	return files;
}

Namespaces isolate(const std::vector<std::string> &files, MissingLayers *missing)
{
	const Namespaces namespaces = Namespaces::enter(missing);
	if (namespaces.mount)
		changeRoot(files, missing);

	return namespaces;
}

/* The first process of the namespace: becomes the worker. */
int runWorker(const CagePolicy &policy, const std::string &worker,
	      const std::string &libraries, const Namespaces &namespaces, int log)
{
	/* The launcher may be dead by now. */
	struct pollfd end {
		log, 0, 0
	};
	if (poll(&end, 1, 0) == 1 && (end.revents & POLLERR))
		return EXIT_FAILURE;

	dup2(log, STDERR_FILENO);
	close(log);

	MissingLayers missing;
	limitResources(namespaces.user, &missing);
	if (judge(missing, policy.module, policy.relaxed))
		return kRefusedStatus;

	std::string environment = "LD_LIBRARY_PATH=" + libraries;
	std::vector<char *> variables = workerEnvironment(environ);
	variables.insert(variables.begin(), environment.data());

	std::vector<std::string> arguments = policy.toArguments(kWorkerName);
	std::vector<char *> argv;
	for (std::string &argument : arguments)
		argv.push_back(argument.data());
	argv.push_back(nullptr);

	execve(worker.c_str(), argv.data(), variables.data());
	return fail("cannot run", worker.c_str());
}

int launch(CagePolicy policy)
{
	const std::string worker = workerPath();
	if (worker.empty())
		return fail("cannot find", kWorkerName);

	const char *inherited = getenv("LD_LIBRARY_PATH");
	const std::vector<std::string> toLoad = filesToLoad({ worker, policy.module },
							    inherited ? inherited : "");

	MissingLayers missing;
	const Namespaces namespaces = isolate(keptFiles(policy, toLoad), &missing);
	if (judge(missing, policy.module, policy.relaxed))
		return kRefusedStatus;

	int log[2];
	if (pipe2(log, O_CLOEXEC) < 0)
		return fail("cannot open", "the log");

	const pid_t pid = fork();
	if (pid < 0)
		return fail("cannot start", kWorkerName);

	missing.clear();
	dropCapabilities(&missing);
	if (judge(missing, policy.module, policy.relaxed))
		return kRefusedStatus;

	/*
	 * A killed application leaves no launcher behind, a killed launcher no
	 * worker. The kernel may forget this with a change of rights.
	 */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return fail("cannot follow", "the application's death");

	if (!pid) {
		close(log[0]);
		return runWorker(policy, worker, libraryPath(toLoad), namespaces, log[1]);
	}

	close(log[1]);
	close(kSocket);
	return forwardLog(log[0], pid);
}

/* Try all layers of the launcher, and ask for those of the worker. */
int check()
{
	MissingLayers missing;

	isolate({}, &missing);
	dropCapabilities(&missing);
	restrictToFiles({}, &missing);
	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0)
		missing.push_back({ "seccomp", strerror(errno),
				    "run a kernel with CONFIG_SECCOMP_FILTER" });

	return judge(missing, "a module", false) ? kRefusedStatus : EXIT_SUCCESS;
}

bool isRelaxed()
{
	const char *value = secure_getenv("FOVEA_SANDBOX");
	return value && std::string_view(value) == "relaxed";
}

} /* namespace */

int main(int argc, char **argv)
{
	const std::string_view option = argc == 2 ? argv[1] : "";
	if (option == "--help") {
		fputs(kUsage, stdout);
		return EXIT_SUCCESS;
	}

	/* No program started from here can gain rights, a setuid one neither. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fail("cannot give up", "new privileges");

	if (option == "--check")
		return check();

	std::optional<CagePolicy> policy = CagePolicy::fromArguments(argc, argv);
	if (!policy) {
		fputs(kUsage, stderr);
		return EXIT_FAILURE;
	}
	policy->relaxed = isRelaxed();

	resetProcess();
	int ret = resetDescriptors(&*policy);
	if (ret)
		return ret;

	return launch(*policy);
}
