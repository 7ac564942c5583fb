/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A sensor that looks at a synthetic scene
 */

#include "isp_sim/sensor/chart_sensor.h"

#include <algorithm>
#include <array>
#include <bit>
#include <errno.h>
#include <math.h>
#include <mutex>
#include <string.h>

#include "isp_sim/sensor/chart.h"
#include "isp_sim/sensor/noise.h"
#include "isp_sim/sensor/truth.h"

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

/* Indices of the companded signal: 16 bits. */
constexpr size_t kLevels = 65536;

/* Mean and standard deviation of the code of one signal level, fixed point. */
struct Level {
	int32_t mean;
	int32_t deviation;
};

using Levels = std::vector<Level>;

/* The pixels' deviations from the mean response, all equally likely. */
using GainTable = std::array<double, size_t{ 1 } << kGaussianBits>;

/*
 * The signal of every pixel of one readout geometry, without flips: the index i
 * means (i / 65535)^2 of the largest signal. The square root makes the steps
 * follow the shot noise: they are far below it at every level.
 */
struct SignalMap {
	Rectangle crop;
	unsigned int width;
	unsigned int height;
	std::vector<uint16_t> index;
};

class ChartSensor : public Sensor
{
public:
	ChartSensor(const SensorModel &model, const Scene &scene);

	const Properties &properties() const override { return model_.properties; }

	int prepare(unsigned int mode) override;
	int render(const FrameSettings &settings, uint32_t sequence,
		   std::chrono::nanoseconds time,
		   std::span<uint8_t> raw, size_t stride) override;

private:
	struct Exposure {
		int64_t pixels;		/* exposure time in periods of the pixel rate */
		uint64_t pixelRate;
		int32_t gainCode;
		unsigned int binning;

		bool operator==(const Exposure &) const = default;
	};

	const SignalMap &signalMap(unsigned int mode);
	std::shared_ptr<const Levels> levels(const Exposure &exposure);
	Levels makeLevels(const Exposure &exposure) const;
	SignalMap makeMap(const Mode &mode, unsigned int binning) const;
	void fillTile(SignalMap *map, unsigned int binning, const GainTable &rootGains,
		      unsigned int tileX, unsigned int tileY) const;
	double mixture(const ChartWindow &window, double x, double y, double size,
		       unsigned int channel) const;

	const SensorModel model_;
	const Scene scene_;
	std::vector<Vector3> signals_;		/* electrons / s, of each material */
	double largest_;			/* electrons / s */

	/* Caches of what depends on the arguments of render() only. */
	std::mutex mutex_;
	std::vector<std::unique_ptr<SignalMap>> maps_;
	Exposure cachedExposure_{};
	std::shared_ptr<const Levels> cachedLevels_;
};

/* Room for the brightest pixel's deviation from the mean response. */
constexpr double kHeadroom = 1.1;

ChartSensor::ChartSensor(const SensorModel &model, const Scene &scene)
	: model_(model), scene_(scene), signals_(MaterialCount), largest_(1.0)
{
	if (scene.kind == Scene::Kind::Dark)
		return;

	Spectrum light = scene.illuminant.irradiance();
	std::vector<Spectrum> reflectances = chartReflectances(scene.reflectance);
	for (size_t i = 0; i < MaterialCount; i++) {
		signals_[i] = electronsPerSecond(model.pixel, scene.lens, light, reflectances[i]);
		for (double signal : signals_[i])
			largest_ = std::max(largest_, signal * kHeadroom);
	}
}

/* The average signal of the surfaces that a pixel of \a size sees. */
double ChartSensor::mixture(const ChartWindow &window, double x, double y, double size,
			    unsigned int channel) const
{
	/* The lens blurs: a pixel sees twice its own width, so nothing at 0.5 cycles a pixel. */
	constexpr int kSamples = 4;
	constexpr double kBlur = 2.0;
	double step = size * kBlur / kSamples;
	double left = x - step * (kSamples - 1) / 2;
	double top = y - step * (kSamples - 1) / 2;
	double right = left + step * (kSamples - 1);
	double bottom = top + step * (kSamples - 1);

	Surface corner = window.at(left, top);
	if (!corner.fine && corner.a == corner.b) {
		bool uniform = true;
		for (const Surface &other : { window.at(right, top), window.at(left, bottom),
					      window.at(right, bottom) })
			uniform = uniform && !other.fine && other.a == corner.a && other.b == corner.a;
		if (uniform)
			return signals_[corner.a][channel];
	}

	double sum = 0.0;
	for (int i = 0; i < kSamples * kSamples; i++) {
		Surface s = window.at(left + (i % kSamples) * step, top + (i / kSamples) * step);
		sum += signals_[s.a][channel] * (1.0 - s.mix) + signals_[s.b][channel] * s.mix;
	}

	return sum / (kSamples * kSamples);
}

