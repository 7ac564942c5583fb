/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Media bus codes, pixel formats and what they mean for the ISP
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include <linux/media-bus-format.h>
#include <linux/v4l2-subdev.h>
#include <linux/videodev2.h>

#include "isp_sim/isp/isp.h"
#include "isp_sim/sensor/sensor.h"

namespace fovea::device {

/* Sizes of images anywhere in the pipeline, in pixels; both are even. */
constexpr unsigned int kMinSize = 16;
constexpr unsigned int kMaxSize = 16384;

/* The bus behind the back end, inside the ISP. */
constexpr uint32_t kInternalCode = MEDIA_BUS_FMT_YUV8_1X24;

/* A raw format: on the bus, in memory, and for the ISP. */
struct RawFormat {
	uint32_t code;
	uint32_t pixelFormat;
	isp::BayerOrder order;
	unsigned int bitDepth;
	bool packed;		/* as MIPI CSI-2 has it, else in bytes or 16-bit words */

	size_t stride(unsigned int width) const;
};

/* The formats on the bus come first, as they are in memory when not packed. */
constexpr size_t kRawCodes = 20;
constexpr size_t kRawFormats = kRawCodes + 12;
const RawFormat &rawFormat(size_t index);
const RawFormat *rawFormatOfCode(uint32_t code);
const RawFormat *rawFormatOfPixelFormat(uint32_t pixelFormat);
const RawFormat *rawFormat(isp::BayerOrder order, unsigned int bitDepth);

isp::BayerOrder flippedOrder(sensor::BayerOrder order, bool hflip, bool vflip);

/* A processed format in memory. */
struct ImageFormat {
	uint32_t pixelFormat;
	isp::PixelFormat format;
	unsigned int planes;		/* that are buffers of their own */
};

constexpr size_t kImageFormats = 8;
const ImageFormat &imageFormat(size_t index);
const ImageFormat *imageFormatOfPixelFormat(uint32_t pixelFormat);

unsigned int evenSize(unsigned int size, unsigned int smallest = kMinSize,
		      unsigned int largest = kMaxSize);

v4l2_mbus_framefmt rawBusFormat(uint32_t code, unsigned int width, unsigned int height);
v4l2_mbus_framefmt internalBusFormat(unsigned int width, unsigned int height);
v4l2_mbus_framefmt metadataBusFormat();

} /* namespace fovea::device */
