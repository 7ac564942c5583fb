/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Polyphase scaling
 */

#include "scaler.h"

#include <stdlib.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/scaler.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

using D16x8 = hn::CappedTag<int16_t, 8>;
using D32x4 = hn::RepartitionToWide<D16x8>;
using V32x4 = hn::Vec<D32x4>;

/* Partial sums of one output, the total of which is its value. */
HWY_INLINE V32x4 partialSums(const uint16_t *in, const int16_t *coefficients, unsigned int taps)
{
	const D16x8 d;
	const D32x4 d32;
	const int16_t *from = reinterpret_cast<const int16_t *>(in);
	V32x4 sum0 = hn::Zero(d32);
	V32x4 sum1 = hn::Zero(d32);

	for (unsigned int t = 0; t < taps; t += 8) {
		sum0 = hn::ReorderWidenMulAccumulate(d32, hn::LoadU(d, from + t),
						     hn::LoadU(d, coefficients + t), sum0, sum1);
	}

	return hn::Add(sum0, sum1);
}

/*
 * Eight taps at a time, four outputs at a time; zeros pad the coefficients. A
 * number of taps that the compiler knows saves the loop over them.
 */
template<unsigned int kTaps>
HWY_INLINE void scaleRow(const ScalerFilter &filter, size_t begin, size_t end, const uint16_t *in, int16_t *out)
{
	const D32x4 d32;
	const hn::Half<D16x8> d16;
	const auto rounding = hn::Set(d32, 2048);
	const uint16_t *first = filter.firsts();
	const int16_t *coefficients = filter.coefficients(0);
	const unsigned int stride = filter.stride();
	const unsigned int taps = kTaps ? kTaps : filter.taps();
	const auto sums = [&](size_t i) HWY_ATTR {
		return partialSums(in + first[i], coefficients + i * stride, taps);
	};
	size_t i = begin;

	for (; i + 4 <= end; i += 4) {
		const V32x4 s0 = sums(i);
		const V32x4 s1 = sums(i + 1);
		const V32x4 s2 = sums(i + 2);
		const V32x4 s3 = sums(i + 3);

		/* Transpose and add. */
		const V32x4 s02 = hn::Add(hn::InterleaveLower(d32, s0, s2), hn::InterleaveUpper(d32, s0, s2));
		const V32x4 s13 = hn::Add(hn::InterleaveLower(d32, s1, s3), hn::InterleaveUpper(d32, s1, s3));
		const V32x4 sum = hn::Add(hn::InterleaveLower(d32, s02, s13), hn::InterleaveUpper(d32, s02, s13));
		hn::StoreU(hn::DemoteTo(d16, hn::ShiftRight<12>(hn::Add(sum, rounding))), d16, out + i);
	}

	for (; i < end; ++i) {
		const int32_t sum = hn::GetLane(hn::SumOfLanes(d32, sums(i)));
		out[i] = static_cast<int16_t>((sum + 2048) >> 12);
	}
}

/*
 * Outputs with the same taps, of which the pairs that two taps belong to lie beside each
 * other. Returns the first that is left over.
 */
static size_t halveRow(const ScalerFilter &filter, const uint16_t *in, int16_t *out)
{
	const D32 d32;
	const hn::Rebind<int16_t, D32> d16;
	const HalvedOutputs &halved = filter.halved();
	const int16_t *c = filter.coefficients(halved.begin);
	const V16 taps[] = { setPair(c[0], c[1]), setPair(c[2], c[3]), setPair(c[4], c[5]), setPair(c[6], c[7]) };
	size_t i = halved.begin;

	for (; i + hn::Lanes(d32) <= halved.end; i += hn::Lanes(d32)) {
		const uint16_t *from = in + filter.first(static_cast<unsigned int>(i));
		const V32 sum = hn::Add(hn::Add(multiplyPairs(loadSigned(from), taps[0]), multiplyPairs(loadSigned(from + 2), taps[1])),
					hn::Add(multiplyPairs(loadSigned(from + 4), taps[2]), multiplyPairs(loadSigned(from + 6), taps[3])));
		const V32 rounded = hn::Add(sum, hn::Set(d32, 2048));
		hn::StoreU(hn::DemoteTo(d16, hn::ShiftRight<12>(rounded)), d16, out + i);
	}

	return i;
}

