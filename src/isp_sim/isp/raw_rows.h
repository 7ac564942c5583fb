/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The raw part of the pipeline, row by row of quads
 */

#pragma once

#include <array>
#include <span>

#include "cac.h"
#include "frame.h"
#include "line_buffer.h"
#include "linear_rows.h"
#include "zone_stats.h"

namespace fovea::isp {

/* Rings hold the most rows back that any stage looks. */
inline constexpr size_t kRingRows = 8;

/*
 * Rows of quads of the frame: unpacked samples, and the mosaic that is made of
 * them. Planes are by position in the quad (row * 2 + column), half width.
 */
class RawRows
{
public:
	/* Parts in which prefetch() takes a row of quads. */
	static constexpr int kPrefetchParts = 5;

	explicit RawRows(const RawFormat &input);

	void start(const Frame &frame, int firstRow, size_t mosaicRows);

	int loaded() const { return loaded_; }
	void load(const Frame &frame);
	void prefetch(const Frame &frame, int part) const;
	QuadRows samples(int q) const;

	static int reach(const Frame &frame);
	int needs(int q) const;
	void makeMosaic(const Frame &frame, int q);
	const uint16_t *mosaic(unsigned int position, int q) const { return mosaic_[position][q]; }

private:
	void unpack(const Frame &frame, const std::array<uint16_t *, 4> &out);
	void advance(const Frame &frame);
	void removeDefects(const Frame &frame, int q);
	void makeMosaicRows(const Frame &frame, int source, int first, std::span<uint16_t *const> out);
	void correct(const Frame &frame, int source, int first, std::span<uint16_t *const> out);
	void shiftColours(int source, int position, uint16_t *out);
	int above(int q) const { return q > 0 ? q - 1 : 1; }
	int below(int q) const { return q < quadsY_ - 1 ? q + 1 : quadsY_ - 2; }

	const RawFormat input_;
	const int quadsX_;
	const int quadsY_;
	/* Sites by position in the quad, and positions by site. */
	std::array<BayerSite, 4> sites_;
	std::array<unsigned int, 4> positions_;
	int loaded_ = 0;
	bool linear_ = false;
	/* By position. */
	LineBuffers<uint16_t> samples_;
	LineBuffers<uint16_t> mosaic_;
	GainRows gains_;
	LinearRangeRows linearRows_;

	/* What raw noise reduction and chromatic aberration need, if enabled. */
	bool rawNr_ = false;
	bool cac_ = false;
	int reach_ = 1;
	int defectFreeRows_ = 0;
	int correctedRows_ = 0;
	LineBuffers<uint16_t> defectFree_;
	LineBuffers<uint16_t> smooth_;
	LineBuffers<uint16_t> corrected_;
	fovea_isp_dpc noDefects_ = {};
	LineBuffer<uint16_t> unity_;
	LineBuffer<int16_t> noStep_;
	CacShifts shifts_;
};

} /* namespace fovea::isp */
