/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Import of raw files: what arrives in the recording, and what is refused
 */

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <libraw/libraw.h>

#include "import/cam_log.h"
#include "import/dng.h"
#include "import/importer.h"
#include "import/libraw.h"
#include "isp_sim/sensor/recording_file.h"

#include "dng_builder.h"
#include "lossless_jpeg.h"

using namespace fovea;
using namespace fovea::sensor;
using namespace fovea::tune;
using fovea::test::DngBuilder;
namespace fs = std::filesystem;

namespace {

constexpr unsigned int kWidth = 64;
constexpr unsigned int kHeight = 48;

std::vector<uint16_t> pattern(unsigned int bits, unsigned int seed = 0)
{
	std::vector<uint16_t> samples(kWidth * kHeight);
	uint32_t state = 12345 + seed;

	for (uint16_t &sample : samples) {
		state = state * 1664525u + 1013904223u;
		sample = (state >> 12) & ((1u << bits) - 1);
	}

	return samples;
}

std::vector<uint8_t> readFile(const fs::path &path)
{
	std::ifstream file(path, std::ios::binary);

	return { std::istreambuf_iterator<char>(file), {} };
}

class ImportTest : public testing::Test
{
protected:
	void SetUp() override
	{
		const auto *test = testing::UnitTest::GetInstance()->current_test_info();
		directory_ = fs::path(testing::TempDir()) / (std::string("fovea-import-") + test->name());
		fs::remove_all(directory_);
		fs::create_directories(directory_);
	}

	void TearDown() override { fs::remove_all(directory_); }

	std::string write(const std::string &name, const std::vector<uint8_t> &bytes)
	{
		const fs::path path = directory_ / name;
		std::ofstream(path, std::ios::binary)
			.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
		return path.string();
	}

	std::string output() const { return (directory_ / "out.fvr").string(); }

	bool import(const std::vector<std::string> &files, const ImportOptions &options = {})
	{
		error_.clear();
		return importFiles(files, output(), options, [](size_t, size_t) {}, &summary_, &error_);
	}

	std::optional<Recording> load()
	{
		auto recording = loadRecording(output(), {}, &error_);
		EXPECT_TRUE(recording) << error_;
		return recording;
	}

	void expectRefused(const std::vector<std::string> &files, const std::string &what,
			   const ImportOptions &options = {})
	{
		EXPECT_FALSE(import(files, options));
		EXPECT_NE(error_.find(what), std::string::npos) << error_;
		EXPECT_FALSE(fs::exists(output()));
		EXPECT_FALSE(fs::exists(output() + ".part"));
	}

	fs::path directory_;
	ImportSummary summary_;
	std::string error_;
};

/* Levels, colours and samples as LibRaw sees them. */
void expectAgreesWithLibRaw(std::vector<uint8_t> file)
{
	RawImage ours{}, theirs{};
	std::string error;

	ASSERT_EQ(readDng(file, &ours, &error), DngResult::Read) << error;
	ASSERT_TRUE(readWithLibRaw(file, &theirs, &error)) << error;

	EXPECT_EQ(ours.recording.layout.width, theirs.recording.layout.width);
	EXPECT_EQ(ours.recording.layout.height, theirs.recording.layout.height);
	EXPECT_EQ(ours.recording.order, theirs.recording.order);
	EXPECT_EQ(ours.recording.whiteLevel, theirs.recording.whiteLevel);
	for (size_t i = 0; i < 4; i++)
		EXPECT_NEAR(ours.recording.blackLevels[i], theirs.recording.blackLevels[i], 0.5) << i;
	for (size_t i = 0; i < 3; i++)
		EXPECT_NEAR(ours.info.neutral[i], theirs.info.neutral[i], 1e-4) << i;

	ASSERT_EQ(ours.recording.matrices.size(), theirs.recording.matrices.size());
	for (size_t m = 0; m < ours.recording.matrices.size(); m++) {
		EXPECT_EQ(ours.recording.matrices[m].illuminant, theirs.recording.matrices[m].illuminant);
		for (size_t i = 0; i < 9; i++)
			EXPECT_NEAR(ours.recording.matrices[m].xyzToCamera[i],
				    theirs.recording.matrices[m].xyzToCamera[i], 1e-5) << m << ", " << i;
	}

	EXPECT_NEAR(ours.info.exposureTime, theirs.info.exposureTime, 1e-6);
	EXPECT_EQ(ours.samples, theirs.samples);
}

} /* namespace */

