/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Rigs, scenes and sensor models: the files of the tree and malformed ones
 */

#include <filesystem>
#include <fstream>
#include <stdlib.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "isp_sim/sensor/recording.h"
#include "isp_sim/sensor/rig.h"

using namespace fovea::sensor;

namespace {

namespace fs = std::filesystem;

std::string fileText(const std::string &name)
{
	std::ifstream file(name);

	return { std::istreambuf_iterator<char>(file), {} };
}

std::vector<fs::path> filesIn(const std::string &folder)
{
	std::vector<fs::path> files;

	for (const auto &entry : fs::directory_iterator(FOVEA_SOURCE_DIR "/" + folder)) {
		if (entry.path().extension() == ".yaml")
			files.push_back(entry.path());
	}
	EXPECT_FALSE(files.empty()) << folder;

	return files;
}

struct BadEdit {
	const char *from, *to;
	const char *field, *expected;
};

template<typename Parse>
void expectRefused(const std::string &good, std::span<const BadEdit> edits, Parse parse)
{
	std::string error;
	ASSERT_TRUE(parse(good, "x.yaml", &error)) << error;

	for (const BadEdit &edit : edits) {
		std::string text = good;
		size_t at = text.find(edit.from);
		ASSERT_NE(at, std::string::npos) << edit.from;
		text.replace(at, std::string(edit.from).size(), edit.to);

		EXPECT_FALSE(parse(text, "x.yaml", &error)) << edit.to;
		EXPECT_EQ(error.rfind("x.yaml:", 0), 0u) << error;
		EXPECT_NE(error.find(edit.field), std::string::npos) << edit.to << " -> " << error;
		EXPECT_NE(error.find(edit.expected), std::string::npos) << edit.to << " -> " << error;
	}
}

} /* namespace */

TEST(Rig, FilesOfTheTreeAreGood)
{
	SearchPath search = SearchPath::fromEnvironment();
	std::string error;

	for (const fs::path &file : filesIn("rigs")) {
		/* Those that describe whole graphs are read by other tests. */
		if (fileText(file.string()).find("\ndevices:") != std::string::npos)
			continue;
		EXPECT_TRUE(loadRig(file.string(), search, &error)) << error;
	}
	for (const fs::path &file : filesIn("rigs/sensors"))
		EXPECT_TRUE(findSensorModel(file.stem().string(), search, &error)) << error;
	for (const fs::path &file : filesIn("rigs/scenes")) {
		auto scene = findScene(file.stem().string(), search, &error);
		ASSERT_TRUE(scene) << error;
		EXPECT_EQ(scene->name, file.stem().string());
	}
	for (const fs::path &file : filesIn("recordings")) {
		auto recording = parseRecording(fileText(file.string()), file.string(), &error);
		ASSERT_TRUE(recording) << error;
		EXPECT_EQ(recording->name, file.stem().string());
	}
}

TEST(Rig, DefaultMakesTwoSensors)
{
	SearchPath search = SearchPath::fromEnvironment();
	std::string error;
	auto rig = loadRig("default", search, &error);
	ASSERT_TRUE(rig) << error;
	EXPECT_EQ(rig->clock, Clock::RealTime);
	ASSERT_EQ(rig->sensors.size(), 2u);

	for (const char *model : { "imx219", "imx477" }) {
		auto sensor = makeSensor(rig->sensors[model == std::string("imx477")], search, &error);
		ASSERT_TRUE(sensor) << error;
		EXPECT_EQ(sensor->properties().model, model);
	}

	ASSERT_TRUE(rig->sensors[0].lens);
	EXPECT_EQ(rig->sensors[0].lens->maximum, 1023);
	ASSERT_TRUE(rig->sensors[0].flash);
	EXPECT_EQ(rig->sensors[0].flash->flashCurrent, 1000);
	EXPECT_FALSE(rig->sensors[1].lens);
	EXPECT_FALSE(rig->sensors[1].flash);
}

TEST(Rig, NamesAreLookedUpFirstInTheEnvironment)
{
	fs::path directory = fs::path(testing::TempDir()) / "fovea-rig-test";
	fs::create_directories(directory);
	std::ofstream(directory / "default.yaml")
		<< "version: 1\nname: mine\nclock: virtual-time\nsensors: [ { recording: r } ]\n";
	setenv("FOVEA_RIG_PATH", (":" + directory.string()).c_str(), 1);
	std::string error;

	auto rig = loadRig("default", SearchPath::fromEnvironment(), &error);
	ASSERT_TRUE(rig) << error;
	EXPECT_EQ(rig->name, "mine");
	EXPECT_EQ(rig->clock, Clock::VirtualTime);
	EXPECT_EQ(rig->sensors[0].recording, "r");

	unsetenv("FOVEA_RIG_PATH");
	fs::remove_all(directory);
}

