/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The file of a recording: round trip, and damage of every kind
 */

#include <filesystem>
#include <fstream>
#include <string.h>

#include <gtest/gtest.h>

#include "isp_sim/sensor/recording_file.h"

using namespace fovea::sensor;
namespace fs = std::filesystem;

namespace {

constexpr unsigned int kWidth = 32;
constexpr unsigned int kHeight = 16;
constexpr size_t kFrames = 3;
constexpr size_t kPage = 4096;

class RecordingFileTest : public testing::Test
{
protected:
	void SetUp() override
	{
		const auto *test = testing::UnitTest::GetInstance()->current_test_info();
		directory_ = fs::path(testing::TempDir()) / (std::string("fovea-file-") + test->name());
		fs::remove_all(directory_);
		fs::create_directories(directory_);

		recording_.name = "a \"name\"\n\\";
		recording_.model = "test";
		recording_.layout = { kWidth, kHeight, 10, Packing::U16LE, 0, 0, 0 };
		recording_.order = BayerOrder::GBRG;
		recording_.blackLevel = 64.25;
		recording_.blackLevels = { 64, 65, 64, 64 };
		recording_.whiteLevel = 1000;
		recording_.matrices = { { 21, { 1, 2, 3, 4, 5, 6, 7, 8, 0.1 }, Matrix9{ 1 }, Matrix9{ 2 } } };
		recording_.noise = NoiseModel{ 0.1, 2.0, 0.5 };
		recording_.loop = false;
	}

	void TearDown() override { fs::remove_all(directory_); }

	static std::vector<uint8_t> samples(size_t frame)
	{
		std::vector<uint8_t> bytes(kWidth * kHeight * 2);
		for (size_t i = 0; i < bytes.size(); i += 2)
			bytes[i] = i * 7 + frame;
		return bytes;
	}

	static FrameInfo info(size_t frame)
	{
		FrameInfo info;
		info.sequence = 10 + frame;
		info.timestamp = 1000000 * frame;
		info.exposureTime = 0.01 * (frame + 1);
		info.analogueGain = 1.5;
		if (frame == 1)
			info.lensPosition = 2.5;
		info.neutral = { 0.5, 1.0, 0.25 };
		return info;
	}

	std::string path() const { return (directory_ / "a.fvr").string(); }

	void write()
	{
		RecordingWriter writer;
		std::string error;
		const Attachment note{ Attachment::Kind::Metadata, { 'a', 'b', 'c' } };

		ASSERT_TRUE(writer.open(path(), recording_, &error)) << error;
		for (size_t i = 0; i < kFrames; i++)
			ASSERT_TRUE(writer.add(info(i), samples(i), std::vector<Attachment>(i, note), &error)) << error;
		ASSERT_TRUE(writer.finish(&error)) << error;
	}

	std::vector<uint8_t> bytes() const
	{
		std::ifstream file(path(), std::ios::binary);
		return { std::istreambuf_iterator<char>(file), {} };
	}

	void replace(const std::vector<uint8_t> &with) const
	{
		std::ofstream(path(), std::ios::binary)
			.write(reinterpret_cast<const char *>(with.data()), with.size());
	}

	std::string openError() const
	{
		std::optional<Recording> recording;
		std::string error;
		auto file = RecordingFile::open(path(), &recording, &error);
		EXPECT_EQ(file == nullptr, !recording);
		EXPECT_EQ(file == nullptr, !error.empty());
		return error;
	}

	fs::path directory_;
	Recording recording_;
};

} /* namespace */

TEST_F(RecordingFileTest, KeepsAll)
{
	write();
	std::string error;
	auto recording = loadRecording(path(), {}, &error);
	ASSERT_TRUE(recording) << error;

	EXPECT_EQ(recording->name, recording_.name);
	EXPECT_EQ(recording->order, recording_.order);
	EXPECT_EQ(recording->blackLevel, recording_.blackLevel);
	EXPECT_EQ(recording->blackLevels, recording_.blackLevels);
	EXPECT_EQ(recording->loop, false);
	ASSERT_EQ(recording->matrices.size(), 1u);
	EXPECT_EQ(recording->matrices[0].xyzToCamera, recording_.matrices[0].xyzToCamera);
	EXPECT_EQ(recording->matrices[0].calibration, recording_.matrices[0].calibration);
	EXPECT_EQ(recording->matrices[0].forward, recording_.matrices[0].forward);
	ASSERT_TRUE(recording->noise);
	EXPECT_EQ(recording->noise->readNoise, 2.0);
	EXPECT_EQ(describe(*recording), describe(recording_));

	ASSERT_EQ(recording->count(), kFrames);
	for (size_t i = 0; i < kFrames; i++) {
		EXPECT_EQ(recording->info(i), info(i));

		std::vector<uint8_t> read(recording->file->frameSize());
		ASSERT_TRUE(recording->file->readSamples(i, read, &error)) << error;
		EXPECT_EQ(read, samples(i));

		std::vector<Attachment> attachments;
		ASSERT_TRUE(recording->file->readAttachments(i, &attachments, &error)) << error;
		ASSERT_EQ(attachments.size(), i);
		for (const Attachment &attachment : attachments) {
			EXPECT_EQ(attachment.kind, Attachment::Kind::Metadata);
			EXPECT_EQ(attachment.data, (std::vector<uint8_t>{ 'a', 'b', 'c' }));
		}
	}
}

