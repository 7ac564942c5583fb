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

} /* namespace */

RawRows::RawRows(const RawFormat &input)
	: input_(input), quadsX_(static_cast<int>(input_.size.width / 2)),
	  quadsY_(static_cast<int>(input_.size.height / 2)), samples_(4, kRingRows, quadsX_),
	  mosaic_(4, kRingRows, quadsX_), gains_(quadsX_, quadsY_), linearRows_(input),
	  defectFree_(4, kRingRows, quadsX_), smooth_(4, 1, quadsX_), corrected_(4, kCorrectedRows, quadsX_),
	  unity_(1, quadsX_), noStep_(1, quadsX_), shifts_(quadsX_, quadsY_)
{
	for (unsigned int i = 0; i < 4; ++i) {
		sites_[i] = bayerSite(input.order, i & 1, i >> 1);
		positions_[sites_[i]] = i;
	}

	noDefects_.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_DISABLE;

	/* The gain 1.0 in the format of GainMesh. */
	constexpr uint16_t kUnity = 2048;
	std::fill_n(unity_[0], quadsX_ + kRowMargin, kUnity);
}

/*
 * Begin a frame whose rows are loaded from @firstRow on. Unless that is the first
 * of the frame, the first rows lack neighbours and are not corrected. Of the mosaic
 * @mosaicRows rows are looked at, up to kRingRows.
 */
void RawRows::start(const Frame &frame, int firstRow, size_t mosaicRows)
{
	linear_ = usesLinearRange(input_, frame.params);
	rawNr_ = usesRawNr(frame);
	cac_ = usesCac(frame);
	reach_ = reach(frame);
	mosaic_.use(mosaicRows);
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
	const std::array<uint16_t *, 4> out = { samples_[0][loaded_], samples_[1][loaded_],
						samples_[2][loaded_], samples_[3][loaded_] };
	if (linear_)
		linearRows_.load(frame, loaded_, out);
	else
		unpack(frame, out);
	for (int row = 0; row < 2; ++row)
		correctListedDefects(defectsOfRow(frame.params.dpc, 2 * loaded_ + row), quadsX_, out[2 * row], out[2 * row + 1]);
	for (uint16_t *row : out)
		mirrorColour(row, quadsX_);
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
		uint16_t *const rows[] = { corrected_[0][correctedRows_], corrected_[1][correctedRows_],
					   corrected_[2][correctedRows_], corrected_[3][correctedRows_] };
		correct(frame, correctedRows_, 0, rows);
		for (uint16_t *row : rows) {
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
	Correction corrections[4];

	for (int position = 0; position < 4; ++position) {
		const Ring<uint16_t> samples = samples_[position];
		corrections[position] = { { samples[above(q)], samples[q], samples[below(q)], defectFree_[position][q] }, unity };
	}
	correctRows(frame.params.dpc, corrections, false, quadsX_);
	for (int position = 0; position < 4; ++position)
		mirrorColour(defectFree_[position][q], quadsX_);
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

/* Frames of one exposure and at most 16 bits. */
void RawRows::unpack(const Frame &frame, const std::array<uint16_t *, 4> &out)
{
	std::array<uint16_t, 4> levels;
	for (unsigned int i = 0; i < 4; ++i)
		levels[i] = blackLevelOf(frame.params.blackLevel, sites_[i]);
	unpackQuads(frame.raw.data() + 2 * loaded_ * input_.stride, input_.stride, input_.bitDepth, levels, quadsX_, out);
}

/* The samples of a loaded row of quads, as the statistics see them. */
QuadRows RawRows::samples(int q) const
{
	const auto row = [&](BayerSite site) { return samples_[positions_[site]][q]; };
	return { row(SiteR), row(SiteGr), row(SiteGb), row(SiteB) };
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
	uint16_t *const out[] = { mosaic_[0][q], mosaic_[1][q], mosaic_[2][q], mosaic_[3][q] };
	const int height = static_cast<int>(input_.size.height);
	const int upper = mirror(2 * q, height) / 2;
	const int lower = mirror(2 * q + 1, height) / 2;

	if (upper == lower) {
		makeMosaicRows(frame, upper, 0, out);
	} else {
		makeMosaicRows(frame, upper, 0, std::span(out).first(2));
		makeMosaicRows(frame, lower, 2, std::span(out).last(2));
	}
	for (int position = 0; position < 4; ++position)
		mirrorColumns(out[position], quadsX_, position & 1, kDemosaicReach);
}

/* The samples of row @source from position @first in the quad on. */
void RawRows::makeMosaicRows(const Frame &frame, int source, int first, std::span<uint16_t *const> out)
{
	if (!cac_) {
		correct(frame, source, first, out);
		return;
	}

	shifts_.moveTo(frame.params.cac, source);
	for (uint16_t *row : out)
		shiftColours(source, first++, row);
}

/* Defects, noise, shading and gains of row @source from position @first on. */
void RawRows::correct(const Frame &frame, int source, int first, std::span<uint16_t *const> out)
{
	const fovea_isp_dpc &dpc = rawNr_ ? noDefects_ : frame.params.dpc;
	Correction corrections[4];

	gains_.moveTo(frame.gains, source);
	for (size_t i = 0; i < out.size(); ++i) {
		const int position = first + static_cast<int>(i);
		const Ring<uint16_t> samples = rawNr_ ? defectFree_[position] : samples_[position];
		CorrectionRows rows = { samples[above(source)], samples[source], samples[below(source)], out[i] };
		if (rawNr_) {
			uint16_t *smooth = smooth_[position][0];
			rawNrRow(frame.params.rawNr, { rows.above, rows.samples, rows.below, smooth }, quadsX_);
			/* What is left of the correction: the gains. */
			rows = { smooth, smooth, smooth, out[i] };
		}
		corrections[i] = { rows, gains_.row(sites_[position]) };
	}
	correctRows(dpc, { corrections, out.size() }, frame.gains.largest() >= kWideGain, quadsX_);
}

/* Red and blue come from elsewhere, green from where it is. */
void RawRows::shiftColours(int source, int position, uint16_t *out)
{
	const Ring<uint16_t> corrected = corrected_[position];
	const BayerSite site = sites_[position];
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
