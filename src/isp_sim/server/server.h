/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Server of the virtual hardware's device nodes
 */

#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <stdint.h>
#include <string>
#include <unordered_map>
#include <vector>

#include "isp_sim/v4l2/event_loop.h"
#include "isp_sim/v4l2/file.h"

#include "client_limits.h"
#include "message.h"
#include "owned_fd.h"
#include "protocol.h"
#include "session.h"

namespace fovea::server {

class Server
{
public:
	Server(v4l2::EventLoop *loop, std::vector<v4l2::Hardware *> hardware,
	       const Limits &limits = Limits::forDescriptors());
	~Server();

	int listen(const std::string &path, std::string *error);

	/* Serve a connected SOCK_SEQPACKET socket, as if it had been accepted. */
	int addConnection(OwnedFd fd);

	/* Hardware that comes, and that was unregistered. */
	void addHardware(v4l2::Hardware *hardware);
	void removeHardware(v4l2::Hardware *hardware);

	/* Send a uevent to all who have asked for them. */
	void announce(const std::string &uevent);

	/* How much longer the ioctl that was just executed keeps its caller. */
	std::function<std::chrono::nanoseconds()> takeDelay;

	/* Executes commands of fovea-ctl; returns 0 or a negative error code. */
	std::function<int(const std::string &command, std::string *answer)> command;

	size_t connections() const { return connections_.size(); }
	size_t sessions() const { return sessions_.size(); }

private:
	struct Reply;
	struct Packet;

	struct Connection {
		OwnedFd fd;
		pid_t process;
		uint64_t timer = 0;	/* of a reply that is held back */
	};

	void acceptConnections();
	bool peerAllowed(int fd) const;

	void connectionReady(int fd, uint32_t events);
	void dropConnection(int fd, const std::string &reason);
	bool receive(int fd, Packet *packet, std::string *reason);
	bool receivePayload(std::span<uint8_t> rest, Packet *packet, std::string *reason);
	void holdBack(int fd, Reply *reply, uint32_t capacity, std::chrono::nanoseconds time);
	bool send(int fd, Reply *reply, uint32_t capacity, std::string *reason);

	bool dispatch(int fd, const Packet &packet, Reply *reply, std::string *reason);
	void open(const Packet &packet, Reply *reply);
	void closeSession(uint64_t handle);
	void runCommand(const Packet &packet, Reply *reply);
	void attach(const Packet &packet, Reply *reply);
	void describe(const Session &session, Reply *reply) const;
	void mmap(const Packet &packet, Reply *reply);
	bool ioctl(const Packet &packet, Reply *reply, std::string *reason);

	int sizeLinkArrays(Session *session, IoctlArguments *arguments);
	int checkControlPayloads(Session *session, const v4l2_ext_controls &controls) const;
	int callWithDmabufs(Session *session, const Packet &packet, IoctlArguments *arguments);
	void finishDescriptors(Session *session, unsigned long request, void *arg,
			       unsigned int planes, Reply *reply);
	Session *findSession(uint64_t handle) const;
	uint64_t newHandle() const;
	v4l2::DeviceNode *findNode(std::string_view name) const;

	v4l2::EventLoop *loop_;
	std::vector<v4l2::Hardware *> hardware_;
	OwnedFd listener_;
	OwnedFd spare_;
	std::string path_;
	std::vector<uint64_t> receiveBuffer_;
	std::vector<uint64_t> memfdBuffer_;
	std::vector<uint8_t> sendBuffer_;
	Tally connectionTally_;
	Tally fileTally_;
	std::map<int, Connection> connections_;
	std::set<int> monitors_;
	std::unordered_map<uint64_t, std::unique_ptr<Session>> sessions_;
};

} /* namespace fovea::server */
