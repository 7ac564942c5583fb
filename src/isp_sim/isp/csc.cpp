/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Conversion of R'G'B' to Y'CbCr
 */

#include "csc.h"

#include <string.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/csc.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/*
 * The matrix product may saturate at 16 bits: it is then so far beyond the
 * 12-bit range that no offset brings it back. The offset is added with
 * saturation for the same reason.
 */
static void cscRowKernel(const CscMatrix &matrix, size_t n, const uint16_t *const rgb[3],
			 uint16_t *const ycbcr[3])
{
	const D16 d;
	const MatrixRow rows[3] = { matrixRow(matrix.coeff[0], 4096),
				    matrixRow(matrix.coeff[1], 4096),
				    matrixRow(matrix.coeff[2], 4096) };
	const V16 offsets[3] = { hn::Set(d, matrix.offset[0]), hn::Set(d, matrix.offset[1]),
				 hn::Set(d, matrix.offset[2]) };
	const uint16_t *HWY_RESTRICT r = rgb[0];
	const uint16_t *HWY_RESTRICT g = rgb[1];
	const uint16_t *HWY_RESTRICT b = rgb[2];
	uint16_t *HWY_RESTRICT y = ycbcr[0];
	uint16_t *HWY_RESTRICT cb = ycbcr[1];
	uint16_t *HWY_RESTRICT cr = ycbcr[2];

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		const MatrixInput in = matrixInput(loadSigned(r + i), loadSigned(g + i),
						   loadSigned(b + i));
		storeSigned(clampTo(hn::SaturatedAdd(matrixProduct<13>(in, rows[0]), offsets[0]), 4095), y + i);
		storeSigned(clampTo(hn::SaturatedAdd(matrixProduct<13>(in, rows[1]), offsets[1]), 4095), cb + i);
		storeSigned(clampTo(hn::SaturatedAdd(matrixProduct<13>(in, rows[2]), offsets[2]), 4095), cr + i);
	}
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "params.h"

namespace fovea::isp {

HWY_EXPORT(cscRowKernel);

CscMatrix::CscMatrix(const fovea_isp_csc &params)
{
	const Params reset;
	const fovea_isp_csc &effective = blockDisabled(params.header) ? reset.csc : params;

	memcpy(coeff, effective.coeff, sizeof(coeff));
	memcpy(offset, effective.offset, sizeof(offset));
}

/**
 * Convert R'G'B' to Y'CbCr
 * @params: matrix (Q3.13) and offsets (12-bit units)
 * @rgb: planes R', G', B', 0 to 4095
 * @ycbcr: receives the planes Y', Cb, Cr, 0 to 4095
 *
 * out[i] = clamp(((sum over j of coeff[i][j] * in[j] + 4096) >> 13) +
 * offset[i], 0, 4095). Definition: struct fovea_isp_csc.
 */
void cscReference(const fovea_isp_csc &params, const Planes &rgb, Planes *ycbcr)
{
	const CscMatrix matrix(params);

	for (Plane &plane : *ycbcr)
		plane = Plane(rgb[0].width, rgb[0].height);

	for (size_t i = 0; i < rgb[0].samples.size(); ++i) {
		for (unsigned int c = 0; c < 3; ++c) {
			const int sum = matrix.coeff[c][0] * rgb[0].samples[i] +
					matrix.coeff[c][1] * rgb[1].samples[i] +
					matrix.coeff[c][2] * rgb[2].samples[i];
			const int v = ((sum + 4096) >> 13) + matrix.offset[c];
			(*ycbcr)[c].samples[i] = static_cast<uint16_t>(std::clamp(v, 0, kOutputMax));
		}
	}
}

/**
 * Convert @n pixels of a row
 *
 * Equal to cscReference(). The rows reach up to a whole vector; inputs and
 * outputs do not overlap.
 */
void cscRow(const CscMatrix &matrix, size_t n, const uint16_t *const rgb[3],
	    uint16_t *const ycbcr[3])
{
	HWY_DYNAMIC_DISPATCH(cscRowKernel)(matrix, n, rgb, ycbcr);
}

} /* namespace fovea::isp */
#endif
