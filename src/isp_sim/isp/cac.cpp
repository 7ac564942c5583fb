/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Correction of lateral chromatic aberration
 */

#include "cac.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/cac.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/* A group of columns at most, so that a vector has one shift. */
using DGroup = hn::CappedTag<int16_t, FOVEA_ISP_CAC_GROUP>;
using VGroup = hn::Vec<DGroup>;

class CacFilter
{
public:
	explicit CacFilter(const CacTaps &taps)
		: before_(hn::Set(DGroup(), taps.before)), next_(hn::Set(DGroup(), taps.next)),
		  behind_(hn::Set(DGroup(), taps.behind))
	{
	}

	HWY_INLINE VGroup operator()(VGroup before, VGroup at, VGroup next, VGroup behind) const
	{
		return hn::Add(hn::Add(at, hn::MulFixedPoint15(hn::Sub(before, at), before_)),
			       hn::Add(hn::MulFixedPoint15(hn::Sub(next, at), next_),
				       hn::MulFixedPoint15(hn::Sub(behind, at), behind_)));
	}

private:
	const VGroup before_, next_, behind_;
};

/* The four samples around each of a vector of a row, the first of which @current has. */
struct CacNeighbours {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2
	/* What has just been stored would have to be waited for. */
	HWY_INLINE CacNeighbours(VGroup current, VGroup following, const int16_t *)
	{
		const __m256i middle = _mm256_permute2x128_si256(current.raw, following.raw, 0x21);
		before = current;
		at = VGroup{ _mm256_alignr_epi8(middle, current.raw, 2) };
		next = VGroup{ _mm256_alignr_epi8(middle, current.raw, 4) };
		behind = VGroup{ _mm256_alignr_epi8(middle, current.raw, 6) };
	}
#else
	HWY_INLINE CacNeighbours(VGroup current, VGroup, const int16_t *stored)
	{
		const DGroup d;
		before = current;
		at = hn::LoadU(d, stored + 1);
		next = hn::LoadU(d, stored + 2);
		behind = hn::LoadU(d, stored + 3);
	}
#endif

	VGroup before, at, next, behind;
};

/* One group: columns first, of three samples more than there are, then rows. */
static void cacGroupKernel(const uint16_t *const rows[4], const CacTaps &tapsX, const CacTaps &tapsY, uint16_t *out)
{
	const DGroup d;
	const size_t lanes = hn::Lanes(d);
	constexpr size_t kColumns = 2 * FOVEA_ISP_CAC_GROUP;
	alignas(64) int16_t columns[kColumns];

	const CacFilter vertical(tapsY);
	const auto filterColumns = [&](size_t i) HWY_ATTR {
		const auto load = [&](unsigned int row) HWY_ATTR {
			return hn::LoadU(d, reinterpret_cast<const int16_t *>(rows[row] + i));
		};
		const VGroup v = vertical(load(0), load(1), load(2), load(3));
		hn::StoreU(v, d, columns + i);
		return v;
	};

	const CacFilter horizontal(tapsX);
	const VGroup max = hn::Set(d, 16383);
	VGroup current = filterColumns(0);
	for (size_t i = 0; i < FOVEA_ISP_CAC_GROUP; i += lanes) {
		const VGroup following = filterColumns(i + lanes);
		const CacNeighbours n(current, following, columns + i);
		const VGroup v = horizontal(n.before, n.at, n.next, n.behind);
		hn::StoreU(hn::Min(hn::Max(v, hn::Zero(d)), max), d, reinterpret_cast<int16_t *>(out + i));
		current = following;
	}
}