TEST_F(ImportTest, DngOfAnyDepthAndByteOrderArrivesToTheBit)
{
	for (unsigned int bits : { 8u, 10u, 12u, 14u, 16u }) {
		for (bool bigEndian : { false, true }) {
			SCOPED_TRACE(testing::Message() << bits << " bits, big endian " << bigEndian);
			const std::vector<uint16_t> samples = pattern(bits);
			ASSERT_TRUE(import({ write("a.dng", DngBuilder(kWidth, kHeight, bits, samples).build(bigEndian)) })) << error_;

			auto recording = load();
			ASSERT_TRUE(recording);
			ASSERT_EQ(recording->count(), 1u);
			EXPECT_EQ(recording->layout.bitDepth, bits);

			std::vector<uint16_t> read;
			ASSERT_TRUE(readFrame(*recording, 0, &read, &error_)) << error_;
			EXPECT_EQ(read, samples);
		}
	}
}

/* 64x48 in tiles that do not fit: those of the last row are filled up. */
TEST_F(ImportTest, TiledDngArrivesToTheBit)
{
	for (unsigned int bits : { 8u, 10u, 12u, 14u, 16u }) {
		SCOPED_TRACE(bits);
		DngBuilder dng(kWidth, kHeight, bits, pattern(bits));
		dng.setTiles(32, 32);
		ASSERT_TRUE(import({ write("a.dng", dng.build()) })) << error_;
		auto recording = load();
		ASSERT_TRUE(recording);
		std::vector<uint16_t> read;
		ASSERT_TRUE(readFrame(*recording, 0, &read, &error_)) << error_;
		EXPECT_EQ(read, pattern(bits));
	}
}

/* Samples that LibRaw decodes, in an active area that we cut out. */
TEST_F(ImportTest, LosslessJpegDngArrivesToTheBit)
{
	for (unsigned int bits : { 10u, 12u, 14u }) {
		SCOPED_TRACE(bits);
		const std::vector<uint16_t> samples = pattern(bits);
		DngBuilder dng(kWidth, kHeight, 16, samples);
		dng.set(258, DngBuilder::Short, { double(bits) });
		dng.set(259, DngBuilder::Short, { 7 });
		dng.set(50717, DngBuilder::Long, { double((1 << bits) - 24) });
		dng.setStrip(test::LosslessJpeg::encode(kWidth, kHeight, bits, samples));
		ASSERT_TRUE(import({ write("a.dng", dng.build()) })) << error_;
		auto recording = load();
		ASSERT_TRUE(recording);
		EXPECT_EQ(recording->layout.bitDepth, bits);
		EXPECT_EQ(recording->blackLevels, (std::array<double, 4>{ 64, 65, 66, 67 }));
		EXPECT_EQ(recording->whiteLevel, (1u << bits) - 24);
		std::vector<uint16_t> read;
		ASSERT_TRUE(readFrame(*recording, 0, &read, &error_)) << error_;
		EXPECT_EQ(read, samples);
	}
}

