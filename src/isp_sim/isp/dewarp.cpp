/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Correction of geometry by a mesh
 */

#include "dewarp.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/dewarp.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/* A row of displacements, cell by cell; each overwrites what the last wrote too much. */
static void displaceKernel(const DewarpCells &cells, const int *nodes, int16_t *out)
{
	const D16 d;

	for (unsigned int cell = 0; cell < DewarpCells::kCount; ++cell) {
		const V16 start = hn::Set(d, static_cast<int16_t>(nodes[cell]));
		const V16 height = hn::Set(d, static_cast<int16_t>(nodes[cell + 1] - nodes[cell]));
		for (size_t i = cells.start[cell]; i < cells.start[cell + 1]; i += hn::Lanes(d)) {
			const V16 fraction = hn::LoadU(d, cells.fractions.data() + i);
			hn::StoreU(hn::Add(start, hn::MulFixedPoint15(height, fraction)), d, out + i);
		}
	}
}

/* Every second displacement, in units of half the resolution. */
static void halveKernel(const int16_t *in, size_t n, int16_t *out)
{
	const D16 d;

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		V16 even, odd;
		hn::LoadInterleaved2(d, in + 2 * i, even, odd);
		hn::StoreU(hn::ShiftRight<1>(even), d, out + i);
	}
}

/* The whole pixels of a displacement that grows or falls steadily over a block. */
struct WholePixels {
	WholePixels(int first, int last)
		: least(std::min(first, last) >> 5), most(std::max(first, last) >> 5)
	{
	}

	bool even() const { return least == most; }

	int least;
	int most;
};

/* A displacement of a block: where it is one pixel more, and the fraction, Q1.15. */
template<class D>
struct Steps {
	HWY_INLINE Steps(D d, const int16_t *displacements, int least)
	{
		const auto v = hn::LoadU(d, displacements);
		further = hn::Gt(hn::ShiftRight<5>(v), hn::Set(d, static_cast<int16_t>(least)));
		fraction = hn::And(hn::ShiftLeft<10>(v), hn::Set(d, 31 << 10));
	}

	hn::Mask<D> further;
	hn::Vec<D> fraction;
};

/* a + (((b - a) * f + 16) >> 5) */
template<class V>
HWY_INLINE V mix(V a, V b, V fraction)
{
	return hn::Add(a, hn::MulFixedPoint15(hn::Sub(b, a), fraction));
}

/* Between neighbours of a row, of which some lanes may be one further. */
template<bool kEven, class D>
HWY_INLINE hn::Vec<D> mixColumns(D d, const uint16_t *at, const Steps<D> &x)
{
	const int16_t *from = reinterpret_cast<const int16_t *>(at);
	const auto first = hn::LoadU(d, from);
	const auto second = hn::LoadU(d, from + 1);
	if constexpr (kEven)
		return mix(first, second, x.fraction);

	const auto third = hn::LoadU(d, from + 2);
	return mix(hn::IfThenElse(x.further, second, first), hn::IfThenElse(x.further, third, second), x.fraction);
}

/*
 * Neighbours mostly come from neighbours: the geometry of lenses changes by less than a
 * pixel over many. Nothing has to be looked up then. Where the displacements are not
 * even, their whole pixels differ by one.
 */
template<bool kEven, unsigned int kPlanes, class D>
HWY_INLINE void sampleEvenly(D d, const DewarpSource &source, size_t i, int left, int top)
{
	const Steps<D> x(d, source.dx + i, left);
	const Steps<D> y(d, source.dy + i, top);
	const ptrdiff_t column = static_cast<ptrdiff_t>(i) + left;
	const auto row = [&](int k) HWY_ATTR {
		const int inside = std::clamp(source.y + top + k, 0, source.height - 1);
		return (inside & source.mask) * source.stride + column;
	};
	const ptrdiff_t first = row(0);
	const ptrdiff_t second = row(1);
	const ptrdiff_t third = row(2);

	for (unsigned int p = 0; p < kPlanes; ++p) {
		const uint16_t *plane = source.plane[p];
		/* The next row of the output is going to need it. */
		__builtin_prefetch(plane + third, 0, kPrefetchLocality);
		auto above = mixColumns<kEven>(d, plane + first, x);
		auto below = mixColumns<kEven>(d, plane + second, x);
		if constexpr (!kEven) {
			const auto last = mixColumns<kEven>(d, plane + third, x);
			above = hn::IfThenElse(y.further, below, above);
			below = hn::IfThenElse(y.further, last, below);
		}
		hn::StoreU(mix(above, below, y.fraction), d, reinterpret_cast<int16_t *>(source.out[p] + i));
	}
}

