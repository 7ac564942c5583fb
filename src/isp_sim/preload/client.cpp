/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Calls to fovea-hw
 *
 * As files.cpp: no locks, no heap. A signal handler that interrupts a call, or a
 * child cloned during one, takes another connection.
 */

#include "client.h"

#include <atomic>
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/un.h>
#include <time.h>

#include "isp_sim/server/ioctl_layout.h"
#include "isp_sim/server/protocol.h"

#include "environment.h"
#include "files.h"
#include "memory.h"
#include "process.h"
#include "real.h"
#include "trace.h"

namespace fovea::preload::client {

using namespace transport;

namespace {

/*
 * Idle connections: any thread takes one for the time of a call. A slot holds
 * 1 + the descriptor in its lower half, and the generation of the process in the
 * upper one: a connection is never shared with a child.
 */
constexpr unsigned int kSlots = 64;
std::atomic<uint64_t> slots[kSlots];

int takeIdleConnection()
{
	const uint32_t now = processGeneration();

	for (auto &slot : slots) {
		uint64_t value = slot.load(std::memory_order_relaxed);
		if (!value || !slot.compare_exchange_strong(value, 0))
			continue;

		const int fd = static_cast<int>(value & 0xffffffff) - 1;
		if (value >> 32 == now)
			return fd;
		closeHidden(fd);
	}

	return -1;
}

void putIdleConnection(int fd)
{
	const uint64_t value = (uint64_t{ processGeneration() } << 32) | (fd + 1U);

	for (auto &slot : slots) {
		uint64_t empty = 0;
		if (slot.compare_exchange_strong(empty, value))
			return;
	}

	closeHidden(fd);
}

int connectToServer()
{
	const char *path = environment().socket;
	sockaddr_un address = {};
	address.sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(address.sun_path))
		return -ENODEV;
	memcpy(address.sun_path, path, strlen(path));

	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	fd = hide(fd, nullptr, 0);
	if (fd < 0)
		return -EMFILE;

	while (connect(fd, reinterpret_cast<sockaddr *>(&address), sizeof(address)) < 0) {
		if (errno == EINTR)
			continue;
		closeHidden(fd);
		return -ENODEV;
	}

	return fd;
}

/* Memory for a message: on the stack while it is small. */
class Buffer
{
public:
	~Buffer()
	{
		if (mapped_)
			munmap(mapped_, capacity_);
	}

	uint8_t *data() { return mapped_ ? mapped_ : local_; }
	size_t size() const { return size_; }
	size_t capacity() const { return capacity_; }

	bool resize(size_t size)
	{
		if (size > capacity_ && !grow(size))
			return false;
		size_ = size;
		return true;
	}

	/* Append \a size bytes, zeroes for null, and pad to 8. */
	bool append(const void *bytes, size_t size)
	{
		const size_t at = size_;
		if (!resize(at + padded(size)))
			return false;
		memset(data() + at, 0, padded(size));
		if (bytes)
			memcpy(data() + at, bytes, size);
		return true;
	}

private:
	bool grow(size_t size)
	{
		size_t capacity = capacity_;
		while (capacity < size)
			capacity *= 4;

		void *memory = real().mmap(nullptr, capacity, PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (memory == MAP_FAILED)
			return false;
		memcpy(memory, data(), size_);
		if (mapped_)
			munmap(mapped_, capacity_);
		mapped_ = static_cast<uint8_t *>(memory);
		capacity_ = capacity;
		return true;
	}

	alignas(8) uint8_t local_[4096];
	uint8_t *mapped_ = nullptr;
	size_t capacity_ = sizeof(local_);
	size_t size_ = 0;
};

/* Descriptors of a message. */
struct Descriptors {
	int fds[kMaxDescriptors];
	unsigned int count = 0;

	~Descriptors()
	{
		for (unsigned int i = 0; i < count; i++) {
			if (fds[i] >= 0)
				real().close(fds[i]);
		}
	}

