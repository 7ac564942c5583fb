/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The test chart: colour patches on a grey wall, with fine detail around
 */

#include "isp_sim/sensor/chart.h"

#include <algorithm>
#include <math.h>

#include "isp_sim/sensor/content.h"
#include "isp_sim/sensor/exact_math.h"

namespace fovea::sensor {

/*
 * The classic 24-patch chart, as its spectra were measured on many charts: the coefficients
 * are fitted by us. Greys are flat.
 */
const std::array<ChartPatch, kPatchCount> kChartPatches{ {
	{ "dark skin", { -2.059, -0.786, 0.005, 0.106, 0.033, -0.035, -0.011, 0.013 } },
	{ "light skin", { -0.273, -1.223, 0.137, 0.004, -0.095, -0.087, 0.091, 0.156 } },
	{ "blue sky", { -1.430, 0.539, 0.166, -0.091, -0.129, -0.082, 0.007, -0.079 } },
	{ "foliage", { -2.171, -0.329, -0.257, -0.169, 0.108, 0.170, 0.121, -0.107 } },
	{ "blue flower", { -0.775, -0.044, 0.433, -0.023, -0.240, -0.123, -0.045, -0.070 } },
	{ "bluish green", { -0.781, 0.518, -0.252, -0.557, -0.124, 0.122, -0.006, -0.003 } },
	{ "orange", { -0.889, -2.031, -0.307, 0.296, 0.238, -0.043, -0.095, 0.166 } },
	{ "purplish blue", { -1.461, 0.167, 0.866, -0.312, -0.219, -0.190, -0.192, -0.016 } },
	{ "moderate red", { -0.901, -1.479, 0.320, 0.546, -0.120, -0.286, 0.108, 0.205 } },
	{ "purple", { -1.732, -0.859, 1.060, 0.092, -0.112, -0.006, -0.068, -0.066 } },
	{ "yellow green", { -0.979, -0.853, -0.754, -0.440, 0.207, 0.367, 0.118, 0.010 } },
	{ "orange yellow", { -0.571, -1.897, -0.546, 0.191, 0.336, 0.123, 0.016, -0.022 } },
	{ "blue", { -2.480, 0.769, 0.567, -0.202, -0.367, -0.351, -0.174, -0.043 } },
	{ "green", { -1.944, -0.032, -0.557, -0.557, 0.081, 0.324, 0.130, 0.082 } },
	{ "red", { -1.253, -2.371, 0.561, 0.590, -0.320, -0.157, 0.344, 0.127 } },
	{ "yellow", { -0.075, -2.138, -0.841, -0.085, 0.300, 0.279, 0.161, 0.009 } },
	{ "magenta", { -0.264, -1.504, 0.965, 0.536, -0.329, -0.265, 0.135, -0.075 } },
	{ "cyan", { -1.724, 1.037, 0.059, -0.502, -0.343, -0.063, 0.061, 0.009 } },
	{ "white", { 2.343 } },
	{ "neutral 8", { 0.358 } },
	{ "neutral 6.5", { -0.577 } },
	{ "neutral 5", { -1.442 } },
	{ "neutral 3.5", { -2.320 } },
	{ "black", { -3.409 } },
} };

/**
 * \brief The reflectance of a patch
 *
 * The logistic function, which keeps it between 0 and 1, of a sum of cosines: the
 * coefficient k belongs to cos(pi k u), u from 0 at 380 nm to 1 at 780 nm.
 */
Spectrum ChartPatch::reflectance() const
{
	constexpr double kPi = 0x1.921fb54442d18p+1;

	return Spectrum([&](double nm) {
		const double u = (nm - 380.0) / 400.0;
		double sum = 0.0;
		for (size_t k = 0; k < shape.size(); k++)
			sum += shape[k] * exact::cos(kPi * k * u);
		return 1.0 / (1.0 + exact::exp(-sum));
	});
}

/** \brief The colour under D65, white 1: what a camera should show in every light */
Vector3 ChartPatch::linearSrgb() const
{
	static const Spectrum light = [] {
		const Spectrum s = daylightSpectrum(6504.0);
		return s * (1.0 / Observer::standard().tristimulus(s)[1]);
	}();
	const bool grey = std::all_of(shape.begin() + 1, shape.end(), [](double c) { return c == 0.0; });
	const Spectrum r = reflectance();

	if (grey)
		return { r[0], r[0], r[0] };
	return multiply(kXyzToLinearSrgb, Observer::standard().tristimulus(light * r));
}

namespace {

/* The chart: 6 x 4 patches. It fits the smallest readout of common sensors. */
constexpr unsigned int kColumns = 6;
constexpr unsigned int kRows = 4;
constexpr double kPitch = 176.0;
constexpr double kPatchSize = 148.0;
constexpr double kBorder = 12.0;

/* A mixture of two surfaces at one point. */
struct Surface {
	Material a;
	Material b;
	double mix;			/* share of b */
};

struct Item {
	double left, top, right, bottom;
	Surface (*surface)(double x, double y);
};

Surface plain(Material material)
{
	return { material, material, 0.0 };
}

Surface plain(bool black)
{
	return plain(black ? Black : White);
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
		return plain(White);

	double cycles = r2 * kFinest / (2.0 * kRadius);
	size_t phase = static_cast<size_t>((cycles - floor(cycles)) * wave().size());

	return { Black, White, wave()[phase] };
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

	return plain(odd);
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
	return plain(phase - floor(phase) < 0.5);
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
		return plain(White);

	bool stroke = ((glyph & 1) && u < 2.0) || ((glyph & 2) && u > 6.0) ||
		      ((glyph & 4) && v < 5.0) || ((glyph & 8) && v > 13.0) ||
		      ((glyph & 16) && fabs(v - 9.0) < 1.0) ||
		      ((glyph & 32) && fabs((v - 3.0) * 0.6667 - u) < 1.2);
	return plain(stroke);
}

/* Coloured stripes on white: thin ones show false colours. */
Surface stripes(double x, double)
{
	static constexpr uint8_t kInks[] = { 14, 12, 13, 15, 16, 17, 6, 7 };
	double cell = floor(x / 24.0);
	double u = x - cell * 24.0;
	unsigned int ink = static_cast<unsigned int>(static_cast<int>(cell) + 1024) % 8;

	return { u < 12.0 ? static_cast<Material>(kInks[ink]) : White, White, 0.0 };
}

/* A ramp from black to white. */
Surface ramp(double x, double)
{
	return { Black, White, fmin(fmax((x + 600.0) / 1200.0, 0.0), 1.0) };
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
		reflectances.push_back(patch.reflectance());

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

namespace {

class Chart : public Content
{
public:
	explicit Chart(double wallReflectance)
		: wallReflectance_(wallReflectance)
	{
	}

	std::vector<Spectrum> materials() const override
	{
		return chartReflectances(wallReflectance_);
	}

	std::optional<unsigned int> only(const Box &box) const override;
	Mix at(double x, double y) const override;

private:
	const double wallReflectance_;
};

/* Most of the scene is wall, and most of the chart is patches. */
std::optional<unsigned int> Chart::only(const Box &box) const
{
	for (const Item &item : kItems) {
		const bool touches = box.left < item.right && box.right > item.left &&
				     box.top < item.bottom && box.bottom > item.top;
		if (touches && item.surface != chart)
			return std::nullopt;
	}

	/*
	 * Patches are larger than a small box: one that reached into it without
	 * holding all its corners would hold some of them.
	 */
	if (box.right - box.left >= kPatchSize || box.bottom - box.top >= kPatchSize)
		return std::nullopt;

	const uint16_t corner = at(box.left, box.top).material[0];
	const bool same = at(box.right, box.top).material[0] == corner &&
			  at(box.left, box.bottom).material[0] == corner &&
			  at(box.right, box.bottom).material[0] == corner;
	return same ? std::optional<unsigned int>(corner) : std::nullopt;
}

Mix Chart::at(double x, double y) const
{
	for (const Item &item : kItems) {
		if (x < item.left || x >= item.right || y < item.top || y >= item.bottom)
			continue;

		const Surface s = item.surface(x - (item.left + item.right) / 2,
					       y - (item.top + item.bottom) / 2);
		return { { s.a, s.b, 0 }, { 1.0 - s.mix, s.mix, 0.0 } };
	}

	return { { Wall, 0, 0 }, { 1.0, 0.0, 0.0 } };
}

} /* namespace */

/** \brief The chart on a wall of \a wallReflectance */
std::unique_ptr<Content> makeChart(double wallReflectance)
{
	return std::make_unique<Chart>(wallReflectance);
}

} /* namespace fovea::sensor */
