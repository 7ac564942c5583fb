/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Colour matrix
 */

#include "ccm.h"

namespace fovea::isp {

/**
 * A row of the matrix less the identity
 * @params: the matrix; disabled gives a row of zeros
 * @row: 0 to 2 for red, green, blue
 *
 * With r, g and b the coefficients of the row, r R + g G + b B is (r + g + b) G + r
 * (R - G) + b (B - G). Less the identity, all are small in a matrix that keeps
 * white; the factor of green is then 0.
 */
MatrixRow matrixRow(const fovea_isp_ccm &params, unsigned int row)
{
	constexpr int kUnity = 4096;

	if (blockDisabled(params.header))
		return {};

	const int16_t *coeff = params.coeff[row];
	const int sum = coeff[0] + coeff[1] + coeff[2];
	return { static_cast<int16_t>(saturate16(coeff[0] - (row == 0 ? kUnity : 0))),
		 static_cast<int16_t>(saturate16(sum - kUnity)),
		 static_cast<int16_t>(saturate16(coeff[2] - (row == 2 ? kUnity : 0))),
		 static_cast<int16_t>(saturate16(2 * params.offset[row])) };
}

/**
 * Apply the colour matrix
 * @params: the matrix, Q4.12, and offsets in 14-bit units
 * @in: green and colour differences, half units
 * @rgb: receives the planes R, G, B of the linear range, 0 to 16383
 *
 * Definition: struct fovea_isp_ccm. The vector kernel is a part of developRow().
 */
void ccmReference(const fovea_isp_ccm &params, const ColourDifferences &in, Planes *rgb)
{
	const auto term = [](int coeff, int v) { return saturate16((coeff * v + 2048) >> 12); };

	for (unsigned int c = 0; c < 3; ++c) {
		const MatrixRow row = matrixRow(params, c);
		(*rgb)[c] = Plane(in.width, in.height);
		for (size_t i = 0; i < in.green.size(); ++i) {
			const int g = in.green[i];
			const int own = c == 1 ? 0 : c == 0 ? in.red[i] : in.blue[i];
			const int colour = saturate16(term(row.red, in.red[i]) + term(row.blue, in.blue[i]));
			const int rest = saturate16(term(row.green, g) + row.offset);
			const int sum = saturate16(saturate16(saturate16(g + own) + colour) + rest);
			(*rgb)[c].samples[i] = static_cast<uint16_t>(std::max(sum, 0) >> 1);
		}
	}
}

} /* namespace fovea::isp */
