/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Validation and application of parameters buffers
 */

#include <algorithm>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <vector>

#include <gtest/gtest.h>

#include "isp_sim/isp/params.h"

#include "test_data.h"

using namespace fovea::isp;
using namespace fovea::isp::test;

namespace {

constexpr uint16_t kEnable = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
constexpr uint16_t kDisable = V4L2_ISP_PARAMS_FL_BLOCK_DISABLE;

/* A parameters buffer that blocks are appended to. */
class Buffer
{
public:
	Buffer()
		: bytes_(offsetof(v4l2_isp_params_buffer, data))
	{
		setVersion(V4L2_ISP_PARAMS_VERSION_V1);
	}

	template<typename Block>
	Buffer &add(const Block &block, size_t size = sizeof(Block))
	{
		const uint8_t *from = reinterpret_cast<const uint8_t *>(&block);
		bytes_.insert(bytes_.end(), from, from + size);
		setDataSize(static_cast<uint32_t>(bytes_.size() - offsetof(v4l2_isp_params_buffer, data)));
		return *this;
	}

	Buffer &addAll(const Params &params)
	{
		forEachBlock([&](auto member) { add(params.*member); });
		return *this;
	}

	void setVersion(uint32_t version) { memcpy(bytes_.data(), &version, sizeof(version)); }
	void setDataSize(uint32_t size) { memcpy(bytes_.data() + 4, &size, sizeof(size)); }

	std::span<const uint8_t> span() const { return bytes_; }
	std::vector<uint8_t> &bytes() { return bytes_; }

private:
	std::vector<uint8_t> bytes_;
};

void expectValid(const Buffer &buffer)
{
	std::string error;
	EXPECT_EQ(validateParams(buffer.span(), &error), 0) << error;
}

/* The error names all @parts, and what is expected. */
void expectError(const Buffer &buffer, std::initializer_list<const char *> parts)
{
	std::string error;
	EXPECT_EQ(validateParams(buffer.span(), &error), -EINVAL);
	EXPECT_NE(error.find("expected"), std::string::npos) << error;
	for (const char *part : parts)
		EXPECT_NE(error.find(part), std::string::npos) << "no \"" << part << "\" in: " << error;
	EXPECT_EQ(validateParams(buffer.span(), nullptr), -EINVAL);
}

template<typename Block>
Block enabled(Block block)
{
	block.header.flags = kEnable;
	return block;
}

} /* namespace */

TEST(Params, ResetValuesAreValidAndApplyToThemselves)
{
	const Params reset;
	Buffer buffer;
	buffer.addAll(reset);
	EXPECT_EQ(buffer.span().size(), FOVEA_ISP_PARAMS_MAX_SIZE);
	expectValid(buffer);

	Params params = makeRandomParams(1);
	applyParams(buffer.span(), &params);
	EXPECT_EQ(memcmp(&params, &reset, sizeof(params)), 0);
}

TEST(Params, ResetStateIsTheDocumentedOne)
{
	const Params reset;
	EXPECT_EQ(reset.blackLevel.header.flags, kDisable);
	EXPECT_EQ(reset.wbGains.header.flags, kDisable);
	EXPECT_EQ(reset.demosaic.header.flags, kEnable);
	EXPECT_EQ(reset.demosaic.direction_threshold, 0);
	EXPECT_EQ(reset.ccm.header.flags, kDisable);
	EXPECT_EQ(reset.gamma.header.flags, kDisable);
	EXPECT_EQ(reset.csc.header.flags, kDisable);
	EXPECT_EQ(reset.csc.coeff[1][2], 4096);
	EXPECT_EQ(reset.aeStats.header.flags, kEnable);
	EXPECT_EQ(reset.aeStats.weights[255], 1);
	EXPECT_EQ(reset.awbStats.header.flags, kEnable);
	EXPECT_EQ(reset.awbStats.saturation, 15872);
	EXPECT_EQ(reset.dpc.header.flags, kDisable);
	EXPECT_EQ(reset.dpc.hot, 16383);
	EXPECT_EQ(reset.dpc.count, 0);
	EXPECT_EQ(reset.lsc.header.flags, kDisable);
	EXPECT_EQ(reset.lsc.b[FOVEA_ISP_LSC_NODES - 1], 4096);
	EXPECT_EQ(reset.chromaNr.header.flags, kDisable);
	EXPECT_EQ(reset.sharpen.header.flags, kDisable);
	EXPECT_EQ(reset.afStats.header.flags, kDisable);
	EXPECT_EQ(reset.localTone.header.flags, kDisable);
	EXPECT_EQ(reset.localTone.gain[11][15][14], 4096);
	EXPECT_EQ(reset.temporalNr.header.flags, kDisable);
	EXPECT_EQ(reset.temporalNr.weight, 32767);
	EXPECT_EQ(reset.dewarp.header.flags, kDisable);
	EXPECT_EQ(reset.dewarp.dx[24][32], 0);
	EXPECT_EQ(reset.lut3d.header.flags, kDisable);
	EXPECT_EQ(reset.lut3d.rgb[1][2][16][2], 4096);
	EXPECT_EQ(reset.decompand.header.flags, kDisable);
	EXPECT_EQ(reset.decompand.count, 2);
	EXPECT_EQ(reset.decompand.y[1], 65535u);
	EXPECT_EQ(reset.merge.header.flags, kDisable);
	EXPECT_EQ(reset.merge.gain[2], 1024);
	EXPECT_EQ(reset.merge.saturation, 1048575u);
	EXPECT_EQ(reset.range.header.flags, kDisable);
	EXPECT_EQ(reset.range.gain[56], 16384);
	EXPECT_EQ(reset.rawNr.header.flags, kDisable);
	EXPECT_EQ(reset.rawNr.strength, 0);
	EXPECT_EQ(reset.cac.header.flags, kDisable);
	EXPECT_EQ(reset.cac.b[80].y, 0);
	EXPECT_EQ(reset.rowStats.header.flags, kDisable);
	EXPECT_EQ(reset.rowStats.saturation, 16383);
	EXPECT_EQ(reset.toneStats.header.flags, kDisable);
	EXPECT_EQ(reset.toneStats.measure, FOVEA_ISP_TONE_MEAN);
}

