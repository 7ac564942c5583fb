/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * From a sensor's code to linear samples
 */

#include "decompand.h"

#include <string.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/decompand.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/* One code in each lane to linear samples behind the black level. */
template<bool kTable>
HWY_INLINE VU32 decode(VU32 code, const LinearDecoder &decoder, VU32 mask, VU32 level)
{
	VU32 v = hn::And(code, mask);
	if constexpr (kTable)
		v = hn::GatherIndex(U32(), decoder.table, hn::BitCast(D32(), v));
	else
		v = hn::ShiftLeftSame(v, 16 - static_cast<int>(decoder.bitDepth));
	return hn::Sub(v, hn::Min(v, level));
}

template<bool kTable>
HWY_INLINE void decodeRowLoop(const uint8_t *src, const LinearDecoder &decoder, size_t quads,
			      uint32_t *even, uint32_t *odd)
{
	const U32 d;
	const hn::Rebind<uint16_t, U32> d16;
	const VU32 mask = hn::Set(d, (1U << decoder.bitDepth) - 1);
	const VU32 evenLevel = hn::Set(d, decoder.levels[0]);
	const VU32 oddLevel = hn::Set(d, decoder.levels[1]);
	const bool bytes = decoder.bitDepth == 8;
	const size_t quadBytes = bytes ? 2 : 4;

	/* The source ends with its last sample: the rest goes through a copy. */
	alignas(64) uint8_t rest[HWY_MAX_BYTES] = {};

	for (size_t i = 0; i < quads; i += hn::Lanes(d)) {
		const uint8_t *from = src + i * quadBytes;
		if (quads - i < hn::Lanes(d)) {
			memcpy(rest, from, (quads - i) * quadBytes);
			from = rest;
		}

		VU32 pair;
		VU32 second;
		if (bytes) {
			pair = hn::PromoteTo(d, hn::LoadU(d16, reinterpret_cast<const uint16_t *>(from)));
			second = hn::ShiftRight<8>(pair);
		} else {
			pair = hn::LoadU(d, reinterpret_cast<const uint32_t *>(from));
			second = hn::ShiftRight<16>(pair);
		}
		hn::StoreU(decode<kTable>(pair, decoder, mask, evenLevel), d, even + i);
		hn::StoreU(decode<kTable>(second, decoder, mask, oddLevel), d, odd + i);
	}
}

static void decodeRowKernel(const uint8_t *src, const LinearDecoder &decoder, size_t quads,
			    uint32_t *even, uint32_t *odd)
{
	if (decoder.table)
		decodeRowLoop<true>(src, decoder, quads, even, odd);
	else
		decodeRowLoop<false>(src, decoder, quads, even, odd);
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "black_level.h"

namespace fovea::isp {

HWY_EXPORT(decodeRowKernel);

namespace {

/* The linear sample of a code that is aligned to 16 bits. */
uint32_t decompand(const fovea_isp_decompand &params, uint32_t code)
{
	const unsigned int last = params.count - 1U;
	if (code <= params.x[0])
		return params.y[0];
	if (code >= params.x[last])
		return params.y[last];

	unsigned int i = 0;
	while (code >= params.x[i + 1])
		i++;

	const uint64_t width = params.x[i + 1] - params.x[i];
	const uint64_t height = params.y[i + 1] - params.y[i];
	return static_cast<uint32_t>(params.y[i] + (height * (code - params.x[i]) + width / 2) / width);
}

unsigned int codeAt(const RawFormat &format, const uint8_t *row, unsigned int x)
{
	const unsigned int word = format.bitDepth == 8 ? row[x] : row[2 * x] | row[2 * x + 1] << 8;
	return word & ((1U << format.bitDepth) - 1);
}

} /* namespace */

/**
 * Make the linear samples of one exposure
 * @params: knees of the curve
 * @format: size, depth and exposures of the frame
 * @raw: the frame
 * @exposure: 0 is the longest
 * @out: receives samples of 20 bits, or, where the block is disabled, codes that
 *	are aligned to 16 bits
 *
 * out = y0 + round((y1 - y0) * (code - x0) / (x1 - x0)) between two knees: the
 * inverse of the piecewise linear compression with which sensors fit samples of 16
 * to 20 bits into words of 12. Definition: struct fovea_isp_decompand.
 */
void decompandReference(const fovea_isp_decompand &params, const RawFormat &format,
			std::span<const uint8_t> raw, unsigned int exposure, LinearPlane *out)
{
	const bool disabled = blockDisabled(params.header);

	*out = LinearPlane(format.size.width, format.size.height);
	for (unsigned int y = 0; y < format.size.height; ++y) {
		const uint8_t *src = raw.data() + (y * format.exposures + exposure) * format.stride;
		for (unsigned int x = 0; x < format.size.width; ++x) {
			const uint32_t code = codeAt(format, src, x) << (16 - format.bitDepth);
			out->row(y)[x] = disabled ? code : decompand(params, code);
		}
	}
}

/**
 * Subtract the black level of each colour
 * @params: the levels
 * @order: colours of the mosaic
 * @mosaic: linear samples
 *
 * out = max(0, in - level). Definition: struct fovea_isp_decompand.
 */
void linearBlackLevelReference(const fovea_isp_black_level &params, BayerOrder order, LinearPlane *mosaic)
{
	for (unsigned int y = 0; y < mosaic->height; ++y) {
		for (unsigned int x = 0; x < mosaic->width; ++x) {
			uint32_t &sample = mosaic->row(y)[x];
			sample -= std::min<uint32_t>(sample, blackLevelOf(params, bayerSite(order, x, y)));
		}
	}
}

DecompandTable::DecompandTable(unsigned int bitDepth)
	: bitDepth_(bitDepth), samples_(size_t{ 1 } << bitDepth)
{
}

/* Follow the parameters, which seldom change. */
void DecompandTable::update(const fovea_isp_decompand &params)
{
	if (valid_ && !memcmp(&params_, &params, sizeof(params)))
		return;

	params_ = params;
	valid_ = true;
	for (size_t code = 0; code < samples_.size(); ++code)
		samples_[code] = decompand(params, static_cast<uint32_t>(code << (16 - bitDepth_)));
}

/**
 * Make the linear samples of a row, split into its columns
 * @src: the row, exactly 2 * @quads samples
 * @decoder: depth, table and black levels
 * @quads: pairs of samples
 * @even: samples of the even columns; writable up to a whole vector
 * @odd: samples of the odd columns; writable up to a whole vector
 *
 * Equal to decompandReference() and linearBlackLevelReference().
 */
void decodeRow(const uint8_t *src, const LinearDecoder &decoder, size_t quads, uint32_t *even, uint32_t *odd)
{
	HWY_DYNAMIC_DISPATCH(decodeRowKernel)(src, decoder, quads, even, odd);
}

} /* namespace fovea::isp */
#endif
