/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The vector kernel of each block equals its scalar reference
 */

/*
 * Every instruction set of the processor, every length around the vector width,
 * samples that are often at the ends of their range.
 */

#include <functional>
#include <string.h>

#include <gtest/gtest.h>

#include "isp_sim/isp/ae_stats.h"
#include "isp_sim/isp/af_stats.h"
#include "isp_sim/isp/awb_stats.h"
#include "isp_sim/isp/black_level.h"
#include "isp_sim/isp/cac.h"
#include "isp_sim/isp/ccm.h"
#include "isp_sim/isp/chroma_nr.h"
#include "isp_sim/isp/colour.h"
#include "isp_sim/isp/correction.h"
#include "isp_sim/isp/csc.h"
#include "isp_sim/isp/decompand.h"
#include "isp_sim/isp/demosaic.h"
#include "isp_sim/isp/dewarp.h"
#include "isp_sim/isp/dpc.h"
#include "isp_sim/isp/local_tone.h"
#include "isp_sim/isp/lsc.h"
#include "isp_sim/isp/lut3d.h"
#include "isp_sim/isp/merge.h"
#include "isp_sim/isp/pack.h"
#include "isp_sim/isp/range.h"
#include "isp_sim/isp/raw_nr.h"
#include "isp_sim/isp/row_stats.h"
#include "isp_sim/isp/rgb_finish.h"
#include "isp_sim/isp/scaler.h"
#include "isp_sim/isp/sharpen.h"
#include "isp_sim/isp/temporal_nr.h"
#include "isp_sim/isp/tone_stats.h"
#include "isp_sim/isp/unpack.h"

#include "test_data.h"

using namespace fovea::isp;
using namespace fovea::isp::test;

namespace {

/* Around twice the widest vector of 16-bit samples, which is 32. */
constexpr unsigned int kMaxLength = 70;

/* What kernels may touch behind the end of a row of samples. */
constexpr size_t kVector = 64;

void forEachLength(const std::function<void(unsigned int, Random *)> &function)
{
	forEachTarget([&] {
		for (unsigned int n = 1; n <= kMaxLength; ++n) {
			SCOPED_TRACE(n);
			Random random(n);
			function(n, &random);
			if (testing::Test::HasFailure())
				return;
		}
	});
}

Planes makePlanes(unsigned int width, unsigned int height, int max, Random *random)
{
	Planes planes;
	for (Plane &plane : planes)
		plane = makeMosaic(width, height, max, random->bits());
	return planes;
}

std::vector<uint16_t> padded(const Plane &plane, unsigned int y)
{
	std::vector<uint16_t> row(plane.row(y), plane.row(y) + plane.width);
	row.resize(plane.width + kVector);
	return row;
}

void expectRow(const Plane &expected, unsigned int y, const std::vector<uint16_t> &actual)
{
	for (unsigned int x = 0; x < expected.width; ++x)
		ASSERT_EQ(expected.row(y)[x], actual[x]) << "at " << x;
}

/* Row @y of @plane with a margin in front too. */
std::vector<uint16_t> margined(const Plane &plane, unsigned int y)
{
	std::vector<uint16_t> row(kVector);
	row.insert(row.end(), plane.row(y), plane.row(y) + plane.width);
	row.resize(row.size() + kVector);
	return row;
}

/*
 * Column @column of the quads of row @y, with a margin on both sides. The first
 * samples beyond the ends are mirrored about the column's own ends.
 */
std::vector<uint16_t> splitRow(const Plane &plane, unsigned int y, unsigned int column)
{
	const unsigned int n = plane.width / 2;
	std::vector<uint16_t> row(n + 2 * kVector);
	for (unsigned int x = 0; x < n; ++x)
		row[kVector + x] = plane.row(y)[2 * x + column];
	if (n > 1) {
		row[kVector - 1] = row[kVector + 1];
		row[kVector + n] = row[kVector + n - 2];
	}
	return row;
}

/* The rows around row 1 of quads of a mosaic, as the bilinear demosaic sees them. */
struct Neighbourhood {
	Neighbourhood(const Plane &mosaic, BayerOrder order)
	{
		const int n = static_cast<int>(mosaic.width / 2);
		rows.s = static_cast<int>(colourColumn(order));
		const int positions[4] = { rows.s, 1 - rows.s, 2 + rows.s, 3 - rows.s };
		const uint16_t **targets[4] = { rows.a, rows.gA, rows.gB, rows.b };
		for (int site = 0; site < 4; ++site) {
			for (int q = 0; q < 3; ++q) {
				const int column = positions[site] & 1;
				std::vector<uint16_t> &row = storage[site][q];
				row = splitRow(mosaic, 2 * q + positions[site] / 2, column);
				row[kVector - 1] = row[kVector + 1 - column];
				row[kVector + n] = row[kVector + n - 1 - column];
				targets[site][q] = row.data() + kVector;
			}
		}
	}

	std::vector<uint16_t> storage[4][3];
	BilinearRows rows;
};

/* All rows of quads of one kind, those around the picture too, where kernels need rings. */
template<typename T>
class QuadGrid
{
public:
	QuadGrid(unsigned int quadsX, unsigned int quadsY)
		: rows_(quadsY + 2 * kAround, std::vector<T>(quadsX + 3 * kVector))
	{
	}

	T *operator[](int q) { return rows_[q + kAround].data() + kVector; }

private:
	/* Kernels of the first row look at what lies two above. */
	static constexpr int kAround = kDemosaicReach + 2;

	std::vector<std::vector<T>> rows_;
};

/* The kernels of the refined demosaic over a whole mosaic. */
class RefinedKernels
{
	using Rows = QuadGrid<uint16_t>;

public:
	RefinedKernels(const Plane &mosaic, BayerOrder order, unsigned int threshold)
		: s_(static_cast<int>(colourColumn(order))), quadsX_(mosaic.width / 2), quadsY_(static_cast<int>(mosaic.height / 2))
	{
		constexpr int kReach = kDemosaicReach;
		const int positions[4] = { s_, 1 - s_, 2 + s_, 3 - s_ };
		const int width = static_cast<int>(mosaic.width);
		Rows *const sites[4] = { &colour_[0], &green_[0], &green_[1], &colour_[1] };
		for (int site = 0; site < 4; ++site) {
			for (int q = -kReach; q < quadsY_ + kReach; ++q) {
				const uint16_t *row = mosaic.row(mirror(2 * q + positions[site] / 2, 2 * quadsY_));
				for (int x = -kReach; x < width / 2 + kReach; ++x)
					(*sites[site])[q][x] = row[mirror(2 * x + positions[site] % 2, width)];
			}
		}

		for (int q = 1 - kReach; q < quadsY_ + kReach - 1; ++q)
			findSides(q, threshold);
		for (int q = -1; q <= quadsY_; ++q)
			mixSides(q, threshold);
		for (int q = -1; q < quadsY_; ++q)
			findOther(q);
		for (int q = 0; q < quadsY_; ++q)
			findAtGreen(q);
	}