TEST(Rig, UnknownNamesSayWhereWasLooked)
{
	SearchPath search;
	search.rigs = { "/nowhere" };
	search.recordings = { "/nowhere" };
	std::string error;

	EXPECT_FALSE(loadRig("absent", search, &error));
	EXPECT_NE(error.find("absent: no rig of that name in /nowhere"), std::string::npos) << error;
	EXPECT_FALSE(loadRig("./absent.yaml", search, &error));
	EXPECT_NE(error.find("no such rig file"), std::string::npos) << error;
	EXPECT_FALSE(makeSensor({ "absent", "chart-6500k", "" }, search, &error));
	EXPECT_NE(error.find("no sensor model"), std::string::npos) << error;
	EXPECT_FALSE(makeSensor({ "", "", "absent" }, search, &error));
	EXPECT_NE(error.find("no recording"), std::string::npos) << error;
	EXPECT_FALSE(makeSensor({ "imx219", "", "" }, search, &error));
	EXPECT_NE(error.find("either a scene or a recording"), std::string::npos) << error;
	EXPECT_FALSE(loadRig("/", search, &error));
}

TEST(Rig, RefusesMalformedRigs)
{
	const BadEdit edits[] = {
		{ "version: 1", "version: 3", "'version'", "from 1 to 1" },
		{ "real-time", "fast", "'clock'", "real-time, virtual-time" },
		{ "scene:", "scena:", "'sensors[0].scena'", "unknown field" },
		{ "scene: s", "recording: r, scene: s", "'sensors[0]'", "exactly one" },
		{ "[ { model: m, scene: s } ]", "[]", "'sensors'", "1 to" },
		{ "[ { model: m, scene: s } ]", "3", "'sensors'", "list" },
		{ "[ {", "[ { model: m, scene: t }, { model: m, scene: t }, {", "'sensors'", "expected 1 to 2" },
		{ "scene: s", "scene: s, lens: 3", "'sensors[0].lens'", "map" },
		{ "scene: s", "scene: s, lens: { model: l, max: 0, default: 0 }",
		  "'sensors[0].lens.max'", "from 1 to 65535" },
		{ "scene: s", "scene: s, lens: { model: l, max: 9, default: 10 }",
		  "'sensors[0].lens.default'", "from 0 to 9" },
		{ "scene: s", "scene: s, lens: { model: l, max: 9, default: 0, focus: [[0, 0], [10, 1]] }",
		  "'sensors[0].lens.focus'", "from 0 to 9" },
		{ "scene: s", "scene: s, lens: { model: l, max: 9, default: 0, focus: [[0, -1]] }",
		  "'sensors[0].lens.focus'", "0 to 40 dioptres" },
		{ "scene: s", "scene: s, lens: { model: a b, max: 9, default: 0 }",
		  "'sensors[0].lens.model'", "without spaces" },
		{ "scene: s", "scene: s, flash: { model: f, flash_current: 15, torch_current: 10 }",
		  "'sensors[0].flash.flash_current'", "multiple of 10" },
		{ "scene: s", "scene: s, flash: { model: f, flash_current: 10 }",
		  "'sensors[0].flash.torch_current'", "" },
	};

	expectRefused("version: 1\nname: n\nclock: real-time\nsensors: [ { model: m, scene: s } ]\n",
		      edits, parseRig);
}

