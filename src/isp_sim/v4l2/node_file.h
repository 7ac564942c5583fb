/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * An open file of a node, which may outlive the node
 */

#pragma once

#include <memory>

#include "file.h"
#include "node_numbers.h"

namespace fovea::v4l2 {

class MediaDevice;

class NodeFile : public OpenFile
{
public:
	NodeFile(MediaDevice *media, std::shared_ptr<const NodeNumber> number);
	~NodeFile() override;

	/* OpenFile */
	int ioctl(unsigned long request, void *arg) final;
	unsigned int poll() const final;
	int mmap(uint64_t offset, size_t length, int *fd, uint64_t *fdOffset) final;

	bool registered() const { return media_; }
	void unregister();
	void notify();

protected:
	/* The device is there in all of these. */
	virtual int deviceIoctl(unsigned long request, void *arg) = 0;
	virtual unsigned int devicePoll() const = 0;
	virtual int deviceMmap(uint64_t offset, size_t length, int *fd, uint64_t *fdOffset);

	/* Forget the device: it unregisters, or the file is closed. */
	virtual void leaveDevice() = 0;

	/* What is left when the device is gone. */
	virtual int goneError() const;
	virtual unsigned int gonePoll() const;

	MediaDevice *media() const { return media_; }

private:
	MediaDevice *media_;
	std::shared_ptr<const NodeNumber> number_;
};

} /* namespace fovea::v4l2 */
