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

/*
 * A segment of 16 with remainder f is a segment of 256 with remainder 16 f:
 * (height * f + 8) >> 4 = (height * 16 f + 128) >> 8. With height scaled by 8
 * and the remainder by 16 both fit 15 bits, and the rounding multiplication
 * (a * b + 2^14) >> 15 is exactly the interpolation of the definition.
 */
static void gammaRowKernel(const int32_t *segments, const uint16_t *in, size_t n, uint16_t *out)
{
	const D16 d;
	const D32 d32;
	const V16 zero = hn::Zero(d);
	const V16 lowEnd = hn::Set(d, 1024);
	const V16 highFirst = hn::Set(d, 64);
	const V16 inputMask = hn::Set(d, 16383);
	const V16 lowMask = hn::Set(d, 15);
	const V16 highMask = hn::Set(d, 255);
	const V32 startMask = hn::Set(d32, 0xffff);

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		/* Whatever lies behind the row must not index outside the table. */
		const V16 v = hn::And(loadSigned(in + i), inputMask);
		const auto low = hn::Lt(v, lowEnd);
		const V16 index = hn::IfThenElse(low, hn::ShiftRight<4>(v),
						 hn::Add(hn::ShiftRight<8>(v), highFirst));
		const V16 remainder = hn::IfThenElse(low, hn::ShiftLeft<8>(hn::And(v, lowMask)),
						     hn::ShiftLeft<4>(hn::And(v, highMask)));

		const V32 lower = hn::GatherIndex(d32, segments, hn::BitCast(d32, hn::InterleaveLower(d, index, zero)));
		const V32 upper = hn::GatherIndex(d32, segments, hn::BitCast(d32, hn::InterleaveUpper(d, index, zero)));
		const V16 start = narrow(hn::And(lower, startMask), hn::And(upper, startMask));
		const V16 height = narrow(hn::ShiftRight<16>(lower), hn::ShiftRight<16>(upper));

		storeSigned(hn::Add(start, hn::MulFixedPoint15(height, remainder)), out + i);
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
	for (unsigned int i = 0; i < 64; ++i) {
		segments[i] = params.low[i] |
			      (params.low[i + 1] - params.low[i]) * 8 * 65536;
		segments[64 + i] = params.high[i] |
				   (params.high[i + 1] - params.high[i]) * 8 * 65536;
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
 * Equal to gammaReference(). @in and @out may be the same; both reach up to a
 * whole vector.
 */
void gammaRow(const GammaTable &table, const uint16_t *in, size_t n, uint16_t *out)
{
	if (table.identity)
		HWY_DYNAMIC_DISPATCH(gammaIdentityKernel)(in, n, out);
	else
		HWY_DYNAMIC_DISPATCH(gammaRowKernel)(table.segments, in, n, out);
}

} /* namespace fovea::isp */
#endif