	void expectEqual(const ColourDifferences &expected, BayerOrder order)
	{
		const std::vector<int16_t> *planes[2] = { &expected.red, &expected.blue };
		if (!redFirst(order))
			std::swap(planes[0], planes[1]);
		for (int q = 0; q < quadsY_; ++q) {
			for (unsigned int i = 0; i < 2; ++i) {
				Rows &atA = i == 0 ? difference_[0] : other_[0];
				Rows &atB = i == 1 ? difference_[1] : other_[1];
				const uint16_t *rows[4] = { atA[q], atGreen_[0][i][q], atGreen_[1][i][q], atB[q] };
				const int positions[4] = { s_, 1 - s_, 2 + s_, 3 - s_ };
				for (unsigned int site = 0; site < 4; ++site) {
					SCOPED_TRACE(testing::Message() << "row " << q << ", colour " << i << ", site " << site);
					const size_t at = expected.at(positions[site] % 2, 2 * q + positions[site] / 2);
					for (unsigned int x = 0; x < quadsX_; ++x)
						ASSERT_EQ((*planes[i])[at + 2 * x], rows[site][x] - kDifferenceOffset) << "at " << x;
				}
			}
		}
	}

private:
	void findSides(int q, unsigned int threshold)
	{
		RowSidesRows rows[2];
		ColumnSidesRows columns[2];
		for (int i = 0; i < 2; ++i) {
			Rows &c = colour_[i];
			Rows &g = green_[1 - i];
			const int left = (i == 0 ? s_ : 1 - s_) - 1;
			/* The green above A is in the quad above, that above B in its own. */
			const int above = i - 1;
			rows[i] = { c[q], green_[i][q], left, horizontal_[i][q], horizontalAtGreen_[i][q], gradientH_[i][q] };
			columns[i] = { { c[q - 1], c[q], c[q + 1] }, { g[q + above - 1], g[q + above], g[q + above + 1] },
				       vertical_[i][q - 1], gradientV_[i][q - 1], vertical_[i][q], verticalAtGreen_[i][q],
				       gradientV_[i][q], cost_[i][q] };
		}
		demosaicRowSides(rows, quadsX_);
		demosaicColumnSides(columns, threshold, quadsX_);
	}

	void mixSides(int q, unsigned int threshold)
	{
		MixSidesRows sites[2];
		for (int i = 0; i < 2; ++i)
			sites[i] = { { gradientH_[i][q - 1], gradientH_[i][q], gradientH_[i][q + 1] }, horizontal_[i][q],
				     horizontalAtGreen_[i][q], { cost_[i][q], cost_[i][q + 2] }, vertical_[i][q],
				     { verticalAtGreen_[i][q], verticalAtGreen_[i][q + 1] }, difference_[i][q] };
		demosaicMixSides(sites, threshold, quadsX_);
	}

	void findOther(int q)
	{
		const CornerRows sites[] = {
			{ colour_[0][q + 1], difference_[0][q + 1], { colour_[1][q], colour_[1][q + 1] },
			  { difference_[1][q], difference_[1][q + 1] }, s_ - 1, other_[0][q + 1] },
			{ colour_[1][q], difference_[1][q], { colour_[0][q], colour_[0][q + 1] },
			  { difference_[0][q], difference_[0][q + 1] }, -s_, other_[1][q] },
		};
		demosaicCorners(sites, quadsX_);
	}

	void findAtGreen(int q)
	{
		/* Colour A, then B, where A is measured and where B is. */
		Rows *const atA[2] = { &difference_[0], &other_[0] };
		Rows *const atB[2] = { &other_[1], &difference_[1] };
		CrossRows sites[] = {
			{ { green_[0][q - 1], green_[0][q], green_[0][q + 1] }, {}, -s_ },
			{ { green_[1][q - 1], green_[1][q], green_[1][q + 1] }, {}, s_ - 1 },
		};
		for (int i = 0; i < 2; ++i) {
			sites[0].colours[i] = { (*atA[i])[q], (*atB[i])[q - 1], (*atB[i])[q], atGreen_[0][i][q] };
			sites[1].colours[i] = { (*atB[i])[q], (*atA[i])[q], (*atA[i])[q + 1], atGreen_[1][i][q] };
		}
		demosaicCross(sites, quadsX_);
	}

	const int s_;
	const unsigned int quadsX_;
	const int quadsY_;
	const Rows empty_{ quadsX_, static_cast<unsigned int>(quadsY_) };
	/* By colour site (A, B) and by green site. */
	Rows colour_[2]{ empty_, empty_ }, green_[2]{ empty_, empty_ };
	Rows horizontal_[2]{ empty_, empty_ }, horizontalAtGreen_[2]{ empty_, empty_ }, gradientH_[2]{ empty_, empty_ };
	Rows vertical_[2]{ empty_, empty_ }, verticalAtGreen_[2]{ empty_, empty_ }, gradientV_[2]{ empty_, empty_ };
	QuadGrid<int16_t> cost_[2]{ { quadsX_, static_cast<unsigned int>(quadsY_) }, { quadsX_, static_cast<unsigned int>(quadsY_) } };
	Rows difference_[2]{ empty_, empty_ }, other_[2]{ empty_, empty_ };
	Rows atGreen_[2][2]{ { empty_, empty_ }, { empty_, empty_ } };
};

/* The chosen instruction set develops row 1 of quads as the references do. */
void expectDeveloped(const Params &params, BayerOrder order, const Plane &mosaic)
{
	const unsigned int n = mosaic.width / 2;
	fovea_isp_demosaic bilinear = params.demosaic;
	bilinear.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_DISABLE;

	Planes rgb, ycbcr;
	ColourDifferences differences;
	demosaicReference(mosaic, order, bilinear, &differences);
	ccmReference(params.ccm, differences, &rgb);
	gammaReference(params.gamma, &rgb);
	cscReference(params.csc, rgb, &ycbcr);

	std::vector<uint16_t> rows[4][4], chroma[2];
	ColourRows out;
	out.redIsA = redFirst(order);
	out.wantRgb = true;
	out.linear = false;
	for (unsigned int position = 0; position < 4; ++position) {
		for (unsigned int i = 0; i < 4; ++i)
			rows[i][position].resize(n + kVector);
		out.luma[position] = rows[3][position].data();
		for (unsigned int i = 0; i < 3; ++i)
			out.rgb[i][position] = rows[i][position].data();
	}
	for (unsigned int i = 0; i < 2; ++i) {
		chroma[i].resize(n + kVector);
		out.chroma[i] = chroma[i].data();
	}

	const Neighbourhood neighbourhood(mosaic, order);
	const Colour colour(params.ccm, params.gamma, params.csc);
	developRow(neighbourhood.rows, colour, out, n);

	/* Without R'G'B' the rest is the same. */
	const std::vector<uint16_t> luma = rows[3][2];
	out.wantRgb = false;
	developRow(neighbourhood.rows, colour, out, n);
	EXPECT_EQ(luma, rows[3][2]);

	const auto expectRows = [&] {
		for (unsigned int x = 0; x < 2 * n; ++x) {
			for (unsigned int y = 0; y < 2; ++y) {
				const unsigned int position = 2 * y + (x & 1);
				for (unsigned int i = 0; i < 3; ++i)
					ASSERT_EQ(rgb[i].row(2 + y)[x], rows[i][position][x / 2]) << "plane " << i << ", at " << x;
				ASSERT_EQ(ycbcr[0].row(2 + y)[x], rows[3][position][x / 2]) << "luma at " << x;
			}
			for (unsigned int i = 0; i < 2; ++i)
				ASSERT_EQ(ycbcr[i + 1].row(1)[x / 2], chroma[i][x / 2]) << "chroma " << i << " at " << x / 2;
		}
	};
	expectRows();

	/* Step by step it is the same, too. */
	out.linear = true;
	developRow(neighbourhood.rows, colour, out, n);
	for (const auto &plane : out.rgb) {
		for (uint16_t *row : plane)
			gammaRow(colour.gamma, n, row);
	}
	convertRow(colour, out, n);
	expectRows();
}

/* The rows of a row of quads, and what points to them. */
struct QuadStorage {
	QuadStorage(const Planes &planes, unsigned int q)
	{
		for (unsigned int plane = 0; plane < 3; ++plane) {
			for (unsigned int position = 0; position < 4; ++position) {
				std::vector<uint16_t> &row = storage[plane][position];
				row = splitRow(planes[plane], 2 * q + position / 2, position & 1);
				rows[plane][position] = row.data() + kVector;
			}
		}
	}

