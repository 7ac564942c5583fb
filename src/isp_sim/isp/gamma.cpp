/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Gamma
 */

#include "gamma.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/gamma.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/* Segment (0 to 127) and remainder, scaled by 16, of a vector of samples. */
struct GammaInput {
	V16 index;
	V16 remainder;
};

/* Whatever lies behind the row must not index outside of the tables. */
HWY_INLINE GammaInput splitInput(const uint16_t *in)
{
	const D16 d;
	const V16 v = hn::And(loadSigned(in), hn::Set(d, 16383));
	const auto low = hn::Lt(v, hn::Set(d, 1024));

	return { hn::IfThenElse(low, hn::ShiftRight<4>(v),
				hn::Add(hn::ShiftRight<8>(v), hn::Set(d, 64))),
		 hn::IfThenElse(low, hn::ShiftLeft<8>(hn::And(v, hn::Set(d, 15))),
				hn::ShiftLeft<4>(hn::And(v, hn::Set(d, 255)))) };
}

/*
 * The tables are looked up 16 entries at a time by shuffles within registers,
 * which is twice as fast as a gather: of the eight groups all but the index's
 * own give 0. An index of another group gets bit 7 set: index ^ first index of
 * the group is below 16 in the own group only, and all else saturates beyond 127
 * when 112 is added.
 */
HWY_INLINE void groupIndices(hn::Vec<U8> index, hn::Vec<U8> *entries)
{
	const U8 d;
	const auto beyond = hn::Set(d, 112);
	const auto valid = hn::Set(d, 0x8f);

	for (unsigned int i = 0; i < GammaTable::kGroups; ++i) {
		const auto first = hn::Set(d, static_cast<uint8_t>(16 * i));
		entries[i] = hn::And(hn::SaturatedAdd(hn::Xor(index, first), beyond), valid);
	}
}

/* One byte of the segments, by the indices within the groups. */
HWY_INLINE hn::Vec<U8> lookUp(const uint8_t (*groups)[GammaTable::kGroupSize], const hn::Vec<U8> *entries)
{
	const U8 d;
	auto sum = hn::TableLookupBytesOr0(hn::LoadDup128(d, groups[0]), entries[0]);
	for (unsigned int i = 1; i < GammaTable::kGroups; ++i)
		sum = hn::Or(sum, hn::TableLookupBytesOr0(hn::LoadDup128(d, groups[i]), entries[i]));
	return sum;
}

/* 16-bit numbers from the even bytes, or the odd ones, of their two halves. */
HWY_INLINE V16 joinEven(hn::Vec<U8> low, hn::Vec<U8> high)
{
	const D16 d;
	return hn::Or(hn::And(hn::BitCast(d, low), hn::Set(d, 0xff)),
		      hn::ShiftLeft<8>(hn::BitCast(d, high)));
}

HWY_INLINE V16 joinOdd(hn::Vec<U8> low, hn::Vec<U8> high)
{
	const U16 d;
	return hn::BitCast(D16(), hn::Or(hn::ShiftRight<8>(hn::BitCast(d, low)),
					 hn::And(hn::BitCast(d, high), hn::Set(d, 0xff00))));
}

/*
 * A segment of 16 with remainder f is a segment of 256 with remainder 16 f:
 * (height * f + 8) >> 4 = (height * 16 f + 128) >> 8. With height scaled by 8
 * and the remainder by 16 both fit 15 bits, and the rounding multiplication
 * (a * b + 2^14) >> 15 is exactly the interpolation of the definition. Two
 * vectors share a look-up: one has its indices in the even bytes, one in the odd.
 */
