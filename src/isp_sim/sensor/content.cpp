/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What a layer of a scene shows: charts, textures, pictures
 */

#include "isp_sim/sensor/content.h"

#include <algorithm>
#include <math.h>

#include "isp_sim/sensor/exact_math.h"

namespace fovea::sensor {

namespace {

constexpr double kPi = 0x1.921fb54442d18p+1;

Spectrum grey(double reflectance)
{
	return Spectrum([=](double) { return reflectance; });
}

Mix plain(unsigned int material)
{
	return { { static_cast<uint16_t>(material), 0, 0 }, { 1.0, 0.0, 0.0 } };
}

class Flat : public Content
{
public:
	explicit Flat(double reflectance)
		: reflectance_(reflectance)
	{
	}

	std::vector<Spectrum> materials() const override { return { grey(reflectance_) }; }
	std::optional<unsigned int> only(const Box &) const override { return 0; }
	Mix at(double, double) const override { return plain(0); }

private:
	const double reflectance_;
};

/*
 * Two rows of twelve greys from black to white, one the other way round, on a wall. Steps
 * are equal in density.
 */
class Greyscale : public Content
{
public:
	explicit Greyscale(double wall)
		: wall_(wall)
	{
	}

	std::vector<Spectrum> materials() const override
	{
		/* Density 0.05 to 1.7 in equal steps. */
		std::vector<Spectrum> spectra;
		for (int i = 0; i < kSteps; i++)
			spectra.push_back(grey(exact::pow(10.0, -(1.7 - 1.65 * i / (kSteps - 1)))));
		spectra.push_back(grey(wall_));
		return spectra;
	}

	std::optional<unsigned int> only(const Box &box) const override
	{
		const unsigned int corner = step(box.left, box.top);
		const bool same = step(box.right, box.top) == corner && step(box.left, box.bottom) == corner &&
				  step(box.right, box.bottom) == corner;

		/* As in the chart: a step is larger than a small box. */
		if (!same || box.right - box.left >= kWidth || box.bottom - box.top >= kHeight)
			return std::nullopt;
		return corner;
	}

	Mix at(double x, double y) const override { return plain(step(x, y)); }

private:
	static constexpr int kSteps = 12;
	static constexpr double kWidth = 100.0;
	static constexpr double kHeight = 240.0;

	static unsigned int step(double x, double y)
	{
		const double column = floor(x / kWidth + kSteps / 2.0);
		if (column < 0 || column >= kSteps || fabs(y) >= kHeight)
			return kSteps;
		return static_cast<unsigned int>(y < 0 ? column : kSteps - 1 - column);
	}

	const double wall_;
};

/* Rows of dark squares that are turned by 5 degrees; 4 to 1, as ISO 12233 has it. */
class SlantedEdge : public Content
{
public:
	std::vector<Spectrum> materials() const override { return { grey(0.6), grey(0.15) }; }

	Mix at(double x, double y) const override
	{
		constexpr double kPitch = 480.0;
		constexpr double kHalf = 130.0;
		constexpr double kCos = 0.9961946980917455;	/* of 5 degrees */
		constexpr double kSin = 0.08715574274765817;
		const double cx = x - floor(x / kPitch + 0.5) * kPitch;
		const double cy = y - floor(y / kPitch + 0.5) * kPitch;
		const double u = kCos * cx + kSin * cy, v = kCos * cy - kSin * cx;

		return plain(fabs(u) < kHalf && fabs(v) < kHalf ? 1 : 0);
	}
};

/*
 * Two pairs of hyperbolic wedges, upright and level, whose lines get finer from 0.02 to
 * 0.5 cycles a pixel, and a star of 72 cycles in the middle.
 */
class Resolution : public Content
{
public:
	Resolution()
	{
		for (int i = 0; i <= kSectors; i++)
			tangents_[i] = exact::cos(kPi / 2.0 * (1.0 - double(i) / kSectors)) /
				       exact::cos(kPi / 2.0 * i / kSectors);
		tangents_[kSectors] = 1e30;
	}

	std::vector<Spectrum> materials() const override { return { grey(0.85), grey(0.04) }; }

