/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Rows of pixels: light, noise, conversion
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

namespace fovea::sensor {

/* Fixed point of RowPattern::gain: 15 fractional bits. */
constexpr unsigned int kGainOne = 1 << 15;

/* Elements behind the last pixel that buffers of a row have room for. */
constexpr size_t kRowPadding = 16;

/* The fixed pattern of a row, and what its columns add in this frame. */
struct RowPattern {
	const uint16_t *gain;		/* of each pixel, kGainOne is 1 */
	const int16_t *offset;		/* standard normal, kGaussianFraction fractional bits */
	const float *column;		/* codes */
};

/* What all pixels of a row have in common. Electrons are those of one pixel. */
struct RowExposure {
	float dark;			/* electrons that come without light */
	float well;			/* electrons at which a pixel is full */
	float knee;			/* electrons at which it begins to be; well: a hard end */
	float base;			/* codes without any electron, mean */
	float scale;			/* codes per electron */
	float offsetScale;		/* codes of RowPattern::offset's unit */
	float variance;			/* of all noise but shot noise, codes^2 */
	float noiseScale;		/* 1 / binning */
	float white;			/* the largest code */
	float split;			/* electrons from which on the low gain is read */
	float lowVariance;		/* its noise, codes^2 */
	float lowStep;			/* its steps, codes: a power of two; 1: there is no low gain */
	uint32_t seeds[2];		/* of the temporal noise */
};

/* Shares of a pixel's signal: what stays, and what each neighbour gets. */
struct Crosstalk {
	float own;
	float edge;
	float corner;
};

float pixelElectrons(float light, const RowExposure &row, float *variance);
int32_t pixelCode(float light, size_t x, const RowPattern &pattern, const RowExposure &row);

void lightRowReference(const uint16_t *index, size_t width, float scale, bool add, float *light);
void codeRowReference(const float *light, size_t width, const RowPattern &pattern,
		      const RowExposure &row, int32_t *codes);

void crosstalkRowReference(const float *const rows[3], size_t width, const Crosstalk &shares,
			   uint16_t *index);

void lightRow(const uint16_t *index, size_t width, float scale, bool add, float *light);
void codeRow(const float *light, size_t width, const RowPattern &pattern,
	     const RowExposure &row, int32_t *codes);
void crosstalkRow(const float *const rows[3], size_t width, const Crosstalk &shares,
		  uint16_t *index);

} /* namespace fovea::sensor */