static void scaleRowKernel(const ScalerFilter &filter, const uint16_t *in, int16_t *out)
{
	if (filter.taps() > 8) {
		scaleRow<0>(filter, 0, filter.size(), in, out);
		return;
	}

	scaleRow<8>(filter, 0, filter.halved().begin, in, out);
	scaleRow<8>(filter, halveRow(filter, in, out), filter.size(), in, out);
}

static void scaleRowsKernel(const int16_t *coefficients, const int16_t *const *rows,
			    unsigned int taps, size_t n, uint16_t *out)
{
	const D16 d;
	const D32 d32;

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		V32 lower = hn::Set(d32, 32768);
		V32 upper = lower;

		for (unsigned int t = 0; t < taps; t += 2) {
			const bool pair = t + 1 < taps;
			const V16 a = hn::LoadU(d, rows[t] + i);
			const V16 b = pair ? hn::LoadU(d, rows[t + 1] + i) : hn::Zero(d);
			const V16 c = setPair(coefficients[t], pair ? coefficients[t + 1] : 0);
			lower = hn::Add(lower, multiplyPairs(hn::InterleaveLower(d, a, b), c));
			upper = hn::Add(upper, multiplyPairs(hn::InterleaveUpper(d, a, b), c));
		}

		storeSigned(clampTo(narrow(hn::ShiftRight<16>(lower), hn::ShiftRight<16>(upper)), 4095), out + i);
	}
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(scaleRowKernel);
HWY_EXPORT(scaleRowsKernel);

