/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A program inside the world of the fake hardware, or of a small Fovea
 */

#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <filesystem>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "isp_sim/server/owned_fd.h"
#include "isp_sim/server/protocol.h"

namespace fovea::test {

using namespace transport;

namespace {

constexpr const char *kNames[] = { "fake", "tiny" };

[[noreturn]] void executeHardware(World world, const char *socket, const char *tree, int ready)
{
	dup2(ready, STDOUT_FILENO);
	if (world == World::Fake) {
		execl(FOVEA_FAKE_HW, FOVEA_FAKE_HW, socket, tree, nullptr);
	} else {
		setenv("FOVEA_RIG_PATH", FOVEA_TEST_RIGS, 1);
		execl(FOVEA_HW, FOVEA_HW, "--socket", socket, "--sysfs", tree, "--rig", "tiny",
		      "--threads", "1", "--ready-fd", "1", nullptr);
	}
	_exit(127);
}

pid_t startServer(World world, const std::string &socket, const std::string &tree)
{
	int ready[2];
	if (pipe2(ready, O_CLOEXEC))
		return -1;

	const pid_t pid = fork();
	if (!pid)
		executeHardware(world, socket.c_str(), tree.c_str(), ready[1]);

	close(ready[1]);
	char byte;
	const bool started = read(ready[0], &byte, 1) == 1;
	close(ready[0]);
	return started ? pid : -1;
}

} /* namespace */

int runInWorld(char **argv, const std::function<int()> &body, World world)
{
	const char *name = kNames[static_cast<int>(world)];
	if (getenv("FOVEA_SOCKET")) {
		const char *present = getenv("FOVEA_TEST_WORLD");
		return !present || std::string(present) == name ? body() : 0;
	}

	char directory[] = "/tmp/fovea-transport-XXXXXX";
	if (!mkdtemp(directory))
		return 1;
	const std::string socket = std::string(directory) + "/socket";
	const std::string tree = std::string(directory) + "/tree";
	const pid_t server = startServer(world, socket, tree);
	if (server < 0) {
		fprintf(stderr, "the hardware '%s' did not start\n", name);
		return 1;
	}

	const pid_t child = fork();
	if (!child) {
		setenv("FOVEA_TEST_WORLD", name, 1);
		setenv("FOVEA_SOCKET", socket.c_str(), 1);
		setenv("FOVEA_SYSFS", tree.c_str(), 1);
		setenv("FOVEA_TEST_SERVER", std::to_string(server).c_str(), 1);
		setenv("LD_PRELOAD", FOVEA_PRELOAD, 1);
		execv("/proc/self/exe", argv);
		_exit(127);
	}

	int status = 0;
	waitpid(child, &status, 0);
	kill(server, SIGTERM);
	int serverStatus = 0;
	waitpid(server, &serverStatus, 0);
	std::error_code ec;
	const bool left = std::filesystem::exists(socket) || std::filesystem::exists(tree);
	std::filesystem::remove_all(directory, ec);

	/* A server that was not killed by a test exits orderly and leaves nothing. */
	if (WIFEXITED(serverStatus) && (WEXITSTATUS(serverStatus) || left)) {
		fprintf(stderr, "the hardware exited with %d%s\n", WEXITSTATUS(serverStatus),
			left ? " and left its files" : "");
		return 1;
	}

	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

pid_t serverPid()
{
	return atoi(getenv("FOVEA_TEST_SERVER"));
}

int connectToServer()
{
	sockaddr_un address = {};
	address.sun_family = AF_UNIX;
	strncpy(address.sun_path, getenv("FOVEA_SOCKET"), sizeof(address.sun_path) - 1);

	OwnedFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
	if (connect(fd.get(), reinterpret_cast<sockaddr *>(&address), sizeof(address)))
		return -1;
	return fd.release();
}

int request(int connection, uint32_t operation, const std::string &payload)
{
	RequestHeader header = {};
	header.magic = kProtocolMagic;
	header.operation = operation;
	header.payloadSize = payload.size();
	header.replyCapacity = kMaxPacket;
	std::string packet(reinterpret_cast<const char *>(&header), sizeof(header));
	packet += payload;
	if (send(connection, packet.data(), packet.size(), MSG_NOSIGNAL) < 0)
		return -EPROTO;

	char bytes[4096];
	ReplyHeader reply;
	if (recv(connection, bytes, sizeof(bytes), 0) < static_cast<ssize_t>(sizeof(reply)))
		return -EPROTO;
	memcpy(&reply, bytes, sizeof(reply));
	return reply.result;
}

int control(const std::string &command)
{
	const OwnedFd connection(connectToServer());
	return request(connection.get(), kOpControl, command);
}

std::string treeDirectory()
{
	return getenv("FOVEA_SYSFS");
}

} /* namespace fovea::test */
