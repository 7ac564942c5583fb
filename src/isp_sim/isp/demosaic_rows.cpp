/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The demosaic, row by row of quads
 */

#include "demosaic_rows.h"

#include "demosaic.h"

namespace fovea::isp {

/* Rings hold the rows that a later step looks at, see add() and develop(), and no more. */
DemosaicRows::DemosaicRows(const RawFormat &input)
	: quads_(static_cast<int>(input.size.width / 2)), s_(static_cast<int>(colourColumn(input.order))),
	  horizontal_(2, 2, quads_), vertical_(2, 4, quads_), gradient_(2, 4, quads_), difference_(2, 4, quads_),
	  rowCandidate_(2, 4, quads_), rowCandidateAtGreen_(2, 4, quads_), rowGradient_(2, 4, quads_),
	  columnCandidate_(2, 4, quads_), columnCandidateAtGreen_(2, 4, quads_), columnGradient_(2, 2, quads_),
	  columnCost_(2, 4, quads_), refined_(2, 4, quads_), other_(2, 4, quads_)
{
	for (auto &buffers : atGreen_) {
		for (LineBuffer<uint16_t> &rows : buffers)
			rows = LineBuffer<uint16_t>(1, quads_);
	}
}

/**
 * Go on with a new row of the mosaic
 * @q: its number; rows come in increasing order
 * @first: the first row
 *
 * The steps follow as soon as the rows that they look at are there: differences
 * of q - 1 and directions of q - 2, or, refined, what the sides give of q - 1, differences
 * of q - 3, and what they give at the other sites of q - 4. That row can then be developed.
 */
void DemosaicRows::add(const Frame &frame, const RawRows &raw, int q, int first)
{
	if (blockDisabled(frame.params.demosaic.header))
		return;

	const fovea_isp_demosaic &params = frame.params.demosaic;
	if (params.refine) {
		if (q - first >= 2)
			findSides(params, raw, q - 1);
		if (q - first >= 6)
			mixSides(params, q - 3);
		if (q - first >= 7)
			interpolate(raw, q - 4);
		return;
	}

	if (q - first >= 2)
		findDifferences(raw, q - 1);
	if (q - first >= 4)
		chooseDirections(params, q - 2);
}

void DemosaicRows::findDifferences(const RawRows &raw, int q)
{
	const auto a = [&](int row) { return raw.mosaic(siteA(), row); };
	const auto b = [&](int row) { return raw.mosaic(siteB(), row); };
	const auto gA = [&](int row) { return raw.mosaic(siteGA(), row); };
	const auto gB = [&](int row) { return raw.mosaic(siteGB(), row); };
	const CandidateRows sites[] = {
		{ a(q - 1), a(q), a(q + 1), gA(q), gB(q - 1), gB(q), s_ - 1,
		  horizontal_[0][q], vertical_[0][q], gradient_[0][q] },
		{ b(q - 1), b(q), b(q + 1), gB(q), gA(q), gA(q + 1), -s_,
		  horizontal_[1][q], vertical_[1][q], gradient_[1][q] },
	};

	demosaicCandidates(sites, quads_);
}

void DemosaicRows::chooseDirections(const fovea_isp_demosaic &params, int q)
{
	DirectionRows sites[2];
	for (unsigned int i = 0; i < 2; ++i)
		sites[i] = { { gradient_[i][q - 1], gradient_[i][q], gradient_[i][q + 1] },
			     { vertical_[i][q - 1], vertical_[i][q], vertical_[i][q + 1] },
			     horizontal_[i][q], difference_[i][q] };

	demosaicDirection(sites, params.direction_threshold, quads_);
	mirrorColumns(difference_[0][q], quads_, s_, 1);
	mirrorColumns(difference_[1][q], quads_, 1 - s_, 1);
}

/* The first two rows have no candidates above them yet, and no part in row first + 3. */
void DemosaicRows::findSides(const fovea_isp_demosaic &params, const RawRows &raw, int q)
{
	const auto a = [&](int row) { return raw.mosaic(siteA(), row); };
	const auto b = [&](int row) { return raw.mosaic(siteB(), row); };
	const auto gA = [&](int row) { return raw.mosaic(siteGA(), row); };
	const auto gB = [&](int row) { return raw.mosaic(siteGB(), row); };

	const RowSidesRows rows[] = {
		{ a(q), gA(q), s_ - 1, rowCandidate_[0][q], rowCandidateAtGreen_[0][q], rowGradient_[0][q] },
		{ b(q), gB(q), -s_, rowCandidate_[1][q], rowCandidateAtGreen_[1][q], rowGradient_[1][q] },
	};
	demosaicRowSides(rows, quads_);

	const ColumnSidesRows columns[] = {
		{ { a(q - 1), a(q), a(q + 1) }, { gB(q - 2), gB(q - 1), gB(q) },
		  columnCandidate_[0][q - 1], columnGradient_[0][q - 1],
		  columnCandidate_[0][q], columnCandidateAtGreen_[0][q], columnGradient_[0][q], columnCost_[0][q] },
		{ { b(q - 1), b(q), b(q + 1) }, { gA(q - 1), gA(q), gA(q + 1) },
		  columnCandidate_[1][q - 1], columnGradient_[1][q - 1],
		  columnCandidate_[1][q], columnCandidateAtGreen_[1][q], columnGradient_[1][q], columnCost_[1][q] },
	};
	demosaicColumnSides(columns, params.direction_threshold, quads_);
}

void DemosaicRows::mixSides(const fovea_isp_demosaic &params, int q)
{
	MixSidesRows sites[2];
	for (unsigned int i = 0; i < 2; ++i)
		sites[i] = { { rowGradient_[i][q - 1], rowGradient_[i][q], rowGradient_[i][q + 1] },
			     rowCandidate_[i][q], rowCandidateAtGreen_[i][q],
			     { columnCost_[i][q], columnCost_[i][q + 2] }, columnCandidate_[i][q],
			     { columnCandidateAtGreen_[i][q], columnCandidateAtGreen_[i][q + 1] }, refined_[i][q] };
	demosaicMixSides(sites, params.direction_threshold, quads_);
}

/* Differences of both colours at all sites of row @q, with refined ones below of it. */
void DemosaicRows::interpolate(const RawRows &raw, int q)
{
	findOther(raw, q);
	findAtGreen(raw, q);
}

/* The other colour at A of the row below and at B, which look at each other's rows. */
void DemosaicRows::findOther(const RawRows &raw, int q)
{
	const auto a = [&](int row) { return raw.mosaic(siteA(), row); };
	const auto b = [&](int row) { return raw.mosaic(siteB(), row); };

	const CornerRows sites[] = {
		{ a(q + 1), refined_[0][q + 1], { b(q), b(q + 1) }, { refined_[1][q], refined_[1][q + 1] },
		  s_ - 1, other_[0][q + 1] },
		{ b(q), refined_[1][q], { a(q), a(q + 1) }, { refined_[0][q], refined_[0][q + 1] }, -s_, other_[1][q] },
	};
	demosaicCorners(sites, quads_);
}

/* Beside gA is A, above and below of it B; beside gB is B. */
void DemosaicRows::findAtGreen(const RawRows &raw, int q)
{
	const auto gA = [&](int row) { return raw.mosaic(siteGA(), row); };
	const auto gB = [&](int row) { return raw.mosaic(siteGB(), row); };
	/* The difference of colour @i at site A, at site B. */
	const auto atA = [&](int i, int row) { return i == 0 ? refined_[0][row] : other_[0][row]; };
	const auto atB = [&](int i, int row) { return i == 1 ? refined_[1][row] : other_[1][row]; };

	CrossRows sites[2] = {
		{ { gA(q - 1), gA(q), gA(q + 1) }, {}, -s_ },
		{ { gB(q - 1), gB(q), gB(q + 1) }, {}, s_ - 1 },
	};
	for (int i = 0; i < 2; ++i) {
		sites[0].colours[i] = { atA(i, q), atB(i, q - 1), atB(i, q), atGreen_[0][i][q] };
		sites[1].colours[i] = { atB(i, q), atA(i, q), atA(i, q + 1), atGreen_[1][i][q] };
	}
	demosaicCross(sites, quads_);
}

/* All that works on single pixels of row @q. */
void DemosaicRows::develop(const Frame &frame, const RawRows &raw, int q, const ColourRows &out) const
{
	if (blockDisabled(frame.params.demosaic.header)) {
		developRow(bilinearRows(raw, q), frame.colour, out, quads_);
		return;
	}

	if (frame.params.demosaic.refine) {
		developRow(differenceRows(raw, q), frame.colour, out, quads_);
		return;
	}

	const RebuildRows rows{ raw.mosaic(siteA(), q), raw.mosaic(siteGA(), q),
				raw.mosaic(siteGB(), q), raw.mosaic(siteB(), q),
				{ difference_[0][q], difference_[0][q + 1] },
				{ difference_[1][q - 1], difference_[1][q] }, s_ };
	developRow(rows, frame.colour, out, quads_);
}

DifferenceRows DemosaicRows::differenceRows(const RawRows &raw, int q) const
{
	return { raw.mosaic(siteA(), q), raw.mosaic(siteGA(), q), raw.mosaic(siteGB(), q), raw.mosaic(siteB(), q),
		 { refined_[0][q], atGreen_[0][0][q], atGreen_[1][0][q], other_[1][q] },
		 { other_[0][q], atGreen_[0][1][q], atGreen_[1][1][q], refined_[1][q] }, s_ };
}

BilinearRows DemosaicRows::bilinearRows(const RawRows &raw, int q) const
{
	BilinearRows rows;

	rows.s = s_;
	for (int i = 0; i < 3; ++i) {
		rows.a[i] = raw.mosaic(siteA(), q - 1 + i);
		rows.gA[i] = raw.mosaic(siteGA(), q - 1 + i);
		rows.gB[i] = raw.mosaic(siteGB(), q - 1 + i);
		rows.b[i] = raw.mosaic(siteB(), q - 1 + i);
	}

	return rows;
}

} /* namespace fovea::isp */
