/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Generated pictures and what measures a demosaic on them
 */

#include "pictures.h"

#include <math.h>

#include "photographs.h"
#include "test_data.h"

namespace fovea::isp::test {

namespace {

void grey(double v, double *rgb)
{
	rgb[0] = rgb[1] = rgb[2] = v;
}

/*
 * Dead leaves: discs that cover each other, with radii of a power law, as many
 * small ones as photographs have. Their statistics are those of natural pictures
 * (Lee, Mumford and Huang, "Occlusion models for natural images", International
 * Journal of Computer Vision 41, 2001). Colours vary less than brightness, and
 * every leaf has a texture of its own.
 */
class DeadLeaves
{
public:
	DeadLeaves(uint32_t seed, double saturation)
	{
		Random random(seed);
		const auto unit = [&] { return random.uniform(0, 99999) / 99999.0; };

		/* The first leaf lies on top. */
		for (Leaf &leaf : leaves_) {
			leaf.x = kPictureWidth * unit();
			leaf.y = kPictureHeight * unit();
			/* Density r^-3 from 2 to 60 pixels. */
			leaf.radius = 1 / sqrt(unit() * (1 / 4.0 - 1 / 3600.0) + 1 / 3600.0);
			const double brightness = 0.08 + 0.75 * unit() * unit();
			for (double &colour : leaf.rgb)
				colour = brightness * (1 + saturation * (unit() - 0.5));
			leaf.contrast = 0.25 * unit();
			leaf.waveX = 2.2 * (unit() - 0.5);
			leaf.waveY = 2.2 * (unit() - 0.5);
		}
	}

	void operator()(double x, double y, double *rgb) const
	{
		for (const Leaf &leaf : leaves_) {
			const double dx = x - leaf.x;
			const double dy = y - leaf.y;
			if (dx * dx + dy * dy > leaf.radius * leaf.radius)
				continue;
			const double texture = 1 + leaf.contrast * sin(leaf.waveX * dx + leaf.waveY * dy);
			for (unsigned int c = 0; c < 3; ++c)
				rgb[c] = leaf.rgb[c] * texture;
			return;
		}
		grey(0.2, rgb);
	}

private:
	struct Leaf {
		double x, y, radius;
		double rgb[3];
		double contrast, waveX, waveY;
	};

	std::vector<Leaf> leaves_ = std::vector<Leaf>(2000);
};

/*
 * Amplitudes that fall with the frequency, as those of natural scenes do, so that each
 * octave has as much contrast (Field, "Relations between the statistics of natural
 * images and the response properties of cortical cells", Journal of the Optical Society
 * of America A 4, 1987): random values on lattices of every octave, between which a
 * smooth step interpolates.
 */
class Octaves
{
public:
	Octaves(uint32_t seed, unsigned int octaves)
		: octaves_(octaves)
	{
		Random random(seed);
		for (double &value : values_)
			value = random.uniform(-99999, 99999) / 99999.0;
	}

	/* Each octave is -1 to 1; the coarsest lattice has a node at every 64th pixel. */
	double operator()(double x, double y) const
	{
		double sum = 0;
		double size = 64;
		for (unsigned int i = 0; i < octaves_; ++i, size /= 2)
			sum += lattice(x / size + 31.7 * i, y / size + 17.3 * i);
		return sum;
	}

private:
	static constexpr int kLattice = 64;

	static double smoothStep(double t) { return t * t * (3 - 2 * t); }

	double lattice(double x, double y) const
	{
		const int column = static_cast<int>(floor(x));
		const int row = static_cast<int>(floor(y));
		const double fx = smoothStep(x - column);
		const double fy = smoothStep(y - row);
		const auto at = [&](int dx, int dy) {
			return values_[(row + dy) % kLattice * kLattice + (column + dx) % kLattice];
		};
		return (at(0, 0) * (1 - fx) + at(1, 0) * fx) * (1 - fy) + (at(0, 1) * (1 - fx) + at(1, 1) * fx) * fy;
	}

	unsigned int octaves_;
	double values_[kLattice * kLattice];
};

/* Light of all octaves down to two pixels, and colours that change more slowly. */
class NaturalScene
{
public:
	NaturalScene(uint32_t seed, double saturation)
		: light_(seed, 6), colours_{ Octaves(seed + 1, 4), Octaves(seed + 2, 4) }, saturation_(saturation)
	{
	}

