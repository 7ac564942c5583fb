/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Frames of more than 16 bits or of several exposures, row by row of quads
 */

#pragma once

#include <array>
#include <vector>

#include "frame.h"
#include "line_buffer.h"
#include "linear_plane.h"

namespace fovea::isp {

/* True where the plain path from unpacking to the black level is not enough. */
bool usesLinearRange(const RawFormat &input, const Params &params);

void linearRangeReference(const RawFormat &input, std::span<const uint8_t> raw, const Params &params, Plane *mosaic);

/* From the frame to the working range: decompand, black level, merge, range. */
class LinearRangeRows
{
public:
	explicit LinearRangeRows(const RawFormat &input);

	void start(int firstRow);
	void load(const Frame &frame, int q, const std::array<uint16_t *, 4> &out);

private:
	/* Quads of a row that are worked on at a time: whole vectors. */
	static constexpr size_t kStrip = 256;
	/* What the compression of the range looks at. */
	static constexpr size_t kMergedRows = 3;

	struct Strip {
		int q;
		size_t first;
		size_t quads;
	};

	void mergeRow(const Frame &frame, int q);
	void mergeStrip(const Frame &frame, const Strip &strip, const LinearRows &out);
	void decode(const Frame &frame, const Strip &strip, unsigned int exposure, const LinearRows &out);
	LinearRows exposure(unsigned int i) const;
	LinearRows merged(int q) const;

	const RawFormat input_;
	const size_t quadsX_;
	const int quadsY_;
	/* Strips of the longer exposures, by exposure and position. */
	std::vector<std::array<LineBuffer<uint32_t>, 4>> exposures_;
	/* By position: a row of quads and those above and below it. */
	LineBuffer<uint32_t> merged_[4];
	LineBuffer<uint32_t> outside_;
	int nextMerged_ = 0;
};

} /* namespace fovea::isp */