	std::vector<uint16_t> storage[3][4];
	RgbQuads rows;
};

void expectQuads(const Planes &expected, unsigned int q, const RgbQuads &rows)
{
	for (unsigned int plane = 0; plane < 3; ++plane) {
		for (unsigned int y = 0; y < 2; ++y) {
			for (unsigned int x = 0; x < expected[0].width; ++x)
				ASSERT_EQ(expected[plane].row(2 * q + y)[x], rows[plane][2 * y + (x & 1)][x / 2])
					<< "plane " << plane << ", at " << x << ", row " << 2 * q + y;
		}
	}
}

/* All rows of a picture of @size through a mesh, against the reference. */
void expectDewarp(const fovea_isp_dewarp &params, const Size &size, Random *random)
{
	const Planes in = { makeMosaic(size.width, size.height, 4095, random->bits()),
			    makeMosaic(size.width / 2, size.height / 2, 4095, random->bits()),
			    makeMosaic(size.width / 2, size.height / 2, 4095, random->bits()) };
	Planes expected = in;
	Planes rgb = { in[0], in[0], in[0] };
	dewarpReference(params, &expected, &rgb);
	EXPECT_EQ(rgb[1].samples, expected[0].samples);

	const DewarpPicture picture(size, true);
	const auto keep = [](const Plane &plane, const DewarpPlane &out) {
		for (unsigned int y = 0; y < plane.height; ++y) {
			std::copy_n(plane.row(y), plane.width, out.row(y));
			out.finishRow(y);
		}
	};
	for (unsigned int i = 0; i < 3; ++i) {
		keep(in[i], picture.ycbcr[i]);
		keep(in[0], picture.rgb[i]);
	}

	DewarpRows rows(size);
	std::vector<uint16_t> out[3];
	uint16_t *planes[3];
	for (unsigned int i = 0; i < 3; ++i) {
		out[i].resize(size.width + kVector);
		planes[i] = out[i].data();
	}
	for (unsigned int y = 0; y < size.height; ++y) {
		rows.moveTo(params, y);
		rows.sample(std::span(picture.ycbcr, 1), planes);
		expectRow(expected[0], y, out[0]);
		rows.sample(picture.rgb, planes);
		expectRow(expected[0], y, out[0]);
		expectRow(expected[0], y, out[2]);
		if (y % 2)
			continue;
		rows.sampleChroma(std::span(picture.ycbcr).subspan(1), planes);
		expectRow(expected[1], y / 2, out[0]);
		expectRow(expected[2], y / 2, out[1]);
	}
}

} /* namespace */

/* Every row of quads of small and odd grids of zones, dark and bright. */
TEST(Kernels, LocalTone)
{
	forEachLength([&](unsigned int n, Random *random) {
		const unsigned int quadsY = 8 + n % 23;
		Params params = makeRandomParams(random->bits());
		params.localTone.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
		const Planes in = makePlanes(2 * n, 2 * quadsY, random->uniform(0, 1) ? 16383 : 700, random);
		Planes expected = in;
		localToneReference(params.localTone, &expected);

		LocalToneRows rows(n, quadsY);
		for (unsigned int q = 0; q < quadsY; ++q) {
			const QuadStorage quads(in, q);
			rows.apply(params.localTone, q, quads.rows);
			expectQuads(expected, q, quads.rows);
		}
	});
}

TEST(Kernels, Lut3d)
{
	Params params = makeRandomParams(1);
	params.lut3d.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
	Lut3dTable table;
	table.update(makeRandomParams(2).lut3d);
	table.update(params.lut3d);

	forEachLength([&](unsigned int n, Random *random) {
		Planes in = makePlanes(n, 64, 4095, random);
		/* Equal fractions and whole nodes. */
		for (unsigned int x = 0; x < n; ++x) {
			in[1].row(0)[x] = in[0].row(0)[x];
			in[2].row(1)[x] = in[0].row(1)[x];
			in[2].row(2)[x] = in[1].row(2)[x];
			for (Plane &plane : in)
				plane.row(3)[x] &= 0xf00;
		}
		Planes expected = in;
		lut3dReference(params.lut3d, &expected);

		for (unsigned int y = 0; y < 64; ++y) {
			std::vector<uint16_t> rows[] = { padded(in[0], y), padded(in[1], y), padded(in[2], y) };
			/* What lies behind a row must not matter. */
			for (std::vector<uint16_t> &row : rows)
				std::fill(row.begin() + n, row.end(), 65535);
			lut3dRow(table, n, rows[0].data(), rows[1].data(), rows[2].data());
			for (unsigned int i = 0; i < 3; ++i)
				expectRow(expected[i], y, rows[i]);
		}
	});
}

/* Frames in a row, of which some restart. */
TEST(Kernels, TemporalNr)
{
	forEachLength([&](unsigned int n, Random *random) {
		constexpr unsigned int kRows = 3;
		TemporalState state;
		TemporalFrames frames({ 2 * n, 2 * kRows });
		TemporalRows rows(n);

		for (unsigned int frame = 0; frame < 4; ++frame) {
			Params params = makeRandomParams(random->bits());
			params.temporalNr.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
			const int max = random->uniform(0, 1) ? 4095 : 50;
			const Planes in = { makeMosaic(2 * n, 2 * kRows, max, random->bits()),
					    makeMosaic(n, kRows, max, random->bits()), makeMosaic(n, kRows, max, random->bits()) };
			Planes expected = in;
			temporalNrReference(params.temporalNr, &state, &expected);

			for (unsigned int q = 0; q < kRows; ++q) {
				std::vector<uint16_t> storage[kQuadPlanes];
				uint16_t *planes[kQuadPlanes];
				for (unsigned int i = 0; i < kQuadPlanes; ++i) {
					storage[i] = i < 4 ? splitRow(in[0], 2 * q + i / 2, i % 2) : margined(in[i - 3], q);
					planes[i] = storage[i].data() + kVector;
				}
				const std::vector<uint16_t> before[] = { storage[0], storage[5] };
				rows.apply(params.temporalNr, frames, q, true, planes);

				for (unsigned int x = 0; x < n; ++x) {
					for (unsigned int i = 0; i < 4; ++i) {
						ASSERT_EQ(expected[0].row(2 * q + i / 2)[2 * x + i % 2], planes[i][x]) << "at " << x;
						ASSERT_EQ(state.planes[0].row(2 * q + i / 2)[2 * x + i % 2], frames.now(i, q)[x]);
					}
					for (unsigned int i = 4; i < kQuadPlanes; ++i) {
						ASSERT_EQ(expected[i - 3].row(q)[x], planes[i][x]) << "at " << x;
						ASSERT_EQ(state.planes[i - 3].row(q)[x], frames.now(i, q)[x]);
					}
				}

				/* A row of another band gives the same and does not touch the frame. */
				const uint16_t kept = frames.now(0, q)[0];
				storage[0] = before[0];
				storage[5] = before[1];
				planes[0] = storage[0].data() + kVector;
				planes[5] = storage[5].data() + kVector;
				rows.apply(params.temporalNr, frames, q, false, planes);
				EXPECT_EQ(kept, frames.now(0, q)[0]);
			}
			frames.advance();
		}
	});
}

TEST(Kernels, RgbFinish)
{
	forEachLength([&](unsigned int n, Random *random) {
		const Params params = makeRandomParams(random->bits());
		const Planes before = { makeMosaic(2 * n, 2, 4095, random->bits()), makeMosaic(n, 1, 4095, random->bits()),
					makeMosaic(n, 1, 4095, random->bits()) };
		const Planes after = { makeMosaic(2 * n, 2, 4095, random->bits()), makeMosaic(n, 1, 4095, random->bits()),
				       makeMosaic(n, 1, 4095, random->bits()) };
		const Planes rgb = makePlanes(2 * n, 2, 4095, random);
		Planes expected = rgb;
		rgbFinishReference(params.csc, before, after, &expected);

		std::vector<uint16_t> rows[2][kQuadPlanes];
		YcbcrChange change;
		for (unsigned int i = 0; i < kQuadPlanes; ++i) {
			const auto row = [&](const Planes &planes) {
				return i < 4 ? splitRow(planes[0], i / 2, i % 2) : margined(planes[i - 3], 0);
			};
			rows[0][i] = row(before);
			rows[1][i] = row(after);
			change.before[i] = rows[0][i].data() + kVector;
			change.after[i] = rows[1][i].data() + kVector;
		}
		const QuadStorage quads(rgb, 0);
		rgbFinishRow(InverseCsc(params.csc), change, n, quads.rows);
		expectQuads(expected, 0, quads.rows);
	});
}

