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

/* Added to the costs of sides: below it their ratios are noise. Half units. */
constexpr int kLeastCost = 16;

} /* namespace fovea::isp */
#endif

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/*
 * Where a kernel begins and ends. Beyond the row it runs from one vector before it to
 * behind its end, so that the next one finds its neighbours; what lies further out than
 * the mirrored samples is never used for a pixel of the picture.
 */
HWY_INLINE ptrdiff_t rowStart(Extent extent = Extent::Beyond)
{
	return extent == Extent::Row ? 0 : -static_cast<ptrdiff_t>(hn::Lanes(D16()));
}

HWY_INLINE ptrdiff_t rowEnd(size_t n, Extent extent = Extent::Beyond)
{
	return static_cast<ptrdiff_t>(n) + (extent == Extent::Row ? 0 : kDemosaicReach);
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
HWY_INLINE void candidatesLoop(const CandidateRows &candidateRows, size_t n, Extent extent)
{
	const D16 d;
	const U16 du;
	const CandidateRows rows = candidateRows;
	const ptrdiff_t lanes = hn::Lanes(d);
	const ptrdiff_t end = rowEnd(n, extent);
	V16 previousH = hn::Zero(d);
	V16 previousGradient = hn::Zero(d);

	const auto storeGradient = [&](ptrdiff_t j, V16 h) HWY_ATTR {
		const V16 toRight = hn::BitCast(d, gradient(previousH, samplesBehind(previousH, h)));
		const V16 toLeft = samplesBefore(previousGradient, toRight);
		hn::StoreU(hn::AverageRound(hn::BitCast(du, toLeft), hn::BitCast(du, toRight)), du, rows.gradient + j - lanes);
		previousH = h;
		previousGradient = toRight;
	};

	ptrdiff_t j = rowStart(extent);
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

static void candidatesKernel(std::span<const CandidateRows> sites, size_t n, Extent extent)
{
	for (const CandidateRows &rows : sites)
		candidatesLoop(rows, n, extent);
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

/* The weight of the horizontal direction, Q1.15. */
HWY_INLINE V16 horizontalWeight(V16 sumH, V16 sumV)
{
	const D16 d;
	const V16 ratio = hn::Sub(logarithm(sumV), logarithm(sumH));
	const V16 limited = hn::Min(hn::Max(ratio, hn::Set(d, -2048)), hn::Set(d, 2048));
	return hn::SaturatedAdd(hn::Set(d, 16384), hn::ShiftLeft<3>(limited));
}

/* @v plus the part @weight of the way to @h. */
HWY_INLINE V16 mix(V16 h, V16 v, V16 weight)
{
	return hn::Add(v, hn::MulFixedPoint15(hn::SaturatedSub(h, v), weight));
}

template<bool kGradual>
HWY_INLINE void directionLoop(const DirectionRows &directionRows, unsigned int threshold, size_t n, Extent extent)
{
	const D16 d;
	const U16 du;
	const DirectionRows rows = directionRows;
	const V16 margin = hn::Set(d, static_cast<int16_t>(2 * threshold));
	const V16 minusMargin = hn::Neg(margin);
	const V16 offset = hn::Set(d, static_cast<int16_t>(kDifferenceOffset));
	[[maybe_unused]] const V16 half = hn::Set(d, 16384);
	const ptrdiff_t lanes = hn::Lanes(d);
	const ptrdiff_t start = rowStart(extent);
	const ptrdiff_t end = rowEnd(n, extent);

	const auto gradientV = [&](ptrdiff_t j) HWY_ATTR {
		const V16 centre = hn::LoadU(d, rows.vertical[1] + j);
		return hn::BitCast(d, hn::AverageRound(gradient(hn::LoadU(d, rows.vertical[0] + j), centre),
						       gradient(centre, hn::LoadU(d, rows.vertical[2] + j))));
	};

	SlidingRow column(gradientV(start - lanes), gradientV(start));
	for (ptrdiff_t j = start; j < end; j += lanes) {
		column.step(gradientV(j + lanes));
		const V16 sumV = limitGradient(smooth(hn::BitCast(du, column.before), hn::BitCast(du, column.centre),
						      hn::BitCast(du, column.behind)));
		const V16 sumH = limitGradient(smooth(hn::LoadU(du, rows.gradient[0] + j), hn::LoadU(du, rows.gradient[1] + j),
						      hn::LoadU(du, rows.gradient[2] + j)));

		const V16 excess = hn::Sub(sumV, sumH);
		if constexpr (kGradual) {
			const auto alike = hn::Not(hn::Or(hn::Gt(excess, margin), hn::Gt(minusMargin, excess)));
			const V16 weight = hn::IfThenElse(alike, half, horizontalWeight(sumH, sumV));
			const V16 mixed = mix(hn::LoadU(d, rows.horizontal + j), hn::LoadU(d, rows.vertical[1] + j), weight);
			hn::StoreU(weight, d, rows.weight + j);
			hn::StoreU(hn::BitCast(du, hn::Xor(mixed, offset)), du, rows.difference + j);
			continue;
		}

		const VU16 h = hn::BitCast(du, hn::Xor(hn::LoadU(d, rows.horizontal + j), offset));
		const VU16 v = hn::BitCast(du, hn::Xor(hn::LoadU(d, rows.vertical[1] + j), offset));
		const auto chooseH = hn::RebindMask(du, hn::Gt(excess, margin));
		const auto chooseV = hn::RebindMask(du, hn::Gt(minusMargin, excess));
		hn::StoreU(hn::IfThenElse(chooseH, h, hn::IfThenElse(chooseV, v, hn::AverageRound(h, v))),
			   du, rows.difference + j);
	}
}

static void directionKernel(std::span<const DirectionRows> sites, unsigned int threshold, size_t n, Extent extent)
{
	for (const DirectionRows &rows : sites) {
		if (rows.weight)
			directionLoop<true>(rows, threshold, n, extent);
		else
			directionLoop<false>(rows, threshold, n, extent);
	}
}

HWY_INLINE VU16 median(VU16 p, VU16 q, VU16 r)
{
	return hn::Max(hn::Min(p, q), hn::Min(hn::Max(p, q), r));
}

static void refineKernel(const RefineRows &refineRows, size_t n)
{
	const D16 d;
	const U16 du;
	const RefineRows rows = refineRows;
	const VU16 offset = hn::Set(du, static_cast<uint16_t>(kDifferenceOffset));
	const ptrdiff_t end = static_cast<ptrdiff_t>(n) + kDemosaicReach;

	for (ptrdiff_t j = rowStart(); j < end; j += hn::Lanes(d)) {
		const uint16_t *row = rows.difference[1] + j;
		const VU16 own = hn::LoadU(du, row);
		const VU16 h = median(hn::LoadU(du, row - 1), own, hn::LoadU(du, row + 1));
		const VU16 v = median(hn::LoadU(du, rows.difference[0] + j), own, hn::LoadU(du, rows.difference[2] + j));
		const V16 mixed = mix(hn::BitCast(d, hn::Xor(h, offset)), hn::BitCast(d, hn::Xor(v, offset)),
				      hn::LoadU(d, rows.weight + j));
		hn::StoreU(hn::AverageRound(own, hn::Xor(hn::BitCast(du, mixed), offset)), du, rows.refined + j);
	}
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

/* Two opposite neighbours: their differences, and how far green is from theirs. */
struct Sides {
	V16 first, second;
	VU16 greenFirst, greenSecond;
};

/* What a pair of sides, or a pair of pairs, gives, and how little it is to be trusted. */
struct Estimate {
	V16 value, cost;
};

HWY_INLINE Estimate merge(const Estimate &p, const Estimate &q)
{
	return { mix(p.value, q.value, horizontalWeight(p.cost, q.cost)), hn::Min(p.cost, q.cost) };
}

HWY_INLINE Estimate mergeSides(const Sides &sides)
{
	const D16 d;
	const VU16 change = hn::ShiftRight<1>(gradient(sides.first, sides.second));
	const V16 least = hn::Set(d, kLeastCost);
	const auto cost = [&](VU16 green) HWY_ATTR {
		return hn::Add(hn::BitCast(d, hn::AverageRound(green, change)), least);
	};
	return merge({ sides.first, cost(sides.greenFirst) }, { sides.second, cost(sides.greenSecond) });
}

static void cornersKernel(const CornerRows &cornerRows, size_t n)
{
	const CornerRows rows = cornerRows;
	const ptrdiff_t end = static_cast<ptrdiff_t>(n) + kDemosaicReach;
	const auto green = [](const uint16_t *colour, V16 difference) HWY_ATTR {
		const V16 c = loadSigned(colour);
		return hn::SaturatedSub(hn::Add(c, c), difference);
	};

	for (ptrdiff_t j = rowStart(); j < end; j += hn::Lanes(D16())) {
		const V16 own = green(rows.colour + j, loadDifference(rows.difference + j));
		const auto sides = [&](ptrdiff_t above, ptrdiff_t below) HWY_ATTR {
			const V16 first = loadDifference(rows.otherDifference[0] + above);
			const V16 second = loadDifference(rows.otherDifference[1] + below);
			return Sides{ first, second, gradient(own, green(rows.other[0] + above, first)),
				      gradient(own, green(rows.other[1] + below, second)) };
		};
		const ptrdiff_t left = j + rows.left;
		storeDifference(merge(mergeSides(sides(left, left + 1)), mergeSides(sides(left + 1, left))).value,
				rows.result + j);
	}
}

static void crossKernel(const CrossRows &crossRows, size_t n)
{
	const CrossRows rows = crossRows;
	const ptrdiff_t end = static_cast<ptrdiff_t>(n) + kDemosaicReach;
	const auto green = [](const uint16_t *p) HWY_ATTR {
		const V16 g = loadSigned(p);
		return hn::Add(g, g);
	};

	for (ptrdiff_t j = rowStart(); j < end; j += hn::Lanes(D16())) {
		const V16 own = green(rows.green[1] + j);
		const Sides beside{ loadDifference(rows.beside + j + rows.left), loadDifference(rows.beside + j + rows.left + 1),
				    gradient(own, green(rows.green[1] + j - 1)), gradient(own, green(rows.green[1] + j + 1)) };
		const Sides column{ loadDifference(rows.above + j), loadDifference(rows.below + j),
				    gradient(own, green(rows.green[0] + j)), gradient(own, green(rows.green[2] + j)) };
		storeDifference(merge(mergeSides(beside), mergeSides(column)).value, rows.result + j);
	}
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(cornersKernel);
HWY_EXPORT(crossKernel);
HWY_EXPORT(candidatesKernel);
HWY_EXPORT(directionKernel);
HWY_EXPORT(refineKernel);

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
		  gradientV_(width_, height_), weight_(width_, height_), k_(width_, height_)
	{
		/* Bilinear interpolation looks at the next sample only. */
		forEach(blockDisabled(params.header) ? 1 : Field::kMargin, [&](int x, int y) {
			m_(x, y) = mosaic.row(mirror(y, height_))[mirror(x, width_)];
		});
	}

	void directed(ColourDifferences *out)
	{
		findDifferences();
		if (refine_)
			return interpolateBySides(out);
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
		if (!refine_)
			return;

		const Field chosen = k_;
		forEach(2, [&](int x, int y) { refine(chosen, x, y); });
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

	static int horizontalWeight(int sumH, int sumV)
	{
		const int ratio = logarithm(sumV) - logarithm(sumH);
		return std::min(32767, 16384 + 8 * std::clamp(ratio, -2048, 2048));
	}

	static int mix(int h, int v, int weight)
	{
		return v + ((saturate16(h - v) * weight + 16384) >> 15);
	}

	static int median(int a, int b, int c)
	{
		return std::max(std::min(a, b), std::min(std::max(a, b), c));
	}

	void refine(const Field &chosen, int x, int y)
	{
		if (green(x, y))
			return;

		const int own = chosen(x, y);
		const int h = median(chosen(x - 2, y), own, chosen(x + 2, y));
		const int v = median(chosen(x, y - 2), own, chosen(x, y + 2));
		k_(x, y) = mean(own, mix(h, v, weight_(x, y)));
	}

	struct Estimate {
		int value;
		int cost;
	};

	static Estimate merge(const Estimate &p, const Estimate &q)
	{
		return { mix(p.value, q.value, horizontalWeight(p.cost, q.cost)), std::min(p.cost, q.cost) };
	}

	/*
	 * Of two opposite neighbours: @difference is theirs, @green how much green differs
	 * from the site's in their direction.
	 */
	static Estimate mergeSides(const int (&difference)[2], const int (&green)[2])
	{
		const int change = abs(saturate16(difference[0] - difference[1])) >> 1;
		return merge({ difference[0], mean(green[0], change) + kLeastCost },
			     { difference[1], mean(green[1], change) + kLeastCost });
	}

	/* Twice green, at a red or blue site. */
	int twiceGreen(int x, int y) const { return saturate16(2 * m_(x, y) - k_(x, y)); }

	/* The difference of blue at a red site, of red at a blue one. */
	int ofCorners(int x, int y) const
	{
		const auto sides = [&](int dx) {
			return mergeSides({ k_(x - dx, y - 1), k_(x + dx, y + 1) },
					  { abs(saturate16(twiceGreen(x, y) - twiceGreen(x - dx, y - 1))),
					    abs(saturate16(twiceGreen(x, y) - twiceGreen(x + dx, y + 1))) });
		};
		return merge(sides(1), sides(-1)).value;
	}

	/* The difference of a colour at a green site, from those beside, above and below. */
	int ofCross(const Field &difference, int x, int y) const
	{
		const auto change = [&](int dx, int dy) { return 2 * abs(m_(x, y) - m_(x + dx, y + dy)); };
		const Estimate row = mergeSides({ difference(x - 1, y), difference(x + 1, y) }, { change(-2, 0), change(2, 0) });
		const Estimate column = mergeSides({ difference(x, y - 1), difference(x, y + 1) }, { change(0, -2), change(0, 2) });
		return merge(row, column).value;
	}

	void interpolateBySides(ColourDifferences *out)
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
				put(x, y, out, m_(x, y), ofCross(red, x, y), ofCross(blue, x, y));
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

		if (refine_) {
			const bool alike = abs(sumV - sumH) <= 2 * threshold_;
			weight_(x, y) = alike ? 16384 : horizontalWeight(sumH, sumV);
			k_(x, y) = mix(h_(x, y), v_(x, y), weight_(x, y));
			return;
		}

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
	/* The mosaic; colour minus horizontal and vertical green; the choice. */
	Field m_, h_, v_, gradientH_, gradientV_, weight_, k_;
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
 * 2 threshold, KV where SH - SV > 2 threshold, else avg(KH, KV). Refined: K1 is a mean of KH and KV with weights by the ratio of the
 * gradients, K = avg(K1, M), M the medians of K1 in rows and columns with the same
 * weights. Medians of colour differences are those of Freeman (US patent 4,724,395,
 * expired). At red and blue sites G = C - ((K + 1) >> 1) and the difference
 * of the site's colour is K; at green sites the differences are the means of the
 * two neighbouring K of that colour; that of blue at red sites, and of red at blue
 * ones, is the mean of the four K at the corners, avg(left, right) of avg(upper,
 * lower) each. Refined, they are means with weights: of opposite neighbours, by what
 * green changes towards them and their differences from one to the other, and of the
 * two pairs; see struct fovea_isp_demosaic for the weights. Nothing is limited to the
 * linear range before the colour matrix.
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
void demosaicCandidates(std::span<const CandidateRows> sites, size_t n, Extent extent)
{
	HWY_DYNAMIC_DISPATCH(candidatesKernel)(sites, n, extent);
	if (extent == Extent::Row) {
		for (const CandidateRows &rows : sites)
			mirrorCandidates(rows, n);
	}
}

/* Choose the colour differences of colour sites. */
void demosaicDirection(std::span<const DirectionRows> sites, unsigned int threshold, size_t n, Extent extent)
{
	HWY_DYNAMIC_DISPATCH(directionKernel)(sites, threshold, n, extent);
}

/* Take off of the differences of one colour site what is false in them. */
void demosaicRefine(const RefineRows &rows, size_t n)
{
	HWY_DYNAMIC_DISPATCH(refineKernel)(rows, n);
}

/* The difference of the other colour at one colour site. */
void demosaicCorners(const CornerRows &rows, size_t n)
{
	HWY_DYNAMIC_DISPATCH(cornersKernel)(rows, n);
}

/* The difference of one colour at one green site. */
void demosaicCross(const CrossRows &rows, size_t n)
{
	HWY_DYNAMIC_DISPATCH(crossKernel)(rows, n);
}

} /* namespace fovea::isp */
#endif
