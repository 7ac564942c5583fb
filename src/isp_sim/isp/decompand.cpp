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

/* How the codes of one column become samples behind its black level. */
class AlignedDecoder
{
public:
	HWY_INLINE AlignedDecoder(const LinearDecoder &decoder, unsigned int column)
		: shift_(16 - static_cast<int>(decoder.bitDepth)), level_(hn::Set(U32(), decoder.levels[column]))
	{
	}

	HWY_INLINE VU32 operator()(VU32 code) const
	{
		const VU32 v = hn::ShiftLeftSame(code, shift_);
		return hn::Sub(v, hn::Min(v, level_));
	}

private:
	const int shift_;
	const VU32 level_;
};

/* Lines of the curve in registers, as many as a vector has lanes. The level is in their starts. */
class CurveDecoder
{
public:
	HWY_INLINE CurveDecoder(const LinearDecoder &decoder, unsigned int column)
		: lines_(decoder.table->curve().count - 1), shift_(16 - static_cast<int>(decoder.bitDepth)),
		  fraction_(static_cast<int>(decoder.table->curve().fraction))
	{
		const D32 d;
		const DecompandCurve &curve = decoder.table->curve();
		const uint32_t level = std::min<uint32_t>(decoder.levels[column], static_cast<uint32_t>(curve.top) + 1);
		const V32 offset = hn::Set(d, static_cast<int32_t>(level << curve.fraction));
		slope_ = hn::LoadU(d, curve.slope);
		start_ = hn::Sub(hn::LoadU(d, curve.start), offset);
		top_ = hn::Set(d, curve.top - static_cast<int32_t>(level));
		std::copy_n(curve.knees, FOVEA_ISP_DECOMPAND_KNEES, knees_);
	}

	static bool fits(const DecompandCurve &curve) { return curve.count - 1 <= hn::Lanes(D32()); }

	HWY_INLINE VU32 operator()(VU32 code) const
	{
		const D32 d;
		const V32 aligned = hn::BitCast(d, hn::ShiftLeftSame(code, shift_));
		const V32 c = hn::Min(hn::Max(aligned, hn::Set(d, knees_[0])), hn::Set(d, knees_[lines_]));

		V32 line = hn::Zero(d);
		for (unsigned int i = 1; i < lines_; ++i)
			line = hn::Sub(line, hn::VecFromMask(d, hn::Gt(c, hn::Set(d, knees_[i] - 1))));

		const auto index = hn::IndicesFromVec(d, line);
		const V32 product = hn::Mul(hn::TableLookupLanes(slope_, index), c);
		const V32 v = hn::ShiftRightSame(hn::Add(product, hn::TableLookupLanes(start_, index)), fraction_);
		return hn::BitCast(U32(), hn::Max(hn::Min(v, top_), hn::Zero(d)));
	}

private:
	/* Copies: what is written may not be known to leave the curve as it is. */
	const unsigned int lines_;
	const int shift_;
	const int fraction_;
	int32_t knees_[FOVEA_ISP_DECOMPAND_KNEES];
	V32 slope_, start_, top_;
};

/* Curves of more lines: the sample of every code. */
class TableDecoder
{
public:
	HWY_INLINE TableDecoder(const LinearDecoder &decoder, unsigned int column)
		: table_(decoder.table->data()), level_(hn::Set(U32(), decoder.levels[column]))
	{
	}

	HWY_INLINE VU32 operator()(VU32 code) const
	{
		const VU32 v = hn::GatherIndex(U32(), table_, hn::BitCast(D32(), code));
		return hn::Sub(v, hn::Min(v, level_));
	}

private:
	const uint32_t *table_;
	const VU32 level_;
};

/* How far ahead of the samples in use the next are asked for. */
constexpr size_t kPrefetchBytes = 512;

