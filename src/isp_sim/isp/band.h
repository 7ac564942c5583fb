/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The engine: a band of rows from raw samples to the outputs
 */

#pragma once

#include <span>
#include <stdint.h>
#include <vector>

#include "ae_stats.h"
#include "awb_stats.h"
#include "csc.h"
#include "gamma.h"
#include "isp.h"
#include "line_buffer.h"
#include "output_writer.h"
#include "params.h"

namespace fovea::isp {

/* What all bands need to know of a frame. */
struct Frame {
	Frame(std::span<const uint8_t> rawFrame, const Params &frameParams,
	      std::span<const std::span<uint8_t>> frameOutputs, bool withStats);

	bool aeStats() const { return stats && !blockDisabled(params.aeStats.header); }
	bool awbStats() const { return stats && !blockDisabled(params.awbStats.header); }

	std::span<const uint8_t> raw;
	const Params &params;
	std::span<const std::span<uint8_t>> outputs;
	bool stats;
	bool pictures;
	GammaTable gamma;
	CscMatrix csc;
};

/* The filters of an output, shared by all bands. */
struct OutputFilters {
	explicit OutputFilters(const OutputFormat &format);

	ScalerFilter horizontal;
	ScalerFilter vertical;
};

class Band
{
public:
	Band(const Configuration &configuration, std::span<const OutputFilters> filters,
	     RowRange quadRows);

	void process(const Frame &frame);

	const AeAccumulator &ae() const { return ae_; }
	const AwbAccumulator &awb() const { return awb_; }

private:
	void readQuadRow(const Frame &frame, int q);
	void collectStats(const Frame &frame, int q);
	void applyGains(const Frame &frame, int q);
	void demosaic(const Frame &frame, int q);
	void interpolateDirected(unsigned int threshold, int q);
	void findDifferences(int q);
	void chooseDirections(unsigned int threshold, int q);
	void rebuild(int q);
	void interpolateBilinear(int q);
	void finishRow(const Frame &frame, int y);

	int siteA() const { return s_; }
	int siteGA() const { return 1 - s_; }
	int siteGB() const { return 2 + s_; }
	int siteB() const { return 3 - s_; }

	const RawFormat input_;
	const int quads_;
	/* Column of colour site A in a quad; plane of its colour (0 R, 2 B). */
	const int s_;
	const int planeOfA_;

	RowRange statsRows_;
	RowRange pictureRows_;
	bool needYcbcr_ = false;

	/* By position in the quad (row * 2 + column), half width. */
	LineBuffer<uint16_t> samples_[4];
	LineBuffer<uint16_t> mosaic_[4];
	/* By colour site (A, B), half width. */
	LineBuffer<int16_t> horizontal_[2];
	LineBuffer<int16_t> vertical_[2];
	LineBuffer<uint16_t> gradientH_[2];
	LineBuffer<uint16_t> gradientV_[2];
	LineBuffer<int16_t> difference_[2];
	/* Full width. */
	LineBuffer<uint16_t> rgb_[3];
	LineBuffer<uint16_t> ycbcr_[3];

	std::vector<PixelFormat> formats_;
	std::vector<OutputWriter> writers_;
	AeAccumulator ae_;
	AwbAccumulator awb_;
};

} /* namespace fovea::isp */
