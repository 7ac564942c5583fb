/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * V4L2 video nodes
 */

#pragma once

#include <memory>
#include <stdint.h>
#include <string>
#include <vector>

#include <linux/v4l2-mediabus.h>
#include <linux/videodev2.h>

#include "buffer_queue.h"
#include "control_handler.h"
#include "file_handle.h"
#include "media_device.h"

namespace fovea::v4l2 {

class VideoDevice : public Entity, public DeviceNode, public QueueOperations
{
public:
	VideoDevice(MediaDevice *media, std::string name, v4l2_buf_type type,
		    uint32_t padFlags, unsigned int minQueued = 0);

	/* DeviceNode */
	std::string name() const override;
	unsigned int major() const override;
	unsigned int minor() const override { return number_->minor; }
	std::string subsystem() const override { return "video4linux"; }
	std::string label() const override { return entityName(); }
	int open(int flags, std::unique_ptr<OpenFile> *file) override;

	/* Entity */
	int validateLink(const Link &link) override;

	BufferQueue &queue() { return queue_; }
	const BufferQueue &queue() const { return queue_; }
	const v4l2_format &format() const { return format_; }
	ControlHandler &controls() { return controls_; }

protected:
	/* Fill in \a description for its index and mbus_code (0: any). */
	virtual int enumFormat(v4l2_fmtdesc *description) = 0;

	/* Turn \a format, whose type is right, into one that the device has. */
	virtual int tryFormat(v4l2_format *format) = 0;

	/* VIDIOC_S_FMT has set another format, maybe. */
	virtual void formatChanged() {}

	/*
	 * Capabilities besides those of the queue, and the name of the one input
	 * or output.
	 */
	virtual uint32_t capabilities() const { return V4L2_CAP_IO_MC; }
	virtual std::string inputName() const { return entityName(); }

	/* Sizes of the pixel format; -EINVAL behind the last. */
	virtual bool hasFrameSizes() const { return false; }
	virtual int enumFrameSizes(v4l2_frmsizeenum *size);

	/* Intervals of a pixel format and a size of it; -EINVAL behind the last. */
	virtual bool hasFrameIntervals() const { return false; }
	virtual int enumFrameIntervals(v4l2_frmivalenum *interval);

	/* VIDIOC_G_PARM, and VIDIOC_S_PARM with \a set; the type is right. */
	virtual bool hasParameters() const { return false; }
	virtual int streamParameters(v4l2_streamparm *parameters, bool set);

	/* Crop and compose rectangles; the type is one without planes. */
	virtual bool hasSelection() const { return false; }
	virtual int selection(v4l2_selection *selection, bool set);

	/* Events beyond those of controls. */
	virtual bool hasEvents() const { return !controls_.empty(); }
	virtual int subscribeEvent(FileHandle *file, const v4l2_event_subscription &subscription);
	void sendEvent(const v4l2_event &event);

	/* What VIDIOC_LOG_STATUS writes to the log. */
	virtual bool hasStatus() const { return false; }
	virtual std::string status() const;

	/* Does the node's format go with the bus format of the linked source? */
	virtual int validateFormat(const v4l2_mbus_framefmt &bus);

	/* QueueOperations: one plane of the format's size; pipeline handling. */
	int queueSetup(unsigned int *count, std::vector<size_t> *sizes) override;
	int prepareStreaming() override;
	void unprepareStreaming() override;

	void setDefaultFormat(v4l2_format format);
	size_t planeSize(size_t plane) const;

	ControlHandler controls_;

private:
	friend class VideoFile;

	int queryCapabilities(v4l2_capability *capability) const;
	int describeFormat(v4l2_fmtdesc *description);
	int formatIoctl(unsigned long request, v4l2_format *format);
	int inputOutput(unsigned long request, void *arg) const;

	MediaDevice *media_;
	std::shared_ptr<const NodeNumber> number_;
	BufferQueue queue_;
	v4l2_format format_;
	std::vector<FileHandle *> files_;
};

} /* namespace fovea::v4l2 */
