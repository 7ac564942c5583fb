/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Digital and white-balance gains
 */

#include "wb_gains.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/wb_gains.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/*
 * The product has 30 bits. With its halves high and low,
 * (product + 2048) >> 12 = (high << 4) + (((low >> 11) + 1) >> 1), and a high
 * half of 1024 or more is beyond the clamp whatever the low half is.
 */
static void wbGainRowKernel(const uint16_t *in, uint16_t gain, size_t n, uint16_t *out)
{
	const U16 d;
	const VU16 g = hn::Set(d, gain);
	const VU16 one = hn::Set(d, 1);
	const VU16 highMax = hn::Set(d, 1024);
	const VU16 max = hn::Set(d, 16383);

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		const VU16 v = hn::LoadU(d, in + i);
		const VU16 high = hn::Min(hn::MulHigh(v, g), highMax);
		const VU16 low = hn::ShiftRight<11>(hn::Mul(v, g));
		const VU16 sum = hn::Add(hn::ShiftLeft<4>(high),
					 hn::ShiftRight<1>(hn::Add(low, one)));
		hn::StoreU(hn::Min(sum, max), d, out + i);
	}
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(wbGainRowKernel);

/**
 * The gain of one colour, UQ4.12, 1.0 (4096) where disabled
 */
uint16_t wbGainOf(const fovea_isp_wb_gains &params, BayerSite site)
{
	constexpr uint16_t kUnity = 4096;

	if (blockDisabled(params.header))
		return kUnity;

	switch (site) {
	case SiteR:
		return params.r;
	case SiteGr:
		return params.gr;
	case SiteGb:
		return params.gb;
	case SiteB:
		return params.b;
	}

	return kUnity;
}

/**
 * Multiply each colour by its gain
 * @params: the gains, UQ4.12
 * @order: colours of the mosaic
 * @mosaic: the linear range, 0 to 16383
 *
 * out = min(16383, (in * gain + 2048) >> 12). Definition: struct
 * fovea_isp_wb_gains.
 */
void wbGainsReference(const fovea_isp_wb_gains &params, BayerOrder order, Plane *mosaic)
{
	for (unsigned int y = 0; y < mosaic->height; ++y) {
		uint16_t *row = mosaic->row(y);
		for (unsigned int x = 0; x < mosaic->width; ++x) {
			const uint32_t gain = wbGainOf(params, bayerSite(order, x, y));
			const uint32_t v = (row[x] * gain + 2048) >> 12;
			row[x] = static_cast<uint16_t>(std::min<uint32_t>(kLinearMax, v));
		}
	}
}

/**
 * Multiply @n samples of one colour (0 to 16383) by @gain (UQ4.12)
 *
 * Equal to wbGainsReference(). @in and @out may be the same; both reach up to
 * a whole vector.
 */
void wbGainRow(const uint16_t *in, uint16_t gain, size_t n, uint16_t *out)
{
	HWY_DYNAMIC_DISPATCH(wbGainRowKernel)(in, gain, n, out);
}

} /* namespace fovea::isp */
#endif
