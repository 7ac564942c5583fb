/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A recorded frame at another exposure and gain, with the noise of that
 */

#include "isp_sim/sensor/response.h"

#include <algorithm>
#include <bit>
#include <math.h>
#include <string.h>

#include "isp_sim/sensor/noise.h"

namespace fovea::sensor {

namespace {

/* The window's samples of all colours in each direction. */
constexpr int kReach = kResponseWindow / 2 * 2;

/*
 * The variance of 25 samples of noise alone exceeds that of the noise by this factor in
 * less than one window of 10000: chi-square of 24 degrees of freedom. What has more is
 * structure.
 */
constexpr float kStructure = 2.5f;

/* Less than this part of a variance is not worth a window. */
constexpr float kAllOfIt = 0.98f;

/* Four samples share a random number, as those of a scene do. */
constexpr unsigned int kGroup = 4;

constexpr uint16_t kGaussianMask = (1 << kGaussianBits) - 1;

/* gaussianTable() as numbers. */
using GaussianNumbers = std::array<float, 1 << kGaussianBits>;

const GaussianNumbers &gaussianNumbers()
{
	static const GaussianNumbers numbers = [] {
		constexpr float kScale = 1.0f / (1 << kGaussianFraction);
		GaussianNumbers result;
		for (size_t i = 0; i < result.size(); i++)
			result[i] = gaussianTable()[i] * kScale;
		return result;
	}();

	return numbers;
}

} /* namespace */

/**
 * \class Response
 * \brief What a sensor would have seen at another exposure and gain
 *
 * Light above the black level is scaled by the product of exposure and gain, relative to
 * the recorded ones. The noise of the frame is scaled with it, and then it is that of
 * neither exposure. By the photon transfer a signal of s codes at gain g has the variance
 *
 *   v(s, g) = g K s + (g K r)^2 + c^2
 *
 * with the conversion gain K, the read noise r, and the noise of the converter c. The recorded
 * frame has v(s, g0) + 1/12, of which the last is rounding. Scaled by q it has q^2 times that,
 * and should have v(q s, g).
 *
 * - Where that is less than it should be (darker, or a higher gain instead of time),
 *   Gaussian noise of the difference is added.
 * - Where it is more (a longer exposure), the sample moves towards the mean of 5x5 samples of
 *   its colour, so far that the variance is right: with the part a of its
 *   difference that stays, noise of variance n becomes n (a^2 + (1 - a^2) / 25). What the window
 *   has beyond the noise is structure and stays, noise and all.
 *
 * At the recorded exposure and gain the frame is that which was recorded, to the bit. Without a
 * noise model noise is scaled only.
 *
 * Results depend on the arguments alone and are the same on every machine with IEEE 754
 * arithmetic.
 */

Response::Response(const Format &format)
	: format_(format)
{
	const size_t codes = size_t{ 1 } << format_.bitDepth;

	curve_.resize(codes);
	if (!format_.noise)
		return;

	/* Lines are rounded up to groups, and windows reach beyond their ends. */
	for (std::vector<float> *entries : { &table_.signal, &table_.deviation, &table_.variance, &table_.kept })
		entries->resize(codes);
	columnSums_.resize(format_.width + 2 * kReach);
	columnSquares_.resize(format_.width + 2 * kReach);
	means_.resize(format_.width);
	variances_.resize(format_.width);
	signals_.resize(format_.width);
	random_.resize(format_.width + kGroup);
}

double Response::variance(double signal, double gain) const
{
	const NoiseModel &noise = *format_.noise;
	const double scale = gain * noise.conversionGain;

	return scale * std::max(signal, 0.0) + scale * noise.readNoise * scale * noise.readNoise +
	       noise.converterNoise * noise.converterNoise;
}

void Response::makeTable()
{
	constexpr double kRounding = 1.0 / 12.0;

	smooths_ = addsNoise_ = false;
	for (size_t code = 0; code < curve_.size(); code++) {
		const double signal = code - format_.blackLevel;
		const double scaled = format_.blackLevel + signal * ratio_;
		curve_[code] = std::clamp(floor(scaled + 0.5), 0.0, 1.0 * format_.whiteLevel);
		if (!format_.noise)
			continue;

		const double recorded = variance(signal, recorded_.gain) + kRounding;
		const double present = ratio_ * ratio_ * recorded;
		const double wanted = variance(signal * ratio_, wanted_.gain);
		table_.signal[code] = signal * ratio_;
		table_.deviation[code] = sqrt(std::max(wanted - present, 0.0));
		table_.variance[code] = recorded;
		table_.kept[code] = std::min(wanted / present, 1.0);
		smooths_ = smooths_ || table_.kept[code] < kAllOfIt;
		addsNoise_ = addsNoise_ || table_.deviation[code] > 0.0f;
	}
}

/** \brief Say how the next frames were taken, and how they are wanted */
void Response::set(const Shot &recorded, const Shot &wanted)
{
	if (recorded == recorded_ && wanted == wanted_)
		return;

	recorded_ = recorded;
	wanted_ = wanted;
	ratio_ = wanted.time * wanted.gain / (recorded.time * recorded.gain);
	makeTable();
}

/* Mean and variance of the window around each sample of line \a y; at borders it is mirrored. */
void Response::localMoments(std::span<const uint16_t> frame, unsigned int y)
{
	const int width = format_.width, height = format_.height;
	std::array<const uint16_t *, kResponseWindow> rows;

	for (int i = 0; i < kResponseWindow; i++) {
		int row = static_cast<int>(y) + 2 * i - kReach;
		row = row < 0 ? -row : row;
		if (row >= height)
			row = 2 * static_cast<int>(y) - row;
		rows[i] = frame.data() + size_t(row) * width;
	}

	float *sums = columnSums_.data() + kReach;
	float *squares = columnSquares_.data() + kReach;
	columnMoments(rows, width, format_.blackLevel, sums, squares);
	for (int i = 1; i <= kReach; i++) {
		sums[-i] = sums[i];
		squares[-i] = squares[i];
		sums[width - 1 + i] = sums[width - 1 - i];
		squares[width - 1 + i] = squares[width - 1 - i];
	}

	windowMoments(sums, squares, width, means_.data(), variances_.data());
}

/* Move the samples of a line towards their windows' means; see the class. */
void Response::smooth(const uint16_t *in)
{
	const ResponseScale scale{ static_cast<float>(format_.blackLevel), static_cast<float>(ratio_),
				   static_cast<float>(curve_.size() - 1), kStructure, kAllOfIt };

	smoothSignals(table_, scale, in, means_.data(), variances_.data(), format_.width, signals_.data());
}

/* Add the noise that is missing to a line's signals. */
void Response::addNoise(const uint16_t *in, uint64_t seed)
{
	static_assert(std::endian::native == std::endian::little, "the first sample has the lowest bits");

	for (unsigned int x = 0; x < format_.width; x += kGroup) {
		const uint64_t random = mix64(seed + x * kGolden);
		memcpy(&random_[x], &random, sizeof(random));
	}

	addNoiseToSignals(table_, gaussianNumbers().data(), kGaussianMask, random_.data(), in, format_.width,
			  signals_.data());
}

/*
 * Where all four samples of a quad were clipped the light is unknown but bright: they
 * stay clipped, because scaled down they would become a coloured grey. Where only some
 * were, their colour is scaled as it was recorded.
 */
void Response::keepClipped(const uint16_t *in, std::span<uint16_t> out) const
{
	const size_t width = format_.width;

	for (size_t x = 0; x < width; x += 2) {
		const uint16_t darkest = std::min({ in[x], in[x + 1], in[width + x], in[width + x + 1] });
		if (darkest < format_.whiteLevel)
			continue;

		for (size_t i : { x, x + 1, width + x, width + x + 1 })
			out[i] = in[i];
	}
}

/**
 * \brief Render a pair of lines
 * \param[in] frame All samples of the recorded frame
 * \param[in] y The first of the two lines; even
 * \param[in] seed What the noise is made of; another one for each frame
 * \param[out] out The two lines
 */
void Response::render(std::span<const uint16_t> frame, unsigned int y, uint64_t seed,
		      std::span<uint16_t> out)
{
	const size_t width = format_.width;
	const uint16_t *in = frame.data() + size_t{ y } * width;

	if (recorded_ == wanted_ || (!format_.noise && ratio_ == 1.0)) {
		std::copy_n(in, 2 * width, out.begin());
		return;
	}

	if (!format_.noise) {
		for (size_t i = 0; i < 2 * width; i++)
			out[i] = curve_[in[i]];
		keepClipped(in, out);
		return;
	}

	const float offset = static_cast<float>(format_.blackLevel) + 0.5f;
	const float white = format_.whiteLevel + 0.5f;
	for (unsigned int row = 0; row < 2; row++) {
		const uint16_t *line = in + row * width;
		lookUpSignals(table_, line, width, signals_.data());
		if (smooths_) {
			localMoments(frame, y + row);
			smooth(line);
		}
		if (addsNoise_)
			addNoise(line, mix64(seed + (y + row + 1) * kGolden));
		quantiseSignals(signals_.data(), offset, white, width, out.data() + row * width);
	}
	keepClipped(in, out);
}

} /* namespace fovea::sensor */
