/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Dead leaves: discs that cover each other, with the statistics of natural scenes
 */

#include "isp_sim/sensor/content.h"

#include <algorithm>
#include <math.h>

#include "isp_sim/sensor/exact_math.h"
#include "isp_sim/sensor/noise.h"

namespace fovea::sensor {

namespace {

/* The texture repeats with this period, in pixels: it covers the largest arrays once. */
constexpr double kPeriod = 6144.0;
constexpr double kCell = 32.0;
constexpr int kCells = static_cast<int>(kPeriod / kCell);
constexpr double kSmallest = 3.0;	/* radius */
constexpr double kLargest = 300.0;
constexpr unsigned int kColours = 96;
constexpr unsigned int kMaximumDiscs = 400000;

struct Disc {
	double x, y, radius;
	uint16_t colour;
};

/* Numbers from 0 to 1, always the same ones for a seed. */
class Random
{
public:
	explicit Random(uint64_t seed)
		: state_(mix64(seed))
	{
	}

	double next()
	{
		state_ += kGolden;
		return (mix64(state_) >> 11) * 0x1p-53;
	}

private:
	uint64_t state_;
};

class DeadLeaves : public Content
{
public:
	explicit DeadLeaves(uint32_t seed);

	std::vector<Spectrum> materials() const override;
	Mix at(double x, double y) const override;

private:
	struct Cell {
		std::vector<uint32_t> discs;	/* those in front first */
		bool closed = false;		/* the last one covers all of it */
	};

	void add(uint32_t index);
	const Disc *find(double x, double y) const;

	uint32_t seed_;
	std::vector<Disc> discs_;
	std::vector<Cell> cells_;
	size_t open_;
};

/* Discs are laid from the front to the back, until nothing behind them is seen. */
DeadLeaves::DeadLeaves(uint32_t seed)
	: seed_(seed), cells_(size_t{ kCells } * kCells), open_(cells_.size())
{
	Random random(seed);

	for (uint32_t i = 0; i < kMaximumDiscs && open_ > 0; i++) {
		/* The density of radii falls with their third power: all scales alike. */
		const double ratio = kSmallest / kLargest;
		const double radius = kSmallest / sqrt(1.0 - random.next() * (1.0 - ratio * ratio));
		const double x = random.next() * kPeriod, y = random.next() * kPeriod;

		discs_.push_back({ x, y, radius, static_cast<uint16_t>(random.next() * kColours) });
		add(i);
	}
}

void DeadLeaves::add(uint32_t index)
{
	const Disc &disc = discs_[index];
	const int left = static_cast<int>(floor((disc.x - disc.radius) / kCell));
	const int right = static_cast<int>(floor((disc.x + disc.radius) / kCell));
	const int top = static_cast<int>(floor((disc.y - disc.radius) / kCell));
	const int bottom = static_cast<int>(floor((disc.y + disc.radius) / kCell));

	for (int cy = top; cy <= bottom; cy++) {
		for (int cx = left; cx <= right; cx++) {
			Cell &cell = cells_[size_t((cy + kCells) % kCells) * kCells + (cx + kCells) % kCells];
			if (cell.closed)
				continue;
			cell.discs.push_back(index);

			const double farX = std::max(fabs(cx * kCell - disc.x), fabs((cx + 1) * kCell - disc.x));
			const double farY = std::max(fabs(cy * kCell - disc.y), fabs((cy + 1) * kCell - disc.y));
			if (farX * farX + farY * farY < disc.radius * disc.radius) {
				cell.closed = true;
				open_--;
			}
		}
	}
}

/* Random spectra, smooth as those of leaves and stones: brownish and greenish more than blue. */
std::vector<Spectrum> DeadLeaves::materials() const
{
	constexpr double kPi = 0x1.921fb54442d18p+1;
	Random random(seed_ + (uint64_t{ 1 } << 32));
	std::vector<Spectrum> spectra;
	auto spread = [&](double width) { return width * (random.next() + random.next() - 1.0); };

	for (unsigned int i = 0; i <= kColours; i++) {
		const double level = -1.1 + spread(2.2), slope = -0.4 + spread(1.4);
		const double bend = spread(1.0), wave = spread(0.6);
		spectra.push_back(Spectrum([&](double nm) {
			const double u = kPi * (nm - 380.0) / 400.0;
			const double sum = level + slope * exact::cos(u) + bend * exact::cos(2.0 * u) +
					   wave * exact::cos(3.0 * u);
			return 1.0 / (1.0 + exact::exp(-sum));
		}));
	}

	return spectra;
}

/* The disc in front at a point of the period; null where there is none. */
const Disc *DeadLeaves::find(double x, double y) const
{
	const int cx = std::min(static_cast<int>(x / kCell), kCells - 1);
	const int cy = std::min(static_cast<int>(y / kCell), kCells - 1);
	const Cell &cell = cells_[size_t(cy) * kCells + cx];

	for (uint32_t index : cell.discs) {
		const Disc &disc = discs_[index];
		double dx = fabs(x - disc.x), dy = fabs(y - disc.y);
		dx = std::min(dx, kPeriod - dx);
		dy = std::min(dy, kPeriod - dy);
		if (dx * dx + dy * dy < disc.radius * disc.radius)
			return &disc;
	}

	return nullptr;
}

Mix DeadLeaves::at(double x, double y) const
{
	x += kPeriod / 2.0;
	y += kPeriod / 2.0;
	const Disc *disc = find(x - floor(x / kPeriod) * kPeriod, y - floor(y / kPeriod) * kPeriod);

	return { { static_cast<uint16_t>(disc ? disc->colour : kColours), 0, 0 }, { 1.0, 0.0, 0.0 } };
}

} /* namespace */

/**
 * \brief A texture of discs that cover each other
 *
 * The dead leaves model (Matheron; Lee, Mumford and Huang, IJCV 41, 2001): with a density of
 * radii of r^-3 it is as natural scenes are, alike at all scales, with a power spectrum that falls
 * about with the square of the frequency. ISO 19567-2 uses such for texture loss.
 */
std::unique_ptr<Content> makeDeadLeaves(uint32_t seed)
{
	return std::make_unique<DeadLeaves>(seed);
}

} /* namespace fovea::sensor */
