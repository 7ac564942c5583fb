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

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/*
 * Every kernel runs from one vector before the row to behind its end, so that
 * the next one finds its neighbours; what lies further out than the mirrored
 * samples is never used for a pixel of the picture.
 */
HWY_INLINE ptrdiff_t rowStart()
{
	return -static_cast<ptrdiff_t>(hn::Lanes(D16()));
}

/*
 * (g0 + g1 + 1 + ((2 c - c0 - c1) >> 1)) >> 1, clamped. All terms fit 16 bits
 * signed; the last addition saturates where the clamp would act.
 */
HWY_INLINE V16 candidate(V16 c, V16 c0, V16 c1, V16 g0, V16 g1)
{
	const D16 d;
	const V16 laplacian = hn::Sub(hn::Sub(c, c0), hn::Sub(c1, c));
	const V16 green = hn::Add(hn::Add(g0, g1), hn::Set(d, 1));
	return hn::Max(hn::ShiftRight<1>(hn::SaturatedAdd(green, hn::ShiftRight<1>(laplacian))),
		       hn::Zero(d));
}

static void candidatesKernel(const CandidateRows &rows, size_t n)
{
	const D16 d;
	const ptrdiff_t end = static_cast<ptrdiff_t>(n) + kDemosaicReach;

	for (ptrdiff_t j = rowStart(); j < end; j += hn::Lanes(d)) {
		const V16 c = loadSigned(rows.colour + j);
		const V16 h = candidate(c, loadSigned(rows.colour + j - 1), loadSigned(rows.colour + j + 1),
					loadSigned(rows.greenRow + j + rows.left),
					loadSigned(rows.greenRow + j + rows.left + 1));
		const V16 v = candidate(c, loadSigned(rows.above + j), loadSigned(rows.below + j),
					loadSigned(rows.greenAbove + j), loadSigned(rows.greenBelow + j));
		hn::StoreU(hn::Sub(c, h), d, rows.horizontal + j);
		hn::StoreU(hn::Sub(c, v), d, rows.vertical + j);
	}
}

HWY_INLINE VU16 gradient(V16 a, V16 b)
{
	return hn::ShiftRight<2>(hn::BitCast(U16(), hn::Abs(hn::Sub(a, b))));
}

static void gradientsKernel(const GradientRows &rows, size_t n)
{
	const U16 d;
	const ptrdiff_t end = static_cast<ptrdiff_t>(n) + kDemosaicReach;

	for (ptrdiff_t j = rowStart(); j < end; j += hn::Lanes(d)) {
		hn::StoreU(gradient(loadSigned(rows.horizontal + j), loadSigned(rows.horizontal + j + 1)),
			   d, rows.gradientH + j);
		hn::StoreU(gradient(loadSigned(rows.verticalAbove + j), loadSigned(rows.vertical + j)),
			   d, rows.gradientV + j);
	}
}

/* min(65535, 3 * (a + b) + the rest) */
HWY_INLINE VU16 weightedSum(VU16 a, VU16 b, VU16 c0, VU16 c1, VU16 c2, VU16 c3, VU16 e0, VU16 e1)
{
	const VU16 centre = hn::SaturatedAdd(a, b);
	const VU16 centre3 = hn::SaturatedAdd(hn::SaturatedAdd(centre, centre), centre);
	/* Sums of two gradients (at most 8191 each) do not overflow. */
	const VU16 corners = hn::Add(hn::Add(c0, c1), hn::Add(c2, c3));
	return hn::SaturatedAdd(hn::SaturatedAdd(centre3, corners), hn::Add(e0, e1));
}

