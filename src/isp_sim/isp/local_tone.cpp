/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Local tone mapping
 */

#include "local_tone.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/local_tone.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/* The mean of a colour over the four pixels of a quad. */
HWY_INLINE VU16 quadMean(uint16_t *const plane[4], size_t i)
{
	const U16 d;
	const VU16 sum = hn::Add(hn::Add(hn::LoadU(d, plane[0] + i), hn::LoadU(d, plane[1] + i)),
				 hn::Add(hn::LoadU(d, plane[2] + i), hn::LoadU(d, plane[3] + i)));
	return hn::ShiftRight<2>(hn::Add(sum, hn::Set(d, 2)));
}

/*
 * The number of a half octave and the place in it are the upper bits of a float:
 * the integer has 14 bits, so nothing is rounded.
 */
HWY_INLINE V32 halfOctave(V32 u)
{
	const hn::RebindToFloat<D32> df;
	return hn::BitCast(D32(), hn::ConvertTo(df, u));
}

/* Eight points at a time, so that nothing behind the last is read. */
using D16x8 = hn::CappedTag<int16_t, 8>;

/*
 * A curve between those of two rows of zones, in the form that is looked up: of all
 * segments, the last of which is followed by a point.
 */
static void blendCurveKernel(const uint16_t *above, const uint16_t *below, int fraction, ToneCurve *out)
{
	constexpr size_t kSegments = FOVEA_ISP_LTM_POINTS - 1;
	const D16x8 d;
	const hn::Rebind<uint8_t, D16x8> d8;
	const hn::RebindToUnsigned<D16x8> du;
	const auto f = hn::Set(d, static_cast<int16_t>(fraction));
	const auto point = [&](size_t i) HWY_ATTR {
		const auto a = hn::LoadU(d, reinterpret_cast<const int16_t *>(above + i));
		const auto b = hn::LoadU(d, reinterpret_cast<const int16_t *>(below + i));
		return hn::Add(a, hn::MulFixedPoint15(hn::Sub(b, a), f));
	};
	const auto store = [&](hn::Vec<D16x8> v, uint8_t *low, uint8_t *high) HWY_ATTR {
		const auto bits = hn::BitCast(du, v);
		hn::StoreU(hn::DemoteTo(d8, hn::BitCast(d, hn::And(bits, hn::Set(du, 255)))), d8, low);
		hn::StoreU(hn::DemoteTo(d8, hn::BitCast(d, hn::ShiftRight<8>(bits))), d8, high);
	};

	for (size_t i = 0; i < kSegments; i += hn::Lanes(d)) {
		const size_t first = std::min(i, kSegments - hn::Lanes(d));
		const auto start = point(first);
		store(start, out->startLow + first, out->startHigh + first);
		store(hn::Sub(point(first + 1), start), out->stepLow + first, out->stepHigh + first);
	}
}

/* Segment (with the upper bit set, for byte look-ups) and remainder of each quad. */
static void measureKernel(const RgbQuads &rgb, size_t n, uint16_t *segment, int16_t *remainder)
{
	const U16 d;
	const D16 d16;
	const D32 d32;
	const VU16 offset = hn::Set(d, 128);
	/* Twice the exponent of the first octave, with the bias of the format. */
	const V32 first = hn::Set(d32, 2 * (127 + 7));

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		const VU16 g = quadMean(rgb[1], i);
		const VU16 sum = hn::Add(hn::Add(quadMean(rgb[0], i), quadMean(rgb[2], i)), hn::Add(g, g));
		const VU16 luminance = hn::ShiftRight<2>(hn::Add(sum, hn::Set(d, 2)));
		const V16 u = hn::BitCast(d16, hn::Add(hn::Min(luminance, hn::Set(d, 16255)), offset));

		const V16 zero = hn::Zero(d16);
		const V32 lower = halfOctave(hn::BitCast(d32, hn::InterleaveLower(d16, u, zero)));
		const V32 upper = halfOctave(hn::BitCast(d32, hn::InterleaveUpper(d16, u, zero)));
		const V16 index = narrow(hn::Sub(hn::ShiftRight<22>(lower), first),
					 hn::Sub(hn::ShiftRight<22>(upper), first));
		const V32 mask = hn::Set(d32, 32767);
		const V16 rest = narrow(hn::And(hn::ShiftRight<7>(lower), mask),
					hn::And(hn::ShiftRight<7>(upper), mask));

		hn::StoreU(hn::Or(hn::BitCast(d, index), hn::Set(d, 0x8000)), d, segment + i);
		hn::StoreU(rest, d16, remainder + i);
	}
}

