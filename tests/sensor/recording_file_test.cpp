/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The file of a recording: round trip, and damage of every kind
 */

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "isp_sim/sensor/aligned_bytes.h"
#include "isp_sim/sensor/recorded_sensor.h"
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
		for (size_t i = 0; i < bytes.size(); i += 2) {
			bytes[i] = i * 7 + frame;
			bytes[i + 1] = i / 2 % 4;
		}
		return bytes;
	}

	static std::vector<uint16_t> words(size_t frame)
	{
		const std::vector<uint8_t> from = samples(frame);
		std::vector<uint16_t> words(from.size() / 2);
		memcpy(words.data(), from.data(), from.size());
		return words;
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
	recording_.layout.packing = Packing::CSI2P;
	EXPECT_EQ(describe(*recording), describe(recording_));

	ASSERT_EQ(recording->count(), kFrames);
	for (size_t i = 0; i < kFrames; i++) {
		EXPECT_EQ(recording->info(i), info(i));

		std::vector<uint16_t> read;
		ASSERT_TRUE(readFrame(*recording, i, &read, &error)) << error;
		EXPECT_EQ(read, words(i));

		std::vector<Attachment> attachments;
		ASSERT_TRUE(recording->file->readAttachments(i, &attachments, &error)) << error;
		ASSERT_EQ(attachments.size(), i);
		for (const Attachment &attachment : attachments) {
			EXPECT_EQ(attachment.kind, Attachment::Kind::Metadata);
			EXPECT_EQ(attachment.data, (std::vector<uint8_t>{ 'a', 'b', 'c' }));
		}
	}
}

/* Of every depth and an odd size, kept as in the file (exact) and as words (rescale, turned). */
TEST_F(RecordingFileTest, TheSensorShowsWhatWasWritten)
{
	constexpr unsigned int kOddWidth = 35, kOddHeight = 17;

	for (unsigned int depth : { 8u, 10u, 12u, 14u, 16u }) {
		std::vector<uint16_t> wide(kOddWidth * kOddHeight);
		for (size_t i = 0; i < wide.size(); i++)
			wide[i] = (i * 2654435761u >> 7) & ((1u << depth) - 1);
		std::vector<uint8_t> stored(wide.begin(), wide.end());
		if (depth > 8) {
			stored.resize(wide.size() * 2);
			memcpy(stored.data(), wide.data(), stored.size());
		}

		for (unsigned int form = 0; form < 3; form++) {
			SCOPED_TRACE(std::to_string(depth) + " bits, form " + std::to_string(form));
			recording_.layout = { kOddWidth, kOddHeight, depth, Packing::U16LE, 0, 0, 0 };
			recording_.blackLevel = 0;
			recording_.whiteLevel = (1u << depth) - 1;
			recording_.mode = form == 1 ? Recording::Mode::Rescale : Recording::Mode::Exact;
			recording_.orientation = form == 2 ? Recording::Orientation::Rotate180
							   : Recording::Orientation::Rotate0;
			recording_.capture = Capture{ 0.01, 1.0, 0.0 };

			RecordingWriter writer;
			std::string error;
			ASSERT_TRUE(writer.open(path(), recording_, &error)) << error;
			ASSERT_TRUE(writer.add({}, stored, {}, &error)) << error;
			ASSERT_TRUE(writer.finish(&error)) << error;
			auto recording = loadRecording(path(), {}, &error);
			ASSERT_TRUE(recording) << error;
			auto sensor = createRecordedSensor(*recording, nullptr, &error);
			ASSERT_TRUE(sensor) << error;

			const Properties &properties = sensor->properties();
			const Mode &mode = properties.modes[0];
			const size_t bytes = depth > 8 ? 2 : 1;
			std::vector<uint8_t> raw(bytes * mode.width * mode.height);
			ASSERT_EQ(sensor->render({ 0, properties.exposureDefault, properties.analogueGain.def, 64,
						   false, false }, 0, {}, raw, bytes * mode.width), 0);
			ASSERT_EQ(mode.width * mode.height, 34u * 16);
			for (size_t i = 0; i < raw.size() / bytes; i++) {
				const size_t from = form == 2 ? raw.size() / bytes - 1 - i : i;
				const unsigned int sample = raw[i * bytes] | (depth > 8 ? raw[2 * i + 1] << 8 : 0);
				ASSERT_EQ(sample, wide[from / mode.width * kOddWidth + from % mode.width]) << i;
			}
		}
	}
}