constexpr unsigned int kTile = 8;

/* Fill one tile of a map. Most show one surface only. */
void ChartSensor::fillTile(SignalMap *map, unsigned int binning, const GainTable &rootGains,
			   unsigned int tileX, unsigned int tileY) const
{
	const Properties &properties = model_.properties;
	const Rectangle &active = properties.activeArea;
	double originX = map->crop.left - active.left - active.width / 2.0;
	double originY = map->crop.top - active.top - active.height / 2.0;
	unsigned int endX = std::min(tileX + kTile, map->width);
	unsigned int endY = std::min(tileY + kTile, map->height);

	ChartWindow window(originX + (tileX - 1.0) * binning, originY + (tileY - 1.0) * binning,
			   originX + (endX + 1.0) * binning, originY + (endY + 1.0) * binning);
	std::optional<Material> only = scene_.kind == Scene::Kind::Chart ? window.only() : Wall;
	Vector3 roots{};
	for (size_t c = 0; only && c < 3; c++)
		roots[c] = sqrt(signals_[*only][c] / largest_);

	for (unsigned int y = tileY; y < endY; y++) {
		for (unsigned int x = tileX; x < endX; x++) {
			unsigned int channel = channelAt(properties.order, x, y);
			double root = only ? roots[channel]
					   : sqrt(mixture(window, originX + (x + 0.5) * binning,
							  originY + (y + 0.5) * binning, binning, channel) /
						  largest_);

			/* The pixel's place on the array decides its response. */
			uint64_t place = (uint64_t{ map->crop.top + y * binning } << 32) |
					 (map->crop.left + x * binning);
			uint64_t random = mix64(place * kGolden) >> (64 - kGaussianBits);
			double index = std::min(root * rootGains[random], 1.0) * (kLevels - 1);

			map->index[size_t{ y } * map->width + x] = static_cast<uint16_t>(index + 0.5);
		}
	}
}

SignalMap ChartSensor::makeMap(const Mode &mode, unsigned int binning) const
{
	SignalMap map{ mode.analogCrop, mode.width, mode.height, {} };
	double deviation = model_.pixel.responseNonUniformity / binning;
	GainTable rootGains;

	for (size_t i = 0; i < rootGains.size(); i++)
		rootGains[i] = sqrt(1.0 + deviation * gaussianTable()[i] / (1 << kGaussianFraction));

	map.index.resize(size_t{ mode.width } * mode.height);
	for (unsigned int y = 0; y < mode.height; y += kTile) {
		for (unsigned int x = 0; x < mode.width; x += kTile)
			fillTile(&map, binning, rootGains, x, y);
	}

	return map;
}

/* The map of a mode, made at its first use. Modes of one geometry share it. */
const SignalMap &ChartSensor::signalMap(unsigned int mode)
{
	const Mode &m = model_.properties.modes[mode];
	std::scoped_lock lock(mutex_);

	for (const auto &map : maps_) {
		if (map->width == m.width && map->height == m.height &&
		    map->crop.left == m.analogCrop.left && map->crop.top == m.analogCrop.top)
			return *map;
	}

	maps_.push_back(std::make_unique<SignalMap>(makeMap(m, model_.binning[mode])));
	return *maps_.back();
}

/*
 * The photon transfer: signal electrons e, clipped at the full well, have the
 * variance e + readNoise^2; the gain and the converter make codes of them. Binning
 * averages binning^2 pixels. Shot noise is taken as Gaussian, which it is within
 * a fraction of a code down to about ten electrons; the variance is right everywhere.
 */