/* Frames from the narrowest on, each row, with displacements beyond the frame. */
TEST(Kernels, Dewarp)
{
	forEachLength([&](unsigned int n, Random *random) {
		const Size size{ 2 * std::max(n, 8U), 2 * (8 + n % 19) };
		Params params;
		while (blockDisabled(params.dewarp.header))
			params = makeRandomParams(random->bits());
		expectDewarp(params.dewarp, size, random);
	});
}

/*
 * Wide frames and smooth displacements, as lenses have them: whole vectors of
 * neighbours, which differ by nothing, by a pixel or by more, and go over all borders.
 */
TEST(Kernels, DewarpSmoothly)
{
	forEachTarget([] {
		Random random(24);
		for (unsigned int i = 0; i < 24; ++i) {
			const Size size{ 1000 + 2U * random.sample(100), 26 };
			fovea_isp_dewarp params = {};
			params.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
			const int steepest = i % 4 * 40;
			for (auto *nodes : { &params.dx, &params.dy }) {
				const int start = random.uniform(-400, 400);
				const int stepX = random.uniform(-steepest, steepest);
				const int stepY = random.uniform(-20, 20);
				for (int y = 0; y < FOVEA_ISP_DEWARP_NODES_Y; ++y) {
					for (int x = 0; x < FOVEA_ISP_DEWARP_NODES_X; ++x)
						(*nodes)[y][x] = static_cast<int16_t>(start + x * stepX + y * stepY);
				}
			}
			expectDewarp(params, size, &random);
		}
	});
}

TEST(Kernels, UnpackAndBlackLevel)
{
	for (unsigned int depth = 8; depth <= 16; ++depth) {
		SCOPED_TRACE(depth);
		forEachLength([&](unsigned int n, Random *random) {
			const RawFormat format = makeInput(2 * n, 2, depth, BayerOrder::RGGB);
			const std::vector<uint8_t> raw = makeRandomRaw(format, random->bits());
			fovea_isp_black_level params = {};
			for (uint16_t *level : { &params.r, &params.gr, &params.gb, &params.b })
				*level = random->sample(65535);
			Plane expected;
			unpackReference(format, raw, &expected);
			blackLevelReference(params, BayerOrder::RGGB, &expected);

			std::vector<uint16_t> rows[4];
			for (std::vector<uint16_t> &row : rows)
				row.resize(n + kVector);
			const std::array<uint16_t, 4> levels = { params.r, params.gr, params.gb, params.b };
			unpackQuads(raw.data(), format.stride, depth, levels, n,
				    { rows[0].data(), rows[1].data(), rows[2].data(), rows[3].data() });
			for (unsigned int i = 0; i < 4 * n; ++i) {
				const unsigned int position = i % 4;
				ASSERT_EQ(expected.row(position / 2)[2 * (i / 4) + position % 2], rows[position][i / 4])
					<< "position " << position << " at " << i / 4;
			}
		});
	}
}

/* All samples with the gains around the limit of the narrow product. */
TEST(Kernels, GainsForAllSamples)
{
	Plane all(2 * 16384, 2);
	for (unsigned int i = 0; i < 2 * 16384; ++i)
		all.row(0)[i] = all.row(1)[i] = static_cast<uint16_t>(i / 2);

	for (const uint16_t gain : { 0, 1, 2, 4095, 4096, 4097, 16381, 16382, 16383, 16384, 40000, 65535 }) {
		SCOPED_TRACE(gain);
		Params params;
		params.wbGains = { params.wbGains.header, gain, gain, gain, gain };
		params.wbGains.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
		const GainMesh mesh(params.lsc, params.wbGains);
		Plane expected = all;
		gainsReference(mesh, BayerOrder::RGGB, &expected);

		const std::vector<uint16_t> row = splitRow(all, 0, 0);
		GainRows gains(16384, 1);
		forEachTarget([&] {
			gains.start();
			gains.moveTo(mesh, 0);
			std::vector<uint16_t> out(row.size());
			const uint16_t *samples = row.data() + kVector;
			const Correction correction = { { samples, samples, samples, out.data() }, gains.row(SiteR) };
			correctRows(params.dpc, { &correction, 1 }, mesh.largest() >= kWideGain, 16384);
			for (unsigned int i = 0; i < 16384; ++i)
				ASSERT_EQ(expected.row(0)[2 * i], out[i]) << "sample " << i;
		});
	}
}

/* Defects, lens shading and gains: one row of a colour against the references. */
TEST(Kernels, Correction)
{
	forEachLength([&](unsigned int n, Random *random) {
		const unsigned int quads = std::max(n, 2U);
		const BayerOrder order = kOrders[random->uniform(0, 3)];
		const Params params = makeRandomParams(random->bits());
		const GainMesh mesh(params.lsc, params.wbGains);
		const Plane mosaic = makeMosaic(2 * quads, 8, 16383, random->bits());
		Plane expected = mosaic;
		dpcReference(params.dpc, &expected);
		gainsReference(mesh, order, &expected);

		GainRows gains(quads, 4);
		gains.start();
		for (const int q : { 1, 2 }) {
			gains.moveTo(mesh, q);
			std::vector<uint16_t> rows[4][3];
			std::vector<uint16_t> out[4];
			Correction corrections[4];
			for (unsigned int position = 0; position < 4; ++position) {
				const unsigned int y = 2 * q + position / 2;
				for (unsigned int i = 0; i < 3; ++i)
					rows[position][i] = splitRow(mosaic, y - 2 + 2 * i, position & 1);
				out[position].resize(quads + kVector);
				corrections[position] = { { rows[position][0].data() + kVector, rows[position][1].data() + kVector,
							    rows[position][2].data() + kVector, out[position].data() },
							  gains.row(bayerSite(order, position & 1, y)) };
			}
			correctRows(params.dpc, corrections, mesh.largest() >= kWideGain, quads);
			for (unsigned int position = 0; position < 4; ++position) {
				for (unsigned int x = 0; x < quads; ++x)
					ASSERT_EQ(expected.row(2 * q + position / 2)[2 * x + (position & 1)], out[position][x]) << "at " << x;
			}
		}
	});
}

/* Differences of both colours at all sites, in pictures as small as the ISP takes and wider. */
TEST(Kernels, RefinedDemosaic)
{
	forEachLength([&](unsigned int n, Random *random) {
		const BayerOrder order = kOrders[random->uniform(0, 3)];
		fovea_isp_demosaic params = Params().demosaic;
		params.refine = 1;
		params.direction_threshold = random->uniform(0, 1) ? 0 : random->sample(16383);
		const Plane mosaic = makeMosaic(2 * std::max(n, 8U), 16, 16383, random->bits());
		ColourDifferences expected;
		demosaicReference(mosaic, order, params, &expected);
		RefinedKernels(mosaic, order, params.direction_threshold).expectEqual(expected, order);
	});
}

/* Differences and gradients that exceed 16 bits: samples at the ends of the range only. */
TEST(Kernels, RefinedDemosaicAtTheLimits)
{
	fovea_isp_demosaic params = Params().demosaic;
	params.refine = 1;
	for (const int threshold : { 0, 1, 16383 }) {
		for (const BayerOrder order : kOrders) {
			SCOPED_TRACE(testing::Message() << "threshold " << threshold << ", order " << static_cast<int>(order));
			params.direction_threshold = static_cast<uint16_t>(threshold);
			Random random(static_cast<uint32_t>(threshold) + 4);
			Plane mosaic(64, 64);
			for (uint16_t &sample : mosaic.samples)
				sample = random.uniform(0, 1) ? kLinearMax : 0;
			ColourDifferences expected;
			demosaicReference(mosaic, order, params, &expected);
			forEachTarget([&] { RefinedKernels(mosaic, order, params.direction_threshold).expectEqual(expected, order); });
		}
	}
}

