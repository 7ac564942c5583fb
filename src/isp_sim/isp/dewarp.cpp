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

/* One cell of the mesh. May write a vector too much: the next cell is later. */
static void displaceKernel(int first, int step, const int16_t *fractions, size_t n, int16_t *out)
{
	const D16 d;
	const V16 start = hn::Set(d, static_cast<int16_t>(first));
	const V16 height = hn::Set(d, static_cast<int16_t>(step));

	for (size_t i = 0; i < n; i += hn::Lanes(d))
		hn::StoreU(hn::Add(start, hn::MulFixedPoint15(height, hn::LoadU(d, fractions + i))), d, out + i);
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

/* 32 bits at each offset in bytes, which may be odd multiples of two. */
HWY_INLINE V32 gather(const uint16_t *base, V32 offsets)
{
	const D32 d;
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2
	return hn::GatherOffset(d, reinterpret_cast<const int32_t *>(base), offsets);
#else
	/* What Highway has in its place wants whole multiples of four. */
	alignas(HWY_MAX_BYTES) int32_t at[HWY_MAX_BYTES / sizeof(int32_t)];
	alignas(HWY_MAX_BYTES) int32_t values[HWY_MAX_BYTES / sizeof(int32_t)];
	hn::Store(offsets, d, at);
	for (size_t i = 0; i < hn::Lanes(d); ++i)
		hwy::CopyBytes<sizeof(int32_t)>(base + at[i] / 2, values + i);
	return hn::Load(d, values);
#endif
}

/* The same where offset i is that of @first and i samples more. */
HWY_INLINE V32 loadPairs(const uint16_t *first)
{
	const D32 d;
	const hn::Rebind<uint16_t, D32> half;
	const V32 left = hn::PromoteTo(d, hn::LoadU(half, first));
	const V32 right = hn::PromoteTo(d, hn::LoadU(half, first + 1));
	return hn::Or(left, hn::ShiftLeft<16>(right));
}

/*
 * Neighbours mostly come from neighbours: distortions of lenses change by less than a
 * pixel over many. What is found by offset costs several times as much.
 */
HWY_INLINE V32 fetchPairs(const uint16_t *plane, V32 offsets)
{
	const D32 d;
	const int32_t first = hn::GetLane(offsets);
	const V32 expected = hn::Add(hn::Set(d, first), hn::ShiftLeft<1>(hn::Iota(d, 0)));
	if (hn::AllTrue(d, hn::Eq(offsets, expected)))
		return loadPairs(plane + first / 2);
	return gather(plane, offsets);
}

/*
 * Two samples of a row that are neighbours come with one load of 32 bits. What lies
 * behind the last one of a row has no weight.
 */
static void sampleKernel(const uint16_t *plane, size_t stride, unsigned int width, unsigned int height,
			 unsigned int y, const int16_t *dx, const int16_t *dy, uint16_t *out)
{
	const D32 d;
	const D16 d16;
	const hn::Rebind<int16_t, D32> half;
	const hn::Rebind<uint16_t, D32> halfU;

	const V32 one = hn::Set(d, 32);
	const V32 fraction = hn::Set(d, 31);
	const V32 lastX = hn::Set(d, static_cast<int32_t>(32 * (width - 1)));
	const V32 lastY = hn::Set(d, static_cast<int32_t>(32 * (height - 1)));
	const V32 atY = hn::Set(d, static_cast<int32_t>(32 * y));
	const V32 bytes = hn::Set(d, static_cast<int32_t>(2 * stride));

	for (size_t i = 0; i < width; i += hn::Lanes(d)) {
		const V32 atX = hn::ShiftLeft<5>(hn::Iota(d, static_cast<int32_t>(i)));
		const V32 px = hn::Add(atX, hn::PromoteTo(d, hn::LoadU(half, dx + i)));
		const V32 py = hn::Add(atY, hn::PromoteTo(d, hn::LoadU(half, dy + i)));
		const V32 x = hn::Min(hn::Max(px, hn::Zero(d)), lastX);
		const V32 yy = hn::Min(hn::Max(py, hn::Zero(d)), lastY);
		const V32 fx = hn::And(x, fraction);
		const V32 fy = hn::And(yy, fraction);

		const V32 upper = hn::Add(hn::Mul(hn::ShiftRight<5>(yy), bytes), hn::ShiftLeft<1>(hn::ShiftRight<5>(x)));
		/* The last row has no fraction and nothing below. */
		const V32 lower = hn::Add(upper, hn::IfThenElseZero(hn::Lt(yy, lastY), bytes));

		const V16 weights = hn::BitCast(d16, hn::Or(hn::Sub(one, fx), hn::ShiftLeft<16>(fx)));
		const V32 above = multiplyPairs(hn::BitCast(d16, fetchPairs(plane, upper)), weights);
		const V32 below = multiplyPairs(hn::BitCast(d16, fetchPairs(plane, lower)), weights);
		const V32 sum = hn::Add(hn::ShiftLeft<5>(above), hn::Mul(hn::Sub(below, above), fy));
		hn::StoreU(hn::DemoteTo(halfU, hn::ShiftRight<10>(hn::Add(sum, hn::Set(d, 512)))), halfU, out + i);
	}
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <new>

#include "mesh.h"
#include "zone_stats.h"

namespace fovea::isp {

HWY_EXPORT(displaceKernel);
HWY_EXPORT(halveKernel);
HWY_EXPORT(sampleKernel);

namespace {

constexpr unsigned int kCellsX = FOVEA_ISP_DEWARP_NODES_X - 1;
constexpr unsigned int kCellsY = FOVEA_ISP_DEWARP_NODES_Y - 1;

/* The cell of a pixel, and where it lies in it, 0 to 32767. */
struct Cell {
	Cell(unsigned int pixel, unsigned int cells, unsigned int pixels)
		: index(zoneOf(pixel, cells, pixels))
	{
		const unsigned int start = zoneStart(index, cells, pixels);
		fraction = static_cast<int>((pixel - start) * 32768 / (zoneStart(index + 1, cells, pixels) - start));
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

/* Bilinear, at a position in units of 1/32 sample. */
uint16_t sampleAt(const Plane &plane, int px, int py)
{
	const int x = std::clamp<int>(px, 0, 32 * (plane.width - 1));
	const int y = std::clamp<int>(py, 0, 32 * (plane.height - 1));
	const int fx = x & 31;
	const int fy = y & 31;
	const unsigned int right = std::min<unsigned int>(x / 32 + 1, plane.width - 1);
	const unsigned int below = std::min<unsigned int>(y / 32 + 1, plane.height - 1);
	const uint16_t *upper = plane.row(y / 32);
	const uint16_t *lower = plane.row(below);
	const int a = upper[x / 32] * (32 - fx) + upper[right] * fx;
	const int b = lower[x / 32] * (32 - fx) + lower[right] * fx;
	return static_cast<uint16_t>((a * (32 - fy) + b * fy + 512) >> 10);
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

} /* namespace */

/**
 * Move the pixels of a picture
 * @params: where the pixels come from, on a mesh, Q11.5
 * @ycbcr: planes Y' and, of half width and height, Cb and Cr, 0 to 4095
 * @rgb: planes R', G', B' of full size
 *
 * Each pixel is that at its place plus the displacement, both interpolated bilinearly.
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

/*
 * The system gives memory when it is first written to. Kernels write up to 64 samples
 * at a time and read one behind the last.
 */
DewarpPlane::DewarpPlane(unsigned int width, unsigned int height)
	: width_(width), height_(height), stride_((static_cast<size_t>(width) / 64 + 1) * 64),
	  data_(hwy::AllocateAligned<uint16_t>(stride_ * height))
{
	if (!data_)
		throw std::bad_alloc();
}

/**
 * A picture of @size pixels: 3 bytes a pixel, and 6 more @withRgb
 */
DewarpPicture::DewarpPicture(const Size &size, bool withRgb)
{
	for (unsigned int i = 0; i < 3; ++i) {
		const unsigned int step = i ? 2 : 1;
		ycbcr[i] = DewarpPlane(size.width / step, size.height / step);
		if (withRgb)
			rgb[i] = DewarpPlane(size.width, size.height);
	}
}

/* @size: that of the frame */
DewarpRows::DewarpRows(const Size &size)
	: size_(size), fractions_(size.width + kRowMargin), dx_(1, size.width + kRowMargin),
	  dy_(1, size.width + kRowMargin), chromaDx_(1, size.width / 2), chromaDy_(1, size.width / 2)
{
	for (unsigned int x = 0; x < size.width; ++x)
		fractions_[x] = static_cast<int16_t>(Cell(x, kCellsX, size.width).fraction);
}

/* Interpolate the displacements of row @y of the frame. */
void DewarpRows::moveTo(const fovea_isp_dewarp &params, unsigned int y)
{
	const Cell cell(y, kCellsY, size_.height);
	y_ = y;

	for (const auto &[nodes, out] : { std::pair(&params.dx, dx_[0]), std::pair(&params.dy, dy_[0]) }) {
		int first = blendedNode(*nodes, cell, 0);
		for (unsigned int i = 0; i < kCellsX; ++i) {
			const int second = blendedNode(*nodes, cell, i + 1);
			const unsigned int begin = zoneStart(i, kCellsX, size_.width);
			const unsigned int end = zoneStart(i + 1, kCellsX, size_.width);
			HWY_DYNAMIC_DISPATCH(displaceKernel)(first, second - first, fractions_.data() + begin,
							     end - begin, out + begin);
			first = second;
		}
	}

	/* Chroma has the displacement of the first pixel of its quad. */
	if (y % 2 == 0) {
		HWY_DYNAMIC_DISPATCH(halveKernel)(dx_[0], size_.width / 2, chromaDx_[0]);
		HWY_DYNAMIC_DISPATCH(halveKernel)(dy_[0], size_.width / 2, chromaDy_[0]);
	}
}

/**
 * Make a row of a plane of full size, at the place of the last moveTo()
 * @out: receives the row; it reaches up to a whole vector
 *
 * Equal to dewarpReference().
 */
void DewarpRows::sample(const DewarpPlane &plane, uint16_t *out) const
{
	HWY_DYNAMIC_DISPATCH(sampleKernel)(plane.row(0), plane.stride(), plane.width(), plane.height(), y_,
					   dx_[0], dy_[0], out);
}

/* The same for a plane of half width and height; the place was an even row. */
void DewarpRows::sampleChroma(const DewarpPlane &plane, uint16_t *out) const
{
	HWY_DYNAMIC_DISPATCH(sampleKernel)(plane.row(0), plane.stride(), plane.width(), plane.height(), y_ / 2,
					   chromaDx_[0], chromaDy_[0], out);
}

} /* namespace fovea::isp */
#endif
