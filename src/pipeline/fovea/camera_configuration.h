/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Stream configurations of a camera
 */

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <libcamera/base/span.h>

#include <libcamera/camera.h>
#include <libcamera/geometry.h>
#include <libcamera/pixel_format.h>
#include <libcamera/stream.h>
#include <libcamera/transform.h>

#include "libcamera/internal/v4l2_subdevice.h"

namespace libcamera {

class V4L2VideoDevice;

namespace fovea {

class CameraData;

class Configuration : public CameraConfiguration
{
public:
	Configuration(std::shared_ptr<Camera> camera, CameraData *data,
		      V4L2VideoDevice *mainNode);

	int addRoles(Span<const StreamRole> roles);

	Status validate() override;

	const StreamConfiguration *main() const { return find(false); }
	const StreamConfiguration *raw() const { return find(true); }
	const V4L2SubdeviceFormat &sensorFormat() const { return sensorFormat_; }
	Transform transform() const { return transform_; }

private:
	using FormatMap = std::map<PixelFormat, std::vector<SizeRange>>;

	static bool isRaw(const StreamConfiguration &config);
	const StreamConfiguration *find(bool raw) const;
	StreamConfiguration *find(bool raw);

	FormatMap mainFormats() const;
	FormatMap rawFormats() const;
	StreamConfiguration mainDefault(StreamRole role) const;
	StreamConfiguration rawDefault(const StreamConfiguration *main) const;

	Status limitStreams();
	Status validateOrientation();
	int selectSensorFormat();
	V4L2SubdeviceFormat formatForMain(const Size &requested) const;
	Status validateRaw(StreamConfiguration *config) const;
	Status validateMain(StreamConfiguration *config) const;
	int completeStream(StreamConfiguration *config) const;

	std::shared_ptr<Camera> camera_;
	CameraData *data_;
	V4L2VideoDevice *mainNode_;

	V4L2SubdeviceFormat sensorFormat_;
	Transform transform_;
};

} /* namespace fovea */

} /* namespace libcamera */
