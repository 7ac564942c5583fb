/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What blocks make of a picture, as a page with pictures and figures
 */

/*
 * isp-report DIRECTORY writes report.html, and beside it a picture without and with
 * each block: noise reduction in space and in time, sharpening, local tone, the merging
 * of exposures, the table of colours, and the corrections of geometry and of chromatic
 * aberration. Every picture goes through the whole ISP. Returns 0 where each figure
 * improves.
 */

#include <errno.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <math.h>
#include <string.h>

#include <fmt/core.h>

#include "isp_sim/isp/isp.h"
#include "isp_sim/isp/local_tone.h"

#include "pictures.h"
#include "test_data.h"

using namespace fovea::isp;
using namespace fovea::isp::test;

namespace {

constexpr uint16_t kEnable = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
constexpr Size kSize{ kPictureWidth, kPictureHeight };
constexpr double kWhite = 65535;

/* Bytes B, G, R of a picture. */
using Picture8 = std::vector<uint8_t>;

/* Linear light at a pixel, 1.0 is what the longest exposure can hold. */
using Radiance = std::function<double(unsigned int x, unsigned int y, unsigned int colour)>;

struct Entry {
	std::string name;
	std::string figure;
	double without;
	double with;
	bool better;
	std::string files[2];
};

/* A raw frame of 16 bits with @noiseFactor times the noise of a small sensor. */
std::vector<uint8_t> expose(const Radiance &radiance, unsigned int exposures, double noiseFactor, uint32_t seed)
{
	Random random(seed);
	std::vector<uint8_t> raw;

	for (unsigned int y = 0; y < kSize.height; ++y) {
		for (unsigned int e = 0; e < exposures; ++e) {
			for (unsigned int x = 0; x < kSize.width; ++x) {
				const BayerSite site = bayerSite(BayerOrder::RGGB, x, y);
				const double light = radiance(x, y, site == SiteR ? 0 : site == SiteB ? 2 : 1);
				const double level = light * kWhite / (1U << (2 * e));
				const double sigma = noiseFactor * sqrt(40 * 40 + 25 * level);
				const long v = lround(std::clamp(level + noise(&random, sigma), 0.0, kWhite));
				raw.push_back(static_cast<uint8_t>(v));
				raw.push_back(static_cast<uint8_t>(v >> 8));
			}
		}
	}

	return raw;
}

/* Develop @frames in a row; the last one is returned. */
Picture8 develop(const std::vector<std::vector<uint8_t>> &frames, const Params &params, unsigned int exposures = 1)
{
	Configuration configuration;
	configuration.input = makeInput(kSize.width, kSize.height, 16, BayerOrder::RGGB);
	configuration.input.exposures = exposures;
	configuration.outputs = { makeOutput({ 0, 0, kSize.width, kSize.height }, kSize, PixelFormat::RGB888) };
	configuration.threads = 1;

	Isp isp;
	std::string error;
	Picture8 picture(outputSize(configuration.outputs[0]));
	const std::span<uint8_t> outputs[] = { picture };
	if (isp.configure(configuration, &error) < 0)
		throw std::runtime_error(error);
	for (const std::vector<uint8_t> &raw : frames) {
		if (isp.process(raw, params, outputs, nullptr) < 0)
			throw std::runtime_error("a frame can not be processed");
	}
	return picture;
}

/* @picture at a pixel through a lens that has seen each point elsewhere. */
double through(const Picture &picture, unsigned int x, unsigned int y, unsigned int colour,
	       const std::function<void(double *x, double *y)> &seen)
{
	constexpr unsigned int kSubSamples = 3;
	double sum = 0;

	for (unsigned int i = 0; i < kSubSamples * kSubSamples; ++i) {
		double px = x + (i % kSubSamples + 0.5) / kSubSamples;
		double py = y + (i / kSubSamples + 0.5) / kSubSamples;
		double rgb[3];
		seen(&px, &py);
		picture(px, py, rgb);
		sum += rgb[colour];
	}
	return sum / (kSubSamples * kSubSamples);
}

Params baseParams()
{
	Params params;
	params.gamma.header.flags = kEnable;
	setGamma(&params.gamma, [](double v) { return v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055; });
	return params;
}

double luma(const Picture8 &picture, unsigned int x, unsigned int y)
{
	const uint8_t *pixel = picture.data() + 3 * (static_cast<size_t>(y) * kSize.width + x);
	return 0.114 * pixel[0] + 0.587 * pixel[1] + 0.299 * pixel[2];
}

double psnr(const Picture8 &a, const Picture8 &b)
{
	double sum = 0;
	for (size_t i = 0; i < a.size(); ++i)
		sum += (a[i] - b[i]) * (a[i] - b[i]);
	return 10 * log10(255.0 * 255.0 * static_cast<double>(a.size()) / sum);
}

/* Mean difference of luma from pixel to pixel, from column @first on. */
double meanGradient(const Picture8 &picture, unsigned int first, unsigned int last)
{
	double sum = 0;
	for (unsigned int y = 0; y < kSize.height; ++y) {
		for (unsigned int x = first; x + 1 < last; ++x)
			sum += fabs(luma(picture, x + 1, y) - luma(picture, x, y));
	}
	return sum / kSize.height / (last - first - 1);
}

double clippedShare(const Picture8 &picture, unsigned int first, unsigned int last)
{
	unsigned int count = 0;
	for (unsigned int y = 0; y < kSize.height; ++y) {
		for (unsigned int x = first; x < last; ++x)
			count += luma(picture, x, y) >= 254.5;
	}
	return 100.0 * count / kSize.height / (last - first);
}

/* A Windows bitmap, whose rows come from the bottom up. */
void writeBitmap(const std::filesystem::path &path, const Picture8 &picture)
{
	constexpr uint32_t kHeader = 54;
	static_assert(kSize.width * 3 % 4 == 0);
	const uint32_t fields[] = { static_cast<uint32_t>(kHeader + picture.size()), 0, kHeader, 40, kSize.width,
				    kSize.height, 1 | 24 << 16, 0, static_cast<uint32_t>(picture.size()), 2835, 2835, 0, 0 };

	std::ofstream file(path, std::ios::binary);
	file << "BM";
	for (const uint32_t field : fields) {
		for (unsigned int shift = 0; shift < 32; shift += 8)
			file.put(static_cast<char>(field >> shift));
	}
	for (unsigned int y = kSize.height; y-- > 0;)
		file.write(reinterpret_cast<const char *>(picture.data()) + y * 3 * kSize.width, 3 * kSize.width);
	if (!file.flush())
		throw std::runtime_error(path.string() + ": " + strerror(errno));
}

class Report
{
public:
	explicit Report(std::filesystem::path directory)
		: directory_(std::move(directory)), truth_(render(testPictures().back().picture))
	{
		std::filesystem::create_directories(directory_);
	}

