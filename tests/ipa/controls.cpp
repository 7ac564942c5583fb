/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Manual and per-frame controls
 */

#include <cmath>

#include <gtest/gtest.h>

#include <libcamera/control_ids.h>

#include "camera_loop.h"

using namespace fovea::test;
using namespace libcamera;

namespace {

constexpr double kLine = 3448 / 182.4; /* microseconds */

class Controls : public testing::Test
{
protected:
	void SetUp() override
	{
		ASSERT_EQ(loop_.init(TUNING_DIR "/imx219.yaml"), 0);
		ASSERT_EQ(loop_.configure(), 0);
	}

	Frame capture(unsigned int frames)
	{
		Frame frame;
		for (unsigned int i = 0; i < frames; i++)
			frame = loop_.run(scene_);
		return frame;
	}

	CameraLoop loop_;
	Scene scene_ = chartScene(5000, true);
};

ControlList manual(int32_t exposureTime, float gain)
{
	ControlList list(controls::controls);
	list.set(controls::AeEnable, false);
	list.set(controls::ExposureTime, exposureTime);
	list.set(controls::AnalogueGain, gain);
	return list;
}

TEST_F(Controls, Advertised)
{
	const ControlInfoMap &map = loop_.controls();
	for (const ControlId *id : std::initializer_list<const ControlId *>{
		     &controls::AeEnable, &controls::ExposureTime, &controls::AnalogueGain,
		     &controls::ExposureTimeMode, &controls::AnalogueGainMode,
		     &controls::ExposureValue, &controls::AeConstraintMode,
		     &controls::AeExposureMode, &controls::AeMeteringMode,
		     &controls::FrameDurationLimits, &controls::AwbEnable,
		     &controls::AwbMode, &controls::ColourGains, &controls::ColourTemperature,
		     &controls::ColourCorrectionMatrix, &controls::Gamma })
		EXPECT_EQ(map.count(id), 1u) << id->name();

	/* 4 lines to the longest frame. */
	EXPECT_EQ(map.at(&controls::ExposureTime).min().get<int32_t>(), std::ceil(4 * kLine));
	EXPECT_EQ(map.at(&controls::ExposureTime).max().get<int32_t>(),
		  std::floor((1080 + 64455 - 4) * kLine));
	EXPECT_FLOAT_EQ(map.at(&controls::AnalogueGain).max().get<float>(), 256.0f / 24);
}

TEST_F(Controls, ManualFromStartIsInTheFirstFrame)
{
	ASSERT_EQ(loop_.start(manual(5000, 4.0f)), 0);
	for (unsigned int i = 0; i < 10; i++) {
		const Frame frame = loop_.run(scene_);
		EXPECT_NEAR(*frame.metadata.get(controls::ExposureTime), 5000, kLine);
		EXPECT_NEAR(*frame.metadata.get(controls::AnalogueGain), 4.0, 0.05);
		EXPECT_EQ(*frame.metadata.get(controls::AeState), controls::AeStateIdle);
		EXPECT_EQ(*frame.metadata.get(controls::DigitalGain), 1.0f);
	}
}

TEST_F(Controls, ManualReachesTheSensorAndAutoComesBack)
{
	ASSERT_EQ(loop_.start(), 0);
	const Frame automatic = capture(30);

	loop_.queue(manual(2000, 2.0f));
	Frame frame = capture(12);
	EXPECT_NEAR(*frame.metadata.get(controls::ExposureTime), 2000, kLine);
	EXPECT_NEAR(*frame.metadata.get(controls::AnalogueGain), 2.0, 0.02);

	ControlList enable(controls::controls);
	enable.set(controls::AeEnable, true);
	loop_.queue(enable);
	frame = capture(30);
	EXPECT_NEAR(std::log2(frame.settings.factor() / automatic.settings.factor()), 0, 0.1);
}

TEST_F(Controls, SwitchToManualHoldsTheValue)
{
	ASSERT_EQ(loop_.start(), 0);
	const Frame before = capture(30);

	ControlList list(controls::controls);
	list.set(controls::AeEnable, false);
	loop_.queue(list);
	capture(5);
	scene_ = illuminated(scene_, 8);
	const Frame after = capture(20);
	EXPECT_EQ(after.settings.exposure, before.settings.exposure);
	EXPECT_EQ(after.settings.gainCode, before.settings.gainCode);
}

TEST_F(Controls, OnlyExposureManual)
{
	ControlList list(controls::controls);
	list.set(controls::ExposureTimeMode, controls::ExposureTimeModeManual);
	list.set(controls::ExposureTime, 20000);
	scene_ = illuminated(scene_, 0.1);
	ASSERT_EQ(loop_.start(list), 0);
	const Frame frame = capture(40);
	EXPECT_NEAR(*frame.metadata.get(controls::ExposureTime), 20000, kLine);
	EXPECT_GT(*frame.metadata.get(controls::AnalogueGain), 1.1f);
	EXPECT_EQ(*frame.metadata.get(controls::AeState), controls::AeStateConverged);
}

TEST_F(Controls, LongManualExposureMakesTheFrameLonger)
{
	ASSERT_EQ(loop_.start(manual(200000, 1.0f)), 0);
	const Frame frame = capture(1);
	EXPECT_NEAR(*frame.metadata.get(controls::ExposureTime), 200000, kLine);
	EXPECT_GE(*frame.metadata.get(controls::FrameDuration), 200000);
}

TEST_F(Controls, FrameDurationLimitsAreHonoured)
{
	/* Dark enough for AE to want all it may have. */
	scene_ = illuminated(scene_, 0.005);
	ASSERT_EQ(loop_.start(), 0);
	EXPECT_NEAR(*capture(30).metadata.get(controls::FrameDuration), 33333, kLine);

	ControlList list(controls::controls);
	const int64_t limits[2] = { 40000, 100000 };
	list.set(controls::FrameDurationLimits, Span<const int64_t, 2>(limits));
	loop_.queue(list);
	const Frame dark = capture(40);
	EXPECT_NEAR(*dark.metadata.get(controls::FrameDuration), 100000, kLine);
	EXPECT_GT(*dark.metadata.get(controls::ExposureTime), 90000);

	scene_ = chartScene(5000, true);
	scene_ = illuminated(scene_, 4);
	EXPECT_NEAR(*capture(60).metadata.get(controls::FrameDuration), 40000, kLine);
}

TEST_F(Controls, ExposureValueShiftsTheTarget)
{
	scene_ = uniformScene({ 0.3, 0.3, 0.3 });
	ControlList list(controls::controls);
	list.set(controls::AeConstraintMode, controls::ConstraintShadows);
	ASSERT_EQ(loop_.start(list), 0);
	const double normal = capture(30).settings.factor();

	ControlList brighter(controls::controls);
	brighter.set(controls::ExposureValue, 1.0f);
	loop_.queue(brighter);
	EXPECT_NEAR(std::log2(capture(40).settings.factor() / normal), 1.0, 0.1);
}

TEST_F(Controls, MeteringModeChangesTheWeights)
{
	ControlList list(controls::controls);
	list.set(controls::AeMeteringMode, controls::MeteringSpot);
	ASSERT_EQ(loop_.start(list), 0);
	const Frame frame = capture(1);
	const auto *block = frame.block<fovea_isp_ae_stats_config>(FOVEA_ISP_BLOCK_AE_STATS);
	ASSERT_TRUE(block);
	EXPECT_EQ(block->weights[0], 0);
	EXPECT_EQ(block->weights[8 * 16 + 8], 15);
}

TEST_F(Controls, ManualColourAppliesToExactlyItsFrame)
{
	ASSERT_EQ(loop_.start(), 0);
	for (unsigned int i = 0; i < 5; i++)
		loop_.queue();
	ControlList list(controls::controls);
	const float gains[2] = { 2.5f, 1.5f };
	list.set(controls::AwbEnable, false);
	list.set(controls::ColourGains, Span<const float, 2>(gains));
	loop_.queue(list);

	for (unsigned int i = 0; i < 10; i++) {
		const Frame frame = loop_.run(scene_);
		const auto metadata = *frame.metadata.get(controls::ColourGains);
		const auto *block = frame.block<fovea_isp_wb_gains>(FOVEA_ISP_BLOCK_WB_GAINS);
		ASSERT_TRUE(block);
		const double ratio = static_cast<double>(block->r) / block->gr;
		EXPECT_EQ(std::abs(ratio - 2.5) < 0.001, i >= 5) << "frame " << i;
		EXPECT_EQ(metadata[0] == 2.5f, i >= 5) << "frame " << i;
	}
}

TEST_F(Controls, ManualTemperatureAndMatrix)
{
	ControlList list(controls::controls);
	list.set(controls::AwbEnable, false);
	list.set(controls::ColourTemperature, 4000);
	ASSERT_EQ(loop_.start(list), 0);
	Frame frame = capture(3);
	EXPECT_EQ(*frame.metadata.get(controls::ColourTemperature), 4000);
	EXPECT_NEAR((*frame.metadata.get(controls::ColourGains))[0], 1 / neutral(4000)[0], 1e-3);

	ControlList swap(controls::controls);
	const float matrix[9] = { 0, 1, 0, 1, 0, 0, 0, 0, 1 };
	swap.set(controls::ColourCorrectionMatrix, Span<const float, 9>(matrix));
	loop_.queue(swap);
	frame = capture(6);
	const auto *block = frame.block<fovea_isp_ccm>(FOVEA_ISP_BLOCK_CCM);
	ASSERT_TRUE(block);
	EXPECT_EQ(block->coeff[0][0], 0);
	EXPECT_EQ(block->coeff[0][1], 4096);
	EXPECT_EQ((*frame.metadata.get(controls::ColourCorrectionMatrix))[1], 1.0f);
}

TEST_F(Controls, LuxFollowsTheLight)
{
	/* 18 % grey under 500 lux, as in the reference of the tuning file. */
	scene_ = uniformScene({ 0.02062, 0.02857, 0.01968 });
	ASSERT_EQ(loop_.start(), 0);
	EXPECT_NEAR(*capture(30).metadata.get(controls::Lux), 500, 25);
	scene_ = illuminated(scene_, 4);
	EXPECT_NEAR(*capture(30).metadata.get(controls::Lux), 2000, 100);
}

} /* namespace */
