/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Replay of recordings: exact, rescaled, turned, looped
 */

#include <filesystem>
#include <fstream>
#include <math.h>

#include <gtest/gtest.h>

#include "isp_sim/sensor/recorded_sensor.h"

using namespace fovea::sensor;

namespace {

constexpr unsigned int kWidth = 33;
constexpr unsigned int kHeight = 17;
constexpr unsigned int kEvenWidth = 32;
constexpr unsigned int kEvenHeight = 16;

class RecordedSensorTest : public testing::Test
{
protected:
	void SetUp() override
	{
		const auto *test = testing::UnitTest::GetInstance()->current_test_info();
		directory_ = std::filesystem::path(testing::TempDir()) /
			     (std::string("fovea-recorded-") + test->name());
		std::filesystem::remove_all(directory_);
		std::filesystem::create_directories(directory_);

		recording_.model = "test";
		recording_.layout = { kWidth, kHeight, 10, Packing::U16LE, 0, 0, 0 };
		recording_.order = BayerOrder::RGGB;
		recording_.blackLevel = 64;
		recording_.whiteLevel = 1000;
	}

	void TearDown() override { std::filesystem::remove_all(directory_); }

	static uint16_t sample(unsigned int frame, unsigned int x, unsigned int y)
	{
		return (x * 31 + y * 57 + frame * 101) % 1024;
	}

	void addFrame(unsigned int frame)
	{
		std::string name = (directory_ / (std::to_string(frame) + ".raw")).string();
		std::ofstream file(name, std::ios::binary);
		for (unsigned int y = 0; y < kHeight; y++) {
			for (unsigned int x = 0; x < kWidth; x++) {
				file.put(sample(frame, x, y) & 0xff);
				file.put(sample(frame, x, y) >> 8);
			}
		}
		recording_.frames.push_back(name);
	}

	std::unique_ptr<Sensor> create(const SensorModel *model = nullptr)
	{
		std::string error;
		auto sensor = createRecordedSensor(recording_, model, &error);
		EXPECT_TRUE(sensor) << error;
		return sensor;
	}

	std::vector<uint16_t> render(Sensor &sensor, uint32_t sequence, int32_t exposure, int32_t gain)
	{
		std::vector<uint16_t> samples(kEvenWidth * kEvenHeight);
		std::span<uint8_t> bytes(reinterpret_cast<uint8_t *>(samples.data()), samples.size() * 2);
		FrameSettings settings{ 0, exposure, gain, 64, false, false };

		EXPECT_EQ(sensor.render(settings, sequence, {}, bytes, kEvenWidth * 2), 0);
		return samples;
	}

	std::filesystem::path directory_;
	Recording recording_;
};

} /* namespace */

TEST_F(RecordedSensorTest, ExactIgnoresTheExposure)
{
	addFrame(0);
	auto sensor = create();

	for (int32_t exposure : { 1, 100, 10000 }) {
		std::vector<uint16_t> frame = render(*sensor, 0, exposure, 16 + exposure % 200);
		for (unsigned int y = 0; y < kEvenHeight; y++) {
			for (unsigned int x = 0; x < kEvenWidth; x++)
				ASSERT_EQ(frame[y * kEvenWidth + x], sample(0, x, y));
		}
	}
}

TEST_F(RecordedSensorTest, TellsWhatADriverKnows)
{
	addFrame(0);
	auto sensor = create();
	const Properties &p = sensor->properties();

	ASSERT_EQ(p.modes.size(), 1u);
	EXPECT_EQ(p.model, "test");
	EXPECT_EQ(p.modes[0].width, kEvenWidth);
	EXPECT_EQ(p.modes[0].height, kEvenHeight);
	EXPECT_EQ(p.modes[0].bitDepth, 10u);
	EXPECT_EQ(p.modes[0].pixelRate,
		  uint64_t{ kEvenWidth + p.modes[0].hblank } * (kEvenHeight + p.modes[0].vblankDefault) * 30);
	EXPECT_EQ(p.analogueGain.min, 16);
	EXPECT_EQ(p.analogueGain.max, 256);
	EXPECT_FALSE(p.flips);
}

TEST_F(RecordedSensorTest, TakesGainCodesFromTheModel)
{
	std::string error;
	auto model = loadSensorModel(FOVEA_SOURCE_DIR "/rigs/sensors/imx219.yaml", &error);
	ASSERT_TRUE(model) << error;
	addFrame(0);
	recording_.capture = Capture{ 0.01, 2.0, 0.0 };
	auto sensor = create(&*model);

	EXPECT_EQ(sensor->properties().analogueGain.max, 232);
	EXPECT_EQ(sensor->properties().analogueGain.def, 128);
	EXPECT_EQ(sensor->properties().delays.exposure, 2u);
}

