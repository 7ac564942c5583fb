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

/* Of the converter's range: where a pixel that is read with two gains changes to the low one. */
constexpr double kSplit = 0.9;

/* A value of the standard normal distribution. */
double normal(uint64_t random)
{
	return double(gaussianTable()[random >> (64 - kGaussianBits)]) / (1 << kGaussianFraction);
}

double square(double v)
{
	return v * v;
}

/* The squares of the indices of a row, and beside it those of the same colour inside. */
void squareRow(const uint16_t *index, size_t width, float *row)
{
	lightRow(index, width, 1.0f, false, row);
	row[-1] = row[1];
	row[width] = row[width - 2];
}

} /* namespace */

/**
 * \class PixelArray
 * \brief Makes the codes of a frame from the signals of its pixels
 *
 * In the order of nature: light and charge cross to neighbours, the lens shades, pixels
 * respond differently, dark current joins in, the well gets full; shot noise, offsets
 * and noise of pixels, rows and columns; gain, conversion, companding.
 *
 * All of it is safe to be called from several threads. Every frame is equal to the bit on
 * every machine: what is computed once is made of exact operations (exact_math.cpp), and
 * what is computed for each pixel of each frame of operations whose rounding is fixed
 * (pixel_row.cpp).
 */

PixelArray::PixelArray(const SensorModel &model)
	: model_(model), curves_(model.properties.modes.size())
{
	unsigned int width = 0;

	for (const Mode &mode : model.properties.modes)
		width = std::max(width, mode.width);
	light_.resize(width + kRowPadding);
	columns_.resize(width + kRowPadding);
	codes_.resize(width + kRowPadding);
	samples_.resize(width + kRowPadding);
	for (std::vector<float> &row : squares_)
		row.resize(width + 2);
}

/* The pattern of a mode, made at its first use. Modes of one window share it. */
const PixelPattern &PixelArray::pattern(unsigned int mode)
{
	const ArrayWindow window(model_.properties.modes[mode], model_.readouts[mode]);

	for (const auto &cached : patterns_) {
		if (cached->window == window)
			return cached->pattern;
	}

	patterns_.push_back(std::make_unique<CachedPattern>(
		CachedPattern{ window, makePixelPattern(model_, window) }));
	return patterns_.back()->pattern;
}

/* A map with crosstalk; what is kept is that of the last map of each \a slot. */
const SignalMap &PixelArray::withCrosstalk(size_t slot, const std::shared_ptr<const SignalMap> &map)
{
	const PixelModel &pixel = model_.pixel;
	const Crosstalk shares{ static_cast<float>(1.0 - 4.0 * (pixel.crosstalkEdge + pixel.crosstalkCorner)),
				static_cast<float>(pixel.crosstalkEdge),
				static_cast<float>(pixel.crosstalkCorner) };
	if (shares.own == 1.0f)
		return *map;

	while (maps_.size() <= slot)
		maps_.push_back(std::make_unique<CachedMap>());
	CachedMap &cached = *maps_[slot];
	if (cached.source == map)
		return cached.result;

	const size_t width = map->width;
	const size_t height = map->height;
	cached.source = map;
	cached.result.width = map->width;
	cached.result.height = map->height;
	cached.result.largest = map->largest;
	cached.result.index.resize(map->index.size());

	/* Rows y - 1, y and y + 1 are in turns in three buffers; outside are those inside. */
	auto row = [&](size_t y) { return squares_[y % 3].data() + 1; };
	auto source = [&](size_t y) { return map->index.data() + y * width; };

	squareRow(source(1), width, row(2));
	squareRow(source(0), width, row(0));
	for (size_t y = 0; y < height; y++) {
		squareRow(source(y + 1 < height ? y + 1 : height - 2), width, row(y + 1));
		const float *const rows[3] = { row(y + 2), row(y), row(y + 1) };
		crosstalkRow(rows, width, shares, cached.result.index.data() + y * width);
	}

	return cached.result;
}

/** \brief Do now what the first frame of \a mode, an index that exists, would wait for */
void PixelArray::prepare(unsigned int mode)
{
	std::scoped_lock lock(mutex_);

	pattern(mode);
	curve(mode);
}

