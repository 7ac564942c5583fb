/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Wrong calls are answered and harm nothing
 */

#include <cmath>
#include <limits>

#include <sys/mman.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <libcamera/control_ids.h>

#include "camera_loop.h"

using namespace fovea::test;
using namespace libcamera;
using namespace libcamera::ipa::fovea;

namespace {

class Robustness : public testing::Test
{
protected:
	void SetUp() override
	{
		ASSERT_EQ(loop_.init(TUNING_DIR "/imx219.yaml"), 0);
		ASSERT_EQ(loop_.configure(), 0);
		ASSERT_EQ(loop_.start(), 0);
	}

	CameraLoop loop_;
	Scene scene_ = chartScene(5000, true);
};

TEST_F(Robustness, UnknownFramesAreAnswered)
{
	loop_.ipa().computeParams(7, loop_.paramsBuffer());
	EXPECT_EQ(loop_.paramsAnswers, 1u);
	EXPECT_EQ(loop_.lastBytesUsed, 0u);
	loop_.ipa().processStats(7, loop_.statsBuffer(), ControlList());
	EXPECT_EQ(loop_.metadataAnswers, 1u);
}

TEST_F(Robustness, ForgottenFramesAreAnswered)
{
	for (unsigned int i = 0; i < 1000; i++)
		loop_.queue();
	loop_.ipa().computeParams(3, loop_.paramsBuffer());
	EXPECT_EQ(loop_.lastBytesUsed, 0u);
	loop_.ipa().processStats(3, 0, ControlList());
	EXPECT_EQ(loop_.metadataAnswers, 1u);
	loop_.ipa().processStats(999, 0, ControlList());
	EXPECT_EQ(loop_.metadataAnswers, 2u);
}

TEST_F(Robustness, RequestsOutOfOrderAreRefused)
{
	loop_.ipa().queueRequest(5, ControlList());
	loop_.ipa().queueRequest(std::numeric_limits<uint32_t>::max(), ControlList());
	loop_.queue();
	loop_.ipa().queueRequest(0, ControlList());
	const Frame frame = loop_.run(scene_);
	EXPECT_FALSE(frame.params.empty());
}

TEST_F(Robustness, WrongBuffersAreRefused)
{
	loop_.queue();
	for (uint32_t id : { 0u, 3u, 0xffffffffu }) {
		loop_.ipa().computeParams(0, id);
		EXPECT_EQ(loop_.lastBytesUsed, 0u);
	}
	loop_.ipa().unmapBuffers({ 99, loop_.paramsBuffer() });
	loop_.ipa().computeParams(0, loop_.paramsBuffer());
	EXPECT_EQ(loop_.lastBytesUsed, 0u);

	/* Too small, beyond the file, no file, without planes. */
	SharedFD fd(memfd_create("small", 0));
	ASSERT_EQ(ftruncate(fd.get(), 64), 0);
	FrameBuffer::Plane small;
	small.fd = fd;
	small.offset = 0;
	small.length = 64;
	FrameBuffer::Plane beyond = small;
	beyond.length = 65;
	FrameBuffer::Plane wrapped = small;
	wrapped.offset = std::numeric_limits<unsigned int>::max();
	FrameBuffer::Plane closed;
	closed.offset = 0;
	closed.length = 64;
	uint32_t id = 10;
	for (const auto &planes : { std::vector{ small }, std::vector{ beyond }, std::vector{ wrapped },
				    std::vector{ closed }, std::vector<FrameBuffer::Plane>{},
				    std::vector{ small, small } }) {
		loop_.ipa().mapBuffers({ IPABuffer(id, planes) });
		loop_.ipa().computeParams(0, id++);
		EXPECT_EQ(loop_.lastBytesUsed, 0u);
	}
}

TEST_F(Robustness, LostAndMalformedStatisticsKeepTheState)
{
	Frame frame;
	for (unsigned int i = 0; i < 30; i++)
		frame = loop_.run(scene_);
	const Settings settled = frame.settings;

	fovea_isp_stats_buffer wrongVersion{};
	wrongVersion.version = 77;
	fovea_isp_stats_buffer noFlags = statistics(uniformScene({ 9, 9, 9 }), 1, 0);
	noFlags.flags = 0;
	fovea_isp_stats_buffer empty{};
	empty.version = FOVEA_ISP_STATS_VERSION_2;
	empty.flags = FOVEA_ISP_STATS_FL_AE | FOVEA_ISP_STATS_FL_AWB;
	for (const fovea_isp_stats_buffer *stats :
	     std::initializer_list<const fovea_isp_stats_buffer *>{ nullptr, &wrongVersion, &noFlags, &empty }) {
		for (unsigned int i = 0; i < 6; i++)
			frame = loop_.run(stats);
		EXPECT_EQ(frame.settings.exposure, settled.exposure);
		EXPECT_EQ(frame.settings.gainCode, settled.gainCode);
		EXPECT_TRUE(frame.metadata.get(controls::ExposureTime));
	}
}

/* Any 34 kilobytes may come as statistics: nothing may become infinite. */
TEST_F(Robustness, RandomStatistics)
{
	fovea_isp_stats_buffer stats;
	uint64_t state = 1;
	for (unsigned int round = 0; round < 200; round++) {
		uint32_t *words = reinterpret_cast<uint32_t *>(&stats);
		for (size_t i = 0; i < sizeof(stats) / sizeof(*words); i++) {
			state = state * 6364136223846793005ULL + 1442695040888963407ULL;
			words[i] = (state >> 33) & (round % 3 ? 0xffffffff : 0xff);
		}
		stats.version = FOVEA_ISP_STATS_VERSION_2;
		stats.flags = FOVEA_ISP_STATS_FL_AE | FOVEA_ISP_STATS_FL_AWB;
		const Frame frame = loop_.run(&stats);
		ASSERT_GE(frame.settings.exposure, 4);
		ASSERT_LE(frame.settings.gainCode, 232);
		ASSERT_TRUE(std::isfinite((*frame.metadata.get(controls::ColourGains))[0]));
		ASSERT_TRUE(std::isfinite(*frame.metadata.get(controls::DigitalGain)));
	}

	Frame frame;
	for (unsigned int i = 0; i < 30; i++)
		frame = loop_.run(scene_);
	EXPECT_EQ(*frame.metadata.get(controls::AeState), controls::AeStateConverged);
}

TEST_F(Robustness, SensorControlsMayBeMissing)
{
	loop_.queue();
	loop_.ipa().processStats(0, 0, ControlList());
	EXPECT_EQ(loop_.metadataAnswers, 1u);
}

TEST_F(Robustness, ControlsThatAreNoNumbers)
{
	ControlList list(controls::controls);
	const float nan = std::numeric_limits<float>::quiet_NaN();
	const float gains[2] = { nan, std::numeric_limits<float>::infinity() };
	list.set(controls::AeEnable, false);
	list.set(controls::AwbEnable, false);
	list.set(controls::AnalogueGain, nan);
	list.set(controls::ExposureValue, nan);
	list.set(controls::ExposureTime, std::numeric_limits<int32_t>::max());
	list.set(controls::ColourGains, Span<const float, 2>(gains));
	list.set(controls::AeMeteringMode, 99);
	list.set(controls::AeExposureMode, 99);
	list.set(controls::AeConstraintMode, 99);
	list.set(controls::AwbMode, 99);
	loop_.queue(list);
	for (unsigned int i = 0; i < 10; i++) {
		const Frame frame = loop_.run(scene_);
		ASSERT_LE(frame.settings.exposure, 1080 + 64455 - 4);
		ASSERT_FALSE(frame.params.empty());
	}
}

TEST(RobustnessConfigure, WrongSensorsAreRefused)
{
	CameraLoop loop;
	ASSERT_EQ(loop.init(TUNING_DIR "/imx219.yaml"), 0);
	ControlInfoMap controls;

	IPAConfigInfo info = loop.configInfo(7);
	EXPECT_EQ(loop.ipa().configure(info, &controls), -EINVAL);
	info = loop.configInfo(10);
	info.sensorInfo.pixelRate = 0;
	EXPECT_EQ(loop.ipa().configure(info, &controls), -EINVAL);
	info = loop.configInfo(10);
	info.sensorControls = ControlInfoMap();
	EXPECT_EQ(loop.ipa().configure(info, &controls), -EINVAL);

	ControlList sensor;
	int32_t ret = 0;
	loop.ipa().start(ControlList(), {}, &sensor, &ret);
	EXPECT_EQ(ret, -EINVAL);
}

TEST(RobustnessConfigure, WithoutTuningThereIsNoCamera)
{
	CameraLoop loop;
	EXPECT_EQ(loop.init(""), -ENOENT);
	EXPECT_EQ(loop.init("/nonexistent/tuning.yaml"), -ENOENT);
	EXPECT_EQ(loop.configure(), -EINVAL);
}

TEST(RobustnessConfigure, UnknownSensorWorksUncalibrated)
{
	CameraLoop loop;
	EXPECT_EQ(loop.init(TUNING_DIR "/uncalibrated.yaml", "no-such-sensor"), -EINVAL)
		<< "its gain code 0 is no gain";
}

} /* namespace */
