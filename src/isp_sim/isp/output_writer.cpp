/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Scaling and packing of one output, row by row
 */

#include "output_writer.h"

#include "pack.h"

namespace fovea::isp {

/**
 * A writer of a part of an output
 * @format: the output
 * @horizontal: filter from crop width to output width, outlives the writer
 * @vertical: filter from crop height to output height, outlives the writer
 * @rows: the output rows that this writer makes; begins at an even row
 */
OutputWriter::OutputWriter(const OutputFormat &format, const ScalerFilter &horizontal,
			   const ScalerFilter &vertical, RowRange rows)
	: format_(format), horizontal_(horizontal), vertical_(vertical), rows_(rows),
	  identity_(horizontal.identity() && vertical.identity()),
	  takesQuads_(identity_ && format.format == PixelFormat::NV12 &&
		      format.crop.x % 2 == 0 && format.crop.y % 2 == 0)
{
	if (identity_)
		return;

	for (unsigned int i = 0; i < 3; ++i) {
		scaled_[i] = LineBuffer<int16_t>(vertical.taps(), format.size.width);
		finished_[i] = LineBuffer<uint16_t>(2, format.size.width);
	}
	taps_.resize(vertical.taps());
}

/* The rows of the frame that the output rows depend on. */
RowRange OutputWriter::inputRows() const
{
	if (rows_.empty())
		return {};

	return { format_.crop.y + vertical_.first(rows_.first),
		 format_.crop.y + vertical_.first(rows_.last - 1) + vertical_.taps() };
}

/* Begin a picture at @out, or none if @out is null. */
void OutputWriter::start(uint8_t *out)
{
	out_ = out;
	next_ = rows_.first;
}

/**
 * Take a row of the frame
 * @inputRow: its number; rows come in increasing order, without gaps
 * @planes: its three planes, 0 to 4095. They stay as they are until the row
 *	after the next is given
 */
void OutputWriter::addRow(unsigned int inputRow, const uint16_t *const planes[3])
{
	if (!out_ || next_ >= rows_.last || !inputRows().contains(inputRow))
		return;

	const uint16_t *const cropped[3] = { planes[0] + format_.crop.x, planes[1] + format_.crop.x,
					     planes[2] + format_.crop.x };

	if (identity_) {
		writeRow(cropped);
		return;
	}

	const unsigned int row = inputRow - format_.crop.y;
	for (unsigned int i = 0; i < 3; ++i)
		scaleRowHorizontally(horizontal_, cropped[i], scaled_[i][row]);

	while (next_ < rows_.last && vertical_.first(next_) + vertical_.taps() <= row + 1)
		combineRows();
}

/**
 * Take two rows of the frame as they leave the pipeline
 * @quadRow: number of the row of quads; they come in increasing order
 * @planes: luma and chroma, 0 to 4095
 *
 * Only for outputs that takesQuads() is true for: NV12 that is neither scaled nor
 * moved by half a quad. Gives the bytes that addRow() would.
 */
void OutputWriter::addQuads(unsigned int quadRow, const QuadPlanes &planes)
{
	if (!out_ || next_ >= rows_.last || !inputRows().contains(2 * quadRow))
		return;

	const size_t first = format_.crop.x / 2;
	const size_t pairs = format_.size.width / 2;
	uint8_t *out = out_ + next_ * format_.stride;

	packPairs(planes.luma[0] + first, planes.luma[1] + first, pairs, out);
	packPairs(planes.luma[2] + first, planes.luma[3] + first, pairs, out + format_.stride);
	packPairs(planes.chroma[0] + first, planes.chroma[1] + first, pairs,
		  out_ + (format_.size.height + next_ / 2) * format_.stride);
	next_ += 2;
}

/* Make the next output row from the horizontally scaled ones. */
void OutputWriter::combineRows()
{
	const uint16_t *finished[3];

	for (unsigned int i = 0; i < 3; ++i) {
		for (unsigned int t = 0; t < taps_.size(); ++t)
			taps_[t] = scaled_[i][vertical_.first(next_) + t];

		uint16_t *out = finished_[i][next_];
		scaleRowsVertically(vertical_.coefficients(next_), taps_.data(), vertical_.taps(),
				    format_.size.width, out);
		finished[i] = out;
	}

	writeRow(finished);
}

/* Pack the next output row; chroma of NV12 waits for the second row of a pair. */
void OutputWriter::writeRow(const uint16_t *const planes[3])
{
	const size_t width = format_.size.width;
	uint8_t *out = out_ + next_ * format_.stride;

	if (format_.format == PixelFormat::XRGB8888) {
		packXrgb8888Row(planes, width, out);
	} else {
		packLumaRow(planes[0], width, out);
		if (next_ & 1) {
			const uint16_t *const cb[2] = { previous_[1], planes[1] };
			const uint16_t *const cr[2] = { previous_[2], planes[2] };
			packChromaRow(cb, cr, width / 2,
				      out_ + (format_.size.height + next_ / 2) * format_.stride);
		}
	}

	std::copy_n(planes, 3, previous_);
	next_++;
}

} /* namespace fovea::isp */
