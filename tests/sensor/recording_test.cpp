/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Sidecars of recordings: what is read, what is refused and how
 */

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "isp_sim/sensor/recording.h"

using namespace fovea::sensor;

namespace {

const std::string kGood = R"(version: 1
name: test
description: a test
model: imx378
size: [32, 16]
bit_depth: 10
packing: u16le
shift: 6
bayer_order: GBRG
black_level: 64.5
white_level: 1000
orientation: rotate180
mode: rescale
capture: { exposure_us: 12500, analogue_gain: 2.5, colour_temperature: 4100 }
frame_rate: 25
frames: [a.raw, b.raw]
loop: false
)";

std::string replaced(std::string from, const std::string &to)
{
	std::string text = kGood;
	size_t at = text.find(from);

	EXPECT_NE(at, std::string::npos) << from;
	return text.replace(at, from.size(), to);
}

} /* namespace */

TEST(Recording, ReadsEveryField)
{
	std::string error;
	auto r = parseRecording(kGood, "test.yaml", &error);

	ASSERT_TRUE(r) << error;
	EXPECT_EQ(r->name, "test");
	EXPECT_EQ(r->description, "a test");
	EXPECT_EQ(r->model, "imx378");
	EXPECT_EQ(r->layout.width, 32u);
	EXPECT_EQ(r->layout.height, 16u);
	EXPECT_EQ(r->layout.bitDepth, 10u);
	EXPECT_EQ(r->layout.packing, Packing::U16LE);
	EXPECT_EQ(r->layout.shift, 6u);
	EXPECT_EQ(r->order, BayerOrder::GBRG);
	EXPECT_EQ(r->blackLevel, 64.5);
	EXPECT_EQ(r->whiteLevel, 1000u);
	EXPECT_EQ(r->orientation, Recording::Orientation::Rotate180);
	EXPECT_EQ(r->mode, Recording::Mode::Rescale);
	ASSERT_TRUE(r->capture);
	EXPECT_DOUBLE_EQ(r->capture->exposureTime, 0.0125);
	EXPECT_EQ(r->capture->analogueGain, 2.5);
	EXPECT_EQ(r->capture->colourTemperature, 4100);
	EXPECT_EQ(r->frameRate, 25u);
	EXPECT_EQ(r->frames, (std::vector<std::string>{ "a.raw", "b.raw" }));
	EXPECT_FALSE(r->loop);
}

TEST(Recording, ExpandsPatterns)
{
	std::string error;
	auto r = parseRecording(replaced("[a.raw, b.raw]", "{ pattern: f%04d.raw, first: 8, count: 3 }"),
				"test.yaml", &error);
	ASSERT_TRUE(r) << error;
	EXPECT_EQ(r->frames, (std::vector<std::string>{ "f0008.raw", "f0009.raw", "f0010.raw" }));

	r = parseRecording(replaced("[a.raw, b.raw]", "{ pattern: \"x%d\", count: 2 }"), "test.yaml", &error);
	ASSERT_TRUE(r) << error;
	EXPECT_EQ(r->frames, (std::vector<std::string>{ "x0", "x1" }));
}

