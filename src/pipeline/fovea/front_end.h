/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * CSI-2 receiver and front end of one sensor
 */

#pragma once

#include <memory>

#include "libcamera/internal/v4l2_subdevice.h"
#include "libcamera/internal/v4l2_videodevice.h"

namespace libcamera {

class MediaEntity;
struct StreamConfiguration;

namespace fovea {

class FrontEnd
{
public:
	int open(const MediaEntity *sensor);
	void close();

	int configure(const V4L2SubdeviceFormat &sensorFormat, unsigned int exposures = 1);
	int configureRaw(const StreamConfiguration &config);

	const MediaEntity *entity() const { return formatter_->entity(); }
	V4L2Subdevice *receiver() { return receiver_.get(); }
	V4L2VideoDevice *raw() { return raw_.get(); }
	V4L2VideoDevice *stats() { return stats_.get(); }

private:
	int configureImage(const V4L2SubdeviceFormat &sensorFormat, unsigned int exposures);
	int configureStats();

	std::unique_ptr<V4L2Subdevice> receiver_;
	std::unique_ptr<V4L2Subdevice> formatter_;
	std::unique_ptr<V4L2VideoDevice> raw_;
	std::unique_ptr<V4L2VideoDevice> stats_;
};

} /* namespace fovea */

} /* namespace libcamera */
