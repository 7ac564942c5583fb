/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Scaling and packing of one output, row by row
 */

#include "output_writer.h"

#include "pack.h"

namespace fovea::isp {

namespace {

/* Chroma of quads is what is packed, and luma has a plane of its own. */
bool packsQuads(PixelFormat format)
{
	return format == PixelFormat::NV12 || format == PixelFormat::NV21 ||
	       format == PixelFormat::NV16 || format == PixelFormat::R8;
}

RowRange inputRowsOf(const OutputFormat &format, const ScalerFilter &vertical, RowRange rows)
{
	if (rows.empty())
		return {};

	return { format.crop.y + vertical.first(rows.first),
		 format.crop.y + vertical.first(rows.last - 1) + vertical.taps() };
}

void packChromaOfQuads(const uint16_t *const chroma[2], const PackedQuads &to)
{
	const uint16_t *first = chroma[to.crFirst ? 1 : 0] + to.first;
	const uint16_t *second = chroma[to.crFirst ? 0 : 1] + to.first;
	for (uint8_t *out : to.chroma) {
		if (out)
			packPairs(first, second, to.pairs, out);
	}
}

} /* namespace */

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
	  inputRows_(inputRowsOf(format, vertical, rows)),
	  identity_(horizontal.identity() && vertical.identity()),
	  takesQuads_(identity_ && packsQuads(format.format) && format.size.width % 2 == 0 &&
		      format.size.height % 2 == 0 && format.crop.x % 2 == 0 && format.crop.y % 2 == 0)
{
	if (identity_)
		return;

	for (unsigned int i = 0; i < 3; ++i) {
		scaled_[i] = LineBuffer<int16_t>(vertical.taps(), format.size.width);
		finished_[i] = LineBuffer<uint16_t>(2, format.size.width);
	}
	taps_.resize(vertical.taps());
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
	if (!out_ || next_ >= rows_.last || !inputRows_.contains(inputRow))
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
 * Only for outputs that takesQuads() is true for: in a format with luma in a plane of
 * its own, neither scaled nor moved by half a quad. Gives the bytes that addRow() would.
 */
void OutputWriter::addQuads(unsigned int quadRow, const QuadPlanes &planes)
{
	const std::optional<PackedQuads> to = nextQuads(quadRow);
	if (!to)
		return;

	for (unsigned int row = 0; row < 2; ++row)
		packPairs(planes.luma[2 * row] + to->first, planes.luma[2 * row + 1] + to->first, to->pairs, to->luma[row]);

	packChromaOfQuads(planes.chroma, *to);
}

void OutputWriter::addQuads(unsigned int quadRow, const WideQuads &quads)
{
	const std::optional<PackedQuads> to = nextQuads(quadRow);
	if (!to)
		return;

	for (unsigned int row = 0; row < 2; ++row)
		packLumaRow(quads.luma[row] + 2 * to->first, 2 * to->pairs, to->luma[row]);
	packChromaOfQuads(quads.chroma, *to);
}

/**
 * Let the caller write a row of quads itself
 * @quadRow: its number; they come in increasing order
 *
 * Only for outputs that takesQuads() is true for, in the place of addQuads().
 *
 * Returns where the row goes, or nothing if it is not a part of the picture.
 */
std::optional<PackedQuads> OutputWriter::nextQuads(unsigned int quadRow)
{
	if (!out_ || next_ >= rows_.last || !inputRows_.contains(2 * quadRow))
		return std::nullopt;

	uint8_t *luma = out_ + next_ * format_.stride;
	uint8_t *chroma = out_ + format_.size.height * format_.stride;
	PackedQuads quads = {};
	quads.first = format_.crop.x / 2;
	quads.pairs = format_.size.width / 2;
	quads.luma[0] = luma;
	quads.luma[1] = luma + format_.stride;
	quads.crFirst = format_.format == PixelFormat::NV21;
	switch (format_.format) {
	case PixelFormat::NV12:
	case PixelFormat::NV21:
		quads.chroma[0] = chroma + next_ / 2 * format_.stride;
		break;
	case PixelFormat::NV16:
		quads.chroma[0] = chroma + next_ * format_.stride;
		quads.chroma[1] = quads.chroma[0] + format_.stride;
		break;
	default:
		break;
	}
	next_ += 2;

	return quads;
}

/*
 * Ask for the memory that one part of a row of quads is going to be written to. Only
 * what is written as it comes waits for it.
 */
void OutputWriter::prefetch(unsigned int quadRow, unsigned int part, unsigned int parts) const
{
	constexpr size_t kCacheLine = 64;

	if (!takesQuads_ || !out_ || next_ >= rows_.last || !inputRows_.contains(2 * quadRow))
		return;

	const uint8_t *const rows[] = { out_ + next_ * format_.stride, out_ + (next_ + 1) * format_.stride,
					out_ + (format_.size.height + next_ / 2) * format_.stride };
	const size_t width = format_.size.width;
	for (const uint8_t *row : rows) {
		for (size_t i = width * part / parts; i < width * (part + 1) / parts; i += kCacheLine)
			__builtin_prefetch(row + i, 0, kPrefetchLocality);
	}
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

/* Pack the next output row. */
void OutputWriter::writeRow(const uint16_t *const planes[3])
{
	const size_t width = format_.size.width;
	uint8_t *out = out_ + next_ * format_.stride;

	switch (format_.format) {
	case PixelFormat::RGB888:
		packRgb888Row(planes, width, out);
		break;
	case PixelFormat::XRGB8888:
		packXrgb8888Row(planes, width, out);
		break;
	case PixelFormat::YUYV:
		packYuyvRow(planes, width / 2, out);
		break;
	default:
		packLumaRow(planes[0], width, out);
		packChroma(planes);
		break;
	}

	std::copy_n(planes, 3, previous_);
	next_++;
}

/* Chroma in a plane of its own; that of 2x2 pixels waits for the second row of a pair. */
void OutputWriter::packChroma(const uint16_t *const planes[3])
{
	const size_t pairs = format_.size.width / 2;
	const unsigned int first = format_.format == PixelFormat::NV21 ? 2 : 1;
	const unsigned int second = 3 - first;
	uint8_t *chroma = out_ + format_.size.height * format_.stride;

	if (format_.format == PixelFormat::NV16) {
		packChromaRow422(planes[1], planes[2], pairs, chroma + next_ * format_.stride);
	} else if (format_.format != PixelFormat::R8 && next_ & 1) {
		const uint16_t *const upperAndLower[2][2] = { { previous_[first], planes[first] },
							      { previous_[second], planes[second] } };
		packChromaRow(upperAndLower[0], upperAndLower[1], pairs, chroma + next_ / 2 * format_.stride);
	}
}

} /* namespace fovea::isp */