HWY_INLINE VU16 lookUp(const uint8_t *low, const uint8_t *high, hn::Vec<U8> index)
{
	const U8 d8;
	const U16 d;
	const VU16 lowByte = hn::BitCast(d, hn::TableLookupBytesOr0(hn::LoadDup128(d8, low), index));
	const VU16 highByte = hn::BitCast(d, hn::TableLookupBytesOr0(hn::LoadDup128(d8, high), index));
	return hn::Or(lowByte, hn::ShiftLeft<8>(highByte));
}

HWY_INLINE V16 readCurve(const ToneCurve &curve, hn::Vec<U8> index, V16 remainder)
{
	const D16 d;
	const V16 start = hn::BitCast(d, lookUp(curve.startLow, curve.startHigh, index));
	const V16 step = hn::BitCast(d, lookUp(curve.stepLow, curve.stepHigh, index));
	return hn::Add(start, hn::MulFixedPoint15(step, remainder));
}

/* Quads between the middles of two zones. May write a vector too much. */
static void cellKernel(const ToneCurve &left, const ToneCurve &right, const ToneCell &cell, size_t n)
{
	const D16 d;

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		const hn::Vec<U8> index = hn::BitCast(U8(), hn::LoadU(U16(), cell.segment + i));
		const V16 remainder = hn::LoadU(d, cell.remainder + i);
		const V16 a = readCurve(left, index, remainder);
		const V16 b = readCurve(right, index, remainder);
		storeSigned(hn::Add(a, hn::MulFixedPoint15(hn::Sub(b, a), hn::LoadU(d, cell.fraction + i))),
			    cell.gain + i);
	}
}

/* min(16383, (v * gain) >> 12): the product of 29 bits from its two halves. */
static void applyKernel(const uint16_t *gain, size_t n, uint16_t *row)
{
	const U16 d;

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		const VU16 g = hn::LoadU(d, gain + i);
		const VU16 v = hn::LoadU(d, row + i);
		const VU16 high = hn::Min(hn::MulHigh(v, g), hn::Set(d, 1024));
		const VU16 product = hn::Or(hn::ShiftLeft<4>(high), hn::ShiftRight<12>(hn::Mul(v, g)));
		hn::StoreU(hn::Min(product, hn::Set(d, 16383)), d, row + i);
	}
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "mesh.h"

namespace fovea::isp {

HWY_EXPORT(blendCurveKernel);
HWY_EXPORT(measureKernel);
HWY_EXPORT(cellKernel);
HWY_EXPORT(applyKernel);

namespace {

constexpr unsigned int kZonesX = FOVEA_ISP_LTM_ZONES_X;
constexpr unsigned int kZonesY = FOVEA_ISP_LTM_ZONES_Y;

/* The quad in the middle of a zone. */
unsigned int middle(unsigned int zone, unsigned int zones, unsigned int quads)
{
	return (2 * zone + 1) * quads / (2 * zones);
}

/* The zones whose middles are before and behind a quad, and where it is in between. */
struct Place {
	Place(unsigned int quad, unsigned int zones, unsigned int quads)
	{
		while (second < zones && middle(second, zones, quads) <= quad)
			first = second++;

		if (first == second || second == zones) {
			second = first;
			return;
		}
		const unsigned int start = middle(first, zones, quads);
		fraction = static_cast<int>((quad - start) * 32768 / (middle(second, zones, quads) - start));
	}