template<class Decoder>
HWY_INLINE void decodeRowLoop(const uint8_t *src, const LinearDecoder &decoder, size_t quads,
			      uint32_t *even, uint32_t *odd)
{
	const U32 d;
	const hn::Rebind<uint16_t, U32> d16;
	const VU32 mask = hn::Set(d, (1U << decoder.bitDepth) - 1);
	const Decoder evenDecoder(decoder, 0);
	const Decoder oddDecoder(decoder, 1);
	const bool bytes = decoder.bitDepth == 8;
	const size_t quadBytes = bytes ? 2 : 4;

	/* The source ends with its last sample: the rest goes through a copy. */
	alignas(64) uint8_t rest[HWY_MAX_BYTES] = {};

	for (size_t i = 0; i < quads; i += hn::Lanes(d)) {
		const uint8_t *from = src + i * quadBytes;
		if (quads - i < hn::Lanes(d)) {
			memcpy(rest, from, (quads - i) * quadBytes);
			from = rest;
		} else {
			/* From the second-level cache; whatever lies there. */
			__builtin_prefetch(from + kPrefetchBytes);
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
		hn::StoreU(evenDecoder(hn::And(pair, mask)), d, even + i);
		hn::StoreU(oddDecoder(hn::And(second, mask)), d, odd + i);
	}
}

static void decodeRowKernel(const uint8_t *src, const LinearDecoder &decoder, size_t quads,
			    uint32_t *even, uint32_t *odd)
{
	if (!decoder.table)
		decodeRowLoop<AlignedDecoder>(src, decoder, quads, even, odd);
	else if (CurveDecoder::fits(decoder.table->curve()))
		decodeRowLoop<CurveDecoder>(src, decoder, quads, even, odd);
	else
		decodeRowLoop<TableDecoder>(src, decoder, quads, even, odd);
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <bit>

#include "black_level.h"

namespace fovea::isp {

HWY_EXPORT(decodeRowKernel);

namespace {

/* Fractional bits of the slopes: with them the last knee has 30 bits. */
unsigned int fractionOfSlopes(const fovea_isp_decompand &params)
{
	return 30U - static_cast<unsigned int>(std::bit_width(params.y[params.count - 1U]));
}

int64_t slopeBehind(const fovea_isp_decompand &params, unsigned int knee)
{
	const int64_t width = params.x[knee + 1] - params.x[knee];
	const int64_t height = params.y[knee + 1] - params.y[knee];
	return ((height << fractionOfSlopes(params)) + width / 2) / width;
}

/* The linear sample of a code that is aligned to 16 bits. */
uint32_t decompand(const fovea_isp_decompand &params, uint32_t code)
{
	const unsigned int last = params.count - 1U;
	const unsigned int fraction = fractionOfSlopes(params);
	const uint32_t c = std::clamp<uint32_t>(code, params.x[0], params.x[last]);

	unsigned int i = 0;
	while (i + 1 < last && c >= params.x[i + 1])
		i++;

	const int64_t step = slopeBehind(params, i) * (c - params.x[i]);
	const int64_t v = params.y[i] + ((step + (int64_t{ 1 } << (fraction - 1))) >> fraction);
	return static_cast<uint32_t>(std::min<int64_t>(v, params.y[last]));
}

/* Starts are those of lines that go on to code 0: products that do not fit cancel out. */
DecompandCurve makeCurve(const fovea_isp_decompand &params)
{
	const unsigned int last = params.count - 1U;
	DecompandCurve curve = {};
	curve.count = params.count;
	curve.fraction = fractionOfSlopes(params);
	curve.top = static_cast<int32_t>(params.y[last]);
	for (unsigned int i = 0; i <= last; ++i)
		curve.knees[i] = params.x[i];

	for (unsigned int i = 0; i < last; ++i) {
		const int64_t slope = slopeBehind(params, i);
		const int64_t start = (static_cast<int64_t>(params.y[i]) << curve.fraction) +
				      (int64_t{ 1 } << (curve.fraction - 1)) - slope * params.x[i];
		curve.slope[i] = static_cast<int32_t>(slope);
		curve.start[i] = static_cast<int32_t>(static_cast<uint32_t>(start));
	}
	return curve;
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
 * out = y0 + (m * (code - x0) + half >> n), m the slope in fixed point, between two
 * knees: the inverse of the piecewise linear compression with which sensors fit samples of 16
 * to 20 bits into words of 12. Companding with line segments is that of
 * Recommendation ITU-T G.711; for raw frames it is the LinearizationTable of the DNG
 * specification (1.4.0.0, 2012, chapter 5). Definition: struct fovea_isp_decompand.
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
	curve_ = makeCurve(params);
	for (size_t code = 0; code < samples_.size(); ++code)
		samples_[code] = decompand(params, static_cast<uint32_t>(code << (16 - bitDepth_)));
}

/**
 * Make the linear samples of a row, split into its columns
 * @src: the row, exactly 2 * @quads samples
 * @decoder: depth, curve and black levels
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
