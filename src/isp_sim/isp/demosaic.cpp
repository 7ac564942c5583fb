/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Edge-directed demosaic
 */

#include "demosaic.h"

#include <stdlib.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/demosaic.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

#ifndef FOVEA_ISP_DEMOSAIC_COST
#define FOVEA_ISP_DEMOSAIC_COST
namespace fovea::isp {

/* Added to the costs of neighbours: below it their ratios are noise. Half units. */
constexpr int kLeastCost = 16;

/*
 * How steeply weights follow the ratio of costs, as powers of two: of sides, which are
 * all or nothing from a ratio of 4, and of the directions, from a ratio of 2.
 */
constexpr int kSideSlope = 3;
constexpr int kDirectionSlope = 4;

} /* namespace fovea::isp */
#endif

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/*
 * Where a kernel of the refined demosaic begins and ends: one vector before the row, and
 * behind its end, so that the next one finds its neighbours. What lies further out than
 * the mirrored samples is never used for a pixel of the picture. Those of the default
 * write the row alone, whose mirrored neighbours are then made out of it.
 */
HWY_INLINE ptrdiff_t rowStart()
{
	return -static_cast<ptrdiff_t>(hn::Lanes(D16()));
}

HWY_INLINE ptrdiff_t rowEnd(size_t n)
{
	return static_cast<ptrdiff_t>(n) + kDemosaicReach;
}

/*
 * 2 c - g0 - g1 - ((2 c - c0 - c1) >> 1), limited to 16 bits: colour minus green
 * in half units. @twice is 2 c.
 */
HWY_INLINE V16 candidate(V16 twice, V16 c0, V16 c1, V16 g0, V16 g1)
{
	const V16 curvature = hn::Sub(hn::Sub(twice, c0), c1);
	return hn::SaturatedSub(hn::Sub(hn::Sub(twice, g0), g1), hn::ShiftRight<1>(curvature));
}

/* The difference of two differences, limited to 16 bits: 0 to 32768. */
HWY_INLINE VU16 gradient(V16 p, V16 q)
{
	return hn::BitCast(U16(), hn::Abs(hn::SaturatedSub(p, q)));
}

/* The gradient of a candidate needs the one to its right: it follows a vector later. */
HWY_INLINE void candidatesLoop(const CandidateRows &candidateRows, size_t n)
{
	const D16 d;
	const U16 du;
	const CandidateRows rows = candidateRows;
	const ptrdiff_t lanes = hn::Lanes(d);
	const ptrdiff_t end = static_cast<ptrdiff_t>(n);
	V16 previousH = hn::Zero(d);
	V16 previousGradient = hn::Zero(d);

	const auto storeGradient = [&](ptrdiff_t j, V16 h) HWY_ATTR {
		const V16 toRight = hn::BitCast(d, gradient(previousH, samplesBehind(previousH, h)));
		const V16 toLeft = samplesBefore(previousGradient, toRight);
		hn::StoreU(hn::AverageRound(hn::BitCast(du, toLeft), hn::BitCast(du, toRight)), du, rows.gradient + j - lanes);
		previousH = h;
		previousGradient = toRight;
	};

	ptrdiff_t j = 0;
	for (; j < end; j += lanes) {
		const V16 c = loadSigned(rows.colour + j);
		const V16 twice = hn::Add(c, c);
		const V16 h = candidate(twice, loadSigned(rows.colour + j - 1), loadSigned(rows.colour + j + 1),
					loadSigned(rows.greenRow + j + rows.left),
					loadSigned(rows.greenRow + j + rows.left + 1));
		const V16 v = candidate(twice, loadSigned(rows.above + j), loadSigned(rows.below + j),
					loadSigned(rows.greenAbove + j), loadSigned(rows.greenBelow + j));
		hn::StoreU(h, d, rows.horizontal + j);
		hn::StoreU(v, d, rows.vertical + j);
		storeGradient(j, h);
	}
	/* What is behind the last vector has no part in the picture. */
	storeGradient(j, previousH);
}

static void candidatesKernel(std::span<const CandidateRows> sites, size_t n)
{
	for (const CandidateRows &rows : sites)
		candidatesLoop(rows, n);
}

/* The mean of three with weights 1, 2, 1. */
HWY_INLINE VU16 smooth(VU16 before, VU16 centre, VU16 behind)
{
	return hn::AverageRound(hn::AverageRound(before, behind), centre);
}

/* At most 32767. */
HWY_INLINE V16 limitGradient(VU16 v)
{
	return hn::BitCast(D16(), hn::Min(v, hn::Set(U16(), 32767)));
}

/*
 * 1024 log2(v + 1), with straight lines between the powers of two: the upper bits of
 * a float. The integer has 16 bits, so nothing is rounded.
 */
HWY_INLINE V16 logarithm(V16 v)
{
	const D16 d;
	const D32 d32;
	const hn::RebindToFloat<D32> df;
	const V32 bias = hn::Set(d32, 127 << 10);
	const V32 one = hn::Set(d32, 1);
	const auto upper = [&](V32 u) HWY_ATTR {
		return hn::Sub(hn::ShiftRight<13>(hn::BitCast(d32, hn::ConvertTo(df, hn::Add(u, one)))), bias);
	};
	const V16 zero = hn::Zero(d);
	return narrow(upper(hn::BitCast(d32, hn::InterleaveLower(d, v, zero))),
		      upper(hn::BitCast(d32, hn::InterleaveUpper(d, v, zero))));
}

