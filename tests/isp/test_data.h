/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Frames, parameters and targets for the tests of the ISP
 */

#pragma once

#include <functional>
#include <math.h>
#include <random>
#include <stdint.h>
#include <string>
#include <vector>

#include "isp_sim/isp/isp.h"
#include "isp_sim/isp/params.h"
#include "isp_sim/isp/plane.h"

namespace fovea::isp::test {

inline constexpr BayerOrder kOrders[] = { BayerOrder::RGGB, BayerOrder::GRBG,
					  BayerOrder::GBRG, BayerOrder::BGGR };

inline constexpr PixelFormat kPixelFormats[] = { PixelFormat::NV12, PixelFormat::NV21, PixelFormat::NV16,
						 PixelFormat::YUYV, PixelFormat::RGB888, PixelFormat::XRGB8888,
						 PixelFormat::R8 };

/* The generator is fixed by the standard, the distributions are not. */
class Random
{
public:
	explicit Random(uint32_t seed)
		: engine_(seed)
	{
	}

	uint32_t bits() { return engine_(); }

	int uniform(int min, int max)
	{
		return min + static_cast<int>(engine_() % static_cast<uint32_t>(max - min + 1));
	}

	/* Samples that are often at the ends of the range. */
	uint16_t sample(int max)
	{
		switch (uniform(0, 5)) {
		case 0:
			return 0;
		case 1:
			return static_cast<uint16_t>(max);
		default:
			return static_cast<uint16_t>(uniform(0, max));
		}
	}

private:
	std::mt19937 engine_;
};

/* Nearly normal: the sum of twelve uniform numbers less their mean. */
double noise(Random *random, double sigma);

/* A plane of @function(x, y), rounded to whole numbers. */
template<typename Function>
Plane makePlane(unsigned int width, unsigned int height, Function function)
{
	Plane plane(width, height);
	for (unsigned int y = 0; y < height; ++y) {
		for (unsigned int x = 0; x < width; ++x)
			plane.row(y)[x] = static_cast<uint16_t>(lround(function(x, y)));
	}
	return plane;
}

/* Run @function with the kernels of each instruction set that the CPU has. */
void forEachTarget(const std::function<void()> &function);

RawFormat makeInput(unsigned int width, unsigned int height, unsigned int bitDepth, BayerOrder order);
Plane makeMosaic(unsigned int width, unsigned int height, int max, uint32_t seed);
std::vector<uint8_t> makeRandomRaw(const RawFormat &format, uint32_t seed);

/* A picture with edges, stripes, texture and noise, as a sensor would see it. */
std::vector<uint8_t> makeScene(const RawFormat &format);

Params makeRandomParams(uint32_t seed);

/* The parameters of a usual picture: black level, gains, matrix, gamma. */
Params makeTypicalParams(unsigned int bitDepth);

/* The core set of the benchmark, and every block that there is. */
Params makeCoreParams(unsigned int bitDepth);
Params makeFullParams(unsigned int bitDepth);

/* Linear up to @start, then logarithmic to full scale at @white, 20-bit units. */
void setRange(fovea_isp_range *range, double start, double white);

/* Tangents of @factor times the noise sqrt(a v + b), 14-bit units. */
void setNoiseModel(fovea_isp_raw_nr *nr, double a, double b, double factor);

/* A gamma block from a curve of inputs and outputs from 0 to 1. */
void setGamma(fovea_isp_gamma *gamma, const std::function<double(double)> &curve);

OutputFormat makeOutput(const Rectangle &crop, const Size &size, PixelFormat format);

} /* namespace fovea::isp::test */
