/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Stream configurations of a camera
 */

#include "camera_configuration.h"

#include <algorithm>
#include <array>
#include <errno.h>

#include <libcamera/base/log.h>

#include <libcamera/formats.h>

#include "libcamera/internal/formats.h"

#include "back_end.h"
#include "camera_data.h"
#include "capture_format.h"

/**
 * \file camera_configuration.h
 * \brief What an application may ask a camera for
 */

namespace libcamera {

LOG_DECLARE_CATEGORY(Fovea)

namespace fovea {

namespace {

/* Formats of the main output, the default first. */
constexpr std::array kMainFormats = { formats::NV12, formats::XRGB8888 };

/*
 * Sizes of the main output in pixels. Both sides are even as NV12 has one chroma
 * sample for 2x2 pixels. Below 32 pixels a side a picture is of no use.
 */
constexpr Size kMainSizeMin = { 32, 32 };
constexpr unsigned int kMainSizeStep = 2;

/* Size of streams that no application has sized yet, where the sensor has it. */
constexpr Size kDefaultSize = { 1920, 1080 };

/*
 * Buffers of a stream: a frame in processing, one in readout, two queued jobs,
 * and two in the hands of the application.
 */
constexpr unsigned int kDefaultBufferCount = 6;

using Status = CameraConfiguration::Status;

Status worse(Status a, Status b)
{
	return std::max(a, b);
}

/*
 * The primaries of processed frames are those that the colour matrix of the
 * tuning file aims at, Rec. 709. Encoding and range are programmable.
 */
Status validateColorSpace(StreamConfiguration *config)
{
	const PixelFormatInfo &info = PixelFormatInfo::info(config->pixelFormat);
	const bool isRgb = info.colourEncoding == PixelFormatInfo::ColourEncodingRGB;
	const std::optional<ColorSpace> requested = config->colorSpace;

	ColorSpace space = requested.value_or(isRgb ? ColorSpace::Srgb
						    : ColorSpace::Sycc);
	space.primaries = ColorSpace::Primaries::Rec709;
	if (space.transferFunction == ColorSpace::TransferFunction::Linear)
		space.transferFunction = ColorSpace::TransferFunction::Srgb;
	space.adjust(config->pixelFormat);

	config->colorSpace = space;

	return !requested || *requested == space ? Status::Valid : Status::Adjusted;
}

} /* namespace */

/**
 * \class Configuration
 * \brief Up to one main and one raw stream of a camera
 *
 * The raw stream is the sensor's frame as it is; its size selects the sensor's
 * mode. The main stream is processed, and scaled down from that mode.
 */

Configuration::Configuration(std::shared_ptr<Camera> camera, CameraData *data,
			     V4L2VideoDevice *mainNode)
	: camera_(std::move(camera)), data_(data), mainNode_(mainNode),
	  sensorFormat_{}
{
	transform_ = data_->sensor()->computeTransform(&orientation);
}

bool Configuration::isRaw(const StreamConfiguration &config)
{
	return PixelFormatInfo::info(config.pixelFormat).colourEncoding ==
	       PixelFormatInfo::ColourEncodingRAW;
}

const StreamConfiguration *Configuration::find(bool raw) const
{
	auto it = std::find_if(config_.begin(), config_.end(),
			       [raw](const StreamConfiguration &config) {
				       return isRaw(config) == raw;
			       });
	return it == config_.end() ? nullptr : &*it;
}

StreamConfiguration *Configuration::find(bool raw)
{
	return const_cast<StreamConfiguration *>(std::as_const(*this).find(raw));
}

/**
 * \brief Add a default stream for each of \a roles
 * \return 0, or -EINVAL if the camera can't have these roles at once
 */
int Configuration::addRoles(Span<const StreamRole> roles)
{
	const auto rawCount = std::count(roles.begin(), roles.end(), StreamRole::Raw);
	const auto mainCount = static_cast<ptrdiff_t>(roles.size()) - rawCount;
	if (rawCount > 1 || mainCount > 1) {
		LOG(Fovea, Error)
			<< "A camera has one processed and one raw stream, asked for "
			<< mainCount << " and " << rawCount;
		return -EINVAL;
	}

	std::optional<StreamConfiguration> main;
	for (StreamRole role : roles) {
		if (role != StreamRole::Raw)
			main = mainDefault(role);
	}

	for (StreamRole role : roles)
		addConfiguration(role == StreamRole::Raw
					 ? rawDefault(main ? &*main : nullptr)
					 : *main);

	return 0;
}

Configuration::FormatMap Configuration::mainFormats() const
{
	const SizeRange range{ kMainSizeMin,
			       data_->sensorFormats().maxSize().alignedDownTo(
				       kMainSizeStep, kMainSizeStep),
			       kMainSizeStep, kMainSizeStep };

	FormatMap formats;
	for (const PixelFormat &format : kMainFormats)
		formats[format] = { range };

	return formats;
}

Configuration::FormatMap Configuration::rawFormats() const
{
	const SensorFormats &sensor = data_->sensorFormats();

	FormatMap formats;
	for (unsigned int code : sensor.codes()) {
		std::vector<SizeRange> &ranges =
			formats[sensor.pixelFormat(code, transform_)];
		for (const Size &size : sensor.sizes(code))
			ranges.emplace_back(size);
	}

	return formats;
}

/*
 * Viewfinders are drawn on screens, and simple ones (and PPM files) know nothing
 * but RGB. Video is Rec. 709 by convention, stills are sYCC, as in JPEG.
 */
StreamConfiguration Configuration::mainDefault(StreamRole role) const
{
	const Size maxSize = data_->sensorFormats().maxSize();

	StreamConfiguration config{ StreamFormats{ mainFormats() } };
	config.pixelFormat = role == StreamRole::Viewfinder ? formats::XRGB8888
							    : formats::NV12;
	config.size = role == StreamRole::StillCapture
			      ? maxSize
			      : kDefaultSize.boundedTo(maxSize);
	config.bufferCount = kDefaultBufferCount;
	if (role == StreamRole::VideoRecording)
		config.colorSpace = ColorSpace::Rec709;

	return config;
}

StreamConfiguration Configuration::rawDefault(const StreamConfiguration *main) const
{
	const SensorFormats &sensor = data_->sensorFormats();
	const unsigned int code = sensor.deepestCode();

	StreamConfiguration config{ StreamFormats{ rawFormats() } };
	config.pixelFormat = sensor.pixelFormat(code, transform_);
	config.size = sensor.covering(code, main ? main->size : kDefaultSize).size;
	config.bufferCount = kDefaultBufferCount;
	config.colorSpace = ColorSpace::Raw;

	return config;
}

CameraConfiguration::Status Configuration::validate()
{
	if (config_.empty())
		return Invalid;

	Status status = worse(validateOrientation(), limitStreams());

	if (selectSensorFormat())
		return Invalid;

	for (StreamConfiguration &config : config_) {
		status = worse(status, isRaw(config) ? validateRaw(&config)
						     : validateMain(&config));

		if (completeStream(&config))
			return Invalid;
	}

	return status;
}

CameraConfiguration::Status Configuration::validateOrientation()
{
	const Orientation requested = orientation;
	transform_ = data_->sensor()->computeTransform(&orientation);

	return orientation == requested ? Valid : Adjusted;
}

/* Keep the first stream of each kind. */
CameraConfiguration::Status Configuration::limitStreams()
{
	const size_t before = config_.size();
	std::array<bool, 2> seen = {};

	config_.erase(std::remove_if(config_.begin(), config_.end(),
				     [&seen](const StreamConfiguration &config) {
					     return std::exchange(seen[isRaw(config)], true);
				     }),
		      config_.end());

	return config_.size() == before ? Valid : Adjusted;
}

/*
 * Choose the sensor's format: that of the sensor configuration where the
 * application gives one, else that of the raw stream, else the mode that serves
 * the main stream best. Returns 0, or -EINVAL for an impossible sensor
 * configuration.
 */
int Configuration::selectSensorFormat()
{
	const SensorFormats &sensor = data_->sensorFormats();

	if (sensorConfig) {
		const std::optional<unsigned int> code = sensor.codeOf(sensorConfig->bitDepth);
		if (!sensorConfig->isValid() || !code) {
			LOG(Fovea, Error)
				<< "The sensor has no format of "
				<< sensorConfig->bitDepth << " bits";
			return -EINVAL;
		}

		sensorFormat_ = sensor.nearest(*code, sensorConfig->outputSize);
		if (sensorFormat_.size != sensorConfig->outputSize) {
			LOG(Fovea, Error)
				<< "The sensor has no mode of "
				<< sensorConfig->outputSize << ", the nearest is "
				<< sensorFormat_.size;
			return -EINVAL;
		}

		return 0;
	}

	if (const StreamConfiguration *config = raw()) {
		const unsigned int code =
			sensor.codeOf(config->pixelFormat, transform_)
				.value_or(sensor.deepestCode());
		sensorFormat_ = sensor.nearest(code, config->size);
		return 0;
	}

	sensorFormat_ = formatForMain(main()->size.isNull() ? kDefaultSize
							    : main()->size);
	return 0;
}

/* A small picture of a large frame may be beyond the scaler. */
V4L2SubdeviceFormat Configuration::formatForMain(const Size &requested) const
{
	const SensorFormats &sensor = data_->sensorFormats();
	const unsigned int code = sensor.deepestCode();
	const Size size = requested.expandedTo(kMainSizeMin).boundedTo(sensor.maxSize());

	const V4L2SubdeviceFormat format = sensor.covering(code, size);
	if (reachableOutput(format.size, size) == size)
		return format;

	return sensor.smallest(code, size);
}

CameraConfiguration::Status Configuration::validateRaw(StreamConfiguration *config) const
{
	const StreamConfiguration requested = *config;

	config->pixelFormat = data_->sensorFormats().pixelFormat(sensorFormat_.code,
								 transform_);
	config->size = sensorFormat_.size;
	config->colorSpace = ColorSpace::Raw;

	const bool valid = config->pixelFormat == requested.pixelFormat &&
			   config->size == requested.size &&
			   requested.colorSpace.value_or(ColorSpace::Raw) == ColorSpace::Raw;

	return valid ? Valid : Adjusted;
}

CameraConfiguration::Status Configuration::validateMain(StreamConfiguration *config) const
{
	const PixelFormat requestedFormat = config->pixelFormat;
	const Size requestedSize = config->size;

	if (std::find(kMainFormats.begin(), kMainFormats.end(), requestedFormat) ==
	    kMainFormats.end())
		config->pixelFormat = kMainFormats.front();

	if (config->size.isNull())
		config->size = kDefaultSize;
	config->size = config->size.expandedTo(kMainSizeMin)
			       .boundedTo(sensorFormat_.size)
			       .alignedDownTo(kMainSizeStep, kMainSizeStep);
	config->size = reachableOutput(sensorFormat_.size, config->size);

	const Status colorStatus = validateColorSpace(config);

	return config->pixelFormat == requestedFormat && config->size == requestedSize
		       ? colorStatus
		       : Adjusted;
}

/* What the application does not choose: buffers at least, layout, stream. */
int Configuration::completeStream(StreamConfiguration *config) const
{
	const bool raw = isRaw(*config);

	if (!config->bufferCount)
		config->bufferCount = kDefaultBufferCount;

	int ret = tryCaptureFormat(raw ? data_->frontEnd_.raw() : mainNode_, config);
	if (ret)
		return ret;

	config->setStream(raw ? &data_->rawStream_ : &data_->mainStream_);

	return 0;
}

} /* namespace fovea */

} /* namespace libcamera */
