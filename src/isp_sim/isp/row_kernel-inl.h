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

/* A row of a 3x3 matrix: coefficients in pairs, the rounding term in the last. */
struct MatrixRow {
	V16 first;
	V16 second;
};

HWY_INLINE MatrixRow matrixRow(const int16_t *coeff, int rounding)
{
	return { setPair(coeff[0], coeff[1]), setPair(coeff[2], rounding) };
}

/* Three samples a pixel, interleaved in pairs as matrixRow() expects them. */
struct MatrixInput {
	V16 firstLower, firstUpper, secondLower, secondUpper;
};

HWY_INLINE MatrixInput matrixInput(V16 a, V16 b, V16 c)
{
	const D16 d;
	const V16 one = hn::Set(d, 1);
	return { hn::InterleaveLower(d, a, b), hn::InterleaveUpper(d, a, b),
		 hn::InterleaveLower(d, c, one), hn::InterleaveUpper(d, c, one) };
}

/* (row * input + rounding) >> kShift, saturated to 16 bits. */
template<int kShift>
HWY_INLINE V16 matrixProduct(const MatrixInput &in, const MatrixRow &row)
{
	const V32 lower = hn::Add(multiplyPairs(in.firstLower, row.first),
				  multiplyPairs(in.secondLower, row.second));
	const V32 upper = hn::Add(multiplyPairs(in.firstUpper, row.first),
				  multiplyPairs(in.secondUpper, row.second));
	return narrow(hn::ShiftRight<kShift>(lower), hn::ShiftRight<kShift>(upper));
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#endif /* FOVEA_ISP_ROW_KERNEL_INL_H_ */
