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

#include "libcamera/internal/bayer_format.h"
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

/* Formats of the processed outputs, the default first. */
constexpr std::array kMainFormats = { formats::NV12, formats::NV21, formats::NV16,
				      formats::YUYV, formats::RGB888,
				      formats::XRGB8888, formats::R8 };

/* How raw frames lie in memory, the default first. */
constexpr std::array kRawPackings = { BayerFormat::Packing::None,
				      BayerFormat::Packing::CSI2 };

/*
 * Sizes of the processed outputs in pixels. Both sides are even as NV12 has one chroma
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

/* Streams of each kind at once. */
constexpr int kMaxProcessed = 2;
constexpr int kMaxRaw = 1;

using Status = CameraConfiguration::Status;

Status worse(Status a, Status b)
{
	return std::max(a, b);
}

bool isRgb(const StreamConfiguration &config)
{
	return PixelFormatInfo::info(config.pixelFormat).colourEncoding ==
	       PixelFormatInfo::ColourEncodingRGB;
}

/*
 * The primaries of processed frames are those that the colour matrix of the
 * tuning file aims at, Rec. 709. Encoding and range are programmable, once for all
 * outputs: \a yuvSpace is that of the first YUV stream, which the others get too.
 */
Status validateColorSpace(StreamConfiguration *config,
			  std::optional<ColorSpace> *yuvSpace)
{
	const bool rgb = isRgb(*config);
	const std::optional<ColorSpace> requested = config->colorSpace;

	ColorSpace space = requested.value_or(rgb ? ColorSpace::Srgb
						  : ColorSpace::Sycc);
	if (!rgb && *yuvSpace)
		space = **yuvSpace;
	space.primaries = ColorSpace::Primaries::Rec709;
	if (space.transferFunction == ColorSpace::TransferFunction::Linear)
		space.transferFunction = ColorSpace::TransferFunction::Srgb;
	space.adjust(config->pixelFormat);

	config->colorSpace = space;
	if (!rgb)
		*yuvSpace = space;

	return !requested || *requested == space ? Status::Valid : Status::Adjusted;
}

} /* namespace */

/**
 * \class Configuration
 * \brief Up to two processed streams and one raw stream of a camera
 *
 * The raw stream is the sensor's frame as it is; its size selects the sensor's
 * mode. Processed streams are scaled down from that mode: the first is the main
 * output, the second the viewfinder, whatever their roles, as both can do the same.
 */

Configuration::Configuration(std::shared_ptr<Camera> camera, CameraData *data,
			     BackEnd *backEnd)
	: camera_(std::move(camera)), data_(data), backEnd_(backEnd),
	  sensorFormat_{}
{
	transform_ = data_->sensor()->computeTransform(&orientation);
}

bool Configuration::isRaw(const StreamConfiguration &config)
{
	return PixelFormatInfo::info(config.pixelFormat).colourEncoding ==
	       PixelFormatInfo::ColourEncodingRAW;
}

/* The processed stream number \a index, or nullptr. */
const StreamConfiguration *Configuration::processed(unsigned int index) const
{
	for (const StreamConfiguration &config : config_) {
		if (!isRaw(config) && !index--)
			return &config;
	}

	return nullptr;
}

/** \brief The raw stream, or nullptr */
const StreamConfiguration *Configuration::raw() const
{
	auto it = std::find_if(config_.begin(), config_.end(), isRaw);
	return it == config_.end() ? nullptr : &*it;
}

/**
 * \brief The colour space that the ISP has to produce: that of the YUV streams,
 * else that of the main stream, if there is one
 */
std::optional<ColorSpace> Configuration::colorSpace() const
{
	for (const StreamConfiguration *config : { main(), viewfinder() }) {
		if (config && !isRgb(*config))
			return config->colorSpace;
	}

	return main() ? main()->colorSpace : std::nullopt;
}

/**
 * \brief Add a default stream for each of \a roles
 * \return 0, or -EINVAL if the camera can't have these roles at once
 */
