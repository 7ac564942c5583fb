/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A worker without a pipeline handler: does in the cage what it is told
 *
 * Each message on the socket is a command, each answer its result.
 */

#include <algorithm>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <thread>
#include <time.h>
#include <unistd.h>
#include <vector>

#include "sandbox/cage.h"

#include "attempts.h"

using namespace fovea::sandbox;
using namespace fovea::test;

namespace {

std::optional<CagePolicy> policy;
std::optional<Cage> cage;

int seal()
{
	return cage->seal();
}

int loadModule()
{
	if (!dlopen(policy->module.c_str(), RTLD_NOW)) {
		fprintf(stderr, "%s\n", dlerror());
		return -ENOENT;
	}

	return 0;
}

int readTuning()
{
	const int fd = open((policy->tuning + "/tuning.yaml").c_str(), O_RDONLY);
	if (fd < 0)
		return -errno;

	char text[16] = {};
	const ssize_t size = read(fd, text, sizeof(text) - 1);
	close(fd);

	return size > 0 && !strcmp(text, "version: 1\n") ? 0 : -EIO;
}

/* A socket, too, is open beside the standard streams, and nothing else. */
int countDescriptors()
{
	int count = 0;
	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

int startThread()
try {
	int value = 0;
	std::thread([&value] { value = 1; }).join();
	return value == 1 ? 0 : -EIO;
} catch (const std::system_error &error) {
	return -error.code().value();
}

int work()
{
	std::vector<std::string> strings;
	for (unsigned int i = 0; i < 1000; i++)
		strings.emplace_back(i * 64, 'x');
	constexpr size_t kLarge = 8 << 20;
	const std::vector<char> large(kLarge, 1);

	timespec moment{ 0, 1000 };
	clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, nullptr);
	clock_gettime(CLOCK_MONOTONIC, &moment);

	pollfd pipe{ 3, POLLOUT, 0 };
	if (poll(&pipe, 1, 0) != 1)
		return -errno;

	return std::count(large.begin(), large.end(), 1) == kLarge ? 0 : -EIO;
}

int writeLog()
{
	fprintf(stderr, "a line of the log\n");
	return 0;
}

int flood()
{
	const std::string line(1000, 'f');
	for (unsigned int i = 0; i < 2000; i++)
		fprintf(stderr, "%s\n", line.c_str());
	return 0;
}

int useForeignCalls()
{
	/* Call number 39 of x32, getpid(). */
	return syscall(0x40000000 + 39) < 0 ? -errno : 0;
}

int crash()
{
	abort();
}

constexpr Attempt kCommands[] = {
	{ "abort", crash },
	{ "count descriptors", countDescriptors },
	{ "flood the log", flood },
	{ "load the module", loadModule },
	{ "read the tuning", readTuning },
	{ "seal", seal },
	{ "start a thread", startThread },
	{ "use foreign calls", useForeignCalls },
	{ "work", work },
	{ "write the log", writeLog },
};

int run(const std::string &name)
{
	for (std::span<const Attempt> list : { std::span<const Attempt>(kCommands), attempts() }) {
		for (const Attempt &attempt : list) {
			if (name == attempt.name)
				return attempt.run();
		}
	}

	fprintf(stderr, "unknown command '%s'\n", name.c_str());
	return 0;
}

/* Receive as the real worker does, with descriptors; a buffer is mapped. */
std::string receive()
{
	char text[256];
	alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	iovec vector{ text, sizeof(text) };
	msghdr message{};
	message.msg_iov = &vector;
	message.msg_iovlen = 1;
	message.msg_control = control;
	message.msg_controllen = sizeof(control);

	const ssize_t size = recvmsg(policy->socket, &message, MSG_CMSG_CLOEXEC);
	return size > 0 ? std::string(text, size) : std::string();
}

void reply(int result)
{
	iovec vector{ &result, sizeof(result) };
	msghdr message{};
	message.msg_iov = &vector;
	message.msg_iovlen = 1;
	sendmsg(policy->socket, &message, MSG_NOSIGNAL);
}

} /* namespace */

int main(int argc, char **argv)
{
	policy = CagePolicy::fromArguments(argc, argv);
	if (!policy)
		return EXIT_FAILURE;

	cage.emplace(*policy);
	if (cage->enter())
		return kRefusedStatus;

	for (std::string name = receive(); !name.empty(); name = receive())
		reply(run(name));

	return EXIT_SUCCESS;
}
