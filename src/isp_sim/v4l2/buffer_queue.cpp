/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Buffers and queues of video devices, with the semantics of videobuf2
 */

#include "buffer_queue.h"

#include <algorithm>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/**
 * \file buffer_queue.h
 * \brief Buffer queues as videobuf2 implements them
 *
 * The order of checks, the error codes and the states follow videobuf2
 * (drivers/media/common/videobuf2 of the kernel); its documentation in
 * Documentation/userspace-api/media/v4l explains the user's side.
 */

namespace fovea::v4l2 {

namespace {

/* As videobuf2: VIDEO_MAX_FRAME. */
constexpr unsigned int kMaxBuffers = VIDEO_MAX_FRAME;

/*
 * mmap() offsets: the index of the buffer above 3 bits of plane, in pages of
 * 4 KiB.
 */
constexpr unsigned int kPlaneShift = 12;
constexpr unsigned int kIndexShift = kPlaneShift + 3;

/* Flags that tell of the state, and are never taken from the application. */
constexpr uint32_t kStateFlags =
	V4L2_BUF_FLAG_MAPPED | V4L2_BUF_FLAG_QUEUED | V4L2_BUF_FLAG_DONE |
	V4L2_BUF_FLAG_ERROR | V4L2_BUF_FLAG_PREPARED |
	V4L2_BUF_FLAG_IN_REQUEST | V4L2_BUF_FLAG_REQUEST_FD |
	V4L2_BUF_FLAG_TIMESTAMP_MASK | V4L2_BUF_FLAG_NO_CACHE_INVALIDATE |
	V4L2_BUF_FLAG_NO_CACHE_CLEAN;

/* Flags that an application gives to output buffers only. */
constexpr uint32_t kOutputFlags =
	V4L2_BUF_FLAG_PFRAME | V4L2_BUF_FLAG_BFRAME | V4L2_BUF_FLAG_KEYFRAME |
	V4L2_BUF_FLAG_TIMECODE | V4L2_BUF_FLAG_M2M_HOLD_CAPTURE_BUF;

size_t pageAlign(size_t length)
{
	const size_t page = sysconf(_SC_PAGESIZE);
	return (length + page - 1) / page * page;
}

/* Buffers up to this size are populated when they come, not with the first frame. */
constexpr size_t kMaxPopulated = size_t{ 64 } << 20;

/* What the kernel tells of a dma-buf's descriptor, and of no other. */
bool isDmaBuf(int fd)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	int info = open(path, O_RDONLY | O_CLOEXEC);
	if (info < 0)
		return false;

	char text[1024];
	ssize_t size = read(info, text, sizeof(text) - 1);
	close(info);
	if (size < 0)
		return false;

	text[size] = '\0';
	return strstr(text, "\nexp_name:");
}

/*
 * A descriptor whose memory cannot vanish while it is mapped: a dma-buf, or a
 * memfd that is sealed against shrinking, or lets itself be sealed. A memfd of
 * huge pages is none: with a hole in it, its pages can run out.
 *
 * Whatever else an application sends is found out before a system call reaches
 * a file system, which could be the application's own (FUSE) and never answer.
 */
bool isStableMemory(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0)
		return isDmaBuf(fd);

	struct statfs fs;
	if (fstatfs(fd, &fs) || fs.f_type != TMPFS_MAGIC)
		return false;

	return (seals & F_SEAL_SHRINK) || !fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK);
}

} /* namespace */

/* --------------------------------------------------------------------------
 * PlaneMemory
 */

/** \brief Memory that is taken from \a budget */
PlaneMemory::PlaneMemory(BufferBudget *budget)
	: budget_(budget)
{
}

PlaneMemory::~PlaneMemory()
{
	release();
}

/** \brief Unmap the memory and close the descriptor */
void PlaneMemory::release()
{
	if (memory_.data()) {
		munmap(memory_.data(), memory_.size());
		budget_->give(memory_.size());
	}
	if (fd_ >= 0)
		close(fd_);

	memory_ = {};
	fd_ = -1;
}