TEST_F(ImportTest, TellsWhatTheDngTells)
{
	ASSERT_TRUE(import({ write("a.dng", DngBuilder(kWidth, kHeight, 12, pattern(12)).build()) })) << error_;
	auto recording = load();
	ASSERT_TRUE(recording);

	EXPECT_EQ(recording->model, "maker-model-x-1");
	EXPECT_EQ(recording->order, BayerOrder::RGGB);
	EXPECT_EQ(recording->whiteLevel, 4072u);
	EXPECT_EQ(recording->blackLevels, (std::array<double, 4>{ 64, 65, 66, 67 }));
	EXPECT_EQ(recording->blackLevel, 65.5);
	ASSERT_TRUE(recording->capture);
	EXPECT_NEAR(recording->capture->exposureTime, 0.0125, 1e-12);
	EXPECT_EQ(recording->capture->analogueGain, 4.0);

	ASSERT_EQ(recording->matrices.size(), 2u);
	EXPECT_EQ(recording->matrices[0].illuminant, 17u);
	EXPECT_EQ(recording->matrices[0].xyzToCamera[3], -0.5);
	EXPECT_EQ(recording->matrices[1].illuminant, 21u);

	const FrameInfo info = recording->info(0);
	EXPECT_EQ(info.neutral, (std::array<double, 3>{ 0.5, 1, 0.625 }));
	EXPECT_DOUBLE_EQ(info.exposureTime, recording->capture->exposureTime);
	EXPECT_FALSE(info.lensPosition);
}

TEST_F(ImportTest, ActiveAreaMovesTheMosaic)
{
	const std::vector<uint16_t> samples = pattern(10);
	DngBuilder dng(kWidth, kHeight, 10, samples);
	dng.set(50829, DngBuilder::Long, { 3, 5, kHeight, kWidth });
	ASSERT_TRUE(import({ write("a.dng", dng.build()) })) << error_;
	auto recording = load();
	ASSERT_TRUE(recording);

	/* An odd line and column lead from RGGB to BGGR; what is left is cut to be even. */
	EXPECT_EQ(recording->order, BayerOrder::BGGR);
	EXPECT_EQ(recording->layout.width, 58u);
	EXPECT_EQ(recording->layout.height, 44u);
	std::vector<uint16_t> read;
	ASSERT_TRUE(readFrame(*recording, 0, &read, &error_)) << error_;
	EXPECT_EQ(read[0], samples[3 * kWidth + 5]);
	EXPECT_EQ(read[58], samples[4 * kWidth + 5]);
	EXPECT_EQ(read.back(), samples[46 * kWidth + 62]);
}

TEST_F(ImportTest, LinearizationTableIsApplied)
{
	DngBuilder dng(kWidth, kHeight, 8, pattern(8));
	std::vector<double> table(256);
	for (size_t i = 0; i < table.size(); i++)
		table[i] = i * i / 16;
	dng.set(50712, DngBuilder::Short, table);
	dng.set(50717, DngBuilder::Long, { 4000 });
	ASSERT_TRUE(import({ write("a.dng", dng.build()) })) << error_;
	auto recording = load();
	ASSERT_TRUE(recording);

	EXPECT_EQ(recording->layout.bitDepth, 12u);
	std::vector<uint16_t> read;
	ASSERT_TRUE(readFrame(*recording, 0, &read, &error_)) << error_;
	for (size_t i = 0; i < read.size(); i++)
		ASSERT_EQ(read[i], table[pattern(8)[i]]) << i;
}

TEST_F(ImportTest, NoiseProfileBecomesThatOfGainOne)
{
	DngBuilder dng(kWidth, kHeight, 12, pattern(12));
	dng.set(51041, DngBuilder::Double, { 0.002, 1e-6 });
	ASSERT_TRUE(import({ write("a.dng", dng.build()) })) << error_;
	auto recording = load();
	ASSERT_TRUE(recording && recording->noise);

	/* At gain 4: a code of white - black counts for 0.002 range^2 codes of variance. */
	const double range = 4072 - 65.5;
	EXPECT_NEAR(recording->noise->conversionGain, 0.002 * range / 4.0, 1e-9);
	EXPECT_NEAR(recording->noise->readNoise * recording->noise->conversionGain * 4.0, 1e-3 * range, 1e-9);
}