/** \brief How long an exposure of a frame is, in seconds; 0 is the longest */
double PixelArray::exposureTime(const FrameSettings &settings, unsigned int exposure) const
{
	const Mode &mode = model_.properties.modes[settings.mode];
	const int64_t lines = std::clamp<int64_t>(settings.exposure, 0, 1 << 24);
	double time = static_cast<double>(lines * (mode.width + mode.hblank)) / mode.pixelRate;

	for (unsigned int i = 0; i < exposure; i++)
		time /= model_.readouts[settings.mode].exposureRatio;

	return time;
}

/*
 * The photon transfer of an exposure of \a time seconds. Noise of the pixel is in front
 * of the gain, that of the converter behind it. Binning averages binning^2 pixels.
 */
RowExposure PixelArray::makeExposure(const FrameSettings &settings, double time) const
{
	const PixelModel &pixel = model_.pixel;
	const Readout &readout = model_.readouts[settings.mode];
	const Range &codes = model_.properties.analogueGain;
	const double gain = model_.gain.gain(std::clamp(settings.analogueGain, codes.min, codes.max));
	const bool high = pixel.highConversion.gain > 0.0 && gain >= pixel.highConversion.gain;
	const double readNoise = high ? pixel.highConversion.readNoise : pixel.readNoise;
	const double well = high ? pixel.highConversion.fullWell : pixel.fullWell;
	const double scale = pixel.conversionGain * gain * readout.dualGain;
	const double dark = pixel.dark.rate * pixel.dark.ratio() * time;
	const double fixed = sqrt(square(pixel.offsetNonUniformity) + square(pixel.dark.nonUniformity * dark));

	RowExposure row{};
	row.dark = dark;
	row.well = well;
	row.knee = well * pixel.wellKnee;
	row.base = pixel.blackLevel - (pixel.dark.clamped ? dark * scale : 0.0);
	row.scale = scale;
	row.offsetScale = scale * fixed / readout.binning / (1 << kGaussianFraction);
	row.variance = square(readNoise * scale) + square(pixel.converterNoise);
	row.noiseScale = 1.0 / readout.binning;
	row.white = readout.linearWhite(pixel.bitDepth);
	row.split = ((1 << pixel.bitDepth) * kSplit - pixel.blackLevel) / scale;
	row.lowVariance = square(readNoise * scale) + square(pixel.converterNoise * readout.dualGain);
	row.lowStep = readout.dualGain;
	return row;
}

/* What the columns add to the codes of this exposure. */
void PixelArray::makeColumns(const PixelPattern &pattern, const RowExposure &exposure, uint64_t seed,
			     unsigned int binning)
{
	const double noise = model_.pixel.columns.noise / sqrt(double(binning));

	for (size_t x = 0; x < pattern.columnOffset.size(); x++) {
		const double electrons = pattern.columnOffset[x] +
					 noise * normal(mix64(seed + x * kGolden));
		columns_[x] = static_cast<float>(electrons * exposure.scale);
	}
}

/* Replace the codes of the hot and stuck pixels of row \a y. */
void PixelArray::addDefects(const PixelPattern &pattern, unsigned int y, double time, double share,
			    const RowPattern &rowPattern, const RowExposure &row)
{
	auto defect = std::lower_bound(pattern.defects.begin(), pattern.defects.end(), y,
				       [](const Defect &d, unsigned int v) { return d.y < v; });

	for (; defect != pattern.defects.end() && defect->y == y; defect++) {
		int32_t &code = codes_[defect->x];
		if (defect->kind == Defect::Kind::Hot) {
			RowExposure hot = row;
			hot.dark += static_cast<float>(defect->value * model_.pixel.dark.ratio() * time * share);
			code = pixelCode(light_[defect->x], defect->x, rowPattern, hot);
		} else {
			code = static_cast<int32_t>(code * (1.0 - share) + defect->value * row.white * share + 0.5);
		}
	}
}

/* The curve of a mode as a table, made at its first use; empty where it has none. */
const std::vector<uint16_t> &PixelArray::curve(unsigned int mode)
{
	const Readout &readout = model_.readouts[mode];
	std::vector<uint16_t> &table = curves_[mode];

	if (table.empty() && !readout.companding.empty()) {
		table.resize(size_t{ readout.linearWhite(model_.pixel.bitDepth) } + 1);
		for (size_t i = 0; i < table.size(); i++)
			table[i] = static_cast<uint16_t>(readout.compand(i));
	}

	return table;
}

