/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Memory-to-memory devices: one node, a context for each open file
 */

#pragma once

#include <deque>
#include <memory>
#include <stdint.h>
#include <string>
#include <vector>

#include <linux/videodev2.h>

#include "buffer_queue.h"
#include "control_handler.h"
#include "file_handle.h"
#include "media_device.h"

namespace fovea::v4l2 {

class MemToMemDevice;

/* An open file, with queues, formats and controls of its own. */
class MemToMemContext : public FileHandle
{
public:
	explicit MemToMemContext(MemToMemDevice *device);
	~MemToMemContext() override;

protected:
	/* NodeFile */
	int deviceIoctl(unsigned long request, void *arg) override;
	unsigned int devicePoll() const override;
	int deviceMmap(uint64_t offset, size_t length, int *fd, uint64_t *fdOffset) override;
	void leaveDevice() override;

	/* The driver's formats; their type is one of the two queues'. */
	virtual int enumFormat(v4l2_fmtdesc *description) = 0;
	virtual int enumFrameSizes(v4l2_frmsizeenum *size) = 0;
	virtual int tryFormat(v4l2_format *format) = 0;
	virtual void formatChanged([[maybe_unused]] const v4l2_format &format) {}

	/*
	 * A job turns one buffer into another. While it runs it is the only one
	 * of the device; it ends by finishJob(), or by abortJob() of the driver.
	 */
	virtual void runJob(Buffer &input, Buffer &output) = 0;
	virtual void abortJob() = 0;
	void finishJob(BufferState state);
	void stopJob();

	v4l2_format &format(uint32_t type) { return side(type)->format; }

	ControlHandler controls_;

private:
	friend class MemToMemDevice;

	/* One of the two directions. */
	struct Side : QueueOperations {
		Side(MemToMemContext *owner, v4l2_buf_type type);

		int queueSetup(unsigned int *count, std::vector<size_t> *sizes) override;
		int bufPrepare(Buffer &buffer) override;
		void bufQueue(Buffer &buffer) override;
		int startStreaming() override;
		void stopStreaming() override;
		bool waits() const;

		MemToMemContext *context;
		BufferQueue queue;
		v4l2_format format;
		std::deque<Buffer *> pending;
		uint32_t sequence = 0;
	};

	Side *side(uint32_t type);
	int formatIoctl(unsigned long request, v4l2_format *format);
	int bufferIoctl(unsigned long request, void *arg);
	int eventIoctl(unsigned long request, void *arg);
	int queryCapabilities(v4l2_capability *capability) const;
	int describeFormat(v4l2_fmtdesc *description);

	bool ready() const;
	void start();
	void detach();

	MemToMemDevice *device_;
	Side output_;
	Side capture_;
	Buffer *input_;		/* of the job that runs */
	Buffer *result_;
};

class MemToMemDevice : public DeviceNode
{
public:
	MemToMemDevice(MediaDevice *media, std::string name);

	/* DeviceNode */
	std::string name() const override { return "video" + std::to_string(number_->index); }
	unsigned int major() const override;
	unsigned int minor() const override { return number_->minor; }
	std::string subsystem() const override { return "video4linux"; }
	std::string label() const override { return name_; }
	int open(int flags, std::unique_ptr<OpenFile> *file) override;

	MediaDevice *media() const { return media_; }

protected:
	virtual std::unique_ptr<MemToMemContext> createContext() = 0;

private:
	friend class MemToMemContext;

	void schedule(MemToMemContext *context);
	void jobEnded(MemToMemContext *context);
	void forget(MemToMemContext *context);
	void runNext();

	MediaDevice *media_;
	std::string name_;
	std::shared_ptr<const NodeNumber> number_;
	Entity source_;
	Entity processor_;
	Entity sink_;
	std::deque<MemToMemContext *> waiting_;
	MemToMemContext *running_;
};

} /* namespace fovea::v4l2 */
