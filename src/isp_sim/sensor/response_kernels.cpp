/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Vector code of the response of recorded frames
 */

#include "isp_sim/sensor/response_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/sensor/response_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

/*
 * Operations are those of IEEE 754, in a fixed order and without fused ones (the file is
 * compiled so): results are the same to the bit for every instruction set.
 */

HWY_BEFORE_NAMESPACE();
namespace fovea::sensor::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/* Call @step with whole vectors, then sample by sample. */
template<typename Step>
HWY_INLINE void forEachVector(size_t width, Step &&step)
{
	const hn::ScalableTag<float> d;
	const hn::CappedTag<float, 1> one;
	const size_t lanes = hn::Lanes(d);
	size_t x = 0;

	for (; x + lanes <= width; x += lanes)
		step(d, x);
	for (; x < width; x++)
		step(one, x);
}

/* Samples as floating-point numbers, which have all of their bits. */
template<typename D>
HWY_INLINE hn::VFromD<D> valuesOf(D d, const uint16_t *in)
{
	const hn::Rebind<uint16_t, D> d16;
	const hn::Rebind<int32_t, D> d32;

	return hn::ConvertTo(d, hn::PromoteTo(d32, hn::LoadU(d16, in)));
}

/* The entry of each sample's code. */
template<typename D>
HWY_INLINE hn::VFromD<D> lookUp(D d, const float *entries, const uint16_t *in)
{
	const hn::Rebind<uint16_t, D> d16;
	const hn::Rebind<int32_t, D> d32;

	return hn::GatherIndex(d, entries, hn::PromoteTo(d32, hn::LoadU(d16, in)));
}

static void lookUpSignalsKernel(const ResponseTable &table, const uint16_t *in, size_t width, float *signals)
{
	const float *entries = table.signal.data();

	forEachVector(width, [&](auto d, size_t x) HWY_ATTR {
		hn::StoreU(lookUp(d, entries, in + x), d, signals + x);
	});
}

static void quantiseSignalsKernel(const float *signals, float offset, float white, size_t width, uint16_t *out)
{
	forEachVector(width, [&](auto d, size_t x) HWY_ATTR {
		const hn::RebindToSigned<decltype(d)> d32;
		const hn::Rebind<uint16_t, decltype(d)> d16;
		const auto code = hn::Add(hn::LoadU(d, signals + x), hn::Set(d, offset));
		const auto inside = hn::Min(hn::Max(code, hn::Zero(d)), hn::Set(d, white));
		hn::StoreU(hn::DemoteTo(d16, hn::ConvertTo(d32, inside)), d16, out + x);
	});
}

static void addNoiseKernel(const ResponseTable &table, const float *gaussian, uint16_t mask,
			   const uint16_t *random, const uint16_t *in, size_t width, float *signals)
{
	const float *deviations = table.deviation.data();

	forEachVector(width, [&](auto d, size_t x) HWY_ATTR {
		const hn::Rebind<uint16_t, decltype(d)> d16;
		const hn::RebindToSigned<decltype(d)> d32;
		const auto number = hn::And(hn::LoadU(d16, random + x), hn::Set(d16, mask));
		const auto noise = hn::GatherIndex(d, gaussian, hn::PromoteTo(d32, number));
		const auto deviation = lookUp(d, deviations, in + x);
		hn::StoreU(hn::Add(hn::LoadU(d, signals + x), hn::Mul(deviation, noise)), d, signals + x);
	});
}

static void columnMomentsKernel(const std::array<const uint16_t *, kResponseWindow> &rows, size_t width,
				float black, float *sums, float *squares)
{
	forEachVector(width, [&](auto d, size_t x) HWY_ATTR {
		const auto level = hn::Set(d, black);
		auto value = hn::Sub(valuesOf(d, rows[0] + x), level);
		auto sum = value;
		auto square = hn::Mul(value, value);
		for (int i = 1; i < kResponseWindow; i++) {
			value = hn::Sub(valuesOf(d, rows[i] + x), level);
			sum = hn::Add(sum, value);
			square = hn::Add(square, hn::Mul(value, value));
		}
		hn::StoreU(sum, d, sums + x);
		hn::StoreU(square, d, squares + x);
	});
}

/* The sum of five columns of a colour, from left to right. */
template<typename D>
HWY_INLINE hn::VFromD<D> windowSum(D d, const float *columns)
{
	auto sum = hn::LoadU(d, columns - 4);
	for (int i = -2; i <= 4; i += 2)
		sum = hn::Add(sum, hn::LoadU(d, columns + i));

	return sum;
}

static void windowMomentsKernel(const float *sums, const float *squares, size_t width, float *means,
				float *variances)
{
	constexpr float kSamples = kResponseWindow * kResponseWindow;

	forEachVector(width, [&](auto d, size_t x) HWY_ATTR {
		const auto sum = windowSum(d, sums + x);
		const auto mean = hn::Mul(sum, hn::Set(d, 1.0f / kSamples));
		const auto rest = hn::Sub(windowSum(d, squares + x), hn::Mul(sum, mean));
		hn::StoreU(mean, d, means + x);
		hn::StoreU(hn::Mul(hn::Max(rest, hn::Zero(d)), hn::Set(d, 1.0f / (kSamples - 1.0f))), d,
			   variances + x);
	});
}

