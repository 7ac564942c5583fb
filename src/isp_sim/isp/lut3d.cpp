/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Three-dimensional look-up table of colours
 */

#include "lut3d.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/lut3d.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/* Fractions are below 256: these are the weights of what does not depend on them. */
constexpr int16_t kStartWeight = Lut3dTetrahedron::kStartWeight;

/* A vector of pixels. What lies behind the row may be anything. */
struct Pixels {
	HWY_INLINE Pixels(const uint16_t *red, const uint16_t *green, const uint16_t *blue)
	{
		const U16 d;
		const VU16 max = hn::Set(d, 4095);
		const VU16 mask = hn::Set(d, 255);
		r = hn::Min(hn::LoadU(d, red), max);
		g = hn::Min(hn::LoadU(d, green), max);
		b = hn::Min(hn::LoadU(d, blue), max);
		fr = hn::And(r, mask);
		fg = hn::And(g, mask);
		fb = hn::And(b, mask);
	}

	VU16 r, g, b;
	VU16 fr, fg, fb;
};

/* The tetrahedron of each pixel, as struct Lut3dTable counts them. */
HWY_INLINE VU16 findTetrahedra(const Pixels &at)
{
	const U16 d;
	const D16 ds;
	const auto bitWhereLess = [&](VU16 first, VU16 second, int16_t bit) HWY_ATTR {
		const auto less = hn::Lt(hn::BitCast(ds, first), hn::BitCast(ds, second));
		return hn::BitCast(d, hn::IfThenElseZero(less, hn::Set(ds, bit)));
	};
	const VU16 order = hn::Or(hn::Or(bitWhereLess(at.fg, at.fr, Lut3dTable::kRedBeforeGreen),
					 bitWhereLess(at.fb, at.fg, Lut3dTable::kGreenBeforeBlue)),
				  bitWhereLess(at.fb, at.fr, Lut3dTable::kRedBeforeBlue));

	/* Eight for each cell, cells of 256 in each direction. */
	const VU16 cell = hn::Or(hn::ShiftLeft<3>(hn::And(at.r, hn::Set(d, 0xf00))),
				 hn::Or(hn::And(hn::ShiftRight<1>(at.g), hn::Set(d, 0x780)),
					hn::And(hn::ShiftRight<5>(at.b), hn::Set(d, 0x78))));
	return hn::Or(cell, order);
}

/* 16 bytes for each block of a vector, eight pixels apart. */
template<class Row>
HWY_INLINE V16 loadBlocks(const Lut3dTetrahedron *table, const uint16_t *index, Row row)
{
#if HWY_TARGET == HWY_AVX2
	const auto load = [&](size_t block) HWY_ATTR {
		return _mm_load_si128(reinterpret_cast<const __m128i *>(row(table[index[8 * block]])));
	};
	return V16{ _mm256_inserti128_si256(_mm256_castsi128_si256(load(0)), load(1), 1) };
#elif HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
	const auto load = [&](size_t block) HWY_ATTR {
		const auto half = [&](size_t i) HWY_ATTR {
			return _mm_load_si128(reinterpret_cast<const __m128i *>(row(table[index[8 * i]])));
		};
		return _mm256_inserti128_si256(_mm256_castsi128_si256(half(block)), half(block + 1), 1);
	};
	return V16{ _mm512_inserti64x4(_mm512_castsi256_si512(load(0)), load(2), 1) };
#else
	static_assert(hn::MaxLanes(D16()) == 8);
	return hn::Load(D16(), row(table[*index]));
#endif
}

/* Red, green and blue of one pixel in each block: the start and three steps. */
template<int kPixel>
HWY_INLINE V32 interpolate(const Lut3dTetrahedron *table, const uint16_t *index, V32 startAndRed, V32 greenAndBlue)
{
	const D16 d;
	const D32 d32;
	const V16 first = loadBlocks(table, index, [](const Lut3dTetrahedron &t) { return t.startAndRed[0]; });
	const V16 second = loadBlocks(table, index, [](const Lut3dTetrahedron &t) { return t.greenAndBlue[0]; });

	V32 rest = hn::Zero(d32);
	V32 sum = hn::ReorderWidenMulAccumulate(d32, first, hn::BitCast(d, hn::Broadcast<kPixel>(startAndRed)),
						hn::Zero(d32), rest);
	sum = hn::ReorderWidenMulAccumulate(d32, second, hn::BitCast(d, hn::Broadcast<kPixel>(greenAndBlue)), sum, rest);
	return hn::ShiftRight<8>(hn::RearrangeToOddPlusEven(sum, rest));
}