/* Map \a size bytes of the descriptor; -ENOMEM where the budget is used up. */
int PlaneMemory::map(size_t size)
{
	if (!budget_->take(size))
		return -ENOMEM;

	void *address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
			       MAP_SHARED | (size <= kMaxPopulated ? MAP_POPULATE : 0),
			       fd_, 0);
	if (address == MAP_FAILED) {
		budget_->give(size);
		return -errno;
	}

	memory_ = { static_cast<uint8_t *>(address), size };
	return 0;
}

/**
 * \brief Allocate \a length bytes of zeroed memory
 *
 * The memfd is sealed in size, so that no process that maps it can make another
 * one fault. The pages are populated now and not when the first frame comes.
 *
 * \return 0 or a negative error code
 */
int PlaneMemory::allocate(size_t length)
{
	release();

	size_t size = pageAlign(length);
	fd_ = memfd_create("v4l2-buffer", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd_ < 0)
		return -errno;

	int ret = 0;
	if (ftruncate(fd_, size) ||
	    fcntl(fd_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		ret = -errno;
	if (!ret)
		ret = map(size);
	if (ret)
		release();

	return ret;
}

/**
 * \brief Map the memory behind \a fd
 * \param[in] fd A dma-buf or memfd; it is duplicated
 * \param[in] minimum The least size in bytes
 * \param[inout] length Bytes to use, 0 for all
 *
 * Memory that is mapped already is kept.
 *
 * \return 0, -ENOMEM, or -EINVAL for a descriptor that is no buffer or too small
 */
int PlaneMemory::import(int fd, size_t minimum, size_t *length)
{
	struct stat now, then;
	if (!isStableMemory(fd) || fstat(fd, &now))
		return -EINVAL;

	off_t size = lseek(fd, 0, SEEK_END);
	if (size <= 0)
		return -EINVAL;

	if (!*length)
		*length = size;
	if (*length < minimum || *length > static_cast<size_t>(size))
		return -EINVAL;

	if (fd_ >= 0 && !fstat(fd_, &then) && then.st_dev == now.st_dev &&
	    then.st_ino == now.st_ino && memory_.size() == *length)
		return 0;

	release();

	fd_ = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (fd_ < 0)
		return -errno;

	int ret = map(*length);
	if (ret)
		release();

	return ret == -ENOMEM ? -ENOMEM : ret ? -EINVAL : 0;
}

/* --------------------------------------------------------------------------
 * Buffer
 */

/** \brief The bytes used of an output buffer's plane, from its data offset on */
std::span<const uint8_t> Buffer::payload(size_t plane) const
{
	const Plane &p = *planes_[plane];
	size_t used = std::min(p.bytesUsed, p.memory.memory().size());
	size_t offset = std::min(p.dataOffset, used);

	return std::span<const uint8_t>(p.memory.memory()).subspan(offset, used - offset);
}

/** \brief Set the bytes that a capture buffer's plane carries */
void Buffer::setBytesUsed(size_t plane, size_t bytes)
{
	planes_[plane]->bytesUsed = bytes;
}

/**
 * \brief Take over what goes with a picture through a memory-to-memory device
 *
 * That is its time, its timecode, and the flags that the application gave.
 */
void Buffer::copyMetadata(const Buffer &input)
{
	constexpr uint32_t flags = V4L2_BUF_FLAG_TIMECODE | V4L2_BUF_FLAG_TSTAMP_SRC_MASK |
				   V4L2_BUF_FLAG_KEYFRAME | V4L2_BUF_FLAG_PFRAME |
				   V4L2_BUF_FLAG_BFRAME;

	timestamp = input.timestamp;
	timecode_ = input.timecode_;
	flags_ = (flags_ & ~flags) | (input.flags_ & flags);
}

/* --------------------------------------------------------------------------
 * QueueOperations
 */

int QueueOperations::bufPrepare([[maybe_unused]] Buffer &buffer)
{
	return 0;
}

int QueueOperations::prepareStreaming()
{
	return 0;
}

void QueueOperations::unprepareStreaming()
{
}

/* --------------------------------------------------------------------------
 * BufferQueue: the driver's side
 */

/**
 * \class BufferQueue
 * \brief The buffers of a video device and their way to the driver and back
 */

/**
 * \param[in] type The buffer type
 * \param[in] operations The driver
 * \param[in] minQueued Buffers that have to be queued before the driver starts
 */
BufferQueue::BufferQueue(v4l2_buf_type type, QueueOperations *operations,
			 unsigned int minQueued)
	: type_(type), operations_(operations), minQueued_(minQueued),
	  budget_(BufferBudget::forQueue()), memory_(0), count_(0), owner_(nullptr), streaming_(false),
	  started_(false), error_(false), waitingForBuffers_(false),
	  lastDequeued_(false)
{
}

BufferQueue::~BufferQueue() = default;

void BufferQueue::notify()
{
	if (changed)
		changed();
}

/**
 * \brief Give a buffer back
 * \param[in] buffer A buffer that the driver owns
 * \param[in] state Done or Error for the application, Queued to take it back
 */
void BufferQueue::complete(Buffer &buffer, BufferState state)
{
	if (buffer.state_ != BufferState::Active)
		return;

	buffer.state_ = state;
	if (state == BufferState::Queued)
		return;

	done_.push_back(&buffer);
	notify();
}

/** \brief Enter the error state: waiting ends with -EIO until STREAMOFF */
void BufferQueue::setError()
{
	error_ = true;
	notify();
}

/* --------------------------------------------------------------------------
 * BufferQueue: allocation
 */

int BufferQueue::checkOwner(const void *owner) const
{
	return owner_ && owner_ != owner ? -EBUSY : 0;
}

int BufferQueue::checkMemoryType(uint32_t memory, uint32_t type) const
{
	if (memory != V4L2_MEMORY_MMAP && memory != V4L2_MEMORY_DMABUF)
		return -EINVAL;

	return type == type_ ? 0 : -EINVAL;
}

uint32_t BufferQueue::capabilities() const
{
	return V4L2_BUF_CAP_SUPPORTS_MMAP | V4L2_BUF_CAP_SUPPORTS_DMABUF |
	       V4L2_BUF_CAP_SUPPORTS_ORPHANED_BUFS |
	       V4L2_BUF_CAP_SUPPORTS_MAX_NUM_BUFFERS |
	       V4L2_BUF_CAP_SUPPORTS_REMOVE_BUFS;
}

std::unique_ptr<Buffer>
BufferQueue::allocateBuffer(unsigned int index, const std::vector<size_t> &sizes) const
{
	auto buffer = std::make_unique<Buffer>();
	buffer->index_ = index;

	for (size_t i = 0; i < sizes.size(); i++) {
		auto plane = std::make_unique<Buffer::Plane>(&budget_);
		plane->length = sizes[i];
		plane->minLength = sizes[i];
		plane->offset = (index << kIndexShift) | (i << kPlaneShift);

		if (memory_ == V4L2_MEMORY_MMAP && plane->memory.allocate(sizes[i]))
			return nullptr;

		buffer->planes_.push_back(std::move(plane));
	}

	return buffer;
}

/* The first of \a count free indices in a row, or kMaxBuffers if there is none. */
unsigned int BufferQueue::freeIndices(unsigned int count) const
{
	for (unsigned int i = 0, run = 0; i < kMaxBuffers; i++) {
		run = find(i) ? 0 : run + 1;
		if (run == count)
			return i + 1 - count;
	}

	return kMaxBuffers;
}

/*
 * Allocate up to \a count buffers in the first row of free indices: REMOVE_BUFS
 * leaves gaps. Where none has room for all, there are fewer.
 */
int BufferQueue::allocate(unsigned int count, const std::vector<size_t> &sizes,
			  unsigned int *first)
{
	while (count && freeIndices(count) == kMaxBuffers)
		count--;

	*first = count ? freeIndices(count) : 0;

	unsigned int allocated = 0;
	for (; allocated < count; allocated++) {
		unsigned int index = *first + allocated;
		auto buffer = allocateBuffer(index, sizes);
		if (!buffer)
			break;

		if (buffers_.size() <= index)
			buffers_.resize(index + 1);
		buffers_[index] = std::move(buffer);
		count_++;
	}

	return allocated ? static_cast<int>(allocated) : -ENOMEM;
}

void BufferQueue::freeAll()
{
	cancel();
	buffers_.clear();
	count_ = 0;
	memory_ = 0;
}

int BufferQueue::requestBuffers(const void *owner, v4l2_requestbuffers *request)
{
	int ret = checkMemoryType(request->memory, request->type);

	request->capabilities = capabilities();
	request->flags = 0;
	memset(request->reserved, 0, sizeof(request->reserved));

	if (ret)
		return ret;
	if (checkOwner(owner))
		return -EBUSY;
	if (streaming_)
		return -EBUSY;

	freeAll();
	owner_ = nullptr;
	lastDequeued_ = false;
	if (!request->count) {
		notify();
		return 0;
	}

	unsigned int count = std::min(std::max(request->count, minQueued_ + 1), kMaxBuffers);
	std::vector<size_t> sizes;
	ret = operations_->queueSetup(&count, &sizes);
	if (ret)
		return ret;

	unsigned int first;
	memory_ = request->memory;
	ret = allocate(count, sizes, &first);
	if (ret < 0) {
		memory_ = 0;
		return ret;
	}

	request->count = ret;
	owner_ = owner;
	waitingForBuffers_ = !output();
	notify();
	return 0;
}

/* The plane sizes that a format asks for; empty where it makes no sense. */
static std::vector<size_t> requestedSizes(const v4l2_format &format)
{
	std::vector<size_t> sizes;

	switch (format.type) {
	case V4L2_BUF_TYPE_VIDEO_CAPTURE:
	case V4L2_BUF_TYPE_VIDEO_OUTPUT:
		sizes.push_back(format.fmt.pix.sizeimage);
		break;
	case V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE:
	case V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE:
		if (format.fmt.pix_mp.num_planes > VIDEO_MAX_PLANES)
			return {};
		for (unsigned int i = 0; i < format.fmt.pix_mp.num_planes; i++)
			sizes.push_back(format.fmt.pix_mp.plane_fmt[i].sizeimage);
		break;
	case V4L2_BUF_TYPE_META_CAPTURE:
	case V4L2_BUF_TYPE_META_OUTPUT:
		sizes.push_back(format.fmt.meta.buffersize);
		break;
	default:
		break;
	}

	if (std::find(sizes.begin(), sizes.end(), 0U) != sizes.end())
		return {};

	return sizes;
}

int BufferQueue::createBuffers(const void *owner, v4l2_create_buffers *create)
{
	int ret = checkMemoryType(create->memory, create->format.type);

	create->index = count_;
	create->capabilities = capabilities();
	create->max_num_buffers = kMaxBuffers;
	create->flags = 0;
	memset(create->reserved, 0, sizeof(create->reserved));

	if (ret || !create->count)
		return ret;
	if (checkOwner(owner))
		return -EBUSY;

	std::vector<size_t> sizes = requestedSizes(create->format);
	if (sizes.empty())
		return -EINVAL;
	if (count_ == kMaxBuffers)
		return -ENOBUFS;
	if (count_ && memory_ != create->memory)
		return -EINVAL;

	unsigned int count = std::min(create->count, kMaxBuffers - count_);
	ret = operations_->queueSetup(&count, &sizes);
	if (ret)
		return ret;

	if (!count_)
		waitingForBuffers_ = !output();
	memory_ = create->memory;
	ret = allocate(count, sizes, &create->index);
	if (ret < 0)
		return ret;

	create->count = ret;
	owner_ = owner;
	notify();
	return 0;
}

int BufferQueue::removeBuffers(const void *owner, v4l2_remove_buffers *remove)
{
	memset(remove->reserved, 0, sizeof(remove->reserved));
	if (remove->type != type_)
		return -EINVAL;
	if (!remove->count)
		return 0;
	if (checkOwner(owner))
		return -EBUSY;

	uint64_t end = static_cast<uint64_t>(remove->index) + remove->count;
	if (end > buffers_.size())
		return -EINVAL;

	for (uint64_t i = remove->index; i < end; i++) {
		if (!buffers_[i])
			return -EINVAL;
		if (buffers_[i]->state_ != BufferState::Dequeued)
			return -EBUSY;
	}

	for (uint64_t i = remove->index; i < end; i++)
		buffers_[i].reset();
	count_ -= remove->count;
	return 0;
}

/* --------------------------------------------------------------------------
 * BufferQueue: buffers as the application sees them
 */

Buffer *BufferQueue::find(uint32_t index) const
{
	return index < buffers_.size() ? buffers_[index].get() : nullptr;
}

int BufferQueue::checkPlanes(const Buffer &buffer, const v4l2_buffer &b) const
{
	if (!multiplanar())
		return 0;

	if (!b.m.planes || b.length < buffer.planeCount() ||
	    b.length > VIDEO_MAX_PLANES)
		return -EINVAL;

	return 0;
}

int BufferQueue::findForUser(const v4l2_buffer &b, Buffer **buffer) const
{
	if (b.type != type_)
		return -EINVAL;

	*buffer = find(b.index);
	if (!*buffer)
		return -EINVAL;

	return checkPlanes(**buffer, b);
}

uint32_t BufferQueue::userFlags(const Buffer &buffer) const
{
	uint32_t flags = buffer.flags_ | timestampFlags_;

	switch (buffer.state_) {
	case BufferState::Dequeued:
		if (buffer.prepared_)
			flags |= V4L2_BUF_FLAG_PREPARED;
		break;
	case BufferState::Queued:
	case BufferState::Active:
		flags |= V4L2_BUF_FLAG_QUEUED;
		break;
	case BufferState::Error:
		flags |= V4L2_BUF_FLAG_ERROR | V4L2_BUF_FLAG_DONE;
		break;
	case BufferState::Done:
		flags |= V4L2_BUF_FLAG_DONE;
		break;
	}

	if (buffer.mapped_)
		flags |= V4L2_BUF_FLAG_MAPPED;
	if (buffer.last)
		flags |= V4L2_BUF_FLAG_LAST;

	return flags;
}

void BufferQueue::fillPlanes(const Buffer &buffer, v4l2_buffer *b) const
{
	for (size_t i = 0; i < buffer.planeCount(); i++) {
		const Buffer::Plane &plane = *buffer.planes_[i];
		v4l2_plane *p = &b->m.planes[i];

		*p = {};
		p->bytesused = plane.bytesUsed;
		p->length = plane.length;
		p->data_offset = plane.dataOffset;
		if (memory_ == V4L2_MEMORY_DMABUF)
			p->m.fd = plane.userFd;
		else
			p->m.mem_offset = plane.offset;
	}
}

void BufferQueue::fill(const Buffer &buffer, v4l2_buffer *b) const
{
	b->index = buffer.index_;
	b->type = type_;
	b->flags = userFlags(buffer);
	b->field = buffer.field;
	b->timestamp.tv_sec = buffer.timestamp / 1000000000;
	b->timestamp.tv_usec = buffer.timestamp % 1000000000 / 1000;
	b->timecode = buffer.timecode_;
	b->sequence = buffer.sequence;
	b->memory = memory_;
	b->reserved2 = 0;
	b->request_fd = 0;

	if (multiplanar()) {
		b->bytesused = 0;
		b->length = buffer.planeCount();
		fillPlanes(buffer, b);
		return;
	}

	const Buffer::Plane &plane = *buffer.planes_[0];
	b->bytesused = plane.bytesUsed;
	b->length = plane.length;
	b->m.userptr = 0;
	if (memory_ == V4L2_MEMORY_DMABUF)
		b->m.fd = plane.userFd;
	else
		b->m.offset = plane.offset;
}

int BufferQueue::queryBuffer(v4l2_buffer *b) const
{
	Buffer *buffer;
	int ret = findForUser(*b, &buffer);
	if (ret)
		return ret;

	fill(*buffer, b);
	return 0;
}

/* Payload and offset of output buffers have to lie within the memory. */
int BufferQueue::checkLengths(const Buffer &buffer, const v4l2_buffer &b) const
{
	if (!output())
		return 0;

	bool imported = memory_ == V4L2_MEMORY_DMABUF;

	if (!multiplanar()) {
		size_t length = imported ? b.length : buffer.planes_[0]->length;
		return length && b.bytesused > length ? -EINVAL : 0;
	}

	for (size_t i = 0; i < buffer.planeCount(); i++) {
		const v4l2_plane &p = b.m.planes[i];
		size_t length = imported ? p.length : buffer.planes_[i]->length;
		size_t used = p.bytesused ? p.bytesused : length;

		if (length && p.bytesused > length)
			return -EINVAL;
		if (p.data_offset && p.data_offset >= used)
			return -EINVAL;
	}

	return 0;
}

/* Copy what the application has set in the structure. */
void BufferQueue::takeFields(Buffer *buffer, const v4l2_buffer &b) const
{
	/* Where times are copied, the application says what they mean. */
	const bool copied = output() && (timestampFlags_ & V4L2_BUF_FLAG_TIMESTAMP_COPY);

	buffer->flags_ = b.flags & ~kStateFlags & ~V4L2_BUF_FLAG_LAST;
	if (!copied)
		buffer->flags_ &= ~V4L2_BUF_FLAG_TSTAMP_SRC_MASK;
	buffer->last = false;
	buffer->sequence = 0;

	if (output()) {
		buffer->field = b.field;
		if (b.flags & V4L2_BUF_FLAG_TIMECODE)
			buffer->timecode_ = b.timecode;
	} else {
		buffer->flags_ &= ~kOutputFlags;
		buffer->timestamp = 0;
	}

	for (size_t i = 0; i < buffer->planeCount(); i++) {
		Buffer::Plane &plane = *buffer->planes_[i];
		size_t used = multiplanar() ? b.m.planes[i].bytesused : b.bytesused;

		plane.bytesUsed = !output() ? 0 : used ? used : plane.length;
		plane.dataOffset = output() && multiplanar() ? b.m.planes[i].data_offset : 0;
	}
}

/* Map the descriptors of a DMABUF buffer. */
int BufferQueue::attach(Buffer *buffer, const v4l2_buffer &b)
{
	for (size_t i = 0; i < buffer->planeCount(); i++) {
		Buffer::Plane &plane = *buffer->planes_[i];
		int fd = multiplanar() ? b.m.planes[i].m.fd : b.m.fd;
		size_t length = multiplanar() ? b.m.planes[i].length : b.length;

		int ret = plane.memory.import(fd, plane.minLength, &length);
		if (ret)
			return ret;

		plane.userFd = fd;
		plane.length = length;
	}

	return 0;
}

int BufferQueue::prepare(Buffer *buffer, const v4l2_buffer &b)
{
	int ret = checkLengths(*buffer, b);
	if (ret)
		return ret;
	if (output() && b.field == V4L2_FIELD_ALTERNATE)
		return -EINVAL;

	if (memory_ == V4L2_MEMORY_DMABUF) {
		ret = attach(buffer, b);
		if (ret)
			return ret;
	}

	takeFields(buffer, b);

	ret = operations_->bufPrepare(*buffer);
	if (ret)
		return ret;

	buffer->prepared_ = true;
	return 0;
}

int BufferQueue::prepareBuffer(v4l2_buffer *b)
{
	Buffer *buffer;
	int ret = findForUser(*b, &buffer);
	if (ret)
		return ret;

	if ((b->flags & V4L2_BUF_FLAG_REQUEST_FD) || b->memory != memory_ ||
	    buffer->state_ != BufferState::Dequeued || buffer->prepared_)
		return -EINVAL;

	ret = prepare(buffer, *b);
	if (ret)
		return ret;

	fill(*buffer, b);
	return 0;
}

int BufferQueue::queueBuffer(v4l2_buffer *b)
{
	Buffer *buffer;
	int ret = findForUser(*b, &buffer);
	if (ret)
		return ret;

	if (b->memory != memory_)
		return -EINVAL;
	if (b->flags & V4L2_BUF_FLAG_REQUEST_FD)
		return -EBADR;
	if (error_)
		return -EIO;
	if (buffer->state_ != BufferState::Dequeued)
		return -EINVAL;

	if (!buffer->prepared_) {
		ret = prepare(buffer, *b);
		if (ret)
			return ret;
	}

	if (output())
		buffer->timestamp = b->timestamp.tv_sec * 1000000000ULL +
				    b->timestamp.tv_usec * 1000ULL;

	queued_.push_back(buffer);
	waitingForBuffers_ = false;
	buffer->state_ = BufferState::Queued;

	if (started_) {
		buffer->state_ = BufferState::Active;
		operations_->bufQueue(*buffer);
	}

	fill(*buffer, b);

	if (streaming_ && !started_ && queued_.size() >= minQueued_) {
		ret = start();
		if (ret) {
			std::erase(queued_, buffer);
			buffer->state_ = BufferState::Dequeued;
			return ret;
		}
	}

	notify();
	return 0;
}

int BufferQueue::dequeueBuffer(v4l2_buffer *b)
{
	if (b->type != type_)
		return -EINVAL;
	if (!streaming_)
		return -EINVAL;
	if (error_)
		return -EIO;
	if (lastDequeued_)
		return -EPIPE;
	if (done_.empty())
		return -EAGAIN;

	Buffer *buffer = done_.front();
	int ret = checkPlanes(*buffer, *b);
	if (ret)
		return ret;

	fill(*buffer, b);
	b->flags &= ~V4L2_BUF_FLAG_DONE;
	if (!output() && buffer->last)
		lastDequeued_ = true;

	done_.pop_front();
	std::erase(queued_, buffer);
	buffer->state_ = BufferState::Dequeued;
	buffer->prepared_ = false;

	/* DQBUF reports the flags before the state changed, without PREPARED. */
	b->flags &= ~V4L2_BUF_FLAG_PREPARED;
	notify();
	return 0;
}

/* The access mode that was asked for needs a file description of its own. */
int BufferQueue::exportBuffer(v4l2_exportbuffer *request) const
{
	memset(request->reserved, 0, sizeof(request->reserved));

	if (memory_ != V4L2_MEMORY_MMAP || request->type != type_ ||
	    (request->flags & ~(O_CLOEXEC | O_ACCMODE)))
		return -EINVAL;

	Buffer *buffer = find(request->index);
	if (!buffer || request->plane >= buffer->planeCount())
		return -EINVAL;

	int memory = buffer->planes_[request->plane]->memory.fd();
	int fd = -1;

	if ((request->flags & O_ACCMODE) == O_RDONLY) {
		char path[64];
		snprintf(path, sizeof(path), "/proc/self/fd/%d", memory);
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0)
		fd = fcntl(memory, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return -errno;

	buffer->mapped_ = true;
	request->fd = fd;
	return 0;
}

/**
 * \brief The memory for mmap() at \a offset, as QUERYBUF told it
 * \return 0, or -EINVAL for an unknown offset or too large a \a length
 */
int BufferQueue::mmap(uint64_t offset, size_t length, int *fd, uint64_t *fdOffset)
{
	if (memory_ != V4L2_MEMORY_MMAP)
		return -EINVAL;

	for (auto &buffer : buffers_) {
		if (!buffer)
			continue;

		for (auto &plane : buffer->planes_) {
			if (plane->offset != offset)
				continue;
			if (length > pageAlign(plane->length))
				return -EINVAL;

			buffer->mapped_ = true;
			*fd = plane->memory.fd();
			*fdOffset = 0;
			return 0;
		}
	}

	return -EINVAL;
}

/* --------------------------------------------------------------------------
 * BufferQueue: streaming
 */

int BufferQueue::start()
{
	for (Buffer *buffer : queued_) {
		buffer->state_ = BufferState::Active;
		operations_->bufQueue(*buffer);
	}

	started_ = true;
	int ret = operations_->startStreaming();
	if (!ret)
		return 0;

	started_ = false;
	for (Buffer *buffer : queued_)
		buffer->state_ = BufferState::Queued;
	return ret;
}

int BufferQueue::streamOn(uint32_t type)
{
	if (type != type_)
		return -EINVAL;
	if (streaming_)
		return 0;
	if (!count_ || count_ < minQueued_)
		return -EINVAL;

	int ret = operations_->prepareStreaming();
	if (ret)
		return ret;

	if (queued_.size() >= minQueued_) {
		ret = start();
		if (ret) {
			operations_->unprepareStreaming();
			return ret;
		}
	}

	streaming_ = true;
	notify();
	return 0;
}

/* Stop the driver and give every buffer back to the application. */
void BufferQueue::cancel()
{
	if (started_)
		operations_->stopStreaming();
	if (streaming_)
		operations_->unprepareStreaming();

	started_ = false;
	streaming_ = false;
	error_ = false;
	queued_.clear();
	done_.clear();

	for (auto &buffer : buffers_) {
		if (!buffer)
			continue;
		buffer->state_ = BufferState::Dequeued;
		buffer->prepared_ = false;
	}
}

int BufferQueue::streamOff(uint32_t type)
{
	if (type != type_)
		return -EINVAL;

	cancel();
	waitingForBuffers_ = !output();
	lastDequeued_ = false;
	notify();
	return 0;
}

/** \brief An open file is closed: if it owns the queue, stop and free all */
void BufferQueue::release(const void *owner)
{
	if (owner_ && owner_ != owner)
		return;

	freeAll();
	owner_ = nullptr;
	lastDequeued_ = false;
	notify();
}

/**
 * \brief Readiness: POLLIN or POLLOUT for a finished buffer, POLLERR
 *
 * POLLERR is for those that wait for buffers only: when nothing streams, and, for
 * capture, when nothing was queued since streaming began.
 */
unsigned int BufferQueue::poll() const
{
	if (!streaming_ || error_ || waitingForBuffers_)
		return POLLERR;
	if (!done_.empty())
		return output() ? POLLOUT : POLLIN;
	if (lastDequeued_)
		return POLLIN;

	return 0;
}

/**
 * \brief Execute one of the buffer ioctls for the open file \a owner
 * \return The result, or -ENOTTY for other ioctls
 */
int BufferQueue::ioctl(const void *owner, unsigned long request, void *arg)
{
	switch (request) {
	case VIDIOC_REQBUFS:
		return requestBuffers(owner, static_cast<v4l2_requestbuffers *>(arg));
	case VIDIOC_CREATE_BUFS:
		return createBuffers(owner, static_cast<v4l2_create_buffers *>(arg));
	case VIDIOC_REMOVE_BUFS:
		return removeBuffers(owner, static_cast<v4l2_remove_buffers *>(arg));
	case VIDIOC_QUERYBUF:
		return queryBuffer(static_cast<v4l2_buffer *>(arg));
	case VIDIOC_QBUF:
	case VIDIOC_PREPARE_BUF:
	case VIDIOC_DQBUF:
	case VIDIOC_EXPBUF:
	case VIDIOC_STREAMON:
	case VIDIOC_STREAMOFF:
		break;
	default:
		return -ENOTTY;
	}

	/* The type is checked before the owner, as the kernel does. */
	if (request != VIDIOC_STREAMON && request != VIDIOC_STREAMOFF &&
	    request != VIDIOC_EXPBUF && static_cast<v4l2_buffer *>(arg)->type != type_)
		return -EINVAL;
	if (checkOwner(owner))
		return -EBUSY;

	switch (request) {
	case VIDIOC_QBUF:
		return queueBuffer(static_cast<v4l2_buffer *>(arg));
	case VIDIOC_PREPARE_BUF:
		return prepareBuffer(static_cast<v4l2_buffer *>(arg));
	case VIDIOC_DQBUF:
		return dequeueBuffer(static_cast<v4l2_buffer *>(arg));
	case VIDIOC_EXPBUF:
		return exportBuffer(static_cast<v4l2_exportbuffer *>(arg));
	case VIDIOC_STREAMON:
		return streamOn(*static_cast<uint32_t *>(arg));
	default:
		return streamOff(*static_cast<uint32_t *>(arg));
	}
}

} /* namespace fovea::v4l2 */
