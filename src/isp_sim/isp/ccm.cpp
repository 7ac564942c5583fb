/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Colour matrix
 */

#include "ccm.h"

namespace fovea::isp {

/**
 * A row of the matrix as it acts on green and the differences to it
 * @params: the matrix; disabled gives that of the identity
 * @row: 0 to 2 for red, green, blue
 *
 * With r, g and b the coefficients of the row, r R + g G + b B is G + (r + g + b - 1) G
 * + r (R - G) + b (B - G). In a matrix that keeps white the factor of green is 0.
 */
MatrixRow matrixRow(const fovea_isp_ccm &params, unsigned int row)
{
	constexpr int kUnity = 4096;

	if (blockDisabled(params.header))
		return { static_cast<int16_t>(row == 0 ? kUnity : 0), 0, static_cast<int16_t>(row == 2 ? kUnity : 0), 0 };

	const int16_t *coeff = params.coeff[row];
	const int sum = coeff[0] + coeff[1] + coeff[2];
	return { coeff[0], static_cast<int16_t>(saturate16(sum - kUnity)), coeff[2], params.offset[row] };
}

/**
 * Apply the colour matrix
 * @params: the matrix, Q4.12, and offsets in 14-bit units
 * @in: green and colour differences
 * @rgb: receives the planes R, G, B of the linear range, 0 to 16383
 *
 * out[i] = clamp(G + t[R] + t[B] + rest, 0, 16383), t[c] = (coeff * difference + 4096) >>
 * 13 of Q4.12 and Q15.1, rest = ((g G + 2048) >> 12) + offset, g the sum of the row less
 * 1.0; each sum and term is limited to 16 bits. That is the matrix times (R, G, B). One
 * that keeps white, g = 0, is what G. Finlayson and M. Drew, "White-point preserving
 * color correction", Fifth Color Imaging Conference, 1997, find by least squares.
 * Definition: struct fovea_isp_ccm. The vector kernel is a part of developRow().
 */
void ccmReference(const fovea_isp_ccm &params, const ColourDifferences &in, Planes *rgb)
{
	/* The differences come in half units. */
	const auto ofDifference = [](int coeff, int v) { return saturate16((coeff * v + 4096) >> 13); };
	const auto ofGreen = [](int coeff, int v) { return saturate16((coeff * v + 2048) >> 12); };

	for (unsigned int c = 0; c < 3; ++c) {
		const MatrixRow row = matrixRow(params, c);
		(*rgb)[c] = Plane(in.width, in.height);
		for (size_t i = 0; i < in.green.size(); ++i) {
			const int g = in.green[i];
			const int colour = saturate16(ofDifference(row.red, in.red[i]) + ofDifference(row.blue, in.blue[i]));
			const int rest = saturate16(ofGreen(row.green, g) + row.offset);
			const int sum = saturate16(saturate16(g + colour) + rest);
			(*rgb)[c].samples[i] = static_cast<uint16_t>(std::clamp(sum, 0, kLinearMax));
		}
	}
}

} /* namespace fovea::isp */