TEST(Recording, RefusesWithLineFieldAndRange)
{
	struct {
		const char *from, *to;
		const char *line, *field, *expected;
	} const cases[] = {
		{ "version: 1", "version: 2", "test.yaml:1:", "'version'", "from 1 to 1" },
		{ "name: test\n", "", "test.yaml:1:", "'name'", "missing" },
		{ "model: imx378", "model: ../x", "test.yaml:4:", "'model'", "a-z, 0-9" },
		{ "size: [32, 16]", "size: [32]", "test.yaml:5:", "'size'", "list of 2 integers from 16 to 16384" },
		{ "size: [32, 16]", "size: [32, 8]", "test.yaml:5:", "'size[1]'", "from 16 to 16384" },
		{ "size: [32, 16]", "size: [32, -16]", "test.yaml:5:", "'size[1]'", "from 16 to 16384" },
		{ "size: [32, 16]", "size: [32, 1e3]", "test.yaml:5:", "'size[1]'", "from 16 to 16384" },
		{ "bit_depth: 10", "bit_depth: 9", "test.yaml:6:", "'bit_depth'", "8, 10, 12, 14, 16" },
		{ "packing: u16le", "packing: u16be", "test.yaml:7:", "'packing'", "u8, u16le, csi2p, pgm" },
		{ "packing: u16le", "packing: u8", "test.yaml:6:", "'bit_depth'", "expected 8" },
		{ "packing: u16le", "packing: csi2p", "test.yaml:8:", "'shift'", "u16le or pgm" },
		{ "shift: 6", "shift: 7", "test.yaml:8:", "'shift'", "from 0 to 6" },
		{ "shift: 6", "stride: 63", "test.yaml:8:", "'stride'", "from 64 to" },
		{ "shift: 6", "header: -1", "test.yaml:8:", "'header'", "from 0 to" },
		{ "bayer_order: GBRG", "bayer_order: gbrg", "test.yaml:9:", "'bayer_order'", "RGGB, GRBG, GBRG, BGGR" },
		{ "black_level: 64.5", "black_level: 1000", "test.yaml:10:", "'black_level'", "from 0 to 999" },
		{ "black_level: 64.5", "black_level: nan", "test.yaml:10:", "'black_level'", "from 0 to 999" },
		{ "white_level: 1000", "white_level: 1024", "test.yaml:11:", "'white_level'", "from 1 to 1023" },
		{ "rotate180", "rotate90", "test.yaml:12:", "'orientation'", "mirror-x" },
		{ "mode: rescale", "mode: fast", "test.yaml:13:", "'mode'", "exact, rescale" },
		{ "exposure_us: 12500", "exposure_us: 0", "test.yaml:14:", "'capture.exposure_us'", "from 1 to" },
		{ "exposure_us: 12500", "exposure_ms: 12", "test.yaml:14:", "'capture.exposure_ms'", "exposure_us" },
		{ "analogue_gain: 2.5", "analogue_gain: high", "test.yaml:14:", "'capture.analogue_gain'", "from 0.1 to 1000" },
		{ "frame_rate: 25", "frame_rate: 0", "test.yaml:15:", "'frame_rate'", "from 1 to 240" },
		{ "frame_rate: 25", "frame_rate: 25\nframe_rate: 30", "test.yaml:16:", "'frame_rate'", "given twice" },
		{ "[a.raw, b.raw]", "[]", "test.yaml:16:", "'frames'", "list of texts" },
		{ "[a.raw, b.raw]", "a.raw", "test.yaml:16:", "'frames'", "list of files" },
		{ "[a.raw, b.raw]", "{ pattern: \"%s\", count: 1 }", "test.yaml:16:", "'frames.pattern'", "exactly one %d" },
		{ "[a.raw, b.raw]", "{ pattern: \"%d%d\", count: 1 }", "test.yaml:16:", "'frames.pattern'", "exactly one %d" },
		{ "[a.raw, b.raw]", "{ pattern: \"%5d\", count: 1 }", "test.yaml:16:", "'frames.pattern'", "exactly one %d" },
		{ "[a.raw, b.raw]", "{ pattern: \"%d\", count: 0 }", "test.yaml:16:", "'frames.count'", "from 1 to 100000" },
		{ "loop: false", "loop: maybe", "test.yaml:17:", "'loop'", "false, true" },
		{ "loop: false", "lop: false", "test.yaml:17:", "'lop'", "unknown field" },
		{ "size: [32, 16]", "size: [32, 16", "test.yaml:", "YAML", "" },
	};

	for (const auto &c : cases) {
		std::string error;
		auto r = parseRecording(replaced(c.from, c.to), "test.yaml", &error);
		EXPECT_FALSE(r) << c.to;
		for (const char *part : { c.line, c.field, c.expected })
			EXPECT_NE(error.find(part), std::string::npos) << c.to << " -> " << error << " lacks " << part;
	}
}

TEST(Recording, RescaleNeedsTheCapture)
{
	std::string error;
	std::string text = replaced("capture: { exposure_us: 12500, analogue_gain: 2.5, colour_temperature: 4100 }\n", "");

	EXPECT_FALSE(parseRecording(text, "test.yaml", &error));
	EXPECT_NE(error.find("'capture'"), std::string::npos) << error;
	EXPECT_NE(error.find("exposure_us"), std::string::npos) << error;
}

TEST(Recording, RefusesWhatIsNotASidecar)
{
	std::string error;

	for (const char *text : { "", "42", "[1, 2]", "? [a]\n: b", "\t", "%YAML 9.9\n---\n{}", "a: *b", "{}" }) {
		EXPECT_FALSE(parseRecording(text, "test.yaml", &error)) << text;
		EXPECT_EQ(error.rfind("test.yaml", 0), 0u) << error;
	}

	EXPECT_FALSE(parseRecording(std::string(2 << 20, ' '), "test.yaml", &error));
	EXPECT_NE(error.find("at most 1048576"), std::string::npos) << error;
}

TEST(Recording, FindsSidecarsAndFrames)
{
	namespace fs = std::filesystem;
	fs::path directory = fs::path(testing::TempDir()) / "fovea-recording-test";
	fs::remove_all(directory);
	fs::create_directories(directory / "sub");
	std::ofstream(directory / "a.raw") << "a";
	std::ofstream(directory / "sub" / "b.raw") << "b";
	std::ofstream(directory / "a.yaml") << kGood;
	std::ofstream(directory / "recording.yaml") << kGood;
	std::string error;

	/* b.raw is in a data directory only. */
	EXPECT_FALSE(loadRecording((directory / "a.yaml").string(), {}, &error));
	EXPECT_NE(error.find("b.raw"), std::string::npos) << error;
	EXPECT_NE(error.find("FOVEA_DATA_PATH"), std::string::npos) << error;

	std::vector<std::string> data{ (directory / "sub").string() };
	for (const char *name : { "a.yaml", "a.raw", "" }) {
		auto r = loadRecording((directory / name).string(), data, &error);
		ASSERT_TRUE(r) << error;
		EXPECT_EQ(r->frames[0], (directory / "a.raw").string());
		EXPECT_EQ(r->frames[1], (directory / "sub" / "b.raw").string());
	}

	EXPECT_FALSE(loadRecording((directory / "sub" / "b.raw").string(), data, &error));
	EXPECT_NE(error.find("needs a sidecar"), std::string::npos) << error;
	EXPECT_FALSE(loadRecording((directory / "no.yaml").string(), data, &error));
	EXPECT_NE(error.find("no such recording"), std::string::npos) << error;

	fs::remove_all(directory);
}
