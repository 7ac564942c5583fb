/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Colour matrix
 */

#include "ccm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/ccm.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/*
 * The sum of three products of 15 and 14 bits fits 32 bits; what saturates at
 * 16 bits behind the shift is beyond the clamp anyway.
 */
static void ccmRowKernel(const int16_t (*coeff)[3], size_t n,
			 uint16_t *r, uint16_t *g, uint16_t *b)
{
	const MatrixRow rows[3] = { matrixRow(coeff[0], 2048), matrixRow(coeff[1], 2048),
				    matrixRow(coeff[2], 2048) };

	for (size_t i = 0; i < n; i += hn::Lanes(D16())) {
		const MatrixInput in = matrixInput(loadSigned(r + i), loadSigned(g + i),
						   loadSigned(b + i));
		storeSigned(clampTo(matrixProduct<12>(in, rows[0]), 16383), r + i);
		storeSigned(clampTo(matrixProduct<12>(in, rows[1]), 16383), g + i);
		storeSigned(clampTo(matrixProduct<12>(in, rows[2]), 16383), b + i);
	}
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(ccmRowKernel);

/**
 * Apply the colour matrix
 * @params: the matrix, Q4.12
 * @rgb: planes R, G, B of the linear range, 0 to 16383
 *
 * out[i] = clamp((sum over j of coeff[i][j] * in[j] + 2048) >> 12, 0, 16383).
 * Definition: struct fovea_isp_ccm.
 */
void ccmReference(const fovea_isp_ccm &params, Planes *rgb)
{
	if (blockDisabled(params.header))
		return;

	Planes &p = *rgb;
	for (size_t i = 0; i < p[0].samples.size(); ++i) {
		const int in[3] = { p[0].samples[i], p[1].samples[i], p[2].samples[i] };
		for (unsigned int c = 0; c < 3; ++c) {
			const int sum = params.coeff[c][0] * in[0] +
					params.coeff[c][1] * in[1] +
					params.coeff[c][2] * in[2];
			p[c].samples[i] = static_cast<uint16_t>(std::clamp((sum + 2048) >> 12, 0, kLinearMax));
		}
	}
}

/**
 * Apply the colour matrix to @n pixels of a row, in place
 *
 * Equal to ccmReference(). The rows reach up to a whole vector.
 */
void ccmRow(const fovea_isp_ccm &params, size_t n, uint16_t *r, uint16_t *g, uint16_t *b)
{
	if (blockDisabled(params.header))
		return;

	HWY_DYNAMIC_DISPATCH(ccmRowKernel)(params.coeff, n, r, g, b);
}

} /* namespace fovea::isp */
#endif