TEST(Params, RandomParametersSurviveTheBuffer)
{
	for (uint32_t seed = 0; seed < 200; ++seed) {
		const Params expected = makeRandomParams(seed);
		Buffer buffer;
		buffer.addAll(expected);
		expectValid(buffer);
		Params params;
		applyParams(buffer.span(), &params);
		ASSERT_EQ(memcmp(&params, &expected, sizeof(params)), 0);
	}
}

TEST(Params, BlocksThatAreLeftOutKeepTheirState)
{
	Params params = makeTypicalParams(10);
	const Params before = params;

	Buffer empty;
	empty.setDataSize(0);
	expectValid(empty);
	applyParams(empty.span(), &params);
	EXPECT_EQ(memcmp(&params, &before, sizeof(params)), 0);

	fovea_isp_wb_gains gains = before.wbGains;
	gains.r = 1234;
	Buffer buffer;
	buffer.add(gains);
	applyParams(buffer.span(), &params);
	EXPECT_EQ(params.wbGains.r, 1234);
	params.wbGains.r = before.wbGains.r;
	EXPECT_EQ(memcmp(&params, &before, sizeof(params)), 0);
}

TEST(Params, FlagsChangeTheStateOfABlock)
{
	Params params = makeTypicalParams(10);
	const uint16_t red = params.wbGains.r;

	/* Disable with the header alone: the values stay. */
	fovea_isp_wb_gains gains = params.wbGains;
	gains.header.flags = kDisable;
	gains.header.size = sizeof(gains.header);
	Buffer disable;
	disable.add(gains, sizeof(gains.header));
	expectValid(disable);
	applyParams(disable.span(), &params);
	EXPECT_EQ(params.wbGains.header.flags, kDisable);
	EXPECT_EQ(params.wbGains.header.size, sizeof(gains));
	EXPECT_EQ(params.wbGains.r, red);

	/* New values without a flag: still disabled. */
	gains = params.wbGains;
	gains.header.flags = 0;
	gains.r = 5000;
	Buffer values;
	values.add(gains);
	expectValid(values);
	applyParams(values.span(), &params);
	EXPECT_EQ(params.wbGains.header.flags, kDisable);
	EXPECT_EQ(params.wbGains.r, 5000);

	gains.header.flags = kEnable;
	gains.r = 6000;
	Buffer enable;
	enable.add(gains);
	applyParams(enable.span(), &params);
	EXPECT_EQ(params.wbGains.header.flags, kEnable);
	EXPECT_EQ(params.wbGains.r, 6000);
}

