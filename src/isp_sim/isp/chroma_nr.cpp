/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Chroma noise reduction
 */

#include "chroma_nr.h"

#include <string.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/chroma_nr.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "pack-inl.h"
#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

class ChromaFilter
{
public:
	explicit HWY_INLINE ChromaFilter(const fovea_isp_chroma_nr &params)
		: max_(hn::Set(D16(), static_cast<int16_t>(params.threshold))), min_(hn::Neg(max_)),
		  strength_(hn::Set(D16(), static_cast<int16_t>(params.strength)))
	{
	}

	/* @at gives the address of the samples at -2 to 2. The result lies between them. */
	template<typename Function>
	HWY_INLINE V16 apply(Function at) const
	{
		const V16 centre = loadSigned(at(0));
		const auto difference = [&](int k) HWY_ATTR {
			return hn::Min(hn::Max(hn::Sub(loadSigned(at(k)), centre), min_), max_);
		};
		const V16 sum = hn::Add(hn::Add(difference(-2), difference(-1)),
					hn::Add(difference(1), difference(2)));
		return hn::Add(centre, hn::MulFixedPoint15(sum, strength_));
	}

private:
	const V16 max_, min_, strength_;
};

static void chromaNrRowsKernel(const fovea_isp_chroma_nr &params, const uint16_t *const in[2], size_t n,
			       uint16_t *const out[2])
{
	const ChromaFilter filter(params);

	for (int plane = 0; plane < 2; ++plane) {
		const uint16_t *const from = in[plane];
		uint16_t *const to = out[plane];
		for (size_t i = 0; i < n; i += hn::Lanes(D16()))
			storeSigned(filter.apply([&](int k) HWY_ATTR { return from + i + k; }), to + i);
	}
}

static void chromaNrColumnsKernel(const fovea_isp_chroma_nr &params, const uint16_t *const *rows,
				  size_t n, uint16_t *out)
{
	const ChromaFilter filter(params);

	for (size_t i = 0; i < n; i += hn::Lanes(D16()))
		storeSigned(filter.apply([&](int k) HWY_ATTR { return rows[k + 2] + i; }), out + i);
}

/* The output ends with its last byte: the rest goes through a copy. */
static void chromaNrColumnsAndPackKernel(const fovea_isp_chroma_nr &params, const uint16_t *const *first,
					 const uint16_t *const *second, size_t n, uint8_t *out)
{
	const U8 d;
	const size_t lanes = hn::Lanes(D16());
	const size_t whole = n / lanes * lanes;
	const ChromaFilter filter(params);
	const auto packed = [&](size_t i) HWY_ATTR {
		return packColumns(filter.apply([&](int k) HWY_ATTR { return first[k + 2] + i; }),
				   filter.apply([&](int k) HWY_ATTR { return second[k + 2] + i; }));
	};

	for (size_t i = 0; i < whole; i += lanes)
		hn::StoreU(packed(i), d, out + 2 * i);
	if (whole == n)
		return;

	alignas(64) uint8_t rest[2 * HWY_MAX_BYTES];
	hn::StoreU(packed(whole), d, rest);
	memcpy(out + 2 * whole, rest, 2 * (n - whole));
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(chromaNrRowsKernel);
HWY_EXPORT(chromaNrColumnsKernel);
HWY_EXPORT(chromaNrColumnsAndPackKernel);

namespace {

/* One direction: @dx or @dy is 1. */
Plane smoothed(const fovea_isp_chroma_nr &params, const Plane &in, int dx, int dy)
{
	const int width = static_cast<int>(in.width);
	const int height = static_cast<int>(in.height);
	Plane out(in.width, in.height);

	for (int y = 0; y < height; ++y) {
		for (int x = 0; x < width; ++x) {
			const int centre = in.row(y)[x];
			int sum = 0;
			for (const int k : { -2, -1, 1, 2 }) {
				const int other = in.row(std::clamp(y + k * dy, 0, height - 1))[std::clamp(x + k * dx, 0, width - 1)];
				sum += std::clamp<int>(other - centre, -params.threshold, params.threshold);
			}
			out.row(y)[x] = static_cast<uint16_t>(centre + ((params.strength * sum + 16384) >> 15));
		}
	}

	return out;
}

} /* namespace */

/**
 * Smooth a plane of chroma
 * @params: threshold in 12-bit units, strength UQ1.15
 * @plane: Cb or Cr, one sample a quad, 0 to 4095
 *
 * In rows, then in columns: out = c + ((strength * sum over four neighbours of
 * clamp(n - c, -threshold, threshold) + 16384) >> 15). The clamp is the influence
 * function of Huber ("Robust statistics", 1981): small differences are averaged
 * as noise, an edge moves a sample by a bounded amount. Definition: struct
 * fovea_isp_chroma_nr.
 */
void chromaNrReference(const fovea_isp_chroma_nr &params, Plane *plane)
{
	if (!blockDisabled(params.header))
		*plane = smoothed(params, smoothed(params, *plane, 1, 0), 0, 1);
}

/**
 * Smooth @n samples of two planes along a row
 * @in: the rows, with two samples beyond both ends
 *
 * Equal to the first half of chromaNrReference().
 */
void chromaNrRows(const fovea_isp_chroma_nr &params, const uint16_t *const in[2], size_t n, uint16_t *const out[2])
{
	HWY_DYNAMIC_DISPATCH(chromaNrRowsKernel)(params, in, n, out);
}

/**
 * Smooth @n samples across rows
 * @rows: the smoothed rows from two above to two below
 *
 * Equal to the second half of chromaNrReference().
 */
void chromaNrColumns(const fovea_isp_chroma_nr &params, const uint16_t *const rows[5], size_t n,
		     uint16_t *out)
{
	HWY_DYNAMIC_DISPATCH(chromaNrColumnsKernel)(params, rows, n, out);
}

/**
 * Smooth @n samples of two planes across rows and pack them
 * @first: the smoothed rows of the plane whose samples come first
 * @second: those of the other plane
 * @out: receives 2 * @n bytes; nothing is written behind them
 *
 * Equal to the second half of chromaNrReference() and packReference().
 */
void chromaNrColumnsAndPack(const fovea_isp_chroma_nr &params, const uint16_t *const first[5],
			    const uint16_t *const second[5], size_t n, uint8_t *out)
{
	HWY_DYNAMIC_DISPATCH(chromaNrColumnsAndPackKernel)(params, first, second, n, out);
}

} /* namespace fovea::isp */
#endif