/* A frame that is not in the page cache, as far as the system forgets it, of some pages and a rest. */
TEST_F(RecordingFileTest, ReadsWhatIsNotInThePageCache)
{
	constexpr unsigned int kSide = 102;
	std::vector<uint16_t> frame(kSide * kSide);
	for (size_t i = 0; i < frame.size(); i++)
		frame[i] = i * 7 % 1024;

	recording_.layout = { kSide, kSide, 10, Packing::U16LE, 0, 0, 0 };
	RecordingWriter writer;
	std::string error;
	ASSERT_TRUE(writer.open(path(), recording_, &error)) << error;
	ASSERT_TRUE(writer.add({}, { reinterpret_cast<uint8_t *>(frame.data()), frame.size() * 2 }, {}, &error));
	ASSERT_TRUE(writer.finish(&error)) << error;
	auto recording = loadRecording(path(), {}, &error);
	ASSERT_TRUE(recording) << error;

	AlignedBytes aligned;
	aligned.resize(recording->file->frameSize());
	std::vector<uint8_t> other(aligned.bytes().size());
	for (unsigned int i = 0; i < 3; i++) {
		int fd = open(path().c_str(), O_RDONLY | O_CLOEXEC);
		ASSERT_GE(fd, 0);
		fsync(fd);
		posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		close(fd);

		ASSERT_TRUE(recording->file->readSamples(0, aligned.bytes(), &error)) << error;
		ASSERT_TRUE(recording->file->readSamples(0, other, &error)) << error;
		EXPECT_TRUE(std::equal(other.begin(), other.end(), aligned.bytes().begin()));
		std::vector<uint16_t> samples;
		ASSERT_TRUE(unpack(other, recording->layout, &samples, &error)) << error;
		EXPECT_EQ(samples, frame);
	}
}

/* Files of before have words, where there are packed samples now. */
TEST_F(RecordingFileTest, ReadsVersion1)
{
	write();
	std::vector<uint8_t> file = bytes();
	const std::string packing = "packing: csi2p", before = "packing: u16le";
	const auto found = std::search(file.begin(), file.end(), packing.begin(), packing.end());
	ASSERT_NE(found, file.end());
	std::copy(before.begin(), before.end(), found);
	file[8] = 1;

	/* Head, samples and, but for the first frame, attachments: each takes a page. */
	size_t at = kPage;
	for (size_t i = 0; i < kFrames; i++) {
		const std::vector<uint8_t> words = samples(i);
		const uint64_t sizeAndSum[] = { words.size(), checksum(words) };
		memcpy(&file[at + 88], sizeAndSum, sizeof(sizeAndSum));
		std::copy(words.begin(), words.end(), file.begin() + at + kPage);
		at += (i == 0 ? 2 : 3) * kPage;
	}
	replace(file);

	std::string error;
	auto recording = loadRecording(path(), {}, &error);
	ASSERT_TRUE(recording) << error;
	EXPECT_EQ(recording->layout.packing, Packing::U16LE);
	auto sensor = createRecordedSensor(*recording, nullptr, &error);
	ASSERT_TRUE(sensor) << error;
	for (size_t i = 0; i < kFrames; i++) {
		std::vector<uint16_t> read;
		ASSERT_TRUE(readFrame(*recording, i, &read, &error)) << error;
		EXPECT_EQ(read, words(i));

		std::vector<uint8_t> raw(kWidth * kHeight * 2);
		ASSERT_EQ(sensor->render({ 0, 1, 16, 64, false, false }, i, {}, raw, kWidth * 2), 0);
		EXPECT_EQ(raw, samples(i));
	}
}

/* What does not fit in the depth is an error of whoever writes, and is not cut off. */
TEST_F(RecordingFileTest, RefusesSamplesThatDoNotFit)
{
	RecordingWriter writer;
	std::string error;
	std::vector<uint8_t> deep = samples(0);
	deep[101] = 4;

	ASSERT_TRUE(writer.open(path(), recording_, &error)) << error;
	EXPECT_FALSE(writer.add(info(0), deep, {}, &error));
	EXPECT_NE(error.find("frame 0: a sample exceeds 10 bits"), std::string::npos) << error;
}

TEST_F(RecordingFileTest, AnUnfinishedFileLeavesNothing)
{
	{
		RecordingWriter writer;
		std::string error;
		ASSERT_TRUE(writer.open(path(), recording_, &error)) << error;
		EXPECT_FALSE(writer.add(info(0), std::vector<uint8_t>(100), {}, &error));
		EXPECT_NE(error.find("frame 0: 100 bytes of samples, expected 1024"), std::string::npos) << error;
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
		{ 8, 9, "offset 8: field 'version': got 9, expected 1 to 2" },
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