/* The weight of the first of two, Q1.15, from the logarithms of their costs. */
template<int kSlope>
HWY_INLINE V16 weight(V16 first, V16 second)
{
	const D16 d;
	constexpr int16_t kLimit = 16384 >> kSlope;
	const V16 ratio = hn::Sub(second, first);
	const V16 limited = hn::Min(hn::Max(ratio, hn::Set(d, -kLimit)), hn::Set(d, kLimit));
	return hn::SaturatedAdd(hn::Set(d, 16384), hn::ShiftLeft<kSlope>(limited));
}

/* @second plus a part of the way to @first, Q1.15. */
HWY_INLINE V16 mix(V16 first, V16 second, V16 part)
{
	return hn::Add(second, hn::MulFixedPoint15(hn::SaturatedSub(first, second), part));
}

HWY_INLINE void directionLoop(const DirectionRows &directionRows, unsigned int threshold, size_t n)
{
	const D16 d;
	const U16 du;
	const DirectionRows rows = directionRows;
	const V16 margin = hn::Set(d, static_cast<int16_t>(2 * threshold));
	const V16 minusMargin = hn::Neg(margin);
	const V16 offset = hn::Set(d, static_cast<int16_t>(kDifferenceOffset));
	const ptrdiff_t lanes = hn::Lanes(d);
	const ptrdiff_t end = static_cast<ptrdiff_t>(n);

	const auto gradientV = [&](ptrdiff_t j) HWY_ATTR {
		const V16 centre = hn::LoadU(d, rows.vertical[1] + j);
		return hn::BitCast(d, hn::AverageRound(gradient(hn::LoadU(d, rows.vertical[0] + j), centre),
						       gradient(centre, hn::LoadU(d, rows.vertical[2] + j))));
	};

	SlidingRow column(gradientV(-lanes), gradientV(0));
	for (ptrdiff_t j = 0; j < end; j += lanes) {
		column.step(gradientV(j + lanes));
		const V16 sumV = limitGradient(smooth(hn::BitCast(du, column.before), hn::BitCast(du, column.centre),
						      hn::BitCast(du, column.behind)));
		const V16 sumH = limitGradient(smooth(hn::LoadU(du, rows.gradient[0] + j), hn::LoadU(du, rows.gradient[1] + j),
						      hn::LoadU(du, rows.gradient[2] + j)));

		const V16 excess = hn::Sub(sumV, sumH);
		const VU16 h = hn::BitCast(du, hn::Xor(hn::LoadU(d, rows.horizontal + j), offset));
		const VU16 v = hn::BitCast(du, hn::Xor(hn::LoadU(d, rows.vertical[1] + j), offset));
		const auto chooseH = hn::RebindMask(du, hn::Gt(excess, margin));
		const auto chooseV = hn::RebindMask(du, hn::Gt(minusMargin, excess));
		hn::StoreU(hn::IfThenElse(chooseH, h, hn::IfThenElse(chooseV, v, hn::AverageRound(h, v))),
			   du, rows.difference + j);
	}
}

static void directionKernel(std::span<const DirectionRows> sites, unsigned int threshold, size_t n)
{
	for (const DirectionRows &rows : sites)
		directionLoop(rows, threshold, n);
}

/* A difference to which kDifferenceOffset has been added. */
HWY_INLINE V16 loadDifference(const uint16_t *p)
{
	return hn::Xor(loadSigned(p), hn::Set(D16(), static_cast<int16_t>(kDifferenceOffset)));
}

HWY_INLINE void storeDifference(V16 v, uint16_t *p)
{
	storeSigned(hn::Xor(v, hn::Set(D16(), static_cast<int16_t>(kDifferenceOffset))), p);
}

/* The mean of two differences, with the offset in memory. */
HWY_INLINE V16 meanDifference(const uint16_t *p, const uint16_t *q)
{
	const U16 du;
	const VU16 sum = hn::AverageRound(hn::LoadU(du, p), hn::LoadU(du, q));
	return hn::BitCast(D16(), hn::Xor(sum, hn::Set(du, static_cast<uint16_t>(kDifferenceOffset))));
}

/*
 * ((2 g - g0 - g1) >> 1) - (2 g - c0 - c1), limited to 16 bits: the same as candidate()
 * at a green site. @twice is 2 g.
 */
HWY_INLINE V16 greenCandidate(V16 twice, V16 c0, V16 c1, V16 g0, V16 g1)
{
	const V16 curvature = hn::Sub(hn::Sub(twice, g0), g1);
	return hn::SaturatedSub(hn::ShiftRight<1>(curvature), hn::Sub(hn::Sub(twice, c0), c1));
}

/* The mean of the gradients from one candidate to the next and on to a third. */
HWY_INLINE VU16 meanGradient(V16 first, V16 between, V16 last)
{
	return hn::AverageRound(gradient(first, between), gradient(between, last));
}

/* The logarithm of the gradients of a side and the threshold. */
HWY_INLINE V16 logarithmOfSide(VU16 gradients, VU16 twiceThreshold)
{
	return logarithm(limitGradient(hn::Add(gradients, twiceThreshold)));
}