int Configuration::addRoles(Span<const StreamRole> roles)
{
	const auto rawCount = std::count(roles.begin(), roles.end(), StreamRole::Raw);
	const auto processedCount = static_cast<ptrdiff_t>(roles.size()) - rawCount;
	if (rawCount > kMaxRaw || processedCount > kMaxProcessed) {
		LOG(Fovea, Error)
			<< "A camera has " << kMaxProcessed << " processed and "
			<< kMaxRaw << " raw stream, asked for " << processedCount
			<< " and " << rawCount;
		return -EINVAL;
	}

	/* The raw stream, wherever it comes, covers the processed ones. */
	Size covered;
	for (StreamRole role : roles) {
		if (role != StreamRole::Raw)
			covered.expandTo(mainDefault(role).size);
	}

	for (StreamRole role : roles)
		addConfiguration(role == StreamRole::Raw ? rawDefault(covered)
							 : mainDefault(role));

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
		for (BayerFormat::Packing packing : kRawPackings) {
			const PixelFormat format =
				sensor.pixelFormat(code, transform_, packing);
			if (!format.isValid())
				continue;
			for (const Size &size : sensor.sizes(code))
				formats[format].emplace_back(size);
		}
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

/* A raw stream that covers processed ones of \a covered pixels, if there are any. */
StreamConfiguration Configuration::rawDefault(const Size &covered) const
{
	const SensorFormats &sensor = data_->sensorFormats();
	const unsigned int code = sensor.deepestCode();

	StreamConfiguration config{ StreamFormats{ rawFormats() } };
	config.pixelFormat = sensor.pixelFormat(code, transform_);
	config.size = sensor.covering(code, covered.isNull() ? kDefaultSize : covered).size;
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

	std::optional<ColorSpace> yuvSpace;
	for (StreamConfiguration &config : config_) {
		status = worse(status, isRaw(config)
					       ? validateRaw(&config)
					       : validateProcessed(&config, &yuvSpace));

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

/* Keep the first streams of each kind. */
CameraConfiguration::Status Configuration::limitStreams()
{
	const size_t before = config_.size();
	int raw = 0;
	int processed = 0;

	config_.erase(std::remove_if(config_.begin(), config_.end(),
				     [&](const StreamConfiguration &config) {
					     return isRaw(config)
							    ? ++raw > kMaxRaw
							    : ++processed > kMaxProcessed;
				     }),
		      config_.end());

	return config_.size() == before ? Valid : Adjusted;
}

/*
 * Choose the sensor's format: that of the sensor configuration where the
 * application gives one, else that of the raw stream, else the mode that serves
 * the processed streams best. Returns 0, or -EINVAL for an impossible sensor
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

	sensorFormat_ = formatForProcessed();
	return 0;
}

/* What the processed streams will ask of the sensor's modes. */
std::vector<Size> Configuration::processedSizes() const
{
	const Size maxSize = data_->sensorFormats().maxSize();
	std::vector<Size> sizes;

	for (const StreamConfiguration &config : config_) {
		const Size &size = config.size.isNull() ? kDefaultSize : config.size;
		sizes.push_back(size.expandedTo(kMainSizeMin).boundedTo(maxSize));
	}

	return sizes;
}

/*
 * A mode that covers all processed streams. Small pictures of a large frame may be
 * beyond the scaler.
 */
V4L2SubdeviceFormat Configuration::formatForProcessed() const
{
	const SensorFormats &sensor = data_->sensorFormats();
	const unsigned int code = sensor.deepestCode();
	const std::vector<Size> sizes = processedSizes();

	Size covered;
	for (const Size &size : sizes)
		covered.expandTo(size);

	const V4L2SubdeviceFormat format = sensor.covering(code, covered);
	const bool reachable = std::all_of(sizes.begin(), sizes.end(), [&](const Size &size) {
		return reachableOutput(format.size, size) == size;
	});

	return reachable ? format : sensor.smallest(code, covered);
}

CameraConfiguration::Status Configuration::validateRaw(StreamConfiguration *config) const
{
	const StreamConfiguration requested = *config;

	const SensorFormats &sensor = data_->sensorFormats();
	const PixelFormat packed = sensor.pixelFormat(sensorFormat_.code, transform_,
						      BayerFormat::Packing::CSI2);
	if (!packed.isValid() || config->pixelFormat != packed)
		config->pixelFormat = sensor.pixelFormat(sensorFormat_.code, transform_);
	config->size = sensorFormat_.size;
	config->colorSpace = ColorSpace::Raw;

	const bool valid = config->pixelFormat == requested.pixelFormat &&
			   config->size == requested.size &&
			   requested.colorSpace.value_or(ColorSpace::Raw) == ColorSpace::Raw;

	return valid ? Valid : Adjusted;
}

CameraConfiguration::Status
Configuration::validateProcessed(StreamConfiguration *config,
				 std::optional<ColorSpace> *yuvSpace) const
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

	const Status colorStatus = validateColorSpace(config, yuvSpace);

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

	if (raw) {
		config->setStream(&data_->rawStream_);
		return tryCaptureFormat(data_->frontEnd_.raw(), config);
	}

	const bool isMain = config == main();
	ScaledOutput &output = isMain ? backEnd_->main() : backEnd_->viewfinder();
	config->setStream(isMain ? &data_->mainStream_ : &data_->viewfinderStream_);

	return tryCaptureFormat(output.node(), config);
}

} /* namespace fovea */

} /* namespace libcamera */
