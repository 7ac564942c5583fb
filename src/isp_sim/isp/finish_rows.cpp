/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The part of the pipeline behind the conversion to Y'CbCr, row by row of quads
 */

#include "finish_rows.h"

#include <string.h>

namespace fovea::isp {

FinishRows::FinishRows(const Size &size)
	: quadsX_(static_cast<int>(size.width / 2)), quadsY_(static_cast<int>(size.height / 2)),
	  luma_(4, 4, quadsX_), chroma_(2, 1, quadsX_), smoothed_(2, 8, quadsX_), sharpened_(4, 1, quadsX_),
	  finished_(2, 1, quadsX_)
{
}

/**
 * Take a row of quads that has been written to luma() and chroma()
 * @q: its number; rows come in increasing order
 */
void FinishRows::add(const Frame &frame, int q)
{
	/* Luma is mirrored: column -1 is column 1, which is odd, column 0. */
	for (unsigned int position = 0; position < 4; ++position) {
		uint16_t *row = luma_[position][q];
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
		uint16_t *const sharpened[] = { sharpened_[0][0], sharpened_[1][0], sharpened_[2][0], sharpened_[3][0] };
		sharpenRows(frame.params.sharpen, sharpenRowsOf(q, 0), quadsX_, sharpened);
		std::copy_n(sharpened, 4, out.luma);
	}

	for (unsigned int i = 0; i < 2; ++i) {
		out.chroma[i] = smoothed_[i][q];
		if (blockDisabled(frame.params.chromaNr.header))
			continue;

		const uint16_t *rows[2 * kChromaNrReach + 1];
		smoothedRows(i, q, 0, rows);
		chromaNrColumns(frame.params.chromaNr, rows, quadsX_, finished_[i][0]);
		out.chroma[i] = finished_[i][0];
	}

	return out;
}

/* The last steps of the blocks may also pack, where both of them are enabled. */
bool FinishRows::canPack(const Frame &frame)
{
	return !blockDisabled(frame.params.sharpen.header) && !blockDisabled(frame.params.chromaNr.header);
}

/**
 * Finish a row of quads straight to an output
 * @q: its number, as for finish()
 * @out: where it goes
 *
 * Gives the bytes that packing what finish() returns would.
 */
void FinishRows::finishAndPack(const Frame &frame, int q, const PackedQuads &out)
{
	sharpenAndPackRows(frame.params.sharpen, sharpenRowsOf(q, out.first), out.pairs, out.luma);
	if (!out.chroma[0])
		return;

	const uint16_t *rows[2][2 * kChromaNrReach + 1];
	for (unsigned int i = 0; i < 2; ++i)
		smoothedRows(out.crFirst ? 1 - i : i, q, out.first, rows[i]);
	chromaNrColumnsAndPack(frame.params.chromaNr, rows[0], rows[1], out.pairs, out.chroma[0]);
	if (out.chroma[1])
		memcpy(out.chroma[1], out.chroma[0], 2 * out.pairs);
}

/*
 * The rows of luma for row @q of quads, from column @first of quads on. Mirrored about
 * the first and last row, both neighbours are in the same quad.
 */
SharpenRows FinishRows::sharpenRowsOf(int q, size_t first) const
{
	const int above = std::max(q - 1, 0);
	const int below = std::min(q + 1, quadsY_ - 1);
	SharpenRows rows;

	for (int column = 0; column < 2; ++column) {
		rows.luma[0][column] = luma_[2 + column][above] + first;
		rows.luma[1][column] = luma_[column][q] + first;
		rows.luma[2][column] = luma_[2 + column][q] + first;
		rows.luma[3][column] = luma_[column][below] + first;
	}

	return rows;
}

/* Chroma smoothed along the rows, of the rows around @q from column @first on. */
void FinishRows::smoothedRows(unsigned int plane, int q, size_t first, const uint16_t **rows) const
{
	for (int k = -kChromaNrReach; k <= kChromaNrReach; ++k)
		rows[k + kChromaNrReach] = smoothed_[plane][std::clamp(q + k, 0, quadsY_ - 1)] + first;
}

} /* namespace fovea::isp */
