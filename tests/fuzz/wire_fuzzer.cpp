/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Fuzz target: packets with descriptors to the server of the Fovea device
 */

#include <algorithm>
#include <array>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "isp_sim/server/ioctl_layout.h"
#include "isp_sim/server/log.h"
#include "isp_sim/server/server.h"

#include "fuzz_input.h"
#include "tiny_device.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

using namespace fovea;
using namespace fovea::fuzz;
using namespace fovea::transport;

namespace {

constexpr size_t kConnections = 3;
constexpr size_t kMaxFiles = 8;
constexpr size_t kMaxPackets = 100;
constexpr size_t kMaxArrays = 32768;

void require(bool condition)
{
	if (!condition)
		abort();
}

/* An open file, as a client knows it. */
struct ClientFile {
	uint64_t handle;
	std::vector<OwnedFd> fds;
};

class Clients
{
public:
	explicit Clients(FuzzInput *input);
	~Clients();

	void run();

private:
	void step();
	void connect(size_t index);
	void sendRequest();
	void sendNoise();
	void send(std::vector<uint8_t> *packet, const std::vector<int> &fds);
	void receive(OwnedFd *connection);
	void takeReply(const ReplyHeader &header, std::vector<OwnedFd> *fds);

	std::vector<uint8_t> makePayload(RequestHeader *header);
	void appendIoctl(RequestHeader *header, std::vector<uint8_t> *payload);
	std::vector<int> chooseDescriptors(size_t count);

	FuzzInput *input_;
	v4l2::EventLoop loop_;
	std::unique_ptr<device::FoveaDevice> device_;
	std::unique_ptr<server::Server> server_;
	std::array<OwnedFd, kConnections> connections_;
	std::vector<ClientFile> files_;
	std::vector<OwnedFd> memories_;
};

Clients::Clients(FuzzInput *input)
	: input_(input), device_(createTinyDevice(&loop_)),
	  server_(std::make_unique<server::Server>(
		  &loop_, std::vector<v4l2::Hardware *>{ device_.get() },
		  server::Limits{ { 4, 3 }, { kMaxFiles, kMaxFiles } }))
{
	server::setLogLevel(server::LogLevel::Error);
	for (size_t size : kMemorySizes)
		memories_.emplace_back(createMemory(size, true));
	memories_.emplace_back(createMemory(65536, false));
}

/*
 * When all clients are gone, and their last packets are read, the server has
 * nothing of them left.
 */
Clients::~Clients()
{
	for (OwnedFd &connection : connections_)
		connection.reset();
	files_.clear();
	for (size_t round = 0; round <= kMaxPackets && server_->connections() + server_->sessions(); round++)
		runPending(&loop_);

	require(server_->connections() == 0);
	require(server_->sessions() == 0);
}

void Clients::run()
{
	for (size_t i = 0; i < kConnections; i++)
		connect(i);
	for (size_t packets = 0; packets < kMaxPackets && !input_->empty(); packets++)
		step();
}

void Clients::connect(size_t index)
{
	int fds[2];
	require(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) == 0);
	connections_[index].reset(fds[1]);
	runPending(&loop_);
	server_->addConnection(OwnedFd(fds[0]));
}

void Clients::step()
{
	switch (input_->below(12)) {
	case 0:
		return connect(input_->below(kConnections));
	case 1:
		if (!files_.empty())
			files_.erase(files_.begin() + static_cast<ptrdiff_t>(input_->below(files_.size())));
		return runPending(&loop_);
	case 2:
		return sendNoise();
	case 3:
		runPending(&loop_);
		for (OwnedFd &connection : connections_)
			receive(&connection);
		return;
	default:
		return sendRequest();
	}
}

/* A packet that is none, with any descriptors. */
void Clients::sendNoise()
{
	std::vector<uint8_t> packet(input_->take<uint8_t>());
	input_->read(packet.data(), packet.size());
	send(&packet, chooseDescriptors(input_->below(kMaxDescriptors + 3)));
}

/* A request with a few bytes changed. */
void Clients::sendRequest()
{
	constexpr uint32_t kOperations[] = { kOpOpen, kOpAttach, kOpIoctl, kOpIoctl, kOpIoctl, kOpMmap };

	RequestHeader header = {};
	header.magic = kProtocolMagic;
	header.operation = kOperations[input_->below(std::size(kOperations))];
	header.replyCapacity = input_->below(4) ? kMaxPacket : sizeof(ReplyHeader);
	if (!files_.empty())
		header.handle = files_[input_->below(files_.size())].handle;

	std::vector<uint8_t> payload = makePayload(&header);
	header.payloadSize = payload.size();
	std::vector<int> fds = chooseDescriptors(header.descriptors);

	OwnedFd memfd;
	if (input_->below(8) == 7) {
		memfd.reset(createMemory(payload.size(), false));
		require(pwrite(memfd.get(), payload.data(), payload.size(), 0) >= 0);
		payload.clear();
		header.flags |= kFlagPayloadInMemfd;
		fds.insert(fds.begin(), memfd.get());
	}

	std::vector<uint8_t> packet(sizeof(header));
	memcpy(packet.data(), &header, sizeof(header));
	packet.insert(packet.end(), payload.begin(), payload.end());
	if (input_->below(2))
		input_->change(packet.data(), packet.size());
	send(&packet, fds);
}

