/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The pixels and converters of a sensor: from signals to codes
 */

#include "isp_sim/sensor/pixel_array.h"

#include <algorithm>
#include <bit>
#include <math.h>
#include <string.h>

#include "isp_sim/sensor/noise.h"

namespace fovea::sensor {

static_assert(std::endian::native == std::endian::little,
	      "frames are written as 16-bit little-endian words");

namespace {

/* Fractional bits of codes while noise is added. */
constexpr unsigned int kCodeFraction = 8;

/* Codes; times a value of the Gaussian table it still fits 32 bits. */
constexpr double kMaximumDeviation = 1024.0;

/* Pixels that share one 64-bit random number. */
constexpr unsigned int kGroup = 4;

constexpr size_t kLevels = size_t{ kSignalMax } + 1;

} /* namespace */

/**
 * \class PixelArray
 * \brief Makes the codes of a frame from the signals of its pixels
 *
 * Every frame is equal to the bit on every machine: what is computed once is made of exact
 * operations (exact_math.cpp), and what is computed for each pixel of each frame
 * is integer arithmetic on tables.
 */

PixelArray::PixelArray(const SensorModel &model)
	: model_(model)
{
}

/*
 * The photon transfer: signal electrons e, clipped at the full well, have the
 * variance e + readNoise^2; the gain and the converter make codes of them. Binning
 * averages binning^2 pixels. Shot noise is taken as Gaussian, which it is within
 * a fraction of a code down to about ten electrons; the variance is right everywhere.
 */
PixelArray::Levels PixelArray::makeLevels(const Exposure &exposure) const
{
	constexpr double kOne = 1 << kCodeFraction;
	const PixelModel &pixel = model_.pixel;
	double time = static_cast<double>(exposure.pixels) / exposure.pixelRate;
	double scale = pixel.conversionGain * model_.gain.gain(exposure.gainCode);
	double binned = exposure.binning * exposure.binning;
	double ceiling = 4.0 * (1 << pixel.bitDepth);
	Levels levels(kLevels);

	for (size_t i = 0; i < kLevels; i++) {
		double root = i / double(kLevels - 1);
		double electrons = std::min(root * root * exposure.largest * time, pixel.fullWell);
		double variance = (electrons + pixel.readNoise * pixel.readNoise) * scale * scale +
				  pixel.converterNoise * pixel.converterNoise;
		double mean = std::min(pixel.blackLevel + electrons * scale, ceiling);
		double deviation = std::min(sqrt(variance / binned), kMaximumDeviation);

		levels[i] = { static_cast<int32_t>(floor(mean * kOne + 0.5)),
			      static_cast<int32_t>(floor(deviation * kOne + 0.5)) };
	}

	return levels;
}

std::shared_ptr<const PixelArray::Levels> PixelArray::levels(const Exposure &exposure)
{
	std::scoped_lock lock(mutex_);

	if (!cachedLevels_ || !(cachedExposure_ == exposure)) {
		cachedLevels_ = std::make_shared<const Levels>(makeLevels(exposure));
		cachedExposure_ = exposure;
	}

	return cachedLevels_;
}

/*
 * Add noise to the signal of one line of \a width pixels, rounded up to groups of
 * four that share one random number; the buffers have room for them. Codes end at
 * \a white; a shallower format cuts \a shift bits off.
 */
void PixelArray::renderLine(const uint16_t *index, unsigned int width, const Level *levels,
			    uint64_t seed, unsigned int white, unsigned int shift, uint16_t *out)
{
	constexpr unsigned int kMask = (1 << kGaussianBits) - 1;
	constexpr int32_t kHalfNoise = 1 << (kGaussianFraction - 1);
	constexpr int32_t kHalfCode = 1 << (kCodeFraction - 1);
	const int16_t *gaussian = gaussianTable().data();

	for (unsigned int x = 0; x < width; x += kGroup) {
		uint64_t random = mix64(seed + x * kGolden);

		for (unsigned int k = 0; k < kGroup; k++) {
			const Level level = levels[index[x + k]];
			int32_t value = gaussian[(random >> (16 * k)) & kMask];
			int32_t noise = (level.deviation * value + kHalfNoise) >> kGaussianFraction;
			int32_t code = (level.mean + noise + kHalfCode) >> kCodeFraction;

			out[x + k] = static_cast<uint16_t>(
				std::clamp(code, 0, static_cast<int32_t>(white)) >> shift);
		}
	}
}

/**
 * \brief Expose and read a frame
 * \param[in] settings The registers; the mode must exist
 * \param[in] sequence What decides the temporal noise
 * \param[in] layers What the pixels see; see SceneRenderer::render()
 * \param[out] raw The codes, as Sensor::render() gives them; must hold the mode's frame
 * \param[in] stride Bytes from line to line
 */
void PixelArray::expose(const FrameSettings &settings, uint32_t sequence,
			std::span<const SignalLayer> layers, std::span<uint8_t> raw, size_t stride)
{
	const Properties &properties = model_.properties;
	const Mode &mode = properties.modes[settings.mode];
	const SignalMap &map = *layers.front().map;
	const Range &gains = properties.analogueGain;
	int64_t lines = std::clamp<int64_t>(settings.exposure, 0, 1 << 24);
	Exposure exposure{ lines * (mode.width + mode.hblank), mode.pixelRate,
			   std::clamp(settings.analogueGain, gains.min, gains.max),
			   model_.binning[settings.mode], map.largest };
	std::shared_ptr<const Levels> table = levels(exposure);

	bool hflip = settings.hflip && properties.flips;
	bool vflip = settings.vflip && properties.flips;
	uint64_t frameSeed = mix64(sequence + kGolden);
	std::vector<uint16_t> indices(mode.width + kGroup);
	std::vector<uint16_t> samples(mode.width + kGroup);

	for (unsigned int y = 0; y < mode.height; y++) {
		size_t row = vflip ? mode.height - 1 - y : y;
		const uint16_t *source = map.index.data() + row * mode.width;
		uint8_t *out = raw.data() + y * stride;

		if (hflip)
			std::reverse_copy(source, source + mode.width, indices.begin());
		else
			std::copy_n(source, mode.width, indices.begin());

		renderLine(indices.data(), mode.width, table->data(),
			   mix64(frameSeed + (y + 1) * kGolden), (1u << model_.pixel.bitDepth) - 1,
			   model_.pixel.bitDepth - mode.bitDepth, samples.data());
		if (mode.bitDepth > 8)
			memcpy(out, samples.data(), mode.width * sizeof(uint16_t));
		else
			std::copy_n(samples.begin(), mode.width, out);
	}
}

} /* namespace fovea::sensor */
