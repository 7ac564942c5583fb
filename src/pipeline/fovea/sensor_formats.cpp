/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Raw formats and modes of a sensor
 */

#include "sensor_formats.h"

#include <algorithm>

#include "libcamera/internal/bayer_format.h"
#include "libcamera/internal/camera_sensor.h"

/**
 * \file sensor_formats.h
 * \brief Which raw frames a sensor can deliver
 */

namespace libcamera::fovea {

namespace {

V4L2SubdeviceFormat rawFormat(unsigned int code, const Size &size)
{
	V4L2SubdeviceFormat format{};
	format.code = code;
	format.size = size;
	format.colorSpace = ColorSpace::Raw;

	return format;
}

} /* namespace */

/**
 * \class SensorFormats
 * \brief The Bayer formats of a sensor and the choice of a mode among them
 *
 * Media bus codes are those of the sensor without flips. A transform changes
 * the Bayer order of the frames, and with it the pixel format in memory.
 */

/** \param[in] sensor The sensor, which must outlive the object */
SensorFormats::SensorFormats(const CameraSensor *sensor)
	: sensor_(sensor)
{
	for (unsigned int code : sensor->mbusCodes()) {
		const BayerFormat &bayer = BayerFormat::fromMbusCode(code);
		if (bayer.isValid() && bayer.order != BayerFormat::MONO)
			codes_.push_back(code);
	}

	/* Deepest first. */
	std::stable_sort(codes_.begin(), codes_.end(),
			 [](unsigned int a, unsigned int b) {
				 return BayerFormat::fromMbusCode(a).bitDepth >
					BayerFormat::fromMbusCode(b).bitDepth;
			 });
}

/** \brief The smallest size that covers every mode */
Size SensorFormats::maxSize() const
{
	Size max;
	for (unsigned int code : codes_) {
		for (const Size &size : sizes(code))
			max.expandTo(size);
	}

	return max;
}

std::vector<Size> SensorFormats::sizes(unsigned int code) const
{
	return sensor_->sizes(code);
}

/**
 * \brief The format of raw frames in memory, in the order that \a transform gives
 * \return The format, not valid where samples of this depth are not packed
 */
PixelFormat SensorFormats::pixelFormat(unsigned int code, Transform transform,
				       BayerFormat::Packing packing) const
{
	BayerFormat bayer = BayerFormat::fromMbusCode(code);
	bayer.order = sensor_->bayerOrder(transform);
	bayer.packing = packing;

	return bayer.toPixelFormat();
}

/** \brief The code whose frames have \a format, packed or not, if there is one */
std::optional<unsigned int> SensorFormats::codeOf(const PixelFormat &format,
						  Transform transform) const
{
	for (unsigned int code : codes_) {
		if (pixelFormat(code, transform) == format ||
		    pixelFormat(code, transform, BayerFormat::Packing::CSI2) == format)
			return code;
	}

	return std::nullopt;
}

/** \brief The code with \a bitDepth bits a sample, if there is one */
std::optional<unsigned int> SensorFormats::codeOf(unsigned int bitDepth) const
{
	for (unsigned int code : codes_) {
		if (BayerFormat::fromMbusCode(code).bitDepth == bitDepth)
			return code;
	}

	return std::nullopt;
}

/**
 * \brief The mode for an output of \a size pixels
 *
 * Of the modes that are not smaller than \a size, that with the nearest aspect
 * ratio, and of several such the smallest. The largest mode if none covers
 * \a size.
 */
V4L2SubdeviceFormat SensorFormats::covering(unsigned int code, const Size &size) const
{
	V4L2SubdeviceFormat format = sensor_->getFormat(std::array{ code }, size);
	if (format.code)
		return format;

	const std::vector<Size> all = sizes(code);

	return rawFormat(code, *std::max_element(all.begin(), all.end()));
}

/** \brief The smallest mode that covers \a size, or the largest if none does */
V4L2SubdeviceFormat SensorFormats::smallest(unsigned int code, const Size &size) const
{
	/* Sorted by area. */
	const std::vector<Size> all = sizes(code);
	auto it = std::find_if(all.begin(), all.end(), [&size](const Size &mode) {
		return size.boundedTo(mode) == size;
	});

	return rawFormat(code, it == all.end() ? all.back() : *it);
}

/** \brief The mode of exactly \a size pixels, or else as covering() */
V4L2SubdeviceFormat SensorFormats::nearest(unsigned int code, const Size &size) const
{
	const std::vector<Size> all = sizes(code);
	if (std::find(all.begin(), all.end(), size) == all.end())
		return covering(code, size);

	return rawFormat(code, size);
}

} /* namespace libcamera::fovea */
