/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Every block can be enabled, and disabled it does what its documentation says
 */

#include <set>
#include <stddef.h>
#include <string.h>

#include <gtest/gtest.h>

#include "isp_sim/isp/demosaic.h"
#include "isp_sim/isp/gamma.h"
#include "isp_sim/isp/params.h"
#include "isp_sim/isp/reference.h"
#include "isp_sim/isp/temporal_nr.h"

#include "test_data.h"

using namespace fovea::isp;
using namespace fovea::isp::test;

namespace {

constexpr uint16_t kEnable = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
constexpr uint16_t kDisable = V4L2_ISP_PARAMS_FL_BLOCK_DISABLE;
constexpr Size kFrame{ 128, 96 };
constexpr unsigned int kBitDepth = 12;

/* What two frames, one after the other, show of the parameters. */
struct Outcome {
	std::vector<uint8_t> pictures[2];
	fovea_isp_stats_buffer stats[2] = {};

	bool samePictures(const Outcome &other) const
	{
		return pictures[0] == other.pictures[0] && pictures[1] == other.pictures[1];
	}

	bool operator==(const Outcome &other) const
	{
		return samePictures(other) && memcmp(stats, other.stats, sizeof(stats)) == 0;
	}
};

/* The scalar references, or the engine with the instruction set that is chosen. */
class Pipeline
{
public:
	Pipeline(bool reference, unsigned int exposures)
		: reference_(reference)
	{
		configuration_.input = makeInput(kFrame.width, kFrame.height, kBitDepth, BayerOrder::GRBG);
		configuration_.input.exposures = exposures;
		configuration_.outputs = { makeOutput({ 0, 0, kFrame.width, kFrame.height }, kFrame, PixelFormat::NV12) };
		configuration_.threads = 1;
		raws_[0] = makeScene(configuration_.input);
		/* Below, extremes; above, differences of a code, as noise reduction in time has them. */
		raws_[1] = makeRandomRaw(configuration_.input, 3);
		for (size_t i = 0; i < raws_[1].size() / 2; ++i)
			raws_[1][i] = i & 1 ? raws_[0][i] : static_cast<uint8_t>(raws_[0][i] ^ (raws_[1][i] & 1));
	}

