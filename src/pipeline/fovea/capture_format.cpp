/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Formats of the image capture nodes
 */

#include "capture_format.h"

#include <errno.h>

#include <libcamera/base/log.h>

#include <libcamera/stream.h>

#include "libcamera/internal/v4l2_videodevice.h"

/**
 * \file capture_format.h
 * \brief Stream configurations on capture nodes
 */

namespace libcamera {

LOG_DECLARE_CATEGORY(Fovea)

namespace fovea {

namespace {

/* All image formats of the device lie in one memory plane. */
V4L2DeviceFormat toDeviceFormat(const V4L2VideoDevice *node,
				const StreamConfiguration &config)
{
	V4L2DeviceFormat format;
	format.fourcc = node->toV4L2PixelFormat(config.pixelFormat);
	format.size = config.size;
	format.colorSpace = config.colorSpace;
	format.planesCount = 1;

	return format;
}

} /* namespace */

/**
 * \brief Let \a node tell the stride and frame size of \a config
 *
 * Strides are the device's to choose: computing them here as well would give
 * two places that have to agree.
 *
 * \return 0, -EINVAL if the node can't do the configuration's pixel format and
 * size, or the error of the device
 */
int tryCaptureFormat(V4L2VideoDevice *node, StreamConfiguration *config)
{
	V4L2DeviceFormat format = toDeviceFormat(node, *config);
	int ret = node->tryFormat(&format);
	if (ret)
		return ret;

	if (format.size != config->size ||
	    format.fourcc != node->toV4L2PixelFormat(config->pixelFormat)) {
		LOG(Fovea, Error)
			<< node->deviceName() << " can't capture "
			<< config->toString() << ", it offers " << format;
		return -EINVAL;
	}

	config->stride = format.planes[0].bpl;
	config->frameSize = format.planes[0].size;

	return 0;
}

/**
 * \brief Configure \a node as validated in \a config
 * \return 0, -EINVAL if the device took another format or stride than it
 * promised at validation, or the error of the device
 */
int setCaptureFormat(V4L2VideoDevice *node, const StreamConfiguration &config)
{
	V4L2DeviceFormat format = toDeviceFormat(node, config);
	const V4L2PixelFormat fourcc = format.fourcc;

	int ret = node->setFormat(&format);
	if (ret)
		return ret;

	if (format.size != config.size || format.fourcc != fourcc ||
	    format.planes[0].bpl != config.stride) {
		LOG(Fovea, Error)
			<< node->deviceName() << " took " << format
			<< " in place of " << config.toString();
		return -EINVAL;
	}

	LOG(Fovea, Debug) << node->deviceName() << " configured to " << format;

	return 0;
}

/**
 * \brief Configure \a node, which may stay idle, for what its link carries
 *
 * All links to capture nodes are immutable, and the device validates the whole
 * pipeline when a queue starts, the links to idle nodes included.
 *
 * \return 0 or the error of the device
 */
int setIdleFormat(V4L2VideoDevice *node, const PixelFormat &pixelFormat,
		  const Size &size)
{
	V4L2DeviceFormat format;
	format.fourcc = node->toV4L2PixelFormat(pixelFormat);
	format.size = size;
	format.planesCount = 1;

	return node->setFormat(&format);
}

} /* namespace fovea */

} /* namespace libcamera */
