/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * An open file of a V4L2 device node: events and priority
 */

#pragma once

#include "event.h"
#include "node_file.h"

namespace fovea::v4l2 {

class MediaDevice;

class FileHandle : public NodeFile
{
public:
	FileHandle(MediaDevice *media, std::shared_ptr<const NodeNumber> number);
	~FileHandle() override;

	EventQueue &events() { return events_; }
	const EventQueue &events() const { return events_; }

	v4l2_priority priority() const { return priority_; }
	int setPriority(uint32_t priority);
	int checkPriority() const;

protected:
	/* NodeFile */
	void leaveDevice() override;

private:
	EventQueue events_;
	v4l2_priority priority_;
};

} /* namespace fovea::v4l2 */