TEST_F(ImportTest, AgreesWithLibRaw)
{
	for (unsigned int bits : { 8u, 10u, 12u, 14u, 16u }) {
		SCOPED_TRACE(bits);
		expectAgreesWithLibRaw(DngBuilder(kWidth, kHeight, bits, pattern(bits)).build());
	}

	DngBuilder area(kWidth, kHeight, 12, pattern(12));
	area.set(50829, DngBuilder::Long, { 2, 4, kHeight - 2, kWidth });
	area.set(33422, DngBuilder::Byte, { 1, 2, 0, 1 });
	area.set(50713, DngBuilder::Short, { 1, 1 });
	area.set(50714, DngBuilder::Rational, { 256 });
	expectAgreesWithLibRaw(area.build());
}

TEST_F(ImportTest, TwoImportsGiveTheSameBytes)
{
	std::vector<std::string> files;
	for (unsigned int i = 0; i < 3; i++)
		files.push_back(write(std::to_string(i) + ".dng",
				      DngBuilder(kWidth, kHeight, 12, pattern(12, i)).build()));

	ASSERT_TRUE(import(files)) << error_;
	const std::vector<uint8_t> first = readFile(output());
	ASSERT_TRUE(import(files)) << error_;
	EXPECT_EQ(readFile(output()), first);

	/* And so does the import of the recording itself. */
	const fs::path copy = directory_ / "copy.fvr";
	fs::rename(output(), copy);
	ASSERT_TRUE(import({ copy.string() })) << error_;
	EXPECT_FALSE(import({ output() }));
	EXPECT_NE(error_.find("out.fvr: the output is one of the files"), std::string::npos) << error_;
	std::vector<uint8_t> again = readFile(output());
	EXPECT_EQ(again.size(), first.size());
	EXPECT_TRUE(std::equal(again.begin() + 4096, again.end(), first.begin() + 4096));
}

TEST_F(ImportTest, SequencesKeepTheExposureOfEachFrame)
{
	std::vector<std::string> files;
	for (unsigned int i = 0; i < 3; i++) {
		DngBuilder dng(kWidth, kHeight, 10, pattern(10, i));
		dng.set(33434, DngBuilder::Rational, { 0.001 * (1 << i) });
		dng.set(34855, DngBuilder::Short, { 100.0 * (i + 1) });
		files.push_back(write(std::to_string(i) + ".dng", dng.build()));
	}

	ImportOptions options;
	options.bracket = 3;
	ASSERT_TRUE(import({ directory_.string() }, options)) << error_;
	auto recording = load();
	ASSERT_TRUE(recording);

	EXPECT_EQ(recording->bracket, 3u);
	EXPECT_EQ(recording->mode, Recording::Mode::Rescale);
	ASSERT_EQ(recording->count(), 3u);
	for (unsigned int i = 0; i < 3; i++) {
		const FrameInfo info = recording->info(i);
		EXPECT_NEAR(info.exposureTime, 0.001 * (1 << i), 1e-9);
		EXPECT_EQ(info.analogueGain, i + 1.0);
		EXPECT_EQ(info.sequence, i);

		std::vector<uint16_t> read;
		ASSERT_TRUE(readFrame(*recording, i, &read, &error_)) << error_;
		EXPECT_EQ(read, pattern(10, i));
	}

	options.bracket = 2;
	fs::remove(output());
	expectRefused({ files[0], files[1], files[2] }, "--bracket", options);
}

