/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Photon transfer of a real camera, and of a model of it
 */

#include <filesystem>
#include <math.h>
#include <memory>
#include <stdio.h>
#include <stdlib.h>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <png.h>

#include "isp_sim/sensor/pixel_array.h"

using namespace fovea::sensor;

namespace {

using Frame = std::vector<uint16_t>;

constexpr unsigned int kWidth = 640;
constexpr unsigned int kHeight = 480;

/* What the data set's authors state, codes per electron. */
constexpr double kConversionGain = 0.282;

std::filesystem::path imageDirectory()
{
	const char *path = getenv("FOVEA_DATA_PATH");
	const std::filesystem::path data = path ? path : FOVEA_SOURCE_DIR "/../shared/data";

	return data / "raw/emva1288-ccd12/images";
}

/* Read a grey picture of 16 bits; false if it is something else. */
bool decode(FILE *stream, uint16_t *samples)
{
	png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
	png_infop info = png_create_info_struct(png);

	/* Where libpng jumps to after an error. */
	if (setjmp(png_jmpbuf(png))) {
		png_destroy_read_struct(&png, &info, nullptr);
		return false;
	}

	png_init_io(png, stream);
	png_read_info(png, info);
	if (png_get_image_width(png, info) != kWidth || png_get_image_height(png, info) != kHeight ||
	    png_get_bit_depth(png, info) != 16 || png_get_color_type(png, info) != PNG_COLOR_TYPE_GRAY)
		png_error(png, "not a grey picture of 640x480 and 16 bits");
	png_set_swap(png);
	for (unsigned int y = 0; y < kHeight; y++)
		png_read_row(png, reinterpret_cast<png_bytep>(samples + y * kWidth), nullptr);

	png_destroy_read_struct(&png, &info, nullptr);
	return true;
}

/* A picture's samples; none if it cannot be read. */
Frame readPng(const std::filesystem::path &file)
{
	std::unique_ptr<FILE, int (*)(FILE *)> stream(fopen(file.c_str(), "rb"), fclose);
	Frame frame(kWidth * kHeight);

	return stream && decode(stream.get(), frame.data()) ? frame : Frame();
}

/* EMVA 1288, 6.6: mean and temporal variance of a pair of frames. */
struct Point {
	double mean;
	double variance;
};

Point measure(const Frame &a, const Frame &b)
{
	double sum = 0.0, difference = 0.0, power = 0.0;

	for (size_t i = 0; i < a.size(); i++) {
		const double d = double(a[i]) - b[i];
		sum += double(a[i]) + b[i];
		difference += d;
		power += d * d;
	}

	const double count = a.size();
	return { sum / (2 * count), power / (2 * count) - pow(difference / count, 2) / 2 };
}

Point measureFiles(const std::string &name)
{
	const Frame a = readPng(imageDirectory() / (name + "_snap_001.png"));
	const Frame b = readPng(imageDirectory() / (name + "_snap_002.png"));
	EXPECT_TRUE(!a.empty() && !b.empty()) << name;

	return measure(a, b);
}

/* A converter of 12 bits and its noise are all that the data tell of the camera. */
SensorModel cameraModel(const Point &dark)
{
	SensorModel model;
	Mode mode{ kWidth, kHeight, 12, { 0, 0, kWidth, kHeight }, 100'000'000, 1'000'000, 360, 0, 0, 0 };

	model.properties.activeArea = mode.analogCrop;
	model.properties.modes = { mode };
	model.properties.analogueGain = { 16, 16, 1, 16 };
	model.readouts = { Readout{} };
	model.pixel.bitDepth = 12;
	model.pixel.blackLevel = lround(dark.mean);
	model.pixel.conversionGain = kConversionGain;
	model.pixel.fullWell = 1e5;
	model.pixel.readNoise = sqrt(dark.variance - 1.0 / 12) / kConversionGain;
	return model;
}

Point measureModel(const SensorModel &model, double electrons)
{
	PixelArray pixels(model);
	FrameSettings settings{ 0, 1000, 16, 0, false, false };
	SignalMap map{ kWidth, kHeight, std::max(electrons, 1e-9) / pixels.exposureTime(settings, 0),
		       std::vector<uint16_t>(kWidth * kHeight, kSignalMax) };
	const SignalLayer layer{ std::make_shared<const SignalMap>(map), {} };
	Frame frames[2];

	for (uint32_t i = 0; i < 2; i++) {
		frames[i].resize(kWidth * kHeight);
		std::span<uint8_t> bytes(reinterpret_cast<uint8_t *>(frames[i].data()), kWidth * kHeight * 2);
		pixels.expose(settings, i, 0, { &layer, 1 }, bytes, kWidth * 2);
	}

	return measure(frames[0], frames[1]);
}

} /* namespace */

TEST(Emva1288, ModelTransfersPhotonsAsTheCamera)
{
	if (!std::filesystem::exists(imageDirectory()))
		GTEST_SKIP() << "no frames in " << imageDirectory();

	/* The brightest pair of the set is clipped. */
	const std::vector<std::string> levels{ "000", "005", "010", "020", "030" };
	const Point dark = measureFiles("d_000");
	const SensorModel model = cameraModel(dark);
	double xx = 0.0, xy = 0.0;

	for (const std::string &level : levels) {
		const Point camera = measureFiles("b_" + level);
		const Point noise = measureFiles("d_" + level);
		const double signal = camera.mean - noise.mean;
		const Point frames = measureModel(model, signal / kConversionGain);

		xx += signal * signal;
		xy += signal * (camera.variance - noise.variance);
		EXPECT_NEAR(frames.mean, camera.mean, 0.5) << level;
		EXPECT_NEAR(frames.variance / camera.variance, 1.0, 0.04) << level;
	}

	/* The slope through the dark is the conversion gain. */
	EXPECT_NEAR(xy / xx, kConversionGain, 0.02 * kConversionGain);
}
