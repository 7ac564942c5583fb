/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The part of the pipeline behind the conversion to Y'CbCr, row by row of quads
 */

#pragma once

#include <array>

#include "chroma_nr.h"
#include "frame.h"
#include "line_buffer.h"
#include "output_writer.h"
#include "sharpen.h"

namespace fovea::isp {

class FinishRows
{
public:
	explicit FinishRows(const Size &size);

	/* How far, in rows of quads, a finished row looks. */
	static constexpr int kReach = 2;

	uint16_t *luma(unsigned int position, int q) const { return luma_[position][q]; }
	uint16_t *chroma(unsigned int plane) const { return chroma_[plane][0]; }

	void add(const Frame &frame, int q);
	QuadPlanes finish(const Frame &frame, int q);

	static bool canPack(const Frame &frame);
	void finishAndPack(const Frame &frame, int q, const PackedQuads &out);

private:
	/* By plane, from kChromaNrReach above to as many below. */
	using SmoothedRows = std::array<std::array<const uint16_t *, 2 * kChromaNrReach + 1>, 2>;

	SharpenRows sharpenRowsOf(int q, size_t first) const;
	SmoothedRows smoothedRows(int q, size_t first) const;

	const int quadsX_;
	const int quadsY_;
	LineBuffers<uint16_t> luma_;
	LineBuffers<uint16_t> chroma_;
	/* Chroma smoothed along the rows. */
	LineBuffers<uint16_t> smoothed_;
	LineBuffers<uint16_t> sharpened_;
	LineBuffers<uint16_t> finished_;
};

} /* namespace fovea::isp */
