/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Capture of a number of pictures through libcamera
 */

#include "capture.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <errno.h>
#include <map>
#include <mutex>
#include <string.h>
#include <sys/mman.h>

#include <libcamera/formats.h>
#include <libcamera/stream.h>

namespace fovea::tune {

using namespace libcamera;

namespace {

/* A frame that takes longer, in virtual time too, means that something hangs. */
constexpr std::chrono::seconds kFrameTimeout{ 30 };

} /* namespace */

/* A frame buffer mapped for reading. */
struct Capture::Mapping {
	~Mapping()
	{
		if (memory != MAP_FAILED)
			munmap(memory, length);
	}

	const FrameBuffer *buffer;
	void *memory = MAP_FAILED;
	size_t length = 0;
};

/* Completed requests, handed from libcamera's thread to the caller's. */
class Capture::Completed
{
public:
	void push(Request *request)
	{
		std::lock_guard lock(mutex_);
		requests_.push_back(request);
		condition_.notify_one();
	}

	Request *pop()
	{
		std::unique_lock lock(mutex_);
		if (!condition_.wait_for(lock, kFrameTimeout, [this] { return !requests_.empty(); }))
			return nullptr;
		Request *request = requests_.front();
		requests_.pop_front();
		return request;
	}

private:
	std::mutex mutex_;
	std::condition_variable condition_;
	std::deque<Request *> requests_;
};

Capture::Capture()
	: manager_(std::make_unique<CameraManager>()),
	  completed_(std::make_unique<Completed>())
{
}

Capture::~Capture()
{
	requests_.clear();
	mappings_.clear();
	allocator_.reset();
	config_.reset();
	if (camera_) {
		camera_->requestCompleted.disconnect(this);
		camera_->release();
		camera_.reset();
	}
	manager_->stop();
}

/**
 * \brief Acquire and configure the first camera
 * \return 0, or a negative error code with \a error set
 */
int Capture::open(std::string *error)
{
	int ret = manager_->start();
	if (ret) {
		*error = std::string("libcamera does not start: ") + strerror(-ret);
		return ret;
	}

	if (manager_->cameras().empty()) {
		*error = "libcamera finds no camera; its log above says why";
		return -ENODEV;
	}

	camera_ = manager_->cameras()[0];
	ret = camera_->acquire();
	if (ret) {
		*error = "the camera " + camera_->id() + " is in use";
		camera_.reset();
		return ret;
	}

	ret = configure(error);
	if (ret)
		return ret;

	return allocate(error);
}

int Capture::configure(std::string *error)
{
	config_ = camera_->generateConfiguration({ StreamRole::StillCapture });
	if (!config_ || config_->empty()) {
		*error = "the camera offers no configuration for still pictures";
		return -EINVAL;
	}

	StreamConfiguration &stream = config_->at(0);
	stream.pixelFormat = formats::XRGB8888;
	const SizeRange range = stream.formats().range(formats::XRGB8888);
	stream.size = range.max;

	if (config_->validate() == CameraConfiguration::Invalid ||
	    stream.pixelFormat != formats::XRGB8888) {
		*error = "the camera has no XRGB8888 output";
		return -EINVAL;
	}

	int ret = camera_->configure(config_.get());
	if (ret)
		*error = std::string("the camera refuses its configuration: ") + strerror(-ret);

	return ret;
}

int Capture::allocate(std::string *error)
{
	Stream *stream = config_->at(0).stream();
	allocator_ = std::make_unique<FrameBufferAllocator>(camera_);

	int ret = allocator_->allocate(stream);
	if (ret < 0) {
		*error = std::string("no frame buffers: ") + strerror(-ret);
		return ret;
	}

	for (const std::unique_ptr<FrameBuffer> &buffer : allocator_->buffers(stream)) {
		const FrameBuffer::Plane &plane = buffer->planes()[0];
		auto mapping = std::make_unique<Mapping>();
		mapping->buffer = buffer.get();
		mapping->length = plane.offset + plane.length;
		mapping->memory = mmap(nullptr, mapping->length, PROT_READ, MAP_SHARED,
				       plane.fd.get(), 0);
		if (mapping->memory == MAP_FAILED) {
			ret = -errno;
			*error = std::string("cannot map a frame buffer: ") + strerror(-ret);
			return ret;
		}

		std::unique_ptr<Request> request = camera_->createRequest(mappings_.size());
		request->addBuffer(stream, buffer.get());
		requests_.push_back(std::move(request));
		mappings_.push_back(std::move(mapping));
	}

	camera_->requestCompleted.connect(this, &Capture::requestCompleted);
	return 0;
}

void Capture::requestCompleted(Request *request)
{
	if (request->status() != Request::RequestCancelled)
		completed_->push(request);
}

int Capture::handle(Request *request, const std::function<int(const Frame &)> &handler,
		    std::string *error)
{
	const StreamConfiguration &stream = config_->at(0);
	const Mapping &mapping = *mappings_[request->cookie()];
	const FrameMetadata &status = mapping.buffer->metadata();

	if (status.status != FrameMetadata::FrameSuccess) {
		*error = "frame " + std::to_string(status.sequence) + " came back with an error";
		return -EIO;
	}

	const FrameBuffer::Plane &plane = mapping.buffer->planes()[0];
	const uint8_t *data = static_cast<const uint8_t *>(mapping.memory) + plane.offset;
	Frame frame{
		status.sequence,
		&request->metadata(),
		fromXrgb8888({ data, plane.length }, stream.size.width,
			     stream.size.height, stream.stride),
	};

	int ret = handler(frame);
	if (ret)
		*error = "";

	return ret;
}

/**
 * \brief Take \a frames pictures
 * \param[in] frames Number of pictures
 * \param[in] handler Called for each picture in order; an error it returns ends
 * the capture and is returned, with \a error empty
 * \return 0, or a negative error code with \a error set
 */
int Capture::run(unsigned int frames, std::function<int(const Frame &)> handler,
		 std::string *error)
{
	int ret = camera_->start();
	if (ret) {
		*error = std::string("the camera does not start: ") + strerror(-ret);
		return ret;
	}

	for (const std::unique_ptr<Request> &request : requests_)
		camera_->queueRequest(request.get());

	for (unsigned int i = 0; i < frames && !ret; i++) {
		Request *request = completed_->pop();
		if (!request) {
			*error = "no frame for " + std::to_string(kFrameTimeout.count()) +
				 " s; the log above says why";
			ret = -ETIMEDOUT;
			break;
		}

		ret = handle(request, handler, error);
		if (!ret) {
			request->reuse(Request::ReuseBuffers);
			camera_->queueRequest(request);
		}
	}

	camera_->stop();
	return ret;
}

} /* namespace fovea::tune */
