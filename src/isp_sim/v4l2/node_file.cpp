/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * An open file of a node, which may outlive the node
 */

#include "node_file.h"

#include <errno.h>
#include <poll.h>

#include "media_device.h"

namespace fovea::v4l2 {

/**
 * \class NodeFile
 * \brief What all open files of a media device's nodes share: the device can go
 *
 * When the device is unregistered its open files stay, as they do in the kernel,
 * and every call on them fails. They have nothing to do with the device then, so
 * that it can be destroyed at once.
 *
 * A class that derives from this one calls leaveDevice() in its destructor if
 * registered() says so.
 */

/**
 * \param[in] media The media device
 * \param[in] number The node's numbers, which stay in use while the file is open
 */
NodeFile::NodeFile(MediaDevice *media, std::shared_ptr<const NodeNumber> number)
	: media_(media), number_(std::move(number))
{
	media_->addFile(this);
}

NodeFile::~NodeFile()
{
	if (media_)
		media_->removeFile(this);
}

int NodeFile::ioctl(unsigned long request, void *arg)
{
	return media_ ? deviceIoctl(request, arg) : goneError();
}

unsigned int NodeFile::poll() const
{
	return media_ ? devicePoll() : gonePoll();
}

int NodeFile::mmap(uint64_t offset, size_t length, int *fd, uint64_t *fdOffset)
{
	return media_ ? deviceMmap(offset, length, fd, fdOffset) : -ENODEV;
}

/** \brief The device goes; memory that is mapped or exported stays valid */
void NodeFile::unregister()
{
	leaveDevice();
	media_ = nullptr;
	notify();
}

/** \brief Tell the transport that the readiness may have changed */
void NodeFile::notify()
{
	if (readinessChanged)
		readinessChanged();
}

int NodeFile::deviceMmap([[maybe_unused]] uint64_t offset, [[maybe_unused]] size_t length,
			 [[maybe_unused]] int *fd, [[maybe_unused]] uint64_t *fdOffset)
{
	return -ENODEV;
}

/* As v4l2_ioctl() and v4l2_poll() of drivers/media/v4l2-core/v4l2-dev.c. */
int NodeFile::goneError() const
{
	return -ENODEV;
}

unsigned int NodeFile::gonePoll() const
{
	return POLLERR | POLLHUP | POLLPRI;
}

} /* namespace fovea::v4l2 */
