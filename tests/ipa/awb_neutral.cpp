/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * White balance of charts under three illuminants
 */

#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include <libcamera/control_ids.h>

#include "camera_loop.h"

using namespace fovea::test;
using namespace libcamera;

namespace {

constexpr unsigned int kFrames = 40;

/* Angle in degrees between the balanced neutral and grey. */
double angularError(const ControlList &metadata, const Colour &neutral)
{
	const auto gains = *metadata.get(controls::ColourGains);
	const double r = neutral[0] * gains[0], g = neutral[1], b = neutral[2] * gains[1];
	const double cosine = (r + g + b) / std::sqrt(3 * (r * r + g * g + b * b));
	return std::acos(std::min(cosine, 1.0)) * 180 / M_PI;
}

ControlList settle(const char *tuning, const Scene &scene)
{
	CameraLoop loop;
	EXPECT_EQ(loop.init(std::string(TUNING_DIR "/") + tuning), 0);
	EXPECT_EQ(loop.configure(), 0);
	EXPECT_EQ(loop.start(), 0);
	ControlList metadata;
	for (unsigned int i = 0; i < kFrames; i++)
		metadata = loop.run(scene).metadata;
	return metadata;
}

class AwbNeutral : public testing::TestWithParam<double>
{
};

TEST_P(AwbNeutral, ChartOnWall)
{
	const ControlList metadata = settle("imx219.yaml", chartScene(GetParam(), true));
	EXPECT_LT(angularError(metadata, neutral(GetParam())), 3.0);
	EXPECT_NEAR(*metadata.get(controls::ColourTemperature), GetParam(), 0.08 * GetParam());
}

TEST_P(AwbNeutral, ChartAlone)
{
	const ControlList metadata = settle("imx219.yaml", chartScene(GetParam(), false));
	EXPECT_LT(angularError(metadata, neutral(GetParam())), 3.0);
}

INSTANTIATE_TEST_SUITE_P(Illuminants, AwbNeutral,
			 testing::Values(2300, 2850, 3400, 4000, 5000, 6504, 8000));

TEST(AwbGreyWorld, TintedGreyBecomesGrey)
{
	for (const Colour &tint : { Colour{ 0.5, 0.2, 0.1 }, Colour{ 0.1, 0.2, 0.3 },
				    Colour{ 0.2, 0.2, 0.2 } }) {
		const ControlList metadata = settle("uncalibrated.yaml", uniformScene(tint));
		EXPECT_LT(angularError(metadata, tint), 0.2);
	}
}

TEST(AwbGreyWorld, SaturatedAndDarkZonesDoNotCount)
{
	Scene scene = uniformScene({ 0.3, 0.2, 0.1 });
	for (size_t i = 0; i < scene.zones.size() / 3; i++)
		scene.zones[i] = i % 2 ? Colour{ 40, 90, 80 } : Colour{ 0.0001, 0, 0.0002 };

	const ControlList metadata = settle("uncalibrated.yaml", scene);
	EXPECT_LT(angularError(metadata, { 0.3, 0.2, 0.1 }), 0.2);
}

TEST(Awb, NothingToMeasureHoldsTheResult)
{
	CameraLoop loop;
	ASSERT_EQ(loop.init(TUNING_DIR "/imx219.yaml"), 0);
	ASSERT_EQ(loop.configure(), 0);
	ASSERT_EQ(loop.start(), 0);

	ControlList metadata;
	for (unsigned int i = 0; i < kFrames; i++)
		metadata = loop.run(chartScene(2850, true)).metadata;
	auto gains = *metadata.get(controls::ColourGains);
	const std::array<float, 2> before{ gains[0], gains[1] };

	for (unsigned int i = 0; i < kFrames; i++)
		metadata = loop.run(uniformScene({ 0, 0, 0 })).metadata;
	gains = *metadata.get(controls::ColourGains);

	EXPECT_EQ(before[0], gains[0]);
	EXPECT_EQ(before[1], gains[1]);
}

} /* namespace */
