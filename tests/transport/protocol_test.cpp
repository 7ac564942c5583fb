/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Malformed requests: they end their connection and nothing else
 */

#include <errno.h>
#include <random>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include <linux/media.h>
#include <linux/videodev2.h>

#include <gtest/gtest.h>

#include "isp_sim/server/log.h"
#include "isp_sim/server/server.h"

#include "fake_hardware.h"

using namespace fovea;
using namespace fovea::transport;

namespace {

class Protocol : public testing::Test
{
protected:
	Protocol()
		: hardware_(&loop_), server_(&loop_, { &hardware_ })
	{
		server::setLogLevel(server::LogLevel::Error);
		thread_ = std::thread([this]() { loop_.run(); });
	}

	~Protocol() override
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
	test::FakeHardware hardware_;
	server::Server server_;
	std::thread thread_;
	ReplyHeader header_ = {};
	std::vector<OwnedFd> descriptors_;
	std::vector<OwnedFd> carrier_;
};

RequestHeader ioctlHeader(RequestHeader head, uint64_t handle, unsigned long request)
{
	head.handle = handle;
	head.request = request;
	head.argSize = _IOC_SIZE(request);
	head.payloadSize = padded(head.argSize);
	return head;
}

} /* namespace */

TEST_F(Protocol, AnswersGoodRequests)
{
	OwnedFd fd = connect();
	const uint64_t handle = openNode(fd.get());
	ASSERT_NE(handle, 0U);
	EXPECT_EQ(carrier_.size(), 1U + kReadyCount);

	RequestHeader head = ioctlHeader(header(kOpIoctl), handle, VIDIOC_QUERYCAP);
	EXPECT_EQ(send(fd.get(), head, std::vector<uint8_t>(head.payloadSize)), 0);
	head.handle++;
	EXPECT_EQ(send(fd.get(), head, std::vector<uint8_t>(head.payloadSize)), -ENODEV);

	RequestHeader open = header(kOpOpen);
	open.payloadSize = 3;
	EXPECT_EQ(send(fd.get(), open, { 'a', '/', 'b' }), -ENOENT);
}

TEST_F(Protocol, HangsUpOnBadHeaders)
{
	const auto refused = [this](auto change) {
		OwnedFd fd = connect();
		const uint64_t handle = openNode(fd.get());
		RequestHeader head = ioctlHeader(header(kOpIoctl), handle, VIDIOC_QUERYCAP);
		const size_t size = head.payloadSize;
		change(head);
		return send(fd.get(), head, std::vector<uint8_t>(size)) == -EPIPE && serves();
	};

	EXPECT_FALSE(refused([](RequestHeader &) {}));
	EXPECT_TRUE(refused([](RequestHeader &h) { h.magic++; }));
	EXPECT_TRUE(refused([](RequestHeader &h) { h.operation = 0; }));
	EXPECT_TRUE(refused([](RequestHeader &h) { h.operation = 99; }));
	EXPECT_TRUE(refused([](RequestHeader &h) { h.argSize++; }));
	EXPECT_TRUE(refused([](RequestHeader &h) { h.argSize = 0; }));
	EXPECT_TRUE(refused([](RequestHeader &h) { h.payloadSize--; }));
	EXPECT_TRUE(refused([](RequestHeader &h) { h.payloadSize = 0xffffffff; }));
	EXPECT_TRUE(refused([](RequestHeader &h) { h.regions = 1; }));
	EXPECT_TRUE(refused([](RequestHeader &h) { h.regions = 0xffffffff; }));
	EXPECT_TRUE(refused([](RequestHeader &h) { h.descriptors = 1; }));
	EXPECT_TRUE(refused([](RequestHeader &h) { h.flags = kFlagPayloadInMemfd; }));
	EXPECT_TRUE(refused([](RequestHeader &h) { h.flags = 2; }));
	EXPECT_TRUE(refused([](RequestHeader &h) { h.replyCapacity = 0; }));
	EXPECT_TRUE(refused([](RequestHeader &h) { h.replyCapacity = kMaxPacket + 1; }));
}