TEST(Params, RefusesABadBuffer)
{
	const Params reset;

	Buffer buffer;
	buffer.add(reset.ccm);
	for (const uint32_t version : { 0U, 2U, 0xffffffffU }) {
		buffer.setVersion(version);
		expectError(buffer, { "buffer", "version", "expected 1" });
	}

	Buffer size;
	size.add(reset.ccm);
	size.setDataSize(sizeof(reset.ccm) + 1);
	expectError(size, { "data_size is 33", "0 to 32" });
	size.setDataSize(0xffffffff);
	expectError(size, { "data_size" });
	size.setDataSize(sizeof(reset.ccm) - 1);
	expectError(size, { "ccm", "size" });
	size.setDataSize(7);
	expectError(size, { "offset 0", "7 bytes left" });

	/* More than every block once, in a buffer that would hold it. */
	Buffer large;
	large.addAll(reset).add(reset.ccm);
	expectError(large, { "data_size" });

	Buffer cut;
	cut.bytes().resize(7);
	expectError(cut, { "buffer", "size is 7" });
}

TEST(Params, RefusesABadHeader)
{
	const Params reset;
	const auto expectHeaderError = [&](std::initializer_list<const char *> parts,
					   const std::function<void(v4l2_isp_params_block_header *)> &change) {
		fovea_isp_ccm ccm = reset.ccm;
		change(&ccm.header);
		expectError(Buffer().add(reset.wbGains).add(ccm), parts);
	};

	expectHeaderError({ "offset 16", "type is 0", "expected" }, [](auto *h) { h->type = 0; });
	expectHeaderError({ "offset 16", "type is 99" }, [](auto *h) { h->type = 99; });
	expectHeaderError({ "wb_gains", "twice" }, [](auto *h) { h->type = FOVEA_ISP_BLOCK_WB_GAINS; h->size = 16; });
	expectHeaderError({ "ccm", "flags" }, [](auto *h) { h->flags = kEnable | kDisable; });
	expectHeaderError({ "ccm", "flags" }, [](auto *h) { h->flags = 1 << 8 | kEnable; });
	expectHeaderError({ "ccm", "flags" }, [](auto *h) { h->flags = 4; });
	expectHeaderError({ "ccm", "size is 0" }, [](auto *h) { h->size = 0; });
	expectHeaderError({ "ccm", "size is 31" }, [](auto *h) { h->size = 31; });
	expectHeaderError({ "ccm", "size is 4294967295" }, [](auto *h) { h->size = 0xffffffff; });
	expectHeaderError({ "ccm", "size is 8" }, [](auto *h) { h->flags = kEnable; h->size = 8; });
	expectHeaderError({ "ccm", "size is 8" }, [](auto *h) { h->flags = 0; h->size = 8; });
}

TEST(Params, RefusesValuesOutOfRange)
{
	const Params reset;

	auto demosaic = reset.demosaic;
	demosaic.direction_threshold = 16384;
	expectError(Buffer().add(demosaic), { "demosaic", "direction_threshold is 16384", "0 to 16383" });
	demosaic = reset.demosaic;
	demosaic.refine = 2;
	expectError(Buffer().add(demosaic), { "demosaic", "refine is 2", "0 to 1" });
	demosaic = reset.demosaic;
	demosaic.reserved[1] = 1;
	expectError(Buffer().add(demosaic), { "demosaic", "reserved[1]" });

	auto ccm = enabled(reset.ccm);
	ccm.offset[0] = -16385;
	expectError(Buffer().add(ccm), { "ccm", "offset[0] is -16385", "-16384 to 16383" });

	auto gamma = enabled(reset.gamma);
	gamma.y[31] = 4096;
	expectError(Buffer().add(gamma), { "gamma", "y[31] is 4096", "0 to 4095" });
	gamma = reset.gamma;
	gamma.y[3] = gamma.y[2] - 1;
	expectError(Buffer().add(gamma), { "gamma", "y[3]", "at least y[2]" });

	auto csc = reset.csc;
	csc.offset[1] = 4096;
	expectError(Buffer().add(csc), { "csc", "offset[1] is 4096", "-4096 to 4095" });
	csc.offset[1] = -4097;
	expectError(Buffer().add(csc), { "csc", "offset[1] is -4097" });

	auto ae = reset.aeStats;
	ae.weights[255] = 16;
	expectError(Buffer().add(ae), { "ae_stats", "weights[255] is 16", "0 to 15" });

	auto awb = reset.awbStats;
	awb.saturation = 16384;
	expectError(Buffer().add(awb), { "awb_stats", "saturation is 16384" });
	awb.saturation = 0;
	expectError(Buffer().add(awb), { "awb_stats", "dark is 0", "less than saturation" });
	awb.saturation = 100;
	awb.dark = 100;
	expectError(Buffer().add(awb), { "awb_stats", "dark" });
	awb = reset.awbStats;
	awb.reserved[0] = 1;
	expectError(Buffer().add(awb), { "awb_stats", "reserved[0]" });

	/* The values of a disabled block are checked too. */
	awb.header.flags = kDisable;
	expectError(Buffer().add(awb), { "awb_stats", "reserved[0]" });
}

