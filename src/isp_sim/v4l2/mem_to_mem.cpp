/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Memory-to-memory devices: one node, a context for each open file
 */

#include "mem_to_mem.h"

#include <algorithm>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <utility>

#include "pixel_format.h"

/**
 * \file mem_to_mem.h
 * \brief Devices that turn pictures in memory into others
 *
 * They follow the kernel's framework (v4l2-mem2mem): every open file is a context
 * of its own, with an output queue for what goes in and a capture queue for what
 * comes out. Jobs of all contexts take turns on the one device.
 */

namespace fovea::v4l2 {

namespace {

constexpr unsigned int kVideoMajor = 81;
constexpr uint32_t kVersion = (6 << 16) | (12 << 8);

/* The kernel adds this to the mmap() offsets of the capture queue. */
constexpr uint32_t kCaptureOffset = 1U << 30;

template<size_t N>
void copyText(__u8 (&destination)[N], const std::string &text)
{
	memset(destination, 0, N);
	memcpy(destination, text.data(), std::min(text.size(), N - 1));
}

/* The queue that the argument \a arg of a buffer ioctl names. */
uint32_t bufferType(unsigned long request, const void *arg)
{
	switch (request) {
	case VIDIOC_REQBUFS:
		return static_cast<const v4l2_requestbuffers *>(arg)->type;
	case VIDIOC_CREATE_BUFS:
		return static_cast<const v4l2_create_buffers *>(arg)->format.type;
	case VIDIOC_REMOVE_BUFS:
		return static_cast<const v4l2_remove_buffers *>(arg)->type;
	case VIDIOC_EXPBUF:
		return static_cast<const v4l2_exportbuffer *>(arg)->type;
	case VIDIOC_STREAMON:
	case VIDIOC_STREAMOFF:
		return *static_cast<const uint32_t *>(arg);
	default:
		return static_cast<const v4l2_buffer *>(arg)->type;
	}
}

bool isBufferIoctl(unsigned long request)
{
	switch (request) {
	case VIDIOC_REQBUFS:
	case VIDIOC_CREATE_BUFS:
	case VIDIOC_REMOVE_BUFS:
	case VIDIOC_QUERYBUF:
	case VIDIOC_QBUF:
	case VIDIOC_PREPARE_BUF:
	case VIDIOC_DQBUF:
	case VIDIOC_EXPBUF:
	case VIDIOC_STREAMON:
	case VIDIOC_STREAMOFF:
		return true;
	default:
		return false;
	}
}

bool fillsBuffer(unsigned long request)
{
	return request == VIDIOC_QUERYBUF || request == VIDIOC_QBUF ||
	       request == VIDIOC_PREPARE_BUF || request == VIDIOC_DQBUF;
}

bool needsPriority(unsigned long request)
{
	switch (request) {
	case VIDIOC_S_FMT:
	case VIDIOC_REQBUFS:
	case VIDIOC_CREATE_BUFS:
	case VIDIOC_REMOVE_BUFS:
	case VIDIOC_STREAMON:
	case VIDIOC_STREAMOFF:
	case VIDIOC_S_CTRL:
	case VIDIOC_S_EXT_CTRLS:
	case VIDIOC_S_PRIORITY:
		return true;
	default:
		return false;
	}
}

} /* namespace */

/* --------------------------------------------------------------------------
 * MemToMemContext::Side
 */

MemToMemContext::Side::Side(MemToMemContext *owner, v4l2_buf_type type)
	: context(owner), queue(type, this), format{}
{
	format.type = type;
	queue.setTimestampFlags(V4L2_BUF_FLAG_TIMESTAMP_COPY);
	queue.changed = [owner]() { owner->notify(); };
}

int MemToMemContext::Side::queueSetup([[maybe_unused]] unsigned int *count,
				      std::vector<size_t> *sizes)
{
	if (sizes->empty()) {
		sizes->push_back(format.fmt.pix.sizeimage);
		return 0;
	}

	return sizes->size() == 1 && (*sizes)[0] >= format.fmt.pix.sizeimage ? 0 : -EINVAL;
}

/* Interlaced pictures do not exist here; no order at all means progressive. */
int MemToMemContext::Side::bufPrepare(Buffer &buffer)
{
	if (!queue.output())
		return 0;

	if (buffer.field == V4L2_FIELD_ANY)
		buffer.field = V4L2_FIELD_NONE;
	return buffer.field == V4L2_FIELD_NONE ? 0 : -EINVAL;
}

void MemToMemContext::Side::bufQueue(Buffer &buffer)
{
	pending.push_back(&buffer);
	context->device_->schedule(context);
}

int MemToMemContext::Side::startStreaming()
{
	sequence = 0;
	return 0;
}

/* A job needs both sides: it ends with either. */
void MemToMemContext::Side::stopStreaming()
{
	context->stopJob();
	while (!pending.empty()) {
		Buffer *buffer = pending.front();
		pending.pop_front();
		queue.complete(*buffer, BufferState::Error);
	}
}

/* Is there something that an application may wait for? */
bool MemToMemContext::Side::waits() const
{
	return queue.streaming() && queue.queuedCount();
}

/* --------------------------------------------------------------------------
 * MemToMemContext
 */

/**
 * \class MemToMemContext
 * \brief An open file of a memory-to-memory device
 *
 * The driver derives from it, sets both formats in its constructor, and does the
 * work in runJob().
 */

MemToMemContext::MemToMemContext(MemToMemDevice *device)
	: FileHandle(device->media_, device->number_), device_(device),
	  output_(this, V4L2_BUF_TYPE_VIDEO_OUTPUT), capture_(this, V4L2_BUF_TYPE_VIDEO_CAPTURE),
	  input_(nullptr), result_(nullptr)
{
	controls_.addFile(this);
}

/* The driver has called stopJob() in its own destructor. */
MemToMemContext::~MemToMemContext()
{
	if (registered())
		detach();
}

void MemToMemContext::leaveDevice()
{
	stopJob();
	detach();
	FileHandle::leaveDevice();
}

void MemToMemContext::detach()
{
	device_->forget(this);
	controls_.removeFile(this);
	output_.queue.release(this);
	capture_.queue.release(this);
}

MemToMemContext::Side *MemToMemContext::side(uint32_t type)
{
	switch (type) {
	case V4L2_BUF_TYPE_VIDEO_OUTPUT:
		return &output_;
	case V4L2_BUF_TYPE_VIDEO_CAPTURE:
		return &capture_;
	default:
		return nullptr;
	}
}

/*
 * As v4l2_m2m_poll(): an error where neither queue has buffers to wait for, then
 * space for the one and data for the other.
 */
unsigned int MemToMemContext::devicePoll() const
{
	const unsigned int event = events().pending() ? POLLPRI : 0;

	if (!output_.waits() && !capture_.waits())
		return event | POLLERR;

	return event | (output_.queue.poll() & POLLOUT) | (capture_.queue.poll() & POLLIN);
}

int MemToMemContext::deviceMmap(uint64_t offset, size_t length, int *fd, uint64_t *fdOffset)
{
	return offset < kCaptureOffset
	     ? output_.queue.mmap(offset, length, fd, fdOffset)
	     : capture_.queue.mmap(offset - kCaptureOffset, length, fd, fdOffset);
}

int MemToMemContext::queryCapabilities(v4l2_capability *capability) const
{
	const MediaDeviceInfo &info = device_->media_->info();

	*capability = {};
	copyText(capability->driver, info.driver);
	copyText(capability->card, info.card.empty() ? info.model : info.card);
	copyText(capability->bus_info,
		 info.nodeBusInfo.empty() ? info.busInfo : info.nodeBusInfo);
	capability->version = kVersion;
	capability->device_caps = V4L2_CAP_VIDEO_M2M | V4L2_CAP_STREAMING |
				  V4L2_CAP_EXT_PIX_FORMAT;
	capability->capabilities = capability->device_caps | V4L2_CAP_DEVICE_CAPS;
	return 0;
}

int MemToMemContext::describeFormat(v4l2_fmtdesc *description)
{
	if (!side(description->type))
		return -EINVAL;

	v4l2_fmtdesc result = {};
	result.index = description->index;
	result.type = description->type;

	int ret = enumFormat(&result);
	if (ret)
		return ret;

	describePixelFormat(&result);
	*description = result;
	return 0;
}

int MemToMemContext::formatIoctl(unsigned long request, v4l2_format *format)
{
	Side *chosen = side(format->type);
	if (!chosen)
		return -EINVAL;

	if (request == VIDIOC_G_FMT) {
		*format = chosen->format;
		return 0;
	}

	completePixFormat(format);
	int ret = tryFormat(format);
	if (ret || request == VIDIOC_TRY_FMT)
		return ret;
	if (chosen->queue.busy())
		return -EBUSY;

	chosen->format = *format;
	formatChanged(*format);
	return 0;
}

int MemToMemContext::bufferIoctl(unsigned long request, void *arg)
{
	Side *chosen = side(bufferType(request, arg));
	if (!chosen)
		return -EINVAL;

	int ret = chosen->queue.ioctl(this, request, arg);
	if (!ret && fillsBuffer(request) && chosen == &capture_) {
		auto *buffer = static_cast<v4l2_buffer *>(arg);
		if (buffer->memory == V4L2_MEMORY_MMAP)
			buffer->m.offset += kCaptureOffset;
	}

	if (!ret && request == VIDIOC_STREAMON)
		device_->schedule(this);
	return ret;
}

int MemToMemContext::eventIoctl(unsigned long request, void *arg)
{
	if (controls_.empty())
		return -ENOTTY;
	if (request == VIDIOC_DQEVENT)
		return events().dequeue(static_cast<v4l2_event *>(arg));

	auto *subscription = static_cast<v4l2_event_subscription *>(arg);
	memset(subscription->reserved, 0, sizeof(subscription->reserved));
	if (request == VIDIOC_SUBSCRIBE_EVENT)
		return controls_.subscribe(this, *subscription);

	events().unsubscribe(*subscription);
	return 0;
}

int MemToMemContext::deviceIoctl(unsigned long request, void *arg)
{
	if (needsPriority(request)) {
		int ret = checkPriority();
		if (ret)
			return ret;
	}
	if (isBufferIoctl(request))
		return bufferIoctl(request, arg);

	switch (request) {
	case VIDIOC_QUERYCAP:
		return queryCapabilities(static_cast<v4l2_capability *>(arg));
	case VIDIOC_ENUM_FMT:
		return describeFormat(static_cast<v4l2_fmtdesc *>(arg));
	case VIDIOC_G_FMT:
	case VIDIOC_S_FMT:
	case VIDIOC_TRY_FMT:
		return formatIoctl(request, static_cast<v4l2_format *>(arg));
	case VIDIOC_ENUM_FRAMESIZES: {
		auto *size = static_cast<v4l2_frmsizeenum *>(arg);
		*size = { .index = size->index, .pixel_format = size->pixel_format, .type = 0,
			  .discrete = {}, .reserved = {} };
		return enumFrameSizes(size);
	}
	case VIDIOC_G_PRIORITY:
		*static_cast<uint32_t *>(arg) = device_->media_->maxPriority();
		return 0;
	case VIDIOC_S_PRIORITY:
		return setPriority(*static_cast<uint32_t *>(arg));
	case VIDIOC_SUBSCRIBE_EVENT:
	case VIDIOC_UNSUBSCRIBE_EVENT:
	case VIDIOC_DQEVENT:
		return eventIoctl(request, arg);
	default:
		return controls_.empty() ? -ENOTTY : controls_.ioctl(this, request, arg);
	}
}

/* May a job start: do both queues stream, with a buffer each? */
bool MemToMemContext::ready() const
{
	return output_.queue.streaming() && capture_.queue.streaming() &&
	       !output_.pending.empty() && !capture_.pending.empty();
}

void MemToMemContext::start()
{
	input_ = output_.pending.front();
	result_ = capture_.pending.front();
	output_.pending.pop_front();
	capture_.pending.pop_front();
	runJob(*input_, *result_);
}

/**
 * \brief The job has ended; both buffers go back to the application
 * \param[in] state Done or Error
 */
void MemToMemContext::finishJob(BufferState state)
{
	Buffer *input = std::exchange(input_, nullptr);
	Buffer *result = std::exchange(result_, nullptr);

	input->sequence = output_.sequence++;
	result->sequence = capture_.sequence++;
	result->copyMetadata(*input);
	result->field = V4L2_FIELD_NONE;
	result->setBytesUsed(0, capture_.format.fmt.pix.sizeimage);

	output_.queue.complete(*input, state);
	capture_.queue.complete(*result, state);
	device_->jobEnded(this);
}

/**
 * \brief End the job that runs, as if it had not begun
 *
 * Drivers call it in their destructor, where abortJob() is theirs for the last
 * time.
 */
void MemToMemContext::stopJob()
{
	if (!input_)
		return;

	abortJob();
	output_.pending.push_front(std::exchange(input_, nullptr));
	capture_.pending.push_front(std::exchange(result_, nullptr));
	device_->forget(this);
}

/* --------------------------------------------------------------------------
 * MemToMemDevice
 */

/**
 * \class MemToMemDevice
 * \brief The node, its three entities, and the turns of the contexts
 */

MemToMemDevice::MemToMemDevice(MediaDevice *media, std::string name)
	: media_(media), name_(std::move(name)),
	  number_(media->numbers().allocate(kVideoMajor, "video")),
	  source_(name_ + "-source", MEDIA_ENT_F_IO_V4L, { MEDIA_PAD_FL_SOURCE }),
	  processor_(name_ + "-proc", MEDIA_ENT_F_PROC_VIDEO_SCALER,
		     { MEDIA_PAD_FL_SINK, MEDIA_PAD_FL_SOURCE }),
	  sink_(name_ + "-sink", MEDIA_ENT_F_IO_V4L, { MEDIA_PAD_FL_SINK }),
	  running_(nullptr)
{
	constexpr uint32_t fixed = MEDIA_LNK_FL_ENABLED | MEDIA_LNK_FL_IMMUTABLE;

	media->addEntity(&source_);
	media->addEntity(&processor_);
	media->addEntity(&sink_);
	media->addLink(&source_, 0, &processor_, 0, fixed);
	media->addLink(&processor_, 1, &sink_, 0, fixed);
	media->addNode(&source_, this, MEDIA_INTF_T_V4L_VIDEO);
	media->shareNode(&sink_, &source_);
}

unsigned int MemToMemDevice::major() const
{
	return kVideoMajor;
}

int MemToMemDevice::open([[maybe_unused]] int flags, std::unique_ptr<OpenFile> *file)
{
	*file = createContext();
	return 0;
}

/* Give \a context a turn when it has something to do. */
void MemToMemDevice::schedule(MemToMemContext *context)
{
	if (running_ == context || !context->ready() ||
	    std::find(waiting_.begin(), waiting_.end(), context) != waiting_.end())
		return;

	waiting_.push_back(context);
	runNext();
}

void MemToMemDevice::runNext()
{
	while (!running_ && !waiting_.empty()) {
		MemToMemContext *context = waiting_.front();
		waiting_.pop_front();
		if (!context->ready())
			continue;

		running_ = context;
		context->start();
	}
}

void MemToMemDevice::jobEnded(MemToMemContext *context)
{
	running_ = nullptr;
	schedule(context);
	runNext();
}

void MemToMemDevice::forget(MemToMemContext *context)
{
	std::erase(waiting_, context);
	if (running_ == context)
		running_ = nullptr;
	runNext();
}

} /* namespace fovea::v4l2 */