/* Four pixels in each block: their red and green, and their blue. */
struct FourPixels {
	HWY_INLINE FourPixels(const Lut3dTetrahedron *table, const uint16_t *index, V16 startAndRed, V16 greenAndBlue)
	{
		const D16 d;
		const V32 w0 = hn::BitCast(D32(), startAndRed);
		const V32 w1 = hn::BitCast(D32(), greenAndBlue);
		const V16 p01 = narrow(interpolate<0>(table, index, w0, w1), interpolate<1>(table, index + 1, w0, w1));
		const V16 p23 = narrow(interpolate<2>(table, index + 2, w0, w1), interpolate<3>(table, index + 3, w0, w1));
		const V16 even = hn::InterleaveLower(d, p01, p23);
		const V16 odd = hn::InterleaveUpper(d, p01, p23);
		redGreen = hn::BitCast(D64(), hn::InterleaveLower(d, even, odd));
		blue = hn::BitCast(D64(), hn::InterleaveUpper(d, even, odd));
	}

	using D64 = hn::ScalableTag<uint64_t>;
	hn::Vec<D64> redGreen, blue;
};

/* What is stored before it is used is loaded one by one, which is faster than taking it from vectors. */
constexpr size_t kChunk = 256;

static void lut3dChunk(const Lut3dTetrahedron *table, size_t n, uint16_t *r, uint16_t *g, uint16_t *b)
{
	const U16 d;
	const D16 ds;
	const FourPixels::D64 d64;
	const VU16 max = hn::Set(d, 4095);
	const V16 start = hn::Set(ds, kStartWeight);
	alignas(HWY_MAX_BYTES) uint16_t index[kChunk];

	for (size_t i = 0; i < n; i += hn::Lanes(d))
		hn::Store(findTetrahedra(Pixels(r + i, g + i, b + i)), d, index + i);

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		const Pixels at(r + i, g + i, b + i);
		const V16 wr = hn::BitCast(ds, at.fr);
		const V16 wg = hn::BitCast(ds, at.fg);
		const V16 wb = hn::BitCast(ds, at.fb);
		const FourPixels lower(table, index + i, hn::InterleaveLower(ds, start, wr), hn::InterleaveLower(ds, wg, wb));
		const FourPixels upper(table, index + i + 4, hn::InterleaveUpper(ds, start, wr), hn::InterleaveUpper(ds, wg, wb));
		const auto store = [&](hn::Vec<FourPixels::D64> v, uint16_t *out) HWY_ATTR {
			hn::StoreU(hn::Min(hn::BitCast(d, v), max), d, out + i);
		};
		store(hn::InterleaveLower(d64, lower.redGreen, upper.redGreen), r);
		store(hn::InterleaveUpper(d64, lower.redGreen, upper.redGreen), g);
		store(hn::InterleaveLower(d64, lower.blue, upper.blue), b);
	}
}

