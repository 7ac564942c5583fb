/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Every field of the parameters does something, or is refused
 */

#include <math.h>
#include <stddef.h>
#include <string.h>

#include <gtest/gtest.h>

#include "isp_sim/isp/isp.h"
#include "isp_sim/isp/local_tone.h"
#include "isp_sim/isp/params.h"

#include "test_data.h"

using namespace fovea::isp;
using namespace fovea::isp::test;

namespace {

/* Two quads for each cell of the mesh, so that every node counts. */
constexpr unsigned int kSize = 128;
constexpr unsigned int kBitDepth = 12;

/* What one frame shows of the parameters. */
struct Outcome {
	std::vector<uint8_t> picture;
	fovea_isp_stats_buffer stats = {};

	bool operator==(const Outcome &other) const
	{
		return picture == other.picture && memcmp(&stats, &other.stats, sizeof(stats)) == 0;
	}
};

/* A frame with all extremes, and one in which small changes show. */
class Frames
{
public:
	explicit Frames(Size size = { kSize, kSize }, unsigned int exposures = 1)
	{
		configuration_.input = makeInput(size.width, size.height, kBitDepth, BayerOrder::RGGB);
		configuration_.input.exposures = exposures;
		configuration_.threads = 1;
		configuration_.outputs = { makeOutput({ 0, 0, size.width, size.height }, size, PixelFormat::NV12) };
		raws_[0] = makeScene(configuration_.input);
		raws_[1] = makeRandomRaw(configuration_.input, 1);
		isp_.configure(configuration_, nullptr);
		if (exposures > 1)
			spreadOverOctaves(&raws_[1]);
	}

	Outcome process(unsigned int frame, const Params &params)
	{
		Outcome outcome;
		outcome.picture.resize(outputSize(configuration_.outputs[0]));
		const std::span<uint8_t> outputs[] = { outcome.picture };
		EXPECT_EQ(isp_.process(raws_[frame], params, outputs, &outcome.stats), 0);
		return outcome;
	}

	bool differ(const Params &params, const Outcome (&base)[2])
	{
		return !(process(0, params) == base[0]) || !(process(1, params) == base[1]);
	}

private:
	/* As many samples of each octave, for curves whose points lie like that. */
	static void spreadOverOctaves(std::vector<uint8_t> *raw)
	{
		Random random(2);
		for (size_t i = 0; i < raw->size(); i += 2) {
			const unsigned int sample = random.bits() % (1U << kBitDepth) >> random.uniform(0, kBitDepth);
			(*raw)[i] = static_cast<uint8_t>(sample);
			(*raw)[i + 1] = static_cast<uint8_t>(sample >> 8);
		}
	}

