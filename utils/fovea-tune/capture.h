/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Capture of a number of pictures through libcamera
 */

#pragma once

#include <functional>
#include <memory>
#include <stdint.h>
#include <string>
#include <vector>

#include <libcamera/camera.h>
#include <libcamera/camera_manager.h>
#include <libcamera/controls.h>
#include <libcamera/framebuffer_allocator.h>
#include <libcamera/request.h>

#include "picture.h"

namespace fovea::tune {

struct Frame {
	uint32_t sequence;
	const libcamera::ControlList *metadata;
	Picture picture;
};

/*
 * Takes pictures in XRGB8888 at the camera's full size from the first camera of
 * the virtual hardware.
 */
class Capture
{
public:
	Capture();
	~Capture();

	int open(std::string *error);
	int run(unsigned int frames, std::function<int(const Frame &)> handler,
		std::string *error);

private:
	struct Mapping;

	int configure(std::string *error);
	int allocate(std::string *error);
	void requestCompleted(libcamera::Request *request);
	int handle(libcamera::Request *request,
		   const std::function<int(const Frame &)> &handler, std::string *error);

	class Completed;

	std::unique_ptr<libcamera::CameraManager> manager_;
	std::shared_ptr<libcamera::Camera> camera_;
	std::unique_ptr<libcamera::CameraConfiguration> config_;
	std::unique_ptr<libcamera::FrameBufferAllocator> allocator_;
	std::vector<std::unique_ptr<Mapping>> mappings_;
	std::vector<std::unique_ptr<libcamera::Request>> requests_;
	std::unique_ptr<Completed> completed_;
};

} /* namespace fovea::tune */
