/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Synthetic scenes and their statistics
 */

#include "scene.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <yaml-cpp/yaml.h>

namespace fovea::test {

namespace {

constexpr unsigned int kGrid = FOVEA_ISP_AWB_ZONES_X;

/* A zone of the AWB statistics in a frame of 1920x1080. */
constexpr unsigned int kQuads = 30 * 17;

/* 10 bits, black level 64: (1023 * 64 - 4096 + 2) / 4. */
constexpr double kSaturation = 15344;

/* sRGB codes of the ColorChecker's patches. */
constexpr double kChart[24][3] = {
	{ 115, 82, 68 }, { 194, 150, 130 }, { 98, 122, 157 }, { 87, 108, 67 },
	{ 133, 128, 177 }, { 103, 189, 170 }, { 214, 126, 44 }, { 80, 91, 166 },
	{ 193, 90, 99 }, { 94, 60, 108 }, { 157, 188, 64 }, { 224, 163, 46 },
	{ 56, 61, 150 }, { 70, 148, 73 }, { 175, 54, 60 }, { 231, 199, 31 },
	{ 187, 86, 149 }, { 8, 133, 161 }, { 243, 243, 242 }, { 200, 200, 200 },
	{ 160, 160, 160 }, { 122, 122, 121 }, { 85, 85, 85 }, { 52, 52, 52 },
};

double linear(double code)
{
	const double v = code / 255;
	return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
}

using Matrix3 = std::array<std::array<double, 3>, 3>;

Matrix3 inverse(const Matrix3 &m)
{
	Matrix3 result;
	double determinant = 0;
	for (int i = 0; i < 3; i++) {
		for (int j = 0; j < 3; j++) {
			const int a = (j + 1) % 3, b = (j + 2) % 3;
			const int c = (i + 1) % 3, d = (i + 2) % 3;
			result[i][j] = m[a][c] * m[b][d] - m[a][d] * m[b][c];
		}
	}
	for (int i = 0; i < 3; i++)
		determinant += m[0][i] * result[i][0];
	for (auto &row : result)
		for (double &value : row)
			value /= determinant;
	return result;
}

/* A list of the tuning file, one entry per colour temperature. */
YAML::Node tuned(const std::string &algorithm, const std::string &list)
{
	const YAML::Node file = YAML::LoadFile(std::string(TUNING_DIR) + "/imx219.yaml");
	for (const auto &entry : file["algorithms"]) {
		if (entry[algorithm])
			return entry[algorithm][list];
	}
	return {};
}

YAML::Node tunedEntry(const std::string &algorithm, const std::string &list,
		      double temperature)
{
	YAML::Node best;
	for (const auto &entry : tuned(algorithm, list)) {
		if (std::abs(entry["ct"].as<double>() - temperature) < 10)
			return entry;
	}
	return best;
}

Matrix3 colourMatrix(double temperature)
{
	const YAML::Node values = tunedEntry("Ccm", "ccms", temperature)["ccm"];
	Matrix3 matrix;
	for (int i = 0; i < 9; i++)
		matrix[i / 3][i % 3] = values[i].as<double>();
	return matrix;
}

} /* namespace */

/* Raw colour of a grey of 1.0; temperature is one of the tuning file. */
Colour neutral(double temperature)
{
	const YAML::Node gains = tunedEntry("Awb", "colourGains", temperature)["gains"];
	return { 1 / gains[0].as<double>(), 1.0, 1 / gains[1].as<double>() };
}

Scene uniformScene(const Colour &colour)
{
	return { std::vector<Colour>(kGrid * kGrid, colour) };
}

/*
 * Greys over six stops with a black third and a light source in it:
 * clipped at both ends at any exposure.
 */
Scene contrastScene()
{
	Scene scene = uniformScene({ 0, 0, 0 });
	for (unsigned int i = 0; i < scene.zones.size(); i++) {
		const unsigned int x = i % kGrid;
		double value = 0.0;
		if (x >= kGrid / 3)
			value = 0.6 * std::exp2(-6.0 * ((i * 37) % 101) / 100.0);
		if (x == kGrid - 1 && i < kGrid * 8)
			value = 500;
		scene.zones[i] = { 0.7 * value, value, 0.6 * value };
	}
	return scene;
}

/* The 24 patches, alone or with a grey wall of twice the area around them. */
Scene chartScene(double temperature, bool wall)
{
	const Matrix3 toRaw = inverse(colourMatrix(temperature));
	const Colour white = neutral(temperature);
	Scene scene = uniformScene({ 0.3 * white[0], 0.3 * white[1], 0.3 * white[2] });

	const unsigned int margin = wall ? 7 : 0;
	const unsigned int size = kGrid - 2 * margin;
	for (unsigned int y = 0; y < size; y++) {
		for (unsigned int x = 0; x < size; x++) {
			const double *patch = kChart[y * 4 / size * 6 + x * 6 / size];
			Colour &zone = scene.zones[(y + margin) * kGrid + x + margin];
			for (int i = 0; i < 3; i++) {
				double raw = 0;
				for (int j = 0; j < 3; j++)
					raw += toRaw[i][j] * linear(patch[j]);
				zone[i] = std::max(raw, 0.002) * white[i];
			}
		}
	}

	return scene;
}

Scene illuminated(const Scene &scene, double factor)
{
	Scene result = scene;
	for (Colour &zone : result.zones)
		for (double &value : zone)
			value *= factor;
	return result;
}

/* Statistics of the scene as the uapi header defines them, all weights 1. */
fovea_isp_stats_buffer statistics(const Scene &scene, double exposure, uint32_t sequence)
{
	fovea_isp_stats_buffer stats{};
	stats.version = FOVEA_ISP_STATS_VERSION_2;
	stats.sequence = sequence;
	stats.flags = FOVEA_ISP_STATS_FL_AE | FOVEA_ISP_STATS_FL_AWB;
	stats.ae_geometry = { FOVEA_ISP_AE_ZONES_X, FOVEA_ISP_AE_ZONES_Y, 960, 540 };
	stats.awb_geometry = { FOVEA_ISP_AWB_ZONES_X, FOVEA_ISP_AWB_ZONES_Y, 960, 540 };

	for (unsigned int i = 0; i < scene.zones.size(); i++) {
		uint32_t value[3];
		for (int c = 0; c < 3; c++)
			value[c] = std::lround(std::min(scene.zones[i][c] * exposure, 1.0) * kSaturation);

		const uint32_t mean = (value[0] + 2 * value[1] + value[2] + 2) / 4;
		stats.ae_histogram[mean >> 4] += kQuads;

		fovea_isp_ae_zone &ae = stats.ae_zones[i / kGrid / 2 * FOVEA_ISP_AE_ZONES_X + i % kGrid / 2];
		ae.r += value[0] * kQuads;
		ae.g += value[1] * kQuads;
		ae.b += value[2] * kQuads;
		ae.count += kQuads;

		fovea_isp_awb_zone &awb = stats.awb_zones[i];
		if (std::max({ value[0], value[1], value[2] }) >= 0.95 * kSaturation)
			awb.saturated = kQuads;
		else if (std::max({ value[0], value[1], value[2] }) < 0.003 * kSaturation)
			awb.dark = kQuads;
		else
			awb = { value[0] * kQuads, value[1] * kQuads, value[2] * kQuads, kQuads, 0, 0 };
	}

	return stats;
}

} /* namespace fovea::test */