/*
 * Matrix, gamma and conversion with all of their bits, behind the bilinear
 * demosaic of one row of quads.
 */
TEST(Kernels, Develop)
{
	forEachLength([&](unsigned int n, Random *random) {
		const unsigned int quads = std::max(n, 4U);
		const BayerOrder order = kOrders[random->uniform(0, 3)];
		const Params params = makeRandomParams(random->bits());
		expectDeveloped(params, order, makeMosaic(2 * quads, 8, 16383, random->bits()));
	});
}

/* Every input of the gamma curve, and matrices of both forms. */
TEST(Kernels, DevelopForAllSamples)
{
	Plane mosaic(2 * 16384, 8);
	for (unsigned int y = 0; y < mosaic.height; ++y) {
		for (unsigned int x = 0; x < mosaic.width; ++x)
			mosaic.row(y)[x] = static_cast<uint16_t>(x / 2);
	}

	for (uint32_t seed = 0; seed < 16; ++seed) {
		SCOPED_TRACE(seed);
		Params params = makeTypicalParams(10);
		params.gamma = makeRandomParams(seed).gamma;
		/* A segment steeper than the fast look-up can do. */
		if (seed & 8)
			std::fill(std::begin(params.gamma.y) + 1 + seed, std::end(params.gamma.y), 4095);
		if (seed & 1)
			params.ccm.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_DISABLE;
		if (seed & 2)
			params.ccm.offset[1] = 100;
		if (seed & 4)
			params.ccm.coeff[2][2] = 32767;
		forEachTarget([&] { expectDeveloped(params, BayerOrder::RGGB, mosaic); });
	}
}

TEST(Kernels, DevelopAtTheLimits)
{
	Plane mosaic(16, 8);
	std::fill(mosaic.samples.begin(), mosaic.samples.end(), 16383);

	for (const int16_t coeff : { -32768, -8192, -8191, -4096, -4095, 1, 4095, 4096, 8191, 8192, 32767 }) {
		SCOPED_TRACE(coeff);
		Params params;
		params.ccm.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
		params.csc.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
		/* The matrix as it acts on the differences has this coefficient. */
		const int16_t own = static_cast<int16_t>(std::min(coeff + 4096, 32767));
		for (unsigned int i = 0; i < 3; ++i) {
			std::fill_n(params.ccm.coeff[i], 3, coeff);
			params.ccm.coeff[i][i] = own;
		}
		std::fill_n(&params.csc.coeff[0][0], 9, coeff);
		forEachTarget([&] { expectDeveloped(params, BayerOrder::GRBG, mosaic); });
	}
}

/* Matrices that keep white with factors of a row's own colour around the limits. */
TEST(Kernels, DevelopWithLargeOwnFactors)
{
	const Plane mosaic = makeMosaic(2 * 70, 8, 16383, 1);

	for (const int own : { -8191, 8191, 8192, 8193, 12000, 16383, 16384 }) {
		SCOPED_TRACE(own);
		Params params = makeTypicalParams(10);
		for (unsigned int i = 0; i < 3; ++i) {
			int16_t *row = params.ccm.coeff[i];
			std::fill_n(row, 3, int16_t{ -700 });
			row[i] = static_cast<int16_t>(i == 1 ? 4096 : own);
			row[1] = static_cast<int16_t>(4096 - row[0] - row[2]);
			params.ccm.offset[i] = 0;
		}
		for (const BayerOrder order : kOrders)
			forEachTarget([&] { expectDeveloped(params, order, mosaic); });
	}
}

TEST(Kernels, ChromaNr)
{
	forEachLength([&](unsigned int n, Random *random) {
		Params params = makeRandomParams(random->bits());
		params.chromaNr.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
		const Plane plane = makeMosaic(n, 5, 4095, random->bits());
		Plane expected = plane;
		chromaNrReference(params.chromaNr, &expected);

		std::vector<uint16_t> in[5], smoothed[5], others[5];
		const uint16_t *rows[5];
		for (unsigned int y = 0; y < 5; ++y) {
			in[y] = margined(plane, y);
			std::fill_n(in[y].begin() + kVector - 2, 2, in[y][kVector]);
			std::fill_n(in[y].begin() + kVector + n, 2, in[y][kVector + n - 1]);
			smoothed[y].resize(n + kVector);
			others[y].resize(n + kVector);
			rows[y] = smoothed[y].data();
		}
		for (unsigned int y = 0; y < 5; ++y) {
			const uint16_t *const from[] = { in[y].data() + kVector, in[4 - y].data() + kVector };
			uint16_t *const to[] = { smoothed[y].data(), others[4 - y].data() };
			chromaNrRows(params.chromaNr, from, n, to);
		}
		for (unsigned int y = 0; y < 5; ++y)
			EXPECT_TRUE(std::equal(smoothed[y].begin(), smoothed[y].begin() + n, others[y].begin()));
		std::vector<uint16_t> out(n + kVector);
		chromaNrColumns(params.chromaNr, rows, n, out.data());
		expectRow(expected, 2, out);

		/* The same samples for both planes; one byte more shows what is written behind. */
		std::vector<uint8_t> packed(2 * n + 1, 0xa5);
		chromaNrColumnsAndPack(params.chromaNr, rows, rows, n, packed.data());
		EXPECT_EQ(packed.back(), 0xa5);
		for (unsigned int x = 0; x < n; ++x) {
			const int byte = std::min(255, (expected.row(2)[x] + 8) >> 4);
			ASSERT_EQ(packed[2 * x], byte) << "at " << x;
			ASSERT_EQ(packed[2 * x + 1], byte) << "at " << x;
		}
	});
}

TEST(Kernels, Sharpen)
{
	forEachLength([&](unsigned int n, Random *random) {
		Params params = makeRandomParams(random->bits());
		params.sharpen.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
		const Plane plane = makeMosaic(2 * n, 4, 4095, random->bits());
		Plane expected = plane;
		sharpenReference(params.sharpen, &expected);

		std::vector<uint16_t> rows[4][2];
		SharpenRows input;
		for (unsigned int y = 0; y < 4; ++y) {
			for (unsigned int column = 0; column < 2; ++column) {
				std::vector<uint16_t> &row = rows[y][column];
				row = splitRow(plane, y, column);
				row[kVector - 1] = row[kVector];
				row[kVector + n] = row[kVector + n - 1];
				input.luma[y][column] = row.data() + kVector;
			}
		}

		std::vector<uint16_t> out[4];
		uint16_t *planes[4];
		for (unsigned int position = 0; position < 4; ++position) {
			out[position].resize(n + kVector);
			planes[position] = out[position].data();
		}
		sharpenRows(params.sharpen, input, n, planes);

		/* One byte more shows what is written behind the end. */
		std::vector<uint8_t> packed[2];
		for (std::vector<uint8_t> &row : packed)
			row.assign(2 * n + 1, 0xa5);
		uint8_t *const bytes[] = { packed[0].data(), packed[1].data() };
		sharpenAndPackRows(params.sharpen, input, n, bytes);

		for (unsigned int y = 0; y < 2; ++y) {
			const uint16_t *row = expected.row(1 + y);
			for (unsigned int x = 0; x < 2 * n; ++x) {
				ASSERT_EQ(row[x], out[2 * y + (x & 1)][x / 2]) << "at " << x;
				ASSERT_EQ(std::min(255, (row[x] + 8) >> 4), packed[y][x]) << "at " << x;
			}
			EXPECT_EQ(packed[y].back(), 0xa5);
		}
	});
}