/* Pixels from anywhere, one by one. */
static void sampleAnywhere(const DewarpSource &source, size_t i, size_t n)
{
	const auto mixScalar = [](int a, int b, int fraction) { return a + (((b - a) * fraction + 16) >> 5); };

	for (size_t end = i + n; i < end; ++i) {
		const int px = std::clamp(32 * static_cast<int>(i) + source.dx[i], 0, 32 * (source.width - 1));
		const int py = std::clamp(32 * source.y + source.dy[i], 0, 32 * (source.height - 1));
		const ptrdiff_t upper = ((py >> 5) & source.mask) * source.stride + (px >> 5);
		/* The last row has no fraction and nothing below. */
		const int below = std::min((py >> 5) + 1, source.height - 1);
		const ptrdiff_t lower = (below & source.mask) * source.stride + (px >> 5);
		for (unsigned int p = 0; p < source.planes; ++p) {
			const uint16_t *plane = source.plane[p];
			const int a = mixScalar(plane[upper], plane[upper + 1], px & 31);
			const int b = mixScalar(plane[lower], plane[lower + 1], px & 31);
			source.out[p][i] = static_cast<uint16_t>(mixScalar(a, b, py & 31));
		}
	}
}

/* The first @n pixels of a vector at @i, all in one cell. */
template<unsigned int kPlanes, class D>
HWY_INLINE void sampleBlock(D d, const DewarpSource &source, size_t i, size_t n)
{
	const WholePixels x(source.dx[i], source.dx[i + n - 1]);
	const WholePixels y(source.dy[i], source.dy[i + n - 1]);
	const int column = static_cast<int>(i);
	/* One sample beyond the border is there on each side, and is that at the border. */
	const bool inside = column + x.least >= -1 && column + static_cast<int>(n) + x.most <= source.width &&
			    source.y + y.least >= -1 && source.y + y.most < source.height;

	if (inside && x.even() && y.even()) {
		sampleEvenly<true, kPlanes>(d, source, i, x.least, y.least);
		return;
	}
	if (inside && x.most - x.least <= 1 && y.most - y.least <= 1) {
		sampleEvenly<false, kPlanes>(d, source, i, x.least, y.least);
		return;
	}

	/* Over half as many pixels there is half as much change. */
	if constexpr (hn::MaxLanes(D()) > 8) {
		const hn::Half<D> half;
		sampleBlock<kPlanes>(half, source, i, std::min(n, hn::Lanes(half)));
		if (n > hn::Lanes(half))
			sampleBlock<kPlanes>(half, source, i + hn::Lanes(half), n - hn::Lanes(half));
	} else {
		sampleAnywhere(source, i, n);
	}
}

template<unsigned int kPlanes>
static void sampleRow(const uint16_t *starts, const DewarpSource &source)
{
	const D16 d;

	for (unsigned int cell = 0; cell < DewarpCells::kCount; ++cell) {
		const size_t end = starts[cell + 1];
		for (size_t i = starts[cell]; i < end; i += hn::Lanes(d))
			sampleBlock<kPlanes>(d, source, i, std::min(hn::Lanes(d), end - i));
	}
}