static void lut3dKernel(const Lut3dTetrahedron *table, size_t n, uint16_t *r, uint16_t *g, uint16_t *b)
{
	for (size_t i = 0; i < n; i += kChunk)
		lut3dChunk(table, std::min(kChunk, n - i), r + i, g + i, b + i);
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <new>
#include <string.h>
#include <utility>

namespace fovea::isp {

HWY_EXPORT(lut3dKernel);

namespace {

constexpr unsigned int kCell = 256;
constexpr unsigned int kCells = FOVEA_ISP_LUT3D_NODES - 1;
constexpr unsigned int kTetrahedra = 8;

using Colour3 = const __u16 (&)[3];

/* The order of colours in which a walk through a cell goes, for each tetrahedron. */
struct Walk {
	unsigned int tetrahedron;
	unsigned int colours[3];
};

constexpr Walk kWalks[] = {
	{ Lut3dTable::kRedBeforeGreen | Lut3dTable::kGreenBeforeBlue | Lut3dTable::kRedBeforeBlue, { 0, 1, 2 } },
	{ Lut3dTable::kRedBeforeGreen | Lut3dTable::kRedBeforeBlue, { 0, 2, 1 } },
	{ Lut3dTable::kRedBeforeGreen, { 2, 0, 1 } },
	{ Lut3dTable::kGreenBeforeBlue | Lut3dTable::kRedBeforeBlue, { 1, 0, 2 } },
	{ Lut3dTable::kGreenBeforeBlue, { 1, 2, 0 } },
	{ 0, { 2, 1, 0 } },
};

Lut3dTetrahedron makeTetrahedron(const fovea_isp_lut3d &params, const unsigned int (&cell)[3], const Walk &walk)
{
	unsigned int at[3] = { cell[0], cell[1], cell[2] };
	const auto node = [&]() -> Colour3 { return params.rgb[at[0]][at[1]][at[2]]; };

	Lut3dTetrahedron out = {};
	for (unsigned int c = 0; c < 3; ++c)
		out.startAndRed[c][0] = static_cast<int16_t>(2 * node()[c] + 1);

	for (const unsigned int colour : walk.colours) {
		Colour3 from = node();
		at[colour]++;
		Colour3 to = node();
		for (unsigned int c = 0; c < 3; ++c) {
			const int16_t step = static_cast<int16_t>(to[c] - from[c]);
			if (colour == 0)
				out.startAndRed[c][1] = step;
			else
				out.greenAndBlue[c][colour - 1] = step;
		}
	}
	return out;
}

} /* namespace */

/* The system gives memory when it is first written to: one MiB if ever enabled. */
Lut3dTable::Lut3dTable()
	: tetrahedra_(hwy::AllocateAligned<Lut3dTetrahedron>(kCells * kCells * kCells * kTetrahedra))
{
	if (!tetrahedra_)
		throw std::bad_alloc();
}

/* Follow the parameters, which seldom change. */
void Lut3dTable::update(const fovea_isp_lut3d &params)
{
	if (valid_ && !memcmp(params.rgb, params_.rgb, sizeof(params.rgb)))
		return;

	params_ = params;
	valid_ = true;
	Lut3dTetrahedron *out = tetrahedra_.get();
	for (unsigned int r = 0; r < kCells; ++r) {
		for (unsigned int g = 0; g < kCells; ++g) {
			for (unsigned int b = 0; b < kCells; ++b, out += kTetrahedra) {
				for (const Walk &walk : kWalks)
					out[walk.tetrahedron] = makeTetrahedron(params, { r, g, b }, walk);
			}
		}
	}
}

/**
 * Look colours up in a table
 * @params: what becomes of the colours of 17x17x17 nodes, 0 to 4096
 * @rgb: planes R', G', B', 0 to 4095
 *
 * out = min(4095, ((256 - f0) n[0] + (f0 - f1) n[1] + (f1 - f2) n[2] + f2 n[3] + 128) >>
 * 8), f0 >= f1 >= f2 the fractions in the cell, UQ0.8, n nodes, UQ1.12.
 * Tetrahedral interpolation: of a cell's vertices those are used that lie on the way
 * from its darkest to its brightest along the channels in the order of their
 * fractions (Kang, "Color technology for electronic imaging devices", SPIE, 1997,
 * chapter 4). It keeps greys grey where the table does. Definition: struct
 * fovea_isp_lut3d.
 */
void lut3dReference(const fovea_isp_lut3d &params, Planes *rgb)
{
	if (blockDisabled(params.header))
		return;

	Planes &p = *rgb;
	for (size_t i = 0; i < p[0].samples.size(); ++i) {
		unsigned int at[3];
		std::pair<int, unsigned int> order[3];
		for (unsigned int c = 0; c < 3; ++c) {
			at[c] = p[c].samples[i] / kCell;
			order[c] = { -static_cast<int>(p[c].samples[i] % kCell), c };
		}
		/* The largest fraction comes first. */
		std::sort(std::begin(order), std::end(order));

		int sum[3] = {};
		int last = kCell;
		for (unsigned int vertex = 0; vertex < 4; ++vertex) {
			const int next = vertex < 3 ? -order[vertex].first : 0;
			for (unsigned int c = 0; c < 3; ++c)
				sum[c] += (last - next) * params.rgb[at[0]][at[1]][at[2]][c];
			if (vertex < 3)
				at[order[vertex].second]++;
			last = next;
		}
		for (unsigned int c = 0; c < 3; ++c)
			p[c].samples[i] = static_cast<uint16_t>(std::min((sum[c] + 128) >> 8, kOutputMax));
	}
}

/**
 * Look up the colours of @n pixels
 * @r, @g, @b: a row of each plane, 0 to 4095; they reach up to a whole vector
 *
 * Equal to lut3dReference(). @table follows an enabled block.
 */
void lut3dRow(const Lut3dTable &table, size_t n, uint16_t *r, uint16_t *g, uint16_t *b)
{
	HWY_DYNAMIC_DISPATCH(lut3dKernel)(table.data(), n, r, g, b);
}

} /* namespace fovea::isp */
#endif