TEST(Params, RefusesValuesOutOfRangeOfCorrections)
{
	const Params reset;

	auto dpc = reset.dpc;
	dpc.hot = 16384;
	expectError(Buffer().add(dpc), { "dpc", "hot is 16384", "0 to 16383" });
	dpc = reset.dpc;
	dpc.cold = 16384;
	expectError(Buffer().add(dpc), { "dpc", "cold" });
	dpc = reset.dpc;
	dpc.count = FOVEA_ISP_DPC_DEFECTS + 1;
	expectError(Buffer().add(dpc), { "dpc", "count is 129", "0 to 128" });
	dpc = reset.dpc;
	dpc.reserved = 1;
	expectError(Buffer().add(dpc), { "dpc", "reserved" });

	dpc = reset.dpc;
	dpc.count = 3;
	dpc.defects[0] = { 9, 4 };
	dpc.defects[1] = { 2, 5 };
	dpc.defects[2] = { 3, 5 };
	/* What lies behind the end of the list has no meaning. */
	dpc.defects[3] = { 0, 0 };
	expectValid(Buffer().add(dpc));
	dpc.defects[2] = { 2, 5 };
	expectError(Buffer().add(dpc), { "dpc", "defects[2] is (2, 5)", "behind (2, 5)" });
	dpc.defects[1] = { 8, 4 };
	expectError(Buffer().add(dpc), { "dpc", "defects[1] is (8, 4)", "behind (9, 4)" });

	auto nr = reset.chromaNr;
	nr.threshold = 4096;
	expectError(Buffer().add(nr), { "chroma_nr", "threshold is 4096" });
	nr = reset.chromaNr;
	nr.strength = 8193;
	expectError(Buffer().add(nr), { "chroma_nr", "strength is 8193", "0 to 8192" });
	nr = reset.chromaNr;
	nr.reserved[1] = 1;
	expectError(Buffer().add(nr), { "chroma_nr", "reserved[1]" });

	auto sharpen = reset.sharpen;
	sharpen.strength = 32768;
	expectError(Buffer().add(sharpen), { "sharpen", "strength is 32768", "0 to 32767" });
	sharpen = reset.sharpen;
	sharpen.coring = 4096;
	expectError(Buffer().add(sharpen), { "sharpen", "coring" });
	sharpen = reset.sharpen;
	sharpen.limit_bright = 4096;
	expectError(Buffer().add(sharpen), { "sharpen", "limit_bright" });
	sharpen = reset.sharpen;
	sharpen.limit_dark = 4096;
	expectError(Buffer().add(sharpen), { "sharpen", "limit_dark" });

	auto af = reset.afStats;
	af.threshold[1] = 8191;
	expectError(Buffer().add(af), { "af_stats", "threshold[1] is 8191", "0 to 8190" });
	af = reset.afStats;
	af.reserved[0] = 1;
	expectError(Buffer().add(af), { "af_stats", "reserved[0]" });

	auto rawNr = reset.rawNr;
	rawNr.offset[3] = 4096;
	expectError(Buffer().add(rawNr), { "raw_nr", "offset[3] is 4096", "0 to 4095" });
	rawNr = reset.rawNr;
	rawNr.strength = 4097;
	expectError(Buffer().add(rawNr), { "raw_nr", "strength is 4097", "0 to 4096" });
	rawNr = reset.rawNr;
	rawNr.reserved[2] = 1;
	expectError(Buffer().add(rawNr), { "raw_nr", "reserved[2]" });

	auto cac = reset.cac;
	cac.r[80].x = 1008;
	expectError(Buffer().add(cac), { "cac", "r[80].x is 1008", "-1007 to 1007" });
	cac = reset.cac;
	cac.b[3].y = -1008;
	expectError(Buffer().add(cac), { "cac", "b[3].y is -1008" });

	auto rows = reset.rowStats;
	rows.saturation = 16384;
	expectError(Buffer().add(rows), { "row_stats", "saturation is 16384", "0 to 16383" });
	rows = reset.rowStats;
	rows.reserved[2] = 1;
	expectError(Buffer().add(rows), { "row_stats", "reserved[2]" });
	auto tone = reset.toneStats;
	tone.measure = 2;
	expectError(Buffer().add(tone), { "tone_stats", "measure is 2", "0 to 1" });
	tone = reset.toneStats;
	tone.reserved[0] = 1;
	expectError(Buffer().add(tone), { "tone_stats", "reserved[0]" });
}

