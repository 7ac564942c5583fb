/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Conversion of R'G'B' to Y'CbCr
 */

#include "csc.h"

#include "params.h"

namespace fovea::isp {

namespace {

/* One output from three inputs, see struct fovea_isp_csc. */
uint16_t convert(const int16_t *coeff, int offset, const int *in, int shift)
{
	const auto term = [&](unsigned int j) {
		return saturate16((coeff[j] * in[j] + (1 << (shift - 1))) >> shift);
	};
	const int sum = saturate16(saturate16(term(0) + term(2)) + term(1));
	return static_cast<uint16_t>(std::clamp(saturate16(sum + offset), 0, kOutputMax));
}

} /* namespace */

/**
 * Convert R'G'B' to Y'CbCr
 * @params: matrix (Q3.13) and offsets (12-bit units)
 * @rgb: planes R', G', B', 0 to 4095, of even width and height
 * @ycbcr: receives Y' of the same size, and Cb and Cr of half width and height,
 *	0 to 4095
 *
 * Y' = clamp(t[0] + t[2] + t[1] + offset, 0, 4095), t[j] = (coeff[j] * in[j] + 4096)
 * >> 13; chroma with the sums of four pixels for in and (... + 16384) >> 15; sums
 * and terms saturated to 16 bits. Matrices are those of Recommendations ITU-R
 * BT.601-7, BT.709-6 and BT.2020-2 in full or limited range. Definition: struct
 * fovea_isp_csc. The vector kernels are a part of developRow(), and convertRow().
 */
void cscReference(const fovea_isp_csc &params, const Planes &rgb, Planes *ycbcr)
{
	const Params reset;
	const fovea_isp_csc &csc = blockDisabled(params.header) ? reset.csc : params;
	const unsigned int width = rgb[0].width;
	const unsigned int height = rgb[0].height;

	*ycbcr = { Plane(width, height), Plane(width / 2, height / 2), Plane(width / 2, height / 2) };

	for (size_t i = 0; i < rgb[0].samples.size(); ++i) {
		const int in[3] = { rgb[0].samples[i], rgb[1].samples[i], rgb[2].samples[i] };
		(*ycbcr)[0].samples[i] = convert(csc.coeff[0], csc.offset[0], in, 13);
	}

	for (unsigned int y = 0; y < height / 2; ++y) {
		for (unsigned int x = 0; x < width / 2; ++x) {
			int sums[3];
			for (unsigned int c = 0; c < 3; ++c) {
				const uint16_t *upper = rgb[c].row(2 * y) + 2 * x;
				const uint16_t *lower = rgb[c].row(2 * y + 1) + 2 * x;
				sums[c] = upper[0] + upper[1] + lower[0] + lower[1];
			}
			for (unsigned int c = 1; c < 3; ++c)
				(*ycbcr)[c].row(y)[x] = convert(csc.coeff[c], csc.offset[c], sums, 15);
		}
	}
}

} /* namespace fovea::isp */
