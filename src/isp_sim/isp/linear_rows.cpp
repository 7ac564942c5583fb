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
	: input_(input), quadsX_(input.size.width / 2), exposures_(input.exposures)
{
	for (auto &exposure : exposures_) {
		for (LineBuffer<uint32_t> &buffer : exposure)
			buffer = LineBuffer<uint32_t>(1, kStrip);
	}
}

/**
 * Bring a row of quads to the working range
 * @q: its number
 * @out: receives the rows of half width by position
 *
 * Strips of it go through all steps, so that what has 32 bits stays close.
 */
void LinearRangeRows::load(const Frame &frame, int q, const std::array<uint16_t *, 4> &out)
{
	for (size_t first = 0; first < quadsX_; first += kStrip) {
		const Strip strip{ q, first, std::min(kStrip, quadsX_ - first) };
		loadStrip(frame, strip, { out[0] + first, out[1] + first, out[2] + first, out[3] + first });
	}
}

void LinearRangeRows::loadStrip(const Frame &frame, const Strip &strip, const std::array<uint16_t *, 4> &out)
{
	const fovea_isp_merge &merge = frame.params.merge;
	if (blockDisabled(merge.header)) {
		decode(frame, strip, 0);
		compressRow(frame.params.range, strip.quads, rows(0), out);
		return;
	}

	const unsigned int last = input_.exposures - 1;
	const LinearRows merged = rows(last);
	decode(frame, strip, last);
	scaleExposureRow(merge.gain[last], strip.quads, merged);
	for (unsigned int i = last; i-- > 0;) {
		decode(frame, strip, i);
		mergeRow(merge, merge.gain[i], strip.quads, rows(i), merged);
	}
	compressRow(frame.params.range, strip.quads, merged, out);
}

/* The linear samples of one exposure. */
void LinearRangeRows::decode(const Frame &frame, const Strip &strip, unsigned int exposure)
{
	const LinearRows out = rows(exposure);
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

LinearRows LinearRangeRows::rows(unsigned int exposure) const
{
	const auto &buffers = exposures_[exposure];
	return { buffers[0][0], buffers[1][0], buffers[2][0], buffers[3][0] };
}

} /* namespace fovea::isp */