TEST(Rig, RefusesMalformedScenes)
{
	const BadEdit edits[] = {
		{ "kind: chart", "kind: forest", "'kind'", "chart, flat, dark" },
		{ "kind: chart", "kind: dark", "'illuminant'", "remove it" },
		{ "lux: 500", "lux: -1", "'illuminant.lux'", "from 0.001" },
		{ "temperature: 6504", "temperature: 3000", "'illuminant.temperature'", "from 4000 to 25000" },
		{ "kind: daylight", "kind: moon", "'illuminant.kind'", "blackbody, daylight, led, rgb-led" },
		{ "kind: daylight, temperature: 6504", "name: F13", "'illuminant.name'", "FL12" },
		{ "kind: daylight", "spectrum: a.csv", "'illuminant.temperature'", "remove it" },
		{ "kind: daylight", "name: A, kind: led", "'illuminant'", "expected one of" },
		{ "kind: chart", "kind: picture", "'picture'", "missing" },
		{ "kind: chart", "kind: layers", "'layers'", "only there" },
		{ "kind: chart", "kind: chart\nmotion: [[0, 0]]", "'motion[0]'", "lists of 3 numbers" },
		{ "kind: chart", "kind: chart\nmotion: [[1, 0, 0], [0, 0, 0]]", "'motion'", "do not fall" },
		{ "kind: chart", "kind: chart\nmotion: [[0, 5000, 0]]", "'motion'", "-4096 to 4096" },
		{ "kind: chart", "kind: chart\ndistance: 0", "'distance'", "from 0.03" },
		{ "kind: chart", "kind: chart\nlights: []", "'illuminant'", "either" },
		{ "f_number: 2.0", "f_number: 0", "'lens.f_number'", "from 0.7" },
		{ "reflectance: 0.3", "reflectance: 30", "'reflectance'", "from 0.01 to 1" },
	};

	expectRefused(fileText(FOVEA_SOURCE_DIR "/rigs/scenes/chart-6500k.yaml"), edits, parseScene);
}

TEST(Rig, RefusesMalformedLightsAndLayers)
{
	const char *good = R"(version: 1
name: two
kind: layers
lights:
  - { name: day, illuminant: { name: D65, lux: 500 }, level: [[0, 1], [2, 0.5]] }
  - name: lamp
    illuminant: { kind: led, temperature: 3000, lux: 100 }
    flicker: { waveform: sine, frequency: 100, depth: 0.3 }
    gradient: { from: [-100, 0], to: [100, 0] }
layers:
  - { kind: flat }
  - { kind: chart, lights: [day], shape: { disc: [0, 0, 100] }, motion: [[0, 0, 0], [1, 10, 0]], distance: 1 }
lens: { f_number: 2, transmission: 0.9, focal_length: 3, blur: 1, lateral_ca: [0.001, -0.001] }
)";
	const BadEdit edits[] = {
		{ "name: lamp", "name: day", "'lights[1].name'", "twice" },
		{ "waveform: sine", "waveform: square", "'lights[1].flicker.waveform'", "sine, rectified, pulse" },
		{ "depth: 0.3", "depth: 2", "'lights[1].flicker.depth'", "from 0 to 1" },
		{ "to: [100, 0]", "to: [-100, 0]", "'lights[1].gradient.to'", "another point" },
		{ "[2, 0.5]", "[2, -1]", "'lights[0].level'", "from 0 to 1000" },
		{ "temperature: 3000", "temperature: 1000", "temperature'", "from 2200 to 10000" },
		{ "lights: [day]", "lights: [sun]", "'layers[1].lights'", "'sun'" },
		{ "{ kind: flat }", "{ kind: flat, shape: { disc: [0, 0, 1] } }", "'layers'", "background" },
		{ "{ kind: flat }", "{ kind: dark }", "'layers[0].kind'", "cannot be dark" },
		{ "disc: [0, 0, 100]", "disc: [0, 0, -1]", "'layers[1].shape.disc'", "positive radius" },
		{ "disc: [0, 0, 100]", "rectangle: [0, 0, 1]", "'layers[1].shape.rectangle'", "4 numbers" },
		{ "kind: layers", "kind: layers\nreflectance: 0.5", "'reflectance'", "into a layer" },
		{ "lateral_ca: [0.001", "lateral_ca: [0.1", "'lens.lateral_ca[0]'", "-0.01 to 0.01" },
		{ "focal_length: 3", "focal_length: 0", "'lens.focal_length'", "from 1 to 50" },
	};

	expectRefused(good, edits, parseScene);
}

