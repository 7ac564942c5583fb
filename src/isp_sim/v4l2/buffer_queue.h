/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Buffers and queues of video devices, with the semantics of videobuf2
 */

#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <stddef.h>
#include <stdint.h>
#include <vector>

#include <linux/videodev2.h>

#include "buffer_budget.h"

namespace fovea::v4l2 {

class Buffer;
class BufferQueue;

/* Memory of one plane: a memfd of ours, or an imported descriptor. */
class PlaneMemory
{
public:
	explicit PlaneMemory(BufferBudget *budget);
	~PlaneMemory();

	PlaneMemory(const PlaneMemory &) = delete;
	PlaneMemory &operator=(const PlaneMemory &) = delete;

	int allocate(size_t length);
	int import(int fd, size_t minimum, size_t *length);
	void release();

	int fd() const { return fd_; }
	std::span<uint8_t> memory() const { return memory_; }

private:
	int map(size_t size);

	BufferBudget *budget_;
	int fd_ = -1;
	std::span<uint8_t> memory_;
};

enum class BufferState {
	Dequeued,	/* with the application */
	Queued,		/* in the queue, not with the driver */
	Active,		/* with the driver */
	Done,
	Error,
};

class Buffer
{
public:
	struct Plane {
		explicit Plane(BufferBudget *budget)
			: memory(budget)
		{
		}

		PlaneMemory memory;
		size_t length = 0;
		size_t minLength = 0;
		size_t bytesUsed = 0;
		size_t dataOffset = 0;
		int userFd = -1;
		uint32_t offset = 0;
	};

	unsigned int index() const { return index_; }
	BufferState state() const { return state_; }
	size_t planeCount() const { return planes_.size(); }

	/* The whole memory of a plane. */
	std::span<uint8_t> memory(size_t plane) const
	{
		return planes_[plane]->memory.memory();
	}

	/* What the application has filled in, for output queues. */
	std::span<const uint8_t> payload(size_t plane) const;
	void setBytesUsed(size_t plane, size_t bytes);
	void copyMetadata(const Buffer &input);

	/* Filled in by the driver before BufferQueue::complete(). */
	uint32_t sequence = 0;
	uint32_t field = V4L2_FIELD_NONE;
	uint64_t timestamp = 0;		/* nanoseconds */
	bool last = false;

private:
	friend class BufferQueue;

	unsigned int index_ = 0;
	BufferState state_ = BufferState::Dequeued;
	bool prepared_ = false;
	bool mapped_ = false;
	uint32_t flags_ = 0;
	v4l2_timecode timecode_ = {};
	std::vector<std::unique_ptr<Plane>> planes_;
};

/* What a driver does for its queue; named after videobuf2's operations. */
class QueueOperations
{
public:
	virtual ~QueueOperations() = default;

	/*
	 * Give the sizes of the planes, in bytes. \a sizes is empty for the
	 * present format, or holds the sizes asked for by CREATE_BUFS, which may
	 * be refused with -EINVAL. \a count may be adjusted.
	 */
	virtual int queueSetup(unsigned int *count, std::vector<size_t> *sizes) = 0;

	/* Validate a buffer at QBUF or PREPARE_BUF. */
	virtual int bufPrepare(Buffer &buffer);

	/* The driver owns the buffer until it completes it. */
	virtual void bufQueue(Buffer &buffer) = 0;

	/* STREAMON came: validate the pipeline. Undone by unprepareStreaming(). */
	virtual int prepareStreaming();
	virtual void unprepareStreaming();

	/* On failure all buffers are given back with BufferState::Queued. */
	virtual int startStreaming() = 0;

	/* All buffers have to be completed when this returns. */
	virtual void stopStreaming() = 0;
};

class BufferQueue
{
public:
	BufferQueue(v4l2_buf_type type, QueueOperations *operations,
		    unsigned int minQueued = 0);
	~BufferQueue();

	/* V4L2_BUF_FLAG_TIMESTAMP_* and V4L2_BUF_FLAG_TSTAMP_SRC_* of all buffers. */
	void setTimestampFlags(uint32_t flags) { timestampFlags_ = flags; }

	v4l2_buf_type type() const { return type_; }
	bool output() const { return V4L2_TYPE_IS_OUTPUT(type_); }
	bool multiplanar() const { return V4L2_TYPE_IS_MULTIPLANAR(type_); }

	/* Are buffers allocated? Formats cannot change then. */
	bool busy() const { return count_; }
	bool streaming() const { return streaming_; }
	unsigned int count() const { return count_; }
	unsigned int queuedCount() const { return queued_.size(); }

	/* From the driver, in the event loop's thread. */
	void complete(Buffer &buffer, BufferState state);
	void setError();

	/* From the device node. \a owner identifies the open file. */
	int ioctl(const void *owner, unsigned long request, void *arg);
	unsigned int poll() const;
	int mmap(uint64_t offset, size_t length, int *fd, uint64_t *fdOffset);
	void release(const void *owner);

	/* Called when poll() may have changed. */
	std::function<void()> changed;

private:
	int checkOwner(const void *owner) const;
	int checkMemoryType(uint32_t memory, uint32_t type) const;
	uint32_t capabilities() const;

	int requestBuffers(const void *owner, v4l2_requestbuffers *request);
	int createBuffers(const void *owner, v4l2_create_buffers *create);
	int removeBuffers(const void *owner, v4l2_remove_buffers *remove);
	int queryBuffer(v4l2_buffer *b) const;
	int queueBuffer(v4l2_buffer *b);
	int prepareBuffer(v4l2_buffer *b);
	int dequeueBuffer(v4l2_buffer *b);
	int exportBuffer(v4l2_exportbuffer *request) const;
	int streamOn(uint32_t type);
	int streamOff(uint32_t type);

	Buffer *find(uint32_t index) const;
	int findForUser(const v4l2_buffer &b, Buffer **buffer) const;
	int checkPlanes(const Buffer &buffer, const v4l2_buffer &b) const;
	int checkLengths(const Buffer &buffer, const v4l2_buffer &b) const;
	void takeFields(Buffer *buffer, const v4l2_buffer &b) const;
	int prepare(Buffer *buffer, const v4l2_buffer &b);
	int attach(Buffer *buffer, const v4l2_buffer &b);
	void fill(const Buffer &buffer, v4l2_buffer *b) const;
	void fillPlanes(const Buffer &buffer, v4l2_buffer *b) const;
	uint32_t userFlags(const Buffer &buffer) const;

	unsigned int freeIndices(unsigned int count) const;
	int allocate(unsigned int count, const std::vector<size_t> &sizes,
		     unsigned int *first);
	std::unique_ptr<Buffer> allocateBuffer(unsigned int index,
					       const std::vector<size_t> &sizes) const;
	int start();
	void cancel();
	void freeAll();
	void notify();

	v4l2_buf_type type_;
	QueueOperations *operations_;
	unsigned int minQueued_;
	uint32_t timestampFlags_ = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC |
				   V4L2_BUF_FLAG_TSTAMP_SRC_EOF;

	mutable BufferBudget budget_;
	uint32_t memory_;		/* enum v4l2_memory, 0 for none yet */
	std::vector<std::unique_ptr<Buffer>> buffers_;
	unsigned int count_;
	const void *owner_;

	bool streaming_;
	bool started_;
	bool error_;
	bool waitingForBuffers_;
	bool lastDequeued_;
	std::deque<Buffer *> queued_;	/* all that are not dequeued, in order */
	std::deque<Buffer *> done_;
};

} /* namespace fovea::v4l2 */