namespace {

/* Positions and distances are in units of 1/4096 of a sample. */
constexpr int64_t kUnit = 4096;

/* Coefficients are Q2.14. */
constexpr int64_t kCoefficientOne = 16384;

/*
 * 2 kUnit^3 times the cubic convolution kernel with a = -1/2 (Keys, "Cubic
 * convolution interpolation for digital image processing", IEEE Trans. ASSP 29
 * (6), 1981) at distance t >= 0.
 */
int64_t cubicKernel(int64_t t)
{
	if (t < kUnit)
		return 3 * t * t * t - 5 * kUnit * t * t + 2 * kUnit * kUnit * kUnit;
	if (t < 2 * kUnit)
		return -t * t * t + 5 * kUnit * t * t - 8 * kUnit * kUnit * t + 4 * kUnit * kUnit * kUnit;
	return 0;
}

/* Division that rounds down, and one that rounds to nearest; divisor > 0. */
int64_t divideDown(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

int64_t divideNearest(int64_t a, int64_t b)
{
	return divideDown(2 * a + b, 2 * b);
}

} /* namespace */

/**
 * The filter that scales @in samples to @out samples
 * @in: number of input samples, 1 to 16384
 * @out: number of output samples, in / kMaxDownscale to in * kMaxUpscale
 *
 * The filter is defined in integers, so that it is the same on any machine.
 * Output i looks at the position (centres of first and last sample aligned with
 * the borders of the picture)
 *
 *   c = floor((2 i + 1) * in * 2048 / out) - 2048        in 1/4096 sample,
 *
 * and takes the samples k with weight w(t), w the cubic convolution kernel with
 * a = -1/2 and t = |4096 k - c|, for downscaling divided by the ratio: t =
 * floor(t * out / in). The kernel is so as wide as four output samples, which
 * suppresses aliasing at every ratio (R. G. Keys, "Cubic convolution interpolation for
 * digital image processing", IEEE Trans. Acoustics, Speech, and Signal Processing 29 (6),
 * 1981). Samples beyond the border are those at the border. The coefficients are the
 * weights divided by their sum, Q2.14, rounded to nearest; what the rounding leaves to a
 * sum of exactly 1.0 goes to the largest (the first of them). At 1:1 the filter is
 * exactly {1.0}.
 */
ScalerFilter::ScalerFilter(unsigned int in, unsigned int out)
	: ScalerFilter({ 0, in, 1 }, out)
{
}

/**
 * The same for a plane whose samples stand for more columns or rows than one
 * @in: the columns or rows of the frame
 * @out: number of output samples
 *
 * Samples lie in the middle of what they stand for, and so do the outputs:
 *
 *   c = (start mod step) * 4096 / step + floor((2 i + 1) * size * 2048 / (out * step)) - 2048,
 *
 * from the first sample on that stands for any of the columns. The ratio is that of
 * size to out * step.
 */
ScalerFilter::ScalerFilter(const ScalerInput &in, unsigned int out)
	: identity_(in.size == out * in.step && in.start % in.step == 0)
{
	constexpr unsigned int kVectorTaps = 8;
	const unsigned int scaled = out * in.step;
	/* An open interval of four output samples holds no more input samples. */
	const unsigned int support = in.size > scaled ? (4 * in.size + scaled - 1) / scaled : 4;

	taps_ = identity_ ? 1 : std::min(support, in.samples());
	stride_ = (taps_ + kVectorTaps - 1) / kVectorTaps * kVectorTaps;
	first_.reserve(out);
	coefficients_.resize(static_cast<size_t>(stride_) * out);

	for (unsigned int i = 0; i < out; ++i)
		addOutput(in, out, i);
	findHalved();
}

/* The taps of the output in the middle, and as many around it as have the same. */
void ScalerFilter::findHalved()
{
	const auto follows = [this](unsigned int i) {
		return first_[i] + 2 == first_[i + 1] &&
		       std::equal(coefficients(i), coefficients(i) + stride_, coefficients(i + 1));
	};

	const unsigned int middle = size() / 2;
	halved_ = { middle, middle };
	if (taps_ > 8)
		return;

	while (halved_.begin > 0 && follows(halved_.begin - 1))
		halved_.begin--;
	while (halved_.end + 1 < size() && follows(halved_.end))
		halved_.end++;
	/* The last one that follows belongs to them, too. */
	if (halved_.end > halved_.begin)
		halved_.end++;
}

void ScalerFilter::addOutput(const ScalerInput &in, unsigned int out, unsigned int index)
{
	const int64_t samples = in.samples();
	const int64_t size = in.size;
	const int64_t scaled = static_cast<int64_t>(out) * in.step;
	const int64_t phase = in.start % in.step * kUnit / in.step;
	const int64_t centre = phase + static_cast<int64_t>(2 * index + 1) * size * (kUnit / 2) / scaled - kUnit / 2;
	const int64_t reach = size > scaled ? divideDown(2 * kUnit * size, scaled) + kUnit : 2 * kUnit;
	const int64_t from = divideDown(centre - reach, kUnit);
	const int64_t to = divideDown(centre + reach, kUnit) + 1;

	const auto distance = [&](int64_t k) {
		const int64_t t = llabs(k * kUnit - centre);
		return size > scaled ? t * scaled / size : t;
	};

	/*
	 * First sample: the smallest inside of the kernel, moved into the picture.
	 * Samples of weight zero count, so that it never goes back.
	 */
	int64_t begin = from;
	if (identity_)
		begin = index;
	while (distance(begin) >= 2 * kUnit)
		++begin;
	const int64_t first = std::clamp<int64_t>(begin, 0, samples - taps_);
	first_.push_back(static_cast<uint16_t>(first));

	std::vector<int64_t> weights(taps_);
	int64_t sum = 0;
	for (int64_t k = from; k <= to; ++k) {
		const int64_t w = cubicKernel(distance(k));
		const int64_t tap = std::clamp<int64_t>(k, 0, samples - 1) - first;
		if (w == 0)
			continue;
		weights[tap] += w;
		sum += w;
	}

	int16_t *c = coefficients_.data() + static_cast<size_t>(index) * stride_;
	int64_t rest = kCoefficientOne;
	for (unsigned int t = 0; t < taps_; ++t) {
		c[t] = static_cast<int16_t>(divideNearest(weights[t] * kCoefficientOne, sum));
		rest -= c[t];
	}
	*std::max_element(c, c + taps_) += static_cast<int16_t>(rest);
}

namespace {

void scale(const Plane &in, const ScalerInput &columns, const ScalerInput &rows, const Size &size, Plane *out)
{
	const ScalerFilter horizontal(columns, size.width);
	const ScalerFilter vertical(rows, size.height);

	std::vector<int> intermediate(static_cast<size_t>(rows.samples()) * size.width);
	for (unsigned int y = 0; y < rows.samples(); ++y) {
		const uint16_t *row = in.row(rows.firstSample() + y) + columns.firstSample();
		for (unsigned int x = 0; x < size.width; ++x) {
			int sum = 2048;
			for (unsigned int t = 0; t < horizontal.taps(); ++t)
				sum += horizontal.coefficients(x)[t] * row[horizontal.first(x) + t];
			intermediate[static_cast<size_t>(y) * size.width + x] = sum >> 12;
		}
	}

	*out = Plane(size.width, size.height);
	for (unsigned int y = 0; y < size.height; ++y) {
		for (unsigned int x = 0; x < size.width; ++x) {
			int sum = 32768;
			for (unsigned int t = 0; t < vertical.taps(); ++t)
				sum += vertical.coefficients(y)[t] *
				       intermediate[static_cast<size_t>(vertical.first(y) + t) * size.width + x];
			out->row(y)[x] = static_cast<uint16_t>(std::clamp(sum >> 16, 0, kOutputMax));
		}
	}
}

} /* namespace */

/**
 * Scale a part of a plane
 * @in: samples, 0 to 4095
 * @crop: the part; nothing outside of it is used
 * @size: size of the result
 * @out: receives the samples, 0 to 4095
 *
 * Rows first: h = (sum of coefficient * sample + 2048) >> 12, signed with two
 * more fractional bits (Q14.2); then columns: out = clamp((sum of coefficient *
 * h + 32768) >> 16, 0, 4095). The coefficients are those of ScalerFilter. At
 * 1:1 the result is the input.
 */
void scaleReference(const Plane &in, const Rectangle &crop, const Size &size, Plane *out)
{
	scale(in, { crop.x, crop.width, 1 }, { crop.y, crop.height, 1 }, size, out);
}

/**
 * Scale a part of a plane of chroma
 * @in: a sample for each quad of the frame
 * @crop: the part, in pixels of the frame; only quads with a pixel in it are used
 * @size: size of the result
 * @out: receives the samples
 */
void scaleChromaReference(const Plane &in, const Rectangle &crop, const Size &size, Plane *out)
{
	scale(in, { crop.x, crop.width, 2 }, { crop.y, crop.height, 2 }, size, out);
}

/**
 * Scale one row
 * @filter: the horizontal filter
 * @in: the row, 0 to 4095; readable for 8 samples behind its end
 * @out: receives the row, Q14.2
 *
 * Equal to the first step of scaleReference().
 */
void scaleRowHorizontally(const ScalerFilter &filter, const uint16_t *in, int16_t *out)
{
	HWY_DYNAMIC_DISPATCH(scaleRowKernel)(filter, in, out);
}

/**
 * Combine rows to one output row
 * @coefficients: one for each row
 * @rows: horizontally scaled rows, Q14.2
 * @taps: number of rows
 * @n: samples of a row; the rows reach up to a whole vector
 * @out: receives the row, 0 to 4095
 *
 * Equal to the second step of scaleReference().
 */
void scaleRowsVertically(const int16_t *coefficients, const int16_t *const *rows,
			 unsigned int taps, size_t n, uint16_t *out)
{
	HWY_DYNAMIC_DISPATCH(scaleRowsKernel)(coefficients, rows, taps, n, out);
}

} /* namespace fovea::isp */
#endif