	int take(unsigned int index)
	{
		if (index >= count)
			return -1;
		const int fd = fds[index];
		fds[index] = -1;
		return fd;
	}
};

int sendRequest(int connection, RequestHeader *header, Buffer *message,
		const int *fds, unsigned int count)
{
	header->magic = kProtocolMagic;
	header->payloadSize = message->size() - sizeof(*header);
	header->descriptors = count;
	header->replyCapacity = message->capacity() < kMaxPacket ? message->capacity() : kMaxPacket;
	header->cpu = sched_getcpu() + 1;

	int all[kMaxDescriptors];
	unsigned int total = 0;
	size_t size = message->size();
	int memfd = -1;

	if (size > kMaxPacket) {
		memfd = memfd_create("fovea-request", MFD_CLOEXEC);
		if (memfd < 0)
			return -errno;
		if (pwrite(memfd, message->data() + sizeof(*header), header->payloadSize, 0) !=
		    static_cast<ssize_t>(header->payloadSize)) {
			real().close(memfd);
			return -ENOMEM;
		}
		header->flags |= kFlagPayloadInMemfd;
		all[total++] = memfd;
		size = sizeof(*header);
	}
	for (unsigned int i = 0; i < count; i++)
		all[total++] = fds[i];
	memcpy(message->data(), header, sizeof(*header));

	alignas(cmsghdr) char control[CMSG_SPACE(sizeof(all))];
	iovec iov = { message->data(), size };
	msghdr msg = {};
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	if (total) {
		msg.msg_control = control;
		msg.msg_controllen = CMSG_SPACE(total * sizeof(int));
		cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(total * sizeof(int));
		memcpy(CMSG_DATA(cmsg), all, total * sizeof(int));
	}

	ssize_t ret;
	do {
		ret = sendmsg(connection, &msg, MSG_NOSIGNAL);
	} while (ret < 0 && errno == EINTR);

	const int error = errno;
	if (memfd >= 0)
		real().close(memfd);

	return ret < 0 ? -error : 0;
}

/*
 * Most calls take less than it takes to wake a sleeping processor. So where the
 * server runs on another one, a caller first looks for the reply, for a bounded
 * time. If that was in vain several times the server has other things to do, and
 * callers leave it alone for a while.
 */
constexpr long kLookTime = 60 * 1000;		/* ns */
constexpr int kMaxMisses = 4;
constexpr int kCallsWithoutLook = 32;

std::atomic<uint32_t> serverCpu;		/* as ReplyHeader::cpu */
std::atomic<int> misses;			/* negative: calls without looking */

long nanoseconds()
{
	timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000L + now.tv_nsec;
}

bool worthLooking()
{
	const uint32_t server = serverCpu.load(std::memory_order_relaxed);
	if (!server || server == static_cast<uint32_t>(sched_getcpu() + 1))
		return false;

	const int count = misses.load(std::memory_order_relaxed);
	if (count < 0)
		misses.store(count + 1, std::memory_order_relaxed);
	return count >= 0;
}

/* recvmsg() of a reply, as far as it comes soon; -1 and EAGAIN if it does not. */
ssize_t lookForReply(int connection, msghdr *msg)
{
	const msghdr fresh = *msg;
	const long end = nanoseconds() + kLookTime;

	do {
		*msg = fresh;
		const ssize_t size = real().recvmsg(connection, msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
		if (size >= 0 || errno != EAGAIN) {
			misses.store(0, std::memory_order_relaxed);
			return size;
		}
	} while (nanoseconds() < end);

	const int count = misses.load(std::memory_order_relaxed) + 1;
	misses.store(count < kMaxMisses ? count : -kCallsWithoutLook, std::memory_order_relaxed);
	*msg = fresh;
	errno = EAGAIN;
	return -1;
}

ssize_t awaitReply(int connection, msghdr *msg)
{
	if (worthLooking()) {
		const ssize_t size = lookForReply(connection, msg);
		if (size >= 0 || (errno != EAGAIN && errno != EINTR))
			return size;
	}

	ssize_t size;
	do {
		size = real().recvmsg(connection, msg, MSG_CMSG_CLOEXEC);
	} while (size < 0 && errno == EINTR);

	return size;
}

/* Receive a reply: its header, and in \a message its payload alone. */
int receiveReply(int connection, ReplyHeader *header, Buffer *message, Descriptors *received)
{
	alignas(cmsghdr) char control[CMSG_SPACE(sizeof(received->fds))];
	iovec iov[2] = {
		{ header, sizeof(*header) },
		{ message->data(), message->capacity() },
	};
	msghdr msg = {};
	msg.msg_iov = iov;
	msg.msg_iovlen = 2;
	msg.msg_control = control;
	msg.msg_controllen = sizeof(control);

	const ssize_t size = awaitReply(connection, &msg);

	for (cmsghdr *cmsg = size < 0 ? nullptr : CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		received->count = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(received->fds, CMSG_DATA(cmsg), received->count * sizeof(int));
	}

	if (size < static_cast<ssize_t>(sizeof(*header)) || header->magic != kProtocolMagic)
		return -ENODEV;
	serverCpu.store(header->cpu, std::memory_order_relaxed);

	if (!(header->flags & kFlagPayloadInMemfd)) {
		message->resize(size - sizeof(*header));
		return 0;
	}

	if (!received->count || !message->resize(header->payloadSize))
		return -ENOMEM;
	if (pread(received->fds[0], message->data(), message->size(), 0) !=
	    static_cast<ssize_t>(message->size()))
		return -ENODEV;
	real().close(received->fds[0]);
	received->count--;
	memmove(received->fds, received->fds + 1, received->count * sizeof(int));
	return 0;
}

/*
 * One request and its reply. \a message holds the place of the header and the
 * payload; it gets the payload of the reply.
 */
int transact(RequestHeader *header, Buffer *message, const int *fds, unsigned int count,
	     ReplyHeader *reply, Descriptors *received)
{
	int connection = takeIdleConnection();
	bool fresh = connection < 0;

	for (;;) {
		if (fresh)
			connection = connectToServer();
		if (connection < 0)
			return connection;

		int ret = sendRequest(connection, header, message, fds, count);
		if (!ret)
			break;

		/* An idle connection may be to a server that is gone. */
		closeHidden(connection);
		if (fresh)
			return ret == -EBADF ? ret : -ENODEV;
		fresh = true;
	}

	int ret = receiveReply(connection, reply, message, received);
	if (ret) {
		closeHidden(connection);
		return ret;
	}

	putIdleConnection(connection);
	return 0;
}

/* Take over the readiness objects, from \a first on, and the description. */
int adopt(File *file, const ReplyHeader &reply, Buffer *message, Descriptors *received,
	  unsigned int first)
{
	file->handle = reply.handle;
	file->major = reply.major;
	file->minor = reply.minor;
	file->flags = reply.openFlags;

	const size_t length = message->size() < sizeof(file->name) ? message->size()
								   : sizeof(file->name) - 1;
	memcpy(file->name, message->data(), length);
	file->name[length] = '\0';

	for (unsigned int kind = 0; kind < kReadyCount; kind++) {
		const int fd = received->take(first + kind);
		if (fd < 0)
			return -ENODEV;
		const int hidden = hide(fd, file, kind);
		if (hidden < 0)
			return -EMFILE;
		file->hidden[kind].store(hidden);
	}

	return 0;
}

} /* namespace */

void abandon(int fd)
{
	for (auto &slot : slots) {
		uint64_t value = slot.load();
		if (static_cast<int>(value & 0xffffffff) - 1 == fd &&
		    slot.compare_exchange_strong(value, 0)) {
			closeHidden(fd);
			return;
		}
	}
}

int open(const char *name, int flags, int *fd)
{
	RequestHeader header = {};
	header.operation = kOpOpen;
	header.request = flags;

	Buffer message;
	message.append(&header, sizeof(header));
	const size_t length = strlen(name);
	message.append(name, length);
	message.resize(sizeof(header) + length);

	ReplyHeader reply;
	Descriptors received;
	int ret = transact(&header, &message, nullptr, 0, &reply, &received);
	if (ret || (ret = reply.result) < 0)
		return ret;

	File *file = newFile();
	if (!file)
		return -ENOMEM;
	ret = adopt(file, reply, &message, &received, 1);
	const int carrier = ret ? -1 : received.take(0);
	if (carrier < 0) {
		release(file);
		return ret ? ret : -ENODEV;
	}

	socklen_t size = sizeof(file->cookie);
	getsockopt(carrier, SOL_SOCKET, SO_COOKIE, &file->cookie, &size);
	if (!(flags & O_CLOEXEC))
		real().fcntl(carrier, F_SETFD, 0);
	if (flags & O_NONBLOCK)
		real().fcntl(carrier, F_SETFL, O_NONBLOCK);

	install(carrier, file);
	*fd = carrier;
	return 0;
}

int attach(File *file, int fd)
{
	RequestHeader header = {};
	header.operation = kOpAttach;

	Buffer message;
	message.append(&header, sizeof(header));

	ReplyHeader reply;
	Descriptors received;
	int ret = transact(&header, &message, &fd, 1, &reply, &received);
	if (ret || (ret = reply.result) < 0)
		return ret;

	return adopt(file, reply, &message, &received, 0);
}

int monitor()
{
	RequestHeader header = {};
	header.operation = kOpMonitor;

	Buffer message;
	message.append(&header, sizeof(header));

	const int connection = connectToServer();
	if (connection < 0)
		return connection;

	ReplyHeader reply;
	Descriptors received;
	int ret = sendRequest(connection, &header, &message, nullptr, 0);
	if (!ret)
		ret = receiveReply(connection, &reply, &message, &received);
	if (!ret)
		ret = reply.result;
	if (ret < 0) {
		closeHidden(connection);
		return ret;
	}

	return connection;
}

namespace {

/* An array of the application that belongs to an ioctl. */
struct UserArray {
	void *address;
	uint64_t length;
};

/* An ioctl on its way: what it sends, and the application's side of it. */
struct Call {
	explicit Call(unsigned long number)
		: request(number)
	{
	}

