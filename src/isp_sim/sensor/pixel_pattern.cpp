/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What never changes of a sensor's pixels: response, offsets, defects
 */

#include "isp_sim/sensor/pixel_pattern.h"

#include <algorithm>
#include <array>
#include <math.h>

#include "isp_sim/sensor/exact_math.h"
#include "isp_sim/sensor/noise.h"
#include "isp_sim/sensor/pixel_row.h"
#include "isp_sim/sensor/truth.h"

namespace fovea::sensor {

namespace {

/* What random numbers of a place are for. */
enum Purpose : uint64_t {
	Response = 0,
	Offset = 1,
	ColumnGain = 2,
	ColumnOffset = 3,
	RowOffset = 4,
	DefectPlace = 5,
	DefectValue = 6,
};

uint64_t randomAt(uint64_t place, Purpose purpose)
{
	return mix64(place * kGolden + purpose * 0xd1342543de82ef95ull);
}

/* A value of the standard normal distribution, fixed point. */
int16_t normalAt(uint64_t place, Purpose purpose)
{
	return gaussianTable()[randomAt(place, purpose) >> (64 - kGaussianBits)];
}

/* Uniform, above 0, below 1. */
double uniformAt(uint64_t place, Purpose purpose)
{
	return ((randomAt(place, purpose) >> 12) + 0.5) * 0x1p-52;
}

constexpr double kNormalUnit = 1.0 / (1 << kGaussianFraction);

/* The place on the array of an output pixel's first pixel. */
uint64_t placeOf(const ArrayWindow &window, unsigned int x, unsigned int y)
{
	return (uint64_t{ window.crop.top + y * window.binning } << 32) |
	       (window.crop.left + x * window.binning);
}

/*
 * One defect and, where it is a cluster, its neighbours to the right and below. Sizes of
 * hot pixels' currents are exponentially distributed, as dark current spectra fall off.
 */
void addDefect(const SensorModel &model, Defect::Kind kind, uint64_t random, std::vector<Defect> *defects)
{
	const Rectangle &active = model.properties.activeArea;
	const Defects &d = model.pixel.defects;
	const uint64_t place = randomAt(random, DefectPlace);
	const unsigned int x = active.left + (place & 0xffffffff) * active.width / 0x100000000;
	const unsigned int y = active.top + (place >> 32) * active.height / 0x100000000;
	const double uniform = uniformAt(random, DefectValue);
	Defect defect{ kind, x, y, 0.0 };

	if (kind == Defect::Kind::Hot)
		defect.value = -exact::log(uniform) * d.hotCurrent;
	else if (kind == Defect::Kind::Stuck)
		defect.value = uniform;
	defects->push_back(defect);

	if (uniformAt(random, Offset) >= d.clusters)
		return;
	for (const auto &[dx, dy] : { std::pair{ 1u, 0u }, std::pair{ 0u, 1u } }) {
		defect.x = x + dx;
		defect.y = y + dy;
		if (defect.x < active.left + active.width && defect.y < active.top + active.height)
			defects->push_back(defect);
	}
}

bool before(const Defect &a, const Defect &b)
{
	return a.y != b.y ? a.y < b.y : a.x < b.x;
}

bool samePlace(const Defect &a, const Defect &b)
{
	return a.x == b.x && a.y == b.y;
}

/* Binning averages pixels of one colour: binning of them in each direction of a block. */
bool outputPlace(const ArrayWindow &window, Defect *defect)
{
	const unsigned int block = 2 * window.binning;
	const unsigned int x = defect->x - window.crop.left;
	const unsigned int y = defect->y - window.crop.top;

	/* Left of or above the crop the differences wrap to large numbers. */
	if (x >= window.crop.width || y >= window.crop.height)
		return false;

	defect->x = x / block * 2 + x % 2;
	defect->y = y / block * 2 + y % 2;
	return defect->x < window.width && defect->y < window.height;
}

uint16_t gainCode(double gain)
{
	return static_cast<uint16_t>(std::clamp(gain * kGainOne + 0.5, 0.0, 65535.0));
}

/* The response of all pixels: lens, column and pixel. */
std::vector<uint16_t> makeGains(const SensorModel &model, const ArrayWindow &window)
{
	const Properties &properties = model.properties;
	const Rectangle &active = properties.activeArea;
	const double pixel = model.pixel.responseNonUniformity / window.binning * kNormalUnit;
	const double column = model.pixel.columns.gain / sqrt(double(window.binning)) * kNormalUnit;
	std::vector<uint16_t> gains(size_t{ window.width } * window.height + kRowPadding);

	for (unsigned int y = 0; y < window.height; y++) {
		const double v = window.crop.top - active.top + (y + 0.5) * window.binning;
		for (unsigned int x = 0; x < window.width; x++) {
			const double u = window.crop.left - active.left + (x + 0.5) * window.binning;
			const Shading &shading = model.shading[channelAt(properties.order, x, y)];
			const double own = 1.0 + pixel * normalAt(placeOf(window, x, y), Response);
			const double columns = 1.0 + column * normalAt(window.crop.left + x, ColumnGain);

			gains[size_t{ y } * window.width + x] = gainCode(
				shading.at(u, v, active.width, active.height) * own * columns);
		}
	}

	return gains;
}

std::vector<float> makeLineOffsets(unsigned int count, unsigned int first, Purpose purpose,
				   double deviation)
{
	std::vector<float> offsets(count);

	for (unsigned int i = 0; i < count; i++)
		offsets[i] = static_cast<float>(normalAt(first + i, purpose) * kNormalUnit * deviation);

	return offsets;
}

} /* namespace */

ArrayWindow::ArrayWindow(const Mode &mode, const Readout &readout)
	: crop(mode.analogCrop), width(mode.width), height(mode.height / mode.exposures),
	  binning(readout.binning)
{
}

bool ArrayWindow::operator==(const ArrayWindow &other) const
{
	return crop.left == other.crop.left && crop.top == other.crop.top &&
	       width == other.width && height == other.height && binning == other.binning;
}

const char *defectName(Defect::Kind kind)
{
	static constexpr std::array<const char *, 3> kNames{ "hot", "dead", "stuck" };

	return kNames[static_cast<size_t>(kind)];
}

/**
 * \brief All defects of the sensor's array, by row, then column
 *
 * Their number follows from the model's shares, their places from its seed. Places are
 * those of the native array.
 */
std::vector<Defect> arrayDefects(const SensorModel &model)
{
	const Rectangle &active = model.properties.activeArea;
	const Defects &d = model.pixel.defects;
	const double pixels = double(active.width) * active.height;
	std::vector<Defect> defects;
	uint64_t random = mix64(d.seed + kGolden);

	for (const auto &[kind, share] : { std::pair{ Defect::Kind::Hot, d.hot },
					   std::pair{ Defect::Kind::Dead, d.dead },
					   std::pair{ Defect::Kind::Stuck, d.stuck } }) {
		const auto count = static_cast<uint64_t>(floor(pixels * share + 0.5));
		for (uint64_t i = 0; i < count; i++)
			addDefect(model, kind, random++, &defects);
	}

	std::stable_sort(defects.begin(), defects.end(), before);
	defects.erase(std::unique(defects.begin(), defects.end(), samePlace), defects.end());
	return defects;
}

/**
 * \brief The defects that a mode shows, by row, then column, in pixels of its frame
 *
 * Without flips. With binning, several pixels of the array may share one of the frame;
 * the first one stays.
 */
std::vector<Defect> windowDefects(const SensorModel &model, const ArrayWindow &window)
{
	std::vector<Defect> defects;

	for (Defect defect : arrayDefects(model)) {
		if (outputPlace(window, &defect))
			defects.push_back(defect);
	}

	std::stable_sort(defects.begin(), defects.end(), before);
	defects.erase(std::unique(defects.begin(), defects.end(), samePlace), defects.end());
	return defects;
}

/**
 * \brief The fixed pattern of the pixels that a mode reads
 *
 * A pixel's pattern follows from its place on the array. Dead pixels have a response of
 * 0, and with binning lack in the average.
 */
PixelPattern makePixelPattern(const SensorModel &model, const ArrayWindow &window)
{
	const double binned = sqrt(double(window.binning));
	PixelPattern pattern;

	pattern.gain = makeGains(model, window);
	pattern.offset.resize(pattern.gain.size());
	for (unsigned int y = 0; y < window.height; y++) {
		for (unsigned int x = 0; x < window.width; x++)
			pattern.offset[size_t{ y } * window.width + x] = normalAt(placeOf(window, x, y), Offset);
	}

	pattern.columnOffset = makeLineOffsets(window.width, window.crop.left, ColumnOffset,
					       model.pixel.columns.offset / binned);
	pattern.rowOffset = makeLineOffsets(window.height, window.crop.top, RowOffset,
					    model.pixel.rows.offset / binned);

	const double alive = 1.0 - 1.0 / (window.binning * window.binning);
	for (const Defect &defect : windowDefects(model, window)) {
		uint16_t &gain = pattern.gain[size_t{ defect.y } * window.width + defect.x];
		if (defect.kind == Defect::Kind::Dead)
			gain = static_cast<uint16_t>(gain * alive);
		else
			pattern.defects.push_back(defect);
	}

	return pattern;
}

} /* namespace fovea::sensor */
