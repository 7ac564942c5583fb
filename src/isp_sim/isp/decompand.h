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

/* The linear sample of every code of a depth. */
class DecompandTable
{
public:
	explicit DecompandTable(unsigned int bitDepth);

	void update(const fovea_isp_decompand &params);
	const uint32_t *data() const { return samples_.data(); }

private:
	const unsigned int bitDepth_;
	bool valid_ = false;
	fovea_isp_decompand params_ = {};
	std::vector<uint32_t> samples_;
};

/* How the codes of a row become linear samples. */
struct LinearDecoder {
	unsigned int bitDepth;
	/* The samples of all codes; null: codes aligned to 16 bits. */
	const uint32_t *table;
	/* Black levels of the even and of the odd columns. */
	uint16_t levels[2];
};

void decodeRow(const uint8_t *src, const LinearDecoder &decoder, size_t quads, uint32_t *even, uint32_t *odd);

} /* namespace fovea::isp */
