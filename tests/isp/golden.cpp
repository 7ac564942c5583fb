/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The output of every block on a fixed frame, by hash
 */

/*
 * A change of one bit of any block's output fails this test. Where a change is
 * meant, run
 *
 *   isp-golden --update-golden
 *
 * and commit the new tests/isp/golden.txt with the change that it belongs to.
 * The frame and all parameters come from integers and from operations that IEEE
 * 754 rounds correctly, so the hashes are the same on every machine.
 */

#include <fstream>
#include <map>
#include <sstream>
#include <string.h>

#include <gtest/gtest.h>

#include "isp_sim/isp/ae_stats.h"
#include "isp_sim/isp/af_stats.h"
#include "isp_sim/isp/awb_stats.h"
#include "isp_sim/isp/black_level.h"
#include "isp_sim/isp/cac.h"
#include "isp_sim/isp/ccm.h"
#include "isp_sim/isp/chroma_nr.h"
#include "isp_sim/isp/csc.h"
#include "isp_sim/isp/decompand.h"
#include "isp_sim/isp/demosaic.h"
#include "isp_sim/isp/dewarp.h"
#include "isp_sim/isp/dpc.h"
#include "isp_sim/isp/gamma.h"
#include "isp_sim/isp/local_tone.h"
#include "isp_sim/isp/lsc.h"
#include "isp_sim/isp/merge.h"
#include "isp_sim/isp/lut3d.h"
#include "isp_sim/isp/pack.h"
#include "isp_sim/isp/range.h"
#include "isp_sim/isp/raw_nr.h"
#include "isp_sim/isp/reference.h"
#include "isp_sim/isp/row_stats.h"
#include "isp_sim/isp/rgb_finish.h"
#include "isp_sim/isp/scaler.h"
#include "isp_sim/isp/sharpen.h"
#include "isp_sim/isp/temporal_nr.h"
#include "isp_sim/isp/tone_stats.h"
#include "isp_sim/isp/unpack.h"

#include "test_data.h"

using namespace fovea::isp;
using namespace fovea::isp::test;

namespace {

bool updateGolden = false;

/* The 64-bit Fowler-Noll-Vo hash FNV-1a. */
class Hash
{
public:
	Hash &add(const void *data, size_t size)
	{
		const uint8_t *bytes = static_cast<const uint8_t *>(data);
		for (size_t i = 0; i < size; ++i)
			value_ = (value_ ^ bytes[i]) * 0x100000001b3ULL;
		return *this;
	}

	Hash &add(const Plane &plane)
	{
		for (const uint16_t sample : plane.samples) {
			const uint8_t bytes[2] = { static_cast<uint8_t>(sample), static_cast<uint8_t>(sample >> 8) };
			add(bytes, sizeof(bytes));
		}
		return *this;
	}

	Hash &add(const Planes &planes)
	{
		return add(planes[0]).add(planes[1]).add(planes[2]);
	}