static void smoothSignalsKernel(const ResponseTable &table, const ResponseScale &scale, const uint16_t *in,
				const float *means, const float *variances, size_t width, float *signals)
{
	constexpr float kSamples = kResponseWindow * kResponseWindow;
	const float *noises = table.variance.data(), *parts = table.kept.data();

	forEachVector(width, [&](auto d, size_t x) HWY_ATTR {
		const hn::RebindToSigned<decltype(d)> di;
		const auto black = hn::Set(d, scale.black);
		const auto mean = hn::LoadU(d, means + x);
		const auto code = hn::Add(hn::Add(mean, black), hn::Set(d, 0.5f));
		const auto inside = hn::Min(hn::Max(code, hn::Zero(d)), hn::Set(d, scale.largest));
		const auto index = hn::ConvertTo(di, inside);
		const auto kept = hn::GatherIndex(d, parts, index);
		const auto noise = hn::GatherIndex(d, noises, index);

		/* What the window has beyond the noise stays. */
		const auto variance = hn::LoadU(d, variances + x);
		const auto limit = hn::Mul(hn::Set(d, scale.structure), noise);
		const auto structure = hn::IfThenElseZero(hn::Gt(variance, limit), hn::Sub(variance, noise));
		const auto part = hn::Div(hn::Add(structure, hn::Mul(kept, noise)), hn::Add(structure, noise));
		const auto square = hn::Div(hn::Sub(part, hn::Set(d, 1.0f / kSamples)),
					    hn::Set(d, 1.0f - 1.0f / kSamples));
		const auto amplitude = hn::Sqrt(hn::Max(square, hn::Zero(d)));

		const auto difference = hn::Sub(hn::Sub(valuesOf(d, in + x), black), mean);
		const auto signal = hn::Mul(hn::Add(mean, hn::Mul(amplitude, difference)), hn::Set(d, scale.ratio));
		const auto changes = hn::Lt(kept, hn::Set(d, scale.allOfIt));
		hn::StoreU(hn::IfThenElse(changes, signal, hn::LoadU(d, signals + x)), d, signals + x);
	});
}

} /* namespace fovea::sensor::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::sensor {

HWY_EXPORT(lookUpSignalsKernel);
HWY_EXPORT(quantiseSignalsKernel);
HWY_EXPORT(addNoiseKernel);
HWY_EXPORT(columnMomentsKernel);
HWY_EXPORT(windowMomentsKernel);
HWY_EXPORT(smoothSignalsKernel);

/**
 * \brief Look up the signals of a line's samples
 * \param[in] table What becomes of each code
 * \param[in] in Samples
 * \param[in] width Their number
 * \param[out] signals Codes above black at the wanted exposure
 */
void lookUpSignals(const ResponseTable &table, const uint16_t *in, size_t width, float *signals)
{
	HWY_DYNAMIC_DISPATCH(lookUpSignalsKernel)(table, in, width, signals);
}

/**
 * \brief Make codes of signals
 * \param[in] signals Codes above black
 * \param[in] offset Black level, and one half to round
 * \param[in] white The largest code, and one half
 * \param[in] width Their number
 * \param[out] out Codes
 */
void quantiseSignals(const float *signals, float offset, float white, size_t width, uint16_t *out)
{
	HWY_DYNAMIC_DISPATCH(quantiseSignalsKernel)(signals, offset, white, width, out);
}

/**
 * \brief Add to signals the noise that their codes miss
 * \param[in] table What becomes of each code
 * \param[in] gaussian Samples of the standard normal distribution
 * \param[in] mask Bits of a random number that choose one of them
 * \param[in] random A number for each sample
 * \param[in] in Recorded samples
 * \param[in] width Their number
 * \param[inout] signals Codes above black at the wanted exposure
 */
void addNoiseToSignals(const ResponseTable &table, const float *gaussian, uint16_t mask, const uint16_t *random,
		       const uint16_t *in, size_t width, float *signals)
{
	HWY_DYNAMIC_DISPATCH(addNoiseKernel)(table, gaussian, mask, random, in, width, signals);
}

/**
 * \brief Sums and sums of squares of the columns of a window
 * \param[in] rows Lines of the window
 * \param[in] width Samples of a line
 * \param[in] black Level that is taken off the samples
 * \param[out] sums Of each column
 * \param[out] squares Of each column
 */
void columnMoments(const std::array<const uint16_t *, kResponseWindow> &rows, size_t width, float black,
		   float *sums, float *squares)
{
	HWY_DYNAMIC_DISPATCH(columnMomentsKernel)(rows, width, black, sums, squares);
}

/**
 * \brief Mean and variance of the windows around each sample of a line
 * \param[in] sums Of columns, readable four columns beyond both ends
 * \param[in] squares The same of squares
 * \param[in] width Samples of the line
 * \param[out] means Of each window
 * \param[out] variances Of each window, at least 0
 */
void windowMoments(const float *sums, const float *squares, size_t width, float *means, float *variances)
{
	HWY_DYNAMIC_DISPATCH(windowMomentsKernel)(sums, squares, width, means, variances);
}

/**
 * \brief Move samples towards their windows' means, as far as the noise of their code may go
 * \param[in] table What becomes of each code
 * \param[in] scale What is the same for all
 * \param[in] in Recorded samples of the line
 * \param[in] means Of their windows
 * \param[in] variances Of their windows
 * \param[in] width Samples of the line
 * \param[inout] signals Of the line, in codes above black at the wanted exposure
 */
void smoothSignals(const ResponseTable &table, const ResponseScale &scale, const uint16_t *in,
		   const float *means, const float *variances, size_t width, float *signals)
{
	HWY_DYNAMIC_DISPATCH(smoothSignalsKernel)(table, scale, in, means, variances, width, signals);
}

} /* namespace fovea::sensor */
#endif /* HWY_ONCE */
