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

/* Distances of neighbouring nodes in red, green and blue, and across a cell. */
constexpr uint16_t kNodes = FOVEA_ISP_LUT3D_NODES;
constexpr uint16_t kStepR = kNodes * kNodes;
constexpr uint16_t kStepG = kNodes;
constexpr uint16_t kStepB = 1;
constexpr uint16_t kStepAll = kStepR + kStepG + kStepB;

using D16x8 = hn::CappedTag<int16_t, 8>;
using D32x4 = hn::RepartitionToWide<D16x8>;
using V16x8 = hn::Vec<D16x8>;
using V32x4 = hn::Vec<D32x4>;

/*
 * The tetrahedron of each pixel of a vector: the first three vertices, of which the
 * first one leads to the last, and weights: first, last, second and third.
 */
struct Tetrahedra {
	static constexpr size_t kPixels = HWY_MAX_BYTES / sizeof(uint16_t);

	alignas(HWY_MAX_BYTES) uint16_t vertex[3][kPixels];
	alignas(HWY_MAX_BYTES) uint16_t weights[4 * kPixels];
};

HWY_INLINE void findTetrahedra(VU16 r, VU16 g, VU16 b, Tetrahedra *out)
{
	const U16 d;
	const VU16 mask = hn::Set(d, 255);
	const VU16 fr = hn::And(r, mask);
	const VU16 fg = hn::And(g, mask);
	const VU16 fb = hn::And(b, mask);
	const VU16 max = hn::Max(fr, hn::Max(fg, fb));
	const VU16 min = hn::Min(fr, hn::Min(fg, fb));
	const VU16 middle = hn::Sub(hn::Add(fr, hn::Add(fg, fb)), hn::Add(max, min));

	const VU16 stepR = hn::Set(d, kStepR);
	const VU16 stepG = hn::Set(d, kStepG);
	const VU16 stepB = hn::Set(d, kStepB);
	/* Where two fractions are equal, the vertex that is in doubt has no weight. */
	const VU16 toFirst = hn::IfThenElse(hn::Eq(fr, max), stepR, hn::IfThenElse(hn::Eq(fg, max), stepG, stepB));
	const VU16 fromSecond = hn::IfThenElse(hn::Eq(fb, min), stepB, hn::IfThenElse(hn::Eq(fg, min), stepG, stepR));

	const VU16 base = hn::Add(hn::Add(hn::Mul(hn::ShiftRight<8>(r), stepR), hn::Mul(hn::ShiftRight<8>(g), stepG)),
				  hn::ShiftRight<8>(b));
	hn::Store(base, d, out->vertex[0]);
	hn::Store(hn::Add(base, toFirst), d, out->vertex[1]);
	hn::Store(hn::Sub(hn::Add(base, hn::Set(d, kStepAll)), fromSecond), d, out->vertex[2]);

	hn::StoreInterleaved4(hn::Sub(hn::Set(d, 256), max), min, hn::Sub(max, middle), hn::Sub(middle, min),
			      d, out->weights);
}

/* Red, green and blue of a vertex and, in turns, of the one across its cell. */
HWY_INLINE V16x8 loadNodes(const Lut3dTable &table, uint16_t i)
{
	return hn::Load(D16x8(), reinterpret_cast<const int16_t *>(table.nodes[i]));
}

HWY_INLINE V32x4 interpolate(const Lut3dTable &table, const Tetrahedra &at, size_t i)
{
	const D16x8 d;
	const D32x4 d32;
	const hn::Repartition<uint64_t, D16x8> d64;
	uint64_t four;
	hwy::CopyBytes<sizeof(four)>(at.weights + 4 * i, &four);
	const V32x4 weights = hn::BitCast(d32, hn::Set(d64, four));

	/* The even lanes of the second and third vertex are their own. */
	const V16x8 outer = loadNodes(table, at.vertex[0][i]);
	const V16x8 inner = hn::OddEven(hn::BitCast(d, hn::ShiftLeft<16>(hn::BitCast(d32, loadNodes(table, at.vertex[2][i])))),
					loadNodes(table, at.vertex[1][i]));

	V32x4 rest = hn::Zero(d32);
	V32x4 sum = hn::ReorderWidenMulAccumulate(d32, outer, hn::BitCast(d, hn::Broadcast<0>(weights)),
						  hn::Zero(d32), rest);
	sum = hn::ReorderWidenMulAccumulate(d32, inner, hn::BitCast(d, hn::Broadcast<1>(weights)), sum, rest);
	/* Which lane of which sum a product has gone to is not told before. */
	const V32x4 all = hn::RearrangeToOddPlusEven(sum, rest);
	return hn::ShiftRight<8>(hn::Add(all, hn::Set(d32, 128)));
}

static void lut3dKernel(const Lut3dTable &table, size_t n, uint16_t *r, uint16_t *g, uint16_t *b)
{
	const U16 d;
	const D16x8 d8;
	const VU16 max = hn::Set(d, 4095);
	Tetrahedra at;
	alignas(HWY_MAX_BYTES) int16_t pixels[4 * Tetrahedra::kPixels];

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		/* What lies behind the row may be anything. */
		findTetrahedra(hn::Min(hn::LoadU(d, r + i), max), hn::Min(hn::LoadU(d, g + i), max),
			       hn::Min(hn::LoadU(d, b + i), max), &at);

		for (size_t k = 0; k < hn::Lanes(d); k += 2)
			hn::Store(hn::ReorderDemote2To(d8, interpolate(table, at, k), interpolate(table, at, k + 1)),
				  d8, pixels + 4 * k);

		VU16 red, green, blue, unused;
		hn::LoadInterleaved4(d, reinterpret_cast<const uint16_t *>(pixels), red, green, blue, unused);
		hn::StoreU(hn::Min(red, max), d, r + i);
		hn::StoreU(hn::Min(green, max), d, g + i);
		hn::StoreU(hn::Min(blue, max), d, b + i);
	}
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <utility>

namespace fovea::isp {

HWY_EXPORT(lut3dKernel);

namespace {

constexpr unsigned int kCell = 256;

} /* namespace */

Lut3dTable::Lut3dTable(const fovea_isp_lut3d &params)
{
	if (blockDisabled(params.header))
		return;

	constexpr unsigned int kNodes = FOVEA_ISP_LUT3D_NODES;
	const uint16_t *in = &params.rgb[0][0][0][0];
	constexpr unsigned int kAll = kNodes * kNodes * kNodes;
	constexpr unsigned int kAcross = kNodes * kNodes + kNodes + 1;
	for (unsigned int i = 0; i < kAll; ++i) {
		/* From the last nodes on there is no cell. */
		const unsigned int across = std::min(i + kAcross, kAll - 1);
		for (unsigned int c = 0; c < 3; ++c) {
			nodes[i][c][0] = in[3 * i + c];
			nodes[i][c][1] = in[3 * across + c];
		}
		nodes[i][3][0] = nodes[i][3][1] = 0;
	}
}

/**
 * Look colours up in a table
 * @params: what becomes of the colours of 17x17x17 nodes, 0 to 4096
 * @rgb: planes R', G', B', 0 to 4095
 *
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
 * Equal to lut3dReference(). @table was made of an enabled block.
 */
void lut3dRow(const Lut3dTable &table, size_t n, uint16_t *r, uint16_t *g, uint16_t *b)
{
	HWY_DYNAMIC_DISPATCH(lut3dKernel)(table, n, r, g, b);
}

} /* namespace fovea::isp */
#endif