/* Frames as cam writes them, packed and with padding, several in a file. */
TEST_F(ImportTest, CamsRawFrames)
{
	constexpr unsigned int kStride = 96;
	std::vector<uint8_t> bytes;
	for (unsigned int frame = 0; frame < 2; frame++) {
		const std::vector<uint16_t> samples = pattern(10, frame);
		for (unsigned int y = 0; y < kHeight; y++) {
			for (unsigned int x = 0; x < kWidth; x += 4) {
				const uint16_t *s = &samples[y * kWidth + x];
				for (unsigned int i = 0; i < 4; i++)
					bytes.push_back(s[i] >> 2);
				bytes.push_back((s[0] & 3) | (s[1] & 3) << 2 | (s[2] & 3) << 4 | (s[3] & 3) << 6);
			}
			bytes.resize((frame * kHeight + y + 1) * kStride, 0xee);
		}
	}

	ImportOptions options;
	options.format = "SGBRG10_CSI2P";
	options.size = "64x48";
	options.stride = kStride;
	options.model = "imx219";
	options.blackLevel = 64.0;
	options.exposure = 8000.0;
	options.gain = 2.0;
	options.lensPosition = 1.5;
	const std::string file = write("frames.bin", bytes);
	ASSERT_TRUE(import({ file }, options)) << error_;
	auto recording = load();
	ASSERT_TRUE(recording);

	ASSERT_EQ(recording->count(), 2u);
	EXPECT_EQ(recording->order, BayerOrder::GBRG);
	EXPECT_EQ(recording->model, "imx219");
	EXPECT_EQ(recording->whiteLevel, 1023u);
	EXPECT_EQ(recording->info(1).lensPosition, 1.5);
	EXPECT_NEAR(recording->info(1).exposureTime, 0.008, 1e-12);
	for (unsigned int i = 0; i < 2; i++) {
		std::vector<uint16_t> read;
		ASSERT_TRUE(readFrame(*recording, i, &read, &error_)) << error_;
		EXPECT_EQ(read, pattern(10, i));
	}

	fs::remove(output());
	options.size = "64x50";
	expectRefused({ file }, "expected 0 header and a multiple of 4800", options);
	options.size = "64";
	expectRefused({ file }, "--size: got '64'", options);
	options.size = "64x48";
	options.format = "SRGGB11";
	expectRefused({ file }, "--format: got 'SRGGB11'", options);
	options.format = "SRGGB10";
	expectRefused({ file }, "--stride: got 96, expected at least 128", options);
}

TEST(CamLog, TellsHowFramesWereTaken)
{
	std::istringstream log("Using camera /base/soc/imx219@10 as cam0\n"
			       "12.345678 (0.00 fps) cam0-stream0 seq: 000007 bytesused: 384000\n"
			       "\tExposureTime = 2500\n\tAnalogueGain = 1.500000\n\tAeState = 2\n"
			       "\tColourGains = [ 2.000000, 1.250000 ]\n\tSensorTimestamp = 1234567890123456789\n"
			       "\tSensorBlackLevels = [ 4096, 4097, 4098, 4099 ]\n"
			       "12.378999 (30.00 fps) cam0-stream0 seq: 000009 bytesused: 384000\n"
			       "\tLensPosition = 2.500000\n");
	std::string error;
	const auto frames = parseCamLog(log, "log", &error);
	ASSERT_TRUE(frames) << error;
	ASSERT_EQ(frames->size(), 2u);

	const FrameInfo &first = (*frames)[0].info;
	EXPECT_EQ(first.sequence, 7u);
	EXPECT_EQ(first.timestamp, 1234567890123456789u);
	EXPECT_DOUBLE_EQ(first.exposureTime, 0.0025);
	EXPECT_DOUBLE_EQ(first.analogueGain, 1.5);
	EXPECT_EQ(first.neutral, (std::array<double, 3>{ 0.5, 1.0, 0.8 }));
	EXPECT_FALSE(first.lensPosition);
	ASSERT_TRUE((*frames)[0].blackLevels);
	EXPECT_EQ(*(*frames)[0].blackLevels, (std::array<double, 4>{ 4096, 4097, 4098, 4099 }));

	EXPECT_EQ((*frames)[1].info.sequence, 9u);
	EXPECT_EQ((*frames)[1].info.lensPosition, 2.5);
	EXPECT_EQ((*frames)[1].info.exposureTime, 0.0);
}