	void operator()(double x, double y, double *rgb) const
	{
		/* Contrasts are products in nature. */
		const double light = 0.2 * exp(0.3 * light_(x, y));
		const double red = exp(saturation_ * colours_[0](x, y));
		const double blue = exp(saturation_ * colours_[1](x, y));
		rgb[0] = light * red;
		rgb[1] = light;
		rgb[2] = light * blue;
	}

private:
	Octaves light_;
	Octaves colours_[2];
	double saturation_;
};

} /* namespace */

const std::vector<NamedPicture> &testPictures()
{
	static const std::vector<NamedPicture> pictures = {
		{ "zone plate", [](double x, double y, double *rgb) {
			const double r2 = (x - 128) * (x - 128) + (y - 96) * (y - 96);
			grey(0.5 + 0.4 * cos(r2 / 110), rgb);
		} },
		{ "coloured discs", [](double x, double y, double *rgb) {
			const int cell = static_cast<int>(x / 32) + 7 * static_cast<int>(y / 32);
			const double dx = fmod(x, 32) - 16;
			const double dy = fmod(y, 32) - 16;
			const bool inside = dx * dx + dy * dy < 144;
			rgb[0] = inside ? 0.15 + 0.1 * (cell % 7) : 0.35;
			rgb[1] = inside ? 0.2 + 0.1 * (cell % 5) : 0.4;
			rgb[2] = inside ? 0.1 + 0.1 * (cell % 6) : 0.3;
		} },
		{ "slanted bars", [](double x, double y, double *rgb) {
			const double t = fmod(x + 0.31 * y, 14);
			const double v = t < 7 ? 0.8 : 0.2;
			rgb[0] = 0.9 * v;
			rgb[1] = v;
			rgb[2] = 0.7 * v;
		} },
		{ "picket fence", [](double x, double, double *rgb) {
			grey(fmod(x, 6) < 3 ? 0.75 : 0.25, rgb);
		} },
		{ "soft texture", [](double x, double y, double *rgb) {
			const double v = 0.5 + 0.2 * sin(x / 2.1 + sin(y / 9)) * cos(y / 3.3);
			rgb[0] = v * (0.7 + 0.2 * sin(x / 40));
			rgb[1] = v;
			rgb[2] = v * (0.7 + 0.2 * cos(y / 35));
		} },
		{ "natural, pale", NaturalScene(10, 0.1) },
		{ "natural", NaturalScene(20, 0.3) },
		{ "dead leaves, pale", DeadLeaves(1, 0.25) },
		{ "dead leaves", DeadLeaves(2, 0.6) },
	};

	return pictures;
}

/*
 * A picture through a lens: 4x4 samples of @picture for each pixel, so that
 * edges are as sharp as a sensor without an optical low pass would have them.
 */
Planes render(const Picture &picture)
{
	constexpr int kSubSamples = 4;
	Planes planes;
	for (Plane &plane : planes)
		plane = Plane(kPictureWidth, kPictureHeight);

	for (unsigned int y = 0; y < kPictureHeight; ++y) {
		for (unsigned int x = 0; x < kPictureWidth; ++x) {
			double sum[3] = {};
			for (int i = 0; i < kSubSamples * kSubSamples; ++i) {
				double rgb[3];
				picture(x + (i % kSubSamples + 0.5) / kSubSamples,
					y + (i / kSubSamples + 0.5) / kSubSamples, rgb);
				for (unsigned int c = 0; c < 3; ++c)
					sum[c] += rgb[c] / (kSubSamples * kSubSamples);
			}
			for (unsigned int c = 0; c < 3; ++c)
				planes[c].row(y)[x] = static_cast<uint16_t>(lround(16383 * std::clamp(sum[c], 0.0, 1.0)));
		}
	}

	return planes;
}

Plane sampleMosaic(const Planes &planes, BayerOrder order)
{
	Plane mosaic(planes[0].width, planes[0].height);
	for (unsigned int y = 0; y < mosaic.height; ++y) {
		for (unsigned int x = 0; x < mosaic.width; ++x) {
			const BayerSite site = bayerSite(order, x, y);
			mosaic.row(y)[x] = planes[site == SiteR ? 0 : site == SiteB ? 2 : 1].row(y)[x];
		}
	}
	return mosaic;
}

Plane addNoise(const Plane &mosaic, uint32_t seed)
{
	constexpr double kFullWell = 1500;
	constexpr double kReadNoise = 6;
	constexpr double kGain = kLinearMax / kFullWell;
	Random random(seed);
	/* Nearly normal, with a variance of 1; the same everywhere. */
	const auto deviation = [&] {
		double sum = -6;
		for (int i = 0; i < 12; ++i)
			sum += random.uniform(0, 65535) / 65535.0;
		return sum;
	};

	Plane noisy = mosaic;
	for (uint16_t &sample : noisy.samples) {
		const double electrons = sample / kGain;
		const double sigma = sqrt(electrons + kReadNoise * kReadNoise);
		sample = static_cast<uint16_t>(lround(std::clamp(kGain * (electrons + sigma * deviation()), 0.0, double(kLinearMax))));
	}
	return noisy;
}

/* Colour PSNR in dB of a 14-bit picture, without a border of 8 pixels. */
double cpsnr(const Planes &truth, const Planes &result)
{
	double sum = 0;
	unsigned int count = 0;
	for (unsigned int c = 0; c < 3; ++c) {
		for (unsigned int y = 8; y < truth[c].height - 8; ++y) {
			for (unsigned int x = 8; x < truth[c].width - 8; ++x, ++count) {
				const double error = truth[c].row(y)[x] - result[c].row(y)[x];
				sum += error * error;
			}
		}
	}
	return 10 * log10(16383.0 * 16383.0 * count / std::max(sum, 1.0));
}

/*
 * The linear interpolation of Malvar, He and Cutler ("High-quality linear
 * interpolation for demosaicing of Bayer-patterned color images", ICASSP 2004)
 * as the yardstick, in floating point.
 */
Planes malvarHeCutler(const Plane &m, BayerOrder order)
{
	Planes out;
	for (Plane &plane : out)
		plane = Plane(m.width, m.height);

	for (unsigned int y = 4; y < m.height - 4; ++y) {
		for (unsigned int x = 4; x < m.width - 4; ++x) {
			const auto at = [&](int dx, int dy) -> double { return m.row(y + dy)[x + dx]; };
			const double c = at(0, 0);
			const double cross1 = at(-1, 0) + at(1, 0) + at(0, -1) + at(0, 1);
			const double cross2 = at(-2, 0) + at(2, 0) + at(0, -2) + at(0, 2);
			const double corners = at(-1, -1) + at(1, -1) + at(-1, 1) + at(1, 1);
			const double row = (5 * c + 4 * (at(-1, 0) + at(1, 0)) - (at(-2, 0) + at(2, 0)) - corners + 0.5 * (at(0, -2) + at(0, 2))) / 8;
			const double column = (5 * c + 4 * (at(0, -1) + at(0, 1)) - (at(0, -2) + at(0, 2)) - corners + 0.5 * (at(-2, 0) + at(2, 0))) / 8;
			const double green = (4 * c + 2 * cross1 - cross2) / 8;
			const double other = (6 * c + 2 * corners - 1.5 * cross2) / 8;

			double rgb[3] = { c, c, c };
			switch (bayerSite(order, x, y)) {
			case SiteR:
				rgb[1] = green;
				rgb[2] = other;
				break;
			case SiteGr:
				rgb[0] = row;
				rgb[2] = column;
				break;
			case SiteGb:
				rgb[0] = column;
				rgb[2] = row;
				break;
			case SiteB:
				rgb[0] = other;
				rgb[1] = green;
				break;
			}
			for (unsigned int i = 0; i < 3; ++i)
				out[i].row(y)[x] = static_cast<uint16_t>(lround(std::clamp(rgb[i], 0.0, 16383.0)));
		}
	}

	return out;
}

double meanCpsnr(const DemosaicFunction &demosaic)
{
	double sum = 0;
	for (const NamedPicture &entry : testPictures()) {
		const Planes truth = render(entry.picture);
		const Planes result = demosaic(sampleMosaic(truth, BayerOrder::RGGB), BayerOrder::RGGB);
		sum += std::min(60.0, cpsnr(truth, result));
	}
	return sum / static_cast<double>(testPictures().size());
}

std::optional<double> meanPhotographCpsnr(const DemosaicFunction &demosaic)
{
	const std::vector<Photograph> pictures = photographs();
	if (pictures.empty())
		return {};

	double sum = 0;
	for (const Photograph &photograph : pictures)
		sum += cpsnr(photograph.planes, demosaic(sampleMosaic(photograph.planes, BayerOrder::RGGB), BayerOrder::RGGB));
	return sum / static_cast<double>(pictures.size());
}

} /* namespace fovea::isp::test */
