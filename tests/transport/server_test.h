/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A server with the fake hardware, and clients without the preload library
 */

#pragma once

#include <errno.h>
#include <future>
#include <string.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "isp_sim/server/log.h"
#include "isp_sim/server/server.h"

#include "fake_hardware.h"

namespace fovea::test {

using namespace transport;

class ServerTest : public testing::Test
{
protected:
	explicit ServerTest(const server::Limits &limits = server::Limits::forDescriptors())
		: hardware_(&loop_), server_(&loop_, { &hardware_ }, limits)
	{
		server::setLogLevel(server::LogLevel::Error);
		thread_ = std::thread([this]() { loop_.run(); });
	}

	~ServerTest() override
	{
		loop_.stop();
		thread_.join();
	}

	OwnedFd connect()
	{
		int fds[2];
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
			return OwnedFd();
		loop_.post([this, fd = fds[0]]() { server_.addConnection(OwnedFd(fd)); });
		return OwnedFd(fds[1]);
	}

	/* The result of a request, or -EPIPE when the server hangs up. */
	int request(int fd, const void *data, size_t size, std::vector<int> fds = {})
	{
		alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * 64)] = {};
		iovec iov = { const_cast<void *>(data), size };
		msghdr message = {};
		message.msg_iov = &iov;
		message.msg_iovlen = 1;
		if (!fds.empty()) {
			message.msg_control = control;
			message.msg_controllen = CMSG_SPACE(fds.size() * sizeof(int));
			cmsghdr *cmsg = CMSG_FIRSTHDR(&message);
			cmsg->cmsg_level = SOL_SOCKET;
			cmsg->cmsg_type = SCM_RIGHTS;
			cmsg->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
			memcpy(CMSG_DATA(cmsg), fds.data(), fds.size() * sizeof(int));
		}
		if (sendmsg(fd, &message, MSG_NOSIGNAL) < 0)
			return -EPIPE;
		return receive(fd);
	}

	int receive(int fd)
	{
		std::vector<uint8_t> reply(kMaxPacket);
		alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMaxDescriptors)];
		iovec iov = { reply.data(), reply.size() };
		msghdr message = {};
		message.msg_iov = &iov;
		message.msg_iovlen = 1;
		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		const ssize_t size = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
		if (size < static_cast<ssize_t>(sizeof(header_)))
			return -EPIPE;

		memcpy(&header_, reply.data(), sizeof(header_));
		descriptors_.clear();
		cmsghdr *cmsg = CMSG_FIRSTHDR(&message);
		for (size_t i = 0; cmsg && i < (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
			int number;
			memcpy(&number, CMSG_DATA(cmsg) + i * sizeof(int), sizeof(int));
			descriptors_.emplace_back(number);
		}
		return header_.result;
	}

	static RequestHeader header(uint32_t operation)
	{
		RequestHeader header = {};
		header.magic = kProtocolMagic;
		header.operation = operation;
		header.replyCapacity = 4096;
		return header;
	}

	int send(int fd, RequestHeader head, std::vector<uint8_t> payload = {},
		 std::vector<int> fds = {})
	{
		std::vector<uint8_t> packet(sizeof(head));
		memcpy(packet.data(), &head, sizeof(head));
		packet.insert(packet.end(), payload.begin(), payload.end());
		return request(fd, packet.data(), packet.size(), std::move(fds));
	}

	/* What \a function returns in the server's thread. */
	size_t inServer(const std::function<size_t()> &function)
	{
		std::promise<size_t> result;
		loop_.post([&]() { result.set_value(function()); });
		return result.get_future().get();
	}

	static RequestHeader ioctlHeader(uint64_t handle, unsigned long request)
	{
		RequestHeader head = header(kOpIoctl);
		head.handle = handle;
		head.request = request;
		head.argSize = _IOC_SIZE(request);
		head.payloadSize = padded(head.argSize);
		return head;
	}

	/* The handle of a new open file of video0, 0 for an error. */
	uint64_t openNode(int fd)
	{
		RequestHeader head = header(kOpOpen);
		head.payloadSize = 6;
		if (send(fd, head, { 'v', 'i', 'd', 'e', 'o', '0' }))
			return 0;
		carrier_ = std::move(descriptors_);
		return header_.handle;
	}

	/* Any client of good manners still gets an answer. */
	bool serves()
	{
		OwnedFd fd = connect();
		return openNode(fd.get()) != 0;
	}

	v4l2::EventLoop loop_;
	FakeHardware hardware_;
	server::Server server_;
	std::thread thread_;
	ReplyHeader header_ = {};
	std::vector<OwnedFd> descriptors_;
	std::vector<OwnedFd> carrier_;
};

} /* namespace fovea::test */