	std::string text() const
	{
		char buffer[17];
		snprintf(buffer, sizeof(buffer), "%016llx", static_cast<unsigned long long>(value_));
		return buffer;
	}

private:
	uint64_t value_ = 0xcbf29ce484222325ULL;
};

using Hashes = std::map<std::string, std::string>;

constexpr unsigned int kWidth = 200;
constexpr unsigned int kHeight = 120;

Planes scaledTo(const Planes &planes, Size size)
{
	Planes out;
	for (unsigned int i = 0; i < 3; ++i)
		scaleReference(planes[i], { 10, 6, 160, 100 }, size, &out[i]);
	return out;
}

void hashBlocks(const RawFormat &format, const std::vector<uint8_t> &raw, const Params &params,
		const std::string &prefix, Hashes *hashes)
{
	const BayerOrder order = format.order;
	const auto put = [&](const char *block, const Hash &hash) { (*hashes)[prefix + block] = hash.text(); };

	Plane mosaic;
	unpackReference(format, raw, &mosaic);
	put("unpack", Hash().add(mosaic));
	blackLevelReference(params.blackLevel, order, &mosaic);
	put("black_level", Hash().add(mosaic));
	listedDefectsReference(params.dpc, &mosaic);
	put("dpc_list", Hash().add(mosaic));

	fovea_isp_stats_buffer stats = {};
	aeStatsReference(params.aeStats, order, mosaic, &stats);
	put("ae_stats", Hash().add(stats.ae_histogram, sizeof(stats.ae_histogram)).add(stats.ae_zones, sizeof(stats.ae_zones)));
	awbStatsReference(params.awbStats, order, mosaic, &stats);
	put("awb_stats", Hash().add(stats.awb_zones, sizeof(stats.awb_zones)));

	afStatsReference(params.afStats, order, mosaic, &stats);
	put("af_stats", Hash().add(stats.af_zones, sizeof(stats.af_zones)));

	rowStatsReference(params.rowStats, order, mosaic, &stats);
	put("row_stats", Hash().add(stats.row_sums, sizeof(stats.row_sums)));
	toneStatsReference(params.toneStats, order, mosaic, &stats);
	put("tone_stats", Hash().add(stats.tone_zones, sizeof(stats.tone_zones)));

	dpcReference(params.dpc, &mosaic);
	put("dpc", Hash().add(mosaic));
	Plane smooth = mosaic;
	rawNrReference(params.rawNr, &smooth);
	put("raw_nr", Hash().add(smooth));
	gainsReference(GainMesh(params.lsc, params.wbGains), order, &mosaic);
	put("gains", Hash().add(mosaic));
	Plane shifted = mosaic;
	cacReference(params.cac, order, &shifted);
	put("cac", Hash().add(shifted));

	ColourDifferences differences;
	fovea_isp_demosaic bilinear = params.demosaic;
	bilinear.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_DISABLE;
	demosaicReference(mosaic, order, bilinear, &differences);
	put("demosaic_bilinear", Hash().add(differences.rgb()));
	fovea_isp_demosaic calm = params.demosaic;
	calm.direction_threshold = 300;
	demosaicReference(mosaic, order, calm, &differences);
	put("demosaic_threshold", Hash().add(differences.rgb()));
	fovea_isp_demosaic refined = params.demosaic;
	refined.refine = 1;
	demosaicReference(mosaic, order, refined, &differences);
	put("demosaic_refined", Hash().add(differences.rgb()));
	demosaicReference(mosaic, order, params.demosaic, &differences);
	put("demosaic", Hash().add(differences.rgb()));

	Planes rgb;
	ccmReference(params.ccm, differences, &rgb);
	put("ccm", Hash().add(rgb));
	localToneReference(params.localTone, &rgb);
	put("local_tone", Hash().add(rgb));
	gammaReference(params.gamma, &rgb);
	put("gamma", Hash().add(rgb));

	lut3dReference(params.lut3d, &rgb);
	put("lut3d", Hash().add(rgb));

	Planes ycbcr;
	cscReference(params.csc, rgb, &ycbcr);
	put("csc", Hash().add(ycbcr));
	const Planes converted = ycbcr;
	/* The reference is the picture turned by half, so that most of it moves. */
	TemporalState state;
	fovea_isp_temporal_nr temporal = params.temporalNr;
	temporal.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
	Planes turned = ycbcr;
	for (Plane &plane : turned)
		std::reverse(plane.samples.begin(), plane.samples.end());
	Planes mixed = ycbcr;
	temporalNrReference(temporal, &state, &turned);
	temporalNrReference(temporal, &state, &mixed);
	put("temporal_nr", Hash().add(mixed).add(state.planes));
	for (unsigned int i = 1; i < 3; ++i)
		chromaNrReference(params.chromaNr, &ycbcr[i]);
	put("chroma_nr", Hash().add(ycbcr[1]).add(ycbcr[2]));
	sharpenReference(params.sharpen, &ycbcr[0]);
	put("sharpen", Hash().add(ycbcr[0]));
	Planes finished = rgb;
	rgbFinishReference(params.csc, converted, ycbcr, &finished);
	put("rgb_finish", Hash().add(finished));
	Planes moved = ycbcr;
	dewarpReference(params.dewarp, &moved, &finished);
	put("dewarp", Hash().add(moved).add(finished));

	put("scaler_down", Hash().add(scaledTo(rgb, { 66, 38 })));
	put("scaler_up", Hash().add(scaledTo(rgb, { 222, 150 })));

	/* What the planes mean is nothing to the packing. */
	const char *const names[] = { "pack_nv12", "pack_nv21", "pack_nv16", "pack_yuyv", "pack_rgb888", "pack_xrgb8888", "pack_r8" };
	for (size_t i = 0; i < std::size(kPixelFormats); ++i) {
		const OutputFormat output = makeOutput({}, { kWidth, kHeight }, kPixelFormats[i]);
		std::vector<uint8_t> picture(outputSize(output));
		packReference(output.format, rgb, output.stride, picture.data());
		put(names[i], Hash().add(picture.data(), picture.size()));
	}
}

/* The blocks in front of the working range, on frames of three exposures. */
void hashLinearBlocks(const Params &params, const std::vector<uint8_t> &raw, const RawFormat &format,
		      const std::string &prefix, Hashes *hashes)
{
	const auto put = [&](const char *block, const auto &plane) {
		(*hashes)[prefix + block] = Hash().add(plane.samples.data(), plane.samples.size() * sizeof(plane.samples[0])).text();
	};

	std::vector<LinearPlane> exposures(format.exposures);
	for (unsigned int i = 0; i < format.exposures; ++i) {
		decompandReference(params.decompand, format, raw, i, &exposures[i]);
		linearBlackLevelReference(params.blackLevel, format.order, &exposures[i]);
	}
	put("decompand", exposures[1]);
	LinearPlane merged;
	mergeReference(params.merge, exposures, &merged);
	put("merge", merged);
	Plane mosaic;
	rangeReference(params.range, merged, &mosaic);
	put("range", mosaic);
}

/* Whole pictures come from the engine, not from the references. */
void hashPictures(unsigned int depth, BayerOrder order, const std::string &prefix, Hashes *hashes)
{
	Configuration configuration;
	configuration.input = makeInput(kWidth, kHeight, depth, order);
	configuration.threads = 2;
	configuration.outputs = { makeOutput({ 0, 0, kWidth, kHeight }, { kWidth, kHeight }, PixelFormat::NV12),
				  makeOutput({ 20, 10, 160, 90 }, { 64, 36 }, PixelFormat::XRGB8888) };
	std::vector<std::vector<uint8_t>> pictures;
	std::vector<std::span<uint8_t>> spans;
	for (const OutputFormat &output : configuration.outputs)
		pictures.emplace_back(outputSize(output));
	for (std::vector<uint8_t> &picture : pictures)
		spans.emplace_back(picture);

	Isp isp;
	fovea_isp_stats_buffer stats = {};
	ASSERT_EQ(isp.configure(configuration, nullptr), 0);
	ASSERT_EQ(isp.process(makeScene(configuration.input), makeCoreParams(depth), spans, &stats), 0);

	(*hashes)[prefix + "picture_nv12"] = Hash().add(pictures[0].data(), pictures[0].size()).text();
	(*hashes)[prefix + "picture_xrgb8888"] = Hash().add(pictures[1].data(), pictures[1].size()).text();
	(*hashes)[prefix + "statistics"] = Hash().add(&stats, sizeof(stats)).text();
}

Hashes hashAll()
{
	const struct {
		const char *name;
		unsigned int depth;
		BayerOrder order;
	} frames[] = {
		{ "rggb10.", 10, BayerOrder::RGGB },
		{ "gbrg12.", 12, BayerOrder::GBRG },
		{ "bggr8.", 8, BayerOrder::BGGR },
		{ "grbg16.", 16, BayerOrder::GRBG },
	};

	Hashes hashes;
	for (const auto &frame : frames) {
		const RawFormat format = makeInput(kWidth, kHeight, frame.depth, frame.order);
		const std::string name = frame.name;
		hashBlocks(format, makeScene(format), makeCoreParams(frame.depth), name, &hashes);
		/* Noise and extreme parameters reach the ends of all ranges. */
		hashBlocks(format, makeRandomRaw(format, frame.depth), makeRandomParams(frame.depth), name + "random.", &hashes);
		hashPictures(frame.depth, frame.order, frame.name, &hashes);
	}

	RawFormat exposures = makeInput(kWidth, kHeight, 12, BayerOrder::RGGB);
	exposures.exposures = 3;
	Params fixed;
	for (auto *header : { &fixed.decompand.header, &fixed.merge.header, &fixed.range.header })
		header->flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
	fixed.merge = { fixed.merge.header, { 1024, 4096, 16384 }, 2048, 50000, 500, 6554, 2048, {} };
	for (unsigned int i = 0; i < FOVEA_ISP_RANGE_POINTS; ++i)
		fixed.range.gain[i] = static_cast<uint16_t>(16384 - 200 * i);
	hashLinearBlocks(fixed, makeScene(exposures), exposures, "exposures12.", &hashes);
	hashLinearBlocks(makeRandomParams(21), makeRandomRaw(exposures, 21), exposures, "exposures12.random.", &hashes);
	return hashes;
}

} /* namespace */

