/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Server of the virtual hardware's device nodes
 */

#include "server.h"

#include <algorithm>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "ioctl_layout.h"
#include "log.h"

namespace fovea::server {

using namespace transport;

/* Control data of a packet with all the descriptors it can have. */
constexpr size_t kControlSize = CMSG_SPACE(sizeof(int) * kMaxDescriptors);

/*
 * Calls come in bursts. To wake a processor that sleeps takes longer than most
 * calls, so the loop does not sleep at once after a call: the next one is there
 * within this time, or the burst is over. It does so only for callers on another
 * processor. One on the same waits for this thread to let go of it; that is
 * where the kernel puts the two when the others are busy.
 */
constexpr std::chrono::microseconds kAwake{ 50 };

/* A received request: all memory belongs to the server. */
struct Server::Packet {
	pid_t process = 0;
	RequestHeader header;
	std::span<uint8_t> payload;
	std::vector<OwnedFd> fds;
};

struct Server::Reply {
	ReplyHeader header;

	/* The header's place, then the payload. */
	std::vector<uint8_t> *bytes;

	/* Descriptors to send, and those of them to close afterwards. */
	std::vector<int> fds;
	std::vector<OwnedFd> owned;
};

/*
 * Serve the nodes of all \a hardware from \a loop; both outlive the server. All
 * work is done in the loop's thread.
 */
Server::Server(v4l2::EventLoop *loop, std::vector<v4l2::Hardware *> hardware,
	       const Limits &limits)
	: loop_(loop), hardware_(std::move(hardware)), receiveBuffer_(kMaxPacket / 8),
	  connectionTally_(limits.connections), fileTally_(limits.files)
{
	spare_.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
	sendBuffer_.reserve(kMaxPacket);
}

Server::~Server()
{
	sessions_.clear();
	for (const auto &[fd, connection] : connections_) {
		loop_->cancelTimer(connection.timer);
		loop_->removeFd(fd);
	}

	if (listener_.isValid()) {
		loop_->removeFd(listener_.get());
		unlink(path_.c_str());
	}
}

/*
 * Listen at \a path, which must not exist; only the user who runs the server
 * can connect. Returns 0, or a negative error code and the \a error in words.
 */
int Server::listen(const std::string &path, std::string *error)
{
	const auto failed = [&](const std::string &what) {
		int ret = -errno;
		*error = errorText(what, -ret);
		return ret;
	};

	sockaddr_un address = {};
	address.sun_family = AF_UNIX;
	if (path.empty() || path.size() >= sizeof(address.sun_path)) {
		*error = "socket path of " + std::to_string(path.size()) +
			 " characters, must be 1 to " +
			 std::to_string(sizeof(address.sun_path) - 1) + ": " + path;
		return -ENAMETOOLONG;
	}
	memcpy(address.sun_path, path.c_str(), path.size() + 1);

	OwnedFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	if (!fd.isValid())
		return failed("socket");

	/* The mode has to be right before anyone can connect. */
	mode_t mask = umask(0177);
	int ret = bind(fd.get(), reinterpret_cast<sockaddr *>(&address), sizeof(address));
	umask(mask);
	if (ret < 0)
		return failed(errno == EADDRINUSE
				      ? path + " exists; another fovea-hw uses it, or remove it"
				      : path);

	path_ = path;
	listener_ = std::move(fd);
	if (::listen(listener_.get(), SOMAXCONN) < 0)
		return failed("listen at " + path);

	return loop_->addFd(listener_.get(), EPOLLIN,
			    [this](uint32_t) { acceptConnections(); });
}

namespace {

/* Who is at the other end of \a fd; nobody if the kernel does not say. */
ucred peerOf(int fd)
{
	ucred peer = {};
	socklen_t length = sizeof(peer);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
		return { 0, static_cast<uid_t>(-1), static_cast<gid_t>(-1) };

	return peer;
}

} /* namespace */

void Server::acceptConnections()
{
	for (;;) {
		OwnedFd fd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
		if (fd.isValid()) {
			if (peerAllowed(fd.get()))
				addConnection(std::move(fd));
			continue;
		}

		if (errno != EMFILE && errno != ENFILE)
			return;

		/*
		 * Out of descriptors. Left in the queue, the connection would
		 * keep the loop spinning: refuse it with the one held back.
		 */
		log(LogLevel::Warning, "out of descriptors, a client is refused; raise the limit (ulimit -n)");
		spare_.reset();
		fd.reset(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
		fd.reset();
		spare_.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
		return;
	}
}

bool Server::peerAllowed(int fd) const
{
	const ucred peer = peerOf(fd);
	if (peer.uid == geteuid())
		return true;

	log(LogLevel::Warning, "refused a connection of user " + std::to_string(peer.uid) +
				       ", the hardware is user " + std::to_string(geteuid()) + "'s");
	return false;
}

int Server::addConnection(OwnedFd fd)
{
	const int number = fd.get();
	const pid_t process = peerOf(number).pid;

	int ret = connectionTally_.add(process);
	if (ret) {
		log(LogLevel::Warning, errorText("refused a connection of process " +
						 std::to_string(process), -ret));
		return ret;
	}

	ret = loop_->addFd(number, EPOLLIN, [this, number](uint32_t events) {
		connectionReady(number, events);
	});
	if (ret) {
		connectionTally_.remove(process);
		return ret;
	}

	connections_[number] = { std::move(fd), process };
	return 0;
}

void Server::dropConnection(int fd, const std::string &reason)
{
	if (!reason.empty())
		log(LogLevel::Warning, "closed a connection: " + reason);

	const auto it = connections_.find(fd);
	connectionTally_.remove(it->second.process);
	monitors_.erase(fd);
	loop_->cancelTimer(it->second.timer);
	loop_->removeFd(fd);
	connections_.erase(it);
}

void Server::connectionReady(int fd, uint32_t events)
{
	std::string reason;

	if (!(events & EPOLLIN))
		return dropConnection(fd, reason);

	Packet packet;
	packet.process = connections_[fd].process;
	if (!receive(fd, &packet, &reason))
		return dropConnection(fd, reason);

	sendBuffer_.assign(sizeof(ReplyHeader), 0);
	Reply reply{ {}, &sendBuffer_, {}, {} };
	reply.header.magic = kProtocolMagic;

	if (!dispatch(fd, packet, &reply, &reason))
		return dropConnection(fd, reason);

	const auto delay = takeDelay ? takeDelay() : std::chrono::nanoseconds(0);
	if (delay.count() > 0)
		holdBack(fd, &reply, packet.header.replyCapacity, delay);
	else if (!send(fd, &reply, packet.header.replyCapacity, &reason))
		dropConnection(fd, reason);

	if (packet.header.cpu && packet.header.cpu != reply.header.cpu)
		loop_->stayAwake(kAwake);
}

/*
 * Send \a reply after a while: the caller waits, everybody else does not. Nothing
 * is received on the connection meanwhile. Descriptors are kept with their owner.
 */
void Server::holdBack(int fd, Reply *reply, uint32_t capacity, std::chrono::nanoseconds time)
{
	struct Held {
		std::vector<uint8_t> bytes;
		Reply reply;
	};
	auto held = std::make_shared<Held>(Held{ *reply->bytes, std::move(*reply) });
	held->reply.bytes = &held->bytes;

	loop_->modifyFd(fd, 0);
	const auto sendHeld = [this, fd, capacity, held]() {
		std::string reason;
		connections_[fd].timer = 0;
		loop_->modifyFd(fd, EPOLLIN);
		if (!send(fd, &held->reply, capacity, &reason))
			dropConnection(fd, reason);
	};
	connections_[fd].timer = loop_->addTimer(v4l2::EventLoop::Clock::now() + time, sendHeld);
}

/*
 * Receive and check a request. Returns false when the connection is to be
 * closed: without a \a reason if the client has closed it, with one if what it
 * sent is malformed.
 */
bool Server::receive(int fd, Packet *packet, std::string *reason)
{
	alignas(cmsghdr) char control[kControlSize];
	iovec iov = { receiveBuffer_.data(), kMaxPacket };
	msghdr message = {};
	message.msg_iov = &iov;
	message.msg_iovlen = 1;
	message.msg_control = control;
	message.msg_controllen = sizeof(control);

	ssize_t size = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	for (cmsghdr *cmsg = size < 0 ? nullptr : CMSG_FIRSTHDR(&message); cmsg;
	     cmsg = CMSG_NXTHDR(&message, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
			continue;

		for (size_t i = 0; i < (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
			int received;
			memcpy(&received, CMSG_DATA(cmsg) + i * sizeof(int), sizeof(int));
			packet->fds.emplace_back(received);
		}
	}

	if (size <= 0)
		return false;

	if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		*reason = "packet or its descriptors exceed the limits";
		return false;
	}

	if (static_cast<size_t>(size) < sizeof(RequestHeader)) {
		*reason = "packet of " + std::to_string(size) + " bytes, shorter than its header";
		return false;
	}

	auto *bytes = reinterpret_cast<uint8_t *>(receiveBuffer_.data());
	memcpy(&packet->header, bytes, sizeof(packet->header));
	if (!checkHeader(packet->header, reason))
		return false;

	return receivePayload(std::span(bytes, size).subspan(sizeof(RequestHeader)),
			      packet, reason);
}

/* The payload from the packet's \a rest, or from its memfd. */
bool Server::receivePayload(std::span<uint8_t> rest, Packet *packet, std::string *reason)
{
	const RequestHeader &header = packet->header;
	const bool inMemfd = header.flags & kFlagPayloadInMemfd;

	if (packet->fds.size() != header.descriptors + inMemfd) {
		*reason = std::to_string(packet->fds.size()) + " descriptors came, " +
			  std::to_string(header.descriptors + inMemfd) + " were announced";
		return false;
	}

	if (!inMemfd) {
		packet->payload = rest;
		if (rest.size() == header.payloadSize)
			return true;
		*reason = "payload of " + std::to_string(rest.size()) + " bytes, " +
			  std::to_string(header.payloadSize) + " were announced";
		return false;
	}

	/* Copied, as the client may go on writing to it. */
	memfdBuffer_.resize(padded(header.payloadSize) / 8);
	packet->payload = std::span(reinterpret_cast<uint8_t *>(memfdBuffer_.data()),
				    header.payloadSize);
	OwnedFd memfd = std::move(packet->fds.front());
	packet->fds.erase(packet->fds.begin());

	/*
	 * Only memory has seals. Other files may be of a file system that never
	 * answers (FUSE).
	 */
	if (!rest.empty() || fcntl(memfd.get(), F_GET_SEALS) < 0 ||
	    pread(memfd.get(), packet->payload.data(), packet->payload.size(), 0) !=
		    static_cast<ssize_t>(packet->payload.size())) {
		*reason = "the payload's memfd is not one, or too short";
		return false;
	}

	return true;
}

/* Send \a reply, its payload in a memfd where it exceeds \a capacity. */
bool Server::send(int fd, Reply *reply, uint32_t capacity, std::string *reason)
{
	std::vector<uint8_t> &bytes = *reply->bytes;
	ReplyHeader &header = reply->header;
	header.payloadSize = bytes.size() - sizeof(header);
	header.descriptors = reply->fds.size();
	header.cpu = sched_getcpu() + 1;

	OwnedFd memfd;
	if (bytes.size() > capacity) {
		memfd.reset(memfd_create("fovea-reply", MFD_CLOEXEC));
		if (!memfd.isValid() ||
		    pwrite(memfd.get(), bytes.data() + sizeof(header), header.payloadSize, 0) !=
			    static_cast<ssize_t>(header.payloadSize)) {
			*reason = errorText("memory for a reply", errno);
			return false;
		}
		bytes.resize(sizeof(header));
		reply->fds.insert(reply->fds.begin(), memfd.get());
		header.flags |= kFlagPayloadInMemfd;
	}
	memcpy(bytes.data(), &header, sizeof(header));

	alignas(cmsghdr) char control[kControlSize] = {};
	iovec iov = { bytes.data(), bytes.size() };
	msghdr message = {};
	message.msg_iov = &iov;
	message.msg_iovlen = 1;
	if (!reply->fds.empty()) {
		const size_t size = reply->fds.size() * sizeof(int);
		message.msg_control = control;
		message.msg_controllen = CMSG_SPACE(size);
		cmsghdr *cmsg = CMSG_FIRSTHDR(&message);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(size);
		memcpy(CMSG_DATA(cmsg), reply->fds.data(), size);
	}

	/*
	 * A client waits for each reply: one that lets them pile up is broken,
	 * and one that has died is told by the hang-up.
	 */
	if (sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 ||
	    errno == EPIPE || errno == ECONNRESET)
		return true;

	*reason = errorText("reply", errno);
	return false;
}

bool Server::dispatch(int fd, const Packet &packet, Reply *reply, std::string *reason)
{
	switch (packet.header.operation) {
	case kOpOpen:
		open(packet, reply);
		return true;
	case kOpAttach:
		attach(packet, reply);
		return true;
	case kOpMmap:
		mmap(packet, reply);
		return true;
	case kOpMonitor:
		monitors_.insert(fd);
		return true;
	case kOpControl:
		runCommand(packet, reply);
		return true;
	default:
		return ioctl(packet, reply, reason);
	}
}

Session *Server::findSession(uint64_t handle) const
{
	const auto it = sessions_.find(handle);
	return it != sessions_.end() ? it->second.get() : nullptr;
}

/*
 * A handle is the right to use an open file: nobody can guess it, and those of
 * another run are unknown to this one. Returns 0, never a handle, when there is
 * no randomness to be had.
 */
uint64_t Server::newHandle() const
{
	uint64_t handle;
	do {
		if (getrandom(&handle, sizeof(handle), 0) != sizeof(handle))
			return 0;
	} while (!handle || findSession(handle));

	return handle;
}

v4l2::DeviceNode *Server::findNode(std::string_view name) const
{
	for (const v4l2::Hardware *hardware : hardware_) {
		for (v4l2::DeviceNode *node : hardware->nodes()) {
			if (node->name() == name)
				return node;
		}
	}

	return nullptr;
}

void Server::open(const Packet &packet, Reply *reply)
{
	const std::string_view name(reinterpret_cast<const char *>(packet.payload.data()),
				    packet.payload.size());
	v4l2::DeviceNode *node = findNode(name);
	if (!node) {
		reply->header.result = -ENOENT;
		return;
	}

	const uint64_t handle = newHandle();
	if (!handle) {
		reply->header.result = -EIO;
		return;
	}

	auto session = std::make_unique<Session>(loop_, handle, *node, packet.header.request,
						 packet.process);
	int ret = fileTally_.add(packet.process);
	if (!ret) {
		ret = session->open(node, [this, handle]() { closeSession(handle); });
		if (ret)
			fileTally_.remove(packet.process);
	}
	if (ret) {
		log(ret == -EBUSY ? LogLevel::Info : LogLevel::Warning,
		    errorText("open " + node->name(), -ret));
		reply->header.result = ret;
		return;
	}

	reply->owned.push_back(session->takeClientEnd());
	reply->fds.push_back(reply->owned.back().get());
	describe(*session, reply);
	sessions_.emplace(handle, std::move(session));
}

void Server::closeSession(uint64_t handle)
{
	const auto it = sessions_.find(handle);
	fileTally_.remove(it->second->process());
	sessions_.erase(it);
}

/* Whoever holds the carrier may use the open file. */
void Server::attach(const Packet &packet, Reply *reply)
{
	const uint64_t cookie = socketCookie(packet.fds.front().get());
	const auto it = std::find_if(sessions_.begin(), sessions_.end(), [cookie](const auto &entry) {
		return entry.second->cookie() == cookie;
	});
	if (it == sessions_.end()) {
		reply->header.result = -ENODEV;
		return;
	}

	describe(*it->second, reply);
}

void Server::describe(const Session &session, Reply *reply) const
{
	const std::string &name = session.name();

	reply->header.handle = session.handle();
	reply->header.major = session.major();
	reply->header.minor = session.minor();
	reply->header.openFlags = session.flags();
	reply->bytes->insert(reply->bytes->end(), name.begin(), name.end());
	for (unsigned int kind = 0; kind < kReadyCount; kind++)
		reply->fds.push_back(session.readinessFd(kind));
}

void Server::runCommand(const Packet &packet, Reply *reply)
{
	const std::string text(packet.payload.begin(), packet.payload.end());
	std::string answer;

	reply->header.result = command ? command(text, &answer) : -EOPNOTSUPP;
	reply->bytes->insert(reply->bytes->end(), answer.begin(), answer.end());
}

void Server::addHardware(v4l2::Hardware *hardware)
{
	hardware->setLog([](const std::string &line) { log(LogLevel::Info, line); });
	hardware_.push_back(hardware);
}

/*
 * Nobody can open the nodes of \a hardware any more. Sessions outlive it, if its
 * open files do.
 */
void Server::removeHardware(v4l2::Hardware *hardware)
{
	std::erase(hardware_, hardware);
}

/* One who does not read what he has asked for is disconnected. */
void Server::announce(const std::string &uevent)
{
	std::vector<uint8_t> bytes(sizeof(ReplyHeader));
	bytes.insert(bytes.end(), uevent.begin(), uevent.end());
	std::string reason;

	std::erase_if(monitors_, [&](int fd) {
		Reply reply{ {}, &bytes, {}, {} };
		reply.header.magic = kProtocolMagic;
		if (send(fd, &reply, kMaxPacket, &reason))
			return false;

		log(LogLevel::Warning, "a client does not read the news of devices: " + reason);
		shutdown(fd, SHUT_RDWR);
		return true;
	});
}

void Server::mmap(const Packet &packet, Reply *reply)
{
	Session *session = findSession(packet.header.handle);
	if (!session) {
		reply->header.result = -ENODEV;
		return;
	}

	int fd = -1;
	reply->header.result = session->file()->mmap(packet.header.offset, packet.header.length,
						     &fd, &reply->header.offset);
	if (!reply->header.result)
		reply->fds.push_back(fd);
}

bool Server::ioctl(const Packet &packet, Reply *reply, std::string *reason)
{
	const unsigned long request = packet.header.request;

	IoctlArguments arguments;
	if (!arguments.unpack(packet.header, packet.payload, reason))
		return false;

	Session *session = findSession(packet.header.handle);
	if (!session) {
		reply->header.result = -ENODEV;
		return true;
	}

	const unsigned int planes = reportsDmabufs(request)
					    ? planesOf(*static_cast<v4l2_buffer *>(arguments.arg()))
					    : 0;

	int ret = 0;
	if (request == MEDIA_IOC_ENUM_LINKS)
		ret = sizeLinkArrays(session, &arguments);
	else if (takesExtControls(request))
		ret = checkControlPayloads(session, *static_cast<v4l2_ext_controls *>(arguments.arg()));
	if (!ret) {
		ret = takesDmabufs(request)
			      ? callWithDmabufs(session, packet, &arguments)
			      : session->file()->ioctl(request, arguments.arg());
		session->updateReadiness(false);
	}

	if (ret >= 0)
		finishDescriptors(session, request, arguments.arg(), planes, reply);

	arguments.restorePointers();
	if (ret >= 0 || copiesOnError(request))
		arguments.pack(reply->bytes, &reply->header.argSize, &reply->header.regions);
	reply->header.result = ret;

	return true;
}

/* Only the device knows how many pads and links an entity has. */
int Server::sizeLinkArrays(Session *session, IoctlArguments *arguments)
{
	auto *links = static_cast<media_links_enum *>(arguments->arg());
	media_entity_desc entity = {};
	entity.id = links->entity;

	int ret = session->file()->ioctl(MEDIA_IOC_ENUM_ENTITIES, &entity);
	if (ret < 0)
		return ret;

	if (links->pads)
		arguments->addArray(PointerField(&links->pads),
				    entity.pads * sizeof(media_pad_desc));
	if (links->links)
		arguments->addArray(PointerField(&links->links),
				    entity.links * sizeof(media_link_desc));

	return 0;
}

/*
 * Where a control has a size, its value was taken for a pointer and is an address
 * of this process by now. A control without a payload would take that address as
 * its value, for the client to read.
 */
int Server::checkControlPayloads(Session *session, const v4l2_ext_controls &controls) const
{
	for (uint32_t i = 0; i < controls.count; i++) {
		if (!controls.controls[i].size)
			continue;

		v4l2_query_ext_ctrl query = {};
		query.id = controls.controls[i].id & V4L2_CTRL_ID_MASK;
		if (!session->file()->ioctl(VIDIOC_QUERY_EXT_CTRL, &query) &&
		    !(query.flags & V4L2_CTRL_FLAG_HAS_PAYLOAD))
			return -EFAULT;
	}

	return 0;
}

/* Has the buffer got its memory by VIDIOC_PREPARE_BUF? */
static bool isPrepared(Session *session, const v4l2_buffer &buffer)
{
	v4l2_plane planes[VIDEO_MAX_PLANES] = {};
	v4l2_buffer query = {};
	query.index = buffer.index;
	query.type = buffer.type;
	if (V4L2_TYPE_IS_MULTIPLANAR(buffer.type)) {
		query.m.planes = planes;
		query.length = VIDEO_MAX_PLANES;
	}

	return session->file()->ioctl(VIDIOC_QUERYBUF, &query) >= 0 &&
	       (query.flags & V4L2_BUF_FLAG_PREPARED);
}

/*
 * The descriptors of a buffer came with the packet, in the order of its planes;
 * the fields carry the numbers that the client knows them by. A negative number
 * has no descriptor. Those of a buffer that is prepared are not looked at: it
 * has its memory, and the client is told the numbers that it gave before.
 */
int Server::callWithDmabufs(Session *session, const Packet &packet,
			    IoctlArguments *arguments)
{
	auto *buffer = static_cast<v4l2_buffer *>(arguments->arg());
	const unsigned int planes = planesOf(*buffer);
	const bool prepared = isPrepared(session, *buffer);
	DmabufNumbers numbers{};
	size_t next = 0;

	visitDmabufs(buffer, planes, [&](int32_t *fd, unsigned int plane) {
		numbers[plane] = *fd;
		*fd = *fd >= 0 && next < packet.fds.size() ? packet.fds[next++].get() : -1;
	});

	int ret = session->file()->ioctl(packet.header.request, buffer);

	visitDmabufs(buffer, planes, [&](int32_t *fd, unsigned int plane) {
		*fd = numbers[plane];
	});

	if (ret >= 0 && prepared)
		session->restoreDmabufs(buffer, planes);
	else if (ret >= 0)
		session->rememberDmabufs(*buffer, numbers);

	return ret;
}

/* Descriptors in the results of an ioctl. */
void Server::finishDescriptors(Session *session, unsigned long request, void *arg,
			       unsigned int planes, Reply *reply)
{
	if (reportsDmabufs(request)) {
		session->restoreDmabufs(static_cast<v4l2_buffer *>(arg), planes);
		return;
	}

	if (request == VIDIOC_EXPBUF)
		reply->owned.emplace_back(static_cast<v4l2_exportbuffer *>(arg)->fd);
	else if (request == MEDIA_IOC_REQUEST_ALLOC)
		reply->owned.emplace_back(*static_cast<int *>(arg));
	else
		return;

	reply->fds.push_back(reply->owned.back().get());
}

} /* namespace fovea::server */
