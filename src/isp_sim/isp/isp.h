/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The ISP model: raw frame and parameters to pictures and statistics
 */

#pragma once

#include <memory>
#include <span>
#include <stddef.h>
#include <stdint.h>
#include <string>
#include <vector>

#include <linux/fovea-isp.h>

namespace fovea::isp {

struct Params;

enum class BayerOrder {
	RGGB,
	GRBG,
	GBRG,
	BGGR,
};

/* Names of DRM: RGB888 and XRGB8888 begin with the byte of blue. */
enum class PixelFormat {
	NV12,
	NV21,
	NV16,
	YUYV,
	RGB888,
	XRGB8888,
	R8,
};

constexpr bool isRgb(PixelFormat format)
{
	return format == PixelFormat::RGB888 || format == PixelFormat::XRGB8888;
}

struct Size {
	unsigned int width;
	unsigned int height;
};

struct Rectangle {
	unsigned int x;
	unsigned int y;
	unsigned int width;
	unsigned int height;
};

/*
 * Samples of 8 bits lie in bytes, deeper ones in 16-bit little-endian words. A frame
 * of several exposures has size.height rows of each: row exposures * y + e is row y
 * of exposure e, where 0 is the longest.
 */
struct RawFormat {
	Size size;
	unsigned int bitDepth;
	BayerOrder order;
	size_t stride;
	unsigned int exposures = 1;
};

struct OutputFormat {
	Size size;
	PixelFormat format;
	size_t stride;
	Rectangle crop;
};

struct Configuration {
	RawFormat input;
	std::vector<OutputFormat> outputs;
	unsigned int threads;
};

class Isp
{
public:
	Isp();
	~Isp();

	int configure(const Configuration &configuration, std::string *error);

	int process(std::span<const uint8_t> raw, const Params &params,
		    std::span<const std::span<uint8_t>> outputs,
		    fovea_isp_stats_buffer *stats);

private:
	class Private;
	std::unique_ptr<Private> d_;
};

unsigned int bytesPerPixel(PixelFormat format);
size_t outputSize(const OutputFormat &format);

} /* namespace fovea::isp */