HWY_INLINE void rowSidesLoop(const RowSidesRows &rowSidesRows, size_t n)
{
	const D16 d;
	const U16 du;
	const RowSidesRows rows = rowSidesRows;
	const ptrdiff_t end = rowEnd(n);
	V16 previous = hn::Zero(d);
	V16 previousGradient = hn::Zero(d);

	for (ptrdiff_t j = rowStart(); j < end; j += hn::Lanes(d)) {
		const uint16_t *colour = rows.colour + j;
		const uint16_t *green = rows.green + j + rows.left;
		const V16 c = loadSigned(colour);
		const V16 cLeft = loadSigned(colour - 1);
		const V16 g = loadSigned(green);
		const V16 gRight = loadSigned(green + 1);

		const V16 own = candidate(hn::Add(c, c), cLeft, loadSigned(colour + 1), g, gRight);
		const V16 beside = greenCandidate(hn::Add(g, g), cLeft, c, loadSigned(green - 1), gRight);
		const V16 toLeft = hn::BitCast(d, meanGradient(samplesBefore(previous, own), beside, own));
		const VU16 farther = hn::BitCast(du, samplesBefore(previousGradient, toLeft));
		storeDifference(own, rows.horizontal + j);
		storeDifference(beside, rows.horizontalAtGreen + j);
		hn::StoreU(hn::AverageRound(farther, hn::BitCast(du, toLeft)), du, rows.gradient + j);
		previous = own;
		previousGradient = toLeft;
	}
}

static void rowSidesKernel(std::span<const RowSidesRows> sites, size_t n)
{
	for (const RowSidesRows &rows : sites)
		rowSidesLoop(rows, n);
}

HWY_INLINE void columnSidesLoop(const ColumnSidesRows &columnSidesRows, unsigned int threshold, size_t n)
{
	const D16 d;
	const U16 du;
	const ColumnSidesRows rows = columnSidesRows;
	const VU16 twiceThreshold = hn::Set(du, static_cast<uint16_t>(2 * threshold));
	const ptrdiff_t lanes = hn::Lanes(d);
	const ptrdiff_t end = rowEnd(n);

	/* The gradients upwards, of a vector of columns. */
	const auto gradients = [&](ptrdiff_t j) HWY_ATTR {
		const V16 c = loadSigned(rows.colour[1] + j);
		const V16 cAbove = loadSigned(rows.colour[0] + j);
		const V16 g = loadSigned(rows.green[1] + j);
		const V16 gBelow = loadSigned(rows.green[2] + j);

		const V16 own = candidate(hn::Add(c, c), cAbove, loadSigned(rows.colour[2] + j), g, gBelow);
		const V16 above = greenCandidate(hn::Add(g, g), cAbove, c, loadSigned(rows.green[0] + j), gBelow);
		const VU16 toAbove = meanGradient(loadDifference(rows.verticalAbove + j), above, own);
		storeDifference(own, rows.vertical + j);
		storeDifference(above, rows.verticalAtGreen + j);
		hn::StoreU(toAbove, du, rows.gradient + j);
		return hn::BitCast(d, hn::AverageRound(hn::LoadU(du, rows.gradientAbove + j), toAbove));
	};

	SlidingRow column(hn::Zero(d), gradients(rowStart()));
	for (ptrdiff_t j = rowStart(); j < end; j += lanes) {
		column.step(gradients(j + lanes));
		const VU16 sum = smooth(hn::BitCast(du, column.before), hn::BitCast(du, column.centre),
					hn::BitCast(du, column.behind));
		hn::StoreU(logarithmOfSide(sum, twiceThreshold), d, rows.cost + j);
	}
}

static void columnSidesKernel(std::span<const ColumnSidesRows> sites, unsigned int threshold, size_t n)
{
	for (const ColumnSidesRows &rows : sites)
		columnSidesLoop(rows, threshold, n);
}

HWY_INLINE void mixSidesLoop(const MixSidesRows &mixSidesRows, unsigned int threshold, size_t n)
{
	const D16 d;
	const U16 du;
	const MixSidesRows rows = mixSidesRows;
	const VU16 twiceThreshold = hn::Set(du, static_cast<uint16_t>(2 * threshold));
	const ptrdiff_t lanes = hn::Lanes(d);
	const ptrdiff_t end = rowEnd(n);

	const auto costToLeft = [&](ptrdiff_t j) HWY_ATTR {
		return logarithmOfSide(smooth(hn::LoadU(du, rows.gradient[0] + j), hn::LoadU(du, rows.gradient[1] + j),
					      hn::LoadU(du, rows.gradient[2] + j)), twiceThreshold);
	};

	V16 left = costToLeft(rowStart());
	for (ptrdiff_t j = rowStart(); j < end; j += lanes) {
		/* The way to the left of the second quad to the right is that to the right here. */
		const V16 nextLeft = costToLeft(j + lanes);
		const V16 right = samplesBehind<2>(left, nextLeft);
		const V16 above = hn::LoadU(d, rows.cost[0] + j);
		const V16 below = hn::LoadU(d, rows.cost[1] + j);

		const V16 row = mix(meanDifference(rows.horizontal + j, rows.horizontalAtGreen + j),
				    meanDifference(rows.horizontal + j, rows.horizontalAtGreen + j + 1),
				    weight<kSideSlope>(left, right));
		const V16 column = mix(meanDifference(rows.vertical + j, rows.verticalAtGreen[0] + j),
				       meanDifference(rows.vertical + j, rows.verticalAtGreen[1] + j),
				       weight<kSideSlope>(above, below));
		storeDifference(mix(row, column, weight<kDirectionSlope>(hn::Min(left, right), hn::Min(above, below))),
				rows.difference + j);
		left = nextLeft;
	}
}

