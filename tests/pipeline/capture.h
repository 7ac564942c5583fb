/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A small application: frames of a camera, remembered for a test
 */

#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <stdint.h>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <libcamera/libcamera.h>

/* One buffer of a completed request. */
struct CapturedImage {
	libcamera::FrameMetadata::Status status;
	uint32_t sequence;
	uint64_t timestamp;
	size_t bytes;
	uint64_t hash;
	double mean;		/* of bytes, or of 16-bit words for raw */
	double meanRed;		/* of the samples of Cr, in NV12 */
};

/* A completed request. */
struct CapturedFrame {
	uint64_t cookie;
	uint32_t sequence;
	libcamera::Request::Status status;
	std::map<const libcamera::Stream *, CapturedImage> images;
	libcamera::ControlList metadata;

	std::string metadataText() const;
};

/* The first camera, acquired. */
class CameraTest : public testing::Test
{
protected:
	void SetUp() override;
	void TearDown() override;

	std::unique_ptr<libcamera::CameraConfiguration>
	configure(std::initializer_list<libcamera::StreamRole> roles,
		  std::function<void(libcamera::CameraConfiguration &)> change = {});

	std::unique_ptr<libcamera::CameraManager> manager_;
	std::shared_ptr<libcamera::Camera> camera_;
};

/*
 * A capture with the streams of a configuration. \a prepare may set controls of
 * request number "cookie" before it is queued.
 */
class Capture
{
public:
	using Prepare = std::function<void(libcamera::Request &, uint64_t cookie)>;

	Capture(std::shared_ptr<libcamera::Camera> camera,
		const libcamera::CameraConfiguration &config);
	~Capture();

	int start(const libcamera::ControlList *controls = nullptr);
	void stop();

	/* Capture \a count frames, and wait for them. False: they did not come. */
	bool run(unsigned int count, Prepare prepare = {});

	/* Queue all requests once, and don't wait. */
	unsigned int queueAll();

	/* Capture until the camera does not want to any more, or finish(). */
	void runOn();

	/* Queue no more, and wait for what is queued. False: it did not come. */
	bool finish();

	/* Called for each frame in the manager's thread. False: don't remember it. */
	using Observer = std::function<bool(const CapturedFrame &)>;
	void setObserver(Observer observer) { observer_ = std::move(observer); }

	/* Requests that were queued so far. */
	uint64_t queued();

	/* Completed requests, in the order of their completion. */
	const std::vector<CapturedFrame> &frames() const { return frames_; }

private:
	void requestCompleted(libcamera::Request *request);
	bool queue(libcamera::Request *request);
	CapturedImage examine(const libcamera::Stream *stream,
			      const libcamera::FrameBuffer *buffer);
	std::span<const uint8_t> map(const libcamera::FrameBuffer::Plane &plane);

	std::shared_ptr<libcamera::Camera> camera_;
	libcamera::FrameBufferAllocator allocator_;
	std::vector<std::unique_ptr<libcamera::Request>> requests_;
	std::map<int, std::span<const uint8_t>> maps_;

	/*
	 * No request may be on its way to the camera when it is stopped: libcamera's
	 * stop() ends the process if it meets one.
	 */
	std::mutex queueMutex_;
	bool stopped_ = false;

	std::mutex mutex_;
	std::condition_variable done_;
	Prepare prepare_;
	Observer observer_;
	uint64_t queued_ = 0;
	uint64_t completed_ = 0;
	uint64_t wanted_ = 0;
	std::map<const libcamera::Request *, uint64_t> cookies_;
	std::vector<CapturedFrame> frames_;
};