TEST(CamLog, EachLineIsChecked)
{
	const std::string frame = "1.5 (0.00 fps) cam0-stream0 seq: 000007 bytesused: 1\n";
	struct {
		std::string log;
		const char *error;
	} const cases[] = {
		{ "", "log: no line of a frame" },
		{ "\tExposureTime = 2500\n", "log: no line of a frame" },
		{ "1.5 (0.00 fps) cam0-stream0 seq: none\n", "log:1: expected a number behind 'seq:'" },
		{ frame + "\tExposureTime = -1\n", "log:2: ExposureTime: got '-1', expected 1 number from 0 to" },
		{ frame + "\tAnalogueGain = much\n", "log:2: AnalogueGain: got 'much'" },
		{ frame + "\tDigitalGain = nan\n", "log:2: DigitalGain" },
		{ frame + "\tColourGains = [ 2 ]\n", "expected 2 numbers from 0 to 10000" },
		{ frame + "\tSensorBlackLevels = [ 1, 2, 3, 1e9 ]\n", "expected 4 numbers from 0 to 65535" },
		{ frame + "\tSensorTimestamp = \n", "log:2: SensorTimestamp" },
		{ frame + "\tLensPosition = 1e5\n", "log:2: LensPosition" },
	};

	for (const auto &c : cases) {
		std::istringstream log(c.log);
		std::string error;
		EXPECT_FALSE(parseCamLog(log, "log", &error));
		EXPECT_NE(error.find(c.error), std::string::npos) << error;
	}
}

TEST_F(ImportTest, EachFieldOfADngIsChecked)
{
	struct {
		uint16_t tag;
		DngBuilder::Type type;
		std::vector<double> values;
		const char *error;
	} const cases[] = {
		{ 256, DngBuilder::Long, { 0 }, "field 'ImageWidth' (256)" },
		{ 257, DngBuilder::Long, { 100000 }, "field 'ImageLength' (257)" },
		{ 258, DngBuilder::Short, { 24 }, "field 'BitsPerSample' (258)" },
		{ 262, DngBuilder::Short, { 34892 }, "no longer a mosaic" },
		{ 262, DngBuilder::Short, { 2 }, "there are no raw samples" },
		{ 273, DngBuilder::Long, { 1e9 }, "truncated: strip or tile 0" },
		{ 277, DngBuilder::Short, { 3 }, "field 'SamplesPerPixel' (277)" },
		{ 339, DngBuilder::Short, { 3 }, "field 'SampleFormat' (339)" },
		{ 279, DngBuilder::Long, { 100 }, "expected 6144 (48 lines of 128)" },
		{ 279, DngBuilder::Long, { 4e9 }, "field 'StripByteCounts' (279)" },
		{ 33421, DngBuilder::Short, { 6, 6 }, "only Bayer mosaics" },
		{ 33422, DngBuilder::Byte, { 0, 1, 2, 1 }, "field 'CFAPattern' (33422)" },
		{ 50710, DngBuilder::Byte, { 3, 4, 5 }, "field 'CFAPlaneColor' (50710)" },
		{ 50714, DngBuilder::Short, { 64, 65 }, "field 'BlackLevel' (50714): 2 values, expected 4 to 4" },
		{ 50717, DngBuilder::Long, { 60 }, "field 'WhiteLevel' (50717): got 60, expected more" },
		{ 50721, DngBuilder::SRational, { 1, 2, 3 }, "field 'ColorMatrix1' (50721)" },
		{ 50728, DngBuilder::Rational, { 1, 0, 1 }, "field 'AsShotNeutral' (50728): value 1 is 0" },
		{ 50829, DngBuilder::Long, { 40, 0, 48, 64 }, "field 'ActiveArea' (50829)" },
		{ 33434, DngBuilder::Rational, { 4000 }, "field 'ExposureTime' (33434)" },
		{ 34855, DngBuilder::Double, { 1e-40 }, "(34855): 1e-40, expected 0 or 1 to 1000000" },
		{ 51041, DngBuilder::Double, { 1e-40, 0 }, "field 'NoiseProfile' (51041)" },
		{ 330, DngBuilder::Long, { 1e9 }, "lies behind the end of the file" },
	};

	for (const auto &c : cases) {
		SCOPED_TRACE(c.error);
		DngBuilder dng(kWidth, kHeight, 16, pattern(12));
		dng.set(c.tag, c.type, c.values);
		expectRefused({ write("bad.dng", dng.build()) }, c.error);
		EXPECT_NE(error_.find("bad.dng: offset "), std::string::npos) << error_;
	}

	DngBuilder missing(kWidth, kHeight, 16, pattern(12));
	missing.remove(33421);
	expectRefused({ write("bad.dng", missing.build()) }, "field 'CFARepeatPatternDim' (33421): missing");
}