static void mixSidesKernel(std::span<const MixSidesRows> sites, unsigned int threshold, size_t n)
{
	for (const MixSidesRows &rows : sites)
		mixSidesLoop(rows, threshold, n);
}

/*
 * What is to be mixed for one site, Q1.15: the first of each of two pairs of opposite
 * neighbours, and the first pair.
 */
struct Weights {
	V16 first, second, pairs;
};

/* The logarithm of what a neighbour costs. */
HWY_INLINE V16 logarithmOfCost(VU16 green, VU16 change)
{
	const D16 d;
	return logarithm(hn::Add(hn::BitCast(d, hn::AverageRound(green, change)), hn::Set(d, kLeastCost)));
}

/* @green is how far green is from that of each neighbour, @change that of each pair. */
HWY_INLINE Weights weights(const VU16 (&green)[4], const VU16 (&change)[2])
{
	const V16 c0 = logarithmOfCost(green[0], change[0]);
	const V16 c1 = logarithmOfCost(green[1], change[0]);
	const V16 c2 = logarithmOfCost(green[2], change[1]);
	const V16 c3 = logarithmOfCost(green[3], change[1]);
	return { weight<kSideSlope>(c0, c1), weight<kSideSlope>(c2, c3),
		 weight<kSideSlope>(hn::Min(c0, c1), hn::Min(c2, c3)) };
}

HWY_INLINE V16 mixPairs(const V16 (&v)[4], const Weights &w)
{
	return mix(mix(v[0], v[1], w.first), mix(v[2], v[3], w.second), w.pairs);
}

/* Half of how much a pair differs. */
HWY_INLINE VU16 halfGradient(V16 p, V16 q)
{
	return hn::ShiftRight<1>(gradient(p, q));
}

HWY_INLINE void cornersLoop(const CornerRows &cornerRows, size_t n)
{
	const CornerRows rows = cornerRows;
	const ptrdiff_t end = rowEnd(n);
	const auto green = [](const uint16_t *colour, V16 difference) HWY_ATTR {
		const V16 c = loadSigned(colour);
		return hn::SaturatedSub(hn::Add(c, c), difference);
	};

	for (ptrdiff_t j = rowStart(); j < end; j += hn::Lanes(D16())) {
		const V16 own = green(rows.colour + j, loadDifference(rows.difference + j));
		const ptrdiff_t left = j + rows.left;
		const V16 v[4] = { loadDifference(rows.otherDifference[0] + left), loadDifference(rows.otherDifference[1] + left + 1),
				   loadDifference(rows.otherDifference[0] + left + 1), loadDifference(rows.otherDifference[1] + left) };
		const VU16 changes[4] = { gradient(own, green(rows.other[0] + left, v[0])),
					  gradient(own, green(rows.other[1] + left + 1, v[1])),
					  gradient(own, green(rows.other[0] + left + 1, v[2])),
					  gradient(own, green(rows.other[1] + left, v[3])) };
		storeDifference(mixPairs(v, weights(changes, { halfGradient(v[0], v[1]), halfGradient(v[2], v[3]) })),
				rows.result + j);
	}
}

static void cornersKernel(std::span<const CornerRows> sites, size_t n)
{
	for (const CornerRows &rows : sites)
		cornersLoop(rows, n);
}

HWY_INLINE void crossLoop(const CrossRows &crossRows, size_t n)
{
	const CrossRows rows = crossRows;
	const ptrdiff_t end = rowEnd(n);
	const auto green = [](const uint16_t *p) HWY_ATTR {
		const V16 g = loadSigned(p);
		return hn::Add(g, g);
	};

	for (ptrdiff_t j = rowStart(); j < end; j += hn::Lanes(D16())) {
		const V16 own = green(rows.green[1] + j);
		const VU16 changes[4] = { gradient(own, green(rows.green[1] + j - 1)), gradient(own, green(rows.green[1] + j + 1)),
					  gradient(own, green(rows.green[0] + j)), gradient(own, green(rows.green[2] + j)) };
		const auto neighbours = [&](const CrossRows::Colour &colour, V16 *v) HWY_ATTR {
			v[0] = loadDifference(colour.beside + j + rows.left);
			v[1] = loadDifference(colour.beside + j + rows.left + 1);
			v[2] = loadDifference(colour.above + j);
			v[3] = loadDifference(colour.below + j);
		};
		V16 p[4], q[4];
		neighbours(rows.colours[0], p);
		neighbours(rows.colours[1], q);

		const auto change = [&](int i) HWY_ATTR {
			return hn::ShiftRight<1>(hn::Max(gradient(p[i], p[i + 1]), gradient(q[i], q[i + 1])));
		};
		const Weights both = weights(changes, { change(0), change(2) });
		storeDifference(mixPairs(p, both), rows.colours[0].result + j);
		storeDifference(mixPairs(q, both), rows.colours[1].result + j);
	}
}