TEST_F(RecordingFileTest, AnUnfinishedFileLeavesNothing)
{
	{
		RecordingWriter writer;
		std::string error;
		ASSERT_TRUE(writer.open(path(), recording_, &error)) << error;
		EXPECT_FALSE(writer.add(info(0), std::vector<uint8_t>(100), {}, &error));
		EXPECT_NE(error.find("field 'samplesSize': got 100, expected 1024"), std::string::npos) << error;
		EXPECT_FALSE(writer.finish(&error));
	}
	EXPECT_TRUE(fs::is_empty(directory_));
}

TEST_F(RecordingFileTest, TruncatedAnywhere)
{
	write();
	const std::vector<uint8_t> whole = bytes();

	for (size_t size = 0; size < whole.size(); size += 509) {
		replace({ whole.begin(), whole.begin() + size });
		EXPECT_FALSE(openError().empty()) << size;
	}
	replace({ whole.begin(), whole.end() - 1 });
	EXPECT_NE(openError().find("truncated"), std::string::npos) << openError();
}

TEST_F(RecordingFileTest, EachFieldIsChecked)
{
	write();
	const std::vector<uint8_t> whole = bytes();
	struct {
		size_t offset;
		uint8_t value;
		const char *error;
	} const cases[] = {
		{ 0, 'X', "not a recording" },
		{ 8, 9, "offset 8: field 'version': got 9, expected 1" },
		{ 15, 0x80, "offset 12: field 'descriptionSize'" },
		{ 64, '?', "description:1:" },
		{ kPage, 'X', "frame 0 at offset 4096: expected the head of a frame" },
		{ kPage + 8, 7, "field 'index': got 7, expected 0" },
		{ kPage + 20, 0x80, "field 'flags'" },
		{ kPage + 39, 0x7f, "field 'exposureTime'" },
		{ kPage + 47, 0xff, "field 'analogueGain'" },
		{ kPage + 90, 1, "field 'samplesSize'" },
		{ kPage + 110, 0xff, "field 'attachmentsSize'" },
		{ whole.size() - 8, 9, "field 'count': got 9, expected 3" },
	};

	for (const auto &c : cases) {
		std::vector<uint8_t> bad = whole;
		bad[c.offset] = c.value;
		replace(bad);
		EXPECT_NE(openError().find(c.error), std::string::npos) << c.error << "\n" << openError();
	}

	std::vector<uint8_t> longer = whole;
	longer.push_back(0);
	replace(longer);
	EXPECT_NE(openError().find("1 bytes behind the end mark"), std::string::npos) << openError();
}

TEST_F(RecordingFileTest, DamagedSamplesAreNoticed)
{
	write();
	std::vector<uint8_t> bad = bytes();
	bad[2 * kPage + 500] ^= 1;
	replace(bad);

	std::string error;
	auto recording = loadRecording(path(), {}, &error);
	ASSERT_TRUE(recording) << error;
	std::vector<uint16_t> read;
	EXPECT_FALSE(readFrame(*recording, 0, &read, &error));
	EXPECT_NE(error.find("frame 0: samples at offset 8192 do not have their checksum"), std::string::npos) << error;
	EXPECT_TRUE(readFrame(*recording, 1, &read, &error)) << error;
}

TEST_F(RecordingFileTest, TheChecksumSeesEveryBitAndTheLength)
{
	std::vector<uint8_t> data(200);
	const uint64_t sum = checksum(data);

	for (size_t bit = 0; bit < data.size() * 8; bit++) {
		data[bit / 8] ^= 1 << bit % 8;
		EXPECT_NE(checksum(data), sum) << bit;
		data[bit / 8] ^= 1 << bit % 8;
	}
	data.push_back(0);
	EXPECT_NE(checksum(data), sum);
}
