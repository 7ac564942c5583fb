/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Raw formats and modes of a sensor
 */

#pragma once

#include <optional>
#include <vector>

#include <libcamera/geometry.h>
#include <libcamera/pixel_format.h>
#include <libcamera/transform.h>

#include "libcamera/internal/bayer_format.h"
#include "libcamera/internal/v4l2_subdevice.h"

namespace libcamera {

class CameraSensor;

namespace fovea {

class SensorFormats
{
public:
	explicit SensorFormats(const CameraSensor *sensor);

	bool empty() const { return codes_.empty(); }
	const std::vector<unsigned int> &codes() const { return codes_; }
	Size maxSize() const;

	std::vector<Size> sizes(unsigned int code) const;
	PixelFormat pixelFormat(unsigned int code, Transform transform,
				BayerFormat::Packing packing = BayerFormat::Packing::None) const;

	unsigned int deepestCode() const { return codes_.front(); }
	std::optional<unsigned int> codeOf(const PixelFormat &pixelFormat,
					   Transform transform) const;
	std::optional<unsigned int> codeOf(unsigned int bitDepth) const;

	V4L2SubdeviceFormat covering(unsigned int code, const Size &size) const;
	V4L2SubdeviceFormat smallest(unsigned int code, const Size &size) const;
	V4L2SubdeviceFormat nearest(unsigned int code, const Size &size) const;

private:
	const CameraSensor *sensor_;
	std::vector<unsigned int> codes_;
};

} /* namespace fovea */

} /* namespace libcamera */
