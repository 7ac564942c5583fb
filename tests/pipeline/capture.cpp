/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A small application: frames of a camera, remembered for a test
 */

#include "capture.h"

#include <chrono>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace libcamera;

namespace {

/* A capture that takes longer hangs, whatever the machine. */
constexpr std::chrono::seconds kTimeout{ 120 };

/*
 * A hash of 64 bits, a word of 8 bytes at a time: multiplication by the odd
 * constant nearest to 2^64 divided by the golden ratio, and a rotation.
 */
uint64_t extendHash(uint64_t hash, std::span<const uint8_t> data)
{
	constexpr uint64_t kFactor = 0x9e3779b97f4a7c15;

	for (size_t i = 0; i < data.size(); i += sizeof(uint64_t)) {
		uint64_t word = 0;
		memcpy(&word, &data[i], std::min(sizeof(word), data.size() - i));
		hash = (hash ^ word) * kFactor;
		hash = (hash << 29) | (hash >> 35);
	}

	return hash;
}

double mean(std::span<const uint8_t> data, bool words)
{
	const size_t step = words ? 2 : 1;
	uint64_t sum = 0;

	for (size_t i = 0; i + step <= data.size(); i += step)
		sum += words ? data[i] | data[i + 1] << 8 : data[i];

	return static_cast<double>(sum) * static_cast<double>(step) /
	       static_cast<double>(data.size());
}

/* Cb and Cr alternate. */
double meanOfOdd(std::span<const uint8_t> data)
{
	uint64_t sum = 0;

	for (size_t i = 1; i < data.size(); i += 2)
		sum += data[i];

	return 2.0 * static_cast<double>(sum) / static_cast<double>(data.size());
}

} /* namespace */

/* All metadata, in the order of the control ids. */
std::string CapturedFrame::metadataText() const
{
	std::map<unsigned int, std::string> entries;
	for (const auto &[id, value] : metadata)
		entries[id] = value.toString();

	std::string text;
	for (const auto &[id, value] : entries)
		text += controls::controls.at(id)->name() + "=" + value + " ";

	return text;
}

void CameraTest::SetUp()
{
	manager_ = std::make_unique<CameraManager>();
	ASSERT_EQ(manager_->start(), 0);
	ASSERT_FALSE(manager_->cameras().empty()) << "no camera is there";

	camera_ = manager_->cameras()[0];
	ASSERT_EQ(camera_->acquire(), 0);
}

void CameraTest::TearDown()
{
	if (camera_) {
		camera_->release();
		camera_.reset();
	}

	if (manager_)
		manager_->stop();
	manager_.reset();
}

/* Configure the camera; a null pointer after a failure, which is reported. */
std::unique_ptr<CameraConfiguration>
CameraTest::configure(std::initializer_list<StreamRole> roles,
		      std::function<void(CameraConfiguration &)> change)
{
	std::unique_ptr<CameraConfiguration> config =
		camera_->generateConfiguration(roles);
	if (!config) {
		ADD_FAILURE() << "no configuration for the roles";
		return nullptr;
	}

	if (change)
		change(*config);

	if (config->validate() == CameraConfiguration::Invalid) {
		ADD_FAILURE() << "invalid configuration";
		return nullptr;
	}

	if (camera_->configure(config.get())) {
		ADD_FAILURE() << "can't configure " << config->at(0).toString();
		return nullptr;
	}

	return config;
}

Capture::Capture(std::shared_ptr<Camera> camera, const CameraConfiguration &config)
	: camera_(camera), allocator_(camera)
{
	size_t count = SIZE_MAX;
	for (const StreamConfiguration &stream : config) {
		const int ret = allocator_.allocate(stream.stream());
		EXPECT_GT(ret, 0) << "no buffers for " << stream.toString();
		count = std::min<size_t>(count, std::max(ret, 0));
	}

	for (size_t i = 0; i < count; i++) {
		std::unique_ptr<Request> request = camera_->createRequest();
		for (const StreamConfiguration &stream : config)
			request->addBuffer(stream.stream(),
					   allocator_.buffers(stream.stream())[i].get());
		requests_.push_back(std::move(request));
	}

	camera_->requestCompleted.connect(this, &Capture::requestCompleted);
}

Capture::~Capture()
{
	stop();
	camera_->requestCompleted.disconnect(this);

	for (const auto &[fd, data] : maps_)
		munmap(const_cast<uint8_t *>(data.data()), data.size());
}

int Capture::start(const ControlList *controls)
{
	{
		std::lock_guard lock(queueMutex_);
		stopped_ = false;
	}

	return camera_->start(controls);
}

