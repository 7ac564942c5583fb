/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Back end of the ISP, its scaler and its output
 */

#pragma once

#include <memory>

#include <libcamera/geometry.h>

#include "libcamera/internal/v4l2_subdevice.h"
#include "libcamera/internal/v4l2_videodevice.h"

namespace libcamera {

class MediaDevice;
class MediaEntity;
struct StreamConfiguration;

namespace fovea {

class BackEnd
{
public:
	int open(const MediaDevice *media);
	void close();

	int connect(MediaDevice *media, const MediaEntity *frontEnd);
	int configure(const V4L2SubdeviceFormat &rawFormat, const Size &outputSize);
	int configureMain(const StreamConfiguration &config);

	int setCrop(Rectangle *crop);
	const Rectangle &crop() const { return crop_; }

	V4L2VideoDevice *params() { return params_.get(); }
	V4L2VideoDevice *main() { return main_.get(); }

private:
	int configureParams();

	std::unique_ptr<V4L2Subdevice> isp_;
	std::unique_ptr<V4L2Subdevice> scaler_;
	std::unique_ptr<V4L2VideoDevice> params_;
	std::unique_ptr<V4L2VideoDevice> main_;

	Rectangle crop_;
};

Rectangle defaultCrop(const Size &input, const Size &output);
Size reachableOutput(const Size &input, const Size &output);

} /* namespace fovea */

} /* namespace libcamera */
