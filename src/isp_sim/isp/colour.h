/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * From the mosaic to R'G'B' and Y'CbCr of a row of quads in one pass
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "ccm.h"
#include "demosaic.h"
#include "gamma.h"

namespace fovea::isp {

/* The blocks behind the demosaic, with the values of disabled ones filled in. */
struct Colour {
	Colour(const fovea_isp_ccm &ccm, const fovea_isp_gamma &gamma, const fovea_isp_csc &csc);

	MatrixRow matrix[3];
	int16_t csc[3][3];
	int16_t cscOffset[3];
	GammaTable gamma;
	/* All coefficients of matrix and luma fit the products of 16 bits. */
	bool simple;
	/*
	 * Or all but those of a row's own colour do, and the matrix keeps white and has no
	 * offset, gamma is gentle, luma needs no limits and chroma no saturation.
	 */
	bool fast;
	/* Besides, these do as well, and the terms of the matrix need no saturation. */
	bool fastest;
};

/* Rows of half width of a row of quads: planes R, G, B by position in the quad. */
using RgbQuads = uint16_t *[3][4];

/* Output rows of half width, by position in the quad (row * 2 + column). */
struct ColourRows {
	/* Site of colour A; it is red if redIsA is true. */
	bool redIsA;
	uint16_t *luma[4];
	uint16_t *chroma[2];
	/* Planes R', G', B': always valid, written at least if wantRgb is true. */
	bool wantRgb;
	/* Stop behind the matrix: rgb is linear then, and nothing else is written. */
	bool linear;
	RgbQuads rgb;
};

void developRow(const RebuildRows &rows, const Colour &colour, const ColourRows &out, size_t n);
void developRow(const DifferenceRows &rows, const Colour &colour, const ColourRows &out, size_t n);
void developRow(const BilinearRows &rows, const Colour &colour, const ColourRows &out, size_t n);
void gammaRow(const GammaTable &gamma, size_t n, uint16_t *row);
void convertRow(const Colour &colour, const ColourRows &rows, size_t n);

} /* namespace fovea::isp */
