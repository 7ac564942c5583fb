/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The test chart: colour patches on a grey wall, with fine detail around
 */

#include "isp_sim/sensor/chart.h"

#include <iterator>
#include <math.h>

#include "isp_sim/sensor/exact_math.h"

namespace fovea::sensor {

/* The maker's nominal sRGB values of the classic 24-patch chart. */
const std::array<ChartPatch, kPatchCount> kChartPatches{ {
	{ "dark skin", { 115, 82, 68 } },
	{ "light skin", { 194, 150, 130 } },
	{ "blue sky", { 98, 122, 157 } },
	{ "foliage", { 87, 108, 67 } },
	{ "blue flower", { 133, 128, 177 } },
	{ "bluish green", { 103, 189, 170 } },
	{ "orange", { 214, 126, 44 } },
	{ "purplish blue", { 80, 91, 166 } },
	{ "moderate red", { 193, 90, 99 } },
	{ "purple", { 94, 60, 108 } },
	{ "yellow green", { 157, 188, 64 } },
	{ "orange yellow", { 224, 163, 46 } },
	{ "blue", { 56, 61, 150 } },
	{ "green", { 70, 148, 73 } },
	{ "red", { 175, 54, 60 } },
	{ "yellow", { 231, 199, 31 } },
	{ "magenta", { 187, 86, 149 } },
	{ "cyan", { 8, 133, 161 } },
	{ "white", { 243, 243, 243 } },
	{ "neutral 8", { 200, 200, 200 } },
	{ "neutral 6.5", { 160, 160, 160 } },
	{ "neutral 5", { 122, 122, 122 } },
	{ "neutral 3.5", { 85, 85, 85 } },
	{ "black", { 52, 52, 52 } },
} };

Vector3 ChartPatch::linearSrgb() const
{
	return { linearFromSrgb(srgb[0]), linearFromSrgb(srgb[1]), linearFromSrgb(srgb[2]) };
}

namespace {

/* The chart: 6 x 4 patches. It fits the smallest readout of common sensors. */
constexpr unsigned int kColumns = 6;
constexpr unsigned int kRows = 4;
constexpr double kPitch = 176.0;
constexpr double kPatchSize = 148.0;
constexpr double kBorder = 12.0;

struct Item {
	double left, top, right, bottom;
	Surface (*surface)(double x, double y);
};

Surface plain(Material material)
{
	return { material, material, 0.0, false };
}

Surface fine(bool black)
{
	Material material = black ? Black : White;

	return { material, material, 0.0, true };
}

Surface chart(double x, double y)
{
	double column = floor(x / kPitch + kColumns / 2.0);
	double row = floor(y / kPitch + kRows / 2.0);
	if (column < 0 || column >= kColumns || row < 0 || row >= kRows)
		return plain(Frame);

	double dx = x - (column - kColumns / 2.0 + 0.5) * kPitch;
	double dy = y - (row - kRows / 2.0 + 0.5) * kPitch;
	if (fabs(dx) > kPatchSize / 2 || fabs(dy) > kPatchSize / 2)
		return plain(Frame);

	return plain(static_cast<Material>(row * kColumns + column));
}

/* One cycle of a raised cosine: a look-up is much faster than exact::cos(). */
const std::array<double, 1024> &wave()
{
	static const std::array<double, 1024> table = [] {
		constexpr double kTwoPi = 0x1.921fb54442d18p+2;
		std::array<double, 1024> t;
		for (size_t i = 0; i < t.size(); i++)
			t[i] = 0.5 + 0.5 * exact::cos(kTwoPi * i / t.size());
		return t;
	}();

	return table;
}

/* Rings whose frequency grows from the centre to the rim. */
Surface zonePlate(double x, double y)
{
	constexpr double kRadius = 180.0;
	constexpr double kFinest = 0.4;		/* cycles a pixel */
	double r2 = x * x + y * y;

	if (r2 > kRadius * kRadius)
		return { White, White, 0.0, true };

	double cycles = r2 * kFinest / (2.0 * kRadius);
	size_t phase = static_cast<size_t>((cycles - floor(cycles)) * wave().size());

	return { Black, White, wave()[phase], true };
}

/* A dark square, turned by about 5 degrees, for edge measurements. */
Surface slantedEdge(double x, double y)
{
	constexpr double kCos = 0.9962;
	constexpr double kSin = 0.0872;
	constexpr double kHalf = 120.0;
	double u = kCos * x + kSin * y;
	double v = kCos * y - kSin * x;

	return plain(fabs(u) < kHalf && fabs(v) < kHalf ? Black : White);
}

/* Spokes. Thirty-two sectors, told apart by halving an octant's angle. */
Surface star(double x, double y)
{
	constexpr double kRadius = 170.0;
	if (x * x + y * y > kRadius * kRadius)
		return plain(White);

	/* tan of 11.25, 22.5 and 33.75 degrees. */
	double u = fmax(fabs(x), fabs(y));
	double v = fmin(fabs(x), fabs(y));
	int sector = (v > 0.198912367 * u) + (v > 0.414213562 * u) + (v > 0.668178638 * u);
	bool odd = (sector & 1) ^ (fabs(y) > fabs(x)) ^ (x < 0) ^ (y < 0);

	return { odd ? Black : White, White, 0.0, true };
}

/* Bars: a column of line groups, each finer; upright left, level right. */
Surface bars(double x, double y)
{
	static constexpr double kPeriods[] = { 16.0, 12.0, 9.0, 7.0, 5.0, 4.0 };
	constexpr double kGroup = 60.0;
	int group = static_cast<int>((y + 180.0) / kGroup);
	if (group < 0 || group > 5)
		return plain(White);

	double along = x < 0 ? x : y;
	double within = y + 180.0 - group * kGroup;
	if (fabs(fabs(x) - 82.0) > 70.0 || within < 8.0 || within > kGroup - 8.0)
		return plain(White);

	double phase = along / kPeriods[group];
	return fine(phase - floor(phase) < 0.5);
}

/* Lines of strokes, as text has them: deterministic, unreadable. */
Surface text(double x, double y)
{
	constexpr double kLine = 20.0;
	constexpr double kCell = 11.0;
	double line = floor(y / kLine);
	double cell = floor(x / kCell);
	double u = x - cell * kCell;
	double v = y - line * kLine;
	uint32_t glyph = static_cast<uint32_t>(static_cast<int>(cell) * 7919 + static_cast<int>(line) * 104729);

	glyph = (glyph ^ (glyph >> 7)) * 0x9e3779b1u;
	glyph >>= 16;
	if (u > 8.0 || v < 3.0 || v > 15.0 || glyph % 6 == 0)
		return { White, White, 0.0, true };

	bool stroke = ((glyph & 1) && u < 2.0) || ((glyph & 2) && u > 6.0) ||
		      ((glyph & 4) && v < 5.0) || ((glyph & 8) && v > 13.0) ||
		      ((glyph & 16) && fabs(v - 9.0) < 1.0) ||
		      ((glyph & 32) && fabs((v - 3.0) * 0.6667 - u) < 1.2);
	return fine(stroke);
}

/* Coloured stripes on white: thin ones show false colours. */
Surface stripes(double x, double)
{
	static constexpr uint8_t kInks[] = { 14, 12, 13, 15, 16, 17, 6, 7 };
	double cell = floor(x / 24.0);
	double u = x - cell * 24.0;
	unsigned int ink = static_cast<unsigned int>(static_cast<int>(cell) + 1024) % 8;

	return { u < 12.0 ? static_cast<Material>(kInks[ink]) : White, White, 0.0, false };
}

/* A ramp from black to white. */
Surface ramp(double x, double)
{
	return { Black, White, fmin(fmax((x + 600.0) / 1200.0, 0.0), 1.0), true };
}

constexpr double kChartHalfWidth = kColumns * kPitch / 2 + kBorder;
constexpr double kChartHalfHeight = kRows * kPitch / 2 + kBorder;

/* What hangs on the wall. Functions get positions from the item's centre. */
constexpr Item kItems[] = {
	{ -kChartHalfWidth, -kChartHalfHeight, kChartHalfWidth, kChartHalfHeight, chart },
	{ 560, -410, 940, -30, zonePlate },
	{ 560, 30, 940, 410, star },
	{ -930, -390, -570, -30, slantedEdge },
	{ -920, 30, -580, 390, bars },
	{ -500, 390, 500, 470, text },
	{ -500, -450, 500, -390, stripes },
	{ -600, 700, 600, 820, ramp },
	{ -600, -820, 600, -700, text },
	{ 1100, -600, 1500, -200, slantedEdge },
	{ 1110, 200, 1490, 580, star },
	{ -1490, -580, -1110, -200, zonePlate },
	{ -1480, 220, -1140, 580, bars },
};

} /* namespace */

/* The reflectances of all materials, in the order of enum Material. */
std::vector<Spectrum> chartReflectances(double wallReflectance)
{
	std::vector<Spectrum> reflectances;
	auto grey = [](double value) { return Spectrum([=](double) { return value; }); };

	for (const ChartPatch &patch : kChartPatches)
		reflectances.push_back(reflectanceFromLinearSrgb(patch.linearSrgb()));

	reflectances.push_back(grey(wallReflectance));
	reflectances.push_back(grey(0.03));
	reflectances.push_back(grey(0.04));
	reflectances.push_back(grey(0.85));

	return reflectances;
}

/* The area that \a patch covers. */
PatchArea patchArea(size_t patch)
{
	double x = (patch % kColumns - kColumns / 2.0 + 0.5) * kPitch;
	double y = (patch / kColumns - kRows / 2.0 + 0.5) * kPitch;
	double half = kPatchSize / 2;

	return { x - half, y - half, x + half, y + half };
}

/**
 * \class ChartWindow
 * \brief The part of the scene that a rectangle shows
 *
 * A frame has millions of pixels and most of them see one surface: the window finds
 * the few items to look at, once for many pixels.
 */
ChartWindow::ChartWindow(double left, double top, double right, double bottom)
{
	static_assert(std::size(kItems) <= kMaximumItems);

	for (size_t i = 0; i < std::size(kItems); i++) {
		const Item &item = kItems[i];
		if (left < item.right && right > item.left && top < item.bottom && bottom > item.top)
			items_[itemCount_++] = i;
	}

	if (itemCount_ == 0) {
		only_ = Wall;
		return;
	}

	/*
	 * The chart is the first item, and nothing hangs over another. Patches
	 * are larger than a small window: one that reached into it without
	 * holding all its corners would hold some of them.
	 */
	if (items_[0] != 0 || right - left >= kPatchSize || bottom - top >= kPatchSize)
		return;

	Surface corner = at(left, top);
	if (corner.a < Wall || corner.a == Frame) {
		bool same = at(right, top).a == corner.a && at(left, bottom).a == corner.a &&
			    at(right, bottom).a == corner.a;
		if (same)
			only_ = corner.a;
	}
}

/* The surface at a point of the window. */
Surface ChartWindow::at(double x, double y) const
{
	for (size_t i = 0; i < itemCount_; i++) {
		const Item &item = kItems[items_[i]];
		if (x >= item.left && x < item.right && y >= item.top && y < item.bottom)
			return item.surface(x - (item.left + item.right) / 2,
					    y - (item.top + item.bottom) / 2);
	}

	return plain(Wall);
}

} /* namespace fovea::sensor */