	unsigned int first = 0;
	unsigned int second = 0;
	int fraction = 0;
};

/* The curve at point @i, between the zones of two rows. */
int blendedPoint(const fovea_isp_local_tone &params, const Place &y, unsigned int zoneX, unsigned int i)
{
	return between(params.gain[y.first][zoneX][i], params.gain[y.second][zoneX][i], y.fraction);
}

unsigned int luminanceOf(const Planes &rgb, unsigned int x, unsigned int y)
{
	unsigned int mean[3];
	for (unsigned int c = 0; c < 3; ++c) {
		const uint16_t *upper = rgb[c].row(2 * y) + 2 * x;
		const uint16_t *lower = rgb[c].row(2 * y + 1) + 2 * x;
		mean[c] = (upper[0] + upper[1] + lower[0] + lower[1] + 2) >> 2;
	}
	return (mean[0] + 2 * mean[1] + mean[2] + 2) >> 2;
}

int gainOf(const fovea_isp_local_tone &params, const Place &x, const Place &y, unsigned int luminance)
{
	const unsigned int u = std::min(luminance, 16255U) + 128;
	unsigned int exponent = 7;
	while (u >> (exponent + 1))
		exponent++;
	const unsigned int i = 2 * (exponent - 7) + ((u >> (exponent - 1)) & 1);
	const int remainder = (u << (16 - exponent)) & 32767;

	const auto read = [&](unsigned int zoneX) {
		return between(blendedPoint(params, y, zoneX, i), blendedPoint(params, y, zoneX, i + 1), remainder);
	};
	return between(read(x.first), read(x.second), x.fraction);
}

} /* namespace */

/**
 * Map the tones of a picture
 * @params: a curve of gains, UQ3.12, for each zone
 * @rgb: planes R, G, B of the linear range, 0 to 16383, of even width and height
 *
 * All values of a quad get the gain at its luminance, interpolated in the curves
 * and between those of the four nearest zones: out = min(16383, (in * gain) >> 12).
 * Curves of a grid with interpolation between them are those of contrast-limited
 * adaptive histogram equalisation (Zuiderveld, "Contrast limited adaptive histogram
 * equalization", Graphics Gems IV, 1994), as gains so that they keep the hue.
 * Definition: struct fovea_isp_local_tone.
 */
void localToneReference(const fovea_isp_local_tone &params, Planes *rgb)
{
	if (blockDisabled(params.header))
		return;

	const unsigned int quadsX = (*rgb)[0].width / 2;
	const unsigned int quadsY = (*rgb)[0].height / 2;

	for (unsigned int y = 0; y < quadsY; ++y) {
		const Place placeY(y, kZonesY, quadsY);
		for (unsigned int x = 0; x < quadsX; ++x) {
			const int gain = gainOf(params, Place(x, kZonesX, quadsX), placeY, luminanceOf(*rgb, x, y));
			for (Plane &plane : *rgb) {
				for (unsigned int i = 0; i < 4; ++i) {
					uint16_t &v = plane.row(2 * y + i / 2)[2 * x + i % 2];
					v = static_cast<uint16_t>(std::min((v * gain) >> 12, kLinearMax));
				}
			}
		}
	}
}

/**
 * Local tone mapping of the rows of a frame
 * @quadsX: quads in a row
 * @quadsY: rows of quads
 */
LocalToneRows::LocalToneRows(unsigned int quadsX, unsigned int quadsY)
	: quadsX_(quadsX), quadsY_(quadsY), fractions_(quadsX + kRowMargin),
	  segment_(1, quadsX), remainder_(1, quadsX), gain_(1, quadsX)
{
	for (unsigned int x = 0; x < quadsX; ++x)
		fractions_[x] = static_cast<int16_t>(Place(x, kZonesX, quadsX).fraction);
}

/* The curves of all columns of zones for one row of quads. */
void LocalToneRows::blendCurves(const fovea_isp_local_tone &params, unsigned int quadRow)
{
	const Place y(quadRow, kZonesY, quadsY_);

	for (unsigned int x = 0; x < kZonesX; ++x)
		HWY_DYNAMIC_DISPATCH(blendCurveKernel)(params.gain[y.first][x], params.gain[y.second][x], y.fraction, &curves_[x]);
}

/**
 * Map the tones of a row of quads
 * @quadRow: its number
 * @rgb: the linear range, 0 to 16383; the rows reach up to a whole vector
 *
 * Equal to localToneReference().
 */
void LocalToneRows::apply(const fovea_isp_local_tone &params, unsigned int quadRow, const RgbQuads &rgb)
{
	blendCurves(params, quadRow);
	HWY_DYNAMIC_DISPATCH(measureKernel)(rgb, quadsX_, segment_[0], remainder_[0]);

	/* Cell i ends at the middle of zone i; each overwrites what the last wrote too much. */
	unsigned int begin = 0;
	for (unsigned int i = 0; i <= kZonesX; ++i) {
		const unsigned int end = i < kZonesX ? middle(i, kZonesX, quadsX_) : quadsX_;
		if (end == begin)
			continue;
		HWY_DYNAMIC_DISPATCH(cellKernel)(curves_[i ? i - 1 : 0], curves_[std::min(i, kZonesX - 1)],
						 { segment_[0] + begin, remainder_[0] + begin,
						   fractions_.data() + begin, gain_[0] + begin },
						 end - begin);
		begin = end;
	}

	for (const auto &plane : rgb) {
		for (uint16_t *row : plane)
			HWY_DYNAMIC_DISPATCH(applyKernel)(gain_[0], quadsX_, row);
	}
}

} /* namespace fovea::isp */
#endif
