/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Photographs of which every colour of every pixel is known
 */

#include "photographs.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

namespace fovea::isp::test {

namespace {

/* A raw frame at the end of a file. */
struct RawFile {
	const char *name;
	const char *file;
	unsigned int width;
	unsigned int height;
	unsigned int bytes;
	bool bigEndian;
	/* Of the file's numbers. */
	double black;
	double white;
	BayerOrder order;
	/* Quads in each direction that become a pixel. */
	unsigned int binning;
};

constexpr RawFile kFiles[] = {
	{ "rose", "nikon-crop/DSC_1339_768x512_rggb.raw", 768, 512, 2, false, 600, 15520, BayerOrder::RGGB, 2 },
	{ "indoors", "infinite-isp/Indoor1_2592x1536_8bit_GRBG.raw", 2592, 1536, 1, false, 12.5, 255, BayerOrder::GRBG, 4 },
	{ "outdoors", "infinite-isp/Outdoor1_2592x1536_8bit_GRBG.raw", 2592, 1536, 1, false, 12.5, 255, BayerOrder::GRBG, 4 },
	{ "shade", "infinite-isp/Outdoor2_2592x1536_8bit_GRBG.raw", 2592, 1536, 1, false, 12.5, 255, BayerOrder::GRBG, 4 },
	{ "desk", "imx378/imx378_RGGB_raw10_1920x1080.raw", 1920, 1080, 2, false, 64 << 6, 1023 << 6, BayerOrder::RGGB, 2 },
	{ "dog", "halide-n900/bayer_2624_304.pgm", 2624, 304, 2, true, 25, 1023, BayerOrder::GRBG, 2 },
};

std::filesystem::path dataDirectory()
{
	const char *variable = getenv("FOVEA_DATA_PATH");
	return std::filesystem::path(variable ? variable : DATA_PATH) / "raw";
}

std::vector<uint8_t> readSamples(const RawFile &raw)
{
	const size_t size = static_cast<size_t>(raw.width) * raw.height * raw.bytes;
	std::ifstream file(dataDirectory() / raw.file, std::ios::binary);
	std::vector<uint8_t> bytes{ std::istreambuf_iterator<char>(file), {} };
	if (bytes.size() < size)
		return {};
	bytes.erase(bytes.begin(), bytes.end() - static_cast<ptrdiff_t>(size));
	return bytes;
}

/*
 * Means of whole blocks of quads: what a sensor of so much larger pixels would have
 * measured of each colour. Nothing is interpolated, and little noise is left.
 */
std::array<std::vector<double>, 3> binQuads(const RawFile &raw, const std::vector<uint8_t> &bytes, unsigned int width, unsigned int height)
{
	const unsigned int side = 2 * raw.binning;
	std::array<std::vector<double>, 3> sums;
	for (std::vector<double> &sum : sums)
		sum.resize(static_cast<size_t>(width) * height);

	for (unsigned int y = 0; y < height * side; ++y) {
		for (unsigned int x = 0; x < width * side; ++x) {
			const uint8_t *at = bytes.data() + (static_cast<size_t>(y) * raw.width + x) * raw.bytes;
			const double sample = raw.bytes == 1 ? at[0] : raw.bigEndian ? at[0] * 256 + at[1] : at[1] * 256 + at[0];
			const BayerSite site = bayerSite(raw.order, x, y);
			const unsigned int colour = site == SiteR ? 0 : site == SiteB ? 2 : 1;
			const double share = colour == 1 ? 2 : 1;
			sums[colour][static_cast<size_t>(y / side) * width + x / side] += (sample - raw.black) / (raw.white - raw.black) / share;
		}
	}
	return sums;
}

double mean(const std::vector<double> &values)
{
	double sum = 0;
	for (const double v : values)
		sum += std::max(v, 0.0);
	return sum / static_cast<double>(values.size());
}

/* Grey balance, as the gains give it, and full scale for all but a few highlights. */
Planes toPlanes(std::array<std::vector<double>, 3> colours, unsigned int width, unsigned int height)
{
	const double green = mean(colours[1]);
	std::vector<double> all;
	for (std::vector<double> &colour : colours) {
		const double gain = green / mean(colour);
		for (double &v : colour)
			v *= gain;
		all.insert(all.end(), colour.begin(), colour.end());
	}
	constexpr double kHighlights = 0.003;
	const auto white = all.end() - 1 - static_cast<ptrdiff_t>(kHighlights * static_cast<double>(all.size()));
	std::nth_element(all.begin(), white, all.end());

	Planes planes;
	for (unsigned int c = 0; c < 3; ++c) {
		planes[c] = Plane(width, height);
		for (size_t i = 0; i < colours[c].size(); ++i)
			planes[c].samples[i] = static_cast<uint16_t>(lround(kLinearMax * std::clamp(colours[c][i] / *white, 0.0, 1.0)));
	}
	return planes;
}

} /* namespace */

/**
 * Small photographs from the raw frames of cameras in FOVEA_DATA_PATH
 *
 * Linear, 0 to 16383, with all colours of each pixel as the camera measured them, by
 * binning. Those whose file is not there are left out.
 */
std::vector<Photograph> photographs()
{
	std::vector<Photograph> found;

	for (const RawFile &raw : kFiles) {
		const std::vector<uint8_t> bytes = readSamples(raw);
		if (bytes.empty())
			continue;
		/* An even size, as mosaics have. */
		const unsigned int width = raw.width / (2 * raw.binning) / 2 * 2;
		const unsigned int height = raw.height / (2 * raw.binning) / 2 * 2;
		found.push_back({ raw.name, toPlanes(binQuads(raw, bytes, width, height), width, height) });
	}
	return found;
}

} /* namespace fovea::isp::test */
