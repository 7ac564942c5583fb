/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Frames of more than 16 bits or of several exposures, row by row of quads
 */

#include "linear_rows.h"

#include "black_level.h"
#include "decompand.h"
#include "merge.h"
#include "range.h"

namespace fovea::isp {

bool usesLinearRange(const RawFormat &input, const Params &params)
{
	return input.exposures > 1 || !blockDisabled(params.decompand.header) ||
	       !blockDisabled(params.merge.header) || !blockDisabled(params.range.header);
}

/**
 * Bring a frame to the working range with the scalar references of its blocks
 * @input: its format
 * @raw: the frame
 * @params: decompand, black level, merge and range
 * @mosaic: receives samples of 0 to 16383
 */
void linearRangeReference(const RawFormat &input, std::span<const uint8_t> raw, const Params &params, Plane *mosaic)
{
	std::vector<LinearPlane> exposures(input.exposures);
	for (unsigned int i = 0; i < input.exposures; ++i) {
		decompandReference(params.decompand, input, raw, i, &exposures[i]);
		linearBlackLevelReference(params.blackLevel, input.order, &exposures[i]);
	}

	LinearPlane merged;
	mergeReference(params.merge, exposures, &merged);
	rangeReference(params.range, merged, mosaic);
}

LinearRangeRows::LinearRangeRows(const RawFormat &input)
	: input_(input), quadsX_(input.size.width / 2), quadsY_(static_cast<int>(input.size.height / 2)),
	  exposures_(input.exposures), outside_(1, quadsX_)
{
	for (auto &exposure : exposures_) {
		for (LineBuffer<uint32_t> &buffer : exposure)
			buffer = LineBuffer<uint32_t>(1, kStrip);
	}
	for (LineBuffer<uint32_t> &buffer : merged_)
		buffer = LineBuffer<uint32_t>(kMergedRows, quadsX_);
	std::fill_n(outside_[0] - kRowMargin, quadsX_ + 2 * kRowMargin, kLinearRangeMax);
}

/* Begin a frame whose rows are loaded from @firstRow on. */
void LinearRangeRows::start(int firstRow)
{
	nextMerged_ = std::max(0, firstRow - 1);
}

/**
 * Bring a row of quads to the working range
 * @q: its number; rows come one after the other
 * @out: receives the rows of half width by position
 */
void LinearRangeRows::load(const Frame &frame, int q, const std::array<uint16_t *, 4> &out)
{
	while (nextMerged_ <= std::min(q + 1, quadsY_ - 1))
		mergeRow(frame, nextMerged_++);

	const LinearRows above = merged(q - 1);
	const LinearRows below = merged(q + 1);
	compressRow(frame.params.range, quadsX_, { { above[2], above[3] }, merged(q), { below[0], below[1] } }, out);
}

/* Decode and merge a row of quads, strip by strip, so that the exposures stay close. */
void LinearRangeRows::mergeRow(const Frame &frame, int q)
{
	const LinearRows rows = merged(q);
	for (size_t first = 0; first < quadsX_; first += kStrip) {
		const Strip strip{ q, first, std::min(kStrip, quadsX_ - first) };
		mergeStrip(frame, strip, { rows[0] + first, rows[1] + first, rows[2] + first, rows[3] + first });
	}

	/* The neighbours of the first and the last column. */
	rows[0][quadsX_] = rows[2][quadsX_] = kLinearRangeMax;
	rows[1][-1] = rows[3][-1] = kLinearRangeMax;
}

void LinearRangeRows::mergeStrip(const Frame &frame, const Strip &strip, const LinearRows &out)
{
	const fovea_isp_merge &merge = frame.params.merge;
	if (blockDisabled(merge.header)) {
		decode(frame, strip, 0, out);
		return;
	}

	const unsigned int last = input_.exposures - 1;
	decode(frame, strip, last, out);
	scaleExposureRow(merge.gain[last], strip.quads, out);
	for (unsigned int i = last; i-- > 0;) {
		const LinearRows longer = exposure(i);
		decode(frame, strip, i, longer);
		fovea::isp::mergeRow(merge, merge.gain[i], strip.quads, longer, out);
	}
}

/* The linear samples of one exposure. */
void LinearRangeRows::decode(const Frame &frame, const Strip &strip, unsigned int exposure, const LinearRows &out)
{
	const DecompandTable *table = blockDisabled(frame.params.decompand.header) ? nullptr : &frame.decompand;
	const size_t quadBytes = input_.bitDepth == 8 ? 2 : 4;

	for (unsigned int row = 0; row < 2; ++row) {
		const size_t y = static_cast<size_t>(2 * strip.q + row) * input_.exposures + exposure;
		const LinearDecoder decoder{ input_.bitDepth, table,
					     { blackLevelOf(frame.params.blackLevel, bayerSite(input_.order, 0, row)),
					       blackLevelOf(frame.params.blackLevel, bayerSite(input_.order, 1, row)) } };
		decodeRow(frame.raw.data() + y * input_.stride + strip.first * quadBytes, decoder, strip.quads,
			  out[2 * row], out[2 * row + 1]);
	}
}

LinearRows LinearRangeRows::exposure(unsigned int i) const
{
	const auto &buffers = exposures_[i];
	return { buffers[0][0], buffers[1][0], buffers[2][0], buffers[3][0] };
}

/* The merged rows of quads @q; outside of the frame all samples are the largest. */
LinearRows LinearRangeRows::merged(int q) const
{
	if (q < 0 || q >= quadsY_)
		return { outside_[0], outside_[0], outside_[0], outside_[0] };
	return { merged_[0][q], merged_[1][q], merged_[2][q], merged_[3][q] };
}

} /* namespace fovea::isp */