static void directionKernel(const DirectionRows &rows, unsigned int threshold, size_t n)
{
	const D16 d;
	const U16 du;
	const VU16 margin = hn::Set(du, static_cast<uint16_t>(3 * threshold));
	const V16 one = hn::Set(d, 1);
	const ptrdiff_t end = static_cast<ptrdiff_t>(n) + kDemosaicReach;

	for (ptrdiff_t j = rowStart(); j < end; j += hn::Lanes(d)) {
		const auto at = [&](const uint16_t *p) HWY_ATTR { return hn::LoadU(du, p + j); };

		const VU16 sumH = weightedSum(at(rows.ownH[1] - 1), at(rows.ownH[1]),
					      at(rows.ownH[0] - 1), at(rows.ownH[0]),
					      at(rows.ownH[2] - 1), at(rows.ownH[2]),
					      at(rows.otherH[0] + rows.left), at(rows.otherH[1] + rows.left));
		const VU16 sumV = weightedSum(at(rows.ownV[0]), at(rows.ownV[1]),
					      at(rows.ownV[0] - 1), at(rows.ownV[0] + 1),
					      at(rows.ownV[1] - 1), at(rows.ownV[1] + 1),
					      at(rows.otherV + rows.left), at(rows.otherV + rows.left + 1));

		const VU16 excessV = hn::SaturatedSub(hn::SaturatedSub(sumV, sumH), margin);
		const VU16 excessH = hn::SaturatedSub(hn::SaturatedSub(sumH, sumV), margin);
		const auto notH = hn::Eq(hn::BitCast(d, excessV), hn::Zero(d));
		const auto notV = hn::Eq(hn::BitCast(d, excessH), hn::Zero(d));

		const V16 h = hn::LoadU(d, rows.horizontal + j);
		const V16 v = hn::LoadU(d, rows.vertical + j);
		const V16 both = hn::ShiftRight<1>(hn::Add(hn::Add(h, v), one));
		hn::StoreU(hn::IfThenElse(notH, hn::IfThenElse(notV, both, v), h), d, rows.difference + j);
	}
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(candidatesKernel);
HWY_EXPORT(gradientsKernel);
HWY_EXPORT(directionKernel);

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
	Demosaic(const Plane &mosaic, BayerOrder order, unsigned int threshold)
		: width_(mosaic.width), height_(mosaic.height), order_(order),
		  threshold_(static_cast<int>(threshold)), m_(width_, height_), h_(width_, height_),
		  v_(width_, height_), gradientH_(width_, height_),
		  gradientV_(width_, height_), k_(width_, height_)
	{
		forEach(6, [&](int x, int y) {
			m_(x, y) = mosaic.row(mirror(y, height_))[mirror(x, width_)];
		});
	}

	void directed(Planes *rgb)
	{
		findDifferences();
		forEach(0, [&](int x, int y) { rebuild(x, y, rgb); });
	}

	void bilinear(Planes *rgb)
	{
		forEach(0, [&](int x, int y) { interpolate(x, y, rgb); });
	}

private:
	/* A margin of 6 is even, so the phase of the quads holds for x < 0. */
	BayerSite site(int x, int y) const { return bayerSite(order_, x + 6, y + 6); }

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
		forEach(4, [&](int x, int y) { findCandidates(x, y); });
		forEach(3, [&](int x, int y) {
			gradientH_(x, y) = abs(h_(x, y) - h_(x + 2, y)) >> 2;
			gradientV_(x, y) = abs(v_(x, y) - v_(x, y + 2)) >> 2;
		});
		forEach(1, [&](int x, int y) { decide(x, y); });
	}

	void findCandidates(int x, int y)
	{
		if (green(x, y))
			return;

		const int c = m_(x, y);
		const int g = m_(x - 1, y) + m_(x + 1, y) + 1 +
			      ((2 * c - m_(x - 2, y) - m_(x + 2, y)) >> 1);
		const int t = m_(x, y - 1) + m_(x, y + 1) + 1 +
			      ((2 * c - m_(x, y - 2) - m_(x, y + 2)) >> 1);
		h_(x, y) = c - std::clamp(g >> 1, 0, kLinearMax);
		v_(x, y) = c - std::clamp(t >> 1, 0, kLinearMax);
	}

	void decide(int x, int y)
	{
		if (green(x, y))
			return;

		const Field &gh = gradientH_;
		const Field &gv = gradientV_;
		const int sumH = 3 * (gh(x - 2, y) + gh(x, y)) +
				 gh(x - 2, y - 2) + gh(x, y - 2) + gh(x - 2, y + 2) + gh(x, y + 2) +
				 gh(x - 1, y - 1) + gh(x - 1, y + 1);
		const int sumV = 3 * (gv(x, y - 2) + gv(x, y)) +
				 gv(x - 2, y - 2) + gv(x - 2, y) + gv(x + 2, y - 2) + gv(x + 2, y) +
				 gv(x - 1, y - 1) + gv(x + 1, y - 1);
		const int excess = std::min(sumV, 65535) - std::min(sumH, 65535);

		if (excess > 3 * threshold_)
			k_(x, y) = h_(x, y);
		else if (-excess > 3 * threshold_)
			k_(x, y) = v_(x, y);
		else
			k_(x, y) = (h_(x, y) + v_(x, y) + 1) >> 1;
	}

	void put(int x, int y, Planes *rgb, int r, int g, int b)
	{
		(*rgb)[0].row(y)[x] = static_cast<uint16_t>(std::clamp(r, 0, kLinearMax));
		(*rgb)[1].row(y)[x] = static_cast<uint16_t>(std::clamp(g, 0, kLinearMax));
		(*rgb)[2].row(y)[x] = static_cast<uint16_t>(std::clamp(b, 0, kLinearMax));
	}

	void rebuild(int x, int y, Planes *rgb)
	{
		const int m = m_(x, y);
		const int row = m + ((k_(x - 1, y) + k_(x + 1, y) + 1) >> 1);
		const int column = m + ((k_(x, y - 1) + k_(x, y + 1) + 1) >> 1);
		const int g = m - k_(x, y);
		const int other = g + ((((k_(x - 1, y - 1) + k_(x - 1, y + 1)) >> 1) +
					((k_(x + 1, y - 1) + k_(x + 1, y + 1)) >> 1) + 1) >> 1);

		switch (site(x, y)) {
		case SiteR:
			return put(x, y, rgb, m, g, other);
		case SiteGr:
			return put(x, y, rgb, row, m, column);
		case SiteGb:
			return put(x, y, rgb, column, m, row);
		case SiteB:
			return put(x, y, rgb, other, g, m);
		}
	}

	void interpolate(int x, int y, Planes *rgb)
	{
		const int m = m_(x, y);
		const int row = (m_(x - 1, y) + m_(x + 1, y) + 1) >> 1;
		const int column = (m_(x, y - 1) + m_(x, y + 1) + 1) >> 1;
		const int cross = (m_(x - 1, y) + m_(x + 1, y) + m_(x, y - 1) + m_(x, y + 1) + 2) >> 2;
		const int corners = (m_(x - 1, y - 1) + m_(x + 1, y - 1) +
				     m_(x - 1, y + 1) + m_(x + 1, y + 1) + 2) >> 2;

		switch (site(x, y)) {
		case SiteR:
			return put(x, y, rgb, m, cross, corners);
		case SiteGr:
			return put(x, y, rgb, row, m, column);
		case SiteGb:
			return put(x, y, rgb, column, m, row);
		case SiteB:
			return put(x, y, rgb, corners, cross, m);
		}
	}

	int width_;
	int height_;
	BayerOrder order_;
	int threshold_;
	/* The mosaic; colour minus horizontal and vertical green; the choice. */
	Field m_, h_, v_, gradientH_, gradientV_, k_;
};

} /* namespace */