TEST(Kernels, PackPairs)
{
	forEachLength([&](unsigned int n, Random *random) {
		const Planes planes = makePlanes(2 * n, 2, 4095, random);
		std::vector<uint8_t> expected(3 * 2 * n);
		packReference(PixelFormat::NV12, planes, 2 * n, expected.data());

		/* One byte more shows what is written behind the end. */
		std::vector<uint8_t> actual(2 * n + 1, 0xa5);
		packPairs(splitRow(planes[0], 0, 0).data() + kVector, splitRow(planes[0], 0, 1).data() + kVector,
			  n, actual.data());
		EXPECT_EQ(actual.back(), 0xa5);
		EXPECT_TRUE(std::equal(actual.begin(), actual.end() - 1, expected.begin()));

		std::vector<uint16_t> wide(2 * n + kVector);
		interleaveColumns(splitRow(planes[0], 1, 0).data() + kVector, splitRow(planes[0], 1, 1).data() + kVector,
				  n, wide.data());
		expectRow(planes[0], 1, wide);
	});
}

/* A chroma sample that all pixels of a quad have in common stays as it is. */
TEST(Kernels, PackNv12)
{
	forEachLength([&](unsigned int n, Random *random) {
		const Planes planes = makePlanes(n, 1, 4095, random);
		const Plane luma = makeMosaic(2 * n, 2, 4095, random->bits());
		const auto spread = [n](const Plane &chroma) {
			Plane out(2 * n, 2);
			for (unsigned int i = 0; i < 4 * n; ++i)
				out.samples[i] = chroma.row(0)[i % (2 * n) / 2];
			return out;
		};
		std::vector<uint8_t> expected(3 * 2 * n);
		packReference(PixelFormat::NV12, { luma, spread(planes[1]), spread(planes[2]) }, 2 * n, expected.data());

		/* One byte more shows what is written behind the end. */
		std::vector<uint8_t> actual(expected.size() + 1, 0xa5);
		packPairs(padded(planes[1], 0).data(), padded(planes[2], 0).data(), n, actual.data() + 4 * n);
		EXPECT_EQ(actual.back(), 0xa5);
		packLumaRow(padded(luma, 1).data(), 2 * n, actual.data() + 2 * n);
		packLumaRow(padded(luma, 0).data(), 2 * n, actual.data());
		EXPECT_EQ(actual.back(), 0xa5);
		actual.pop_back();
		ASSERT_EQ(expected, actual);

		/* An odd number of samples, and again nothing behind. */
		std::vector<uint8_t> odd(n + 1, 0xa5);
		packLumaRow(padded(luma, 0).data(), n, odd.data());
		EXPECT_TRUE(std::equal(odd.begin(), odd.end() - 1, expected.begin()));
		EXPECT_EQ(odd.back(), 0xa5);
	});
}

/* A row of whole pixels, or pairs of them, and nothing behind it. */
TEST(Kernels, PackRows)
{
	const auto expectRowOf = [](PixelFormat format, const Planes &planes, const auto &pack) {
		const size_t stride = planes[0].width * bytesPerPixel(format);
		std::vector<uint8_t> expected(2 * stride);
		packReference(format, planes, stride, expected.data());
		/* The chroma of NV16 comes last. */
		expected.erase(expected.begin(), expected.end() - (format == PixelFormat::NV16 ? stride : 2 * stride));
		expected.resize(stride);

		const std::vector<uint16_t> rows[3] = { padded(planes[0], 0), padded(planes[1], 0), padded(planes[2], 0) };
		const uint16_t *const pointers[3] = { rows[0].data(), rows[1].data(), rows[2].data() };
		std::vector<uint8_t> actual(stride + 1, 0xa5);
		pack(pointers, actual.data());
		EXPECT_EQ(actual.back(), 0xa5);
		actual.pop_back();
		ASSERT_EQ(expected, actual);
	};

	forEachLength([&](unsigned int n, Random *random) {
		const Planes planes = makePlanes(n, 1, 4095, random);
		expectRowOf(PixelFormat::XRGB8888, planes, [n](const uint16_t *const rgb[3], uint8_t *out) { packXrgb8888Row(rgb, n, out); });
		expectRowOf(PixelFormat::RGB888, planes, [n](const uint16_t *const rgb[3], uint8_t *out) { packRgb888Row(rgb, n, out); });
		expectRowOf(PixelFormat::R8, planes, [n](const uint16_t *const rows[3], uint8_t *out) { packLumaRow(rows[0], n, out); });

		const Planes pairs = makePlanes(2 * n, 1, 4095, random);
		expectRowOf(PixelFormat::YUYV, pairs, [n](const uint16_t *const rows[3], uint8_t *out) { packYuyvRow(rows, n, out); });
		expectRowOf(PixelFormat::NV16, pairs, [n](const uint16_t *const rows[3], uint8_t *out) { packChromaRow422(rows[1], rows[2], n, out); });
	});
}

TEST(Kernels, Scaler)
{
	forEachLength([&](unsigned int n, Random *random) {
		/* Half the size has a kernel of its own. */
		const unsigned int any = random->uniform((n + 15) / 16, 32 * std::min(n, 40U));
		const unsigned int in = random->uniform(0, 3) ? any : 2 * n;
		const unsigned int height = random->uniform(1, 9);
		const Plane plane = makeMosaic(in, height, 4095, random->bits());
		Plane expected;
		scaleReference(plane, { 0, 0, in, height }, { n, 1 }, &expected);

		const ScalerFilter horizontal(in, n);
		const ScalerFilter vertical(height, 1);
		std::vector<std::vector<int16_t>> rows(height, std::vector<int16_t>(n + kVector));
		std::vector<const int16_t *> taps;
		for (unsigned int y = 0; y < height; ++y)
			scaleRowHorizontally(horizontal, padded(plane, y).data(), rows[y].data());
		for (unsigned int t = 0; t < vertical.taps(); ++t)
			taps.push_back(rows[vertical.first(0) + t].data());
		std::vector<uint16_t> out(n + kVector);
		scaleRowsVertically(vertical.coefficients(0), taps.data(), vertical.taps(), n, out.data());
		expectRow(expected, 0, out);
	});
}

namespace {

/* The rows of quads @y of a mosaic by colour, with margins, garbage behind them. */
struct SplitQuads {
	SplitQuads(const Plane &mosaic, BayerOrder order, unsigned int y)
	{
		for (unsigned int i = 0; i < 4; ++i) {
			std::vector<uint16_t> &row = storage[bayerSite(order, i & 1, i >> 1)];
			row = splitRow(mosaic, 2 * y + (i >> 1), i & 1);
			std::fill(row.begin() + kVector + mosaic.width / 2, row.end(), 16383);
		}
	}

	QuadRows rows() const
	{
		return { storage[SiteR].data() + kVector, storage[SiteGr].data() + kVector,
			 storage[SiteGb].data() + kVector, storage[SiteB].data() + kVector };
	}

	std::vector<uint16_t> storage[4];
};

/* All rows: those of a mosaic stay as they are while they are added. */
std::vector<SplitQuads> splitAll(const Plane &mosaic, BayerOrder order)
{
	std::vector<SplitQuads> quads;
	for (unsigned int y = 0; y < mosaic.height / 2; ++y)
		quads.emplace_back(mosaic, order, y);
	return quads;
}

} /* namespace */

TEST(Kernels, AeStats)
{
	forEachLength([&](unsigned int n, Random *random) {
		const unsigned int height = random->uniform(1, 50);
		const BayerOrder order = kOrders[random->uniform(0, 3)];
		const Plane mosaic = makeMosaic(2 * n, 2 * height, 16383, random->bits());
		const Params params = makeRandomParams(random->bits());
		fovea_isp_ae_stats_config config = params.aeStats;
		config.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;

		fovea_isp_stats_buffer expected = {};
		fovea_isp_stats_buffer actual = {};
		aeStatsReference(config, order, mosaic, &expected);

		/* Two bands, the second of which begins anywhere. */
		const unsigned int split = random->uniform(0, height);
		AeAccumulator bands[2] = { { n, height }, { n, height } };
		for (AeAccumulator &band : bands)
			band.start(config);
		const std::vector<SplitQuads> quads = splitAll(mosaic, order);
		for (unsigned int y = 0; y < height; ++y)
			bands[y >= split].addRow(y, quads[y].rows());
		for (AeAccumulator &band : bands) {
			band.finish();
			band.addTo(&actual);
		}
		ASSERT_EQ(memcmp(&expected, &actual, sizeof(expected)), 0);
	});
}

