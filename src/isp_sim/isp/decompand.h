/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * From a sensor's code to linear samples
 */

#pragma once

#include <span>
#include <stddef.h>
#include <stdint.h>
#include <vector>

#include "linear_plane.h"

namespace fovea::isp {

void decompandReference(const fovea_isp_decompand &params, const RawFormat &format,
			std::span<const uint8_t> raw, unsigned int exposure, LinearPlane *out);
void linearBlackLevelReference(const fovea_isp_black_level &params, BayerOrder order, LinearPlane *mosaic);

/* The curve as kernels compute it: a straight line from each knee on. */
struct DecompandCurve {
	/* Knees in use, the outermost of which limit the code. */
	unsigned int count;
	int32_t knees[FOVEA_ISP_DECOMPAND_KNEES];
	/* At code 0, and for each step of it, with so many fractional bits. */
	unsigned int fraction;
	int32_t start[FOVEA_ISP_DECOMPAND_KNEES];
	int32_t slope[FOVEA_ISP_DECOMPAND_KNEES];
	int32_t top;
};

/* The linear sample of every code of a depth, and the curve that gives them. */
class DecompandTable
{
public:
	explicit DecompandTable(unsigned int bitDepth);

	void update(const fovea_isp_decompand &params);
	const uint32_t *data() const { return samples_.data(); }
	const DecompandCurve &curve() const { return curve_; }

private:
	const unsigned int bitDepth_;
	bool valid_ = false;
	fovea_isp_decompand params_ = {};
	DecompandCurve curve_ = {};
	std::vector<uint32_t> samples_;
};

/* How the codes of a row become linear samples. */
struct LinearDecoder {
	unsigned int bitDepth;
	/* Null: codes aligned to 16 bits. */
	const DecompandTable *table;
	/* Black levels of the even and of the odd columns. */
	uint16_t levels[2];
};

void decodeRow(const uint8_t *src, const LinearDecoder &decoder, size_t quads, uint32_t *even, uint32_t *odd);

} /* namespace fovea::isp */