TEST(Golden, EveryBlockKeepsItsBits)
{
	const Hashes actual = hashAll();

	if (updateGolden) {
		std::ofstream file(GOLDEN_FILE);
		for (const auto &[name, hash] : actual)
			file << name << " " << hash << "\n";
		ASSERT_TRUE(file.good()) << GOLDEN_FILE << " can not be written";
		return;
	}

	Hashes expected;
	std::ifstream file(GOLDEN_FILE);
	std::string name, hash;
	while (file >> name >> hash)
		expected[name] = hash;
	ASSERT_FALSE(expected.empty()) << GOLDEN_FILE << " can not be read";

	EXPECT_EQ(expected.size(), actual.size());
	for (const auto &[key, value] : actual)
		EXPECT_EQ(expected[key], value) << key << " has changed; if that is meant, run with --update-golden";
}

/* The hash sees a single bit anywhere in a plane. */
TEST(Golden, OneBitIsSeen)
{
	Plane plane = makeMosaic(64, 48, 16383, 1);
	const std::string before = Hash().add(plane).text();
	for (size_t i = 0; i < plane.samples.size(); i += 97) {
		for (unsigned int bit = 0; bit < 14; ++bit) {
			plane.samples[i] ^= 1 << bit;
			ASSERT_NE(Hash().add(plane).text(), before);
			plane.samples[i] ^= 1 << bit;
		}
	}
	EXPECT_EQ(Hash().add(plane).text(), before);
}

int main(int argc, char **argv)
{
	testing::InitGoogleTest(&argc, argv);
	updateGolden = argc > 1 && !strcmp(argv[1], "--update-golden");
	return RUN_ALL_TESTS();
}