TEST(Kernels, AwbStats)
{
	forEachLength([&](unsigned int n, Random *random) {
		const unsigned int height = random->uniform(1, 50);
		const BayerOrder order = kOrders[random->uniform(0, 3)];
		const Plane mosaic = makeMosaic(2 * n, 2 * height, 16383, random->bits());
		const Params params = makeRandomParams(random->bits());
		fovea_isp_awb_stats_config config = params.awbStats;
		config.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;

		fovea_isp_stats_buffer expected = {};
		fovea_isp_stats_buffer actual = {};
		awbStatsReference(config, order, mosaic, &expected);

		AwbAccumulator accumulator(n, height);
		accumulator.start(config);
		const std::vector<SplitQuads> quads = splitAll(mosaic, order);
		for (unsigned int y = 0; y < height; ++y)
			accumulator.addRow(y, quads[y].rows());
		accumulator.finish();
		accumulator.addTo(&actual);
		ASSERT_EQ(memcmp(&expected, &actual, sizeof(expected)), 0);
	});
}

TEST(Kernels, AfStats)
{
	forEachLength([&](unsigned int n, Random *random) {
		const unsigned int height = random->uniform(1, 50);
		const BayerOrder order = kOrders[random->uniform(0, 3)];
		const Plane mosaic = makeMosaic(2 * n, 2 * height, 16383, random->bits());
		const Params params = makeRandomParams(random->bits());
		fovea_isp_af_stats_config config = params.afStats;
		config.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;

		fovea_isp_stats_buffer expected = {};
		fovea_isp_stats_buffer actual = {};
		afStatsReference(config, order, mosaic, &expected);

		AfAccumulator accumulator(n, height);
		accumulator.start(config);
		const std::vector<SplitQuads> quads = splitAll(mosaic, order);
		for (unsigned int y = 0; y < height; ++y)
			accumulator.addRow(y, quads[y].rows());
		accumulator.finish();
		accumulator.addTo(&actual);
		ASSERT_EQ(memcmp(&expected, &actual, sizeof(expected)), 0);
	});
}

namespace {

/* Two bands of statistics, the second of which begins anywhere. */
template<typename Accumulator, typename Config>
void addInBands(const Config &config, BayerOrder order, const Plane &mosaic, unsigned int split,
		fovea_isp_stats_buffer *stats)
{
	const unsigned int height = mosaic.height / 2;
	Accumulator bands[2] = { { mosaic.width / 2, height }, { mosaic.width / 2, height } };
	for (Accumulator &band : bands)
		band.start(config);
	for (unsigned int y = 0; y < height; ++y)
		bands[y >= split].addRow(y, SplitQuads(mosaic, order, y).rows());
	for (Accumulator &band : bands)
		band.addTo(stats);
}

} /* namespace */

/* Frames of 1, 2 and 4 rows of quads in an entry. */
TEST(Kernels, RowStats)
{
	const auto compare = [](unsigned int n, unsigned int height, Random *random) {
		const BayerOrder order = kOrders[random->uniform(0, 3)];
		const Plane mosaic = makeMosaic(2 * n, 2 * height, 16383, random->bits());
		Params params = makeRandomParams(random->bits());
		params.rowStats.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;

		fovea_isp_stats_buffer expected = {};
		fovea_isp_stats_buffer actual = {};
		rowStatsReference(params.rowStats, order, mosaic, &expected);
		addInBands<RowAccumulator>(params.rowStats, order, mosaic, random->uniform(0, height), &actual);
		ASSERT_EQ(memcmp(&expected, &actual, sizeof(expected)), 0);
	};

	forEachLength([&](unsigned int n, Random *random) { compare(n, random->uniform(1, 50), random); });
	forEachTarget([&] {
		Random random(1);
		for (const unsigned int height : { 1024, 1025, 2048, 2049, 4095 })
			compare(9, height, &random);
	});
}

/* All bins, by mean and by maximum. */
TEST(Kernels, ToneStats)
{
	forEachLength([&](unsigned int n, Random *random) {
		const unsigned int height = random->uniform(1, 50);
		const BayerOrder order = kOrders[random->uniform(0, 3)];
		const Plane mosaic = makeMosaic(2 * n, 2 * height, 1 << random->uniform(5, 13), random->bits());
		Params params = makeRandomParams(random->bits());
		params.toneStats.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;

		fovea_isp_stats_buffer expected = {};
		fovea_isp_stats_buffer actual = {};
		toneStatsReference(params.toneStats, order, mosaic, &expected);
		addInBands<ToneAccumulator>(params.toneStats, order, mosaic, random->uniform(0, height), &actual);
		ASSERT_EQ(memcmp(&expected, &actual, sizeof(expected)), 0);
	});
}

TEST(Kernels, ToneBinsOfAllValues)
{
	Plane all(2 * 16384, 2);
	for (unsigned int i = 0; i < 2 * 16384; ++i)
		all.row(0)[i] = all.row(1)[i] = static_cast<uint16_t>(i / 2);

	Params params;
	params.toneStats.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
	fovea_isp_stats_buffer expected = {};
	toneStatsReference(params.toneStats, BayerOrder::RGGB, all, &expected);
	/* Each octave has four bins of the same width. */
	unsigned int counts[FOVEA_ISP_TONE_HIST_BINS] = {};
	for (const fovea_isp_tone_zone &zone : expected.tone_zones) {
		for (unsigned int i = 0; i < FOVEA_ISP_TONE_HIST_BINS; ++i)
			counts[i] += zone.bins[i];
	}
	for (unsigned int i = 0; i < FOVEA_ISP_TONE_HIST_BINS; ++i)
		EXPECT_EQ(counts[i], i < 4 ? 32u : 32u << (i / 4 - 1)) << "bin " << i;

	forEachTarget([&] {
		fovea_isp_stats_buffer actual = {};
		addInBands<ToneAccumulator>(params.toneStats, BayerOrder::RGGB, all, 0, &actual);
		ASSERT_EQ(memcmp(&expected, &actual, sizeof(expected)), 0);
	});
}

TEST(Kernels, RawNr)
{
	forEachLength([&](unsigned int n, Random *random) {
		const unsigned int quads = std::max(n, 2U);
		Params params = makeRandomParams(random->bits());
		params.rawNr.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
		const Plane mosaic = makeMosaic(2 * quads, 8, random->uniform(0, 1) ? 16383 : 300, random->bits());
		Plane expected = mosaic;
		rawNrReference(params.rawNr, &expected);

		for (unsigned int y = 2; y < 6; ++y) {
			for (unsigned int column = 0; column < 2; ++column) {
				const std::vector<uint16_t> rows[] = { splitRow(mosaic, y - 2, column), splitRow(mosaic, y, column),
								       splitRow(mosaic, y + 2, column) };
				std::vector<uint16_t> out(quads + kVector);
				rawNrRow(params.rawNr, { rows[0].data() + kVector, rows[1].data() + kVector,
							 rows[2].data() + kVector, out.data() }, quads);
				for (unsigned int x = 0; x < quads; ++x)
					ASSERT_EQ(expected.row(y)[2 * x + column], out[x]) << "at " << x;
			}
		}
	});
}