	Configuration configuration_;
	std::vector<uint8_t> raws_[2];
	Isp isp_;
};

/* All blocks enabled with values that have an effect, every list full. */
Params busyParams()
{
	Params params = makeFullParams(kBitDepth);

	/* Tables that would hide small changes of what comes in front of them. */
	params.localTone.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_DISABLE;
	params.lut3d.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_DISABLE;
	params.temporalNr.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_DISABLE;
	for (auto *header : { &params.decompand.header, &params.merge.header, &params.range.header })
		header->flags = V4L2_ISP_PARAMS_FL_BLOCK_DISABLE;
	params.rawNr.strength = 3000;
	params.rowStats.saturation = 8000;
	params.demosaic.direction_threshold = 100;
	params.csc.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
	params.awbStats.dark = 500;
	params.sharpen = { params.sharpen.header, 6000, 20, 200, 200 };
	params.dpc.count = FOVEA_ISP_DPC_DEFECTS;
	for (unsigned int i = 0; i < params.dpc.count; ++i)
		params.dpc.defects[i] = { static_cast<uint16_t>(37 * i % kSize), static_cast<uint16_t>(i) };

	return params;
}

/* Exposures, knees and gains of which all count; no black level that hides the dark. */
Params linearParams()
{
	Params params;
	for (auto *header : { &params.decompand.header, &params.merge.header, &params.range.header })
		header->flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;

	params.decompand.count = FOVEA_ISP_DECOMPAND_KNEES;
	for (unsigned int i = 0; i < FOVEA_ISP_DECOMPAND_KNEES; ++i) {
		params.decompand.x[i] = static_cast<uint16_t>(8 + 4000 * i);
		params.decompand.y[i] = 8 + 75 * i * i * i;
	}
	params.merge = { params.merge.header, { 1024, 2048, 4096 }, 2048, 70000, 500, 3000, 500, {} };
	setRange(&params.range, 2000, 1000000);

	/* A picture in which one step of the working range shows. */
	setGamma(&params.gamma, [](double v) { return cbrt(v); });
	params.gamma.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
	return params;
}

template<typename Block>
bool valid(const Block &block, std::string *error = nullptr)
{
	std::vector<uint8_t> buffer(offsetof(v4l2_isp_params_buffer, data) + sizeof(block));
	const uint32_t version = V4L2_ISP_PARAMS_VERSION_V1;
	const uint32_t size = sizeof(block);
	memcpy(buffer.data() + offsetof(v4l2_isp_params_buffer, version), &version, sizeof(version));
	memcpy(buffer.data() + offsetof(v4l2_isp_params_buffer, data_size), &size, sizeof(size));
	memcpy(buffer.data() + offsetof(v4l2_isp_params_buffer, data), &block, sizeof(block));
	return validateParams(buffer, error) == 0;
}

class Walk
{
public:
	Walk()
		: Walk({ kSize, kSize }, 1, busyParams())
	{
	}

	Walk(Size size, unsigned int exposures, const Params &params)
		: frames_(size, exposures), params_(params), base_{ frames_.process(0, params_), frames_.process(1, params_) }
	{
	}

	/* Try values beside that of each field of the block. */
	template<typename Block>
	void block(Block Params::*member)
	{
		const Block saved = params_.*member;
		const unsigned int type = saved.header.type;
		unsigned int fields = 0;
		unsigned int refused = 0;
		ASSERT_TRUE(valid(saved)) << "block type " << type;

		for (size_t at = sizeof(v4l2_isp_params_block_header); at < sizeof(Block); at += fieldSize<Block>(at)) {
			const std::string error = fieldSize<Block>(at) == 1 ? tryField<uint8_t>(member, at)
						: fieldSize<Block>(at) == 2 ? tryField<uint16_t>(member, at)
									    : tryField<uint32_t>(member, at);
			fields++;
			params_.*member = saved;
			/* No value but 0 is promised for reserved fields alone. */
			refused += !error.empty();
			EXPECT_TRUE(error.empty() || error.find(" reserved") != std::string::npos)
				<< "block type " << type << ", byte " << at << ": " << error;
		}
		printf("block type %2u: %u fields, of them %u refused as reserved\n", type, fields, refused);
	}

private:
	/* Bytes of the field at a place of a block: 2, unless stated here. */
	template<typename Block>
	static constexpr size_t fieldSize(size_t at)
	{
		if (std::is_same_v<Block, fovea_isp_ae_stats_config>)
			return sizeof(uint8_t);
		if (std::is_same_v<Block, fovea_isp_decompand> && at >= offsetof(fovea_isp_decompand, y))
			return sizeof(uint32_t);
		if (std::is_same_v<Block, fovea_isp_merge> && at == offsetof(fovea_isp_merge, saturation))
			return sizeof(uint32_t);
		return sizeof(uint16_t);
	}

	/* Returns nothing if the field has an effect, else why not. */
	template<typename Field, typename Block>
	std::string tryField(Block Params::*member, size_t at)
	{
		uint8_t *bytes = reinterpret_cast<uint8_t *>(&(params_.*member)) + at;
		Field value;
		memcpy(&value, bytes, sizeof(value));

		std::string error;
		bool accepted = false;
		for (const int step : { 16, -16, 1, -1, 2000, -2000, 400, -400 }) {
			const Field changed = static_cast<Field>(value + step);
			memcpy(bytes, &changed, sizeof(changed));
			if (!valid(params_.*member, &error))
				continue;
			accepted = true;
			if (frames_.differ(params_, base_))
				return {};
		}
		return accepted ? "does nothing" : error;
	}