Levels ChartSensor::makeLevels(const Exposure &exposure) const
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
		double electrons = std::min(root * root * largest_ * time, pixel.fullWell);
		double variance = (electrons + pixel.readNoise * pixel.readNoise) * scale * scale +
				  pixel.converterNoise * pixel.converterNoise;
		double mean = std::min(pixel.blackLevel + electrons * scale, ceiling);
		double deviation = std::min(sqrt(variance / binned), kMaximumDeviation);

		levels[i] = { static_cast<int32_t>(floor(mean * kOne + 0.5)),
			      static_cast<int32_t>(floor(deviation * kOne + 0.5)) };
	}

	return levels;
}

std::shared_ptr<const Levels> ChartSensor::levels(const Exposure &exposure)
{
	std::scoped_lock lock(mutex_);

	if (!cachedLevels_ || !(cachedExposure_ == exposure)) {
		cachedLevels_ = std::make_shared<const Levels>(makeLevels(exposure));
		cachedExposure_ = exposure;
	}

	return cachedLevels_;
}

/* The converter's output range, and the bits that a shallower format cuts off. */
struct CodeRange {
	int32_t white;
	unsigned int shift;
};

/*
 * Add noise to the signal of one line of \a width pixels, rounded up to groups of
 * four that share one random number; the buffers have room for them.
 */
void renderLine(const uint16_t *index, unsigned int width, const Level *levels,
		const int16_t *gaussian, uint64_t seed, CodeRange range, uint16_t *out)
{
	constexpr unsigned int kMask = (1 << kGaussianBits) - 1;
	constexpr int32_t kHalfNoise = 1 << (kGaussianFraction - 1);
	constexpr int32_t kHalfCode = 1 << (kCodeFraction - 1);

	for (unsigned int x = 0; x < width; x += kGroup) {
		uint64_t random = mix64(seed + x * kGolden);

		for (unsigned int k = 0; k < kGroup; k++) {
			const Level level = levels[index[x + k]];
			int32_t value = gaussian[(random >> (16 * k)) & kMask];
			int32_t noise = (level.deviation * value + kHalfNoise) >> kGaussianFraction;
			int32_t code = (level.mean + noise + kHalfCode) >> kCodeFraction;

			out[x + k] = static_cast<uint16_t>(std::clamp(code, 0, range.white) >> range.shift);
		}
	}
}

int ChartSensor::prepare(unsigned int mode)
{
	if (mode >= model_.properties.modes.size())
		return -EINVAL;

	signalMap(mode);
	return 0;
}

int ChartSensor::render(const FrameSettings &settings, uint32_t sequence,
			[[maybe_unused]] std::chrono::nanoseconds time,
			std::span<uint8_t> raw, size_t stride)
{
	const Properties &properties = model_.properties;
	if (settings.mode >= properties.modes.size())
		return -EINVAL;

	const Mode &mode = properties.modes[settings.mode];
	size_t bytes = mode.width * (mode.bitDepth > 8 ? 2 : 1);
	if (stride < bytes || raw.size() < stride * (mode.height - 1) + bytes)
		return -EINVAL;

	const SignalMap &map = signalMap(settings.mode);
	const Range &gains = properties.analogueGain;
	int64_t lines = std::clamp<int64_t>(settings.exposure, 0, 1 << 24);
	Exposure exposure{ lines * (mode.width + mode.hblank), mode.pixelRate,
			   std::clamp(settings.analogueGain, gains.min, gains.max),
			   model_.binning[settings.mode] };
	std::shared_ptr<const Levels> table = levels(exposure);

	CodeRange range{ (1 << model_.pixel.bitDepth) - 1, model_.pixel.bitDepth - mode.bitDepth };
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

		renderLine(indices.data(), mode.width, table->data(), gaussianTable().data(),
			   mix64(frameSeed + (y + 1) * kGolden), range, samples.data());
		if (mode.bitDepth > 8)
			memcpy(out, samples.data(), bytes);
		else
			std::copy_n(samples.begin(), mode.width, out);
	}

	return 0;
}

} /* namespace */

/**
 * \brief Create a sensor that looks at a synthetic scene
 *
 * Every frame is equal to the bit on every machine: what is computed once is made of exact
 * operations (exact_math.cpp), and what is computed for each pixel of each frame
 * is integer arithmetic on tables.
 */
std::unique_ptr<Sensor> createChartSensor(const SensorModel &model, const Scene &scene)
{
	return std::make_unique<ChartSensor>(model, scene);
}

} /* namespace fovea::sensor */
