/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What each block does for the picture when the module drives it
 *
 * Frames come from the virtual sensor, with what a lens or a bad pixel adds to them.
 * Each figure is printed for the picture without and with the block.
 */

#include <algorithm>
#include <cmath>
#include <functional>
#include <iostream>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include <libcamera/control_ids.h>

#include "camera_rig.h"

using namespace fovea;
using namespace fovea::test;
namespace controls = libcamera::controls;

namespace {

constexpr unsigned int kFrames = 16;

/* The rig's mode on the array of 3280x2464: its crop, and half of its diagonal. */
constexpr double kCropX = 680, kCropY = 692;
constexpr double kCentreX = 1640, kCentreY = 1232;
const double kHalfDiagonal = std::hypot(kCentreX, kCentreY);

/* Means of 16x9 tiles of the picture. */
std::vector<Pixel> tiles(const CameraRig &rig)
{
	constexpr unsigned int kTile = 120;
	std::vector<Pixel> result;
	for (unsigned int y = 0; y < kRigHeight; y += kTile) {
		for (unsigned int x = 0; x < kRigWidth; x += kTile)
			result.push_back(rig.mean({ static_cast<int>(x), static_cast<int>(y), kTile, kTile }));
	}
	return result;
}

struct Uniformity {
	double luma;	/* (largest - smallest) / largest green */
	double colour;	/* largest deviation of R/G and B/G from their means */
};

Uniformity uniformity(const std::vector<Pixel> &values)
{
	double lowest = 1, highest = 0, rg = 0, bg = 0;
	for (const Pixel &pixel : values) {
		lowest = std::min(lowest, pixel[1]);
		highest = std::max(highest, pixel[1]);
		rg += pixel[0] / pixel[1] / values.size();
		bg += pixel[2] / pixel[1] / values.size();
	}

	double colour = 0;
	for (const Pixel &pixel : values)
		colour = std::max({ colour, std::abs(pixel[0] / pixel[1] / rg - 1),
				    std::abs(pixel[2] / pixel[1] / bg - 1) });
	return { (highest - lowest) / highest, colour };
}

Uniformity flatField(const std::string &tuning)
{
	CameraRig rig;
	rig.open("flat", tuning);
	for (unsigned int i = 0; i < kFrames && !testing::Test::HasFatalFailure(); i++)
		rig.capture();
	return uniformity(tiles(rig));
}

TEST(LensShading, FlatFieldIsEven)
{
	const Uniformity before = flatField(tuningWithout("LensShading"));
	const Uniformity after = flatField(TUNING_DIR "/imx219.yaml");
	std::cout << "Flat field: brightness within " << 100 * before.luma << " %, colour "
		  << 100 * before.colour << " %; corrected " << 100 * after.luma << " %, "
		  << 100 * after.colour << " %\n";

	/* The mode shows the middle of the array: its corners have half of the loss. */
	EXPECT_GT(before.luma, 0.06);
	EXPECT_LT(after.luma, 0.012);
	EXPECT_LT(after.colour, 0.01);
}

/* Exposure by hand: the brightness of AE, with much gain and so much noise. */
constexpr float kNoisyGain = 8.0f;
constexpr int32_t kNoisyTime = 2500;

libcamera::ControlList noisyControls(int32_t noiseReduction, float sharpness)
{
	libcamera::ControlList list(controls::controls);
	list.set(controls::AeEnable, false);
	list.set(controls::ExposureTime, kNoisyTime);
	list.set(controls::AnalogueGain, kNoisyGain);
	list.set(controls::draft::NoiseReductionMode, noiseReduction);
	list.set(controls::Sharpness, sharpness);
	return list;
}

double luma(const CameraRig &rig, unsigned int x, unsigned int y)
{
	return 0.299 * rig.code(x, y, 0) + 0.587 * rig.code(x, y, 1) + 0.114 * rig.code(x, y, 2);
}

struct Noise {
	double luma;
	double chroma;
};

/* Standard deviations over the neutral patches, in codes of 8 bits. */
Noise noise(const CameraRig &rig)
{
	double sumY = 0, sumC = 0;
	unsigned int patches = 0;

	for (const sensor::PatchTruth &patch : rig.truth().patches) {
		if (!patch.neutral || patch.name == "white" || patch.name == "black")
			continue;

		double y1 = 0, y2 = 0, c1 = 0, c2 = 0;
		const sensor::Rectangle &area = patch.area;
		for (unsigned int y = area.top; y < area.top + area.height; y++) {
			for (unsigned int x = area.left; x < area.left + area.width; x++) {
				const double value = luma(rig, x, y);
				const double blue = rig.code(x, y, 2) - value;
				y1 += value;
				y2 += value * value;
				c1 += blue;
				c2 += blue * blue;
			}
		}
		const double count = area.width * area.height;
		sumY += y2 / count - y1 * y1 / count / count;
		sumC += c2 / count - c1 * c1 / count / count;
		patches++;
	}

	return { std::sqrt(sumY / patches), std::sqrt(sumC / patches) };
}

struct Edge {
	double rise;		/* 10 % to 90 %, in pixels */
	double overshoot;	/* beyond white, part of the step */
};

/* Distances from an edge: up to so many pixels on both sides, so many steps a pixel. */
constexpr int kReach = 12, kFine = 4;

/*
 * Mean of a value of pixels by their distance from the right side of the dark square that
 * is turned by 5 degrees (src/isp_sim/sensor/chart.cpp), as in ISO 12233.
 */
using Profile = std::map<int, double>;

Profile profile(const std::function<double(unsigned int x, unsigned int y)> &value)
{
	constexpr double kCos = 0.9962, kSin = 0.0872, kHalf = 120;
	constexpr double kX = kCentreX - 750 - kCropX, kY = kCentreY - 210 - kCropY;

	Profile sums, counts;
	for (int y = -90; y < 90; y++) {
		for (int x = kHalf - 32; x < kHalf + 32; x++) {
			const double distance = kCos * (x + 0.5) + kSin * (y + 0.5) - kHalf;
			if (std::abs(distance) >= kReach)
				continue;
			const int bin = static_cast<int>(std::floor(distance * kFine));
			sums[bin] += value(kX + x, kY + y);
			counts[bin]++;
		}
	}
	for (auto &[bin, sum] : sums)
		sum /= counts[bin];
	return sums;
}

Edge edge(const CameraRig &rig)
{
	const Profile bins = profile([&](unsigned int x, unsigned int y) { return luma(rig, x, y); });

	auto level = [&](double distance) {
		const double position = distance * kFine;
		const int bin = static_cast<int>(std::floor(position - 0.5));
		return std::lerp(bins.at(bin), bins.at(bin + 1), position - 0.5 - bin);
	};
	double black = 0, white = 0;
	for (int i = 0; i < 4 * kFine; i++) {
		black += level(-kReach + 1.0 + i / static_cast<double>(kFine)) / (4 * kFine);
		white += level(kReach - 1.5 - i / static_cast<double>(kFine)) / (4 * kFine);
	}

	double low = -kReach + 1.0, high = low, peak = white;
	for (double d = -kReach + 1.0; d < kReach - 1.5; d += 0.02) {
		const double part = (level(d) - black) / (white - black);
		if (part < 0.1)
			low = d;
		if (part < 0.9)
			high = d;
		peak = std::max(peak, level(d));
	}

	return { high - low, (peak - white) / (white - black) };
}

struct Sample {
	Noise noise;
	Edge edge;
};

Sample noisy(int32_t noiseReduction, float sharpness)
{
	CameraRig rig;
	rig.open("chart-6500k");
	for (unsigned int i = 0; i < kFrames && !testing::Test::HasFatalFailure(); i++)
		rig.capture(noisyControls(noiseReduction, sharpness));
	EXPECT_NEAR(*rig.frame().metadata.get(controls::AnalogueGain), kNoisyGain, 0.1);
	EXPECT_EQ(*rig.frame().metadata.get(controls::draft::NoiseReductionMode), noiseReduction);
	EXPECT_EQ(*rig.frame().metadata.get(controls::Sharpness), sharpness);

	const Sample sample{ noise(rig), edge(rig) };
	std::cout << "Noise reduction " << noiseReduction << ", sharpness " << sharpness
		  << ": noise of luma " << sample.noise.luma << ", chroma " << sample.noise.chroma
		  << " codes; edge rises in " << sample.edge.rise << " pixels, overshoots by "
		  << 100 * sample.edge.overshoot << " %\n";
	return sample;
}

double decibels(double before, double after)
{
	return 20 * std::log10(before / after);
}

TEST(NoiseReduction, NoiseGoesEdgesStay)
{
	const Sample off = noisy(controls::draft::NoiseReductionModeOff, 0);
	const Sample minimal = noisy(controls::draft::NoiseReductionModeMinimal, 0);
	const Sample fast = noisy(controls::draft::NoiseReductionModeFast, 0);
	const Sample best = noisy(controls::draft::NoiseReductionModeHighQuality, 0);
	std::cout << "Luma " << decibels(off.noise.luma, minimal.noise.luma) << ", "
		  << decibels(off.noise.luma, fast.noise.luma) << ", "
		  << decibels(off.noise.luma, best.noise.luma) << " dB, chroma "
		  << decibels(off.noise.chroma, minimal.noise.chroma) << ", "
		  << decibels(off.noise.chroma, fast.noise.chroma) << ", "
		  << decibels(off.noise.chroma, best.noise.chroma) << " dB\n";

	EXPECT_GT(decibels(off.noise.luma, minimal.noise.luma), 3);
	EXPECT_GT(decibels(off.noise.luma, fast.noise.luma), 7);
	EXPECT_GT(decibels(off.noise.chroma, fast.noise.chroma), 8);
	EXPECT_GT(decibels(off.noise.luma, best.noise.luma), 12);
	for (const Sample &sample : { minimal, fast, best })
		EXPECT_LT(sample.edge.rise, 1.03 * off.edge.rise);
}

TEST(Sharpen, EdgesGetSteeperNoiseStays)
{
	const Sample soft = noisy(controls::draft::NoiseReductionModeFast, 0);
	const Sample sharp = noisy(controls::draft::NoiseReductionModeFast, 1);
	const Sample very = noisy(controls::draft::NoiseReductionModeFast, 4);
	EXPECT_LT(sharp.edge.rise, 0.9 * soft.edge.rise);
	EXPECT_LT(very.edge.rise, 0.75 * soft.edge.rise);
	EXPECT_LT(sharp.edge.overshoot, 0.05);
	EXPECT_LT(decibels(sharp.noise.luma, soft.noise.luma), 1);
}

struct Defect {
	unsigned int x, y;
	uint16_t value;
};

/* Pairs of the same colour, one above the other: each hides behind the other. */
constexpr unsigned int kPairs = 40;

/* Defects all over the frame: single ones, hot and dead in turns, then the pairs. */
std::vector<Defect> makeDefects()
{
	constexpr unsigned int kSingles = 400;
	std::vector<Defect> defects;
	uint64_t random = 1;
	auto next = [&random](unsigned int below) {
		/* The generator of Lehmer, as in C++'s minstd_rand. */
		random = random * 48271 % 2147483647;
		return static_cast<unsigned int>(random % below);
	};

	for (unsigned int i = 0; i < kSingles + kPairs; i++) {
		const unsigned int x = 8 + next(kRigWidth - 16), y = 8 + next(kRigHeight - 16);
		const uint16_t value = i % 2 ? 900 : 0;
		defects.push_back({ x, y, value });
		if (i >= kSingles)
			defects.push_back({ x, y + 2, value });
	}
	return defects;
}

std::string listOf(std::span<const Defect> defects)
{
	std::string list = "defects: [";
	for (const Defect &defect : defects)
		list += " [" + std::to_string(static_cast<int>(kCropX) + defect.x) + ", " +
			std::to_string(static_cast<int>(kCropY) + defect.y) + "],";
	return list + " ]\n";
}

/* A picture with so little noise that what is left of a defect shows. */
std::vector<uint8_t> defectPicture(const std::string &scene, const std::string &tuning,
				   const std::vector<Defect> &defects)
{
	CameraRig rig;
	rig.open(scene, tuning);
	rig.setOptics([&](std::span<uint16_t> raw) {
		for (const Defect &defect : defects)
			raw[size_t{ defect.y } * kRigWidth + defect.x] = defect.value;
	});

	libcamera::ControlList list(controls::controls);
	list.set(controls::AeEnable, false);
	list.set(controls::ExposureTime, 20000);
	list.set(controls::AnalogueGain, 1.0f);
	list.set(controls::AwbEnable, false);
	list.set(controls::ColourTemperature, 6504);
	list.set(controls::Sharpness, 0.0f);
	for (unsigned int i = 0; i < 6 && !testing::Test::HasFatalFailure(); i++)
		rig.capture(list);
	return { rig.picture().begin(), rig.picture().end() };
}

/* Defects around which a picture differs visibly from that of a perfect sensor. */
size_t visible(std::span<const uint8_t> picture, std::span<const uint8_t> perfect,
	       std::span<const Defect> defects)
{
	constexpr int kVisible = 16;
	size_t count = 0;
	for (const Defect &defect : defects) {
		int largest = 0;
		for (unsigned int y = defect.y - 1; y <= defect.y + 1; y++) {
			for (unsigned int x = 4 * (defect.x - 1); x < 4 * (defect.x + 2); x++) {
				const size_t i = size_t{ y } * kRigWidth * 4 + x;
				largest = std::max(largest, std::abs(picture[i] - perfect[i]));
			}
		}
		count += largest > kVisible;
	}
	return count;
}

TEST(DefectPixels, DefectsDisappear)
{
	const std::vector<Defect> defects = makeDefects();
	const std::span<const Defect> pairs(defects.end() - 2 * kPairs, defects.end());
	const std::vector<uint8_t> perfect =
		defectPicture("flat", tuningWithout("DefectPixels"), {});
	const std::vector<uint8_t> before =
		defectPicture("flat", tuningWithout("DefectPixels"), defects);
	const std::vector<uint8_t> found =
		defectPicture("flat", tuningWith("DefectPixels", "{}"), defects);
	const std::vector<uint8_t> listed =
		defectPicture("flat", tuningWith("DefectPixels", listOf(pairs)), defects);
	const size_t all = visible(before, perfect, defects);
	const size_t dynamic = visible(found, perfect, defects);
	const size_t rest = visible(listed, perfect, defects);
	std::cout << "Of " << defects.size() << " defects " << all << " are visible, "
		  << dynamic << " without a list, " << rest << " with the pairs listed\n";

	EXPECT_GT(all, defects.size() * 9 / 10);
	EXPECT_GT(dynamic, 0u);
	EXPECT_LE(dynamic, pairs.size());
	EXPECT_EQ(rest, 0u);
}

/* A chart of fine detail, without defects, should stay as it is. */
TEST(DefectPixels, DetailsStay)
{
	const std::vector<uint8_t> before =
		defectPicture("chart-6500k", tuningWithout("DefectPixels"), {});
	const std::vector<uint8_t> after =
		defectPicture("chart-6500k", tuningWith("DefectPixels", "{}"), {});

	double error = 0;
	for (size_t i = 0; i < before.size(); i++)
		error += std::pow(after[i] - before[i], 2) / before.size();
	std::cout << "The chart changes by " << std::sqrt(error) << " codes\n";
	EXPECT_LT(std::sqrt(error), 1.2);
}

/*
 * Another size of the red and the blue image: pixels in the corner of the array, beyond
 * green. The planes are resampled by cubic convolution.
 */
constexpr double kRedGrowth = 3.0, kBlueGrowth = -2.0;
const char *const kAberrationTuning = "{ red: [ 3.0 ], blue: [ -2.0 ] }";

double cubic(const double v[4], double f)
{
	return v[1] + 0.5 * f * (v[2] - v[0] + f * (2 * v[0] - 5 * v[1] + 4 * v[2] - v[3] +
						      f * (3 * (v[1] - v[2]) + v[3] - v[0])));
}

void aberrate(std::span<uint16_t> raw)
{
	const std::vector<uint16_t> sharp(raw.begin(), raw.end());

	for (unsigned int y = 0; y < kRigHeight; y++) {
		for (unsigned int x = y % 2; x < kRigWidth; x += 2) {
			const double growth = y % 2 ? kBlueGrowth : kRedGrowth;
			const double sourceX = x - (x + 0.5 + kCropX - kCentreX) / kHalfDiagonal * growth;
			const double sourceY = y - (y + 0.5 + kCropY - kCentreY) / kHalfDiagonal * growth;
			const int left = x % 2 + 2 * static_cast<int>(std::floor((sourceX - x % 2) / 2));
			const int top = y % 2 + 2 * static_cast<int>(std::floor((sourceY - y % 2) / 2));

			double columns[4];
			for (int j = 0; j < 4; j++) {
				double row[4];
				for (int i = 0; i < 4; i++) {
					const int sx = std::clamp<int>(left + 2 * (i - 1), x % 2, kRigWidth - 2 + x % 2);
					const int sy = std::clamp<int>(top + 2 * (j - 1), y % 2, kRigHeight - 2 + y % 2);
					row[i] = sharp[size_t(sy) * kRigWidth + sx];
				}
				columns[j] = cubic(row, (sourceX - left) / 2);
			}
			raw[size_t{ y } * kRigWidth + x] = static_cast<uint16_t>(
				std::clamp(std::lround(cubic(columns, (sourceY - top) / 2)), 0L, 1023L));
		}
	}
}

/* The chart by hand, so that pictures differ by the aberration alone. */
std::vector<uint8_t> aberratedPicture(const CameraRig::Optics &optics, const std::string &tuning)
{
	CameraRig rig;
	rig.open("chart-6500k", tuning);
	rig.setOptics(optics);

	libcamera::ControlList list(controls::controls);
	list.set(controls::AeEnable, false);
	list.set(controls::ExposureTime, 20000);
	list.set(controls::AnalogueGain, 1.0f);
	list.set(controls::AwbEnable, false);
	list.set(controls::ColourTemperature, 6504);
	for (unsigned int i = 0; i < 6 && !testing::Test::HasFatalFailure(); i++)
		rig.capture(list);
	return { rig.picture().begin(), rig.picture().end() };
}

/* Root mean square over the edge of red and blue less green, against another picture. */
double fringes(std::span<const uint8_t> picture, std::span<const uint8_t> perfect)
{
	double sum = 0;
	size_t count = 0;
	for (unsigned int c : { 0, 2 }) {
		const Profile differences = profile([&](unsigned int x, unsigned int y) {
			const size_t i = (size_t{ y } * kRigWidth + x) * 4;
			return (picture[i + c] - perfect[i + c]) - (picture[i + 1] - perfect[i + 1]);
		});
		for (const auto &[bin, difference] : differences)
			sum += difference * difference;
		count += differences.size();
	}
	return std::sqrt(sum / count);
}

TEST(ChromaticAberration, FringesDisappear)
{
	const std::string without = tuningWithout("ChromaticAberration");
	const std::vector<uint8_t> perfect = aberratedPicture({}, without);
	const double before = fringes(aberratedPicture(aberrate, without), perfect);
	const double after = fringes(aberratedPicture(aberrate, tuningWith("ChromaticAberration",
									   kAberrationTuning)),
				     perfect);
	std::cout << "Fringes of " << before << " codes, corrected " << after << "\n";
	/* Half of what is left is detail that was lost between samples of the mosaic. */
	EXPECT_GT(before, 15);
	EXPECT_LT(after, 0.65 * before);
}

/* A chart half of which has 64 times the light of the other, as behind a window. */
constexpr int kBacklight = 64;

/* A patch has tone where it is not white and its light is so many times its noise. */
constexpr double kWhiteCode = 245, kLeastSnr = 10;

struct Tones {
	unsigned int usable;	/* patches with tone */
	double snr;		/* of the greys in the dark half, mean in dB */
};

Tones backlitTones(CameraRig::Form form, const std::string &tuning)
{
	CameraRig rig;
	rig.open("chart-6500k", tuning, form);
	rig.setBacklight(kBacklight);
	for (unsigned int i = 0; i < kFrames && !testing::Test::HasFatalFailure(); i++)
		rig.capture();

	Tones tones{ 0, 0 };
	unsigned int greys = 0;
	std::cout << "Greys:";
	for (const sensor::PatchTruth &patch : rig.truth().patches) {
		double code = 0, light = 0, square = 0;
		const sensor::Rectangle &area = patch.area;
		const double count = area.width * area.height;
		for (unsigned int y = area.top; y < area.top + area.height; y++) {
			for (unsigned int x = area.left; x < area.left + area.width; x++) {
				const double value = luma(rig, x, y);
				code += value / count;
				light += linearFromCode(value) / count;
				square += std::pow(linearFromCode(value), 2) / count;
			}
		}
		const double snr = light / std::sqrt(square - light * light);
		tones.usable += code < kWhiteCode && snr > kLeastSnr;
		if (!patch.neutral)
			continue;
		std::cout << ' ' << code << " (" << snr << ")";
		if (area.left < static_cast<int>(kRigWidth / 2)) {
			tones.snr += 20 * std::log10(snr);
			greys++;
		}
	}
	tones.snr /= greys;
	std::cout << ", code and signal to noise; exposure "
		  << *rig.frame().metadata.get(controls::ExposureTime) << " us, "
		  << rig.frame().metadata.get(controls::Lux).value_or(0) << " lux; "
		  << tones.usable << " patches of " << rig.truth().patches.size()
		  << " have tone, greys of the dark half " << tones.snr << " dB\n";
	return tones;
}

TEST(Hdr, BothHalvesHaveTone)
{
	const Tones plain = backlitTones(CameraRig::Form::Plain, TUNING_DIR "/imx219.yaml");
	const Tones global = backlitTones(CameraRig::Form::Companded, hdrTuning("{ hdrStrength: 0 }"));
	const Tones companded = backlitTones(CameraRig::Form::Companded, hdrTuning("{}"));
	const Tones merged = backlitTones(CameraRig::Form::Exposures, hdrTuning("{}"));
	EXPECT_GT(global.snr, plain.snr + 9);
	for (const Tones &tones : { companded, merged }) {
		EXPECT_GE(tones.usable, plain.usable + 4);
		EXPECT_GT(tones.snr, plain.snr + 4);
	}
}

} /* namespace */
