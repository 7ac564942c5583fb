/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Temporal noise reduction
 */

#include "temporal_nr.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/temporal_nr.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/* A value of the reference, Q12.3, as a sample: to nearest, ties up. */
HWY_INLINE V16 sampleOf(V16 reference)
{
	const D16 d;
	const U16 du;
	return hn::BitCast(d, hn::ShiftRight<3>(hn::Add(hn::BitCast(du, reference), hn::Set(du, 4))));
}

HWY_INLINE V16 difference(const TemporalRow &row, unsigned int plane, size_t i)
{
	return hn::Sub(loadSigned(row.planes[plane] + i), sampleOf(loadSigned(row.last[plane] + i)));
}

/* |sum of the four differences of luma| of each quad, at most 16380. */
static void motionKernel(const TemporalRow &row, size_t n, uint16_t *motion)
{
	for (size_t i = 0; i < n; i += hn::Lanes(D16())) {
		const V16 sum = hn::Add(hn::Add(difference(row, 0, i), difference(row, 1, i)),
					hn::Add(difference(row, 2, i), difference(row, 3, i)));
		storeSigned(hn::Abs(sum), motion + i);
	}
}

/* The weight of the new frame at quads that differ by @excess beyond the thresholds. */
HWY_INLINE V16 weightOf(V16 excess, VU16 slope, V16 weight)
{
	const D16 d;
	const U16 du;
	const VU16 max = hn::Set(du, 32767);
	const VU16 e = hn::BitCast(du, excess);
	const VU16 low = hn::Min(hn::Mul(e, slope), max);
	const VU16 more = hn::IfThenElse(hn::Eq(hn::MulHigh(e, slope), hn::Zero(du)), low, max);
	return hn::SaturatedAdd(hn::BitCast(d, more), weight);
}

HWY_INLINE void blend(const TemporalRow &row, unsigned int plane, size_t i, V16 weight)
{
	const V16 last = loadSigned(row.last[plane] + i);
	const V16 change = hn::Sub(hn::ShiftLeft<3>(loadSigned(row.planes[plane] + i)), last);
	const V16 now = hn::Add(last, hn::MulFixedPoint15(change, weight));
	storeSigned(now, row.now[plane] + i);
	storeSigned(sampleOf(now), row.planes[plane] + i);
}

static void blendKernel(const fovea_isp_temporal_nr &params, const uint16_t *motion, const TemporalRow &rows,
			size_t n)
{
	const D16 d;
	const TemporalRow row = rows;
	const V16 weight = hn::Set(d, static_cast<int16_t>(params.weight));
	const VU16 slope = hn::Set(U16(), params.slope);
	const V16 thresholdLuma = hn::Set(d, static_cast<int16_t>(params.threshold_luma));
	const V16 thresholdChroma = hn::Set(d, static_cast<int16_t>(params.threshold_chroma));

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		const V16 sides = hn::Max(loadSigned(motion + i - 1), loadSigned(motion + i + 1));
		const V16 luma = hn::ShiftRight<2>(hn::Max(sides, loadSigned(motion + i)));
		const V16 chroma = hn::Max(hn::Abs(difference(row, 4, i)), hn::Abs(difference(row, 5, i)));
		const V16 excess = hn::Max(hn::Max(hn::Sub(luma, thresholdLuma), hn::Sub(chroma, thresholdChroma)),
					   hn::Zero(d));
		const V16 k = weightOf(excess, slope, weight);

		HWY_UNROLL(6)
		for (unsigned int plane = 0; plane < kQuadPlanes; ++plane)
			blend(row, plane, i, k);
	}
}

