/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What all vector kernels share; included once for each instruction set
 */

#if defined(FOVEA_ISP_ROW_KERNEL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_ISP_ROW_KERNEL_INL_H_
#undef FOVEA_ISP_ROW_KERNEL_INL_H_
#else
#define FOVEA_ISP_ROW_KERNEL_INL_H_
#endif

#include <stddef.h>
#include <stdint.h>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using D16 = hn::ScalableTag<int16_t>;
using U16 = hn::ScalableTag<uint16_t>;
using D32 = hn::ScalableTag<int32_t>;
using U32 = hn::ScalableTag<uint32_t>;
using U8 = hn::ScalableTag<uint8_t>;
using V16 = hn::Vec<D16>;
using VU16 = hn::Vec<U16>;
using V32 = hn::Vec<D32>;
using VU32 = hn::Vec<U32>;

/* Samples up to 32767 are the same number in signed lanes. */
HWY_INLINE V16 loadSigned(const uint16_t *p)
{
	return hn::LoadU(D16(), reinterpret_cast<const int16_t *>(p));
}

HWY_INLINE V16 loadSigned(const int16_t *p)
{
	return hn::LoadU(D16(), p);
}

HWY_INLINE void storeSigned(V16 v, uint16_t *p)
{
	hn::StoreU(v, D16(), reinterpret_cast<int16_t *>(p));
}

/*
 * The neighbours of a vector of a row: lane i of the result is the sample before
 * (behind) that of lane i. On wide vectors a load at an odd place costs more than
 * the operations on what is in registers already. Highway's targets are the lower,
 * the more they can: what is up to HWY_AVX3 has vectors of 512 bits.
 */
HWY_INLINE V16 samplesBefore(V16 previous, V16 current)
{
#if HWY_TARGET == HWY_AVX2
	const __m256i middle = _mm256_permute2x128_si256(previous.raw, current.raw, 0x21);
	return V16{ _mm256_alignr_epi8(current.raw, middle, 14) };
#elif HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
	const D16 d;
	return V16{ _mm512_permutex2var_epi16(previous.raw, hn::Iota(d, 31).raw, current.raw) };
#else
	return hn::CombineShiftRightBytes<14>(D16(), current, previous);
#endif
}

/* The same of the sample that many behind. */
template<int kCount = 1>
HWY_INLINE V16 samplesBehind(V16 current, V16 next)
{
#if HWY_TARGET == HWY_AVX2
	const __m256i middle = _mm256_permute2x128_si256(current.raw, next.raw, 0x21);
	return V16{ _mm256_alignr_epi8(middle, current.raw, 2 * kCount) };
#elif HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
	const D16 d;
	return V16{ _mm512_permutex2var_epi16(current.raw, hn::Iota(d, kCount).raw, next.raw) };
#else
	return hn::CombineShiftRightBytes<2 * kCount>(D16(), next, current);
#endif
}

/*
 * A row whose vectors come one by one, and the neighbours of the last but one. In AVX2
 * the two of them share what lies across the middle.
 */
class SlidingRow
{
public:
	SlidingRow() = default;

	/* Begin with two vectors, of which the second is the first to have neighbours. */
	HWY_INLINE SlidingRow(V16 previous, V16 current)
		: next_(current)
	{
#if HWY_TARGET == HWY_AVX2
		middle_ = _mm256_permute2x128_si256(previous.raw, current.raw, 0x21);
#else
		previous_ = previous;
#endif
	}

	/* Take the vector behind that of @centre, whose neighbours are then known. */
	HWY_INLINE void step(V16 next)
	{
		centre = next_;
#if HWY_TARGET == HWY_AVX2
		const __m256i middle = _mm256_permute2x128_si256(centre.raw, next.raw, 0x21);
		before = V16{ _mm256_alignr_epi8(centre.raw, middle_, 14) };
		behind = V16{ _mm256_alignr_epi8(middle, centre.raw, 2) };
		middle_ = middle;
#else
		before = samplesBefore(previous_, centre);
		behind = samplesBehind(centre, next);
		previous_ = centre;
#endif
		next_ = next;
	}

	V16 before, centre, behind;

private:
#if HWY_TARGET == HWY_AVX2
	__m256i middle_;
#else
	V16 previous_;
#endif
	V16 next_;
};

HWY_INLINE V16 clampTo(V16 v, int max)
{
	const D16 d;
	return hn::Min(hn::Max(v, hn::Zero(d)), hn::Set(d, static_cast<int16_t>(max)));
}

/* Lane i of the result: a[2i] * b[2i] + a[2i + 1] * b[2i + 1]. */
HWY_INLINE V32 multiplyPairs(V16 a, V16 b)
{
	const D32 d;
	V32 sum1 = hn::Zero(d);
	const V32 sum0 = hn::ReorderWidenMulAccumulate(d, a, b, hn::Zero(d), sum1);
	return hn::RearrangeToOddPlusEven(sum0, sum1);
}

/* Two coefficients as a vector of pairs, for multiplyPairs(). */
HWY_INLINE V16 setPair(int even, int odd)
{
	const uint32_t pair = static_cast<uint16_t>(even) |
			      (static_cast<uint32_t>(static_cast<uint16_t>(odd)) << 16);
	return hn::BitCast(D16(), hn::Set(U32(), pair));
}

/*
 * Inverse of InterleaveLower() and InterleaveUpper() for 32-bit results of
 * their 16-bit pairs, with saturation.
 */
HWY_INLINE V16 narrow(V32 lower, V32 upper)
{
	return hn::ReorderDemote2To(D16(), lower, upper);
}

/* A whole vector of samples, or the first @n of it and zeros. */
HWY_INLINE VU16 loadUpTo(const uint16_t *p, size_t n)
{
	const U16 d;
	const VU16 v = hn::LoadU(d, p);
	return n >= hn::Lanes(d) ? v : hn::IfThenElseZero(hn::FirstN(d, n), v);
}

/* Add the sums of pairs of columns (0 to 32767) to as many 32-bit sums. */
HWY_INLINE void addPairs(VU16 v, uint32_t *sums)
{
	const D16 d;
	const U32 d32;
	const VU32 pairs = hn::BitCast(d32, multiplyPairs(hn::BitCast(d, v), hn::Set(d, 1)));
	hn::StoreU(hn::Add(hn::LoadU(d32, sums), pairs), d32, sums);
}

/*
 * Samples of 0 to 255 in 16-bit lanes to bytes, block by block: the inverse of
 * interleaving the bytes of a vector with zeros. Highway 1.0.3 only has the
 * operation with a permutation behind it.
 */
HWY_INLINE hn::Vec<U8> packBytes(VU16 lower, VU16 upper)
{
#if HWY_TARGET == HWY_AVX2
	return hn::Vec<U8>{ _mm256_packus_epi16(lower.raw, upper.raw) };
#elif HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
	return hn::Vec<U8>{ _mm512_packus_epi16(lower.raw, upper.raw) };
#else
	const U8 d;
	const hn::Half<U8> half;
	const D16 d16;
	return hn::Combine(d, hn::DemoteTo(half, hn::BitCast(d16, upper)),
			   hn::DemoteTo(half, hn::BitCast(d16, lower)));
#endif
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#endif /* FOVEA_ISP_ROW_KERNEL_INL_H_ */