/* A scene's files lie beside it; what is missing or bad is named. */
TEST(Rig, SceneFilesAreReadOrRefused)
{
	const fs::path directory = fs::path(testing::TempDir()) / ("fovea-scene-files-" + std::to_string(getpid()));
	const std::string scene = (directory / "s.yaml").string();
	std::string error;
	auto write = [&](const char *name, const std::string &text) { std::ofstream(directory / name) << text; };
	const char *start = "version: 1\nname: s\nkind: picture\npicture: p.ppm\nilluminant: { spectrum: l.csv, lux: 100 }\n";

	fs::create_directories(directory);
	write("s.yaml", start);
	write("l.csv", "380,1\n780,1\n");
	write("p.ppm", std::string("P6\n2 1\n255\n") + "\xff\xff\xff\x80\x80\x80");
	const auto good = loadScene(scene, &error);
	ASSERT_TRUE(good) << error;
	ASSERT_TRUE(good->layers[0].content.picture);
	EXPECT_EQ(good->layers[0].content.picture->width, 2u);
	EXPECT_NEAR(good->layers[0].content.picture->pixels[0][1], 1.0, 1e-6);
	EXPECT_NEAR(good->illuminant.temperature, 5455.0, 150.0);

	for (const char *bad : { "", "P5\n1 1\n255\n1", "P6\n2 1\n65535\n", "P6\n2 2\n255\n123456", "P6\n0 2\n255\n",
				 "\x89PNG nonsense" }) {
		write("p.ppm", bad);
		EXPECT_FALSE(loadScene(scene, &error)) << bad;
		EXPECT_NE(error.find("p.ppm"), std::string::npos) << error;
	}
	fs::remove(directory / "p.ppm");
	EXPECT_FALSE(loadScene(scene, &error));
	EXPECT_NE(error.find("'p.ppm' is not found"), std::string::npos) << error;

	write("l.csv", "380,1\n780,x\n");
	EXPECT_FALSE(loadScene(scene, &error));
	EXPECT_NE(error.find("l.csv:2"), std::string::npos) << error;
	fs::remove_all(directory);
}

TEST(Rig, RefusesMalformedModels)
{
	const BadEdit edits[] = {
		{ "bayer_order: RGGB", "bayer_order: MONO", "'bayer_order'", "RGGB" },
		{ "flips: true", "flips: 1", "'flips'", "false, true" },
		{ "max: 232", "max: 256", "'analogue_gain'", "code 256" },
		{ "min: 4, margin", "min: 0, margin", "'exposure.min'", "from 1 to 1024" },
		{ "gain: 1, vblank", "gain: 16, vblank", "'delays.gain'", "from 0 to 15" },
		{ "pitch: 1.12", "pitch: 0", "'pixel.pitch'", "from 0.3 to 50" },
		{ "black_level: 64", "black_level: 600", "'pixel.black_level'", "from 0 to 512" },
		{ "peak: 0.50", "peak: 50", "'pixel.response.red[0].peak'", "from 0 to 1" },
		{ "edge: 0.012", "edge: 0.5", "'pixel.crosstalk.edge'", "from 0 to 0.1" },
		{ "hot: 2.0e-5", "hot: 2", "'pixel.defects.hot'", "from 0 to 0.01" },
		{ "doubling: 7", "doubling: 0", "'pixel.dark_current.doubling'", "from 2 to 50" },
		{ "[-0.32, 0.05, 0]", "[-2, 0, 0]", "'shading.red.polynomial'", "expected 0.02 to 1.9" },
		{ "binning: 1", "binning: 1\n    dual_gain: 3", "'modes[0].dual_gain'", "one of: 1, 2" },
		{ "binning: 1", "binning: 1\n    dual_gain: 4", "'modes[0].dual_gain'", "expected companding" },
		{ "binning: 1", "binning: 1\n    exposures: 2", "'modes[0].exposure_ratio'", "expected" },
		{ "binning: 1", "binning: 1\n    exposures: 2\n    exposure_ratio: 8", "'modes[0].crop'", "3280x1232" },
		{ "binning: 1", "binning: 1\n    companding: [ { linear: 0, code: 0 }, { linear: 900, code: 900 } ]",
		  "'modes[0].companding[1].linear'", "from 1023 to 1023" },
		{ "size: [1920, 1080]", "size: [1920, 1082]", "'modes[1].crop'", "1920x1082" },
		{ "[688, 700, 1920, 1080]", "[1688, 700, 1920, 1080]", "'modes[1].crop'", "inside active_area" },
		{ "[688, 700, 1920, 1080]", "[689, 700, 1920, 1080]", "'modes[1].crop'", "even offset" },
		{ "line_length: 3448", "line_length: 3279", "'modes[0].line_length'", "from 3280" },
		{ "bit_depth: 10\n    pixel_rate", "bit_depth: 12\n    pixel_rate", "'modes[0].bit_depth'", "10 bits" },
	};

	expectRefused(fileText(FOVEA_SOURCE_DIR "/rigs/sensors/imx219.yaml"), edits, parseSensorModel);
}
