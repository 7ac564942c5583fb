/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Colour matrix
 */

#include "ccm.h"

namespace fovea::isp {

/**
 * Apply the colour matrix
 * @params: the matrix, Q4.12, and offsets in 14-bit units
 * @rgb: planes R, G, B of the linear range, 0 to 16383
 *
 * out[i] = clamp(t[0] + t[2] + t[1] + offset[i], 0, 16383), t[j] = (coeff[i][j] *
 * in[j] + 2048) >> 12, all sums and terms saturated to 16 bits. Definition: struct
 * fovea_isp_ccm. The vector kernel is a part of developRow().
 */
void ccmReference(const fovea_isp_ccm &params, Planes *rgb)
{
	if (blockDisabled(params.header))
		return;

	Planes &p = *rgb;
	for (size_t i = 0; i < p[0].samples.size(); ++i) {
		const int in[3] = { p[0].samples[i], p[1].samples[i], p[2].samples[i] };
		for (unsigned int c = 0; c < 3; ++c) {
			const auto term = [&](unsigned int j) {
				return saturate16((params.coeff[c][j] * in[j] + 2048) >> 12);
			};
			const int sum = saturate16(saturate16(term(0) + term(2)) + term(1));
			p[c].samples[i] = static_cast<uint16_t>(std::clamp(saturate16(sum + params.offset[c]), 0, kLinearMax));
		}
	}
}

} /* namespace fovea::isp */
