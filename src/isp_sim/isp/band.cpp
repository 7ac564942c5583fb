/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The engine: a band of rows from raw samples to the outputs
 */

#include "band.h"

#include "black_level.h"
#include "ccm.h"
#include "demosaic.h"
#include "unpack.h"
#include "wb_gains.h"

namespace fovea::isp {

namespace {

/* The most rows back that a stage looks, see demosaic(), is four. */
constexpr size_t kRingRows = 8;

/* Mirror @row of @n samples of column @column of the quads about its ends. */
void mirrorRow(uint16_t *row, int n, int column)
{
	for (int k = 1; k <= kDemosaicReach; ++k) {
		row[-k] = row[k - column];
		row[n - 1 + k] = row[n - k - column];
	}
}

/*
 * The pairs of output rows whose first row comes from the quad rows of a band.
 * Each pair belongs to exactly one band.
 */
RowRange ownedRows(const OutputFormat &format, RowRange quadRows)
{
	const auto firstFrom = [&](unsigned int quadRow) {
		unsigned int row = 0;
		while (row < format.size.height &&
		       (format.crop.y + static_cast<uint64_t>(row) * format.crop.height / format.size.height) / 2 < quadRow)
			row += 2;
		return std::min(row, format.size.height);
	};

	return { firstFrom(quadRows.first), firstFrom(quadRows.last) };
}

} /* namespace */

Frame::Frame(std::span<const uint8_t> rawFrame, const Params &frameParams,
	     std::span<const std::span<uint8_t>> frameOutputs, bool withStats)
	: raw(rawFrame), params(frameParams), outputs(frameOutputs), stats(withStats),
	  pictures(std::any_of(outputs.begin(), outputs.end(),
			       [](std::span<uint8_t> out) { return !out.empty(); })),
	  gamma(params.gamma), csc(params.csc)
{
}

OutputFilters::OutputFilters(const OutputFormat &format)
	: horizontal(format.crop.width, format.size.width),
	  vertical(format.crop.height, format.size.height)
{
}

/**
 * A band of the frame with its line buffers
 * @configuration: the configuration of the ISP
 * @filters: the filters of the outputs, outlive the band
 * @quadRows: the rows of quads of which the band makes statistics, and whose
 *	output rows it makes
 */
Band::Band(const Configuration &configuration, std::span<const OutputFilters> filters,
	   RowRange quadRows)
	: input_(configuration.input), quads_(static_cast<int>(input_.size.width / 2)),
	  s_(static_cast<int>(colourColumn(input_.order))), planeOfA_(redFirst(input_.order) ? 0 : 2),
	  statsRows_(quadRows), ae_(input_.size.width / 2, input_.size.height / 2),
	  awb_(input_.size.width / 2, input_.size.height / 2)
{
	for (LineBuffer<uint16_t> &buffer : samples_)
		buffer = LineBuffer<uint16_t>(1, quads_);
	for (LineBuffer<uint16_t> &buffer : mosaic_)
		buffer = LineBuffer<uint16_t>(kRingRows, quads_);
	for (unsigned int i = 0; i < 2; ++i) {
		horizontal_[i] = LineBuffer<int16_t>(kRingRows, quads_);
		vertical_[i] = LineBuffer<int16_t>(kRingRows, quads_);
		gradientH_[i] = LineBuffer<uint16_t>(kRingRows, quads_);
		gradientV_[i] = LineBuffer<uint16_t>(kRingRows, quads_);
		difference_[i] = LineBuffer<int16_t>(kRingRows, quads_);
	}
	for (unsigned int i = 0; i < 3; ++i) {
		rgb_[i] = LineBuffer<uint16_t>(2, input_.size.width);
		ycbcr_[i] = LineBuffer<uint16_t>(2, input_.size.width);
	}

	for (size_t i = 0; i < configuration.outputs.size(); ++i) {
		const OutputFormat &format = configuration.outputs[i];
		formats_.push_back(format.format);
		writers_.emplace_back(format, filters[i].horizontal, filters[i].vertical,
				      ownedRows(format, quadRows));

		const RowRange rows = writers_.back().inputRows();
		if (rows.empty())
			continue;

		const RowRange quadsOfRows{ rows.first / 2, (rows.last + 1) / 2 };
		if (pictureRows_.empty())
			pictureRows_ = quadsOfRows;
		pictureRows_.first = std::min(pictureRows_.first, quadsOfRows.first);
		pictureRows_.last = std::max(pictureRows_.last, quadsOfRows.last);
	}
}

/**
 * Process the band
 * @frame: the frame
 *
 * Rows of quads enter one by one and pass all stages while they are in the
 * cache. The demosaic of row q needs rows q - 3 to q + 3, so a band begins three
 * rows above its own and ends three below; outside of the picture these are the
 * mirrored ones.
 */
void Band::process(const Frame &frame)
{
	const bool pictures = frame.pictures && !pictureRows_.empty();
	int first = static_cast<int>(statsRows_.first);
	int last = static_cast<int>(statsRows_.last);
	int pictureFirst = last;
	int pictureLast = last;

	if (pictures) {
		pictureFirst = static_cast<int>(pictureRows_.first) - kDemosaicReach;
		pictureLast = static_cast<int>(pictureRows_.last) + kDemosaicReach;
		first = std::min(first, pictureFirst);
		last = std::max(last, pictureLast);
	}

	needYcbcr_ = false;
	for (size_t i = 0; i < writers_.size(); ++i) {
		uint8_t *out = frame.outputs.empty() || frame.outputs[i].empty() ? nullptr : frame.outputs[i].data();
		writers_[i].start(out);
		needYcbcr_ |= out && formats_[i] == PixelFormat::NV12;
	}

	ae_.start(frame.params.aeStats);
	awb_.start(frame.params.awbStats);

	for (int q = first; q < last; ++q) {
		const bool picture = q >= pictureFirst && q < pictureLast;
		const bool stats = q >= 0 && statsRows_.contains(static_cast<unsigned int>(q));
		if (!picture && !stats)
			continue;

		readQuadRow(frame, q);
		if (stats)
			collectStats(frame, q);
		if (picture) {
			applyGains(frame, q);
			demosaic(frame, q);
		}
	}

	ae_.finish();
	awb_.finish();
}

/* Unpack two rows and subtract the black level. */
void Band::readQuadRow(const Frame &frame, int q)
{
	for (int y = 0; y < 2; ++y) {
		const int row = mirror(2 * q + y, static_cast<int>(input_.size.height));
		uint16_t *even = samples_[2 * y][0];
		uint16_t *odd = samples_[2 * y + 1][0];

		unpackRow(frame.raw.data() + row * input_.stride, input_.bitDepth, quads_, even, odd);
		blackLevelRow(even, blackLevelOf(frame.params.blackLevel, bayerSite(input_.order, 0, y)), quads_, even);
		blackLevelRow(odd, blackLevelOf(frame.params.blackLevel, bayerSite(input_.order, 1, y)), quads_, odd);
	}
}

void Band::collectStats(const Frame &frame, int q)
{
	const uint16_t *bySite[4];
	for (unsigned int i = 0; i < 4; ++i)
		bySite[bayerSite(input_.order, i & 1, i >> 1)] = samples_[i][0];

	const QuadRows rows = { bySite[SiteR], bySite[SiteGr], bySite[SiteGb], bySite[SiteB] };
	if (frame.aeStats())
		ae_.addRow(q, rows);
	if (frame.awbStats())
		awb_.addRow(q, rows);
}

void Band::applyGains(const Frame &frame, int q)
{
	for (unsigned int i = 0; i < 4; ++i) {
		uint16_t *out = mosaic_[i][q];
		wbGainRow(samples_[i][0], wbGainOf(frame.params.wbGains, bayerSite(input_.order, i & 1, i >> 1)),
			  quads_, out);
		mirrorRow(out, quads_, i & 1);
	}
}

/*
 * Row q of the mosaic is new. The stages follow as soon as the rows that they
 * look at are there: differences of q - 1, direction of q - 2, picture of q - 3.
 */
void Band::demosaic(const Frame &frame, int q)
{
	const int done = q - kDemosaicReach;
	const int first = static_cast<int>(pictureRows_.first);

	if (blockDisabled(frame.params.demosaic.header)) {
		if (done >= first)
			interpolateBilinear(done);
	} else {
		interpolateDirected(frame.params.demosaic.direction_threshold, q);
	}

	if (done >= first) {
		finishRow(frame, 2 * done);
		finishRow(frame, 2 * done + 1);
	}
}

void Band::interpolateDirected(unsigned int threshold, int q)
{
	const int age = q - static_cast<int>(pictureRows_.first) + kDemosaicReach;

	if (age >= 2)
		findDifferences(q - 1);
	if (age >= 4)
		chooseDirections(threshold, q - 2);
	if (age >= 2 * kDemosaicReach)
		rebuild(q - 3);
}

/* Candidates and gradients of row q; the vertical gradient is that of q - 1. */
void Band::findDifferences(int q)
{
	const LineBuffer<uint16_t> &a = mosaic_[siteA()];
	const LineBuffer<uint16_t> &b = mosaic_[siteB()];
	const LineBuffer<uint16_t> &gA = mosaic_[siteGA()];
	const LineBuffer<uint16_t> &gB = mosaic_[siteGB()];

	demosaicCandidates({ a[q - 1], a[q], a[q + 1], gA[q], gB[q - 1], gB[q], s_ - 1,
			     horizontal_[0][q], vertical_[0][q] }, quads_);
	demosaicCandidates({ b[q - 1], b[q], b[q + 1], gB[q], gA[q], gA[q + 1], -s_,
			     horizontal_[1][q], vertical_[1][q] }, quads_);

	for (unsigned int i = 0; i < 2; ++i) {
		demosaicGradients({ horizontal_[i][q], vertical_[i][q - 1], vertical_[i][q],
				    gradientH_[i][q], gradientV_[i][q - 1] }, quads_);
	}
}

void Band::chooseDirections(unsigned int threshold, int q)
{
	demosaicDirection({ { gradientH_[0][q - 1], gradientH_[0][q], gradientH_[0][q + 1] },
			    { gradientV_[0][q - 1], gradientV_[0][q] },
			    { gradientH_[1][q - 1], gradientH_[1][q] },
			    gradientV_[1][q - 1], s_ - 1,
			    horizontal_[0][q], vertical_[0][q], difference_[0][q] },
			  threshold, quads_);
	demosaicDirection({ { gradientH_[1][q - 1], gradientH_[1][q], gradientH_[1][q + 1] },
			    { gradientV_[1][q - 1], gradientV_[1][q] },
			    { gradientH_[0][q], gradientH_[0][q + 1] },
			    gradientV_[0][q], -s_,
			    horizontal_[1][q], vertical_[1][q], difference_[1][q] },
			  threshold, quads_);
}

void Band::rebuild(int q)
{
	const LineBuffer<uint16_t> &planeA = rgb_[planeOfA_];
	const LineBuffer<uint16_t> &planeB = rgb_[2 - planeOfA_];

	demosaicRebuild({ mosaic_[siteA()][q], mosaic_[siteGA()][q], mosaic_[siteGB()][q], mosaic_[siteB()][q],
			  { difference_[0][q], difference_[0][q + 1] },
			  { difference_[1][q - 1], difference_[1][q] }, s_,
			  { planeA[0], planeA[1] }, { rgb_[1][0], rgb_[1][1] }, { planeB[0], planeB[1] } },
			quads_);
}

void Band::interpolateBilinear(int q)
{
	const LineBuffer<uint16_t> &a = mosaic_[siteA()];
	const LineBuffer<uint16_t> &b = mosaic_[siteB()];
	const LineBuffer<uint16_t> &gA = mosaic_[siteGA()];
	const LineBuffer<uint16_t> &gB = mosaic_[siteGB()];
	const LineBuffer<uint16_t> &planeA = rgb_[planeOfA_];
	const LineBuffer<uint16_t> &planeB = rgb_[2 - planeOfA_];

	demosaicBilinear({ { a[q - 1], a[q], a[q + 1] }, { gA[q - 1], gA[q], gA[q + 1] },
			   { gB[q - 1], gB[q], gB[q + 1] }, { b[q - 1], b[q], b[q + 1] }, s_,
			   { planeA[0], planeA[1] }, { rgb_[1][0], rgb_[1][1] }, { planeB[0], planeB[1] } },
			 quads_);
}

/* All that works on single pixels, then the outputs. */
void Band::finishRow(const Frame &frame, int y)
{
	const size_t width = input_.size.width;
	uint16_t *const rgb[3] = { rgb_[0][y], rgb_[1][y], rgb_[2][y] };
	uint16_t *const ycbcr[3] = { ycbcr_[0][y], ycbcr_[1][y], ycbcr_[2][y] };

	ccmRow(frame.params.ccm, width, rgb[0], rgb[1], rgb[2]);
	for (uint16_t *plane : rgb)
		gammaRow(frame.gamma, plane, width, plane);
	if (needYcbcr_)
		cscRow(frame.csc, width, rgb, ycbcr);

	for (size_t i = 0; i < writers_.size(); ++i)
		writers_[i].addRow(y, formats_[i] == PixelFormat::NV12 ? ycbcr : rgb);
}

} /* namespace fovea::isp */
