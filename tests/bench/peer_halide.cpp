/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Halide: a camera pipeline of some of the blocks of the core set
 */

/*
 * What image-processing languages are shown with: hot pixels, a demosaic that follows
 * the greener direction, colour matrix, curve and sharpening, from 10-bit raw to planar
 * RGB of 8 bits. It is scheduled by hand: strips of rows for the threads, two rows at
 * a time through all stages, whose last rows stay in the cache. No lens shading, noise
 * reduction, statistics or 4:2:0, borders are not mirrored but read, and nothing is
 * done in more than 16 bits but the matrix: less than the core set does.
 *
 * It is not apps/camera_pipe of Halide, but has its stages and the shape of its
 * schedule. That one also chooses between the diagonals for red at blue and blue at red,
 * where this takes the mean of differences; it takes black off in the curve, which has a
 * contrast as well, where this takes it off first; its strength of sharpening is a
 * parameter. Both look up each value of each pixel in a table of 1024 bytes, one after the
 * other: 0.9 of the 2.2 ns a pixel that the application takes with AVX2.
 */

#include <Halide.h>

#include <algorithm>
#include <math.h>
#include <string>
#include <utility>

#include "bench.h"

namespace fovea::isp::bench {

namespace {

using Halide::Expr;
using Halide::Func;
using Halide::Var;

constexpr int kBitDepth = 10;
constexpr int kMax = (1 << kBitDepth) - 1;
constexpr int kBlack = 64;
/* Samples that are read around the picture: neighbours, and vectors rounded up. */
constexpr int kMargin = 160;
/* Pixels in a row, and rows, that the picture has a multiple of. */
constexpr int kBlock = 64;
constexpr int kStripPairs = 16;

Expr signed16(const Expr &v)
{
	return Halide::cast<int16_t>(v);
}

/* Mean of two, rounded up. */
Expr mean(const Expr &a, const Expr &b)
{
	return Halide::rounding_halving_add(a, b);
}

/* Mean of two differences of 11 bits, whose sum fits. */
Expr meanOfDifferences(const Expr &a, const Expr &b)
{
	return (a + b) >> 1;
}

class CameraPipe
{
public:
	CameraPipe(const Halide::Target &target, int threads);

	void run(Size size, benchmark::State &state);

private:
	void defineMosaic();
	void defineDemosaic();
	void defineColour();
	void defineSharpening();
	void schedule(int vector);

	Expr sample(int site, const Expr &dx, const Expr &dy) const
	{
		return signed16(sites_(x_ + dx, y_ + dy, site));
	}

	Expr ofQuad(const Expr &topLeft, const Expr &topRight, const Expr &bottomLeft, const Expr &bottomRight) const;

	const Halide::Target target_;
	const int threads_;
	Halide::ImageParam raw_{ Halide::UInt(16), 2 };
	Halide::Buffer<int16_t> matrix_{ 4, 3 };
	Halide::Buffer<uint8_t> curve_{ kMax + 1 };

