/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The raw part of the pipeline, row by row of quads
 */

#include "raw_rows.h"

#include <hwy/cache_control.h>

#include "black_level.h"
#include "correction.h"
#include "demosaic.h"
#include "dpc.h"
#include "unpack.h"

namespace fovea::isp {

namespace {

/* Mirror @row of @n samples of column @column of the quads about the frame. */
void mirrorRow(uint16_t *row, int n, int column)
{
	for (int k = 1; k <= kDemosaicReach; ++k) {
		row[-k] = row[k - column];
		row[n - 1 + k] = row[n - k - column];
	}
}

} /* namespace */

RawRows::RawRows(const RawFormat &input)
	: input_(input), quadsX_(static_cast<int>(input.size.width / 2)),
	  quadsY_(static_cast<int>(input.size.height / 2)), gains_(quadsX_, quadsY_)
{
	for (LineBuffer<uint16_t> &buffer : samples_)
		buffer = LineBuffer<uint16_t>(kRingRows, quadsX_);
	for (LineBuffer<uint16_t> &buffer : mosaic_)
		buffer = LineBuffer<uint16_t>(kRingRows, quadsX_);
}

/* Begin a frame whose rows are loaded from @firstRow on. */
void RawRows::start(int firstRow)
{
	loaded_ = firstRow;
	gains_.start();
}

/* Unpack the next row of quads, subtract the black level, correct the list. */
void RawRows::load(const Frame &frame)
{
	loadRow(frame, 2 * loaded_);
	loadRow(frame, 2 * loaded_ + 1);
	loaded_++;
}

/*
 * Ask for one part of the row of quads that is loaded next: the memory has the
 * time of the stages in between to answer.
 */
void RawRows::prefetch(const Frame &frame, int part) const
{
	constexpr size_t kCacheLine = 64;

	if (loaded_ >= quadsY_)
		return;

	const size_t rowBytes = input_.size.width * (input_.bitDepth == 8 ? 1 : 2);
	const size_t start = rowBytes * part / kPrefetchParts;
	const size_t end = rowBytes * (part + 1) / kPrefetchParts;
	for (int row = 0; row < 2; ++row) {
		const uint8_t *src = frame.raw.data() + (2 * loaded_ + row) * input_.stride;
		for (size_t i = start; i < end; i += kCacheLine)
			hwy::Prefetch(src + i);
	}
}

void RawRows::loadRow(const Frame &frame, int y)
{
	const int position = 2 * (y & 1);
	uint16_t *even = samples_[position][y / 2];
	uint16_t *odd = samples_[position + 1][y / 2];
	const uint16_t levels[] = { blackLevelOf(frame.params.blackLevel, bayerSite(input_.order, 0, y)),
				    blackLevelOf(frame.params.blackLevel, bayerSite(input_.order, 1, y)) };

	unpackRow(frame.raw.data() + y * input_.stride, input_.bitDepth, levels, quadsX_, even, odd);
	correctListedDefects(defectsOfRow(frame.params.dpc, y), quadsX_, even, odd);

	/* The correction of defects mirrors each colour about its own ends. */
	for (uint16_t *row : { even, odd }) {
		row[-1] = row[1];
		row[quadsX_] = row[quadsX_ - 2];
	}
}

/* The samples of a loaded row of quads, as the statistics see them. */
QuadRows RawRows::samples(int q) const
{
	const uint16_t *bySite[4];
	for (unsigned int i = 0; i < 4; ++i)
		bySite[bayerSite(input_.order, i & 1, i >> 1)] = samples_[i][q];

	return { bySite[SiteR], bySite[SiteGr], bySite[SiteGb], bySite[SiteB] };
}

/*
 * The last row that has to be loaded for row @q of the mosaic. Rows outside of
 * the frame mirror those inside, about the first and last row of samples.
 */
int RawRows::needs(int q) const
{
	const int source = q < 0 ? -q : std::min(q, quadsY_ - 1);
	return std::min(source + 1, quadsY_ - 1);
}

/* Make row @q of the mosaic, which may lie outside of the frame. */
void RawRows::makeMosaic(const Frame &frame, int q)
{
	makeMosaicRow(frame, q, 0);
	makeMosaicRow(frame, q, 1);
}

void RawRows::makeMosaicRow(const Frame &frame, int q, int row)
{
	const int source = mirror(2 * q + row, static_cast<int>(input_.size.height)) / 2;
	const int above = source > 0 ? source - 1 : 1;
	const int below = source < quadsY_ - 1 ? source + 1 : quadsY_ - 2;

	gains_.moveTo(frame.gains, source);
	for (int column = 0; column < 2; ++column) {
		const int position = 2 * row + column;
		const LineBuffer<uint16_t> &samples = samples_[position];
		uint16_t *out = mosaic_[position][q];
		correctRow(frame.params.dpc, gains_.row(bayerSite(input_.order, column, row)),
			   frame.gains.largest() >= kWideGain,
			   { samples[above], samples[source], samples[below], out }, quadsX_);
		mirrorRow(out, quadsX_, column);
	}
}

} /* namespace fovea::isp */