/**
 * Interpolate the Bayer mosaic to three full planes
 * @mosaic: linear samples, 0 to 16383; even width and height of at least 8
 * @order: colours of the mosaic
 * @params: the block; disabled means bilinear interpolation
 * @rgb: receives the planes R, G, B, 0 to 16383
 *
 * The samples outside of the picture are those mirrored about its first and
 * last row and column, which keeps the phase of the mosaic.
 *
 * Directed (enabled): at each red or blue site with sample C at (x, y),
 *
 *   GH = clamp((G(x-1) + G(x+1) + 1 + ((2 C - C(x-2) - C(x+2)) >> 1)) >> 1)
 *   KH = C - GH, and GV, KV by columns
 *
 * are the gradient-corrected green of Hamilton and Adams (US patent 5,629,734,
 * expired) and the colour differences that follow. A direction is good where
 * the colour difference changes little along it (Menon, Andriani and Calvagno,
 * "Demosaicing with directional filtering and a posteriori decision", IEEE
 * Trans. Image Processing 16 (1), 2007). With DH(x, y) = |KH(x, y) - KH(x+2,
 * y)| >> 2 and DV by columns,
 *
 *   SH = min(65535, 3 (DH(x-2, y) + DH(x, y))
 *            + DH(x-2, y-2) + DH(x, y-2) + DH(x-2, y+2) + DH(x, y+2)
 *            + DH(x-1, y-1) + DH(x-1, y+1))
 *
 * and SV with x and y exchanged; the last two terms are of the other colour.
 * The weights sum to 12 and D is a quarter, so S is three times the mean
 * gradient: K = KH where SV - SH > 3 threshold, KV where SH - SV > 3
 * threshold, else (KH + KV + 1) >> 1. Then G = C - K at red and blue sites;
 * at green sites the other colours are G plus the mean ((a + b + 1) >> 1) of
 * the two neighbouring K of that colour; red at blue sites and blue at red
 * ones is G plus the mean of the four K at the corners, ((left + right + 1) >>
 * 1) with left = (upper + lower) >> 1. All are clamped to 0 to 16383.
 */
void demosaicReference(const Plane &mosaic, BayerOrder order,
		       const fovea_isp_demosaic &params, Planes *rgb)
{
	for (Plane &plane : *rgb)
		plane = Plane(mosaic.width, mosaic.height);

	Demosaic demosaic(mosaic, order, params.direction_threshold);
	if (blockDisabled(params.header))
		demosaic.bilinear(rgb);
	else
		demosaic.directed(rgb);
}

/* Colour minus the horizontal and the vertical candidate of green. */
void demosaicCandidates(const CandidateRows &rows, size_t n)
{
	HWY_DYNAMIC_DISPATCH(candidatesKernel)(rows, n);
}

/* Gradients of the colour differences: to the right, and from the row above. */
void demosaicGradients(const GradientRows &rows, size_t n)
{
	HWY_DYNAMIC_DISPATCH(gradientsKernel)(rows, n);
}

/* Choose the colour difference of one colour site. */
void demosaicDirection(const DirectionRows &rows, unsigned int threshold, size_t n)
{
	HWY_DYNAMIC_DISPATCH(directionKernel)(rows, threshold, n);
}

} /* namespace fovea::isp */
#endif