/* Make samples of codes and write them. */
void PixelArray::storeRow(const Mode &mode, const std::vector<uint16_t> &table, bool hflip, uint8_t *out)
{
	if (table.empty()) {
		const unsigned int shift = model_.pixel.bitDepth - mode.bitDepth;
		for (size_t x = 0; x < mode.width; x++)
			samples_[x] = static_cast<uint16_t>(codes_[x] >> shift);
	} else {
		for (size_t x = 0; x < mode.width; x++)
			samples_[x] = table[codes_[x]];
	}

	if (hflip)
		std::reverse(samples_.begin(), samples_.begin() + mode.width);
	if (mode.bitDepth > 8)
		memcpy(out, samples_.data(), mode.width * sizeof(uint16_t));
	else
		std::copy_n(samples_.begin(), mode.width, out);
}

/* The light of a row of the mosaic, from all layers. */
void PixelArray::makeLight(std::span<const SignalMap *const> maps, std::span<const SignalLayer> layers,
			   unsigned int y, double time)
{
	for (size_t i = 0; i < maps.size(); i++) {
		const SignalMap &map = *maps[i];
		const std::vector<double> &factors = layers[i].rowFactors;
		const double factor = factors.empty() ? 1.0 : factors[y];
		const double scale = map.largest / square(kSignalMax) * time * factor;

		lightRow(map.index.data() + size_t{ y } * map.width, map.width,
			 static_cast<float>(scale), i > 0, light_.data());
	}
}

/**
 * \brief Expose and read a frame, or one exposure of it
 * \param[in] settings The registers; the mode must exist
 * \param[in] sequence What decides the temporal noise
 * \param[in] exposure Which exposure: less than Mode::exposures, 0 is the longest
 * \param[in] layers What the pixels see; see SceneRenderer::render()
 * \param[out] raw The codes, as Sensor::render() gives them, in the rows of the
 * exposure; must hold the mode's frame
 * \param[in] stride Bytes from line to line
 */
void PixelArray::expose(const FrameSettings &settings, uint32_t sequence, unsigned int exposure,
			std::span<const SignalLayer> layers, std::span<uint8_t> raw, size_t stride)
{
	const Properties &properties = model_.properties;
	const Mode &mode = properties.modes[settings.mode];
	const Readout &readout = model_.readouts[settings.mode];
	const unsigned int height = mode.height / mode.exposures;
	const double share = 1.0 / (readout.binning * readout.binning);
	const bool hflip = settings.hflip && properties.flips;
	const bool vflip = settings.vflip && properties.flips;
	const double time = exposureTime(settings, exposure);
	const double rowNoise = model_.pixel.rows.noise / sqrt(double(readout.binning));
	const uint64_t frameSeed = mix64(mix64(sequence + kGolden) + exposure);
	std::scoped_lock lock(mutex_);

	const PixelPattern &fixed = pattern(settings.mode);
	const std::vector<uint16_t> &table = curve(settings.mode);
	const RowExposure frame = makeExposure(settings, time);
	makeColumns(fixed, frame, mix64(frameSeed), readout.binning);

	mosaics_.clear();
	for (size_t i = 0; i < layers.size(); i++)
		mosaics_.push_back(&withCrosstalk(exposure * layers.size() + i, layers[i].map));

	for (unsigned int y = 0; y < height; y++) {
		const uint64_t seed = mix64(frameSeed + (y + 1) * kGolden);
		const size_t first = size_t{ y } * mode.width;
		const RowPattern rowPattern{ fixed.gain.data() + first, fixed.offset.data() + first,
					     columns_.data() };
		RowExposure row = frame;
		row.base += static_cast<float>((fixed.rowOffset[y] + rowNoise * normal(mix64(seed))) * frame.scale);
		row.seeds[0] = static_cast<uint32_t>(seed);
		row.seeds[1] = static_cast<uint32_t>(seed >> 32);

		makeLight(mosaics_, layers, y, time);
		codeRow(light_.data(), mode.width, rowPattern, row, codes_.data());
		addDefects(fixed, y, time, share, rowPattern, row);

		const size_t line = size_t{ vflip ? height - 1 - y : y } * mode.exposures + exposure;
		storeRow(mode, table, hflip, raw.data() + line * stride);
	}
}

} /* namespace fovea::sensor */
