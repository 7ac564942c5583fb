/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * An open file of a V4L2 device node: events and priority
 */

#include "file_handle.h"

#include <errno.h>

#include "media_device.h"

namespace fovea::v4l2 {

/**
 * \class FileHandle
 * \brief What all open files of V4L2 nodes have: events and a priority
 *
 * As in the kernel, the priorities of all nodes of a device are compared with
 * each other.
 */

FileHandle::FileHandle(MediaDevice *media)
	: media_(media), priority_(V4L2_PRIORITY_DEFAULT)
{
	media_->changePriority(V4L2_PRIORITY_UNSET, priority_);
	events_.changed = [this]() { notify(); };
}

FileHandle::~FileHandle()
{
	media_->changePriority(priority_, V4L2_PRIORITY_UNSET);
}

/** \brief Tell the transport that the readiness may have changed */
void FileHandle::notify()
{
	if (readinessChanged)
		readinessChanged();
}

/** \brief VIDIOC_S_PRIORITY; -EINVAL for an unknown priority */
int FileHandle::setPriority(uint32_t priority)
{
	if (priority != V4L2_PRIORITY_BACKGROUND &&
	    priority != V4L2_PRIORITY_INTERACTIVE &&
	    priority != V4L2_PRIORITY_RECORD)
		return -EINVAL;

	auto newPriority = static_cast<v4l2_priority>(priority);
	media_->changePriority(priority_, newPriority);
	priority_ = newPriority;
	return 0;
}

/** \brief -EBUSY if another open file has a higher priority */
int FileHandle::checkPriority() const
{
	return priority_ < media_->maxPriority() ? -EBUSY : 0;
}

int FileHandle::mmap([[maybe_unused]] uint64_t offset,
		     [[maybe_unused]] size_t length, [[maybe_unused]] int *fd,
		     [[maybe_unused]] uint64_t *fdOffset)
{
	return -ENODEV;
}

} /* namespace fovea::v4l2 */