TEST_F(RecordedSensorTest, SequencesLoopOrHold)
{
	for (unsigned int i = 0; i < 3; i++)
		addFrame(i);
	auto looped = create();
	recording_.loop = false;
	auto held = create();

	for (uint32_t sequence : { 0u, 1u, 2u, 3u, 7u, 4000000000u }) {
		EXPECT_EQ(render(*looped, sequence, 1, 16)[0], sample(sequence % 3, 0, 0));
		EXPECT_EQ(render(*held, sequence, 1, 16)[0], sample(std::min(sequence, 2u), 0, 0));
	}
}

/* Turning moves the colours with the samples. */
TEST_F(RecordedSensorTest, OrientationTurnsSamplesAndOrder)
{
	addFrame(0);
	struct {
		Recording::Orientation orientation;
		bool x, y;
		BayerOrder order;
	} const cases[] = {
		{ Recording::Orientation::Rotate0, false, false, BayerOrder::RGGB },
		{ Recording::Orientation::Rotate180, true, true, BayerOrder::BGGR },
		{ Recording::Orientation::MirrorX, true, false, BayerOrder::GRBG },
		{ Recording::Orientation::MirrorY, false, true, BayerOrder::GBRG },
	};

	for (const auto &c : cases) {
		recording_.orientation = c.orientation;
		auto sensor = create();
		EXPECT_EQ(sensor->properties().order, c.order);
		std::vector<uint16_t> frame = render(*sensor, 0, 1, 16);
		for (unsigned int y = 0; y < kEvenHeight; y++) {
			for (unsigned int x = 0; x < kEvenWidth; x++)
				ASSERT_EQ(frame[y * kEvenWidth + x],
					  sample(0, c.x ? kEvenWidth - 1 - x : x, c.y ? kEvenHeight - 1 - y : y));
		}
	}
}

TEST_F(RecordedSensorTest, RescaleFollowsExposureAndGain)
{
	constexpr int kWhite = 900;

	addFrame(0);
	recording_.whiteLevel = kWhite;
	recording_.mode = Recording::Mode::Rescale;
	recording_.capture = Capture{ 0.005, 2.0, 0.0 };
	auto sensor = create();
	int32_t lines = sensor->properties().exposureDefault;
	int32_t gain = sensor->properties().analogueGain.def;
	ASSERT_EQ(gain, 32);
	ASSERT_GT(lines, 1);

	/* At the capture's exposure: to the bit. */
	std::vector<uint16_t> same = render(*sensor, 0, lines, gain);
	std::vector<uint16_t> twice = render(*sensor, 0, 2 * lines, gain);
	std::vector<uint16_t> half = render(*sensor, 0, lines, gain / 2);
	std::vector<uint16_t> traded = render(*sensor, 0, 2 * lines, gain / 2);
	EXPECT_EQ(traded, same);

	auto quadClipped = [](unsigned int x, unsigned int y) {
		x &= ~1u;
		y &= ~1u;
		return std::min({ sample(0, x, y), sample(0, x + 1, y), sample(0, x, y + 1),
				  sample(0, x + 1, y + 1) }) >= kWhite;
	};

	unsigned int clippedQuads = 0;
	unsigned int clippedAlone = 0;
	for (unsigned int y = 0; y < kEvenHeight; y++) {
		for (unsigned int x = 0; x < kEvenWidth; x++) {
			size_t i = y * kEvenWidth + x;
			int recorded = sample(0, x, y);
			ASSERT_EQ(same[i], recorded);

			/* Clipped in all colours: stays so. */
			if (quadClipped(x, y)) {
				ASSERT_EQ(twice[i], recorded);
				ASSERT_EQ(half[i], recorded);
				clippedQuads++;
				continue;
			}

			clippedAlone += recorded >= kWhite;
			ASSERT_EQ(twice[i], std::clamp(64 + 2 * (recorded - 64), 0, kWhite));
			ASSERT_NEAR(half[i], std::min(64 + (recorded - 64) / 2.0, 1.0 * kWhite), 0.5);
		}
	}
	EXPECT_GT(clippedQuads, 0u);
	EXPECT_GT(clippedAlone, 0u);
}

/* Each frame of a sequence was exposed in its own way, and answers from there. */
TEST_F(RecordedSensorTest, EachFrameIsRescaledFromItsOwnExposure)
{
	addFrame(0);
	addFrame(0);
	recording_.mode = Recording::Mode::Rescale;
	recording_.capture = Capture{ 0.004, 1.0, 0.0 };
	recording_.infos.resize(2);
	recording_.infos[1].analogueGain = 2.0;
	auto sensor = create();
	const int32_t lines = sensor->properties().exposureDefault;

	const std::vector<uint16_t> first = render(*sensor, 0, lines, 16);
	EXPECT_EQ(render(*sensor, 1, lines, 32), first);
	EXPECT_NE(render(*sensor, 0, lines, 32), first);
}