	Var x_{ "x" }, y_{ "y" }, c_{ "c" };
	Func limited_{ "limited" }, sites_{ "sites" };
	Func greenAtRed_{ "greenAtRed" }, greenAtBlue_{ "greenAtBlue" }, red_{ "red" }, blue_{ "blue" };
	Func rgb_{ "rgb" }, corrected_{ "corrected" }, curved_{ "curved" };
	Func blurred_{ "blurred" }, sharpened_{ "sharpened" };
};

CameraPipe::CameraPipe(const Halide::Target &target, int threads)
	: target_(target), threads_(threads)
{
	const int16_t matrix[3][4] = { { 437, -150, -31, -20 }, { -56, 387, -75, -20 }, { 0, -144, 400, -20 } };
	for (int row = 0; row < 3; ++row) {
		for (int column = 0; column < 4; ++column)
			matrix_(column, row) = matrix[row][column];
	}
	for (int i = 0; i <= kMax; ++i)
		curve_(i) = static_cast<uint8_t>(lround(255 * pow(i / double(kMax), 1 / 2.2)));

	defineMosaic();
	defineDemosaic();
	defineColour();
	defineSharpening();
	schedule(target.natural_vector_size(Halide::UInt(16)));
	sharpened_.compile_jit(target_);
}

/* Samples that no neighbour of their colour reaches are reduced; then black goes off. */
void CameraPipe::defineMosaic()
{
	const Expr neighbours = Halide::max(Halide::max(raw_(x_ - 2, y_), raw_(x_ + 2, y_)),
					    Halide::max(raw_(x_, y_ - 2), raw_(x_, y_ + 2)));
	limited_(x_, y_) = Halide::saturating_sub(Halide::min(raw_(x_, y_), neighbours), Halide::cast<uint16_t>(kBlack));

	/* RGGB: red, green beside it, green beside blue, blue. */
	sites_(x_, y_, c_) = Halide::mux(c_, { limited_(2 * x_, 2 * y_), limited_(2 * x_ + 1, 2 * y_),
					       limited_(2 * x_, 2 * y_ + 1), limited_(2 * x_ + 1, 2 * y_ + 1) });
}

Expr CameraPipe::ofQuad(const Expr &topLeft, const Expr &topRight, const Expr &bottomLeft, const Expr &bottomRight) const
{
	return Halide::select(y_ % 2 == 0, Halide::select(x_ % 2 == 0, topLeft, topRight),
			      Halide::select(x_ % 2 == 0, bottomLeft, bottomRight));
}

/* Green along which it changes less; red and blue by their differences to it. */
void CameraPipe::defineDemosaic()
{
	enum { Red, GreenOfRed, GreenOfBlue, Blue };
	const auto green = [](const Expr &left, const Expr &right, const Expr &above, const Expr &below) {
		return Halide::select(Halide::absd(left, right) < Halide::absd(above, below), mean(left, right), mean(above, below));
	};
	greenAtRed_(x_, y_) = green(sample(GreenOfRed, -1, 0), sample(GreenOfRed, 0, 0),
				    sample(GreenOfBlue, 0, -1), sample(GreenOfBlue, 0, 0));
	greenAtBlue_(x_, y_) = green(sample(GreenOfBlue, 0, 0), sample(GreenOfBlue, 1, 0),
				     sample(GreenOfRed, 0, 0), sample(GreenOfRed, 0, 1));
	red_(x_, y_) = sample(Red, 0, 0) - greenAtRed_(x_, y_);
	blue_(x_, y_) = sample(Blue, 0, 0) - greenAtBlue_(x_, y_);

	const Expr qx = x_ / 2;
	const Expr qy = y_ / 2;
	const auto red = [&](int dx, int dy) { return red_(qx + dx, qy + dy); };
	const auto blue = [&](int dx, int dy) { return blue_(qx + dx, qy + dy); };
	const auto at = [&](int site) { return signed16(sites_(qx, qy, site)); };

	const Expr redDifference = ofQuad(red(0, 0), meanOfDifferences(red(0, 0), red(1, 0)),
					  meanOfDifferences(red(0, 0), red(0, 1)),
					  meanOfDifferences(meanOfDifferences(red(0, 0), red(1, 0)), meanOfDifferences(red(0, 1), red(1, 1))));
	const Expr blueDifference = ofQuad(meanOfDifferences(meanOfDifferences(blue(-1, -1), blue(0, -1)), meanOfDifferences(blue(-1, 0), blue(0, 0))),
					   meanOfDifferences(blue(0, -1), blue(0, 0)),
					   meanOfDifferences(blue(-1, 0), blue(0, 0)), blue(0, 0));
	const Expr full = ofQuad(greenAtRed_(qx, qy), at(GreenOfRed), at(GreenOfBlue), greenAtBlue_(qx, qy));
	rgb_(x_, y_, c_) = Halide::mux(c_, { full + redDifference, full, full + blueDifference });
}

/* A matrix in Q7.8 with offsets, and a table of the curve. */
void CameraPipe::defineColour()
{
	const auto product = [&](int column) {
		return Halide::cast<int32_t>(matrix_(column, c_)) * Halide::cast<int32_t>(rgb_(x_, y_, column));
	};
	corrected_(x_, y_, c_) = signed16((product(0) + product(1) + product(2)) >> 8) + matrix_(3, c_);
	curved_(x_, y_, c_) = curve_(Halide::cast<int32_t>(Halide::clamp(corrected_(x_, y_, c_), 0, kMax)));
}

/* An unsharp mask of weights 1, 2, 1 in both directions, added once. */
void CameraPipe::defineSharpening()
{
	const auto smooth = [](const Expr &before, const Expr &centre, const Expr &behind) {
		return mean(mean(before, behind), centre);
	};
	blurred_(x_, y_, c_) = smooth(curved_(x_, y_ - 1, c_), curved_(x_, y_, c_), curved_(x_, y_ + 1, c_));
	const Expr mask = signed16(curved_(x_, y_, c_)) -
			  signed16(smooth(blurred_(x_ - 1, y_, c_), blurred_(x_, y_, c_), blurred_(x_ + 1, y_, c_)));
	sharpened_(x_, y_, c_) = Halide::saturating_cast<uint8_t>(signed16(curved_(x_, y_, c_)) + mask);
}

/*
 * @vector: samples of 16 bits in one of the processor's. Whole vectors and strips are
 * promised and vectors of intermediate steps rounded up: only then does Halide know
 * which rows of the last pair can be used again. Rings are as long as a step looks
 * back, in powers of two.
 */
void CameraPipe::schedule(int vector)
{
	constexpr Halide::TailStrategy kRoundUp = Halide::TailStrategy::RoundUp;
	Var pair("pair"), row("row"), strip("strip"), xo("xo"), xi("xi"), yi("yi");

	sharpened_.bound(c_, 0, 3)
		.bound(x_, 0, sharpened_.output_buffer().width() / kBlock * kBlock)
		.bound(y_, 0, sharpened_.output_buffer().height() / (2 * kStripPairs) * (2 * kStripPairs))
		.reorder(c_, x_, y_)
		.split(y_, pair, row, 2, kRoundUp)
		.split(pair, strip, pair, kStripPairs, kRoundUp)
		.vectorize(x_, 2 * vector, kRoundUp)
		.unroll(c_);
	/* Halide goes on using threads that an entry before had, whatever number is set. */
	if (threads_ > 1)
		sharpened_.parallel(strip);

	const auto slide = [&](Func &step, int rows) -> Func & {
		return step.compute_at(sharpened_, pair).store_at(sharpened_, strip).fold_storage(y_, rows);
	};
	slide(limited_, 16).align_bounds(x_, 2).vectorize(x_, 2 * vector, kRoundUp);
	slide(sites_, 8).reorder(c_, x_, y_).bound(c_, 0, 4).unroll(c_).vectorize(x_, vector, kRoundUp);
	for (Func *step : { &greenAtRed_, &greenAtBlue_, &red_, &blue_ })
		slide(*step, 8).vectorize(x_, 2 * vector, kRoundUp);

	slide(curved_, 4).bound(c_, 0, 3)
		.align_bounds(x_, 2)
		.tile(x_, y_, xo, y_, xi, yi, 2 * vector, 2, kRoundUp)
		.reorder(xi, yi, c_, xo, y_)
		.vectorize(xi)
		.unroll(yi)
		.unroll(c_);
	for (Func *step : { &rgb_, &corrected_ }) {
		step->compute_at(curved_, xo)
			.bound(c_, 0, 3)
			.align_bounds(x_, 2)
			.reorder(c_, x_, y_)
			.unroll(c_)
			.vectorize(x_)
			.unroll(y_);
	}
}

void CameraPipe::run(Size size, benchmark::State &state)
{
	/* Whole blocks and strips, at most the frame. */
	const int width = static_cast<int>(size.width) / kBlock * kBlock;
	const int height = static_cast<int>(size.height) / (2 * kStripPairs) * (2 * kStripPairs);
	Halide::Buffer<uint16_t> raw(width + 2 * kMargin, height + 2 * kMargin);
	raw.set_min(-kMargin, -kMargin);
	uint32_t noise = 1;
	raw.for_each_element([&](int x, int y) {
		noise = noise * 1664525 + 1013904223;
		raw(x, y) = static_cast<uint16_t>(std::min<uint32_t>(kMax, kBlack + ((x / 8 + y / 16) % 64 * 12) + (noise >> 27)));
	});
	Halide::Buffer<uint8_t> picture(width, height, 3);

	raw_.set(raw);
	Halide::Internal::JITSharedRuntime::set_num_threads(threads_);
	runFrames(state, { static_cast<unsigned int>(width), static_cast<unsigned int>(height) },
		  [&] { sharpened_.realize(Halide::Pipeline::RealizationArg(picture), target_); });
}

} /* namespace */

void registerHalide()
{
	const std::pair<std::string, std::string> targets[] = {
		{ "AVX2", "x86-64-linux-sse41-avx-f16c-fma-avx2-jit" },
		{ "AVX3", "x86-64-linux-sse41-avx-f16c-fma-avx2-avx512-avx512_skylake-jit" },
	};

	const Halide::Target host = Halide::get_host_target();
	for (const auto &[name, features] : targets) {
		const Halide::Target target(features);
		if (!host.has_feature(Halide::Target::AVX2) ||
		    (name == "AVX3" && !host.has_feature(Halide::Target::AVX512_Skylake)))
			continue;
		for (const Size size : kSizes) {
			for (const int threads : { 1, 2 }) {
				registerFrames("peer/halide-camera-pipe-" + name + "/" + sizeName(size) + "/threads:" + std::to_string(threads),
					       [=](benchmark::State &state) {
						       CameraPipe pipe(target, threads);
						       pipe.run(size, state);
					       });
			}
		}
	}
}

} /* namespace fovea::isp::bench */
