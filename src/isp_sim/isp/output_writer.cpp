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
	return quartersChroma(format) || format == PixelFormat::NV16 || format == PixelFormat::R8;
}

/* Planes that are scaled in full resolution. */
unsigned int fullPlanes(PixelFormat format)
{
	return quartersChroma(format) || format == PixelFormat::R8 ? 1 : 3;
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

OutputFilters::OutputFilters(const OutputFormat &format)
	: horizontal(format.crop.width, format.size.width),
	  vertical(format.crop.height, format.size.height)
{
	if (!quartersChroma(format.format))
		return;

	chromaHorizontal = ScalerFilter({ format.crop.x, format.crop.width, 2 }, format.size.width / 2);
	chromaVertical = ScalerFilter({ format.crop.y, format.crop.height, 2 }, format.size.height / 2);
}

/**
 * A scaler of a part of some planes
 * @horizontal: filter from columns of the frame to those of the output, outlives this
 * @vertical: the same of rows
 * @planes: number of planes, 1 to 3
 * @firstColumn: the column of the frame with which the filter begins
 * @firstRow: the row
 * @rows: the output rows that are made
 */
PlaneScaler::PlaneScaler(const ScalerFilter &horizontal, const ScalerFilter &vertical, unsigned int planes,
			 unsigned int firstColumn, unsigned int firstRow, RowRange rows)
	: horizontal_(&horizontal), vertical_(&vertical), planes_(planes), firstColumn_(firstColumn),
	  firstRow_(firstRow), rows_(rows)
{
	if (!rows.empty())
		inputRows_ = { firstRow + vertical.first(rows.first),
			       firstRow + vertical.first(rows.last - 1) + vertical.taps() };
	if (identity())
		return;

	for (unsigned int i = 0; i < planes; ++i) {
		scaled_[i] = LineBuffer<int16_t>(vertical.taps(), horizontal.size());
		finished_[i] = LineBuffer<uint16_t>(1, horizontal.size());
	}
	taps_.resize(vertical.taps());
}

void PlaneScaler::scaleRow(unsigned int row, const uint16_t *const *planes)
{
	for (unsigned int i = 0; i < planes_; ++i)
		scaleRowHorizontally(*horizontal_, planes[i], scaled_[i][row]);
}

/* Make the next output row from the horizontally scaled ones. */
void PlaneScaler::combineRows(const uint16_t **planes)
{
	for (unsigned int i = 0; i < planes_; ++i) {
		for (unsigned int t = 0; t < taps_.size(); ++t)
			taps_[t] = scaled_[i][vertical_->first(next_) + t];

		uint16_t *out = finished_[i][0];
		scaleRowsVertically(vertical_->coefficients(next_), taps_.data(), vertical_->taps(),
				    horizontal_->size(), out);
		planes[i] = out;
	}
}

/**
 * A writer of a part of an output
 * @format: the output
 * @filters: from the crop rectangle to the output, outlive the writer
 * @rows: the output rows that this writer makes; begins at an even row
 */
OutputWriter::OutputWriter(const OutputFormat &format, const OutputFilters &filters, RowRange rows)
	: format_(format), rows_(rows),
	  full_(filters.horizontal, filters.vertical, fullPlanes(format.format), format.crop.x, format.crop.y, rows),
	  takesQuads_(full_.identity() && packsQuads(format.format) && format.size.width % 2 == 0 &&
		      format.size.height % 2 == 0 && format.crop.x % 2 == 0 && format.crop.y % 2 == 0)
{
	if (quartersChroma(format.format))
		chroma_ = PlaneScaler(filters.chromaHorizontal, filters.chromaVertical, 2, format.crop.x / 2,
				      format.crop.y / 2, { rows.first / 2, rows.last / 2 });

	inputRows_ = full_.inputRows();
	if (!inputRows_.empty() && takesChroma()) {
		const RowRange quads = chroma_.inputRows();
		inputRows_.first = std::min(inputRows_.first, 2 * quads.first);
		inputRows_.last = std::max(inputRows_.last, 2 * quads.last);
	}
}

/* Begin a picture at @out, or none if @out is null. */
void OutputWriter::start(uint8_t *out)
{
	out_ = out;
	next_ = rows_.first;
	full_.start();
	if (takesChroma())
		chroma_.start();
}

/**
 * Take a row of the frame
 * @inputRow: its number; rows come in increasing order, without gaps
 * @planes: its planes, 0 to 4095; only the first where chroma comes on its own
 */
void OutputWriter::addRow(unsigned int inputRow, const uint16_t *const planes[3])
{
	if (!out_)
		return;

	full_.addRow(inputRow, planes, [this](unsigned int row, const uint16_t *const *rows) { packRow(rows, row); });
}

/**
 * Take the chroma of a row of quads
 * @quadRow: its number; rows come in increasing order, without gaps
 * @planes: Cb and Cr, 0 to 4095
 *
 * Only for outputs that takesChroma() is true for.
 */
void OutputWriter::addChroma(unsigned int quadRow, const uint16_t *const planes[2])
{
	if (!out_)
		return;

	chroma_.addRow(quadRow, planes, [this](unsigned int row, const uint16_t *const *rows) { packChroma(rows, row); });
}

/**
 * Take two rows of the frame as they leave the pipeline
 * @quadRow: number of the row of quads; they come in increasing order
 * @planes: luma and chroma, 0 to 4095
 *
 * Only for outputs that takesQuads() is true for: in a format with luma in a plane of
 * its own, neither scaled nor moved by half a quad. Gives the bytes that addRow() and
 * addChroma() would.
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
	if (!takesRow(2 * quadRow))
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

	if (!takesQuads_ || !takesRow(2 * quadRow))
		return;

	const uint8_t *const rows[] = { out_ + next_ * format_.stride, out_ + (next_ + 1) * format_.stride,
					out_ + (format_.size.height + next_ / 2) * format_.stride };
	const size_t width = format_.size.width;
	for (const uint8_t *row : rows) {
		for (size_t i = width * part / parts; i < width * (part + 1) / parts; i += kCacheLine)
			__builtin_prefetch(row + i, 0, kPrefetchLocality);
	}
}

/* A row of chroma of quads. */
void OutputWriter::packChroma(const uint16_t *const planes[2], unsigned int row)
{
	const unsigned int first = format_.format == PixelFormat::NV21 ? 1 : 0;
	packPairs(planes[first], planes[1 - first], format_.size.width / 2, chromaRow(row));
}

/* A row of all planes, or of luma. */
void OutputWriter::packRow(const uint16_t *const planes[3], unsigned int row)
{
	const size_t width = format_.size.width;
	uint8_t *out = out_ + row * format_.stride;

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
	case PixelFormat::NV16:
		packChromaRow422(planes[1], planes[2], width / 2, chromaRow(row));
		[[fallthrough]];
	default:
		packLumaRow(planes[0], width, out);
		break;
	}
}

} /* namespace fovea::isp */
