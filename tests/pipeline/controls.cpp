/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Controls act on the frames that report them
 */

#include <cmath>
#include <string.h>

#include <linux/fovea-isp.h>

#include <fovea/control_ids.h>

#include "capture.h"

using namespace libcamera;

namespace {

/* Exposure times of the test in microseconds, a factor of four apart. */
constexpr int32_t kShort = 2000;
constexpr int32_t kLong = 8000;

/* A line of the sensor, by which exposure times are rounded, is below this. */
constexpr int32_t kLineTime = 60;

class ControlsTest : public CameraTest
{
protected:
	std::unique_ptr<CameraConfiguration> configureRaw()
	{
		return configure({ StreamRole::Raw }, [](CameraConfiguration &config) {
			StreamConfiguration &raw = config.at(0);
			raw.size = raw.formats().range(raw.pixelFormat).min;
		});
	}

	ControlList manual(int32_t exposure, float gain)
	{
		ControlList list(controls::controls);
		list.set(controls::AeEnable, false);
		list.set(controls::ExposureTime, exposure);
		list.set(controls::AnalogueGain, gain);
		return list;
	}
};

int32_t exposureOf(const CapturedFrame &frame)
{
	return frame.metadata.get(controls::ExposureTime).value_or(0);
}

/* Mean of the raw frame above the black level, which is reported in 16 bits. */
double signalOf(const CapturedFrame &frame, unsigned int bitDepth)
{
	const auto levels = frame.metadata.get(controls::SensorBlackLevels);
	const double black = levels ? (*levels)[0] / std::exp2(16 - bitDepth) : 0;

	return frame.images.begin()->second.mean - black;
}

TEST_F(ControlsTest, StartControlsActOnTheFirstFrame)
{
	std::unique_ptr<CameraConfiguration> config = configureRaw();
	ASSERT_TRUE(config);

	for (int32_t exposure : { kShort, kLong }) {
		Capture capture(camera_, *config);
		const ControlList list = manual(exposure, 1.0f);
		ASSERT_EQ(capture.start(&list), 0);
		ASSERT_TRUE(capture.run(3));
		capture.stop();

		for (const CapturedFrame &frame : capture.frames()) {
			EXPECT_NEAR(exposureOf(frame), exposure, kLineTime);
			EXPECT_NEAR(*frame.metadata.get(controls::AnalogueGain), 1.0f, 0.05f);
		}
	}
}

/* GStreamer's source starts cameras so. */
TEST_F(ControlsTest, StartControlsNeedNoControlMap)
{
	std::unique_ptr<CameraConfiguration> config = configureRaw();
	ASSERT_TRUE(config);

	ControlList list;
	list.merge(manual(kShort, 1.0f));
	Capture capture(camera_, *config);
	ASSERT_EQ(capture.start(&list), 0);
	ASSERT_TRUE(capture.run(1));
	capture.stop();
	EXPECT_NEAR(exposureOf(capture.frames()[0]), kShort, kLineTime);
}

TEST_F(ControlsTest, ExposureTimeOfMetadataIsThatOfTheFrame)
{
	std::unique_ptr<CameraConfiguration> config = configureRaw();
	ASSERT_TRUE(config);
	const unsigned int bitDepth = 10;

	/* Exposure alternates every five frames. */
	Capture capture(camera_, *config);
	const ControlList first = manual(kShort, 1.0f);
	ASSERT_EQ(capture.start(&first), 0);
	ASSERT_TRUE(capture.run(40, [&](Request &request, uint64_t cookie) {
		request.controls().merge(manual((cookie / 5) % 2 ? kLong : kShort, 1.0f));
	}));
	capture.stop();

	unsigned int longFrames = 0;
	double shortSignal = 0;
	for (const CapturedFrame &frame : capture.frames()) {
		SCOPED_TRACE("frame " + std::to_string(frame.cookie));
		const int32_t exposure = exposureOf(frame);
		const double signal = signalOf(frame, bitDepth);

		EXPECT_TRUE(std::abs(exposure - kShort) < kLineTime ||
			    std::abs(exposure - kLong) < kLineTime)
			<< exposure;

		if (!shortSignal)
			shortSignal = signal;
		ASSERT_GT(shortSignal, 0);

		/* The picture shows the exposure that is reported. */
		const bool isLong = std::abs(exposure - kLong) < kLineTime;
		EXPECT_NEAR(signal / shortSignal, isLong ? 4 : 1, isLong ? 0.3 : 0.1);
		longFrames += isLong;
	}

	EXPECT_GE(longFrames, 10u);
	EXPECT_LE(longFrames, 30u);
}

/* What the ISP got and gave, in the metadata of the requests that want it. */
TEST_F(ControlsTest, IspBuffersComeWhereTheyAreAskedFor)
{
	std::unique_ptr<CameraConfiguration> config = configureRaw();
	ASSERT_TRUE(config);
	ASSERT_EQ(camera_->controls().count(fovea::IspBuffersEnable), 1u);

	constexpr uint64_t kOn = 4, kOff = 9, kFrames = 14;
	Capture capture(camera_, *config);
	ASSERT_EQ(capture.start(), 0);
	ASSERT_TRUE(capture.run(kFrames, [&](Request &request, uint64_t cookie) {
		if (cookie == kOn || cookie == kOff)
			request.controls().set(fovea::IspBuffersEnable, ControlValue(cookie == kOn));
	}));
	capture.stop();

	for (const CapturedFrame &frame : capture.frames()) {
		SCOPED_TRACE("frame " + std::to_string(frame.cookie));
		const bool wanted = frame.cookie >= kOn && frame.cookie < kOff;
		ASSERT_EQ(frame.metadata.contains(fovea::IspStatistics), wanted);
		ASSERT_EQ(frame.metadata.contains(fovea::IspParameters), wanted);
		if (!wanted)
			continue;

		const auto bytes = frame.metadata.get(fovea::IspStatistics).get<Span<const uint8_t>>();
		fovea_isp_stats_buffer stats;
		ASSERT_EQ(bytes.size(), sizeof(stats));
		memcpy(&stats, bytes.data(), sizeof(stats));
		EXPECT_EQ(stats.version, static_cast<uint32_t>(FOVEA_ISP_STATS_VERSION_2));
		EXPECT_EQ(stats.sequence, frame.sequence);

		const auto params = frame.metadata.get(fovea::IspParameters).get<Span<const uint8_t>>();
		uint32_t head[2];	/* version and data_size of v4l2_isp_params_buffer */
		ASSERT_GT(params.size(), sizeof(head));
		memcpy(head, params.data(), sizeof(head));
		EXPECT_EQ(head[0], static_cast<uint32_t>(V4L2_ISP_PARAMS_VERSION_V1));
		EXPECT_EQ(head[1], params.size() - sizeof(head));
	}
}

/* Nobody else sees them: 'cam --metadata' would not know what they are. */
TEST_F(ControlsTest, IspBuffersEndWithTheSession)
{
	std::unique_ptr<CameraConfiguration> config = configureRaw();
	ASSERT_TRUE(config);

	for (bool wanted : { true, false }) {
		Capture capture(camera_, *config);
		ControlList list;
		if (wanted)
			list.set(fovea::IspBuffersEnable, ControlValue(true));
		ASSERT_EQ(capture.start(&list), 0);
		ASSERT_TRUE(capture.run(3));
		capture.stop();
		for (const CapturedFrame &frame : capture.frames())
			EXPECT_EQ(frame.metadata.contains(fovea::IspStatistics), wanted);
	}
}

TEST_F(ControlsTest, ManualValuesStayWithinTheirBounds)
{
	std::unique_ptr<CameraConfiguration> config = configureRaw();
	ASSERT_TRUE(config);

	const ControlInfo exposure = camera_->controls().at(&controls::ExposureTime);
	const ControlInfo gain = camera_->controls().at(&controls::AnalogueGain);

	Capture capture(camera_, *config);
	ASSERT_EQ(capture.start(), 0);
	ASSERT_TRUE(capture.run(20, [&](Request &request, uint64_t cookie) {
		if (!cookie)
			request.controls().merge(manual(INT32_MAX, 1e6f));
		if (cookie == 10)
			request.controls().merge(manual(1, 0.001f));
	}));
	capture.stop();

	for (const CapturedFrame &frame : capture.frames()) {
		SCOPED_TRACE("frame " + std::to_string(frame.cookie));
		EXPECT_GE(exposureOf(frame), exposure.min().get<int32_t>() - 1);
		EXPECT_LE(exposureOf(frame), exposure.max().get<int32_t>() + kLineTime);
		EXPECT_GE(*frame.metadata.get(controls::AnalogueGain),
			  gain.min().get<float>() * 0.99f);
		EXPECT_LE(*frame.metadata.get(controls::AnalogueGain),
			  gain.max().get<float>() * 1.01f);
	}
}

TEST_F(ControlsTest, ColourGainsActOnThePicture)
{
	std::unique_ptr<CameraConfiguration> config =
		configure({ StreamRole::VideoRecording }, [](CameraConfiguration &c) {
			c.at(0).size = { 320, 240 };
		});
	ASSERT_TRUE(config);

	Capture capture(camera_, *config);
	const ControlList first = manual(kLong, 1.0f);
	ASSERT_EQ(capture.start(&first), 0);
	ASSERT_TRUE(capture.run(20, [](Request &request, uint64_t cookie) {
		const float red = cookie < 10 ? 1.5f : 3.0f;
		request.controls().set(controls::AwbEnable, false);
		request.controls().set(controls::ColourGains,
				       Span<const float, 2>({ red, 1.5f }));
	}));
	capture.stop();

	/* Gains of a request are those of its frame. */
	double before = 0;
	for (const CapturedFrame &frame : capture.frames()) {
		SCOPED_TRACE("frame " + std::to_string(frame.cookie));
		const auto gains = frame.metadata.get(controls::ColourGains);
		ASSERT_TRUE(gains);
		EXPECT_NEAR((*gains)[0], frame.cookie < 10 ? 1.5f : 3.0f, 0.01f);

		/* Twice the red is seen in Cr, whatever the picture. */
		const double red = frame.images.begin()->second.meanRed;
		if (frame.cookie < 10)
			before = red;
		else
			EXPECT_GT(red, before + 5);
	}
}

} /* namespace */