std::vector<uint8_t> Clients::makePayload(RequestHeader *header)
{
	std::vector<uint8_t> payload;

	switch (header->operation) {
	case kOpOpen: {
		const auto &nodes = device_->nodes();
		const std::string name = nodes[input_->below(nodes.size())]->name();
		payload.assign(name.begin(), name.end());
		break;
	}
	case kOpAttach:
		header->descriptors = 1;
		break;
	case kOpMmap:
		header->offset = input_->below(4) << 12;
		header->length = input_->take<uint16_t>();
		break;
	default:
		appendIoctl(header, &payload);
		break;
	}

	return payload;
}

/* The argument, and regions as the preload library makes them. */
void Clients::appendIoctl(RequestHeader *header, std::vector<uint8_t> *payload)
{
	header->request = requestNumber(input_->below(requestCount()));
	header->argSize = _IOC_SIZE(header->request);

	std::vector<uint64_t> arg(padded(header->argSize) / 8 + 1);
	auto *bytes = reinterpret_cast<uint8_t *>(arg.data());
	input_->change(bytes, header->argSize);
	payload->assign(bytes, bytes + padded(header->argSize));

	std::vector<std::vector<uint64_t>> arrays;
	size_t total = 0;
	visitPointers(header->request, bytes, [&](PointerField field, uint64_t size, Direction direction) {
		total += size;
		if (total > kMaxArrays)
			return -ENOMEM;
		const RegionHeader region{ static_cast<uint32_t>(size), direction == Direction::InOut };
		const auto *head = reinterpret_cast<const uint8_t *>(&region);
		payload->insert(payload->end(), head, head + sizeof(region));
		header->regions++;

		arrays.emplace_back(padded(size) / 8);
		auto *data = reinterpret_cast<uint8_t *>(arrays.back().data());
		if (region.hasData) {
			input_->change(data, size);
			payload->insert(payload->end(), data, data + padded(size));
		}
		field.set(data);
		return 0;
	});

	if (takesDmabufs(header->request))
		header->descriptors = static_cast<uint32_t>(input_->below(3));
}

/* Memory, carriers and readiness objects, the clients' own sockets. */
std::vector<int> Clients::chooseDescriptors(size_t count)
{
	std::vector<int> fds;
	for (; count; count--) {
		const size_t kind = input_->below(4);
		if (kind == 0 && !files_.empty()) {
			const ClientFile &file = files_[input_->below(files_.size())];
			fds.push_back(file.fds[input_->below(file.fds.size())].get());
		} else if (kind == 1) {
			fds.push_back(connections_[input_->below(kConnections)].get());
		} else {
			fds.push_back(memories_[input_->below(memories_.size())].get());
		}
	}

	return fds;
}

void Clients::send(std::vector<uint8_t> *packet, const std::vector<int> &fds)
{
	OwnedFd &connection = connections_[input_->below(kConnections)];
	alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * (kMaxDescriptors + 4))] = {};
	iovec iov = { packet->data(), packet->size() };
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

	sendmsg(connection.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);

	/* Some clients do not wait for replies. */
	if (input_->below(8)) {
		runPending(&loop_);
		receive(&connection);
	}
}

/* Read the replies that are there; what they carry is the clients'. */
void Clients::receive(OwnedFd *connection)
{
	static std::vector<uint8_t> reply(kMaxPacket);

	for (;;) {
		alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMaxDescriptors)];
		iovec iov = { reply.data(), reply.size() };
		msghdr message = {};
		message.msg_iov = &iov;
		message.msg_iovlen = 1;
		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		const ssize_t size = recvmsg(connection->get(), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
		if (size <= 0)
			return;

		std::vector<OwnedFd> fds;
		cmsghdr *cmsg = CMSG_FIRSTHDR(&message);
		for (size_t i = 0; cmsg && i < (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
			int number;
			memcpy(&number, CMSG_DATA(cmsg) + i * sizeof(int), sizeof(int));
			fds.emplace_back(number);
		}

		ReplyHeader header;
		require(static_cast<size_t>(size) >= sizeof(header));
		memcpy(&header, reply.data(), sizeof(header));
		require(header.magic == kProtocolMagic && header.result > -4096);
		require(fds.size() == header.descriptors + (header.flags & kFlagPayloadInMemfd));
		takeReply(header, &fds);
	}
}

void Clients::takeReply(const ReplyHeader &header, std::vector<OwnedFd> *fds)
{
	/* The reply to an open() that stands, and not to another request. */
	if (header.handle && fds->size() == 1 + kReadyCount && files_.size() < kMaxFiles)
		files_.push_back({ header.handle, std::move(*fds) });
}

} /* namespace */

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FuzzInput input(data, size);
	Clients(&input).run();
	return 0;
}