	Frames frames_;
	Params params_;
	const Outcome base_[2];
};

} /* namespace */

TEST(Fields, EveryOneDoesSomethingOrIsRefused)
{
	Walk walk;
	/* Groups of columns in every cell of the mesh. */
	Walk wideWalk({ 512, 32 }, 1, busyParams());
	Walk linearWalk({ 128, 64 }, FOVEA_ISP_EXPOSURES, linearParams());
	forEachBlock([&]<typename Block>(Block Params::*member) {
		/* One frame reaches few points of the tables, and no past: the next tests. */
		constexpr bool kOwnTest = std::is_same_v<Block, fovea_isp_local_tone> ||
					  std::is_same_v<Block, fovea_isp_lut3d> ||
					  std::is_same_v<Block, fovea_isp_temporal_nr>;
		constexpr bool kLinear = std::is_same_v<Block, fovea_isp_decompand> ||
					 std::is_same_v<Block, fovea_isp_merge> ||
					 std::is_same_v<Block, fovea_isp_range>;
		if constexpr (std::is_same_v<Block, fovea_isp_cac>)
			wideWalk.block(member);
		else if constexpr (kLinear)
			linearWalk.block(member);
		else if constexpr (!kOwnTest)
			walk.block(member);
	});
}

/* Each point of each curve, where a flat picture has its luminance. */
TEST(Fields, EveryPointOfTheLocalToneDoesSomething)
{
	constexpr Size kFrame{ 64, 48 };
	Configuration configuration;
	configuration.input = makeInput(kFrame.width, kFrame.height, 14, BayerOrder::RGGB);
	configuration.threads = 1;
	configuration.outputs = { makeOutput({ 0, 0, kFrame.width, kFrame.height }, kFrame, PixelFormat::NV12) };
	Isp isp;
	ASSERT_EQ(isp.configure(configuration, nullptr), 0);

	Params params;
	params.localTone.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
	std::vector<uint8_t> before(outputSize(configuration.outputs[0]));
	std::vector<uint8_t> after(before.size());

	for (unsigned int i = 0; i < FOVEA_ISP_LTM_POINTS; ++i) {
		/* The first and the last point are never reached, those beside them are. */
		const unsigned int level = std::clamp(localToneInput(i), 40U, 16383U);
		std::vector<uint8_t> raw(2 * kFrame.width * kFrame.height);
		for (size_t k = 0; k < raw.size(); k += 2) {
			raw[k] = static_cast<uint8_t>(level);
			raw[k + 1] = static_cast<uint8_t>(level >> 8);
		}
		const auto process = [&](std::vector<uint8_t> *picture) {
			const std::span<uint8_t> outputs[] = { *picture };
			ASSERT_EQ(isp.process(raw, params, outputs, nullptr), 0);
		};
		process(&before);

		for (unsigned int zone = 0; zone < FOVEA_ISP_LTM_ZONES_X * FOVEA_ISP_LTM_ZONES_Y; ++zone) {
			uint16_t &gain = params.localTone.gain[zone / FOVEA_ISP_LTM_ZONES_X][zone % FOVEA_ISP_LTM_ZONES_X][i];
			gain = 0;
			process(&after);
			gain = 4096;
			EXPECT_NE(before, after) << "point " << i << " of zone " << zone;
		}
	}
}

