/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Local tone mapping
 */

#pragma once

#include <stddef.h>
#include <stdint.h>
#include <vector>

#include "colour.h"
#include "line_buffer.h"
#include "plane.h"

namespace fovea::isp {

/* The lowest luminance of point @i of a curve. */
constexpr unsigned int localToneInput(unsigned int i)
{
	return ((2 + (i & 1)) << (6 + i / 2)) - 128;
}

void localToneReference(const fovea_isp_local_tone &params, Planes *rgb);

/* The curves around a row of quads in the form that the kernel looks up. */
struct ToneCurve {
	alignas(16) uint8_t startLow[16] = {};
	alignas(16) uint8_t startHigh[16] = {};
	alignas(16) uint8_t stepLow[16] = {};
	alignas(16) uint8_t stepHigh[16] = {};
};

/* The quads between the middles of two zones. */
struct ToneCell {
	const uint16_t *segment;
	const int16_t *remainder;
	const int16_t *fraction;
	uint16_t *gain;
};

class LocalToneRows
{
public:
	LocalToneRows(unsigned int quadsX, unsigned int quadsY);

	void apply(const fovea_isp_local_tone &params, unsigned int quadRow, const RgbQuads &rgb);

private:
	void blendCurves(const fovea_isp_local_tone &params, unsigned int quadRow);

	const unsigned int quadsX_;
	const unsigned int quadsY_;
	/* Of each column, its position between the middles of two zones. */
	std::vector<int16_t> fractions_;
	ToneCurve curves_[FOVEA_ISP_LTM_ZONES_X];
	LineBuffer<uint16_t> segment_;
	LineBuffer<int16_t> remainder_;
	LineBuffer<uint16_t> gain_;
};

} /* namespace fovea::isp */