	void addDenoise();
	void addTemporal();
	void addSharpen();
	void addLocalTone();
	void addHdr();
	void addColours();
	void addGeometry();
	void addAberration();

	bool write() const;

private:
	double light(unsigned int x, unsigned int y, unsigned int colour) const
	{
		return truth_[colour].row(y)[x] / 16384.0;
	}

	Radiance dim() const
	{
		return [this](unsigned int x, unsigned int y, unsigned int colour) { return 0.3 * light(x, y, colour); };
	}

	std::vector<std::vector<uint8_t>> noisyFrames(unsigned int count) const;
	void addNoise(const std::string &name, const std::vector<std::vector<uint8_t>> &frames, const Params &params);

	/* The left half lies in the shadow. */
	Radiance backlit(double shadow, double sun) const
	{
		return [=, this](unsigned int x, unsigned int y, unsigned int colour) {
			return light(x, y, colour) * (x < kSize.width / 2 ? shadow : sun);
		};
	}

	void add(Entry entry, const Picture8 &without, const Picture8 &with, bool larger);

	const std::filesystem::path directory_;
	const Planes truth_;
	std::vector<Entry> entries_;
};

void Report::add(Entry entry, const Picture8 &without, const Picture8 &with, bool larger)
{
	entry.better = larger ? entry.with > entry.without : entry.with < entry.without;
	entry.files[0] = entry.name + "-without.bmp";
	entry.files[1] = entry.name + "-with.bmp";
	writeBitmap(directory_ / entry.files[0], without);
	writeBitmap(directory_ / entry.files[1], with);
	entries_.push_back(entry);
}

/* Three tenths of the light, with six times the noise of a small sensor. */
std::vector<std::vector<uint8_t>> Report::noisyFrames(unsigned int count) const
{
	std::vector<std::vector<uint8_t>> frames;
	for (uint32_t seed = 0; seed < count; ++seed)
		frames.push_back(expose(dim(), 1, 6, seed));
	return frames;
}

void Report::addNoise(const std::string &name, const std::vector<std::vector<uint8_t>> &frames, const Params &params)
{
	const Picture8 clean = develop({ expose(dim(), 1, 0, 0) }, baseParams());
	const Picture8 without = develop(frames, baseParams());
	const Picture8 with = develop(frames, params);

	add({ name, "dB to the picture without noise", psnr(clean, without), psnr(clean, with), false, {} },
	    without, with, true);
}

void Report::addDenoise()
{
	Params params = baseParams();
	params.chromaNr.header.flags = kEnable;
	params.chromaNr.threshold = 300;
	params.chromaNr.strength = 6554;
	/* The noise of expose() in the working range: 36 * (1600 + 100 v) / 16. */
	params.rawNr.header.flags = kEnable;
	params.rawNr.strength = 3641;
	setNoiseModel(&params.rawNr, 225, 3600, 2);
	addNoise("denoise", noisyFrames(1), params);
}

/* The twelfth frame of a scene in which nothing moves. */
void Report::addTemporal()
{
	Params params = baseParams();
	params.temporalNr = { params.temporalNr.header, 6554, 500, 700, 100, 0, {} };
	params.temporalNr.header.flags = kEnable;
	addNoise("temporal", noisyFrames(12), params);
}

void Report::addSharpen()
{
	/* A lens that blurs over three pixels. */
	const Radiance radiance = [this](unsigned int x, unsigned int y, unsigned int colour) {
		double sum = 0;
		for (int dy = -1; dy <= 1; ++dy) {
			for (int dx = -1; dx <= 1; ++dx)
				sum += light(mirror(static_cast<int>(x) + dx, kSize.width), mirror(static_cast<int>(y) + dy, kSize.height), colour);
		}
		return sum / 9;
	};
	const std::vector<uint8_t> raw = expose(radiance, 1, 0.5, 1);

	const Picture8 without = develop({ raw }, baseParams());
	Params params = baseParams();
	params.sharpen = { params.sharpen.header, 3 * 4096, 24, 300, 300 };
	params.sharpen.header.flags = kEnable;
	const Picture8 with = develop({ raw }, params);

	add({ "sharpen", "mean difference of neighbours, 8 bits", meanGradient(without, 0, kSize.width),
	      meanGradient(with, 0, kSize.width), false, {} }, without, with, true);
}

void Report::addLocalTone()
{
	const std::vector<uint8_t> raw = expose(backlit(0.02, 1), 1, 0.3, 2);
	const Picture8 without = develop({ raw }, baseParams());

	Params params = baseParams();
	params.localTone.header.flags = kEnable;
	/* The zones of the shadow: brighter, the less the brighter they are. */
	for (auto &row : params.localTone.gain) {
		for (unsigned int x = 0; x < FOVEA_ISP_LTM_ZONES_X / 2; ++x) {
			for (unsigned int i = 0; i < FOVEA_ISP_LTM_POINTS; ++i)
				row[x][i] = static_cast<uint16_t>(lround(4096 * 6 * sqrt(384.0 / std::max(localToneInput(i), 384U))));
		}
	}
	const Picture8 with = develop({ raw }, params);

	add({ "local-tone", "mean difference of neighbours in the shadow, 8 bits", meanGradient(without, 0, kSize.width / 2),
	      meanGradient(with, 0, kSize.width / 2), false, {} }, without, with, true);
}

void Report::addHdr()
{
	/* The shadow fills the longest exposure, the sun is 16 times as bright. */
	const std::vector<uint8_t> raw = expose(backlit(0.8, 13), 3, 0.3, 3);

	/* Disabled, the block takes the longest exposure. */
	Params params = baseParams();
	const Picture8 without = develop({ raw }, params, 3);
	params.merge = { params.merge.header, { 1024, 4096, 16384 }, 2048, 57000, 3000, 6554, 1024, {} };
	params.merge.header.flags = kEnable;
	params.range.header.flags = kEnable;
	setRange(&params.range, 30000, 1000000);
	const Picture8 with = develop({ raw }, params, 3);

	add({ "hdr", "clipped pixels in the sun, per cent", clippedShare(without, kSize.width / 2, kSize.width),
	      clippedShare(with, kSize.width / 2, kSize.width), false, {} }, without, with, false);
}

/* A look: shadows bluer, lights warmer, less of the colours in both. */
void look(const double (&in)[3], double (&out)[3])
{
	const double grey = 0.3 * in[0] + 0.6 * in[1] + 0.1 * in[2];
	const double saturation = 1 - (2 * grey - 1) * (2 * grey - 1) * 0.5;
	for (unsigned int c = 0; c < 3; ++c)
		out[c] = grey + saturation * (in[c] - grey);
	out[0] += 0.12 * (grey - 0.5);
	out[2] -= 0.12 * (grey - 0.5);
}

void Report::addColours()
{
	const std::vector<uint8_t> raw = expose([this](unsigned int x, unsigned int y, unsigned int colour) {
		return light(x, y, colour);
	}, 1, 0.3, 4);
	const Picture8 without = develop({ raw }, baseParams());

	/* What the look makes of the picture without rounding to nodes. */
	Picture8 exact = without;
	for (size_t i = 0; i < exact.size(); i += 3) {
		double out[3];
		look({ without[i + 2] / 255.0, without[i + 1] / 255.0, without[i] / 255.0 }, out);
		for (size_t c = 0; c < 3; ++c)
			exact[i + c] = static_cast<uint8_t>(lround(255 * std::clamp(out[2 - c], 0.0, 1.0)));
	}

	Params params = baseParams();
	params.lut3d.header.flags = kEnable;
	for (unsigned int node = 0; node < FOVEA_ISP_LUT3D_NODES * FOVEA_ISP_LUT3D_NODES * FOVEA_ISP_LUT3D_NODES; ++node) {
		const unsigned int r = node / FOVEA_ISP_LUT3D_NODES / FOVEA_ISP_LUT3D_NODES;
		const unsigned int g = node / FOVEA_ISP_LUT3D_NODES % FOVEA_ISP_LUT3D_NODES;
		const unsigned int b = node % FOVEA_ISP_LUT3D_NODES;
		double out[3];
		look({ r / 16.0, g / 16.0, b / 16.0 }, out);
		for (unsigned int c = 0; c < 3; ++c)
			params.lut3d.rgb[r][g][b][c] = static_cast<uint16_t>(lround(4096 * std::clamp(out[c], 0.0, 1.0)));
	}
	const Picture8 with = develop({ raw }, params);

	add({ "lut3d", "dB to the look that the table is made of", psnr(exact, without), psnr(exact, with), false, {} },
	    without, with, true);
}

/* Where a lens with distortion sees a point: so much nearer to the middle. */
constexpr double kDistortion = 4e-6;

void Report::addGeometry()
{
	const Picture &picture = testPictures().back().picture;
	const auto render = [&](double distortion) {
		return [&, distortion](unsigned int x, unsigned int y, unsigned int colour) {
			return through(picture, x, y, colour, [&](double *px, double *py) {
				const double dx = *px - kSize.width / 2.0;
				const double dy = *py - kSize.height / 2.0;
				const double factor = 1 + distortion * (dx * dx + dy * dy);
				*px = kSize.width / 2.0 + dx * factor;
				*py = kSize.height / 2.0 + dy * factor;
			});
		};
	};
	const Picture8 straight = develop({ expose(render(0), 1, 0.3, 5) }, baseParams());
	const std::vector<uint8_t> raw = expose(render(kDistortion), 1, 0.3, 5);
	const Picture8 without = develop({ raw }, baseParams());

	/* Each node's place in the picture that the lens made, by iteration. */
	Params params = baseParams();
	params.dewarp.header.flags = kEnable;
	for (unsigned int j = 0; j < FOVEA_ISP_DEWARP_NODES_Y; ++j) {
		for (unsigned int i = 0; i < FOVEA_ISP_DEWARP_NODES_X; ++i) {
			const double x = i * kSize.width / 32.0 - kSize.width / 2.0;
			const double y = j * kSize.height / 24.0 - kSize.height / 2.0;
			double factor = 1;
			for (int step = 0; step < 20; ++step)
				factor = 1 / (1 + kDistortion * factor * factor * (x * x + y * y));
			params.dewarp.dx[j][i] = static_cast<int16_t>(lround(32 * x * (factor - 1)));
			params.dewarp.dy[j][i] = static_cast<int16_t>(lround(32 * y * (factor - 1)));
		}
	}
	const Picture8 with = develop({ raw }, params);

	add({ "dewarp", "dB to the picture of a lens without distortion", psnr(straight, without), psnr(straight, with), false, {} },
	    without, with, true);
}

void Report::addAberration()
{
	/* The size of the images of red and blue beside green's. */
	constexpr double kSizes[] = { 1.012, 1, 0.990 };
	const Picture &picture = testPictures().back().picture;
	const auto render = [&](bool aberration) {
		return [&, aberration](unsigned int x, unsigned int y, unsigned int colour) {
			return through(picture, x, y, colour, [&](double *px, double *py) {
				const double scale = aberration ? kSizes[colour] : 1;
				*px = kSize.width / 2.0 + (*px - kSize.width / 2.0) / scale;
				*py = kSize.height / 2.0 + (*py - kSize.height / 2.0) / scale;
			});
		};
	};
	const Picture8 clean = develop({ expose(render(false), 1, 0.3, 6) }, baseParams());
	const std::vector<uint8_t> raw = expose(render(true), 1, 0.3, 6);
	const Picture8 without = develop({ raw }, baseParams());

	/* Shifts are in 1/512 quad, which is 1/256 pixel. */
	Params params = baseParams();
	params.cac.header.flags = kEnable;
	for (int i = 0; i < FOVEA_ISP_CAC_NODES; ++i) {
		const double x = (i % FOVEA_ISP_CAC_NODES_X - 4) * (kSize.width / 8.0);
		const double y = (i / FOVEA_ISP_CAC_NODES_X - 4) * (kSize.height / 8.0);
		const auto shift = [&](double size) {
			return fovea_isp_cac_shift{ static_cast<int16_t>(lround(256 * x * (size - 1))),
						    static_cast<int16_t>(lround(256 * y * (size - 1))) };
		};
		params.cac.r[i] = shift(kSizes[0]);
		params.cac.b[i] = shift(kSizes[2]);
	}
	const Picture8 with = develop({ raw }, params);

	add({ "cac", "dB to the picture of a lens without aberration", psnr(clean, without), psnr(clean, with), false, {} },
	    without, with, true);
}

/* Returns if every figure is better with the block. */
bool Report::write() const
{
	const std::filesystem::path path = directory_ / "report.html";
	std::ofstream file(path);
	bool better = true;

	file << "<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>Fovea ISP</title>\n<h1>What blocks do</h1>\n"
	     << "<table>\n<tr><th>block<th>figure<th>without<th>with</tr>\n";
	for (const Entry &entry : entries_) {
		file << fmt::format("<tr><td>{}<td>{}<td>{:.2f}<td>{:.2f}</tr>\n<tr><td colspan=2><td><img src=\"{}\"><td><img src=\"{}\"></tr>\n",
				    entry.name, entry.figure, entry.without, entry.with, entry.files[0], entry.files[1]);
		std::cout << fmt::format("{}: {}: {:.2f} without, {:.2f} with\n", entry.name, entry.figure, entry.without, entry.with);
		better &= entry.better;
	}
	file << "</table>\n";
	if (!file.flush())
		throw std::runtime_error(path.string() + ": " + strerror(errno));

	return better;
}

} /* namespace */

int main(int argc, char **argv)
{
	if (argc != 2) {
		std::cerr << "usage: isp-report DIRECTORY\n";
		return 2;
	}

	try {
		Report report(argv[1]);
		report.addDenoise();
		report.addTemporal();
		report.addSharpen();
		report.addLocalTone();
		report.addHdr();
		report.addColours();
		report.addGeometry();
		report.addAberration();
		return report.write() ? 0 : 1;
	} catch (const std::exception &exception) {
		std::cerr << "isp-report: " << exception.what() << "\n";
		return 1;
	}
}
