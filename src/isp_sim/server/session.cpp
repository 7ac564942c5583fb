/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Open file of a client: the carrier and its readiness
 */

#include "session.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "ioctl_layout.h"
#include "log.h"

namespace fovea::server {

using namespace transport;

/*
 * A client's descriptor is one end of a socket pair, the carrier. The kernel
 * counts its duplicates in all processes, whatever way they came about, and
 * tells the server when the last one is gone: its own end hangs up. The server
 * must therefore never keep a duplicate of the client's end.
 *
 * The other way round the server hangs up when the device is unplugged, which is
 * POLLHUP for the client. What it keeps of the node are its names: the session
 * may outlive it.
 */
Session::Session(v4l2::EventLoop *loop, uint64_t handle, const v4l2::DeviceNode &node, int flags,
		 pid_t process)
	: loop_(loop), handle_(handle), name_(node.name()), major_(node.major()),
	  minor_(node.minor()), flags_(flags), process_(process)
{
}

Session::~Session()
{
	if (carrier_.isValid())
		loop_->removeFd(carrier_.get());
}

int Session::open(v4l2::DeviceNode *node, std::function<void()> closed)
{
	int ret = createCarrier();
	if (ret)
		return ret;

	for (OwnedFd &ready : ready_) {
		ready.reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
		if (!ready.isValid())
			return -errno;
	}

	ret = node->open(flags_, &file_);
	if (ret)
		return ret;

	file_->readinessChanged = [this]() { updateReadiness(true); };
	updateReadiness(false);

	/*
	 * Hang-up is always reported, here once for each side that hangs up; what
	 * clients may write is never read.
	 */
	return loop_->addFd(carrier_.get(), EPOLLET, [this, closed = std::move(closed)](uint32_t) {
		if (clientGone())
			closed();
	});
}

/* The kernel's number of a socket, never used again; 0 for other descriptors. */
uint64_t socketCookie(int fd)
{
	uint64_t cookie = 0;
	socklen_t size = sizeof(cookie);
	return getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size) < 0 ? 0 : cookie;
}

int Session::createCarrier()
{
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	carrier_.reset(fds[0]);
	clientEnd_.reset(fds[1]);
	cookie_ = socketCookie(fds[1]);
	if (!cookie_)
		return -EIO;

	sockaddr_un address = {};
	address.sun_family = AF_UNIX;
	int length = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1,
			      "%s%016llx", kCarrierPrefix,
			      static_cast<unsigned long long>(cookie_));

	if (bind(carrier_.get(), reinterpret_cast<sockaddr *>(&address),
		 offsetof(sockaddr_un, sun_path) + 1 + length) < 0)
		return -errno;

	return 0;
}

/*
 * Tell the client that the device is gone. Both ends count as hung up from now
 * on, so that a byte is left with the client, which never reads it: with unread
 * data its end is reset by the last close.
 */
void Session::hangUp()
{
	hungUp_ = ::send(carrier_.get(), "", 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
	shutdown(carrier_.get(), SHUT_RDWR);
}

/* Why has the carrier hung up: because of the client, or of hangUp()? */
bool Session::clientGone() const
{
	int error = 0;
	socklen_t size = sizeof(error);

	return !hungUp_ || getsockopt(carrier_.get(), SOL_SOCKET, SO_ERROR, &error, &size) < 0 ||
	       error == ECONNRESET;
}

/*
 * Bring the readiness objects in line with the open file. With \a again, what
 * stays ready is signalled once more: something new has happened, for which an
 * edge-triggered waiter has to be woken.
 */
void Session::updateReadiness(bool again)
{
	const unsigned int events = file_->poll();

	/* Before all else: who wakes has to see all of it. */
	if ((events & POLLHUP) && !hungUp_)
		hangUp();

	signal(kReadyIn, events & (POLLIN | POLLRDNORM), again);
	signal(kReadyOut, events & (POLLOUT | POLLWRNORM), again);
	signal(kReadyPri, events & POLLPRI, again);
	signal(kReadyErr, events & (POLLERR | POLLHUP), false);
}

void Session::signal(unsigned int kind, bool ready, bool again)
{
	if (ready == signalled_[kind] && !(ready && again))
		return;

	uint64_t value = 1;
	ssize_t ret = ready ? write(ready_[kind].get(), &value, sizeof(value))
			    : read(ready_[kind].get(), &value, sizeof(value));
	if (ret < 0)
		log(LogLevel::Warning, errorText("readiness of " + name_, errno));

	signalled_[kind] = ready;
}

/*
 * Applications find in a dequeued buffer the descriptors that they queued it
 * with. The device has seen others, which were this process's for the time of
 * the call, so the client's numbers are kept here.
 */
void Session::rememberDmabufs(const v4l2_buffer &buffer, const DmabufNumbers &numbers)
{
	if (buffer.memory == V4L2_MEMORY_DMABUF)
		dmabufs_[{ buffer.type, buffer.index }] = numbers;
}

void Session::restoreDmabufs(v4l2_buffer *buffer, unsigned int planes) const
{
	const auto it = dmabufs_.find({ buffer->type, buffer->index });

	visitDmabufs(buffer, planes, [&](int32_t *fd, unsigned int plane) {
		*fd = it != dmabufs_.end() ? it->second[plane] : -1;
	});
}

} /* namespace fovea::server */
