/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A capture session of a camera through libcamera, frame by frame
 */

#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <stdint.h>
#include <string>
#include <vector>

#include <libcamera/camera.h>
#include <libcamera/camera_manager.h>
#include <libcamera/controls.h>
#include <libcamera/framebuffer_allocator.h>
#include <libcamera/request.h>

namespace fovea::tune {

/* A stream that is asked for. */
struct StreamRequest {
	libcamera::StreamRole role;
	libcamera::PixelFormat format;		/* the camera's choice where it is invalid */
	libcamera::Size size;			/* the largest where it is null */
};

/* A picture of a completed request. */
struct StreamImage {
	const libcamera::StreamConfiguration *config;
	std::vector<std::span<const uint8_t>> planes;
};

struct SessionFrame {
	uint32_t sequence;
	uint64_t timestamp;			/* ns */
	const libcamera::ControlList *controls;	/* as they were requested */
	const libcamera::ControlList *metadata;
	std::vector<StreamImage> images;	/* in the order of the streams */
};

class Session
{
public:
	/* All requests that the camera has buffers for are with it. */
	static constexpr unsigned int kAllRequests = std::numeric_limits<unsigned int>::max();

	/* Called with each request before it is queued, and its number. */
	using Prepare = std::function<void(libcamera::Request &request, unsigned int number)>;
	/* Called with each frame in order; an error ends the session. */
	using Handler = std::function<int(const SessionFrame &frame)>;

	Session();
	~Session();

	int open(const std::string &camera, std::string *error);
	int configure(const std::vector<StreamRequest> &streams, std::string *error);
	int run(unsigned int frames, unsigned int ahead, const Prepare &prepare,
		const Handler &handler, std::string *error);

	const libcamera::Camera &camera() const { return *camera_; }
	const libcamera::StreamConfiguration &stream(unsigned int index) const
	{
		return config_->at(index);
	}

private:
	struct Mapping;
	class Completed;

	int choose(const std::string &camera, std::string *error);
	int allocate(std::string *error);
	int createRequests(std::string *error);
	int map(const libcamera::FrameBuffer *buffer, std::string *error);
	int queue(libcamera::Request *request, const Prepare &prepare, std::string *error);
	StreamImage image(const libcamera::StreamConfiguration &config,
			  const libcamera::FrameBuffer *buffer) const;
	int handle(libcamera::Request *request, const Handler &handler, std::string *error);
	void requestCompleted(libcamera::Request *request);

	std::unique_ptr<libcamera::CameraManager> manager_;
	std::shared_ptr<libcamera::Camera> camera_;
	std::unique_ptr<libcamera::CameraConfiguration> config_;
	std::unique_ptr<libcamera::FrameBufferAllocator> allocator_;
	std::vector<std::unique_ptr<Mapping>> mappings_;
	std::vector<std::unique_ptr<libcamera::Request>> requests_;
	std::vector<libcamera::ControlList> requested_;	/* by cookie of the request */
	std::unique_ptr<Completed> completed_;
	unsigned int queued_ = 0;
	unsigned int wanted_ = 0;
};

} /* namespace fovea::tune */