/* All rows of a small frame, where every shift meets a border. */
TEST(Kernels, Cac)
{
	forEachLength([&](unsigned int n, Random *random) {
		const unsigned int quads = std::max(n, 8U);
		constexpr int kQuadRows = 9;
		const BayerOrder order = kOrders[random->uniform(0, 3)];
		Params params = makeRandomParams(random->bits());
		params.cac.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
		const Plane mosaic = makeMosaic(2 * quads, 2 * kQuadRows, 16383, random->bits());
		Plane expected = mosaic;
		cacReference(params.cac, order, &expected);

		CacShifts shifts(quads, kQuadRows);
		shifts.start();
		for (int q = 0; q < kQuadRows; ++q) {
			shifts.moveTo(params.cac, q);
			for (unsigned int position = 0; position < 4; ++position) {
				const BayerSite site = bayerSite(order, position & 1, position >> 1);
				if (site != SiteR && site != SiteB)
					continue;
				std::vector<uint16_t> storage[2 * kCacReach + 1];
				std::vector<uint16_t> out(quads + kVector);
				CacRows rows;
				rows.out = out.data();
				for (int k = -kCacReach; k <= kCacReach; ++k) {
					std::vector<uint16_t> &row = storage[k + kCacReach];
					row = splitRow(mosaic, 2 * std::clamp(q + k, 0, kQuadRows - 1) + (position >> 1), position & 1);
					std::fill_n(row.begin() + kVector - kCacReach, kCacReach, row[kVector]);
					std::fill_n(row.begin() + kVector + quads, kCacReach, row[kVector + quads - 1]);
					rows.rows[k + kCacReach] = row.data() + kVector;
				}
				cacRow(rows, site == SiteR ? shifts.red() : shifts.blue(), quads);
				for (unsigned int x = 0; x < quads; ++x)
					ASSERT_EQ(expected.row(2 * q + (position >> 1))[2 * x + (position & 1)], out[x]) << "at " << x << ", row " << q;
			}
		}
	});
}

TEST(Kernels, Decompand)
{
	for (unsigned int depth = 8; depth <= 16; ++depth) {
		SCOPED_TRACE(depth);
		DecompandTable table(depth);
		forEachLength([&](unsigned int n, Random *random) {
			RawFormat format = makeInput(2 * n, 2, depth, BayerOrder::RGGB);
			format.exposures = 3;
			const std::vector<uint8_t> raw = makeRandomRaw(format, random->bits());
			const unsigned int exposure = random->uniform(0, 2);
			Params params = makeRandomParams(random->bits());
			params.blackLevel.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
			const bool enabled = !blockDisabled(params.decompand.header);
			LinearPlane expected;
			decompandReference(params.decompand, format, raw, exposure, &expected);
			linearBlackLevelReference(params.blackLevel, format.order, &expected);

			if (enabled)
				table.update(params.decompand);
			/* Exactly the bytes of the row, so that a sanitizer sees what is read behind it. */
			const uint8_t *row = raw.data() + exposure * format.stride;
			const std::vector<uint8_t> src(row, row + format.stride);
			std::vector<uint32_t> even(n + kVector), odd(n + kVector);
			decodeRow(src.data(), { depth, enabled ? &table : nullptr, { params.blackLevel.r, params.blackLevel.gr } },
				  n, even.data(), odd.data());
			for (unsigned int i = 0; i < n; ++i) {
				ASSERT_EQ(expected.row(0)[2 * i], even[i]) << "at " << i;
				ASSERT_EQ(expected.row(0)[2 * i + 1], odd[i]) << "at " << i;
			}
		});
	}
}

namespace {

/* Samples of all octaves, often those at the ends. */
LinearPlane makeLinear(unsigned int width, Random *random, unsigned int height = 2)
{
	LinearPlane plane(width, height);
	for (uint32_t &sample : plane.samples)
		sample = random->uniform(0, 6) ? (random->bits() & kLinearRangeMax) >> random->uniform(0, 16) : kLinearRangeMax;
	return plane;
}

/* The row of quads by position, with margins. */
struct SplitLinear {
	explicit SplitLinear(const LinearPlane &plane)
	{
		for (unsigned int position = 0; position < 4; ++position) {
			storage[position].resize(plane.width / 2 + kVector);
			for (unsigned int x = 0; x < plane.width / 2; ++x)
				storage[position][x] = plane.row(position >> 1)[2 * x + (position & 1)];
		}
	}

	LinearRows rows() { return { storage[0].data(), storage[1].data(), storage[2].data(), storage[3].data() }; }

	std::vector<uint32_t> storage[4];
};

/* A row of samples by columns, and what lies around it; outside of the frame if @y is. */
class LinearColumns
{
public:
	LinearColumns(const LinearPlane &plane, int y)
	{
		const unsigned int n = plane.width / 2;
		for (unsigned int column = 0; column < 2; ++column) {
			storage_[column].resize(n + kVector + 1, kLinearRangeMax);
			for (unsigned int x = 0; y >= 0 && y < static_cast<int>(plane.height) && x < n; ++x)
				storage_[column][x + 1] = plane.row(y)[2 * x + column];
		}
	}

	uint32_t *column(unsigned int i) { return storage_[i].data() + 1; }

private:
	std::vector<uint32_t> storage_[2];
};

/* Each row of quads with compressRow() is that of rangeReference(). */
void expectRange(const fovea_isp_range &range, const LinearPlane &in)
{
	const unsigned int n = in.width / 2;
	Plane expected;
	rangeReference(range, in, &expected);

	for (int q = 0; q < static_cast<int>(in.height / 2); ++q) {
		LinearColumns above(in, 2 * q - 1);
		LinearColumns upper(in, 2 * q);
		LinearColumns lower(in, 2 * q + 1);
		LinearColumns below(in, 2 * q + 2);
		std::vector<uint16_t> out[4];
		for (std::vector<uint16_t> &row : out)
			row.resize(n + kVector);
		compressRow(range, n,
			    { { above.column(0), above.column(1) },
			      { upper.column(0), upper.column(1), lower.column(0), lower.column(1) },
			      { below.column(0), below.column(1) } },
			    { out[0].data(), out[1].data(), out[2].data(), out[3].data() });
		for (unsigned int x = 0; x < 4 * n; ++x) {
			const unsigned int column = x % (2 * n);
			const unsigned int row = x / (2 * n);
			ASSERT_EQ(expected.row(2 * q + row)[column], out[2 * row + (column & 1)][column / 2])
				<< "row " << 2 * q + row << ", column " << column;
		}
	}
}

} /* namespace */

TEST(Kernels, Merge)
{
	forEachLength([&](unsigned int n, Random *random) {
		Params params = makeRandomParams(random->bits());
		params.merge.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
		/* Exposures that agree here and there, within the guard or not. */
		LinearPlane exposures[3] = { makeLinear(2 * n, random), makeLinear(2 * n, random), makeLinear(2 * n, random) };
		for (size_t i = 0; i < exposures[0].samples.size(); ++i) {
			if (random->uniform(0, 1))
				exposures[1].samples[i] = exposures[0].samples[i] / 4;
		}

		for (size_t count = 1; count <= 3; ++count) {
			LinearPlane expected;
			mergeReference(params.merge, std::span(exposures).first(count), &expected);

			SplitLinear merged(exposures[count - 1]);
			scaleExposureRow(params.merge.gain[count - 1], n, merged.rows());
			for (size_t i = count - 1; i-- > 0;) {
				SplitLinear longer(exposures[i]);
				mergeRow(params.merge, params.merge.gain[i], n, longer.rows(), merged.rows());
			}
			for (unsigned int x = 0; x < 4 * n; ++x) {
				const unsigned int column = x % (2 * n);
				const unsigned int row = x / (2 * n);
				ASSERT_EQ(expected.row(row)[column], merged.storage[2 * row + (column & 1)][column / 2])
					<< "of " << count << ", at " << column;
			}
		}
	});
}

TEST(Kernels, Range)
{
	forEachLength([&](unsigned int n, Random *random) {
		const Params params = makeRandomParams(random->bits());
		for (const unsigned int height : { 2, 6 })
			expectRange(params.range, makeLinear(2 * n, random, height));
	});
}

/* Every sample of 20 bits, in places where it is the brightest around. */
TEST(Kernels, RangeOfAllSamples)
{
	constexpr unsigned int kWidth = 2048;
	fovea_isp_range range = makeRandomParams(5).range;
	range.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
	LinearPlane in(2 * kWidth, 2);
	for (uint32_t start = 0; start <= kLinearRangeMax; start += kWidth) {
		for (unsigned int x = 0; x < 2 * kWidth; ++x)
			in.row(0)[x] = in.row(1)[x] = start + x / 2;
		expectRange(range, in);
	}
}
