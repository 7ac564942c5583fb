/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Arithmetic of linear samples of 20 bits; included once for each instruction set
 */

#if defined(FOVEA_ISP_LINEAR_KERNEL_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_ISP_LINEAR_KERNEL_INL_H_
#undef FOVEA_ISP_LINEAR_KERNEL_INL_H_
#else
#define FOVEA_ISP_LINEAR_KERNEL_INL_H_
#endif

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/*
 * (v * factor + 2^(kShift - 1)) >> kShift for v of 20 bits and a factor of 16: the
 * product of 36 bits without its last four, which do not reach the result.
 */
template<int kShift>
HWY_INLINE VU32 multiplyLinear(VU32 v, VU32 factor)
{
	const U32 d;
	const VU32 upper = hn::Mul(hn::ShiftRight<4>(v), factor);
	const VU32 lower = hn::ShiftRight<4>(hn::Mul(hn::And(v, hn::Set(d, 15)), factor));
	const VU32 half = hn::Set(d, 1U << (kShift - 5));
	return hn::ShiftRight<kShift - 4>(hn::Add(hn::Add(upper, lower), half));
}

/* What exceeds zero: samples are small enough for signed lanes. */
HWY_INLINE VU32 excess(VU32 v, VU32 limit)
{
	return hn::Sub(v, hn::Min(v, limit));
}

/* (a + b + c + d + 2) >> 2 */
HWY_INLINE VU32 meanOfQuad(const VU32 (&v)[4])
{
	const VU32 sum = hn::Add(hn::Add(v[0], v[1]), hn::Add(v[2], v[3]));
	return hn::ShiftRight<2>(hn::Add(sum, hn::Set(U32(), 2)));
}

HWY_INLINE VU32 maxOfQuad(const VU32 (&v)[4])
{
	return hn::Max(hn::Max(v[0], v[1]), hn::Max(v[2], v[3]));
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#endif /* FOVEA_ISP_LINEAR_KERNEL_INL_H_ */
