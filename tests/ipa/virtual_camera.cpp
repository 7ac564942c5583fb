/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The module with the virtual sensor and the ISP model: what the picture shows
 */

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <stdlib.h>

#include <gtest/gtest.h>

#include <libcamera/control_ids.h>

#include "isp_sim/isp/isp.h"
#include "isp_sim/isp/params.h"
#include "isp_sim/sensor/rig.h"
#include "isp_sim/sensor/truth.h"

#include "camera_loop.h"

using namespace fovea;
using namespace fovea::test;
namespace controls = libcamera::controls;

namespace {

/* The mode that CameraLoop describes to the module. */
constexpr unsigned int kMode = 1;
constexpr unsigned int kWidth = 1920;
constexpr unsigned int kHeight = 1080;
constexpr unsigned int kFrames = 24;

using Pixel = std::array<double, 3>;

class VirtualCamera : public testing::TestWithParam<const char *>
{
protected:
	void SetUp() override
	{
		const sensor::SearchPath search{ { RIGS_DIR }, {}, {} };
		std::string error;
		sensor_ = sensor::makeSensor({ "imx219", GetParam(), "" }, search, &error);
		ASSERT_TRUE(sensor_) << error;

		auto model = sensor::findSensorModel("imx219", search, &error);
		auto scene = sensor::findScene(GetParam(), search, &error);
		ASSERT_TRUE(model && scene) << error;
		truth_ = sensor::sceneTruth(*model, *scene, kMode, false, false);

		const isp::Configuration configuration{
			{ { kWidth, kHeight }, 10, isp::BayerOrder::RGGB, kWidth * 2 },
			{ { { kWidth, kHeight }, isp::PixelFormat::XRGB8888, kWidth * 4,
			    { 0, 0, kWidth, kHeight } } },
			1
		};
		ASSERT_EQ(isp_.configure(configuration, &error), 0) << error;
		raw_.resize(size_t{ kWidth } * kHeight * 2);
		picture_.resize(isp::outputSize(configuration.outputs[0]));

		ASSERT_EQ(loop_.init(TUNING_DIR "/imx219.yaml"), 0);
		ASSERT_EQ(loop_.configure(), 0);
		ASSERT_EQ(loop_.start(), 0);
	}

	void capture(uint32_t sequence);
	Pixel mean(const sensor::Rectangle &area) const;

	std::unique_ptr<sensor::Sensor> sensor_;
	sensor::Truth truth_;
	isp::Isp isp_;
	isp::Params params_;
	std::vector<uint8_t> raw_;
	std::vector<uint8_t> picture_;
	CameraLoop loop_;
	Frame frame_;
};

/* One frame from the sensor through the ISP, statistics to the module. */
void VirtualCamera::capture(uint32_t sequence)
{
	frame_ = loop_.begin();

	std::string error;
	ASSERT_EQ(isp::validateParams(frame_.params, &error), 0) << error;
	isp::applyParams(frame_.params, &params_);

	const sensor::FrameSettings settings{ kMode, frame_.settings.exposure,
					      frame_.settings.gainCode, frame_.settings.vblank,
					      false, false };
	ASSERT_EQ(sensor_->render(settings, sequence, sequence * std::chrono::microseconds(33333),
				  raw_, kWidth * 2), 0);

	fovea_isp_stats_buffer stats{};
	const std::span<uint8_t> outputs[] = { picture_ };
	ASSERT_EQ(isp_.process(raw_, params_, outputs, &stats), 0);
	stats.version = FOVEA_ISP_STATS_VERSION_2;
	loop_.end(&frame_, &stats);
}

/* Mean of the picture's codes over an area, linear by the sRGB curve. */
Pixel VirtualCamera::mean(const sensor::Rectangle &area) const
{
	Pixel sum{};
	for (unsigned int y = area.top; y < area.top + area.height; y++) {
		for (unsigned int x = area.left; x < area.left + area.width; x++) {
			/* XRGB8888 in memory: B, G, R, X. */
			const uint8_t *pixel = &picture_[(y * kWidth + x) * 4];
			for (unsigned int c = 0; c < 3; c++) {
				const double code = pixel[2 - c] / 255.0;
				sum[c] += code <= 0.04045 ? code / 12.92
							  : std::pow((code + 0.055) / 1.055, 2.4);
			}
		}
	}
	for (double &value : sum)
		value /= area.width * area.height;
	return sum;
}

double angleToGrey(const Pixel &pixel)
{
	const double length = std::sqrt(pixel[0] * pixel[0] + pixel[1] * pixel[1] + pixel[2] * pixel[2]);
	const double cosine = (pixel[0] + pixel[1] + pixel[2]) / (length * std::sqrt(3.0));
	return std::acos(std::min(cosine, 1.0)) * 180 / M_PI;
}

TEST_P(VirtualCamera, NeutralPatchesAreNeutral)
{
	for (uint32_t i = 0; i < kFrames; i++)
		ASSERT_NO_FATAL_FAILURE(capture(i));

	EXPECT_EQ(*frame_.metadata.get(controls::AeState), controls::AeStateConverged);

	unsigned int neutrals = 0;
	for (const sensor::PatchTruth &patch : truth_.patches) {
		if (!patch.neutral)
			continue;
		const Pixel pixel = mean(patch.area);
		EXPECT_LT(angleToGrey(pixel), 3.0)
			<< patch.name << ": " << pixel[0] << " " << pixel[1] << " " << pixel[2];
		neutrals++;
	}
	EXPECT_GE(neutrals, 5u);
}

/* The scenes have 500 lux; the estimate knows nothing of their colour. */
TEST_P(VirtualCamera, LuxIsNearTheTruth)
{
	for (uint32_t i = 0; i < 8; i++)
		ASSERT_NO_FATAL_FAILURE(capture(i));

	const float lux = *frame_.metadata.get(controls::Lux);
	EXPECT_GT(lux, 250);
	EXPECT_LT(lux, 2000);
}

INSTANTIATE_TEST_SUITE_P(Illuminants, VirtualCamera,
			 testing::Values("chart-2850k", "chart-4000k", "chart-6500k"));

} /* namespace */