TEST_F(Protocol, HangsUpOnBadRegions)
{
	const auto sendControls = [this](uint32_t count, uint32_t regions, RegionHeader region,
					 size_t bytes) {
		OwnedFd fd = connect();
		RequestHeader head = ioctlHeader(header(kOpIoctl), openNode(fd.get()), VIDIOC_G_EXT_CTRLS);
		std::vector<uint8_t> payload(head.payloadSize + sizeof(region) + bytes);
		v4l2_ext_controls controls = {};
		controls.count = count;
		memcpy(payload.data(), &controls, sizeof(controls));
		memcpy(payload.data() + head.payloadSize, &region, sizeof(region));
		head.payloadSize = payload.size();
		head.regions = regions;
		return send(fd.get(), head, payload);
	};
	constexpr uint32_t kSize = sizeof(v4l2_ext_control);

	EXPECT_EQ(sendControls(2, 1, { 2 * kSize, 1 }, 2 * kSize), 0);
	EXPECT_EQ(sendControls(2, 1, { 2 * kSize, 0 }, 2 * kSize), -EPIPE);
	EXPECT_EQ(sendControls(2, 1, { 3 * kSize, 1 }, 3 * kSize), -EPIPE);
	EXPECT_EQ(sendControls(2, 1, { 2 * kSize, 1 }, kSize), -EPIPE);
	EXPECT_EQ(sendControls(2, 1, { 2 * kSize, 1 }, 2 * kSize + 8), -EPIPE);
	EXPECT_EQ(sendControls(2, 2, { 2 * kSize, 1 }, 2 * kSize), -EPIPE);
	EXPECT_EQ(sendControls(2, 0, { 2 * kSize, 1 }, 2 * kSize), -EPIPE);
	EXPECT_EQ(sendControls(0xffffffff, 1, { 2 * kSize, 1 }, 2 * kSize), -EPIPE);
	EXPECT_TRUE(serves());
}

TEST_F(Protocol, HangsUpOnBadPackets)
{
	for (size_t size : { 1UL, 63UL, kMaxPacket + 1 }) {
		OwnedFd fd = connect();
		const std::vector<uint8_t> bytes(size, 0x55);
		EXPECT_EQ(request(fd.get(), bytes.data(), bytes.size()), -EPIPE);
	}

	/* More descriptors than announced, and than allowed. */
	OwnedFd fd = connect();
	RequestHeader head = ioctlHeader(header(kOpIoctl), openNode(fd.get()), VIDIOC_QUERYCAP);
	const std::vector<uint8_t> payload(head.payloadSize);
	EXPECT_EQ(send(fd.get(), head, payload, { 1 }), -EPIPE);
	fd = connect();
	EXPECT_EQ(send(fd.get(), head, payload, std::vector<int>(kMaxDescriptors + 1, 1)), -EPIPE);

	/* A memfd that is too short, and something that is none. */
	OwnedFd memfd(memfd_create("short", 0));
	head.flags = kFlagPayloadInMemfd;
	fd = connect();
	EXPECT_EQ(send(fd.get(), head, {}, { memfd.get() }), -EPIPE);
	int pipeFds[2];
	ASSERT_EQ(pipe(pipeFds), 0);
	fd = connect();
	EXPECT_EQ(send(fd.get(), head, {}, { pipeFds[0] }), -EPIPE);
	close(pipeFds[0]);
	close(pipeFds[1]);
	EXPECT_TRUE(serves());
}

TEST_F(Protocol, SurvivesNoise)
{
	constexpr unsigned long kRequests[] = {
		VIDIOC_QUERYCAP, VIDIOC_G_EXT_CTRLS, VIDIOC_QBUF, VIDIOC_DQBUF,
		MEDIA_IOC_G_TOPOLOGY, MEDIA_IOC_ENUM_LINKS, VIDIOC_EXPBUF,
	};
	std::mt19937 random(1);

	for (int i = 0; i < 2000; i++) {
		OwnedFd fd = connect();
		RequestHeader head = ioctlHeader(header(1 + random() % 4), openNode(fd.get()),
						 kRequests[random() % std::size(kRequests)]);
		head.regions = random() % 3;
		std::vector<uint8_t> payload(head.payloadSize + 8 * (random() % 20));
		for (uint8_t &byte : payload)
			byte = random() % 4 ? 0 : random() % 256;
		head.payloadSize = payload.size();
		if (head.operation != kOpIoctl && random() % 2)
			head.argSize = head.regions = 0;
		send(fd.get(), head, payload);
	}
	EXPECT_TRUE(serves());
}

TEST_F(Protocol, ForgetsClosedFiles)
{
	{
		OwnedFd fd = connect();
		ASSERT_NE(openNode(fd.get()), 0U);
		carrier_.clear();
	}
	for (int i = 0; i < 500; i++) {
		size_t left = 1;
		std::mutex mutex;
		mutex.lock();
		loop_.post([&]() {
			left = server_.sessions() + server_.connections();
			mutex.unlock();
		});
		mutex.lock();
		mutex.unlock();
		if (!left)
			return;
		usleep(10000);
	}
	FAIL() << "the server still has open files";
}
