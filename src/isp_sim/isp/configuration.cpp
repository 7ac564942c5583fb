/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Checks of the configuration and of the buffers
 */

#include "reference.h"

#include <errno.h>

#include <fmt/core.h>

#include "scaler.h"

namespace fovea::isp {

namespace {

constexpr unsigned int kMinInputSize = 16;
constexpr unsigned int kMaxSize = 16384;
constexpr unsigned int kMaxThreads = 64;

int fail(std::string *error, std::string message)
{
	if (error)
		*error = std::move(message);
	return -EINVAL;
}

int validateInput(const RawFormat &input, std::string *error)
{
	for (const auto &[name, value] : { std::pair{ "width", input.size.width },
					   std::pair{ "height", input.size.height } }) {
		if (value < kMinInputSize || value > kMaxSize || value % 2)
			return fail(error, fmt::format("input: {} is {}, expected an even number from {} to {}",
						       name, value, kMinInputSize, kMaxSize));
	}

	if (input.bitDepth < 8 || input.bitDepth > 16)
		return fail(error, fmt::format("input: bit depth is {}, expected 8 to 16", input.bitDepth));

	if (input.exposures < 1 || input.exposures > FOVEA_ISP_EXPOSURES)
		return fail(error, fmt::format("input: exposures is {}, expected 1 to {}",
					       input.exposures, FOVEA_ISP_EXPOSURES));

	const size_t sampleSize = input.bitDepth == 8 ? 1 : 2;
	const size_t minStride = input.size.width * sampleSize;
	if (input.stride < minStride || input.stride % sampleSize)
		return fail(error, fmt::format("input: stride is {}, expected at least {} bytes in units of {}",
					       input.stride, minStride, sampleSize));

	return 0;
}

/* One direction of one output: its crop in the input, and the ratio. */
int validateScaling(const char *direction, unsigned int start, unsigned int crop,
		    unsigned int input, unsigned int output, std::string *error)
{
	if (crop == 0 || crop > input || start > input - crop)
		return fail(error, fmt::format("crop {} {} + {} is outside of the input, expected 0 to {}",
					       direction, start, crop, input));

	if (output == 0 || output > kMaxSize)
		return fail(error, fmt::format("{} is {}, expected 1 to {}", direction, output, kMaxSize));

	const size_t smallest = (crop + kMaxDownscale - 1) / kMaxDownscale;
	const size_t largest = static_cast<size_t>(crop) * kMaxUpscale;
	if (output < smallest || output > largest)
		return fail(error, fmt::format("{} is {}, expected {} to {} for a crop of {}",
					       direction, output, smallest, largest, crop));

	return 0;
}

/* Columns and rows of pixels that share a sample of chroma. */
std::pair<unsigned int, unsigned int> chromaBlock(PixelFormat format)
{
	switch (format) {
	case PixelFormat::NV12:
	case PixelFormat::NV21:
		return { 2, 2 };
	case PixelFormat::NV16:
	case PixelFormat::YUYV:
		return { 2, 1 };
	default:
		return { 1, 1 };
	}
}

int validateOutput(const OutputFormat &output, const Size &input, std::string *error)
{
	int ret = validateScaling("width", output.crop.x, output.crop.width, input.width,
				  output.size.width, error);
	if (ret < 0)
		return ret;

	ret = validateScaling("height", output.crop.y, output.crop.height, input.height,
			      output.size.height, error);
	if (ret < 0)
		return ret;

	const auto [columns, rows] = chromaBlock(output.format);
	if (output.size.width % columns || output.size.height % rows)
		return fail(error, fmt::format("size is {}x{}, its format expects multiples of {}x{}",
					       output.size.width, output.size.height, columns, rows));

	const size_t minStride = static_cast<size_t>(output.size.width) * bytesPerPixel(output.format);
	if (output.stride < minStride)
		return fail(error, fmt::format("stride is {}, expected at least {} bytes",
					       output.stride, minStride));

	return 0;
}

} /* namespace */

/* Bytes of a raw frame, without what follows the last sample of the last row. */
size_t inputSize(const RawFormat &format)
{
	return format.stride * (format.size.height * format.exposures - 1) +
	       format.size.width * (format.bitDepth == 8 ? 1 : 2);
}

/* Bytes of a pixel in the first plane */
unsigned int bytesPerPixel(PixelFormat format)
{
	switch (format) {
	case PixelFormat::NV12:
	case PixelFormat::NV21:
	case PixelFormat::NV16:
	case PixelFormat::R8:
		return 1;
	case PixelFormat::YUYV:
		return 2;
	case PixelFormat::RGB888:
		return 3;
	case PixelFormat::XRGB8888:
		break;
	}

	return 4;
}

/**
 * Bytes of a picture in @format
 *
 * The luma plane of NV12, NV21 and NV16 has size.height rows of stride bytes and is
 * followed by size.height / 2 rows of chroma, or by as many for NV16.
 */
size_t outputSize(const OutputFormat &format)
{
	const size_t plane = format.stride * format.size.height;

	switch (format.format) {
	case PixelFormat::NV12:
	case PixelFormat::NV21:
		return plane + plane / 2;
	case PixelFormat::NV16:
		return 2 * plane;
	default:
		return plane;
	}
}

/**
 * Check a configuration
 * @error: if not null, receives what is wrong and what is expected
 *
 * Returns 0, or -EINVAL.
 */
int validateConfiguration(const Configuration &configuration, std::string *error)
{
	int ret = validateInput(configuration.input, error);
	if (ret < 0)
		return ret;

	for (size_t i = 0; i < configuration.outputs.size(); ++i) {
		ret = validateOutput(configuration.outputs[i], configuration.input.size, error);
		if (ret < 0) {
			if (error)
				*error = fmt::format("output {}: {}", i, *error);
			return ret;
		}
	}

	if (configuration.threads < 1 || configuration.threads > kMaxThreads)
		return fail(error, fmt::format("threads is {}, expected 1 to {}",
					       configuration.threads, kMaxThreads));

	return 0;
}

/* Returns 0, or -EINVAL if a buffer is too small or their number is wrong. */
int validateBuffers(const Configuration &configuration, std::span<const uint8_t> raw,
		    std::span<const std::span<uint8_t>> outputs)
{
	if (raw.size() < inputSize(configuration.input) ||
	    (!outputs.empty() && outputs.size() != configuration.outputs.size()))
		return -EINVAL;

	for (size_t i = 0; i < outputs.size(); ++i) {
		if (!outputs[i].empty() && outputs[i].size() < outputSize(configuration.outputs[i]))
			return -EINVAL;
	}

	return 0;
}

} /* namespace fovea::isp */