static void sampleKernel(const uint16_t *starts, const DewarpSource &source)
{
	if (source.planes == 1)
		sampleRow<1>(starts, source);
	else if (source.planes == 2)
		sampleRow<2>(starts, source);
	else
		sampleRow<3>(starts, source);
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <bit>
#include <new>
#include <stdlib.h>

#include "mesh.h"
#include "zone_stats.h"

namespace fovea::isp {

HWY_EXPORT(displaceKernel);
HWY_EXPORT(halveKernel);
HWY_EXPORT(sampleKernel);

namespace {

constexpr unsigned int kCellsX = DewarpCells::kCount;
constexpr unsigned int kCellsY = FOVEA_ISP_DEWARP_NODES_Y - 1;

/* The cell of a pixel, and where it lies in it, 0 to 32767. */
struct Cell {
	Cell(unsigned int pixel, unsigned int cells, unsigned int pixels)
		: index(zoneOf(pixel, cells, pixels)), fraction(fractionOf(pixel, cells, pixels))
	{
	}

	unsigned int index;
	int fraction;
};

using Nodes = __s16[FOVEA_ISP_DEWARP_NODES_Y][FOVEA_ISP_DEWARP_NODES_X];

/* The displacement of column @node of the nodes, between two rows of them. */
int blendedNode(const Nodes &nodes, const Cell &y, unsigned int node)
{
	return between(nodes[y.index][node], nodes[y.index + 1][node], y.fraction);
}

int displacementAt(const Nodes &nodes, const Cell &x, const Cell &y)
{
	return between(blendedNode(nodes, y, x.index), blendedNode(nodes, y, x.index + 1), x.fraction);
}

/* Between two samples, @fraction in 1/32. */
int mixed(int a, int b, int fraction)
{
	return a + (((b - a) * fraction + 16) >> 5);
}

/* Bilinear, at a position in units of 1/32 sample. */
uint16_t sampleAt(const Plane &plane, int px, int py)
{
	const int x = std::clamp<int>(px, 0, 32 * (plane.width - 1));
	const int y = std::clamp<int>(py, 0, 32 * (plane.height - 1));
	const unsigned int left = x / 32;
	const unsigned int right = std::min(left + 1, plane.width - 1);
	const uint16_t *upper = plane.row(y / 32);
	const uint16_t *lower = plane.row(std::min<unsigned int>(y / 32 + 1, plane.height - 1));
	return static_cast<uint16_t>(mixed(mixed(upper[left], upper[right], x & 31),
					   mixed(lower[left], lower[right], x & 31), y & 31));
}

/* A plane of the frame's size divided by @step, 1 or 2. */
Plane dewarped(const fovea_isp_dewarp &params, const Plane &in, unsigned int step)
{
	const Size frame{ in.width * step, in.height * step };
	Plane out(in.width, in.height);

	for (unsigned int y = 0; y < in.height; ++y) {
		const Cell cellY(y * step, kCellsY, frame.height);
		for (unsigned int x = 0; x < in.width; ++x) {
			const Cell cellX(x * step, kCellsX, frame.width);
			const int dx = displacementAt(params.dx, cellX, cellY) >> (step - 1);
			const int dy = displacementAt(params.dy, cellX, cellY) >> (step - 1);
			out.row(y)[x] = sampleAt(in, static_cast<int>(32 * x) + dx, static_cast<int>(32 * y) + dy);
		}
	}

	return out;
}

/* Samples beside a row: what kernels read, and that kernels read whole vectors. */
constexpr size_t kMargin = 2 * kRowMargin;

} /* namespace */

/**
 * Move the pixels of a picture
 * @params: where the pixels come from, on a mesh, Q11.5
 * @ycbcr: planes Y' and, of half width and height, Cb and Cr, 0 to 4095
 * @rgb: planes R', G', B' of full size
 *
 * Each pixel is that at its place plus the displacement, both interpolated bilinearly:
 * px = clamp(32 x + dx, 0, 32 (width - 1)) in 1/32 pixel, mix(a, b, f) = a + (((b - a) *
 * f + 16) >> 5), first in rows.
 * A mesh describes any distortion that is smooth, like that of Brown ("Decentering
 * distortion of lenses", Photogrammetric Engineering 32 (3), 1966). Definition: struct
 * fovea_isp_dewarp.
 */
void dewarpReference(const fovea_isp_dewarp &params, Planes *ycbcr, Planes *rgb)
{
	if (blockDisabled(params.header))
		return;

	for (unsigned int i = 0; i < 3; ++i) {
		(*ycbcr)[i] = dewarped(params, (*ycbcr)[i], i ? 2 : 1);
		(*rgb)[i] = dewarped(params, (*rgb)[i], 1);
	}
}

unsigned int dewarpReach(const fovea_isp_dewarp &params)
{
	int largest = 0;
	for (const auto &row : params.dy) {
		for (const int16_t dy : row)
			largest = std::max(largest, abs(int{ dy }));
	}

	/* Both rows of a quad, and the row below that each is mixed with. */
	return static_cast<unsigned int>(largest) / (2 * 32) + 2;
}

/* The system gives memory when it is first written to. */
DewarpPlane::DewarpPlane(unsigned int width, unsigned int height, unsigned int rows)
	: width_(width), height_(height),
	  stride_((width + kRowMargin - 1) / kRowMargin * kRowMargin + kMargin),
	  data_(hwy::AllocateAligned<uint16_t>(stride_ * rows + kMargin))
{
	if (!data_)
		throw std::bad_alloc();
}

uint16_t *DewarpPlane::row(unsigned int y) const
{
	return data_.get() + static_cast<size_t>(y & mask_) * stride_ + kRowMargin;
}

/* Row @y has been written: what is beside it becomes what is at its ends. */
void DewarpPlane::finishRow(unsigned int y) const
{
	uint16_t *samples = row(y);
	samples[-1] = samples[0];
	samples[width_] = samples[width_ - 1];
}

/* Ask for the memory that one part of row @y is going to be written to. */
void DewarpPlane::prefetch(unsigned int y, unsigned int part, unsigned int parts) const
{
	constexpr size_t kCacheLine = 64 / sizeof(uint16_t);

	if (y >= height_)
		return;

	const uint16_t *samples = row(y);
	for (size_t i = width_ * part / parts; i < width_ * (part + 1) / parts; i += kCacheLine)
		__builtin_prefetch(samples + i, 0, kPrefetchLocality);
}

/**
 * A picture of @size pixels: 3 bytes a pixel, and 6 more @withRgb
 */
DewarpPicture::DewarpPicture(const Size &size, bool withRgb)
	: DewarpPicture(size, withRgb, size.height / 2)
{
}

DewarpPicture::DewarpPicture(const Size &size, bool withRgb, unsigned int quadRows)
{
	for (unsigned int i = 0; i < 3; ++i) {
		const unsigned int step = i ? 2 : 1;
		ycbcr[i] = DewarpPlane(size.width / step, size.height / step, 2 * quadRows / step);
		if (withRgb)
			rgb[i] = DewarpPlane(size.width, size.height, 2 * quadRows);
	}
}

/**
 * Keep no more rows than are needed, so that they stay in the cache
 * @reach: dewarpReach(), at most kDewarpRingReach
 *
 * Output rows are made as soon as all that they look at is there.
 */
void DewarpPicture::useRing(unsigned int reach)
{
	const unsigned int quadRows = std::bit_ceil(2 * reach + 2);
	for (unsigned int i = 0; i < 3; ++i) {
		ycbcr[i].useRing(i ? quadRows : 2 * quadRows);
		rgb[i].useRing(2 * quadRows);
	}
}

/* @size: that of the frame */
DewarpRows::DewarpRows(const Size &size)
	: size_(size), dx_(1, size.width + kRowMargin), dy_(1, size.width + kRowMargin),
	  chromaDx_(1, size.width / 2), chromaDy_(1, size.width / 2)
{
	for (unsigned int i = 0; i <= kCellsX; ++i) {
		cells_.start[i] = static_cast<uint16_t>(zoneStart(i, kCellsX, size.width));
		chromaStarts_[i] = static_cast<uint16_t>((cells_.start[i] + 1) / 2);
	}
	cells_.fractions.resize(size.width + kRowMargin);
	for (unsigned int x = 0; x < size.width; ++x)
		cells_.fractions[x] = static_cast<int16_t>(fractionOf(x, kCellsX, size.width));
}

/* Interpolate the displacements of row @y of the frame. */
void DewarpRows::moveTo(const fovea_isp_dewarp &params, unsigned int y)
{
	const Cell cell(y, kCellsY, size_.height);
	y_ = y;

	for (const auto &[nodes, out] : { std::pair(&params.dx, dx_[0]), std::pair(&params.dy, dy_[0]) }) {
		int blended[FOVEA_ISP_DEWARP_NODES_X];
		for (unsigned int i = 0; i < FOVEA_ISP_DEWARP_NODES_X; ++i)
			blended[i] = blendedNode(*nodes, cell, i);
		HWY_DYNAMIC_DISPATCH(displaceKernel)(cells_, blended, out);
	}

	/* Chroma has the displacement of the first pixel of its quad. */
	if (y % 2 == 0) {
		HWY_DYNAMIC_DISPATCH(halveKernel)(dx_[0], size_.width / 2, chromaDx_[0]);
		HWY_DYNAMIC_DISPATCH(halveKernel)(dy_[0], size_.width / 2, chromaDy_[0]);
	}
}

/* Where planes of one size, 1 to 3, are sampled. */
DewarpSource DewarpRows::sourceOf(std::span<const DewarpPlane> planes, uint16_t *const *out) const
{
	DewarpSource source = {};
	source.planes = static_cast<unsigned int>(planes.size());
	source.stride = static_cast<ptrdiff_t>(planes[0].stride());
	source.mask = planes[0].mask();
	source.width = static_cast<int>(planes[0].width());
	source.height = static_cast<int>(planes[0].height());
	for (unsigned int i = 0; i < planes.size(); ++i) {
		source.plane[i] = planes[i].row(0);
		source.out[i] = out[i];
	}
	return source;
}

/**
 * Make a row of planes of full size, at the place of the last moveTo()
 * @planes: one or three; all rows that are looked at have been finished
 * @out: receives a row of each; they reach up to a whole vector
 *
 * Equal to dewarpReference().
 */
void DewarpRows::sample(std::span<const DewarpPlane> planes, uint16_t *const *out) const
{
	DewarpSource source = sourceOf(planes, out);
	source.y = static_cast<int>(y_);
	source.dx = dx_[0];
	source.dy = dy_[0];
	HWY_DYNAMIC_DISPATCH(sampleKernel)(cells_.start, source);
}

/* The same for planes of half width and height; the place was an even row. */
void DewarpRows::sampleChroma(std::span<const DewarpPlane> planes, uint16_t *const *out) const
{
	DewarpSource source = sourceOf(planes, out);
	source.y = static_cast<int>(y_ / 2);
	source.dx = chromaDx_[0];
	source.dy = chromaDy_[0];
	HWY_DYNAMIC_DISPATCH(sampleKernel)(chromaStarts_, source);
}

} /* namespace fovea::isp */
#endif