/* The first frame becomes the reference. */
static void keepKernel(const uint16_t *in, size_t n, uint16_t *out)
{
	const U16 d;

	for (size_t i = 0; i < n; i += hn::Lanes(d))
		hn::StoreU(hn::ShiftLeft<3>(hn::LoadU(d, in + i)), d, out + i);
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <new>
#include <stdlib.h>

namespace fovea::isp {

HWY_EXPORT(motionKernel);
HWY_EXPORT(blendKernel);
HWY_EXPORT(keepKernel);

namespace {

/* Rows of the frames are whole vectors of any instruction set. */
constexpr size_t kWholeVector = 32;

int sampleOf(int reference)
{
	return (reference + 4) >> 3;
}

bool startsAnew(const fovea_isp_temporal_nr &params, bool valid)
{
	return !valid || params.restart;
}

/* |sum of the four differences of luma| of a quad. */
int motionOf(const Plane &luma, const Plane &last, unsigned int x, unsigned int y)
{
	int sum = 0;
	for (unsigned int i = 0; i < 4; ++i) {
		const unsigned int column = 2 * x + i % 2;
		const unsigned int row = 2 * y + i / 2;
		sum += luma.row(row)[column] - sampleOf(last.row(row)[column]);
	}
	return abs(sum);
}

/* The weight of the new frame, Q1.15, in a quad. */
int weightOf(const fovea_isp_temporal_nr &params, const Planes &now, const Planes &last,
	     unsigned int x, unsigned int y)
{
	int motion = 0;
	for (unsigned int side = x ? x - 1 : x; side <= x + 1 && side < now[1].width; ++side)
		motion = std::max(motion, motionOf(now[0], last[0], side, y));

	int chroma = 0;
	for (unsigned int i = 1; i < 3; ++i)
		chroma = std::max(chroma, abs(now[i].row(y)[x] - sampleOf(last[i].row(y)[x])));

	const int64_t excess = std::max({ 0, (motion >> 2) - params.threshold_luma, chroma - params.threshold_chroma });
	return static_cast<int>(std::min<int64_t>(32767, params.weight + excess * params.slope));
}

} /* namespace */

/**
 * Mix a picture with those before it, where nothing moves
 * @params: weights (UQ1.15) and thresholds (12 bits)
 * @state: the reference, which this picture changes
 * @ycbcr: planes Y' and, of half width and height, Cb and Cr, 0 to 4095
 *
 * R' = R + (((8 v - R) * K + 16384) >> 15), out = (R' + 4) >> 3, with the reference R of
 * Q12.3 and the weight K of UQ1.15, min(32767, weight + E * slope), E how much a quad and
 * those beside it differ beyond the thresholds.
 * A recursive filter of first order with a weight that grows with the difference
 * beyond what noise makes (Dubois and Sabri, "Noise reduction in image sequences
 * using motion-compensated temporal filtering", IEEE Trans. Communications 32 (7),
 * 1984, without the compensation). At weight a the noise of what stands still falls
 * by 10 log10((2 - a) / a) dB. The reference has three fractional bits, so that small
 * differences do not stay for ever. Definition: struct fovea_isp_temporal_nr.
 */
void temporalNrReference(const fovea_isp_temporal_nr &params, TemporalState *state, Planes *ycbcr)
{
	if (blockDisabled(params.header)) {
		state->valid = false;
		return;
	}

	if (startsAnew(params, state->valid)) {
		state->planes = *ycbcr;
		for (Plane &plane : state->planes) {
			for (uint16_t &sample : plane.samples)
				sample = static_cast<uint16_t>(sample << 3);
		}
		state->valid = true;
		return;
	}

	const Planes in = *ycbcr;
	const Planes last = state->planes;
	for (unsigned int y = 0; y < in[1].height; ++y) {
		for (unsigned int x = 0; x < in[1].width; ++x) {
			const int weight = weightOf(params, in, last, x, y);
			const auto blend = [&](unsigned int plane, unsigned int column, unsigned int row) {
				const int reference = last[plane].row(row)[column];
				const int change = 8 * in[plane].row(row)[column] - reference;
				const int now = reference + ((change * weight + 16384) >> 15);
				state->planes[plane].row(row)[column] = static_cast<uint16_t>(now);
				(*ycbcr)[plane].row(row)[column] = static_cast<uint16_t>(sampleOf(now));
			};
			for (unsigned int i = 0; i < 4; ++i)
				blend(0, 2 * x + i % 2, 2 * y + i / 2);
			blend(1, x, y);
			blend(2, x, y);
		}
	}
}

/**
 * Two pictures of a frame's size
 *
 * Three bytes a pixel each. The system gives memory when it is first written to, so it
 * costs nothing while the block is disabled, nor where rows are replaced in place.
 */
TemporalFrames::TemporalFrames(const Size &size)
	: stride_((size.width / 2 + kWholeVector - 1) / kWholeVector * kWholeVector), rows_(size.height / 2),
	  inPlace_(rows_)
{
	for (auto &frame : frames_) {
		frame = hwy::AllocateAligned<uint16_t>(stride_ * kQuadPlanes * rows_);
		if (!frame)
			throw std::bad_alloc();
	}
}

/* Ask for the memory of one part of row @q of both pictures. */
void TemporalFrames::prefetch(unsigned int q, unsigned int part, unsigned int parts) const
{
	constexpr size_t kCacheLine = 64 / sizeof(uint16_t);

	if (q >= rows_)
		return;

	const size_t samples = stride_ * kQuadPlanes;
	for (size_t i = samples * part / parts; i < samples * (part + 1) / parts; i += kCacheLine) {
		__builtin_prefetch(last(0, q) + i, 0, kPrefetchLocality);
		if (!inPlace_[q])
			__builtin_prefetch(now(0, q) + i, 0, kPrefetchLocality);
	}
}

/* What was the picture of this frame is that of the last one. */
void TemporalFrames::advance()
{
	valid_ = true;
	now_ = 1 - now_;
}

TemporalRows::TemporalRows(unsigned int quadsX)
	: quadsX_(quadsX), motion_(1, quadsX)
{
	for (LineBuffer<uint16_t> &row : unused_)
		row = LineBuffer<uint16_t>(1, quadsX);
}

/**
 * Temporal noise reduction of a row of quads
 * @frames: the reference
 * @q: number of the row
 * @keep: if the row becomes part of the reference; else another band does that
 * @planes: luma by position, Cb, Cr, 0 to 4095; replaced. They reach up to a whole
 *	vector
 *
 * Equal to temporalNrReference().
 */
void TemporalRows::apply(const fovea_isp_temporal_nr &params, const TemporalFrames &frames, unsigned int q,
			 bool keep, uint16_t *const planes[kQuadPlanes])
{
	TemporalRow row;
	for (unsigned int i = 0; i < kQuadPlanes; ++i) {
		row.planes[i] = planes[i];
		row.last[i] = frames.last(i, q);
		row.now[i] = keep ? frames.now(i, q) : unused_[i][0];
	}

	if (startsAnew(params, frames.valid())) {
		for (unsigned int i = 0; i < kQuadPlanes && keep; ++i)
			HWY_DYNAMIC_DISPATCH(keepKernel)(planes[i], quadsX_, row.now[i]);
		return;
	}

	uint16_t *motion = motion_[0];
	HWY_DYNAMIC_DISPATCH(motionKernel)(row, quadsX_, motion);
	motion[-1] = 0;
	motion[quadsX_] = 0;
	HWY_DYNAMIC_DISPATCH(blendKernel)(params, motion, row, quadsX_);
}

} /* namespace fovea::isp */
#endif
