/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * AE settles from 6 stops off within 15 frames
 */

#include <cmath>
#include <tuple>

#include <gtest/gtest.h>

#include <libcamera/control_ids.h>

#include "camera_loop.h"

using namespace fovea::test;
using namespace libcamera;

namespace {

constexpr unsigned int kSettleFrames = 15;
constexpr unsigned int kTotalFrames = 60;

/* A settled exposure lies this near, in stops, to where it ends. */
constexpr double kTolerance = 0.15;

enum class Kind {
	Flat,
	Chart,
	Contrast,
};

Scene makeScene(Kind kind)
{
	switch (kind) {
	case Kind::Flat:
		return uniformScene({ 0.13, 0.18, 0.12 });
	case Kind::Chart:
		return chartScene(5000, true);
	default:
		return contrastScene();
	}
}

/* What the picture shows: time, analogue and digital gain, relative. */
double brightness(const Frame &frame)
{
	return frame.settings.factor() * *frame.metadata.get(controls::DigitalGain);
}

/* Frames until the brightness stays within the tolerance of its last value. */
unsigned int settledAfter(const std::vector<Frame> &frames)
{
	const double last = brightness(frames.back());
	for (size_t i = frames.size(); i-- > 0;) {
		if (std::abs(std::log2(brightness(frames[i]) / last)) > kTolerance)
			return i + 1;
	}
	return 0;
}

std::vector<Frame> capture(CameraLoop &loop, const Scene &scene)
{
	std::vector<Frame> frames;
	for (unsigned int i = 0; i < kTotalFrames; i++)
		frames.push_back(loop.run(scene));
	return frames;
}

/* Mean of the scene's green under an exposure, as a part of saturation. */
double meanGreen(const Scene &scene, double exposure)
{
	double sum = 0;
	for (const Colour &zone : scene.zones)
		sum += std::min(zone[1] * exposure, 1.0);
	return sum / scene.zones.size();
}

class AeConvergence : public testing::TestWithParam<std::tuple<const char *, Kind, double>>
{
protected:
	void SetUp() override
	{
		const std::string tuning = std::string(TUNING_DIR "/") + std::get<0>(GetParam());
		ASSERT_EQ(loop_.init(tuning), 0);
		ASSERT_EQ(loop_.configure(), 0);
		ASSERT_EQ(loop_.start(), 0);
	}

	CameraLoop loop_;
};

TEST_P(AeConvergence, FromStart)
{
	const auto &[tuning, kind, stops] = GetParam();
	const Scene base = makeScene(kind);

	/* The scene for which the initial exposure is wrong by these stops. */
	CameraLoop probe;
	ASSERT_EQ(probe.init(std::string(TUNING_DIR "/") + tuning), 0);
	ASSERT_EQ(probe.configure(), 0);
	ASSERT_EQ(probe.start(), 0);
	const double right = brightness(capture(probe, base).back());
	const double initial = loop_.upcoming().factor();
	const Scene scene = illuminated(base, right / initial * std::exp2(stops));

	const std::vector<Frame> frames = capture(loop_, scene);
	EXPECT_NEAR(std::log2(brightness(frames.front()) / brightness(frames.back())), stops, 0.4);
	EXPECT_LE(settledAfter(frames), kSettleFrames);
	EXPECT_EQ(*frames.back().metadata.get(controls::AeState), controls::AeStateConverged);
}

TEST_P(AeConvergence, FromChangeOfLight)
{
	const auto &[tuning, kind, stops] = GetParam();

	/* In the middle of the range, so that both ways are open. */
	const Scene before = illuminated(makeScene(kind), stops > 0 ? 0.125 : 1.5);
	const Scene after = illuminated(before, std::exp2(stops));

	capture(loop_, before);
	const std::vector<Frame> frames = capture(loop_, after);
	EXPECT_LE(settledAfter(frames), kSettleFrames);
	EXPECT_EQ(*frames.back().metadata.get(controls::AeState), controls::AeStateConverged);
}

/* With contrast the constraint decides, and the mean ends elsewhere. */
class AeTarget : public AeConvergence
{
};

TEST_P(AeTarget, MeanOfAFlatField)
{
	const auto &[tuning, kind, stops] = GetParam();
	const Scene scene = illuminated(makeScene(kind), std::exp2(stops));
	const Frame last = capture(loop_, scene).back();

	/* Its constraint is met by any flat field from 0.4 or 0.5 on. */
	const double mean = meanGreen(scene, brightness(last));
	EXPECT_GE(mean, 0.14);
	EXPECT_LE(mean, 0.75);
}

INSTANTIATE_TEST_SUITE_P(
	Scenes, AeConvergence,
	testing::Combine(testing::Values("imx219.yaml", "uncalibrated.yaml"),
			 testing::Values(Kind::Flat, Kind::Chart, Kind::Contrast),
			 testing::Values(-6.0, -2.0, 2.0, 6.0)));

INSTANTIATE_TEST_SUITE_P(
	Scenes, AeTarget,
	testing::Combine(testing::Values("imx219.yaml", "uncalibrated.yaml"),
			 testing::Values(Kind::Flat), testing::Values(-6.0, -2.0, 2.0, 6.0)));

/* Nothing but black, or nothing but light: to the limit, and back from there. */
TEST(AeExtremes, DarkAndBack)
{
	CameraLoop loop;
	ASSERT_EQ(loop.init(TUNING_DIR "/imx219.yaml"), 0);
	ASSERT_EQ(loop.configure(), 0);
	ASSERT_EQ(loop.start(), 0);

	const double dark = brightness(capture(loop, uniformScene({ 0, 0, 0 })).back());
	EXPECT_GT(dark, 33.0 / 10 * 10.6 * 3.9);

	const std::vector<Frame> light = capture(loop, uniformScene({ 200, 200, 200 }));
	EXPECT_EQ(light.back().settings.exposure, 4);

	const std::vector<Frame> frames = capture(loop, uniformScene({ 0.13, 0.18, 0.12 }));
	EXPECT_LE(settledAfter(frames), kSettleFrames);
}

} /* namespace */
