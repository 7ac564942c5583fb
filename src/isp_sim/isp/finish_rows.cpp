/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The part of the pipeline behind the conversion to Y'CbCr, row by row of quads
 */

#include "finish_rows.h"

#include "chroma_nr.h"
#include "sharpen.h"

namespace fovea::isp {

FinishRows::FinishRows(const Size &size)
	: quadsX_(static_cast<int>(size.width / 2)), quadsY_(static_cast<int>(size.height / 2))
{
	for (unsigned int i = 0; i < 4; ++i) {
		luma_[i] = LineBuffer<uint16_t>(4, quadsX_);
		sharpened_[i] = LineBuffer<uint16_t>(1, quadsX_);
	}
	for (unsigned int i = 0; i < 2; ++i) {
		chroma_[i] = LineBuffer<uint16_t>(1, quadsX_);
		smoothed_[i] = LineBuffer<uint16_t>(8, quadsX_);
		finished_[i] = LineBuffer<uint16_t>(1, quadsX_);
	}
}

/**
 * Take a row of quads that has been written to luma() and chroma()
 * @q: its number; rows come in increasing order
 */
void FinishRows::add(const Frame &frame, int q)
{
	/* Luma is mirrored: column -1 is column 1, which is odd, column 0. */
	for (LineBuffer<uint16_t> &buffer : luma_) {
		uint16_t *row = buffer[q];
		row[-1] = row[0];
		row[quadsX_] = row[quadsX_ - 1];
	}

	for (unsigned int i = 0; i < 2; ++i) {
		uint16_t *in = chroma_[i][0];
		uint16_t *out = smoothed_[i][q];
		if (blockDisabled(frame.params.chromaNr.header)) {
			std::copy_n(in, quadsX_, out);
			continue;
		}
		std::fill_n(in - kChromaNrReach, kChromaNrReach, in[0]);
		std::fill_n(in + quadsX_, kChromaNrReach, in[quadsX_ - 1]);
		chromaNrRow(frame.params.chromaNr, in, quadsX_, out);
	}
}

/**
 * Finish a row of quads
 * @q: its number. The rows up to kReach above and below it that lie inside of the
 *	frame have been added
 *
 * Returns the rows, which stay as they are until the next call and the next add().
 */
QuadPlanes FinishRows::finish(const Frame &frame, int q)
{
	QuadPlanes out;

	if (blockDisabled(frame.params.sharpen.header)) {
		for (unsigned int i = 0; i < 4; ++i)
			out.luma[i] = luma_[i][q];
	} else {
		sharpen(frame, q, 0, &out);
		sharpen(frame, q, 1, &out);
	}

	for (unsigned int i = 0; i < 2; ++i) {
		out.chroma[i] = smoothed_[i][q];
		if (blockDisabled(frame.params.chromaNr.header))
			continue;

		const uint16_t *rows[2 * kChromaNrReach + 1];
		for (int k = -kChromaNrReach; k <= kChromaNrReach; ++k)
			rows[k + kChromaNrReach] = smoothed_[i][std::clamp(q + k, 0, quadsY_ - 1)];
		chromaNrColumns(frame.params.chromaNr, rows, quadsX_, finished_[i][0]);
		out.chroma[i] = finished_[i][0];
	}

	return out;
}

/* Row @row of the two of row @q of quads. */
void FinishRows::sharpen(const Frame &frame, int q, int row, QuadPlanes *out)
{
	const int other = 2 * (1 - row);
	const int own = 2 * row;
	/* Mirrored about the first and last row, both neighbours are in this quad. */
	const int above = row == 0 ? std::max(q - 1, 0) : q;
	const int below = row == 1 ? std::min(q + 1, quadsY_ - 1) : q;

	sharpenRow(frame.params.sharpen,
		   { { luma_[other][above], luma_[other + 1][above] },
		     { luma_[own][q], luma_[own + 1][q] },
		     { luma_[other][below], luma_[other + 1][below] },
		     { sharpened_[own][0], sharpened_[own + 1][0] } },
		   quadsX_);
	out->luma[own] = sharpened_[own][0];
	out->luma[own + 1] = sharpened_[own + 1][0];
}

} /* namespace fovea::isp */
