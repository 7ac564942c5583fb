/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The socket between the pipeline handler and the IPA worker
 */

#include "channel.h"

#include <algorithm>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/**
 * \file channel.h
 * \brief The socket between the pipeline handler and the IPA worker
 */

namespace libcamera::ipa::fovea::ipc {

namespace {

/*
 * Memory that a socket may hold in messages that are not read yet: more than all
 * calls that can be open at once, so that sending never has to wait.
 */
constexpr int kSendBuffer = 512 * 1024;

/* Descriptors that the kernel puts into a message at most (SCM_MAX_FD). */
constexpr size_t kKernelMaxFds = 253;

/* All descriptors of a message, which nothing but taking them over closes. */
std::vector<UniqueFD> takeDescriptors(struct msghdr *message)
{
	std::vector<UniqueFD> descriptors;

	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
	     header = CMSG_NXTHDR(message, header)) {
		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;

		const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(header) + i * sizeof(fd), sizeof(fd));
			descriptors.emplace_back(fd);
		}
	}

	return descriptors;
}

} /* namespace */

/**
 * \class Channel
 * \brief One end of a SOCK_SEQPACKET socket pair
 *
 * Packets keep the borders of messages, and the death of the peer is told at
 * once. A message is copied once, into memory that stays.
 */

/** \param[in] maxReceived Largest message in bytes that is received */
Channel::Channel(size_t maxReceived)
	: buffer_(maxReceived)
{
}

/** \brief Create the two ends; 0 or a negative error number */
int Channel::create(UniqueFD *handler, UniqueFD *worker)
{
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return -errno;

	*handler = UniqueFD(fds[0]);
	*worker = UniqueFD(fds[1]);

	for (int fd : fds)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof(kSendBuffer));

	return 0;
}

/**
 * \brief Send a message, never waiting
 * \param[in] data The message
 * \param[in] fds Descriptors, at most kMaxFds
 * \return 0, -EAGAIN if the peer has too much unread, -EPIPE if it is gone, or
 * another negative error number
 */
int Channel::send(Span<const uint8_t> data, Span<const int> fds)
{
	struct iovec vector{ const_cast<uint8_t *>(data.data()), data.size() };
	alignas(struct cmsghdr) std::array<char, CMSG_SPACE(kMaxFds * sizeof(int))> control{};

	struct msghdr message = {};
	message.msg_iov = &vector;
	message.msg_iovlen = 1;

	if (!fds.empty()) {
		if (fds.size() > kMaxFds)
			return -EINVAL;

		message.msg_control = control.data();
		message.msg_controllen = CMSG_SPACE(fds.size_bytes());
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(fds.size_bytes());
		memcpy(CMSG_DATA(header), fds.data(), fds.size_bytes());
	}

	ssize_t sent;
	do {
		sent = sendmsg(fd_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);

	return sent < 0 ? -errno : 0;
}

/**
 * \brief Receive a message
 * \param[out] data The message, valid until the next call
 * \param[in] wait Wait for one
 * \param[out] fds Descriptors that came along, if any are allowed
 * \return 0, -EAGAIN if there is none, -EPIPE if the peer is gone, -EMSGSIZE for
 * one that is too long, -EBADMSG for one with descriptors that are not allowed
 * (they are closed), or another negative error number
 */
int Channel::receive(Span<const uint8_t> *data, bool wait, std::vector<UniqueFD> *fds)
{
	struct iovec vector{ buffer_.data(), buffer_.size() };
	alignas(struct cmsghdr) std::array<char, CMSG_SPACE(kKernelMaxFds * sizeof(int))> control;

	struct msghdr message = {};
	message.msg_iov = &vector;
	message.msg_iovlen = 1;
	message.msg_control = control.data();
	message.msg_controllen = control.size();

	ssize_t size;
	do {
		size = recvmsg(fd_.get(), &message,
			       MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
	} while (size < 0 && errno == EINTR);

	if (size < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;

	std::vector<UniqueFD> received = takeDescriptors(&message);
	if (received.size() > (fds ? kMaxFds : 0) || (message.msg_flags & MSG_CTRUNC))
		return -EBADMSG;
	if (message.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;

	/* An empty packet can't be told from a hang-up, and nobody sends one. */
	if (!size)
		return -EPIPE;

	if (fds)
		*fds = std::move(received);
	*data = Span<const uint8_t>(buffer_.data(), static_cast<size_t>(size));

	return 0;
}

} /* namespace libcamera::ipa::fovea::ipc */
