/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Black level
 */

#include "black_level.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/black_level.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/*
 * The addition of the rounding term saturates at 65535, which gives 16383
 * behind the shift: the clamp of the definition for free.
 */
static void blackLevelRowKernel(const uint16_t *in, uint16_t level, size_t n, uint16_t *out)
{
	const U16 d;
	const VU16 black = hn::Set(d, level);
	const VU16 rounding = hn::Set(d, 2);

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		const VU16 v = hn::SaturatedSub(hn::LoadU(d, in + i), black);
		hn::StoreU(hn::ShiftRight<2>(hn::SaturatedAdd(v, rounding)), d, out + i);
	}
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(blackLevelRowKernel);

/**
 * The level of one colour in units of 1/65536 of full scale, 0 where disabled
 */
uint16_t blackLevelOf(const fovea_isp_black_level &params, BayerSite site)
{
	if (blockDisabled(params.header))
		return 0;

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

	return 0;
}

/**
 * Subtract the black level of each colour
 * @params: the levels
 * @order: colours of the mosaic
 * @mosaic: in: 16-bit aligned samples; out: the linear range, 0 to 16383
 *
 * out = min(16383, (max(0, in - level) + 2) >> 2). Definition: struct
 * fovea_isp_black_level.
 */
void blackLevelReference(const fovea_isp_black_level &params, BayerOrder order, Plane *mosaic)
{
	for (unsigned int y = 0; y < mosaic->height; ++y) {
		uint16_t *row = mosaic->row(y);
		for (unsigned int x = 0; x < mosaic->width; ++x) {
			const int level = blackLevelOf(params, bayerSite(order, x, y));
			const int v = (std::max(0, row[x] - level) + 2) >> 2;
			row[x] = static_cast<uint16_t>(std::min(kLinearMax, v));
		}
	}
}

/**
 * Subtract the black level from @n samples of one colour
 *
 * Equal to blackLevelReference(). @in and @out may be the same; both reach up
 * to a whole vector.
 */
void blackLevelRow(const uint16_t *in, uint16_t level, size_t n, uint16_t *out)
{
	HWY_DYNAMIC_DISPATCH(blackLevelRowKernel)(in, level, n, out);
}

} /* namespace fovea::isp */
#endif