/* Dark quads come from the long exposure, bright ones from the short one. */
TEST_F(RecordedSensorTest, ABracketExtendsTheRange)
{
	constexpr int kBlack = 64, kWhite = 1000, kRatio = 8;
	auto light = [](unsigned int x) { return x < kEvenWidth / 2 ? 5.0 + x / 2 : 200.0 + 8 * (x / 2); };

	for (int factor : { 1, kRatio }) {
		const std::string name = (directory_ / (std::to_string(factor) + ".raw")).string();
		std::ofstream file(name, std::ios::binary);
		for (unsigned int i = 0; i < kWidth * kHeight; i++) {
			/* Fractions of the light are lost in the short exposure. */
			const double codes = factor == 1 ? floor(light(i % kWidth)) : light(i % kWidth) * kRatio + 3;
			const int code = std::min<int>(kBlack + codes, kWhite);
			file.put(code & 0xff);
			file.put(code >> 8);
		}
		recording_.frames.push_back(name);
	}
	recording_.mode = Recording::Mode::Rescale;
	recording_.bracket = 2;
	/* 40 and 320 of 80 lines a frame. */
	recording_.frameRate = 240;
	recording_.capture = Capture{ 40.0 / (80 * 240), 1.0, 0.0 };
	recording_.infos.resize(2);
	recording_.infos[1].exposureTime = recording_.capture->exposureTime * kRatio;
	auto sensor = create();
	const int32_t lines = sensor->properties().exposureDefault;
	ASSERT_EQ(lines, 40);

	/* Every group is one frame, so any sequence number shows the same. */
	const std::vector<uint16_t> bright = render(*sensor, 0, lines * kRatio, 16);
	EXPECT_EQ(render(*sensor, 1, lines * kRatio, 16), bright);
	const std::vector<uint16_t> dark = render(*sensor, 0, lines, 16);
	const std::vector<uint16_t> darker = render(*sensor, 0, lines / 2, 16);

	for (unsigned int x = 0; x < kEvenWidth; x++) {
		SCOPED_TRACE(x);
		const bool isDark = x < kEvenWidth / 2;
		EXPECT_NEAR(dark[x], kBlack + (isDark ? light(x) + 3.0 / kRatio : light(x)), 1.0);
		EXPECT_NEAR(bright[x], std::min(kBlack + light(x) * kRatio + (isDark ? 3 : 0), 1.0 * kWhite), kRatio);
		/* No highlight is lost, though the long exposure had clipped them all. */
		if (!isDark) {
			EXPECT_NEAR(darker[x], kBlack + light(x) / 2, 1.5);
		}
	}
}

/* A model brings its noise: at another exposure the frame is noisy anew. */
TEST_F(RecordedSensorTest, TheModelsNoiseIsAdded)
{
	std::string error;
	auto model = loadSensorModel(FOVEA_SOURCE_DIR "/rigs/sensors/imx219.yaml", &error);
	ASSERT_TRUE(model) << error;
	addFrame(0);
	recording_.mode = Recording::Mode::Rescale;
	recording_.capture = Capture{ 0.01, 1.0, 0.0 };
	auto sensor = create(&*model);
	const int32_t lines = sensor->properties().exposureDefault;
	const int32_t gain = sensor->properties().analogueGain.def;

	EXPECT_EQ(render(*sensor, 0, lines, gain)[5], sample(0, 5, 0));
	const std::vector<uint16_t> half = render(*sensor, 0, lines / 2, gain);
	EXPECT_EQ(render(*sensor, 0, lines / 2, gain), half);
	EXPECT_NE(render(*sensor, 7, lines / 2, gain), half);
}

TEST_F(RecordedSensorTest, NamesTheBadFrame)
{
	addFrame(0);
	addFrame(1);
	std::filesystem::resize_file(recording_.frames[1], 100);
	std::string error;

	EXPECT_FALSE(createRecordedSensor(recording_, nullptr, &error));
	EXPECT_NE(error.find("1.raw"), std::string::npos) << error;
	EXPECT_NE(error.find("100 bytes"), std::string::npos) << error;
	EXPECT_NE(error.find("1122"), std::string::npos) << error;

	std::filesystem::remove(recording_.frames[1]);
	EXPECT_FALSE(createRecordedSensor(recording_, nullptr, &error));
	EXPECT_NE(error.find("1.raw"), std::string::npos) << error;
}

TEST_F(RecordedSensorTest, RefusesBuffersThatAreTooSmall)
{
	addFrame(0);
	auto sensor = create();
	std::vector<uint8_t> raw(kEvenWidth * kEvenHeight * 2);
	FrameSettings settings{ 0, 1, 16, 64, false, false };

	EXPECT_EQ(sensor->render(settings, 0, {}, raw, kEvenWidth * 2), 0);
	EXPECT_EQ(sensor->render(settings, 0, {}, raw, kEvenWidth), -EINVAL);
	settings.mode = 1;
	EXPECT_EQ(sensor->render(settings, 0, {}, raw, kEvenWidth * 2), -EINVAL);
	raw.pop_back();
	settings.mode = 0;
	EXPECT_EQ(sensor->render(settings, 0, {}, raw, kEvenWidth * 2), -EINVAL);
}
