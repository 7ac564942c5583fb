/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Gamma
 */

#include "gamma.h"

#include "params.h"

namespace fovea::isp {

namespace {

constexpr unsigned int kSegments = FOVEA_ISP_GAMMA_POINTS - 1;
static_assert(kSegments + 1 == kGammaSegments);

/* Output at point @i; the curve of the disabled block reaches 4096 at its end. */
unsigned int outputAt(const fovea_isp_gamma &params, unsigned int i)
{
	return blockDisabled(params.header) ? gammaInput(i) / 4 : params.y[i];
}

} /* namespace */

void GammaNumbers::set(unsigned int segment, uint16_t value)
{
	whole[segment] = value;
	low[segment / 16][segment % 16] = static_cast<uint8_t>(value);
	high[segment / 16][segment % 16] = value >> 8;
}

GammaTable::GammaTable(const fovea_isp_gamma &params)
{
	for (unsigned int i = 0; i < kGammaSegments; ++i) {
		const bool flat = i == kSegments;
		const unsigned int from = flat ? gammaReference(params, kLinearMax) : outputAt(params, i);
		const unsigned int rise = flat ? 0 : outputAt(params, i + 1) - from;

		start.set(i, static_cast<uint16_t>(from));
		height.set(i, static_cast<uint16_t>(rise));
		high[i / 16][i % 16] = static_cast<uint8_t>(from >> 8 | rise >> 8 << 4);

		gentle = gentle && rise < 1024;
		base.set(i, static_cast<uint16_t>(from - rise * i));
		slope.set(i, static_cast<uint16_t>(rise << 6));
	}
}

/**
 * The gamma curve of one sample
 * @params: the points
 * @in: linear, 0 to 16383
 *
 * Within segment i of 2^s with remainder f: out = y[i] + (((y[i+1] - y[i]) * f) >>
 * s), s = 6 below 1024, s = 10 above: short segments where curves like those of
 * Recommendation ITU-R BT.709-6 or IEC 61966-2-1 (sRGB) bend most. Definition: struct
 * fovea_isp_gamma.
 */
uint16_t gammaReference(const fovea_isp_gamma &params, uint16_t in)
{
	if (blockDisabled(params.header))
		return in >> 2;

	const bool low = in < 1024;
	const unsigned int shift = low ? 6 : 10;
	const unsigned int index = low ? in >> 6 : FOVEA_ISP_GAMMA_LOW_SEGMENTS + ((in - 1024) >> 10);
	const int remainder = in & ((1 << shift) - 1);
	const int height = params.y[index + 1] - params.y[index];

	return static_cast<uint16_t>(params.y[index] + ((height * remainder) >> shift));
}

/**
 * Apply the gamma curve to three planes
 * @params: the points
 * @rgb: in: linear, 0 to 16383; out: 0 to 4095
 *
 * The vector kernel is applyGamma(), a part of developRow() and gammaRow().
 */
void gammaReference(const fovea_isp_gamma &params, Planes *rgb)
{
	for (Plane &plane : *rgb) {
		for (uint16_t &sample : plane.samples)
			sample = gammaReference(params, sample);
	}
}

} /* namespace fovea::isp */