TEST(Params, RefusesValuesOutOfRangeOfTheLinearRange)
{
	const Params reset;

	auto decompand = reset.decompand;
	decompand.count = 1;
	expectError(Buffer().add(decompand), { "decompand", "count is 1", "2 to 16" });
	decompand.count = 17;
	expectError(Buffer().add(decompand), { "decompand", "count is 17" });
	decompand = reset.decompand;
	decompand.reserved[1] = 1;
	expectError(Buffer().add(decompand), { "decompand", "reserved[1]" });
	decompand = reset.decompand;
	decompand.x[1] = 0;
	expectError(Buffer().add(decompand), { "decompand", "x[1] is 0", "more than x[0] = 0" });
	decompand = reset.decompand;
	decompand.y[1] = 1048576;
	expectError(Buffer().add(decompand), { "decompand", "y[1] is 1048576", "0 to 1048575" });
	decompand = reset.decompand;
	decompand.y[0] = 65536;
	expectError(Buffer().add(decompand), { "decompand", "y[1] is 65535", "at least y[0] = 65536" });
	/* What lies behind the last knee has no meaning. */
	decompand = reset.decompand;
	decompand.y[2] = 0xffffffff;
	expectValid(Buffer().add(decompand));

	auto merge = reset.merge;
	merge.saturation = 1048576;
	expectError(Buffer().add(merge), { "merge", "saturation is 1048576", "0 to 1048575" });
	merge = reset.merge;
	merge.reserved[2] = 1;
	expectError(Buffer().add(merge), { "merge", "reserved[2]" });

	auto range = reset.range;
	range.reserved[0] = 1;
	expectError(Buffer().add(range), { "range", "reserved[0]" });
}

TEST(Params, RefusesValuesOutOfRangeOfTones)
{
	const Params reset;

	auto tone = reset.localTone;
	tone.gain[11][15][14] = 32768;
	expectError(Buffer().add(tone), { "local_tone", "gain[11][15][14] is 32768", "0 to 32767" });
	tone.gain[0][3][2] = 65535;
	expectError(Buffer().add(tone), { "local_tone", "gain[0][3][2] is 65535" });

	auto dewarp = reset.dewarp;
	dewarp.dx[24][32] = 16384;
	expectError(Buffer().add(dewarp), { "dewarp", "dx[24][32] is 16384", "-16384 to 16383" });
	dewarp = reset.dewarp;
	dewarp.dy[3][4] = -16385;
	expectError(Buffer().add(dewarp), { "dewarp", "dy[3][4] is -16385" });
	dewarp = reset.dewarp;
	dewarp.reserved[1] = 1;
	expectError(Buffer().add(dewarp), { "dewarp", "reserved[1]" });

	auto temporal = reset.temporalNr;
	temporal.weight = 32768;
	expectError(Buffer().add(temporal), { "temporal_nr", "weight is 32768", "0 to 32767" });
	temporal = reset.temporalNr;
	temporal.threshold_luma = 4096;
	expectError(Buffer().add(temporal), { "temporal_nr", "threshold_luma is 4096" });
	temporal = reset.temporalNr;
	temporal.threshold_chroma = 4096;
	expectError(Buffer().add(temporal), { "temporal_nr", "threshold_chroma is 4096" });
	temporal = reset.temporalNr;
	temporal.restart = 2;
	expectError(Buffer().add(temporal), { "temporal_nr", "restart is 2", "0 to 1" });
	temporal = reset.temporalNr;
	temporal.reserved[2] = 1;
	expectError(Buffer().add(temporal), { "temporal_nr", "reserved[2]" });

	auto lut = reset.lut3d;
	lut.rgb[16][15][14][1] = 4097;
	expectError(Buffer().add(lut), { "lut3d", "rgb[16][15][14][1] is 4097", "0 to 4096" });
	lut = reset.lut3d;
	lut.reserved = 1;
	expectError(Buffer().add(lut), { "lut3d", "reserved" });
}

TEST(Params, ReadsUnalignedBuffers)
{
	const Params expected = makeRandomParams(3);
	Buffer buffer;
	buffer.addAll(expected);
	for (unsigned int offset = 0; offset < 8; ++offset) {
		std::vector<uint8_t> moved(offset + buffer.span().size());
		std::copy(buffer.span().begin(), buffer.span().end(), moved.begin() + offset);
		const std::span<const uint8_t> span = std::span(moved).subspan(offset);
		EXPECT_EQ(validateParams(span, nullptr), 0);
		Params params;
		applyParams(span, &params);
		EXPECT_EQ(memcmp(&params, &expected, sizeof(params)), 0);
	}
}