/* Each value of each node, in a flat picture of its colour. */
TEST(Fields, EveryNodeOfTheTableOfColoursDoesSomething)
{
	constexpr Size kFrame{ 16, 16 };
	constexpr unsigned int kNodes = FOVEA_ISP_LUT3D_NODES;
	Configuration configuration;
	configuration.input = makeInput(kFrame.width, kFrame.height, 14, BayerOrder::RGGB);
	configuration.threads = 1;
	configuration.outputs = { makeOutput({ 0, 0, kFrame.width, kFrame.height }, kFrame, PixelFormat::XRGB8888) };
	Isp isp;
	ASSERT_EQ(isp.configure(configuration, nullptr), 0);

	Params params;
	params.lut3d.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
	std::vector<uint8_t> raw(2 * kFrame.width * kFrame.height);
	std::vector<uint8_t> before(outputSize(configuration.outputs[0]));
	std::vector<uint8_t> after(before.size());
	const auto process = [&](std::vector<uint8_t> *picture) {
		const std::span<uint8_t> outputs[] = { *picture };
		ASSERT_EQ(isp.process(raw, params, outputs, nullptr), 0);
	};

	for (unsigned int node = 0; node < kNodes * kNodes * kNodes; ++node) {
		/* The last node of a colour lies beyond the range. */
		const unsigned int at[] = { node / (kNodes * kNodes), node / kNodes % kNodes, node % kNodes };
		for (unsigned int i = 0; i < kFrame.width * kFrame.height; ++i) {
			const BayerSite site = bayerSite(BayerOrder::RGGB, i % kFrame.width, i / kFrame.width);
			const unsigned int level = std::min(1024 * at[site == SiteR ? 0 : site == SiteB ? 2 : 1], 16383U);
			raw[2 * i] = static_cast<uint8_t>(level);
			raw[2 * i + 1] = static_cast<uint8_t>(level >> 8);
		}
		process(&before);
		for (uint16_t &value : params.lut3d.rgb[at[0]][at[1]][at[2]]) {
			const uint16_t saved = value;
			value = saved < 2048 ? 4096 : 0;
			process(&after);
			value = saved;
			ASSERT_NE(before, after) << "node " << at[0] << ", " << at[1] << ", " << at[2];
		}
	}
}

/* The second frame shows what the block made of the first. */
TEST(Fields, TemporalNoiseReduction)
{
	Params params = makeCoreParams(kBitDepth);
	params.temporalNr = { params.temporalNr.header, 4000, 60, 60, 100, 0, {} };
	params.temporalNr.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;

	const auto second = [](const Params &changed, unsigned int frame) {
		Frames frames;
		/* The rows of the first frame are the second's, one further down. */
		frames.process(1 - frame, makeCoreParams(kBitDepth));
		Params first = changed;
		first.temporalNr.restart = 1;
		frames.process(frame ? 0 : 1, first);
		return frames.process(frame, changed);
	};
	const auto expectEffect = [&](const char *field, const auto &change) {
		Params changed = params;
		change(&changed.temporalNr);
		ASSERT_TRUE(valid(changed.temporalNr)) << field;
		EXPECT_FALSE(second(changed, 0) == second(params, 0) && second(changed, 1) == second(params, 1)) << field;
	};

	expectEffect("weight", [](auto *block) { block->weight = 3000; });
	expectEffect("threshold_luma", [](auto *block) { block->threshold_luma = 0; });
	expectEffect("threshold_chroma", [](auto *block) { block->threshold_chroma = 0; });
	expectEffect("slope", [](auto *block) { block->slope = 0; });
	expectEffect("restart", [](auto *block) { block->restart = 1; });
	for (unsigned int i = 0; i < 3; ++i) {
		fovea_isp_temporal_nr block = params.temporalNr;
		block.reserved[i] = 1;
		EXPECT_FALSE(valid(block));
	}
}

/* A block that is disabled has no effect, whatever its values are. */
TEST(Fields, DisabledBlocksDoNothing)
{
	Frames frames;
	Params disabled = makeRandomParams(7);
	Params reset;
	const auto disableAll = [](Params *params) {
		forEachBlock([&](auto member) { (params->*member).header.flags = V4L2_ISP_PARAMS_FL_BLOCK_DISABLE; });
	};
	disableAll(&disabled);
	disableAll(&reset);
	for (unsigned int frame = 0; frame < 2; ++frame)
		EXPECT_TRUE(frames.process(frame, disabled) == frames.process(frame, reset));
}