void Capture::stop()
{
	{
		std::lock_guard lock(queueMutex_);
		stopped_ = true;
	}

	camera_->stop();
}

bool Capture::run(unsigned int count, Prepare prepare)
{
	{
		std::lock_guard lock(mutex_);
		prepare_ = std::move(prepare);
		wanted_ = queued_ + count;
	}

	for (const std::unique_ptr<Request> &request : requests_) {
		request->reuse(Request::ReuseBuffers);
		if (!queue(request.get()))
			break;
	}

	std::unique_lock lock(mutex_);
	return done_.wait_for(lock, kTimeout, [this] {
		return frames_.size() == wanted_;
	});
}

void Capture::runOn()
{
	{
		std::lock_guard lock(mutex_);
		wanted_ = UINT64_MAX;
	}

	for (const std::unique_ptr<Request> &request : requests_) {
		request->reuse(Request::ReuseBuffers);
		queue(request.get());
	}
}

bool Capture::finish()
{
	std::unique_lock lock(mutex_);
	wanted_ = queued_;

	return done_.wait_for(lock, kTimeout, [this] { return completed_ == queued_; });
}

uint64_t Capture::queued()
{
	std::lock_guard lock(mutex_);
	return queued_;
}

unsigned int Capture::queueAll()
{
	{
		std::lock_guard lock(mutex_);
		wanted_ = queued_ + requests_.size();
	}

	unsigned int count = 0;
	for (const std::unique_ptr<Request> &request : requests_) {
		request->reuse(Request::ReuseBuffers);
		count += queue(request.get());
	}

	return count;
}

/* Queue \a request as the next one, if more are wanted. */
bool Capture::queue(Request *request)
{
	std::lock_guard queueLock(queueMutex_);
	if (stopped_)
		return false;

	uint64_t cookie;
	{
		std::lock_guard lock(mutex_);
		if (queued_ == wanted_)
			return false;
		cookie = queued_++;
		cookies_[request] = cookie;
	}

	if (prepare_)
		prepare_(*request, cookie);
	if (!camera_->queueRequest(request))
		return true;

	std::lock_guard lock(mutex_);
	queued_--;
	return false;
}

/* Runs in the camera manager's thread. */
void Capture::requestCompleted(Request *request)
{
	CapturedFrame frame{
		.cookie = 0,
		.sequence = request->sequence(),
		.status = request->status(),
		.images = {},
		.metadata = request->metadata(),
	};

	for (const auto &[stream, buffer] : request->buffers())
		frame.images.emplace(stream, examine(stream, buffer));

	bool requeue = frame.status == Request::RequestComplete;
	{
		std::lock_guard lock(mutex_);
		frame.cookie = cookies_[request];
		completed_++;
		if (!observer_ || observer_(frame))
			frames_.push_back(std::move(frame));
	}

	if (requeue) {
		request->reuse(Request::ReuseBuffers);
		queue(request);
	}

	done_.notify_one();
}

CapturedImage Capture::examine(const Stream *stream, const FrameBuffer *buffer)
{
	const FrameMetadata &metadata = buffer->metadata();
	CapturedImage image{
		.status = metadata.status,
		.sequence = metadata.sequence,
		.timestamp = metadata.timestamp,
		.bytes = 0,
		.hash = 0,
		.mean = 0,
		.meanRed = 0,
	};

	if (metadata.status != FrameMetadata::FrameSuccess)
		return image;

	for (size_t i = 0; i < buffer->planes().size(); i++) {
		const std::span<const uint8_t> data =
			map(buffer->planes()[i]).first(metadata.planes()[i].bytesused);
		const bool words = stream->configuration().colorSpace == ColorSpace::Raw;

		image.bytes += data.size();
		image.hash = extendHash(image.hash, data);
		if (i == 0)
			image.mean = mean(data, words);
		else
			image.meanRed = meanOfOdd(data);
	}

	return image;
}

std::span<const uint8_t> Capture::map(const FrameBuffer::Plane &plane)
{
	const int fd = plane.fd.get();
	auto it = maps_.find(fd);

	if (it == maps_.end()) {
		const size_t length = lseek(fd, 0, SEEK_END);
		void *memory = mmap(nullptr, length, PROT_READ, MAP_SHARED, fd, 0);
		EXPECT_NE(memory, MAP_FAILED) << strerror(errno);
		it = maps_.emplace(fd, std::span{ static_cast<const uint8_t *>(memory),
						  length })
			     .first;
	}

	return it->second.subspan(plane.offset, plane.length);
}
