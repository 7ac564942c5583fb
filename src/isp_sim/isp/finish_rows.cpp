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

	uint16_t *const in[] = { chroma_[0][0], chroma_[1][0] };
	uint16_t *const out[] = { smoothed_[0][q], smoothed_[1][q] };
	if (blockDisabled(frame.params.chromaNr.header)) {
		for (unsigned int i = 0; i < 2; ++i)
			std::copy_n(in[i], quadsX_, out[i]);
		return;
	}

	for (uint16_t *row : in) {
		std::fill_n(row - kChromaNrReach, kChromaNrReach, row[0]);
		std::fill_n(row + quadsX_, kChromaNrReach, row[quadsX_ - 1]);
	}
	chromaNrRows(frame.params.chromaNr, in, quadsX_, out);
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

	const SmoothedRows rows = smoothedRows(q, 0);
	for (unsigned int i = 0; i < 2; ++i) {
		out.chroma[i] = smoothed_[i][q];
		if (blockDisabled(frame.params.chromaNr.header))
			continue;

		chromaNrColumns(frame.params.chromaNr, rows[i].data(), quadsX_, finished_[i][0]);
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

	const SmoothedRows rows = smoothedRows(q, out.first);
	chromaNrColumnsAndPack(frame.params.chromaNr, rows[out.crFirst].data(), rows[!out.crFirst].data(), out.pairs,
			       out.chroma[0]);
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
FinishRows::SmoothedRows FinishRows::smoothedRows(int q, size_t first) const
{
	const Ring<uint16_t> cb = smoothed_[0];
	const Ring<uint16_t> cr = smoothed_[1];
	SmoothedRows rows;

	for (int k = -kChromaNrReach; k <= kChromaNrReach; ++k) {
		const int row = std::clamp(q + k, 0, quadsY_ - 1);
		rows[0][k + kChromaNrReach] = cb[row] + first;
		rows[1][k + kChromaNrReach] = cr[row] + first;
	}

	return rows;
}

} /* namespace fovea::isp */
