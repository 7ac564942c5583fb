/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A scaler of the ISP and the node that captures its pictures
 */

#pragma once

#include <memory>

#include <libcamera/geometry.h>

#include "libcamera/internal/v4l2_subdevice.h"
#include "libcamera/internal/v4l2_videodevice.h"

namespace libcamera {

class MediaDevice;
struct StreamConfiguration;

namespace fovea {

class ScaledOutput
{
public:
	int open(const MediaDevice *media, const char *scaler, const char *node);
	void close();

	int configure(const Size &frameSize, const Size &outputSize);
	int configureNode(const StreamConfiguration &config);

	int setCrop(Rectangle *crop);
	const Rectangle &crop() const { return crop_; }

	const MediaEntity *scaler() const { return scaler_->entity(); }
	V4L2VideoDevice *node() { return node_.get(); }

private:
	std::unique_ptr<V4L2Subdevice> scaler_;
	std::unique_ptr<V4L2VideoDevice> node_;

	Rectangle crop_;
};

Rectangle defaultCrop(const Size &input, const Size &output);
Size reachableOutput(const Size &input, const Size &output);

} /* namespace fovea */

} /* namespace libcamera */
