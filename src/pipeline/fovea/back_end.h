/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Back end of the ISP and its outputs
 */

#pragma once

#include <memory>
#include <optional>

#include <libcamera/geometry.h>
#include <libcamera/stream.h>

#include "libcamera/internal/v4l2_subdevice.h"
#include "libcamera/internal/v4l2_videodevice.h"

#include "scaled_output.h"

namespace libcamera {

class MediaDevice;
class MediaEntity;

namespace fovea {

/* What a camera wants of the back end. */
struct BackEndConfiguration {
	const MediaEntity *frontEnd = nullptr;
	V4L2SubdeviceFormat rawFormat;
	std::optional<StreamConfiguration> main;
	std::optional<StreamConfiguration> viewfinder;

	Size mainSize() const { return main ? main->size : rawFormat.size; }
};

class BackEnd
{
public:
	int open(const MediaDevice *media);
	void close();

	int configure(MediaDevice *media, const BackEndConfiguration &config);

	V4L2VideoDevice *params() { return params_.get(); }
	ScaledOutput &main() { return main_; }
	ScaledOutput &viewfinder() { return viewfinder_; }

private:
	int connect(MediaDevice *media, const MediaEntity *frontEnd);
	int connectViewfinder(MediaDevice *media, bool enable);
	int configureIsp(const V4L2SubdeviceFormat &rawFormat);
	int configureParams();

	std::unique_ptr<V4L2Subdevice> isp_;
	std::unique_ptr<V4L2VideoDevice> params_;
	ScaledOutput main_;
	ScaledOutput viewfinder_;
};

} /* namespace fovea */

} /* namespace libcamera */
