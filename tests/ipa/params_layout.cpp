/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Parameters buffers as the device accepts them
 */

#include <algorithm>
#include <array>
#include <cmath>
#include <errno.h>
#include <fstream>
#include <map>
#include <string.h>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include <libcamera/control_ids.h>

#include "camera_loop.h"

using namespace fovea::test;
using namespace libcamera;

namespace {

const std::map<unsigned int, size_t> kBlocks{
	{ FOVEA_ISP_BLOCK_BLACK_LEVEL, sizeof(fovea_isp_black_level) },
	{ FOVEA_ISP_BLOCK_WB_GAINS, sizeof(fovea_isp_wb_gains) },
	{ FOVEA_ISP_BLOCK_DEMOSAIC, sizeof(fovea_isp_demosaic) },
	{ FOVEA_ISP_BLOCK_CCM, sizeof(fovea_isp_ccm) },
	{ FOVEA_ISP_BLOCK_GAMMA, sizeof(fovea_isp_gamma) },
	{ FOVEA_ISP_BLOCK_CSC, sizeof(fovea_isp_csc) },
	{ FOVEA_ISP_BLOCK_AE_STATS, sizeof(fovea_isp_ae_stats_config) },
	{ FOVEA_ISP_BLOCK_AWB_STATS, sizeof(fovea_isp_awb_stats_config) },
	{ FOVEA_ISP_BLOCK_DPC, sizeof(fovea_isp_dpc) },
	{ FOVEA_ISP_BLOCK_LSC, sizeof(fovea_isp_lsc) },
	{ FOVEA_ISP_BLOCK_RAW_NR, sizeof(fovea_isp_raw_nr) },
	{ FOVEA_ISP_BLOCK_CHROMA_NR, sizeof(fovea_isp_chroma_nr) },
	{ FOVEA_ISP_BLOCK_TEMPORAL_NR, sizeof(fovea_isp_temporal_nr) },
	{ FOVEA_ISP_BLOCK_SHARPEN, sizeof(fovea_isp_sharpen) },
};

Frame firstFrame(const char *tuning, unsigned int bitDepth = 10,
		 const ControlList &list = ControlList())
{
	CameraLoop loop;
	EXPECT_EQ(loop.init(std::string(TUNING_DIR "/") + tuning), 0);
	EXPECT_EQ(loop.configure(bitDepth), 0);
	EXPECT_EQ(loop.start(list), 0);
	return loop.run(chartScene(5000, true));
}

TEST(ParamsLayout, BlocksAreWellFormed)
{
	const Frame frame = firstFrame("imx219.yaml");
	v4l2_isp_params_buffer buffer;
	ASSERT_GE(frame.params.size(), sizeof(buffer));
	memcpy(&buffer, frame.params.data(), sizeof(buffer));
	EXPECT_EQ(buffer.version, V4L2_ISP_PARAMS_VERSION_V1);
	EXPECT_EQ(buffer.data_size + sizeof(buffer), frame.params.size());

	std::map<unsigned int, unsigned int> seen;
	size_t offset = sizeof(buffer);
	while (offset < frame.params.size()) {
		v4l2_isp_params_block_header header;
		memcpy(&header, frame.params.data() + offset, sizeof(header));
		ASSERT_EQ(kBlocks.count(header.type), 1u);
		ASSERT_EQ(header.size, kBlocks.at(header.type));
		/* Temporal noise reduction is off unless an application asks for it. */
		EXPECT_EQ(header.flags, header.type == FOVEA_ISP_BLOCK_TEMPORAL_NR
						? V4L2_ISP_PARAMS_FL_BLOCK_DISABLE
						: V4L2_ISP_PARAMS_FL_BLOCK_ENABLE);
		seen[header.type]++;
		offset += header.size;
	}
	EXPECT_EQ(seen.size(), kBlocks.size());
}

TEST(ParamsLayout, GammaCurveGrows)
{
	for (float gamma : { 0.1f, 0.5f, 1.0f, 2.2f, 10.0f }) {
		ControlList list(controls::controls);
		list.set(controls::Gamma, gamma);
		const Frame frame = firstFrame("imx219.yaml", 10, list);
		/* Controls at start hold for the first request. */
		const auto *block = frame.block<fovea_isp_gamma>(FOVEA_ISP_BLOCK_GAMMA);
		ASSERT_TRUE(block);
		EXPECT_EQ(block->y[FOVEA_ISP_GAMMA_POINTS - 1], 4095);
		for (unsigned int i = 1; i < FOVEA_ISP_GAMMA_POINTS; i++)
			EXPECT_GE(block->y[i], block->y[i - 1]);
		/* Point 23 is at half of the range. */
		if (gamma == 1.0f) {
			EXPECT_NEAR(block->y[23], 2048, 1);
		}
	}
}

TEST(ParamsLayout, SrgbIsTheDefaultCurve)
{
	const Frame frame = firstFrame("imx219.yaml");
	const auto *block = frame.block<fovea_isp_gamma>(FOVEA_ISP_BLOCK_GAMMA);
	ASSERT_TRUE(block);
	/*
	 * IEC 61966-2-1: linear 0.5 is 0.7354, linear 1/256 is 0.04967. Lines between
	 * the points lie on both sides of the curve.
	 */
	EXPECT_NEAR(block->y[23], 0.7354 * 4095, 1);
	EXPECT_NEAR(block->y[1], 0.04967 * 4095, 4);

	/* In the middle of the coarsest segment, 1024 to 2048: three quarters of a step of 8 bits. */
	const double middle = (block->y[16] + block->y[17]) / 2.0;
	EXPECT_NEAR(middle, 0.33847 * 4095, 12);
}

TEST(ParamsLayout, WhiteAndGreyKeepTheirColour)
{
	const Frame frame = firstFrame("imx219.yaml");
	const auto *csc = frame.block<fovea_isp_csc>(FOVEA_ISP_BLOCK_CSC);
	ASSERT_TRUE(csc);
	const int16_t full[3][3] = { { 2449, 4809, 934 }, { -1382, -2714, 4096 }, { 4096, -3430, -666 } };
	EXPECT_EQ(memcmp(csc->coeff, full, sizeof(full)), 0);
	EXPECT_EQ(csc->offset[0], 0);
	EXPECT_EQ(csc->offset[1], 2048);
}

TEST(ParamsLayout, SaturatedSamplesBecomeWhite)
{
	for (unsigned int bitDepth : { 8, 10, 12, 16 }) {
		const Frame frame = firstFrame("imx219.yaml", bitDepth);
		const auto *level = frame.block<fovea_isp_black_level>(FOVEA_ISP_BLOCK_BLACK_LEVEL);
		const auto *gains = frame.block<fovea_isp_wb_gains>(FOVEA_ISP_BLOCK_WB_GAINS);
		ASSERT_TRUE(level && gains);
		EXPECT_EQ(level->gr, 4096);

		const int sample = ((1 << bitDepth) - 1) << (16 - bitDepth);
		const int value = (sample - level->gr + 2) >> 2;
		for (int gain : { gains->r, gains->gr, gains->gb, gains->b })
			EXPECT_GE((value * ((gain + 1) >> 1)) >> 11, 16380) << bitDepth << " bits";
	}
}

libcamera::ControlList noiseControls(int32_t mode, float gain)
{
	ControlList list(controls::controls);
	list.set(controls::draft::NoiseReductionMode, mode);
	list.set(controls::AnalogueGainMode, controls::AnalogueGainModeManual);
	list.set(controls::AnalogueGain, gain);
	return list;
}

/* Lines below the model of the noise would let noise pass, far above it details go. */
TEST(ParamsLayout, NoiseThresholdsFollowTheSensor)
{
	for (float gain : { 1.0f, 8.0f }) {
		const Frame frame = firstFrame("imx219.yaml", 10,
					       noiseControls(controls::draft::NoiseReductionModeFast, gain));
		const auto *block = frame.block<fovea_isp_raw_nr>(FOVEA_ISP_BLOCK_RAW_NR);
		ASSERT_TRUE(block);
		EXPECT_EQ(block->strength, 3641);

		for (int value : { 0, 100, 1000, 4000, 12000 }) {
			int threshold = 4095;
			for (unsigned int i = 0; i < FOVEA_ISP_RAW_NR_LINES; i++)
				threshold = std::min(threshold, block->offset[i] + ((block->slope[i] * value) >> 16));
			/* The virtual imx219: see rigs/sensors/imx219.yaml. */
			const double codes = value / 16.0;
			const double variance = gain * 0.18 * codes + std::pow(gain * 0.18 * 2.2, 2) +
						0.25 + 1.0 / 12;
			const double deviation = 16 * std::sqrt(variance);
			EXPECT_GT(threshold, 2.9 * deviation) << value << " at gain " << gain;
			EXPECT_LT(threshold, 3.6 * deviation) << value << " at gain " << gain;
		}
	}
}

TEST(ParamsLayout, NoiseReductionModesSelectBlocks)
{
	const std::map<int32_t, std::array<bool, 3>> modes{
		{ controls::draft::NoiseReductionModeOff, { false, false, false } },
		{ controls::draft::NoiseReductionModeMinimal, { true, true, false } },
		{ controls::draft::NoiseReductionModeFast, { true, true, false } },
		{ controls::draft::NoiseReductionModeHighQuality, { true, true, true } },
	};
	for (const auto &[mode, expected] : modes) {
		const Frame frame = firstFrame("imx219.yaml", 10, noiseControls(mode, 4.0f));
		const unsigned int types[] = { FOVEA_ISP_BLOCK_RAW_NR, FOVEA_ISP_BLOCK_CHROMA_NR,
					       FOVEA_ISP_BLOCK_TEMPORAL_NR };
		for (unsigned int i = 0; i < 3; i++) {
			const auto *header = frame.block<v4l2_isp_params_block_header>(types[i]);
			ASSERT_TRUE(header);
			EXPECT_EQ(header->flags == V4L2_ISP_PARAMS_FL_BLOCK_ENABLE, expected[i])
				<< "mode " << mode << ", block " << types[i];
		}
	}
}

TEST(ParamsLayout, NoSharpnessDisablesTheBlock)
{
	ControlList list(controls::controls);
	list.set(controls::Sharpness, 0.0f);
	const Frame frame = firstFrame("imx219.yaml", 10, list);
	const auto *block = frame.block<fovea_isp_sharpen>(FOVEA_ISP_BLOCK_SHARPEN);
	ASSERT_TRUE(block);
	EXPECT_EQ(block->header.flags, V4L2_ISP_PARAMS_FL_BLOCK_DISABLE);
}

std::string writeTuning(const std::string &algorithms)
{
	const std::string name = testing::TempDir() + "fovea-layout-" + std::to_string(getpid()) + ".yaml";
	std::ofstream(name) << "version: 1\nalgorithms:\n  - BlackLevel:\n  - Agc:\n  - Awb:\n" << algorithms;
	return name;
}

TEST(ParamsLayout, DemosaicIsThatOfTheTuning)
{
	struct Case {
		const char *yaml;
		unsigned int threshold, refine;
	};
	for (const auto &[yaml, threshold, refine] : {
		     Case{ "", 0, 0 },
		     Case{ "      refine: true\n", 0, 1 },
		     Case{ "      directionThreshold: 16383\n      refine: false\n", 16383, 0 },
		     Case{ "      directionThreshold: 7\n      refine: true\n", 7, 1 },
	     }) {
		CameraLoop loop;
		ASSERT_EQ(loop.init(writeTuning(std::string("  - Demosaic:\n") + yaml)), 0) << yaml;
		ASSERT_EQ(loop.configure(10), 0);
		ASSERT_EQ(loop.start(), 0);
		const Frame frame = loop.run(chartScene(5000, true));
		const auto *block = frame.block<fovea_isp_demosaic>(FOVEA_ISP_BLOCK_DEMOSAIC);
		ASSERT_TRUE(block);
		EXPECT_EQ(block->header.flags, V4L2_ISP_PARAMS_FL_BLOCK_ENABLE);
		EXPECT_EQ(block->direction_threshold, threshold) << yaml;
		EXPECT_EQ(block->refine, refine) << yaml;
	}
}

TEST(Hdr, AModeThatNeedsATuningIsRefusedWithoutIt)
{
	for (const char *algorithms : { "", "  - Hdr:\n", "  - Hdr:\n      enabled: false\n",
					"  - Hdr:\n      companding: [ 0, 9, 9, 8 ]\n" }) {
		CameraLoop loop;
		const int ret = loop.init(writeTuning(algorithms));
		loop.setHdr(1, true);
		EXPECT_TRUE(ret == -EINVAL || loop.configure(12) == -EINVAL) << algorithms;
	}

	/* Exposures in turns need no curve. */
	CameraLoop loop;
	ASSERT_EQ(loop.init(writeTuning("  - Hdr:\n")), 0);
	loop.setHdr(2, false);
	EXPECT_EQ(loop.configure(10), 0);
}

TEST(Hdr, BlocksFollowTheMode)
{
	CameraLoop loop;
	ASSERT_EQ(loop.init(writeTuning("  - Hdr:\n      exposureRatio: 8\n"
					"      companding: [ 0, 0, 32768, 65536, 65535, 1000000 ]\n"
					"  - LocalTone:\n")), 0);
	for (unsigned int exposures : { 1, 2, 3 }) {
		const bool companded = exposures == 1;
		loop.setHdr(exposures, companded);
		ASSERT_EQ(loop.configure(12), 0);
		ASSERT_EQ(loop.start(), 0);
		const Frame frame = loop.run(chartScene(5000, true));
		loop.stop();
		EXPECT_EQ(*frame.metadata.get(controls::HdrMode), controls::HdrModeMultiExposure);

		const auto *decompand = frame.block<fovea_isp_decompand>(FOVEA_ISP_BLOCK_DECOMPAND);
		ASSERT_EQ(decompand != nullptr, companded);
		if (companded) {
			EXPECT_EQ(decompand->count, 3);
			EXPECT_EQ(decompand->x[1], 32768);
			EXPECT_EQ(decompand->y[2], 1000000u);
		}

		const auto *merge = frame.block<fovea_isp_merge>(FOVEA_ISP_BLOCK_MERGE);
		ASSERT_EQ(merge != nullptr, !companded);
		if (exposures == 2) {
			EXPECT_EQ(merge->gain[0], 1024);
			EXPECT_EQ(merge->gain[1], 8 * 1024);
		} else if (exposures == 3) {
			/* Together 64: the longest exposure is scaled to a quarter. */
			EXPECT_NEAR(merge->gain[0], 256, 1);
			EXPECT_NEAR(merge->gain[1], 8 * 256, 1);
			EXPECT_NEAR(merge->gain[2], 64 * 256, 1);
		}

		/* The compressed range grows up to the largest value and does not end before. */
		const auto *range = frame.block<fovea_isp_range>(FOVEA_ISP_BLOCK_RANGE);
		const auto *tone = frame.block<fovea_isp_local_tone>(FOVEA_ISP_BLOCK_LOCAL_TONE);
		ASSERT_TRUE(range && tone);
		double last = 0;
		for (unsigned int i = 0; i < FOVEA_ISP_RANGE_POINTS; i++) {
			const double input = std::ldexp(1 + i % 4 / 4.0, 6 + i / 4);
			const double value = input * range->gain[i] / 65536;
			EXPECT_GE(value + input / 65536, last) << i;
			last = value;
		}
		EXPECT_NEAR(last, 16383, 10);

		/* Both curves together give back the brightness of dark tones. */
		const double white = exposures == 3 ? 16384 : 65536;
		const double shown = 64.0 * range->gain[0] / 65536 * tone->gain[0][0][0] / 4096;
		EXPECT_NEAR(shown, 64 / white * 16383, 0.02 * shown);
	}
}

} /* namespace */