	Outcome process(const Params &params)
	{
		Outcome outcome;
		TemporalState state;
		/* It forgets the frames before. */
		EXPECT_EQ(isp_.configure(configuration_, nullptr), 0);
		for (unsigned int i = 0; i < 2; ++i) {
			outcome.pictures[i].resize(outputSize(configuration_.outputs[0]));
			const std::span<uint8_t> outputs[] = { outcome.pictures[i] };
			const int ret = reference_ ? processReference(configuration_, raws_[i], params, outputs, &outcome.stats[i], &state)
						   : isp_.process(raws_[i], params, outputs, &outcome.stats[i]);
			EXPECT_EQ(ret, 0);
		}
		return outcome;
	}

private:
	const bool reference_;
	Configuration configuration_;
	std::vector<uint8_t> raws_[2];
	Isp isp_;
};

/* Every block enabled with values that have an effect. */
Params busyParams(unsigned int exposures)
{
	Params params = makeFullParams(kBitDepth);
	params.csc.header.flags = kEnable;
	/* BT.709, full range. */
	const int16_t matrix[3][3] = { { 1742, 5859, 591 }, { -939, -3157, 4096 }, { 4096, -3720, -376 } };
	std::copy_n(&matrix[0][0], 9, &params.csc.coeff[0][0]);
	params.dpc.count = 2;
	params.dpc.defects[0] = { 30, 20 };
	params.dpc.defects[1] = { 31, 21 };

	/* The plain path from unpacking to black level. */
	if (exposures == 1) {
		for (auto *header : { &params.decompand.header, &params.merge.header, &params.range.header })
			header->flags = kDisable;
	}
	return params;
}

/* A part of the statistics, and what tells that it is valid. */
struct Part {
	size_t begin;
	size_t end;
	uint32_t flag;
};

/* The parts of a block of statistics; none of a block that makes pictures. */
template<typename Block>
std::vector<Part> partsOf()
{
	using Stats = fovea_isp_stats_buffer;
	if constexpr (std::is_same_v<Block, fovea_isp_ae_stats_config>)
		return { { offsetof(Stats, ae_geometry), offsetof(Stats, awb_geometry), FOVEA_ISP_STATS_FL_AE },
			 { offsetof(Stats, ae_histogram), offsetof(Stats, awb_zones), FOVEA_ISP_STATS_FL_AE } };
	if constexpr (std::is_same_v<Block, fovea_isp_awb_stats_config>)
		return { { offsetof(Stats, awb_geometry), offsetof(Stats, ae_histogram), FOVEA_ISP_STATS_FL_AWB },
			 { offsetof(Stats, awb_zones), offsetof(Stats, af_geometry), FOVEA_ISP_STATS_FL_AWB } };
	if constexpr (std::is_same_v<Block, fovea_isp_af_stats_config>)
		return { { offsetof(Stats, af_geometry), offsetof(Stats, row_geometry), FOVEA_ISP_STATS_FL_AF } };
	if constexpr (std::is_same_v<Block, fovea_isp_row_stats_config>)
		return { { offsetof(Stats, row_geometry), offsetof(Stats, tone_geometry), FOVEA_ISP_STATS_FL_ROWS } };
	if constexpr (std::is_same_v<Block, fovea_isp_tone_stats_config>)
		return { { offsetof(Stats, tone_geometry), sizeof(Stats), FOVEA_ISP_STATS_FL_TONE } };
	return {};
}

/* The parts of @stats are there; they are cleared. */
bool takeParts(fovea_isp_stats_buffer *stats, const std::vector<Part> &parts)
{
	bool there = true;
	for (const Part &part : parts) {
		uint8_t *begin = reinterpret_cast<uint8_t *>(stats) + part.begin;
		uint8_t *end = reinterpret_cast<uint8_t *>(stats) + part.end;
		there = there && std::any_of(begin, end, [](uint8_t byte) { return byte != 0; });
		std::fill(begin, end, 0);
	}
	there = there && stats->flags & parts[0].flag;
	stats->flags &= ~parts[0].flag;
	return there;
}

class Walk
{
public:
	Walk(bool reference, unsigned int exposures)
		: pipeline_(reference, exposures), busy_(busyParams(exposures)), outcome_(pipeline_.process(busy_))
	{
	}

	template<typename Block>
	void block(Block Params::*member)
	{
		if ((busy_.*member).header.flags & kDisable)
			return;
		SCOPED_TRACE("block type " + std::to_string((busy_.*member).header.type));
		walked_.insert((busy_.*member).header.type);

		const Outcome disabled = processDisabled(member, 1);
		EXPECT_TRUE(processDisabled(member, 2) == disabled) << "values of a disabled block have an effect";
		EXPECT_FALSE(outcome_ == disabled) << "enabled, it does nothing";
		if (partsOf<Block>().empty())
			expectNeutral(member, disabled);
		else
			expectPartMissing(partsOf<Block>(), disabled);
	}

	size_t walked() const { return walked_.size(); }

private:
	template<typename Block>
	Outcome processDisabled(Block Params::*member, uint32_t seed)
	{
		Params params = busy_;
		params.*member = makeRandomParams(seed).*member;
		(params.*member).header.flags = kDisable;
		return pipeline_.process(params);
	}

	/*
	 * Values at reset change nothing, or do what the disabled block does. Those of
	 * temporal noise reduction forget the past; the tests below have the two others.
	 */
	template<typename Block>
	void expectNeutral(Block Params::*member, const Outcome &disabled)
	{
		if constexpr (std::is_same_v<Block, fovea_isp_demosaic> || std::is_same_v<Block, fovea_isp_gamma>)
			return;

		Params params = busy_;
		params.*member = Params().*member;
		(params.*member).header.flags = kEnable;
		if constexpr (std::is_same_v<Block, fovea_isp_temporal_nr>)
			params.temporalNr.restart = 1;
		EXPECT_TRUE(pipeline_.process(params) == disabled) << "disabled, it is not what it is with neutral values";
	}