static void gammaRowKernel(const GammaTable &table, const uint16_t *in, size_t n, uint16_t *out)
{
	const size_t lanes = hn::Lanes(D16());

	for (size_t i = 0; i < n; i += 2 * lanes) {
		const GammaInput a = splitInput(in + i);
		const GammaInput b = splitInput(in + i + lanes);
		const auto index = hn::BitCast(U8(), hn::Or(a.index, hn::ShiftLeft<8>(b.index)));
		hn::Vec<U8> entries[GammaTable::kGroups];
		groupIndices(index, entries);

		const auto heightLow = lookUp(table.heightLow, entries);
		const auto heightHigh = lookUp(table.heightHigh, entries);
		const V16 riseA = hn::MulFixedPoint15(joinEven(heightLow, heightHigh), a.remainder);
		const V16 riseB = hn::MulFixedPoint15(joinOdd(heightLow, heightHigh), b.remainder);
		const auto startLow = lookUp(table.startLow, entries);
		const auto startHigh = lookUp(table.startHigh, entries);
		storeSigned(hn::Add(joinEven(startLow, startHigh), riseA), out + i);
		storeSigned(hn::Add(joinOdd(startLow, startHigh), riseB), out + i + lanes);
	}
}

static void gammaIdentityKernel(const uint16_t *in, size_t n, uint16_t *out)
{
	const U16 d;

	for (size_t i = 0; i < n; i += hn::Lanes(d))
		hn::StoreU(hn::ShiftRight<2>(hn::LoadU(d, in + i)), d, out + i);
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(gammaRowKernel);
HWY_EXPORT(gammaIdentityKernel);

GammaTable::GammaTable(const fovea_isp_gamma &params)
	: identity(blockDisabled(params.header))
{
	constexpr unsigned int kSegments = FOVEA_ISP_GAMMA_POINTS - 1;

	for (unsigned int i = 0; i < 2 * kSegments; ++i) {
		const uint16_t *y = (i < kSegments ? params.low : params.high) + i % kSegments;
		const int height = 8 * (y[1] - y[0]);
		const unsigned int group = i / kGroupSize;
		const unsigned int entry = i % kGroupSize;

		startLow[group][entry] = static_cast<uint8_t>(y[0]);
		startHigh[group][entry] = static_cast<uint8_t>(y[0] >> 8);
		heightLow[group][entry] = static_cast<uint8_t>(height);
		heightHigh[group][entry] = static_cast<uint8_t>(height >> 8);
	}
}

/**
 * The gamma curve of one sample
 * @params: the two tables
 * @in: linear, 0 to 16383
 *
 * Within a segment of 2^s with index i and remainder f: out = y[i] +
 * (((y[i+1] - y[i]) * f + 2^(s-1)) >> s), s = 4 below 1024 (table low), s = 8
 * above (table high). Definition: struct fovea_isp_gamma.
 */
uint16_t gammaReference(const fovea_isp_gamma &params, uint16_t in)
{
	if (blockDisabled(params.header))
		return in >> 2;

	const unsigned int shift = in < 1024 ? 4 : 8;
	const uint16_t *y = (in < 1024 ? params.low : params.high) + (in >> shift);
	const int remainder = in & ((1 << shift) - 1);

	return static_cast<uint16_t>(y[0] + (((y[1] - y[0]) * remainder + (1 << (shift - 1))) >> shift));
}

/**
 * Apply the gamma curve to three planes
 * @params: the two tables
 * @rgb: in: linear, 0 to 16383; out: 0 to 4095
 */
void gammaReference(const fovea_isp_gamma &params, Planes *rgb)
{
	for (Plane &plane : *rgb) {
		for (uint16_t &sample : plane.samples)
			sample = gammaReference(params, sample);
	}
}

/**
 * Apply the gamma curve to @n samples
 *
 * Equal to gammaReference(). @in and @out may be the same; both reach up to two
 * whole vectors.
 */
void gammaRow(const GammaTable &table, const uint16_t *in, size_t n, uint16_t *out)
{
	if (table.identity)
		HWY_DYNAMIC_DISPATCH(gammaIdentityKernel)(in, n, out);
	else
		HWY_DYNAMIC_DISPATCH(gammaRowKernel)(table, in, n, out);
}

} /* namespace fovea::isp */
#endif
