/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Malformed requests: they end their connection and nothing else
 */

#include <fcntl.h>
#include <random>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/media.h>
#include <linux/videodev2.h>

#include "server_test.h"

using namespace fovea;
using namespace fovea::transport;

namespace {

class Protocol : public test::ServerTest
{
};

} /* namespace */

TEST_F(Protocol, AnswersGoodRequests)
{
	OwnedFd fd = connect();
	const uint64_t handle = openNode(fd.get());
	ASSERT_NE(handle, 0U);
	EXPECT_EQ(carrier_.size(), 1U + kReadyCount);

	RequestHeader head = ioctlHeader(handle, VIDIOC_QUERYCAP);
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
		RequestHeader head = ioctlHeader(handle, VIDIOC_QUERYCAP);
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
		RequestHeader head = ioctlHeader(openNode(fd.get()), VIDIOC_G_EXT_CTRLS);
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
	RequestHeader head = ioctlHeader(openNode(fd.get()), VIDIOC_QUERYCAP);
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

	/* A file of a file system, which need not answer. */
	OwnedFd file(open("/proc/self/exe", O_RDONLY));
	fd = connect();
	EXPECT_EQ(send(fd.get(), head, {}, { file.get() }), -EPIPE);
	EXPECT_TRUE(serves());
}

/* One that does not read loses its connection, and nobody waits for it. */
TEST_F(Protocol, HangsUpOnSilentMonitors)
{
	OwnedFd silent = connect();
	ASSERT_EQ(send(silent.get(), header(kOpMonitor), {}), 0);
	EXPECT_EQ(inServer([this]() {
		for (int i = 0; i < 5000; i++)
			server_.announce("add@/nothing");
		return server_.connections();
	}), 1U);
	EXPECT_TRUE(serves());

	for (int i = 0; i < 500; i++) {
		if (!inServer([this]() { return server_.connections(); }))
			return;
		usleep(10000);
	}
	FAIL() << "the server still has the connection";
}

/* A call that takes long keeps its caller and nobody else. */
TEST_F(Protocol, HoldsRepliesBack)
{
	OwnedFd slow = connect();
	RequestHeader head = ioctlHeader(openNode(slow.get()), VIDIOC_QUERYCAP);
	std::vector<uint8_t> packet(sizeof(head) + head.payloadSize);
	memcpy(packet.data(), &head, sizeof(head));

	using Delays = std::vector<std::chrono::milliseconds>;
	auto delays = std::make_shared<Delays>(1, std::chrono::milliseconds(200));
	inServer([&]() {
		server_.takeDelay = [delays]() {
			const auto delay = delays->empty() ? std::chrono::milliseconds(0) : delays->back();
			delays->clear();
			return delay;
		};
		return 0;
	});
	ASSERT_GT(::send(slow.get(), packet.data(), packet.size(), 0), 0);
	EXPECT_TRUE(serves());
	char byte;
	EXPECT_EQ(recv(slow.get(), &byte, 1, MSG_DONTWAIT | MSG_PEEK), -1);
	EXPECT_EQ(receive(slow.get()), 0);
	EXPECT_NE(openNode(slow.get()), 0U);

	/* One that leaves before its reply comes takes it with it. */
	inServer([&]() { delays->push_back(std::chrono::milliseconds(20)); return 0; });
	ASSERT_GT(::send(slow.get(), packet.data(), packet.size(), 0), 0);
	slow.reset();
	usleep(50000);
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
		RequestHeader head = ioctlHeader(openNode(fd.get()),
						 kRequests[random() % std::size(kRequests)]);
		head.operation = 1 + random() % 6;
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

/* Files of a device that has gone are known until they are closed as well. */
TEST_F(Protocol, KnowsUnpluggedFilesUntilClosed)
{
	OwnedFd fd = connect();
	const uint64_t handle = openNode(fd.get());
	RequestHeader head = ioctlHeader(handle, VIDIOC_QUERYCAP);
	const std::vector<uint8_t> payload(head.payloadSize);
	ASSERT_EQ(send(fd.get(), head, payload), 0);

	inServer([this]() {
		hardware_.unregister();
		server_.removeHardware(&hardware_);
		return 0;
	});
	usleep(20000);
	EXPECT_EQ(inServer([this]() { return server_.sessions(); }), 1U);
	EXPECT_EQ(send(fd.get(), head, payload), -ENODEV);
	EXPECT_EQ(openNode(fd.get()), 0U);

	carrier_.clear();
	for (int i = 0; i < 500; i++) {
		if (!inServer([this]() { return server_.sessions(); }))
			return;
		usleep(10000);
	}
	FAIL() << "the server still has the open file";
}

TEST_F(Protocol, ForgetsClosedFiles)
{
	{
		OwnedFd fd = connect();
		ASSERT_NE(openNode(fd.get()), 0U);
		carrier_.clear();
	}
	for (int i = 0; i < 500; i++) {
		if (!inServer([this]() { return server_.sessions() + server_.connections(); }))
			return;
		usleep(10000);
	}
	FAIL() << "the server still has open files";
}
