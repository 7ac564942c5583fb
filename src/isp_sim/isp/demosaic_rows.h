/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The demosaic, row by row of quads
 */

#pragma once

#include "frame.h"
#include "line_buffer.h"
#include "raw_rows.h"

namespace fovea::isp {

class DemosaicRows
{
public:
	explicit DemosaicRows(const RawFormat &input);

	/* How far, in rows of quads, a developed row looks, and how many rows of the mosaic that are kept. */
	static int reach(const Frame &frame) { return refined(frame) ? kDemosaicReach : kDemosaicReach - 1; }
	static size_t mosaicRows(const Frame &frame)
	{
		return refined(frame) || blockDisabled(frame.params.demosaic.header) ? kRingRows : kRingRows / 2;
	}

	void add(const Frame &frame, const RawRows &raw, int q, int first);
	void develop(const Frame &frame, const RawRows &raw, int q, const ColourRows &out) const;

private:
	static bool refined(const Frame &frame)
	{
		return frame.params.demosaic.refine && !blockDisabled(frame.params.demosaic.header);
	}
	void findDifferences(const RawRows &raw, int q);
	void chooseDirections(const fovea_isp_demosaic &params, int q);
	void findSides(const fovea_isp_demosaic &params, const RawRows &raw, int q);
	void mixSides(const fovea_isp_demosaic &params, int q);
	void interpolate(const RawRows &raw, int q);
	void findOther(const RawRows &raw, int q);
	void findAtGreen(const RawRows &raw, int q);
	BilinearRows bilinearRows(const RawRows &raw, int q) const;
	DifferenceRows differenceRows(const RawRows &raw, int q) const;

	int siteA() const { return s_; }
	int siteGA() const { return 1 - s_; }
	int siteGB() const { return 2 + s_; }
	int siteB() const { return 3 - s_; }

	const int quads_;
	/* Column of colour site A in a quad. */
	const int s_;

	/* By colour site (A, B), half width. */
	LineBuffers<int16_t> horizontal_;
	LineBuffers<int16_t> vertical_;
	LineBuffers<uint16_t> gradient_;
	LineBuffers<uint16_t> difference_;
	/* The same where refined; what is at green sites is that to the left and above. */
	LineBuffers<uint16_t> rowCandidate_, rowCandidateAtGreen_, rowGradient_;
	LineBuffers<uint16_t> columnCandidate_, columnCandidateAtGreen_, columnGradient_;
	LineBuffers<int16_t> columnCost_;
	LineBuffers<uint16_t> refined_;
	/* The difference of the other colour. */
	LineBuffers<uint16_t> other_;
	/* By green site (gA, gB): the differences of A and B. */
	LineBuffer<uint16_t> atGreen_[2][2];
};

} /* namespace fovea::isp */