	void expectPartMissing(const std::vector<Part> &parts, const Outcome &disabled)
	{
		EXPECT_TRUE(outcome_.samePictures(disabled)) << "statistics change the picture";
		for (unsigned int i = 0; i < 2; ++i) {
			fovea_isp_stats_buffer all = outcome_.stats[i];
			EXPECT_TRUE(takeParts(&all, parts)) << "enabled, its part or its flag is missing";
			EXPECT_EQ(memcmp(&all, &disabled.stats[i], sizeof(all)), 0) << "more or less than its part is missing";
		}
	}

	Pipeline pipeline_;
	const Params busy_;
	const Outcome outcome_;
	std::set<unsigned int> walked_;
};

/* All blocks, of one exposure and of several. */
void walkAll(bool reference)
{
	constexpr size_t kBlocks = std::tuple_size_v<decltype(kBlockMembers)>;
	/* Decompand, merging and range have no place in the plain path. */
	for (const auto &[exposures, expected] : { std::pair(1U, kBlocks - 3), std::pair(3U, kBlocks) }) {
		SCOPED_TRACE(std::to_string(exposures) + " exposures");
		Walk walk(reference, exposures);
		forEachBlock([&](auto member) { walk.block(member); });
		EXPECT_EQ(walk.walked(), expected);
	}
}

} /* namespace */

TEST(Bypass, EveryReference)
{
	walkAll(true);
}

TEST(Bypass, EveryBlockOfTheEngine)
{
	forEachTarget([] { walkAll(false); });
}

/* Without gamma the upper 12 bits pass, whatever the points are. */
TEST(Bypass, GammaPassesTheUpperBits)
{
	Params params = makeRandomParams(4);
	params.gamma.header.flags = kDisable;
	for (unsigned int in = 0; in <= 16383; ++in)
		ASSERT_EQ(gammaReference(params.gamma, static_cast<uint16_t>(in)), in >> 2);
}

/* Without the demosaic: two neighbours avg(a, b), four (a + b + c + d + 2) >> 2. */
TEST(Bypass, DemosaicIsBilinear)
{
	constexpr int kSize = 32;
	const Plane mosaic = makeMosaic(kSize, kSize, 16383, 5);
	Params params = makeRandomParams(6);
	params.demosaic.header.flags = kDisable;

	for (const BayerOrder order : kOrders) {
		ColourDifferences out;
		demosaicReference(mosaic, order, params.demosaic, &out);
		for (int y = 0; y < kSize; ++y) {
			for (int x = 0; x < kSize; ++x) {
				/* The mean of the nearest samples of a colour, at most four of them. */
				const auto mean = [&](auto isColour) {
					int nearest = 3;
					int sum = 0;
					int count = 0;
					for (int i = 0; i < 9; ++i) {
						const int px = x + i % 3 - 1;
						const int py = y + i / 3 - 1;
						const int away = abs(px - x) + abs(py - y);
						if (!isColour(bayerSite(order, px + 2, py + 2)) || away > nearest)
							continue;
						if (away < nearest)
							sum = count = 0;
						nearest = away;
						sum += mosaic.row(mirror(py, kSize))[mirror(px, kSize)];
						count++;
					}
					return (sum + count / 2) / count;
				};
				const int red = mean([](BayerSite site) { return site == SiteR; });
				const int green = mean([](BayerSite site) { return site == SiteGr || site == SiteGb; });
				const int blue = mean([](BayerSite site) { return site == SiteB; });
				const size_t at = out.at(x, y);
				ASSERT_EQ(out.green[at], green) << x << ", " << y;
				ASSERT_EQ(out.red[at], saturate16(2 * (red - green))) << x << ", " << y;
				ASSERT_EQ(out.blue[at], saturate16(2 * (blue - green))) << x << ", " << y;
			}
		}
	}
}
