/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The raw part of the pipeline, row by row of quads
 */

#pragma once

#include "frame.h"
#include "line_buffer.h"
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
	static constexpr int kPrefetchParts = 4;

	explicit RawRows(const RawFormat &input);

	void start(int firstRow);

	int loaded() const { return loaded_; }
	void load(const Frame &frame);
	void prefetch(const Frame &frame, int part) const;
	QuadRows samples(int q) const;

	int needs(int q) const;
	void makeMosaic(const Frame &frame, int q);
	const uint16_t *mosaic(unsigned int position, int q) const { return mosaic_[position][q]; }

private:
	void loadRow(const Frame &frame, int y);
	void makeMosaicRow(const Frame &frame, int q, int row);

	const RawFormat input_;
	const int quadsX_;
	const int quadsY_;
	int loaded_ = 0;
	GainRows gains_;
	LineBuffer<uint16_t> samples_[4];
	LineBuffer<uint16_t> mosaic_[4];
};

} /* namespace fovea::isp */