	Mix at(double x, double y) const override
	{
		constexpr double kStar = 300.0, kLong = 400.0, kWide = 90.0, kFar = 560.0;

		if (x * x + y * y < kStar * kStar)
			return plain(star(x, y));
		if (fabs(x) < kLong && fabs(fabs(y) - (kFar - 140.0)) < kWide)
			return plain(wedge((x + kLong) / (2.0 * kLong), fabs(y) - (kFar - 140.0)));
		if (fabs(y) < kLong && fabs(fabs(x) - kFar) < kWide)
			return plain(wedge((y + kLong) / (2.0 * kLong), fabs(x) - kFar));
		return plain(0);
	}

private:
	static constexpr int kSectors = 36;	/* in a quarter */

	unsigned int star(double x, double y) const
	{
		/* A quarter has an even number of sectors: mirroring keeps the pattern whole. */
		const double ratio = x == 0.0 ? 1e29 : fabs(y) / fabs(x);
		const auto next = std::upper_bound(tangents_.begin(), tangents_.end(), ratio);
		const bool odd = (next - tangents_.begin()) & 1;

		return odd ^ ((x < 0.0) != (y < 0.0));
	}

	/* Lines along the wedge: \a across from the middle line, finer with \a along from 0 to 1. */
	static unsigned int wedge(double along, double across)
	{
		const double frequency = 0.02 + 0.48 * along;
		const double lines = 4.0;

		/* The number of lines stays, so they converge. */
		if (fabs(across) * frequency > lines)
			return 0;
		const double phase = across * frequency;
		return phase - floor(phase) < 0.5;
	}

	std::array<double, kSectors + 1> tangents_;
};

/* A picture around the centre, and its edge pixels beyond. */
class PictureContent : public Content
{
public:
	PictureContent(std::shared_ptr<const LinearPicture> picture, double scale)
		: picture_(std::move(picture)), scale_(scale)
	{
	}

	std::vector<Spectrum> materials() const override
	{
		const auto primaries = primaryReflectances();
		return { primaries.begin(), primaries.end() };
	}

	Mix at(double x, double y) const override
	{
		const double px = x / scale_ + picture_->width / 2.0 - 0.5;
		const double py = y / scale_ + picture_->height / 2.0 - 0.5;
		const double fx = px - floor(px), fy = py - floor(py);
		const auto &a = pixel(floor(px), floor(py)), &b = pixel(floor(px) + 1, floor(py));
		const auto &c = pixel(floor(px), floor(py) + 1), &d = pixel(floor(px) + 1, floor(py) + 1);
		Mix mix{ { 0, 1, 2 }, {} };

		for (size_t k = 0; k < 3; k++)
			mix.weight[k] = (a[k] * (1 - fx) + b[k] * fx) * (1 - fy) + (c[k] * (1 - fx) + d[k] * fx) * fy;
		return mix;
	}

private:
	const std::array<float, 3> &pixel(double x, double y) const
	{
		const double cx = std::clamp(x, 0.0, picture_->width - 1.0);
		const double cy = std::clamp(y, 0.0, picture_->height - 1.0);

		return picture_->pixels[size_t(cy) * picture_->width + size_t(cx)];
	}

	const std::shared_ptr<const LinearPicture> picture_;
	const double scale_;
};

} /* namespace */

/**
 * \brief The content of a layer
 *
 * A picture that is missing is a grey one.
 */
std::unique_ptr<Content> makeContent(const ContentOptions &options)
{
	switch (options.kind) {
	case ContentKind::Chart:
		return makeChart(options.reflectance);
	case ContentKind::Greyscale:
		return std::make_unique<Greyscale>(options.reflectance);
	case ContentKind::SlantedEdge:
		return std::make_unique<SlantedEdge>();
	case ContentKind::DeadLeaves:
		return makeDeadLeaves(options.seed);
	case ContentKind::Resolution:
		return std::make_unique<Resolution>();
	case ContentKind::Picture:
		if (options.picture)
			return std::make_unique<PictureContent>(options.picture, options.scale);
		break;
	case ContentKind::Flat:
	case ContentKind::Dark:
	case ContentKind::Layers:
		break;
	}

	return std::make_unique<Flat>(options.reflectance);
}

} /* namespace fovea::sensor */