/* Cut off anywhere, a DNG gives an error and nothing else. */
TEST_F(ImportTest, TruncatedDng)
{
	const std::vector<uint8_t> whole = DngBuilder(kWidth, kHeight, 10, pattern(10)).build();

	for (size_t size = 0; size < whole.size(); size += size < 64 ? 1 : 97) {
		RawImage image{};
		std::string error;
		const DngResult result = readDng({ whole.data(), size }, &image, &error);
		EXPECT_EQ(result, size < 4 ? DngResult::NotDng : DngResult::Bad) << size;
		EXPECT_EQ(error.empty(), result == DngResult::NotDng) << size;
	}
}

TEST_F(ImportTest, OtherFilesAreRefusedByTheirKind)
{
	auto bytes = [](std::string text) { return std::vector<uint8_t>(text.begin(), text.end()); };

	expectRefused({ write("a.png", bytes("\x89PNG\r\n....")) }, "a PNG picture");
	expectRefused({ write("a.raw", std::vector<uint8_t>(1 << 16)) }, "--format and --size");
	expectRefused({ write("a.nef", bytes("MM")) }, "LibRaw");
	expectRefused({ (directory_ / "none.dng").string() }, "none.dng: No such file");
	expectRefused({ directory_.string() + "/." }, "a.nef");

	fs::create_directory(directory_ / "empty");
	expectRefused({ (directory_ / "empty").string() }, "no file in it ends with .dng");
}

TEST_F(ImportTest, FramesOfASequenceAgree)
{
	const std::string first = write("1.dng", DngBuilder(kWidth, kHeight, 10, pattern(10)).build());
	DngBuilder levels(kWidth, kHeight, 10, pattern(10));
	levels.set(50714, DngBuilder::Short, { 60, 60, 60, 60 });
	DngBuilder order(kWidth, kHeight, 10, pattern(10));
	order.set(33422, DngBuilder::Byte, { 2, 1, 1, 0 });

	expectRefused({ first, write("2.dng", levels.build()) }, "2.dng: black level 60, but the first frame has 65.5");
	expectRefused({ first, write("2.dng", order.build()) }, "2.dng: Bayer order");
	expectRefused({ first, write("2.dng", DngBuilder(kWidth, kHeight, 12, pattern(12)).build()) },
		      "2.dng: bit depth 12, but the first frame has 10");
}

/* A hostile file ends LibRaw's process at worst, and never ours. */
TEST_F(ImportTest, LibRawIsApart)
{
	std::vector<uint8_t> file = DngBuilder(kWidth, kHeight, 10, pattern(10)).build();

	for (size_t at = 8 + kWidth * kHeight * 10 / 8; at < file.size(); at += 23) {
		std::vector<uint8_t> damaged = file;
		damaged[at] ^= 0xff;
		RawImage image{};
		std::string error;
		const bool good = readWithLibRaw(damaged, &image, &error);
		EXPECT_EQ(good, error.empty()) << error;
	}
}

/* The real files, where they are. */
TEST_F(ImportTest, RealDngsAgreeWithLibRaw)
{
	const char *variable = getenv("FOVEA_DATA_PATH");
	const fs::path data = fs::path(variable ? variable : FOVEA_SOURCE_DIR "/../shared/data") / "raw";
	if (!fs::is_directory(data))
		GTEST_SKIP() << "no recorded raw frames at " << data;

	unsigned int count = 0;
	for (const fs::directory_entry &entry : fs::recursive_directory_iterator(data)) {
		if (entry.path().extension() != ".dng")
			continue;
		SCOPED_TRACE(entry.path().string());
		expectAgreesWithLibRaw(readFile(entry.path()));
		count++;
	}
	EXPECT_GT(count, 0u);
}