static void crossKernel(std::span<const CrossRows> sites, size_t n)
{
	for (const CrossRows &rows : sites)
		crossLoop(rows, n);
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(cornersKernel);
HWY_EXPORT(crossKernel);
HWY_EXPORT(candidatesKernel);
HWY_EXPORT(directionKernel);
HWY_EXPORT(rowSidesKernel);
HWY_EXPORT(columnSidesKernel);
HWY_EXPORT(mixSidesKernel);

namespace {

/* A plane of signed numbers with a margin on all sides. */
class Field
{
public:
	static constexpr int kMargin = 2 * kDemosaicReach;

	Field(int width, int height)
		: stride_(width + 2 * kMargin),
		  values_(static_cast<size_t>(stride_) * (height + 2 * kMargin))
	{
	}

	int &operator()(int x, int y)
	{
		return values_[static_cast<size_t>(y + kMargin) * stride_ + x + kMargin];
	}

	int operator()(int x, int y) const
	{
		return values_[static_cast<size_t>(y + kMargin) * stride_ + x + kMargin];
	}

private:
	int stride_;
	std::vector<int> values_;
};

/* The definition, on the mosaic with its mirrored margin. */
class Demosaic
{
public:
	Demosaic(const Plane &mosaic, BayerOrder order, const fovea_isp_demosaic &params)
		: width_(mosaic.width), height_(mosaic.height), order_(order),
		  threshold_(params.direction_threshold), refine_(params.refine), m_(width_, height_),
		  h_(width_, height_), v_(width_, height_), gradientH_(width_, height_),
		  gradientV_(width_, height_), k_(width_, height_)
	{
		/* Bilinear interpolation looks at the next sample only. */
		forEach(blockDisabled(params.header) ? 1 : Field::kMargin, [&](int x, int y) {
			m_(x, y) = mosaic.row(mirror(y, height_))[mirror(x, width_)];
		});
	}

	void directed(ColourDifferences *out)
	{
		if (refine_)
			return refined(out);
		findDifferences();
		forEach(0, [&](int x, int y) { rebuild(x, y, out); });
	}

	void bilinear(ColourDifferences *out)
	{
		forEach(0, [&](int x, int y) { interpolate(x, y, out); });
	}

private:
	/* The margin is even, so the phase of the quads holds for x < 0. */
	BayerSite site(int x, int y) const
	{
		return bayerSite(order_, x + Field::kMargin, y + Field::kMargin);
	}

	bool green(int x, int y) const
	{
		return site(x, y) == SiteGr || site(x, y) == SiteGb;
	}

	template<typename Function>
	void forEach(int margin, Function function)
	{
		for (int y = -margin; y < height_ + margin; ++y) {
			for (int x = -margin; x < width_ + margin; ++x)
				function(x, y);
		}
	}

	void findDifferences()
	{
		forEach(6, [&](int x, int y) { findCandidates(x, y); });
		forEach(6, [&](int x, int y) {
			gradientH_(x, y) = abs(saturate16(h_(x, y) - h_(x + 2, y)));
			gradientV_(x, y) = abs(saturate16(v_(x, y) - v_(x, y + 2)));
		});
		forEach(4, [&](int x, int y) { decide(x, y); });
	}

	void findCandidates(int x, int y)
	{
		if (green(x, y))
			return;

		const int c = 2 * m_(x, y);
		h_(x, y) = saturate16(c - m_(x - 1, y) - m_(x + 1, y) -
				      ((c - m_(x - 2, y) - m_(x + 2, y)) >> 1));
		v_(x, y) = saturate16(c - m_(x, y - 1) - m_(x, y + 1) -
				      ((c - m_(x, y - 2) - m_(x, y + 2)) >> 1));
	}

	static int mean(int a, int b) { return (a + b + 1) >> 1; }

	/* About 1024 log2(v + 1). */
	static int logarithm(int v)
	{
		int exponent = 0;
		while ((v + 1) >> (exponent + 1))
			exponent++;
		return (exponent << 10) + (((v + 1) << 10) >> exponent) - 1024;
	}

	/* The weight of the first of two, Q1.15, from their costs. */
	static int weight(int first, int second, int slope)
	{
		const int limit = 16384 >> slope;
		const int ratio = std::clamp(logarithm(second) - logarithm(first), -limit, limit);
		return std::min(32767, 16384 + (ratio << slope));
	}

	static int mix(int first, int second, int part)
	{
		return second + ((saturate16(first - second) * part + 16384) >> 15);
	}

	void refined(ColourDifferences *out)
	{
		forEach(6, [&](int x, int y) {
			const int sign = green(x, y) ? -1 : 1;
			h_(x, y) = candidate(m_(x, y), { m_(x - 1, y), m_(x + 1, y) }, { m_(x - 2, y), m_(x + 2, y) }, sign);
			v_(x, y) = candidate(m_(x, y), { m_(x, y - 1), m_(x, y + 1) }, { m_(x, y - 2), m_(x, y + 2) }, sign);
		});
		findCostsOfSides();
		forEach(2, [&](int x, int y) { mixSides(x, y); });
		interpolateByNeighbours(out);
	}

	/* Colour less green at either of them, in half units. */
	static int candidate(int sample, const int (&next)[2], const int (&own)[2], int sign)
	{
		const int twice = 2 * sample;
		return saturate16(sign * (twice - next[0] - next[1]) - sign * ((twice - own[0] - own[1]) >> 1));
	}

	/* At colour sites, to the left and upwards. */
	void findCostsOfSides()
	{
		Field left(width_, height_);
		Field above(width_, height_);
		const auto changeH = [&](int x, int y) { return abs(saturate16(h_(x - 1, y) - h_(x, y))); };
		const auto changeV = [&](int x, int y) { return abs(saturate16(v_(x, y - 1) - v_(x, y))); };
		forEach(6, [&](int x, int y) {
			if (green(x, y))
				return;
			if (x >= -2)
				left(x, y) = mean(mean(changeH(x - 3, y), changeH(x - 2, y)), mean(changeH(x - 1, y), changeH(x, y)));
			if (y >= -2)
				above(x, y) = mean(mean(changeV(x, y - 3), changeV(x, y - 2)), mean(changeV(x, y - 1), changeV(x, y)));
		});

		const auto smooth = [](int before, int centre, int behind) { return mean(mean(before, behind), centre); };
		const auto limit = [&](int sum) { return std::min(sum + 2 * threshold_, 32767); };
		forEach(6, [&](int x, int y) {
			if (green(x, y))
				return;
			if (y >= -2 && y < height_ + 2)
				gradientH_(x, y) = limit(smooth(left(x, y - 2), left(x, y), left(x, y + 2)));
			if (x >= -2 && x < width_ + 2)
				gradientV_(x, y) = limit(smooth(above(x - 2, y), above(x, y), above(x + 2, y)));
		});
	}

	void mixSides(int x, int y)
	{
		if (green(x, y))
			return;

		const int left = gradientH_(x, y);
		const int right = gradientH_(x + 4, y);
		const int above = gradientV_(x, y);
		const int below = gradientV_(x, y + 4);
		const int row = mix(mean(h_(x, y), h_(x - 1, y)), mean(h_(x, y), h_(x + 1, y)),
				    weight(left, right, kSideSlope));
		const int column = mix(mean(v_(x, y), v_(x, y - 1)), mean(v_(x, y), v_(x, y + 1)),
				       weight(above, below, kSideSlope));
		k_(x, y) = mix(row, column, weight(std::min(left, right), std::min(above, below), kDirectionSlope));
	}

	/* Of a site: the first of each of two pairs of opposite neighbours, and the first pair. */
	struct Weights {
		int first, second, pairs;
	};

	/*
	 * @green is how much green differs from that of the four neighbours, @change how
	 * much the differences of the two neighbours of each pair.
	 */
	static Weights weights(const int (&green)[4], const int (&change)[2])
	{
		int cost[4];
		for (int i = 0; i < 4; ++i)
			cost[i] = mean(green[i], change[i / 2] >> 1) + kLeastCost;
		return { weight(cost[0], cost[1], kSideSlope), weight(cost[2], cost[3], kSideSlope),
			 weight(std::min(cost[0], cost[1]), std::min(cost[2], cost[3]), kSideSlope) };
	}

	static int mixPairs(const int (&v)[4], const Weights &w)
	{
		return mix(mix(v[0], v[1], w.first), mix(v[2], v[3], w.second), w.pairs);
	}

	/* Twice green, at a red or blue site. */
	int twiceGreen(int x, int y) const { return saturate16(2 * m_(x, y) - k_(x, y)); }

	/* The difference of blue at a red site, of red at a blue one. */
	int ofCorners(int x, int y) const
	{
		constexpr int kX[4] = { -1, 1, 1, -1 };
		constexpr int kY[4] = { -1, 1, -1, 1 };
		int v[4], green[4];
		for (int i = 0; i < 4; ++i) {
			v[i] = k_(x + kX[i], y + kY[i]);
			green[i] = abs(saturate16(twiceGreen(x, y) - twiceGreen(x + kX[i], y + kY[i])));
		}
		return mixPairs(v, weights(green, { abs(saturate16(v[0] - v[1])), abs(saturate16(v[2] - v[3])) }));
	}

	/* The differences at a green site, from those beside, above and below. */
	void putFromCross(const Field &red, const Field &blue, int x, int y, ColourDifferences *out)
	{
		constexpr int kX[4] = { -1, 1, 0, 0 };
		constexpr int kY[4] = { 0, 0, -1, 1 };
		int r[4], b[4], green[4];
		for (int i = 0; i < 4; ++i) {
			r[i] = red(x + kX[i], y + kY[i]);
			b[i] = blue(x + kX[i], y + kY[i]);
			green[i] = 2 * abs(m_(x, y) - m_(x + 2 * kX[i], y + 2 * kY[i]));
		}
		const auto change = [&](int i) {
			return std::max(abs(saturate16(r[i] - r[i + 1])), abs(saturate16(b[i] - b[i + 1])));
		};
		const Weights both = weights(green, { change(0), change(2) });
		put(x, y, out, m_(x, y), mixPairs(r, both), mixPairs(b, both));
	}

	void interpolateByNeighbours(ColourDifferences *out)
	{
		Field red(width_, height_);
		Field blue(width_, height_);
		forEach(1, [&](int x, int y) {
			if (green(x, y))
				return;
			const bool isRed = site(x, y) == SiteR;
			red(x, y) = isRed ? k_(x, y) : ofCorners(x, y);
			blue(x, y) = isRed ? ofCorners(x, y) : k_(x, y);
		});
		forEach(0, [&](int x, int y) {
			if (green(x, y))
				putFromCross(red, blue, x, y, out);
			else
				put(x, y, out, m_(x, y) - ((k_(x, y) + 1) >> 1), red(x, y), blue(x, y));
		});
	}

	void decide(int x, int y)
	{
		if (green(x, y))
			return;

		const auto row = [&](int at) { return mean(gradientH_(x - 2, at), gradientH_(x, at)); };
		const auto column = [&](int at) { return mean(gradientV_(at, y - 2), gradientV_(at, y)); };
		const int sumH = std::min(mean(mean(row(y - 2), row(y + 2)), row(y)), 32767);
		const int sumV = std::min(mean(mean(column(x - 2), column(x + 2)), column(x)), 32767);

		if (sumV - sumH > 2 * threshold_)
			k_(x, y) = h_(x, y);
		else if (sumH - sumV > 2 * threshold_)
			k_(x, y) = v_(x, y);
		else
			k_(x, y) = mean(h_(x, y), v_(x, y));
	}

	void put(int x, int y, ColourDifferences *out, int green, int red, int blue)
	{
		const size_t i = out->at(x, y);
		out->green[i] = static_cast<int16_t>(green);
		out->red[i] = static_cast<int16_t>(red);
		out->blue[i] = static_cast<int16_t>(blue);
	}

	void rebuild(int x, int y, ColourDifferences *out)
	{
		const int m = m_(x, y);
		const int own = k_(x, y);
		const int green = m - ((own + 1) >> 1);
		const int row = mean(k_(x - 1, y), k_(x + 1, y));
		const int column = mean(k_(x, y - 1), k_(x, y + 1));
		const int corners = mean(mean(k_(x - 1, y - 1), k_(x - 1, y + 1)),
					 mean(k_(x + 1, y - 1), k_(x + 1, y + 1)));

		switch (site(x, y)) {
		case SiteR:
			return put(x, y, out, green, own, corners);
		case SiteGr:
			return put(x, y, out, m, row, column);
		case SiteGb:
			return put(x, y, out, m, column, row);
		case SiteB:
			return put(x, y, out, green, corners, own);
		}
	}

	void putRgb(int x, int y, ColourDifferences *out, int r, int g, int b)
	{
		put(x, y, out, g, 2 * (r - g), 2 * (b - g));
	}

	void interpolate(int x, int y, ColourDifferences *out)
	{
		const int m = m_(x, y);
		const int row = mean(m_(x - 1, y), m_(x + 1, y));
		const int column = mean(m_(x, y - 1), m_(x, y + 1));
		const int cross = (m_(x - 1, y) + m_(x + 1, y) + m_(x, y - 1) + m_(x, y + 1) + 2) >> 2;
		const int corners = (m_(x - 1, y - 1) + m_(x + 1, y - 1) +
				     m_(x - 1, y + 1) + m_(x + 1, y + 1) + 2) >> 2;

		switch (site(x, y)) {
		case SiteR:
			return putRgb(x, y, out, m, cross, corners);
		case SiteGr:
			return putRgb(x, y, out, row, m, column);
		case SiteGb:
			return putRgb(x, y, out, column, m, row);
		case SiteB:
			return putRgb(x, y, out, corners, cross, m);
		}
	}

	int width_;
	int height_;
	BayerOrder order_;
	int threshold_;
	bool refine_;
	/*
	 * The mosaic; colour minus horizontal and vertical green; gradients, which where
	 * refined are costs of the sides to the left and above; the choice.
	 */
	Field m_, h_, v_, gradientH_, gradientV_, k_;
};

/*
 * What the candidates beyond the ends of the row would be, and the gradients to them: the
 * mosaic is mirrored about its first and last column.
 */
void mirrorCandidates(const CandidateRows &rows, size_t n)
{
	const ptrdiff_t last = static_cast<ptrdiff_t>(n) - 1;
	const int column = rows.left + 1;
	const auto gradientAt = [&](ptrdiff_t j) {
		const int16_t *h = rows.horizontal + j;
		const auto gradient = [](int p, int q) { return abs(saturate16(p - q)); };
		return static_cast<uint16_t>((gradient(h[-1], h[0]) + gradient(h[0], h[1]) + 1) >> 1);
	};

	for (int16_t *candidates : { rows.horizontal, rows.vertical })
		mirrorColumns(candidates, static_cast<int>(n), column, 1);
	rows.gradient[0] = gradientAt(0);
	rows.gradient[last] = gradientAt(last);
}

} /* namespace */

ColourDifferences::ColourDifferences(unsigned int planeWidth, unsigned int planeHeight)
	: width(planeWidth), height(planeHeight), green(at(0, planeHeight)), red(green.size()),
	  blue(green.size())
{
}

/* Planes R, G, B of the linear range, as an identity matrix gives them. */
Planes ColourDifferences::rgb() const
{
	Planes planes;
	for (Plane &plane : planes)
		plane = Plane(width, height);

	for (size_t i = 0; i < green.size(); ++i) {
		const int values[3] = { 2 * green[i] + red[i], 2 * green[i], 2 * green[i] + blue[i] };
		for (unsigned int c = 0; c < 3; ++c)
			planes[c].samples[i] = static_cast<uint16_t>(std::clamp(values[c] >> 1, 0, kLinearMax));
	}

	return planes;
}

/**
 * Interpolate the Bayer mosaic to green and colour differences of all pixels
 * @mosaic: linear samples, 0 to 16383; even width and height of at least 16, or of 2
 *	with bilinear interpolation
 * @order: colours of the mosaic
 * @params: the block; disabled means bilinear interpolation
 * @out: receives green, and red and blue less green, in half units
 *
 * The samples outside of the picture are those mirrored about its first and
 * last row and column, which keeps the phase of the mosaic.
 *
 * Directed (enabled): at each red or blue site with sample C at (x, y),
 *
 *   KH = limit16(2 C - G(x-1) - G(x+1) - ((2 C - C(x-2) - C(x+2)) >> 1))
 *
 * and KV by columns are twice the difference of C and the gradient-corrected green
 * of Hamilton and Adams (US patent 5,629,734, expired). A direction is good where
 * the colour difference changes little along it (Menon, Andriani and Calvagno,
 * "Demosaicing with directional filtering and a posteriori decision", IEEE
 * Trans. Image Processing 16 (1), 2007). With avg(a, b) = (a + b + 1) >> 1,
 * DH(x, y) = |limit16(KH(x, y) - KH(x+2, y))| and DV by columns,
 *
 *   RH(y) = avg(DH(x-2, y), DH(x, y))
 *   SH = min(32767, avg(avg(RH(y-2), RH(y+2)), RH(y)))
 *
 * and SV with x and y exchanged. S is twice the mean gradient: K = KH where SV - SH >
 * 2 threshold, KV where SH - SV > 2 threshold, else avg(KH, KV). At red and blue sites
 * G = C - ((K + 1) >> 1) and the difference of the site's colour is K; at green sites the
 * differences are the means of the two neighbouring K of that colour; that of blue at red
 * sites, and of red at blue ones, is the mean of the four K at the corners, avg(left,
 * right) of avg(upper, lower) each.
 *
 * Refined: there are candidates at green sites, too, and K is a mean of what the four sides
 * give, with weights by the gradients along each of them (Pekkucuksen and Altunbasak,
 * "Gradient based threshold free color filter array interpolation", IEEE International
 * Conference on Image Processing, 2010; the weights follow logarithms of gradients here, and
 * a side has the mean of two candidates). The differences at other sites are means with
 * weights: of opposite neighbours, by what green changes towards them and their differences
 * from one to the other, and of the two pairs. struct fovea_isp_demosaic has the formulas.
 * Nothing is limited to the linear range before the colour matrix.
 */
void demosaicReference(const Plane &mosaic, BayerOrder order,
		       const fovea_isp_demosaic &params, ColourDifferences *out)
{
	*out = ColourDifferences(mosaic.width, mosaic.height);

	Demosaic demosaic(mosaic, order, params);
	if (blockDisabled(params.header))
		demosaic.bilinear(out);
	else
		demosaic.directed(out);
}

/*
 * Colour minus the horizontal and the vertical candidate of green, in half units,
 * and the gradients of the former, which are the mirrored ones at the ends of the row.
 */
void demosaicCandidates(std::span<const CandidateRows> sites, size_t n)
{
	HWY_DYNAMIC_DISPATCH(candidatesKernel)(sites, n);
	for (const CandidateRows &rows : sites)
		mirrorCandidates(rows, n);
}

/* Choose the colour differences of colour sites. */
void demosaicDirection(std::span<const DirectionRows> sites, unsigned int threshold, size_t n)
{
	HWY_DYNAMIC_DISPATCH(directionKernel)(sites, threshold, n);
}

/* Candidates along rows, at colour sites and at green ones, and gradients. */
void demosaicRowSides(std::span<const RowSidesRows> sites, size_t n)
{
	HWY_DYNAMIC_DISPATCH(rowSidesKernel)(sites, n);
}

/* The same along columns, and what it costs to go upwards. */
void demosaicColumnSides(std::span<const ColumnSidesRows> sites, unsigned int threshold, size_t n)
{
	HWY_DYNAMIC_DISPATCH(columnSidesKernel)(sites, threshold, n);
}

/* The differences of colour sites from what their four sides give. */
void demosaicMixSides(std::span<const MixSidesRows> sites, unsigned int threshold, size_t n)
{
	HWY_DYNAMIC_DISPATCH(mixSidesKernel)(sites, threshold, n);
}

/* The differences of the other colour at colour sites. */
void demosaicCorners(std::span<const CornerRows> sites, size_t n)
{
	HWY_DYNAMIC_DISPATCH(cornersKernel)(sites, n);
}

/* The differences of both colours at green sites. */
void demosaicCross(std::span<const CrossRows> sites, size_t n)
{
	HWY_DYNAMIC_DISPATCH(crossKernel)(sites, n);
}

} /* namespace fovea::isp */
#endif
