/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The gamma curve from tables that lie in registers
 */

#if defined(FOVEA_ISP_GAMMA_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_ISP_GAMMA_INL_H_
#undef FOVEA_ISP_GAMMA_INL_H_
#else
#define FOVEA_ISP_GAMMA_INL_H_
#endif

#include "gamma.h"
#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/*
 * The place of a sample: segments of 64 below 1024 become segments of 1024 as those
 * above, with the number of the segment in the bits from 10 on. What is beyond the
 * range lies in segment 31, which is flat.
 */
HWY_INLINE VU16 gammaPosition(const GammaTable &table, V16 v)
{
	const D16 d;
	const V16 low = hn::Min(v, hn::Set(d, 1024));
	return hn::BitCast(U16(), hn::SaturatedAdd(v, hn::Mul(low, hn::Set(d, table.lowFactor))));
}

HWY_INLINE VU16 gammaSegment(VU16 position)
{
	return hn::ShiftRight<10>(position);
}

/* See GammaTable for the two forms; the fraction of the position has 16 bits in the first. */
template<bool kGentle>
HWY_INLINE V16 gammaOnLine(VU16 start, VU16 rise, VU16 position)
{
	const VU16 factor = kGentle ? position : hn::ShiftLeft<6>(position);
	return hn::BitCast(D16(), hn::Add(start, hn::MulHigh(rise, factor)));
}

#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3

/* A register holds all segments. Highway 1.0.3 has a slower look-up. */
HWY_INLINE VU16 gammaLookUp(const GammaNumbers &numbers, VU16 index)
{
	return VU16{ _mm512_permutexvar_epi16(index.raw, hn::Load(U16(), numbers.whole).raw) };
}

template<bool kGentle>
HWY_INLINE V16 gammaOf(const GammaTable &table, V16 v)
{
	const VU16 position = gammaPosition(table, v);
	const VU16 index = gammaSegment(position);
	return gammaOnLine<kGentle>(gammaLookUp(kGentle ? table.base : table.start, index),
				    gammaLookUp(kGentle ? table.slope : table.height, index), position);
}

/* Apply the curve to two vectors of samples; what is above 16383 counts as that. */
template<bool kGentle>
HWY_INLINE void applyGamma(const GammaTable &table, V16 *p, V16 *q)
{
	*p = gammaOf<kGentle>(table, *p);
	*q = gammaOf<kGentle>(table, *q);
}

#else

/* Where an index is not one of the 16 of a table, the look-up gives 0. */
struct GammaIndex {
	hn::Vec<U8> table[kGammaTables];
};

HWY_INLINE GammaIndex gammaIndex(hn::Vec<U8> segment)
{
	const U8 d;
	const hn::Vec<U8> second = hn::Sub(segment, hn::Set(d, 16));
	static_assert(kGammaTables == 2);
#if HWY_ARCH_X86
	/* Only the uppermost bit makes x86 give 0; it keeps the lower four. */
	return { hn::SaturatedAdd(segment, hn::Set(d, 0x70)), second };
#else
	return { segment, second };
#endif
}

HWY_INLINE hn::Vec<U8> gammaBytes(const uint8_t (*table)[16], const GammaIndex &index)
{
	const U8 d;
	hn::Vec<U8> bytes = hn::TableLookupBytesOr0(hn::LoadDup128(d, table[0]), index.table[0]);
	for (int i = 1; i < kGammaTables; ++i)
		bytes = hn::Or(bytes, hn::TableLookupBytesOr0(hn::LoadDup128(d, table[i]), index.table[i]));
	return bytes;
}

/* Apply the curve to two vectors of samples; what is above 16383 counts as that. */
template<bool kGentle>
HWY_INLINE void applyGamma(const GammaTable &table, V16 *p, V16 *q)
{
	const U8 d8;
	const U16 d;
	const VU16 positionP = gammaPosition(table, *p);
	const VU16 positionQ = gammaPosition(table, *q);
	const GammaIndex index = gammaIndex(packBytes(gammaSegment(positionP), gammaSegment(positionQ)));

	const GammaNumbers &starts = kGentle ? table.base : table.start;
	const GammaNumbers &rises = kGentle ? table.slope : table.height;
	const hn::Vec<U8> startLow = gammaBytes(starts.low, index);
	const hn::Vec<U8> riseLow = gammaBytes(rises.low, index);
	hn::Vec<U8> startHigh, riseHigh;
	if constexpr (kGentle) {
		startHigh = gammaBytes(starts.high, index);
		riseHigh = gammaBytes(rises.high, index);
	} else {
		const hn::Vec<U8> high = gammaBytes(table.high, index);
		const hn::Vec<U8> nibble = hn::Set(d8, 0x0f);
		startHigh = hn::And(high, nibble);
		riseHigh = hn::And(hn::BitCast(d8, hn::ShiftRight<4>(hn::BitCast(d, high))), nibble);
	}

	*p = gammaOnLine<kGentle>(hn::BitCast(d, hn::InterleaveLower(d8, startLow, startHigh)),
				  hn::BitCast(d, hn::InterleaveLower(d8, riseLow, riseHigh)), positionP);
	*q = gammaOnLine<kGentle>(hn::BitCast(d, hn::InterleaveUpper(d8, startLow, startHigh)),
				  hn::BitCast(d, hn::InterleaveUpper(d8, riseLow, riseHigh)), positionQ);
}

#endif

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#endif /* FOVEA_ISP_GAMMA_INL_H_ */
