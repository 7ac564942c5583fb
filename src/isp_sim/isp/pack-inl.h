/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Packing of columns to interleaved bytes, for the kernels that end with it
 */

#if defined(FOVEA_ISP_PACK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef FOVEA_ISP_PACK_INL_H_
#undef FOVEA_ISP_PACK_INL_H_
#else
#define FOVEA_ISP_PACK_INL_H_
#endif

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/*
 * Even and odd columns to interleaved bytes: min(255, max(0, v + 8) >> 4) of each. The
 * rounding product is (v + 8) >> 4, and the narrowing limits it.
 */
HWY_INLINE hn::Vec<U8> packColumns(V16 even, V16 odd)
{
	const U16 d;
	const U8 d8;
	alignas(16) static constexpr uint8_t kInterleave[16] = { 0, 8, 1, 9, 2, 10, 3, 11,
								 4, 12, 5, 13, 6, 14, 7, 15 };
	const V16 sixteenth = hn::Set(D16(), 2048);
	const hn::Vec<U8> bytes = packBytes(hn::BitCast(d, hn::MulFixedPoint15(even, sixteenth)),
					    hn::BitCast(d, hn::MulFixedPoint15(odd, sixteenth)));
	return hn::TableLookupBytes(bytes, hn::LoadDup128(d8, kInterleave));
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#endif /* FOVEA_ISP_PACK_INL_H_ */
