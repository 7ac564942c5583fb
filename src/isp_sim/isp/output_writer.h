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

class OutputWriter
{
public:
	OutputWriter(const OutputFormat &format, const ScalerFilter &horizontal,
		     const ScalerFilter &vertical, RowRange rows);

	RowRange inputRows() const { return inputRows_; }

	void start(uint8_t *out);
	bool active() const { return out_ && !inputRows_.empty(); }
	void addRow(unsigned int inputRow, const uint16_t *const planes[3]);

	bool takesQuads() const { return takesQuads_; }
	void addQuads(unsigned int quadRow, const QuadPlanes &planes);
	void addQuads(unsigned int quadRow, const WideQuads &quads);
	std::optional<PackedQuads> nextQuads(unsigned int quadRow);
	void prefetch(unsigned int quadRow, unsigned int part, unsigned int parts) const;

private:
	void combineRows();
	void packChroma(const uint16_t *const planes[3]);
	void writeRow(const uint16_t *const planes[3]);

	const OutputFormat format_;
	const ScalerFilter &horizontal_;
	const ScalerFilter &vertical_;
	const RowRange rows_;
	/* The rows of the frame that the output rows depend on. */
	const RowRange inputRows_;
	const bool identity_;
	const bool takesQuads_;

	uint8_t *out_ = nullptr;
	unsigned int next_ = 0;

	/* Horizontally scaled rows, and finished rows in turns. */
	LineBuffer<int16_t> scaled_[3];
	LineBuffer<uint16_t> finished_[3];
	std::vector<const int16_t *> taps_;
	const uint16_t *previous_[3] = {};
};

} /* namespace fovea::isp */
