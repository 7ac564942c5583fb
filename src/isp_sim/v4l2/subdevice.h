/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * V4L2 sub-devices
 */

#pragma once

#include <memory>
#include <stdint.h>
#include <string>
#include <vector>

#include <linux/v4l2-subdev.h>

#include "control_handler.h"
#include "file_handle.h"
#include "media_device.h"

namespace fovea::v4l2 {

/* What a sub-device keeps for each pad, once for the hardware (ACTIVE) and once
 * for each open file (TRY). */
struct PadState {
	v4l2_mbus_framefmt format;
	v4l2_rect crop;
	v4l2_rect compose;
	v4l2_fract interval;
};

struct SubdeviceState {
	uint32_t which;
	std::vector<PadState> pads;
};

class Subdevice : public Entity, public DeviceNode
{
public:
	/* The operations that a sub-device has; the ioctls of others are -ENOTTY. */
	enum Operation : uint32_t {
		OpEnumMbusCode = 1U << 0,
		OpEnumFrameSize = 1U << 1,
		OpEnumFrameInterval = 1U << 2,
		OpFormat = 1U << 3,
		OpSelection = 1U << 4,
		OpFrameInterval = 1U << 5,
		OpEvents = 1U << 6,
		OpLogStatus = 1U << 7,
	};

	Subdevice(MediaDevice *media, std::string name, uint32_t function,
		  const std::vector<uint32_t> &padFlags, uint32_t operations);

	/* DeviceNode */
	std::string name() const override;
	unsigned int major() const override;
	unsigned int minor() const override { return number_->minor; }
	std::string subsystem() const override { return "video4linux"; }
	std::string label() const override { return entityName(); }
	int open(int flags, std::unique_ptr<OpenFile> *file) override;

	/* Entity */
	bool isSubdevice() const override { return true; }
	void registerNode() override;
	int validateLink(const Link &link) override;

	const SubdeviceState &activeState() const { return active_; }
	SubdeviceState &activeState() { return active_; }
	ControlHandler &controls() { return controls_; }

	void sendEvent(const v4l2_event &event);
	const std::vector<FileHandle *> &files() const { return files_; }

protected:
	/* Fill in the formats that a new state starts with. */
	virtual void initState(SubdeviceState *state) = 0;
	void resetActiveState();

	virtual int enumMbusCode(const SubdeviceState &state, v4l2_subdev_mbus_code_enum *code);
	virtual int enumFrameSize(const SubdeviceState &state, v4l2_subdev_frame_size_enum *size);
	virtual int enumFrameInterval(const SubdeviceState &state, v4l2_subdev_frame_interval_enum *interval);
	virtual int getFormat(const SubdeviceState &state, v4l2_subdev_format *format);
	virtual int setFormat(SubdeviceState &state, v4l2_subdev_format *format);
	virtual int getSelection(const SubdeviceState &state, v4l2_subdev_selection *selection);
	virtual int setSelection(SubdeviceState &state, v4l2_subdev_selection *selection);
	virtual int getFrameInterval(const SubdeviceState &state, v4l2_subdev_frame_interval *interval);
	virtual int setFrameInterval(SubdeviceState &state, v4l2_subdev_frame_interval *interval);

	/* Events beyond those of controls. */
	virtual int subscribeEvent(FileHandle *file, const v4l2_event_subscription &subscription);

	/* A file has dequeued an event or went away. */
	virtual void eventsChanged();

	/* What VIDIOC_LOG_STATUS writes to the log, with OpLogStatus. */
	virtual std::string status() const;

	ControlHandler controls_;

private:
	friend class SubdeviceFile;

	MediaDevice *media_;
	uint32_t operations_;
	std::shared_ptr<const NodeNumber> number_;
	SubdeviceState active_;
	std::vector<FileHandle *> files_;
};

} /* namespace fovea::v4l2 */
