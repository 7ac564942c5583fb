/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Scaling and packing of one output, row by row
 */

#pragma once

#include <optional>
#include <stdint.h>

#include "isp.h"
#include "line_buffer.h"
#include "scaler.h"

namespace fovea::isp {

/* A range of rows, without the last. */
struct RowRange {
	unsigned int first = 0;
	unsigned int last = 0;

	bool empty() const { return first >= last; }
	bool contains(unsigned int row) const { return row >= first && row < last; }
};

/* A row of quads: luma by position (row * 2 + column) and chroma, half width. */
struct QuadPlanes {
	const uint16_t *luma[4];
	const uint16_t *chroma[2];
};

/* The same with the columns of luma together. */
struct WideQuads {
	const uint16_t *luma[2];
	const uint16_t *chroma[2];
};

/* Where the bytes of a row of quads go. */
struct PackedQuads {
	/* The first quad of the row, and their number. */
	size_t first;
	size_t pairs;
	/* The second row of chroma is like the first. Null where there is none. */
	uint8_t *luma[2];
	uint8_t *chroma[2];
	bool crFirst;
};

/* The filters of an output, shared by all bands. */
struct OutputFilters {
	explicit OutputFilters(const OutputFormat &format);

	ScalerFilter horizontal;
	ScalerFilter vertical;
	/* Of formats with a sample of chroma for each quad. */
	ScalerFilter chromaHorizontal;
	ScalerFilter chromaVertical;
};

/* Planes of one size, row by row from their rows in the frame to those of an output. */
class PlaneScaler
{
public:
	PlaneScaler() = default;
	PlaneScaler(const ScalerFilter &horizontal, const ScalerFilter &vertical, unsigned int planes,
		    unsigned int firstColumn, unsigned int firstRow, RowRange rows);

	RowRange inputRows() const { return inputRows_; }
	bool identity() const { return horizontal_->identity() && vertical_->identity(); }

	void start() { next_ = rows_.first; }

	/**
	 * Take a row of the frame
	 * @inputRow: its number; rows come in increasing order, without gaps
	 * @planes: its planes, 0 to 4095
	 * @write: is called with the number and the planes of each row that is finished
	 */
	template<typename Write>
	void addRow(unsigned int inputRow, const uint16_t *const *planes, const Write &write)
	{
		if (next_ >= rows_.last || !inputRows_.contains(inputRow))
			return;

		const uint16_t *rows[kPlanes] = {};
		for (unsigned int i = 0; i < planes_; ++i)
			rows[i] = planes[i] + firstColumn_;
		if (identity()) {
			write(next_++, rows);
			return;
		}

		scaleRow(inputRow - firstRow_, rows);
		while (next_ < rows_.last && vertical_->first(next_) + vertical_->taps() + firstRow_ <= inputRow + 1) {
			combineRows(rows);
			write(next_++, rows);
		}
	}

private:
	static constexpr unsigned int kPlanes = 3;

	void scaleRow(unsigned int row, const uint16_t *const *planes);
	void combineRows(const uint16_t **planes);

	const ScalerFilter *horizontal_ = nullptr;
	const ScalerFilter *vertical_ = nullptr;
	unsigned int planes_ = 0;
	unsigned int firstColumn_ = 0;
	unsigned int firstRow_ = 0;
	RowRange rows_;
	/* The rows of the frame that the output rows depend on. */
	RowRange inputRows_;
	unsigned int next_ = 0;

	/* Horizontally scaled rows, and a finished one. */
	LineBuffer<int16_t> scaled_[kPlanes];
	LineBuffer<uint16_t> finished_[kPlanes];
	std::vector<const int16_t *> taps_;
};

class OutputWriter
{
public:
	OutputWriter(const OutputFormat &format, const OutputFilters &filters, RowRange rows);

	/* The rows of the frame that the output rows depend on. */
	RowRange inputRows() const { return inputRows_; }

	void start(uint8_t *out);
	bool active() const { return out_ && !inputRows_.empty(); }

	/* What is taken: either quads, or rows of all planes, or of luma and of chroma. */
	bool takesQuads() const { return takesQuads_; }
	bool takesChroma() const { return quartersChroma(format_.format); }

	void addQuads(unsigned int quadRow, const QuadPlanes &planes);
	void addQuads(unsigned int quadRow, const WideQuads &quads);
	std::optional<PackedQuads> nextQuads(unsigned int quadRow);
	void addRow(unsigned int inputRow, const uint16_t *const planes[3]);
	void addChroma(unsigned int quadRow, const uint16_t *const planes[2]);

	void prefetch(unsigned int quadRow, unsigned int part, unsigned int parts) const;

private:
	bool takesRow(unsigned int inputRow) const
	{
		return out_ && next_ < rows_.last && inputRows_.contains(inputRow);
	}
	uint8_t *chromaRow(unsigned int row) const { return out_ + (format_.size.height + row) * format_.stride; }

	void packChroma(const uint16_t *const planes[2], unsigned int row);
	void packRow(const uint16_t *const planes[3], unsigned int row);

	const OutputFormat format_;
	const RowRange rows_;
	RowRange inputRows_;
	/* All planes, or luma where chroma has planes of another size. */
	PlaneScaler full_;
	PlaneScaler chroma_;
	const bool takesQuads_;

	uint8_t *out_ = nullptr;
	/* The next row of an output that takes quads. */
	unsigned int next_ = 0;
};

} /* namespace fovea::isp */
