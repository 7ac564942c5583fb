/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * fovea-ctl: unplug and plug in the virtual hardware of a running fovea-run
 */

#include <errno.h>
#include <filesystem>
#include <set>
#include <stdlib.h>
#include <string.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <fmt/ranges.h>

#include "isp_sim/server/owned_fd.h"
#include "isp_sim/server/protocol.h"

using namespace fovea;
using namespace fovea::transport;
namespace fs = std::filesystem;

namespace {

int fail(const std::string &message)
{
	fmt::print(stderr, "fovea-ctl: {}\n", message);
	return EXIT_FAILURE;
}

/* The sockets of all runs of this user, see RuntimeDirectory of fovea-run. */
std::vector<std::string> runningSockets()
{
	std::set<std::string> bases = { fs::temp_directory_path() };
	if (const char *runtime = getenv("XDG_RUNTIME_DIR"); runtime && *runtime)
		bases.insert(runtime);

	std::vector<std::string> sockets;
	for (const std::string &base : bases) {
		std::error_code error;
		for (const fs::directory_entry &entry : fs::directory_iterator(base, error)) {
			const fs::path socket = entry.path() / "hw";
			if (entry.path().filename().string().starts_with("fovea-run-") &&
			    fs::is_socket(socket, error))
				sockets.push_back(socket);
		}
	}

	return sockets;
}

/* The one server that is meant, or an empty string with \a error set. */
std::string findSocket(const std::string &option, std::string *error)
{
	if (!option.empty())
		return option;
	if (const char *socket = getenv("FOVEA_SOCKET"); socket && *socket)
		return socket;

	const std::vector<std::string> sockets = runningSockets();
	if (sockets.size() == 1)
		return sockets[0];

	*error = sockets.empty()
		       ? "no fovea-run is running; start one, or give its --socket"
		       : fmt::format("more than one fovea-run is running, choose one by --socket:\n  {}",
				     fmt::join(sockets, "\n  "));
	return {};
}

int connectTo(const std::string &path, OwnedFd *fd)
{
	sockaddr_un address = {};
	address.sun_family = AF_UNIX;
	if (path.size() >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path.c_str(), path.size());

	fd->reset(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
	if (!fd->isValid() ||
	    connect(fd->get(), reinterpret_cast<sockaddr *>(&address), sizeof(address)))
		return -errno;

	return 0;
}

/* Execute \a command; \a answer is the server's text. */
int execute(int fd, const std::string &command, std::string *answer)
{
	RequestHeader request = {};
	request.magic = kProtocolMagic;
	request.operation = kOpControl;
	request.payloadSize = command.size();
	request.replyCapacity = kMaxPacket;

	std::string packet(reinterpret_cast<const char *>(&request), sizeof(request));
	packet += command;
	if (send(fd, packet.data(), packet.size(), MSG_NOSIGNAL) < 0)
		return -errno;

	std::string bytes(kMaxPacket, '\0');
	const ssize_t size = recv(fd, bytes.data(), bytes.size(), 0);
	if (size < static_cast<ssize_t>(sizeof(ReplyHeader)))
		return -EPROTO;

	ReplyHeader reply;
	memcpy(&reply, bytes.data(), sizeof(reply));
	*answer = bytes.substr(sizeof(reply), size - sizeof(reply));
	return reply.result;
}

int run(const std::string &socket, const std::string &command)
{
	std::string error;
	const std::string path = findSocket(socket, &error);
	if (path.empty())
		return fail(error);

	OwnedFd fd;
	int ret = connectTo(path, &fd);
	if (ret)
		return fail(fmt::format("{}: {}", path, strerror(-ret)));

	std::string answer;
	ret = execute(fd.get(), command, &answer);
	if (ret < 0)
		return fail(answer.empty() ? strerror(-ret) : answer);

	fmt::print("{}", answer);
	return EXIT_SUCCESS;
}

} /* namespace */

int main(int argc, char **argv)
{
	CLI::App app{ "Unplug and plug in the virtual hardware of a running fovea-run" };
	std::string socket;
	std::string name;
	std::string command;

	app.add_option("--socket", socket,
		       "Socket of the hardware; the default is $FOVEA_SOCKET, or that of the only run");
	const auto add = [&](const char *verb, const char *description, bool takesName) {
		CLI::App *sub = app.add_subcommand(verb, description);
		if (takesName)
			sub->add_option("device", name, "Name as 'list' gives it; without it all are meant");
		sub->callback([&command, verb]() { command = verb; });
	};
	add("list", "Name the hardware, and say what is unplugged", false);
	add("unplug", "Take hardware away, as if its cable were pulled", true);
	add("plug", "Bring it back, as after power-on", true);
	app.require_subcommand(1);
	app.footer("Example:\n"
		   "  fovea-run -- cam -m &\n"
		   "  fovea-ctl unplug; sleep 1; fovea-ctl plug");
	CLI11_PARSE(app, argc, argv);

	return run(socket, name.empty() ? command : command + " " + name);
}
