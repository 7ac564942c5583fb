/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A capture session of a camera through libcamera, frame by frame
 */

#include "session.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <errno.h>
#include <mutex>
#include <string.h>
#include <sys/mman.h>

#include <libcamera/stream.h>

namespace fovea::tune {

using namespace libcamera;

namespace {

/* A frame that takes longer, in virtual time too, means that something hangs. */
constexpr std::chrono::seconds kFrameTimeout{ 30 };

} /* namespace */

/* A memory object of frame buffers, mapped for reading. */
struct Session::Mapping {
	~Mapping()
	{
		if (memory != MAP_FAILED)
			munmap(memory, length);
	}

	int fd = -1;
	void *memory = MAP_FAILED;
	size_t length = 0;
};

/* Completed requests, handed from libcamera's thread to the caller's. */
class Session::Completed
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

Session::Session()
	: manager_(std::make_unique<CameraManager>()),
	  completed_(std::make_unique<Completed>())
{
}

Session::~Session()
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

int Session::choose(const std::string &camera, std::string *error)
{
	const auto cameras = manager_->cameras();
	std::string ids;

	if (cameras.empty()) {
		*error = "libcamera finds no camera; its log above says why";
		return -ENODEV;
	}

	for (const std::shared_ptr<Camera> &candidate : cameras) {
		if (camera.empty() || candidate->id() == camera) {
			camera_ = candidate;
			return 0;
		}
		ids += "\n  " + candidate->id();
	}

	*error = "no camera has the id '" + camera + "', expected one of:" + ids;
	return -ENODEV;
}

/**
 * \brief Acquire a camera
 * \param[in] camera Its id; the first camera where it is empty
 * \param[out] error What is wrong
 * \return 0, or a negative error code
 */
int Session::open(const std::string &camera, std::string *error)
{
	int ret = manager_->start();
	if (ret) {
		*error = std::string("libcamera does not start: ") + strerror(-ret);
		return ret;
	}

	ret = choose(camera, error);
	if (ret)
		return ret;

	ret = camera_->acquire();
	if (ret) {
		*error = "the camera " + camera_->id() + " is in use";
		camera_.reset();
		return ret;
	}

	camera_->requestCompleted.connect(this, &Session::requestCompleted);
	return 0;
}

/**
 * \brief Configure streams and allocate what they need
 * \param[in] streams The streams; a format or a size that they name must be had
 * \param[out] error What is wrong
 * \return 0, or a negative error code
 */
int Session::configure(const std::vector<StreamRequest> &streams, std::string *error)
{
	std::vector<StreamRole> roles;

	for (const StreamRequest &stream : streams)
		roles.push_back(stream.role);
	config_ = camera_->generateConfiguration(roles);
	if (!config_ || config_->size() != streams.size()) {
		*error = "the camera has no configuration of these streams";
		return -EINVAL;
	}

	for (size_t i = 0; i < streams.size(); i++) {
		StreamConfiguration &config = config_->at(i);
		if (streams[i].format.isValid())
			config.pixelFormat = streams[i].format;
		config.size = streams[i].size.isNull()
				      ? config.formats().range(config.pixelFormat).max
				      : streams[i].size;
	}

	if (config_->validate() == CameraConfiguration::Invalid) {
		*error = "the camera refuses these streams";
		return -EINVAL;
	}

	for (size_t i = 0; i < streams.size(); i++) {
		const StreamConfiguration &config = config_->at(i);
		if ((streams[i].format.isValid() && config.pixelFormat != streams[i].format) ||
		    (!streams[i].size.isNull() && config.size != streams[i].size)) {
			*error = "the camera has no " + streams[i].format.toString() + " of " +
				 streams[i].size.toString() + ", but " + config.toString();
			return -EINVAL;
		}
	}

	int ret = camera_->configure(config_.get());
	if (ret) {
		*error = std::string("the camera refuses its configuration: ") + strerror(-ret);
		return ret;
	}

	return allocate(error);
}

int Session::allocate(std::string *error)
{
	allocator_ = std::make_unique<FrameBufferAllocator>(camera_);

	for (const StreamConfiguration &config : *config_) {
		int ret = allocator_->allocate(config.stream());
		if (ret < 0) {
			*error = std::string("no frame buffers: ") + strerror(-ret);
			return ret;
		}
	}

	return createRequests(error);
}

/* As many requests as there are buffers of each stream. */
int Session::createRequests(std::string *error)
{
	size_t count = SIZE_MAX;

	for (const StreamConfiguration &config : *config_)
		count = std::min(count, allocator_->buffers(config.stream()).size());

	for (size_t i = 0; i < count; i++) {
		std::unique_ptr<Request> request = camera_->createRequest(i);
		for (const StreamConfiguration &config : *config_) {
			FrameBuffer *buffer = allocator_->buffers(config.stream())[i].get();
			int ret = map(buffer, error);
			if (ret)
				return ret;
			request->addBuffer(config.stream(), buffer);
		}
		requests_.push_back(std::move(request));
	}
	requested_.resize(count);

	return 0;
}

/* Map the memory of all planes; several may share one object. */
int Session::map(const FrameBuffer *buffer, std::string *error)
{
	for (const FrameBuffer::Plane &plane : buffer->planes()) {
		const size_t end = plane.offset + plane.length;
		const auto known = std::find_if(mappings_.begin(), mappings_.end(),
						[&](const auto &m) { return m->fd == plane.fd.get() && m->length >= end; });
		if (known != mappings_.end())
			continue;

		auto mapping = std::make_unique<Mapping>();
		mapping->fd = plane.fd.get();
		mapping->length = end;
		mapping->memory = mmap(nullptr, end, PROT_READ, MAP_SHARED, plane.fd.get(), 0);
		if (mapping->memory == MAP_FAILED) {
			*error = std::string("cannot map a frame buffer: ") + strerror(errno);
			return -errno;
		}
		mappings_.push_back(std::move(mapping));
	}

	return 0;
}

void Session::requestCompleted(Request *request)
{
	if (request->status() != Request::RequestCancelled)
		completed_->push(request);
}

int Session::queue(Request *request, const Prepare &prepare, std::string *error)
{
	if (prepare)
		prepare(*request, queued_);
	requested_[request->cookie()] = request->controls();
	queued_++;

	int ret = camera_->queueRequest(request);
	if (ret)
		*error = std::string("a request is refused: ") + strerror(-ret);

	return ret;
}

StreamImage Session::image(const StreamConfiguration &config, const FrameBuffer *buffer) const
{
	StreamImage image{ &config, {} };

	for (size_t i = 0; i < buffer->planes().size(); i++) {
		const FrameBuffer::Plane &plane = buffer->planes()[i];
		const auto mapping = std::find_if(mappings_.begin(), mappings_.end(), [&](const auto &m) {
			return m->fd == plane.fd.get() && m->length >= plane.offset + plane.length;
		});
		const size_t used = std::min<size_t>(plane.length, buffer->metadata().planes()[i].bytesused);
		image.planes.push_back({ static_cast<const uint8_t *>((*mapping)->memory) + plane.offset, used });
	}

	return image;
}

int Session::handle(Request *request, const Handler &handler, std::string *error)
{
	SessionFrame frame{ 0, 0, &requested_[request->cookie()], &request->metadata(), {} };

	for (const StreamConfiguration &config : *config_) {
		const FrameBuffer *buffer = request->findBuffer(config.stream());
		if (buffer->metadata().status != FrameMetadata::FrameSuccess) {
			*error = "frame " + std::to_string(buffer->metadata().sequence) + " came back with an error";
			return -EIO;
		}
		frame.sequence = buffer->metadata().sequence;
		frame.timestamp = buffer->metadata().timestamp;
		frame.images.push_back(image(config, buffer));
	}

	int ret = handler(frame);
	if (ret)
		*error = "";

	return ret;
}

/**
 * \brief Run the camera for a number of frames
 * \param[in] frames Their number; no more requests are queued
 * \param[in] ahead The most requests that are with the camera at a time; there are no more
 * than it has buffers
 * \param[in] prepare May set controls of a request
 * \param[in] handler Takes the frames in order; an error it returns ends the session and is
 * returned, with \a error empty
 * \param[out] error What is wrong
 * \return 0, or a negative error code
 */
int Session::run(unsigned int frames, unsigned int ahead, const Prepare &prepare,
		 const Handler &handler, std::string *error)
{
	int ret = camera_->start();
	if (ret) {
		*error = std::string("the camera does not start: ") + strerror(-ret);
		return ret;
	}

	queued_ = 0;
	wanted_ = frames;
	for (const std::unique_ptr<Request> &request : requests_) {
		if (queued_ < std::min(wanted_, ahead) && !ret)
			ret = queue(request.get(), prepare, error);
	}

	for (unsigned int i = 0; i < frames && !ret; i++) {
		Request *request = completed_->pop();
		if (!request) {
			*error = "no frame for " + std::to_string(kFrameTimeout.count()) +
				 " s; the log above says why";
			ret = -ETIMEDOUT;
			break;
		}

		ret = handle(request, handler, error);
		if (!ret && queued_ < wanted_) {
			request->reuse(Request::ReuseBuffers);
			ret = queue(request, prepare, error);
		}
	}

	camera_->stop();
	return ret;
}

} /* namespace fovea::tune */
