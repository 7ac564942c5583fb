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
#include <libcamera/color_space.h>
#include <libcamera/geometry.h>
#include <libcamera/pixel_format.h>
#include <libcamera/stream.h>
#include <libcamera/transform.h>

#include "libcamera/internal/v4l2_subdevice.h"

namespace libcamera {

namespace fovea {

class BackEnd;
class CameraData;

class Configuration : public CameraConfiguration
{
public:
	Configuration(std::shared_ptr<Camera> camera, CameraData *data,
		      BackEnd *backEnd);

	int addRoles(Span<const StreamRole> roles);

	Status validate() override;

	const StreamConfiguration *main() const { return processed(0); }
	const StreamConfiguration *viewfinder() const { return processed(1); }
	const StreamConfiguration *raw() const;
	std::optional<ColorSpace> colorSpace() const;
	const V4L2SubdeviceFormat &sensorFormat() const { return sensorFormat_; }
	Transform transform() const { return transform_; }

private:
	using FormatMap = std::map<PixelFormat, std::vector<SizeRange>>;

	static bool isRaw(const StreamConfiguration &config);
	const StreamConfiguration *processed(unsigned int index) const;
	std::vector<Size> processedSizes() const;

	FormatMap mainFormats() const;
	FormatMap rawFormats() const;
	StreamConfiguration mainDefault(StreamRole role) const;
	StreamConfiguration rawDefault(const Size &covered) const;

	Status limitStreams();
	Status validateOrientation();
	int selectSensorFormat();
	V4L2SubdeviceFormat formatForProcessed() const;
	Status validateRaw(StreamConfiguration *config) const;
	Status validateProcessed(StreamConfiguration *config,
				 std::optional<ColorSpace> *yuvSpace) const;
	int completeStream(StreamConfiguration *config) const;

	std::shared_ptr<Camera> camera_;
	CameraData *data_;
	BackEnd *backEnd_;

	V4L2SubdeviceFormat sensorFormat_;
	Transform transform_;
};

} /* namespace fovea */

} /* namespace libcamera */
