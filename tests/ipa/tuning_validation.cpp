/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Malformed tuning files are refused with file, line and range
 */

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tuning_file.h"

using namespace libcamera::ipa::fovea;

namespace {

const std::string kHead = "version: 1\nalgorithms:\n";

struct Case {
	std::string text;
	unsigned int line;
	std::vector<std::string> words;
};

std::string repeat(const std::string &text, unsigned int count)
{
	std::string result;
	for (unsigned int i = 0; i < count; i++)
		result += text;
	return result;
}

const Case kCases[] = {
	/* Syntax */
	{ "version: 1\nalgorithms: [", 2, {} },
	{ "version: 1\n  algorithms: 3\n", 2, {} },
	{ "version: \"1\nalgorithms:\n", 1, {} },
	{ "a: &x [1]\nb: *y\n", 2, {} },
	{ "", 1, { "empty", "uncalibrated.yaml" } },
	{ "- 1\n- 2\n", 1, { "a list", "dictionary", "version" } },
	{ "just words\n", 1, { "'just words'", "dictionary" } },

	/* The file */
	{ "algorithms:\n  - Agc:\n", 1, { "'version' is missing" } },
	{ "version: 1\n", 1, { "'algorithms' is missing" } },
	{ "version: 2\nalgorithms:\n  - Agc:\n", 1, { "version:", "'2'", "1 to 1" } },
	{ "version: one\nalgorithms:\n  - Agc:\n", 1, { "'one'", "an integer" } },
	{ kHead + "  - Agc:\nextra: 3\n", 4, { "'extra'", "version, sensor, algorithms" } },
	{ kHead, 2, { "algorithms", "a list of algorithms" } },
	{ "version: 1\nalgorithms: {}\n", 2, { "a dictionary", "a list of algorithms" } },
	{ kHead + "  - Agc\n", 3, { "'Agc'", "colon" } },
	{ kHead + "  - Agc:\n    Awb:\n", 3, { "one algorithm" } },
	{ kHead + "  - Magic:\n", 3, { "'Magic'", "BlackLevel", "Csc" } },
	{ kHead + "  - Agc:\n  - Agc:\n", 4, { "algorithms.Agc", "listed twice" } },
	{ kHead + "  - Agc: 3\n", 3, { "algorithms.Agc", "'3'", "dictionary" } },

	/* Sensor */
	{ "version: 1\nsensor:\n  gain: [ 0, 256, -1 ]\n", 3, { "sensor.gain", "list of 3", "4 elements" } },
	{ "version: 1\nsensor:\n  exposureMargin: -1\n", 3, { "'-1'", "0 to 1000" } },

	/* Numbers */
	{ kHead + "  - BlackLevel:\n      level: 65536\n", 4, { "algorithms.BlackLevel.level", "'65536'", "0 to 65535" } },
	{ kHead + "  - BlackLevel:\n      level: 64.5\n", 4, { "an integer" } },
	{ kHead + "  - BlackLevel:\n      level: 0x40\n", 4, { "'0x40'" } },
	{ kHead + "  - BlackLevel:\n      level: 99999999999999999999\n", 4, { "0 to 65535" } },
	{ kHead + "  - BlackLevel:\n      level:\n", 4, { "nothing", "an integer" } },
	{ kHead + "  - BlackLevel:\n      levels: [ 1, 2, 3, 4, 5 ]\n", 4, { "list of 5", "4 elements" } },
	{ kHead + "  - BlackLevel:\n      levels: [ 1, 2,\n        x, 4 ]\n", 5, { "levels[2]", "'x'" } },
	{ kHead + "  - BlackLevel:\n      enabled: yes\n", 4, { "'yes'", "true or false" } },
	{ kHead + "  - Agc:\n      maxDigitalGain: 40\n", 4, { "algorithms.Agc.maxDigitalGain", "'40'", "1 to 8" } },
	{ kHead + "  - Agc:\n      speed: .nan\n", 4, { "'.nan'", "0.01 to 1" } },
	{ kHead + "  - Agc:\n      speed: inf\n", 4, { "'inf'" } },
	{ kHead + "  - Agc:\n      speed: 0\n", 4, { "0.01 to 1" } },
	{ kHead + "  - Agc:\n      sped: 0.5\n", 4, { "'sped'", "speed" } },
	{ kHead + "  - Agc:\n      speed: 0.5\n      speed: 0.5\n", 5, { "given twice" } },

	/* Points */
	{ kHead + "  - Agc:\n      relativeLuminanceTarget: [ 0 ]\n", 4, { "pairs x, y" } },
	{ kHead + "  - Agc:\n      relativeLuminanceTarget: [ 0, 2 ]\n", 4, { "0.01 to 0.95" } },
	{ kHead + "  - Agc:\n      relativeLuminanceTarget: [ 10, 0.1,\n        5, 0.2 ]\n", 5, { "[2]", "more than 10" } },
	{ kHead + "  - Gamma:\n      curve: [ 0, 0, 1, 1.5 ]\n", 4, { "'1.5'", "0 to 1" } },
	{ kHead + "  - Gamma:\n      gamma: 0\n", 4, { "0.1 to 10" } },

	/* Modes of AE */
	{ kHead + "  - Agc:\n      AeConstraintMode:\n        ConstraintOdd:\n", 5, { "'ConstraintOdd'", "ConstraintNormal" } },
	{ kHead + "  - Agc:\n      AeConstraintMode:\n        ConstraintHighlight:\n", 5, { "'ConstraintNormal' is missing" } },
	{ kHead + "  - Agc:\n      AeConstraintMode:\n        ConstraintNormal:\n          lower: { qLo: 0.9, qHi: 0.8, yTarget: [ 0, 0.5 ] }\n", 6, { "lower.qHi", "more than qLo, 0.9" } },
	{ kHead + "  - Agc:\n      AeConstraintMode:\n        ConstraintNormal:\n          lower: { qLo: 0.9 }\n", 6, { "'qHi' is missing" } },
	{ kHead + "  - Agc:\n      AeExposureMode:\n        ExposureNormal:\n          exposureTime: [ 10, 20 ]\n          gain: [ 1 ]\n", 7, { "found 1 elements, expected 2" } },
	{ kHead + "  - Agc:\n      AeExposureMode:\n        ExposureNormal:\n          exposureTime: []\n          gain: []\n", 6, { "1 to 16 elements" } },
	{ kHead + "  - Agc:\n      AeMeteringMode:\n        MeteringSpot: [ 1, 2 ]\n", 5, { "256 elements" } },
	{ kHead + "  - Agc:\n      AeMeteringMode:\n        MeteringSpot: [ " + repeat("1, ", 255) + "16 ]\n", 5, { "[255]", "'16'", "0 to 15" } },

	/* Awb */
	{ kHead + "  - Awb:\n      algorithm: magic\n", 4, { "'magic'", "bayes or grey" } },
	{ kHead + "  - Awb:\n      colourGains:\n        - { ct: 500, gains: [ 1, 1 ] }\n", 5, { "colourGains[0].ct", "1000 to 20000" } },
	{ kHead + "  - Awb:\n      colourGains:\n        - { ct: 5000, gains: [ 1, 20 ] }\n", 5, { "gains[1]", "0.1 to 15.9" } },
	{ kHead + "  - Awb:\n      colourGains:\n        - { ct: 5000, gains: [ 1, 2 ] }\n        - { ct: 4000, gains: [ 1, 2 ] }\n", 6, { "colourGains[1].ct", "more than 5000" } },
	{ kHead + "  - Awb:\n      colourGains:\n        - { ct: 5000 }\n", 5, { "'gains' is missing" } },
	{ kHead + "  - Awb:\n      AwbMode:\n        AwbAuto: { lo: 5000, hi: 4000 }\n", 5, { "AwbAuto.hi", "more than lo, 5000" } },
	{ kHead + "  - Awb:\n      AwbMode:\n        AwbCloudy: { lo: 5000, hi: 6000 }\n", 5, { "'AwbAuto' is missing" } },
	{ kHead + "  - Awb:\n      priors:\n        - { lux: 0, ct: [ 2000, 3000 ], probability: [ 1 ] }\n", 5, { "found 1 elements, expected 2" } },
	{ kHead + "  - Awb:\n      transversePos: 0\n", 4, { "0.0001 to 0.5" } },

	/* Ccm, Lux, Demosaic, Csc */
	{ kHead + "  - Ccm:\n", 3, { "'ccms' is missing" } },
	{ kHead + "  - Ccm:\n      ccms:\n        - { ct: 5000, ccm: [ 1, 0, 0 ] }\n", 5, { "9 elements" } },
	{ kHead + "  - Ccm:\n      ccms:\n        - { ct: 5000, ccm: [ 1, 0, 0, 0, 9, 0, 0, 0, 1 ] }\n", 5, { "ccm[4]", "-8 to 7.999" } },
	{ kHead + "  - Lux:\n      referenceY: 0.1\n", 4, { "is missing" } },
	{ kHead + "  - Demosaic:\n      directionThreshold: 16384\n", 4, { "0 to 16383" } },
	{ kHead + "  - Demosaic:\n      refine: 1\n", 4, { "algorithms.Demosaic.refine", "'1'", "true or false" } },
	{ kHead + "  - Demosaic:\n      refined: true\n", 4, { "'refined'", "directionThreshold, refine" } },
	{ kHead + "  - Csc:\n      matrix: 709\n", 4, { "'matrix'", "enabled" } },

	/* Corrections of lens and pixels */
	{ kHead + "  - LensShading:\n", 3, { "'tables' is missing" } },
	{ kHead + "  - LensShading:\n      tables:\n        - { ct: 5000, r: [ 1 ], gr: [ 1 ], gb: [ 1 ] }\n", 5, { "'b' is missing" } },
	{ kHead + "  - LensShading:\n      tables:\n        - { ct: 5000, r: [ 101 ], gr: [ 1 ], gb: [ 1 ], b: [ 1 ] }\n", 5, { "tables[0].r[0]", "-100 to 100" } },
	{ kHead + "  - LensShading:\n      centre: [ 5 ]\n", 4, { "centre", "2 elements" } },
	{ kHead + "  - ChromaticAberration:\n      red: [ ]\n", 4, { "red", "1 to 8 elements" } },
	{ kHead + "  - Hdr:\n      companding: [ 0, 0, 70000, 9 ]\n", 4, { "companding[2]", "0 to 65535" } },
	{ kHead + "  - Hdr:\n      companding: [ 0, 0 ]\n", 4, { "2 to 16 pairs" } },
	{ kHead + "  - LocalTone:\n      maxLift: 9\n", 4, { "maxLift", "1 to 8" } },
	{ kHead + "  - DefectPixels:\n      defects: [ [ 1, 2 ], [ 3 ] ]\n", 4, { "defects[1]", "2 elements" } },
	{ kHead + "  - DefectPixels:\n      floor: 2\n", 4, { "floor", "0 to 1" } },
	{ kHead + "  - NoiseReduction:\n      raw: { strength: 1.5 }\n", 4, { "raw.strength", "0 to 1" } },
	{ kHead + "  - NoiseReduction:\n      temporal: { weight: [ 1, 0.01 ] }\n", 4, { "temporal.weight[1]", "0.05 to 1" } },
	{ kHead + "  - Sharpen:\n      strength: [ 4, 1, 2, 1 ]\n", 4, { "strength[2]", "more than 4" } },
	{ "version: 1\nsensor:\n  noise: { shot: -1 }\n", 3, { "sensor.noise.shot", "0 to 1" } },
};

TEST(TuningValidation, MalformedTexts)
{
	for (const Case &test : kCases) {
		std::string message;
		EXPECT_EQ(tuning::validateText(test.text, "some.yaml", &message), -EINVAL) << test.text;
		const std::string place = "some.yaml:" + std::to_string(test.line) + ": ";
		EXPECT_EQ(message.substr(0, place.size()), place) << message << "\n" << test.text;
		for (const std::string &word : test.words)
			EXPECT_NE(message.find(word), std::string::npos)
				<< "'" << word << "' is not in: " << message;
	}
}

TEST(TuningValidation, AllTuningFilesOfTheTreeAreGood)
{
	unsigned int count = 0;
	for (const auto &entry : std::filesystem::directory_iterator(TUNING_DIR)) {
		if (entry.path().extension() != ".yaml")
			continue;
		std::string message;
		EXPECT_EQ(tuning::validateFile(entry.path(), &message), 0) << message;
		count++;
	}
	EXPECT_GE(count, 2u);
}

TEST(TuningValidation, FilesThatCannotBeRead)
{
	std::string message;
	EXPECT_EQ(tuning::validateFile("/nonexistent/x.yaml", &message), -ENOENT);
	EXPECT_NE(message.find("/nonexistent/x.yaml: cannot be read: No such file"), std::string::npos)
		<< message;

	EXPECT_NE(tuning::validateFile("/", &message), 0);

	const std::string large = testing::TempDir() + "large-tuning.yaml";
	std::ofstream(large) << std::string((1 << 20) + 1, '#');
	EXPECT_EQ(tuning::validateFile(large, &message), -EFBIG);
	std::filesystem::remove(large);
}

TEST(TuningValidation, DeepNestingIsRefused)
{
	std::string message;
	const std::string deep = kHead + "  - Agc: " + std::string(100000, '[');
	EXPECT_EQ(tuning::validateText(deep, "deep.yaml", &message), -EINVAL);
}

} /* namespace */
