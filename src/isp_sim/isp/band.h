/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The engine: a band of rows from raw samples to the outputs
 */

#pragma once

#include <span>
#include <vector>

#include "band_stats.h"
#include "demosaic_rows.h"
#include "dewarp.h"
#include "finish_rows.h"
#include "frame.h"
#include "isp.h"
#include "local_tone.h"
#include "output_writer.h"
#include "raw_rows.h"
#include "rgb_finish.h"

namespace fovea::isp {

class Band
{
public:
	Band(const Configuration &configuration, std::span<const OutputFilters> filters,
	     RowRange quadRows);

	RowRange developedRows() const;

	void process(const Frame &frame);
	void dewarp(const Frame &frame);

	const BandStats &stats() const { return stats_; }

private:
	uint16_t *rgb(unsigned int plane, unsigned int position, int q) const { return rgb_[4 * plane + position][q]; }
	void startOutputs(const Frame &frame);
	OutputWriter *directWriter(const Frame &frame);
	void loadTo(const Frame &frame, int last);
	void makePictures(const Frame &frame);
	void prefetch(const Frame &frame, int q, int developed, int part);
	void develop(const Frame &frame, int q);
	void developTones(const Frame &frame, int q, const ColourRows &rows);
	void mixWithReference(const Frame &frame, int q);
	void finishRgb(const Frame &frame, int q, const QuadPlanes &planes);
	void writeRgb(int q);
	void writeYcbcr(int q, const QuadPlanes &planes);
	void writeWideRgb(unsigned int row, const uint16_t *const planes[3]);
	void writeWideYcbcr(int q, const uint16_t *const chroma[2]);
	void keepStraight(const DewarpPicture &picture, int q, const QuadPlanes &planes);
	RowRange pictureRows(unsigned int reach) const;
	void dewarpComplete(const Frame &frame, int q);
	void dewarpQuads(const Frame &frame, const DewarpPicture &straight, unsigned int q);
	void dewarpRgb(const DewarpPicture &straight, unsigned int q, int row);
	void dewarpYcbcr(const DewarpPicture &straight, int row);
	void writeDewarped(unsigned int q);
	void finish(const Frame &frame, int q);

	const RawFormat input_;
	const int quadsX_;
	const int quadsY_;

	RowRange statsRows_;
	RowRange pictureRows_;
	/* The rows of quads that are finished in this frame. */
	RowRange rows_;
	/* What the outputs of this frame need. */
	bool needRgb_ = false;
	bool needYcbcr_ = false;
	bool rgbChanges_ = false;
	bool needWideLuma_ = false;
	bool needWideChroma_ = false;
	/* The writer that the last blocks write to themselves, if there is one. */
	OutputWriter *direct_ = nullptr;

	RawRows raw_;
	DemosaicRows demosaic_;
	LocalToneRows localTone_;
	TemporalRows temporal_;
	FinishRows finish_;
	DewarpRows dewarp_;
	/* Rows of the straight picture, if they are enough, and the next that is made of them. */
	DewarpPicture ring_;
	unsigned int dewarped_ = 0;
	BandStats stats_;

	/* R'G'B' of rows of quads, by plane * 4 + position, until they are finished. */
	LineBuffers<uint16_t> rgb_;
	/* What the conversion makes of a finished row: luma by position, Cb, Cr. */
	LineBuffer<uint16_t> converted_[kQuadPlanes];
	/* Both rows of the last row of quads, full width. */
	LineBuffer<uint16_t> wideRgb_[3];
	LineBuffer<uint16_t> wideYcbcr_[3];

	std::vector<PixelFormat> formats_;
	std::vector<OutputWriter> writers_;
};

} /* namespace fovea::isp */