	const unsigned long request;
	RequestHeader header = {};
	Buffer message;
	/* The argument, to be looked into: it stays what it is during the call. */
	Buffer arg;
	/* The first array, likewise. */
	Buffer array;
	/* UserArray of each array that comes back. */
	Buffer arrays;

	bool note(void *address, uint64_t length)
	{
		const UserArray entry{ address, length };
		return arrays.append(&entry, sizeof(entry));
	}
};

/*
 * Copy the argument. As video_usercopy(): what is only written is touched at the
 * end. What no driver knows is not looked at.
 */
int appendArgument(Call *call, const void *arg)
{
	const size_t size = _IOC_SIZE(call->request);
	if (!call->arg.append(nullptr, size))
		return -ENOMEM;

	if ((_IOC_DIR(call->request) & _IOC_WRITE) &&
	    copyFromUser(call->arg.data(), arg, size))
		return trace::isStandard(call->request) ? -EFAULT : -ENOTTY;

	return call->message.append(call->arg.data(), size) ? 0 : -ENOMEM;
}

/* Append the array at \a address, and keep a copy of the first one in \a field. */
int appendArray(Call *call, PointerField field, uint64_t bytes, Direction direction)
{
	void *address = field.get();
	if (!address)
		return -EFAULT;

	const bool hasData = direction == Direction::InOut;
	const RegionHeader region{ static_cast<uint32_t>(bytes), hasData };
	if (call->message.size() + bytes + sizeof(region) > kMaxPayload)
		return -ENOMEM;
	if (!call->message.append(&region, sizeof(region)) || !call->note(address, bytes))
		return -ENOMEM;

	if (hasData) {
		const size_t at = call->message.size();
		if (!call->message.append(nullptr, bytes))
			return -ENOMEM;
		if (copyFromUser(call->message.data() + at, address, bytes))
			return -EFAULT;

		/* Other arrays hold nothing to follow. */
		if (!call->header.regions) {
			if (!call->array.append(call->message.data() + at, bytes))
				return -ENOMEM;
			field.set(call->array.data());
		}
	}

	call->header.regions++;
	return 0;
}

/* Append the arrays that the argument points to, and note where they are. */
int appendArrays(Call *call)
{
	if (call->request == MEDIA_IOC_ENUM_LINKS) {
		/* Their sizes come with the reply. */
		const auto *links = reinterpret_cast<const media_links_enum *>(call->arg.data());
		if ((links->pads && !call->note(links->pads, UINT64_MAX)) ||
		    (links->links && !call->note(links->links, UINT64_MAX)))
			return -ENOMEM;
		return 0;
	}

	return visitPointers(call->request, call->arg.data(),
			     [call](PointerField field, uint64_t bytes, Direction direction) {
				     return appendArray(call, field, bytes, direction);
			     });
}

/* Copy the argument and the arrays of a reply to the application. */
int copyResults(Call *call, void *arg, const ReplyHeader &reply)
{
	if (!reply.argSize && !reply.regions)
		return 0;

	const uint8_t *data = call->message.data();
	size_t left = call->message.size();
	if (reply.argSize != _IOC_SIZE(call->request) || padded(reply.argSize) > left)
		return -ENODEV;

	if ((_IOC_DIR(call->request) & _IOC_READ) && copyToUser(arg, data, reply.argSize))
		return -EFAULT;
	data += padded(reply.argSize);
	left -= padded(reply.argSize);

	const auto *array = reinterpret_cast<const UserArray *>(call->arrays.data());
	const size_t count = call->arrays.size() / sizeof(*array);
	for (size_t i = 0; i < count && i < reply.regions; i++) {
		RegionHeader region;
		if (left < sizeof(region))
			return -ENODEV;
		memcpy(&region, data, sizeof(region));
		data += sizeof(region);
		left -= sizeof(region);
		if (padded(region.length) > left)
			return -ENODEV;

		if (copyToUser(array[i].address, data,
			       region.length < array[i].length ? region.length : array[i].length))
			return -EFAULT;
		data += padded(region.length);
		left -= padded(region.length);
	}

	return 0;
}

/* The valid descriptors of a buffer, -EINVAL if one is not open. */
int collectDmabufs(v4l2_buffer *buffer, int *fds, unsigned int *count)
{
	int ret = 0;

	visitDmabufs(buffer, planesOf(*buffer), [&](int32_t *fd, unsigned int) {
		if (*fd < 0)
			return;
		if (real().fcntl(*fd, F_GETFD) < 0)
			ret = -EINVAL;
		fds[(*count)++] = *fd;
	});

	return ret;
}

/*
 * Put a descriptor that came with the reply into the results. Returns it, so that
 * it can be closed where the results do not reach the application, or -1.
 */
int receiveDescriptor(Call *call, const ReplyHeader &reply, Descriptors *received)
{
	if (reply.result < 0 || reply.argSize != _IOC_SIZE(call->request) ||
	    call->message.size() < reply.argSize)
		return -1;

	if (call->request == VIDIOC_EXPBUF) {
		auto *exported = reinterpret_cast<v4l2_exportbuffer *>(call->message.data());
		exported->fd = received->take(0);
		forget(exported->fd);
		if (!(exported->flags & O_CLOEXEC))
			real().fcntl(exported->fd, F_SETFD, 0);
		return exported->fd;
	}

	if (call->request == MEDIA_IOC_REQUEST_ALLOC) {
		const int fd = received->take(0);
		memcpy(call->message.data(), &fd, sizeof(fd));
		return fd;
	}

	return -1;
}

} /* namespace */

/*
 * The ioctl \a request of \a file with \a arg, which is memory of the application
 * and may be none, as may be what it points to. Returns the result or a negative
 * error code: -EFAULT for bad pointers, as the kernel, -ENODEV when the server is
 * gone, else what the device answers.
 */
int ioctl(File *file, unsigned long request, void *arg)
{
	Call call(request);
	call.header.operation = kOpIoctl;
	call.header.handle = file->handle;
	call.header.request = request;
	call.header.argSize = _IOC_SIZE(request);

	if (!call.message.append(&call.header, sizeof(call.header)))
		return -ENOMEM;
	int ret = appendArgument(&call, arg);
	if (!ret)
		ret = appendArrays(&call);
	if (ret)
		return ret;

	int fds[VIDEO_MAX_PLANES];
	unsigned int count = 0;
	if (takesDmabufs(request))
		ret = collectDmabufs(reinterpret_cast<v4l2_buffer *>(call.arg.data()), fds, &count);
	if (ret)
		return ret;

	ReplyHeader reply;
	Descriptors received;
	ret = transact(&call.header, &call.message, fds, count, &reply, &received);
	if (ret)
		return ret;

	const int descriptor = receiveDescriptor(&call, reply, &received);
	ret = copyResults(&call, arg, reply);
	if (ret) {
		if (descriptor >= 0)
			real().close(descriptor);
		return ret;
	}

	return reply.result;
}

int mapMemory(File *file, uint64_t offset, uint64_t length, int *fd, uint64_t *fdOffset)
{
	RequestHeader header = {};
	header.operation = kOpMmap;
	header.handle = file->handle;
	header.offset = offset;
	header.length = length;

	Buffer message;
	message.append(&header, sizeof(header));

	ReplyHeader reply;
	Descriptors received;
	int ret = transact(&header, &message, nullptr, 0, &reply, &received);
	if (ret || (ret = reply.result) < 0)
		return ret;

	*fd = received.take(0);
	*fdOffset = reply.offset;
	return *fd < 0 ? -ENODEV : 0;
}

} /* namespace fovea::preload::client */