static void cacRowKernel(const CacRows &rows, const CacShift *shifts, const CacTaps *taps, size_t n)
{
	for (size_t i = 0; i < n; i += FOVEA_ISP_CAC_GROUP) {
		const CacShift shift = shifts[i / FOVEA_ISP_CAC_GROUP];
		const uint16_t *const *first = rows.rows + kCacReach + (shift.y >> 5) - 1;
		const ptrdiff_t column = static_cast<ptrdiff_t>(i) + (shift.x >> 5) - 1;
		const uint16_t *const taken[4] = { first[0] + column, first[1] + column, first[2] + column, first[3] + column };
		cacGroupKernel(taken, taps[shift.x & 31], taps[shift.y & 31], rows.out + i);
	}
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <array>

#include "mesh.h"
#include "zone_stats.h"

namespace fovea::isp {

HWY_EXPORT(cacRowKernel);

namespace {

/* Cubic convolution at each of 32 phases, see struct fovea_isp_cac. */
constexpr std::array<CacTaps, 32> makeTaps()
{
	constexpr int u = 32;
	std::array<CacTaps, 32> taps = {};

	for (int f = 0; f < u; ++f) {
		const auto near = [](int t) { return 3 * t * t * t - 5 * u * t * t + 2 * u * u * u; };
		const auto far = [](int t) { return -t * t * t + 5 * u * t * t - 8 * u * u * t + 4 * u * u * u; };
		taps[f] = { static_cast<int16_t>(far(u + f) >> 1), static_cast<int16_t>(near(u - f) >> 1),
			    static_cast<int16_t>(far(2 * u - f) >> 1) };
	}

	return taps;
}

constexpr std::array<CacTaps, 32> kTaps = makeTaps();

constexpr unsigned int kNodes = FOVEA_ISP_CAC_NODES_X;
constexpr unsigned int kCells = kNodes - 1;
static_assert(FOVEA_ISP_CAC_NODES_Y == FOVEA_ISP_CAC_NODES_X);

const fovea_isp_cac_shift *nodesOf(const fovea_isp_cac &params, unsigned int colour)
{
	return colour == 0 ? params.r : params.b;
}

/* The column for which a group's shift is that of the mesh. */
unsigned int middleOf(unsigned int group, unsigned int quadsX)
{
	return std::min(group * FOVEA_ISP_CAC_GROUP + FOVEA_ISP_CAC_GROUP / 2, quadsX - 1);
}

/* From 1/256 pixel to 1/32 quad. */
int8_t roundShift(int v)
{
	return static_cast<int8_t>((v + 8) >> 4);
}

int filtered(const CacTaps &taps, int before, int at, int next, int behind)
{
	const auto part = [&](int16_t tap, int v) { return (tap * (v - at) + 16384) >> 15; };
	return at + part(taps.before, before) + part(taps.next, next) + part(taps.behind, behind);
}

/* A plane of one colour, whose samples beyond its ends are those at its border. */
class ColourPlane
{
public:
	ColourPlane(const Plane &mosaic, unsigned int column, unsigned int row)
		: mosaic_(mosaic), column_(column), row_(row)
	{
	}

	int at(int x, int y) const
	{
		const int quadsX = static_cast<int>(mosaic_.width / 2);
		const int quadsY = static_cast<int>(mosaic_.height / 2);
		return mosaic_.row(2 * std::clamp(y, 0, quadsY - 1) + row_)[2 * std::clamp(x, 0, quadsX - 1) + column_];
	}

	int shifted(int x, int y, CacShift shift) const
	{
		const int left = x + (shift.x >> 5);
		const int top = y + (shift.y >> 5);
		int columns[4];
		for (int i = 0; i < 4; ++i) {
			const int k = left - 1 + i;
			columns[i] = filtered(kTaps[shift.y & 31], at(k, top - 1), at(k, top), at(k, top + 1), at(k, top + 2));
		}
		return std::clamp(filtered(kTaps[shift.x & 31], columns[0], columns[1], columns[2], columns[3]), 0, kLinearMax);
	}

private:
	const Plane &mosaic_;
	const unsigned int column_;
	const unsigned int row_;
};

} /* namespace */

/**
 * Move the red and the blue samples to where the green picture has them
 * @params: meshes of the shifts
 * @order: colours of the mosaic
 * @mosaic: samples behind the gains, 0 to 16383
 *
 * The value at a shifted place of the colour's own samples by cubic convolution
 * (R. G. Keys, "Cubic convolution interpolation for digital image processing",
 * 1981) in both directions: v[0] + sum of ((c[k] * (v[k] - v[0]) + 2^14) >> 15), k = -1,
 * 1, 2, with c of Q1.15 for phases of 1/32 of their distance, limited to 0 to 16383 in
 * the end. Shifts are Q8.8 pixels, -3.93 to 3.93. Definition: struct fovea_isp_cac.
 */
void cacReference(const fovea_isp_cac &params, BayerOrder order, Plane *mosaic)
{
	if (blockDisabled(params.header))
		return;

	const Plane in = *mosaic;
	const unsigned int quadsX = in.width / 2;
	const unsigned int quadsY = in.height / 2;
	CacShifts shifts(quadsX, quadsY);
	shifts.start();

	for (unsigned int y = 0; y < in.height; ++y) {
		shifts.moveTo(params, y / 2);
		for (unsigned int x = 0; x < in.width; ++x) {
			const BayerSite site = bayerSite(order, x, y);
			if (site != SiteR && site != SiteB)
				continue;
			const CacShift *row = site == SiteR ? shifts.red() : shifts.blue();
			const ColourPlane plane(in, x & 1, y & 1);
			mosaic->row(y)[x] = static_cast<uint16_t>(plane.shifted(static_cast<int>(x / 2), static_cast<int>(y / 2),
										row[x / 2 / FOVEA_ISP_CAC_GROUP]));
		}
	}
}

/**
 * Shift @n samples of one colour
 * @rows: the samples, 0 to 16383, and where the results go
 * @shifts: one for each group of FOVEA_ISP_CAC_GROUP samples
 *
 * Equal to cacReference(). Whole groups are written.
 */
void cacRow(const CacRows &rows, const CacShift *shifts, size_t n)
{
	HWY_DYNAMIC_DISPATCH(cacRowKernel)(rows, shifts, kTaps.data(), n);
}

CacShifts::CacShifts(unsigned int quadsX, unsigned int quadsY)
	: quadsX_(quadsX), quadsY_(quadsY),
	  groups_((quadsX + FOVEA_ISP_CAC_GROUP - 1) / FOVEA_ISP_CAC_GROUP)
{
	for (unsigned int colour = 0; colour < 2; ++colour) {
		shifts_[colour].resize(groups_);
		for (unsigned int axis = 0; axis < 2; ++axis) {
			upper_[colour][axis].resize(groups_);
			lower_[colour][axis].resize(groups_);
		}
	}
}

/* Forget the meshes of the last frame. */
void CacShifts::start()
{
	cell_ = -1;
	row_ = -1;
}

/* Interpolate the nodes above and below @cell to the middles of the groups. */
void CacShifts::interpolateNodes(const fovea_isp_cac &params, unsigned int cell)
{
	for (unsigned int colour = 0; colour < 2; ++colour) {
		const fovea_isp_cac_shift *upper = nodesOf(params, colour) + cell * kNodes;
		const fovea_isp_cac_shift *lower = upper + kNodes;
		for (unsigned int group = 0; group < groups_; ++group) {
			const unsigned int quad = middleOf(group, quadsX_);
			const unsigned int node = zoneOf(quad, kCells, quadsX_);
			const int fraction = fractionOf(quad, kCells, quadsX_);
			upper_[colour][0][group] = static_cast<int16_t>(between(upper[node].x, upper[node + 1].x, fraction));
			upper_[colour][1][group] = static_cast<int16_t>(between(upper[node].y, upper[node + 1].y, fraction));
			lower_[colour][0][group] = static_cast<int16_t>(between(lower[node].x, lower[node + 1].x, fraction));
			lower_[colour][1][group] = static_cast<int16_t>(between(lower[node].y, lower[node + 1].y, fraction));
		}
	}
}

/* Make the shifts for a row of quads ready. */
void CacShifts::moveTo(const fovea_isp_cac &params, unsigned int quadRow)
{
	if (row_ == static_cast<int>(quadRow))
		return;

	row_ = static_cast<int>(quadRow);
	const int cell = static_cast<int>(zoneOf(quadRow, kCells, quadsY_));
	if (cell != cell_) {
		interpolateNodes(params, cell);
		cell_ = cell;
	}

	const int fraction = fractionOf(quadRow, kCells, quadsY_);
	for (unsigned int colour = 0; colour < 2; ++colour) {
		const auto at = [&](unsigned int axis, unsigned int group) {
			return roundShift(between(upper_[colour][axis][group], lower_[colour][axis][group], fraction));
		};
		for (unsigned int group = 0; group < groups_; ++group)
			shifts_[colour][group] = { at(0, group), at(1, group) };
	}
}

} /* namespace fovea::isp */
#endif
