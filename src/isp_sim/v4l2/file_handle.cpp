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

FileHandle::FileHandle(MediaDevice *media, std::shared_ptr<const NodeNumber> number)
	: NodeFile(media, std::move(number)), priority_(V4L2_PRIORITY_DEFAULT)
{
	media->changePriority(V4L2_PRIORITY_UNSET, priority_);
	events_.changed = [this]() { notify(); };
}

FileHandle::~FileHandle()
{
	if (registered())
		FileHandle::leaveDevice();
}

void FileHandle::leaveDevice()
{
	media()->changePriority(priority_, V4L2_PRIORITY_UNSET);
}

/** \brief VIDIOC_S_PRIORITY; -EINVAL for an unknown priority */
int FileHandle::setPriority(uint32_t priority)
{
	if (priority != V4L2_PRIORITY_BACKGROUND &&
	    priority != V4L2_PRIORITY_INTERACTIVE &&
	    priority != V4L2_PRIORITY_RECORD)
		return -EINVAL;

	auto newPriority = static_cast<v4l2_priority>(priority);
	media()->changePriority(priority_, newPriority);
	priority_ = newPriority;
	return 0;
}

/** \brief -EBUSY if another open file has a higher priority */
int FileHandle::checkPriority() const
{
	return priority_ < media()->maxPriority() ? -EBUSY : 0;
}

} /* namespace fovea::v4l2 */
