/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The raw part of the pipeline, row by row of quads
 */

#include "raw_rows.h"

#include "black_level.h"
#include "correction.h"
#include "demosaic.h"
#include "dpc.h"
#include "raw_nr.h"
#include "unpack.h"

namespace fovea::isp {

namespace {

bool usesRawNr(const Frame &frame)
{
	return frame.pictures && !blockDisabled(frame.params.rawNr.header);
}

bool usesCac(const Frame &frame)
{
	return frame.pictures && !blockDisabled(frame.params.cac.header);
}

/*
 * Rows that the chromatic aberration looks at, and two more: at the end of the
 * frame the last rows need not wait for those below.
 */
constexpr size_t kCorrectedRows = 2 * kCacReach + 1 + 2;

/* Mirror each colour about its own ends, as the correction of defects looks at it. */
void mirrorColour(uint16_t *row, int n)
{
	row[-1] = row[1];
	row[n] = row[n - 2];
}

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
	  quadsY_(static_cast<int>(input.size.height / 2)), linearRows_(input), gains_(quadsX_, quadsY_),
	  smooth_(1, quadsX_), unity_(1, quadsX_), noStep_(1, quadsX_), shifts_(quadsX_, quadsY_)
{
	for (unsigned int i = 0; i < 4; ++i) {
		samples_[i] = LineBuffer<uint16_t>(kRingRows, quadsX_);
		mosaic_[i] = LineBuffer<uint16_t>(kRingRows, quadsX_);
		defectFree_[i] = LineBuffer<uint16_t>(kRingRows, quadsX_);
		corrected_[i] = LineBuffer<uint16_t>(kCorrectedRows, quadsX_);
	}

	noDefects_.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_DISABLE;

	/* The gain 1.0 in the format of GainMesh. */
	constexpr uint16_t kUnity = 2048;
	std::fill_n(unity_[0], quadsX_ + kRowMargin, kUnity);
}

/*
 * Begin a frame whose rows are loaded from @firstRow on. Unless that is the first
 * of the frame, the first rows lack neighbours and are not corrected.
 */
void RawRows::start(const Frame &frame, int firstRow)
{
	linear_ = usesLinearRange(input_, frame.params);
	rawNr_ = usesRawNr(frame);
	cac_ = usesCac(frame);
	reach_ = reach(frame);
	loaded_ = firstRow;
	defectFreeRows_ = firstRow ? firstRow + 1 : 0;
	correctedRows_ = firstRow ? defectFreeRows_ + rawNr_ : 0;
	linearRows_.start(firstRow);
	gains_.start();
	shifts_.start();
}

/* Unpack the next row of quads, subtract the black level, correct the list. */
void RawRows::load(const Frame &frame)
{
	if (linear_)
		linearRows_.load(frame, loaded_, { samples_[0][loaded_], samples_[1][loaded_],
						   samples_[2][loaded_], samples_[3][loaded_] });
	loadRow(frame, 2 * loaded_);
	loadRow(frame, 2 * loaded_ + 1);
	loaded_++;
	if (rawNr_ || cac_)
		advance(frame);
}

/* Do all that can be done with the rows that are loaded. */
void RawRows::advance(const Frame &frame)
{
	/* A row can be worked on once the one below it is there. */
	const auto complete = [&](int rows) { return rows == quadsY_ ? rows : rows - 1; };

	if (rawNr_) {
		while (defectFreeRows_ < complete(loaded_))
			removeDefects(frame, defectFreeRows_++);
	}
	if (!cac_)
		return;

	while (correctedRows_ < complete(rawNr_ ? defectFreeRows_ : loaded_)) {
		gains_.moveTo(frame.gains, correctedRows_);
		for (int position = 0; position < 4; ++position) {
			uint16_t *row = corrected_[position][correctedRows_];
			correct(frame, correctedRows_, position, row);
			std::fill_n(row - kCacReach, kCacReach, row[0]);
			std::fill_n(row + quadsX_, kCacReach, row[quadsX_ - 1]);
		}
		correctedRows_++;
	}
}

/* The correction of defects alone, for raw noise reduction. */
void RawRows::removeDefects(const Frame &frame, int q)
{
	const GainRow unity{ unity_[0], noStep_[0], 0 };

	for (int position = 0; position < 4; ++position) {
		const LineBuffer<uint16_t> &samples = samples_[position];
		uint16_t *out = defectFree_[position][q];
		correctRow(frame.params.dpc, unity, false,
			   { samples[above(q)], samples[q], samples[below(q)], out }, quadsX_);
		mirrorColour(out, quadsX_);
	}
}

/*
 * Ask for one part of the row of quads that is loaded next: the memory has the
 * time of the stages in between to answer. The first-level cache is full of the rows
 * of these stages.
 */
void RawRows::prefetch(const Frame &frame, int part) const
{
	constexpr size_t kCacheLine = 64;

	/* Linear rows are a row ahead. */
	const int next = loaded_ + linear_;
	if (next >= quadsY_)
		return;

	const size_t rowBytes = input_.size.width * (input_.bitDepth == 8 ? 1 : 2);
	const size_t start = rowBytes * part / kPrefetchParts;
	const size_t end = rowBytes * (part + 1) / kPrefetchParts;
	const int rows = 2 * static_cast<int>(input_.exposures);
	for (int row = 0; row < rows; ++row) {
		const uint8_t *src = frame.raw.data() + (rows * next + row) * input_.stride;
		for (size_t i = start; i < end; i += kCacheLine)
			__builtin_prefetch(src + i, 0, kPrefetchLocality);
	}
}

void RawRows::loadRow(const Frame &frame, int y)
{
	if (!linear_)
		unpack(frame, y);

	const int position = 2 * (y & 1);
	uint16_t *even = samples_[position][y / 2];
	uint16_t *odd = samples_[position + 1][y / 2];
	correctListedDefects(defectsOfRow(frame.params.dpc, y), quadsX_, even, odd);
	mirrorColour(even, quadsX_);
	mirrorColour(odd, quadsX_);
}

/* Frames of one exposure and at most 16 bits. */
void RawRows::unpack(const Frame &frame, int y)
{
	const int position = 2 * (y & 1);
	const uint16_t levels[] = { blackLevelOf(frame.params.blackLevel, bayerSite(input_.order, 0, y)),
				    blackLevelOf(frame.params.blackLevel, bayerSite(input_.order, 1, y)) };
	unpackRow(frame.raw.data() + y * input_.stride, input_.bitDepth, levels, quadsX_,
		  samples_[position][y / 2], samples_[position + 1][y / 2]);
}

/* The samples of a loaded row of quads, as the statistics see them. */
QuadRows RawRows::samples(int q) const
{
	const uint16_t *bySite[4];
	for (unsigned int i = 0; i < 4; ++i)
		bySite[bayerSite(input_.order, i & 1, i >> 1)] = samples_[i][q];

	return { bySite[SiteR], bySite[SiteGr], bySite[SiteGb], bySite[SiteB] };
}

/* How far above and below a row of the mosaic samples are looked at. */
int RawRows::reach(const Frame &frame)
{
	return 1 + usesRawNr(frame) + (usesCac(frame) ? kCacReach : 0);
}

/*
 * The last row that has to be loaded for row @q of the mosaic. Rows outside of
 * the frame mirror those inside, about the first and last row of samples.
 */
int RawRows::needs(int q) const
{
	const int source = q < 0 ? -q : std::min(q, quadsY_ - 1);
	return std::min(source + reach_, quadsY_ - 1);
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

	if (cac_)
		shifts_.moveTo(frame.params.cac, source);
	else
		gains_.moveTo(frame.gains, source);

	for (int column = 0; column < 2; ++column) {
		const int position = 2 * row + column;
		uint16_t *out = mosaic_[position][q];
		if (cac_)
			shiftColours(source, position, out);
		else
			correct(frame, source, position, out);
		mirrorRow(out, quadsX_, column);
	}
}

/* Defects, noise, shading and gains of one colour in row @source. */
void RawRows::correct(const Frame &frame, int source, int position, uint16_t *out)
{
	const bool wide = frame.gains.largest() >= kWideGain;
	const GainRow gains = gains_.row(bayerSite(input_.order, position & 1, position >> 1));

	if (!rawNr_) {
		const LineBuffer<uint16_t> &samples = samples_[position];
		correctRow(frame.params.dpc, gains, wide,
			   { samples[above(source)], samples[source], samples[below(source)], out }, quadsX_);
		return;
	}

	const LineBuffer<uint16_t> &samples = defectFree_[position];
	rawNrRow(frame.params.rawNr,
		 { samples[above(source)], samples[source], samples[below(source)], smooth_[0] }, quadsX_);

	/* What is left of the correction: the gains. */
	correctRow(noDefects_, gains, wide, { smooth_[0], smooth_[0], smooth_[0], out }, quadsX_);
}

/* Red and blue come from elsewhere, green from where it is. */
void RawRows::shiftColours(int source, int position, uint16_t *out)
{
	const LineBuffer<uint16_t> &corrected = corrected_[position];
	const BayerSite site = bayerSite(input_.order, position & 1, position >> 1);
	if (site != SiteR && site != SiteB) {
		std::copy_n(corrected[source], quadsX_, out);
		return;
	}

	CacRows rows;
	for (int k = -kCacReach; k <= kCacReach; ++k)
		rows.rows[k + kCacReach] = corrected[std::clamp(source + k, 0, quadsY_ - 1)];
	rows.out = out;
	cacRow(rows, site == SiteR ? shifts_.red() : shifts_.blue(), quadsX_);
}

} /* namespace fovea::isp */
