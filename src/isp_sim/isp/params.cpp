/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * State of the parameters of all ISP blocks
 */

#include "params.h"

#include <algorithm>
#include <array>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <string_view>
#include <utility>

#include <fmt/core.h>

namespace fovea::isp {

namespace {

constexpr uint16_t kEnable = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
constexpr uint16_t kDisable = V4L2_ISP_PARAMS_FL_BLOCK_DISABLE;

/*
 * A range check of one field of one block. The first failure is kept, so that
 * the checks of a block read as a list.
 */
class Checker
{
public:
	Checker(std::string_view block, size_t offset, std::string *error)
		: block_(block), offset_(offset), error_(error)
	{
	}

	bool ok() const { return ok_; }

	void fail(std::string_view field, std::string_view message)
	{
		if (ok_ && error_)
			*error_ = fmt::format("block {} at offset {}: {} {}", block_, offset_, field, message);
		ok_ = false;
	}

	void range(std::string_view field, int value, int min, int max)
	{
		if (ok_ && (value < min || value > max))
			fail(field, fmt::format("is {}, expected {} to {}", value, min, max));
	}

	template<typename T, size_t N>
	void ranges(std::string_view field, const T (&values)[N], int min, int max)
	{
		for (size_t i = 0; i < N && ok_; ++i) {
			if (values[i] < min || values[i] > max)
				range(fmt::format("{}[{}]", field, i), values[i], min, max);
		}
	}

	template<size_t N>
	void reserved(const __u16 (&values)[N])
	{
		ranges("reserved", values, 0, 0);
	}

	template<size_t N>
	void notDecreasing(std::string_view field, const __u16 (&values)[N])
	{
		for (size_t i = 1; i < N && ok_; ++i) {
			if (values[i] < values[i - 1])
				fail(fmt::format("{}[{}]", field, i),
				     fmt::format("is {}, expected at least {}[{}] = {}", values[i],
						 field, i - 1, values[i - 1]));
		}
	}

private:
	std::string_view block_;
	size_t offset_;
	std::string *error_;
	bool ok_ = true;
};

/* All values of the fields are allowed. */
void check(const fovea_isp_black_level &, Checker *) {}
void check(const fovea_isp_wb_gains &, Checker *) {}

void check(const fovea_isp_demosaic &block, Checker *checker)
{
	checker->range("direction_threshold", block.direction_threshold, 0, 16383);
	checker->range("refine", block.refine, 0, 1);
	checker->reserved(block.reserved);
}

void check(const fovea_isp_ccm &block, Checker *checker)
{
	checker->ranges("offset", block.offset, -16384, 16383);
}

void check(const fovea_isp_gamma &block, Checker *checker)
{
	checker->ranges("y", block.y, 0, 4095);
	checker->notDecreasing("y", block.y);
}

void check(const fovea_isp_csc &block, Checker *checker)
{
	checker->ranges("offset", block.offset, -4096, 4095);
}

void check(const fovea_isp_ae_stats_config &block, Checker *checker)
{
	checker->ranges("weights", block.weights, 0, 15);
}

void check(const fovea_isp_awb_stats_config &block, Checker *checker)
{
	checker->range("saturation", block.saturation, 0, 16383);
	checker->range("dark", block.dark, 0, 16383);
	if (block.dark >= block.saturation)
		checker->fail("dark", fmt::format("is {}, expected less than saturation = {}",
						  block.dark, block.saturation));
	checker->reserved(block.reserved);
}

void check(const fovea_isp_dpc &block, Checker *checker)
{
	checker->range("hot", block.hot, 0, 16383);
	checker->range("cold", block.cold, 0, 16383);
	checker->range("count", block.count, 0, FOVEA_ISP_DPC_DEFECTS);
	checker->range("reserved", block.reserved, 0, 0);

	for (unsigned int i = 1; checker->ok() && i < block.count; ++i) {
		const fovea_isp_defect &last = block.defects[i - 1];
		const fovea_isp_defect &defect = block.defects[i];
		if (std::pair(defect.y, defect.x) <= std::pair(last.y, last.x))
			checker->fail(fmt::format("defects[{}]", i),
				      fmt::format("is ({}, {}), expected to come behind ({}, {})",
						  defect.x, defect.y, last.x, last.y));
	}
}

void check(const fovea_isp_decompand &block, Checker *checker)
{
	constexpr int kMax = 1048575;
	checker->range("count", block.count, 2, FOVEA_ISP_DECOMPAND_KNEES);
	checker->reserved(block.reserved);

	for (unsigned int i = 0; i < block.count && checker->ok(); ++i) {
		if (block.y[i] > kMax)
			checker->fail(fmt::format("y[{}]", i), fmt::format("is {}, expected 0 to {}", block.y[i], kMax));
		if (i > 0 && block.x[i] <= block.x[i - 1])
			checker->fail(fmt::format("x[{}]", i), fmt::format("is {}, expected more than x[{}] = {}",
									    block.x[i], i - 1, block.x[i - 1]));
		if (i > 0 && block.y[i] < block.y[i - 1])
			checker->fail(fmt::format("y[{}]", i), fmt::format("is {}, expected at least y[{}] = {}",
									    block.y[i], i - 1, block.y[i - 1]));
	}
}

void check(const fovea_isp_merge &block, Checker *checker)
{
	constexpr uint32_t kMax = 1048575;
	if (block.saturation > kMax)
		checker->fail("saturation", fmt::format("is {}, expected 0 to {}", block.saturation, kMax));
	checker->reserved(block.reserved);
}

void check(const fovea_isp_range &block, Checker *checker)
{
	checker->reserved(block.reserved);
}

void check(const fovea_isp_raw_nr &block, Checker *checker)
{
	checker->ranges("offset", block.offset, 0, 4095);
	checker->range("strength", block.strength, 0, 4096);
	checker->reserved(block.reserved);
}

void check(const fovea_isp_cac &block, Checker *checker)
{
	const auto checkNodes = [&](std::string_view name, const fovea_isp_cac_shift *nodes) {
		for (unsigned int i = 0; i < FOVEA_ISP_CAC_NODES && checker->ok(); ++i) {
			checker->range(fmt::format("{}[{}].x", name, i), nodes[i].x, -FOVEA_ISP_CAC_SHIFT_MAX, FOVEA_ISP_CAC_SHIFT_MAX);
			checker->range(fmt::format("{}[{}].y", name, i), nodes[i].y, -FOVEA_ISP_CAC_SHIFT_MAX, FOVEA_ISP_CAC_SHIFT_MAX);
		}
	};
	checkNodes("r", block.r);
	checkNodes("b", block.b);
}

/* All values of the nodes are allowed. */
void check(const fovea_isp_lsc &, Checker *) {}

void check(const fovea_isp_chroma_nr &block, Checker *checker)
{
	checker->range("threshold", block.threshold, 0, 4095);
	checker->range("strength", block.strength, 0, 8192);
	checker->reserved(block.reserved);
}

void check(const fovea_isp_sharpen &block, Checker *checker)
{
	checker->range("strength", block.strength, 0, 32767);
	checker->range("coring", block.coring, 0, 4095);
	checker->range("limit_bright", block.limit_bright, 0, 4095);
	checker->range("limit_dark", block.limit_dark, 0, 4095);
}

void check(const fovea_isp_af_stats_config &block, Checker *checker)
{
	checker->ranges("threshold", block.threshold, 0, 8190);
	checker->reserved(block.reserved);
}

void check(const fovea_isp_row_stats_config &block, Checker *checker)
{
	checker->range("saturation", block.saturation, 0, 16383);
	checker->reserved(block.reserved);
}

void check(const fovea_isp_tone_stats_config &block, Checker *checker)
{
	checker->range("measure", block.measure, FOVEA_ISP_TONE_MEAN, FOVEA_ISP_TONE_BRIGHTEST);
	checker->reserved(block.reserved);
}

void check(const fovea_isp_local_tone &block, Checker *checker)
{
	for (unsigned int y = 0; y < FOVEA_ISP_LTM_ZONES_Y; ++y) {
		for (unsigned int x = 0; x < FOVEA_ISP_LTM_ZONES_X && checker->ok(); ++x)
			checker->ranges(fmt::format("gain[{}][{}]", y, x), block.gain[y][x], 0, 32767);
	}
}

void check(const fovea_isp_lut3d &block, Checker *checker)
{
	for (unsigned int r = 0; r < FOVEA_ISP_LUT3D_NODES; ++r) {
		for (unsigned int g = 0; g < FOVEA_ISP_LUT3D_NODES; ++g) {
			for (unsigned int b = 0; b < FOVEA_ISP_LUT3D_NODES; ++b) {
				const auto &node = block.rgb[r][g][b];
				if (*std::max_element(std::begin(node), std::end(node)) > 4096)
					checker->ranges(fmt::format("rgb[{}][{}][{}]", r, g, b), node, 0, 4096);
			}
		}
	}
	checker->range("reserved", block.reserved, 0, 0);
}

void check(const fovea_isp_temporal_nr &block, Checker *checker)
{
	checker->range("weight", block.weight, 0, 32767);
	checker->range("threshold_luma", block.threshold_luma, 0, 4095);
	checker->range("threshold_chroma", block.threshold_chroma, 0, 4095);
	checker->range("restart", block.restart, 0, 1);
	checker->reserved(block.reserved);
}

void check(const fovea_isp_dewarp &block, Checker *checker)
{
	for (unsigned int y = 0; y < FOVEA_ISP_DEWARP_NODES_Y && checker->ok(); ++y) {
		checker->ranges(fmt::format("dx[{}]", y), block.dx[y], -16384, 16383);
		checker->ranges(fmt::format("dy[{}]", y), block.dy[y], -16384, 16383);
	}
	checker->reserved(block.reserved);
}

/* The buffer may lie at any address: a block is copied before it is looked at. */
template<typename Block>
void checkBlock(const uint8_t *data, Checker *checker)
{
	Block block;
	memcpy(&block, data, sizeof(block));
	check(block, checker);
}

template<typename Block, Block Params::*kMember>
void applyBlock(const uint8_t *data, size_t size, Params *params)
{
	Block &state = params->*kMember;
	v4l2_isp_params_block_header header;
	memcpy(&header, data, sizeof(header));

	/* Without a flag the block stays enabled or disabled as it was. */
	const uint16_t flags = header.flags ? header.flags : state.header.flags;

	if (size == sizeof(Block))
		memcpy(&state, data, sizeof(Block));

	state.header.type = header.type;
	state.header.flags = flags;
	state.header.size = sizeof(Block);
}

struct BlockType {
	uint16_t type;
	const char *name;
	size_t size;
	void (*check)(const uint8_t *data, Checker *checker);
	void (*apply)(const uint8_t *data, size_t size, Params *params);
};

template<typename Block, Block Params::*kMember>
constexpr BlockType blockType(uint16_t type, const char *name)
{
	return { type, name, sizeof(Block), checkBlock<Block>, applyBlock<Block, kMember> };
}

constexpr std::array kBlockTypes = {
	blockType<fovea_isp_black_level, &Params::blackLevel>(FOVEA_ISP_BLOCK_BLACK_LEVEL, "black_level"),
	blockType<fovea_isp_wb_gains, &Params::wbGains>(FOVEA_ISP_BLOCK_WB_GAINS, "wb_gains"),
	blockType<fovea_isp_demosaic, &Params::demosaic>(FOVEA_ISP_BLOCK_DEMOSAIC, "demosaic"),
	blockType<fovea_isp_ccm, &Params::ccm>(FOVEA_ISP_BLOCK_CCM, "ccm"),
	blockType<fovea_isp_gamma, &Params::gamma>(FOVEA_ISP_BLOCK_GAMMA, "gamma"),
	blockType<fovea_isp_csc, &Params::csc>(FOVEA_ISP_BLOCK_CSC, "csc"),
	blockType<fovea_isp_ae_stats_config, &Params::aeStats>(FOVEA_ISP_BLOCK_AE_STATS, "ae_stats"),
	blockType<fovea_isp_awb_stats_config, &Params::awbStats>(FOVEA_ISP_BLOCK_AWB_STATS, "awb_stats"),
	blockType<fovea_isp_dpc, &Params::dpc>(FOVEA_ISP_BLOCK_DPC, "dpc"),
	blockType<fovea_isp_lsc, &Params::lsc>(FOVEA_ISP_BLOCK_LSC, "lsc"),
	blockType<fovea_isp_decompand, &Params::decompand>(FOVEA_ISP_BLOCK_DECOMPAND, "decompand"),
	blockType<fovea_isp_merge, &Params::merge>(FOVEA_ISP_BLOCK_MERGE, "merge"),
	blockType<fovea_isp_range, &Params::range>(FOVEA_ISP_BLOCK_RANGE, "range"),
	blockType<fovea_isp_raw_nr, &Params::rawNr>(FOVEA_ISP_BLOCK_RAW_NR, "raw_nr"),
	blockType<fovea_isp_cac, &Params::cac>(FOVEA_ISP_BLOCK_CAC, "cac"),
	blockType<fovea_isp_chroma_nr, &Params::chromaNr>(FOVEA_ISP_BLOCK_CHROMA_NR, "chroma_nr"),
	blockType<fovea_isp_sharpen, &Params::sharpen>(FOVEA_ISP_BLOCK_SHARPEN, "sharpen"),
	blockType<fovea_isp_af_stats_config, &Params::afStats>(FOVEA_ISP_BLOCK_AF_STATS, "af_stats"),
	blockType<fovea_isp_row_stats_config, &Params::rowStats>(FOVEA_ISP_BLOCK_ROW_STATS, "row_stats"),
	blockType<fovea_isp_tone_stats_config, &Params::toneStats>(FOVEA_ISP_BLOCK_TONE_STATS, "tone_stats"),
	blockType<fovea_isp_local_tone, &Params::localTone>(FOVEA_ISP_BLOCK_LOCAL_TONE, "local_tone"),
	blockType<fovea_isp_lut3d, &Params::lut3d>(FOVEA_ISP_BLOCK_LUT3D, "lut3d"),
	blockType<fovea_isp_temporal_nr, &Params::temporalNr>(FOVEA_ISP_BLOCK_TEMPORAL_NR, "temporal_nr"),
	blockType<fovea_isp_dewarp, &Params::dewarp>(FOVEA_ISP_BLOCK_DEWARP, "dewarp"),
};

static_assert(kBlockTypes.size() == std::tuple_size_v<decltype(kBlockMembers)>);

const BlockType *findBlockType(uint16_t type)
{
	const auto it = std::find_if(kBlockTypes.begin(), kBlockTypes.end(),
				     [&](const BlockType &block) { return block.type == type; });
	return it == kBlockTypes.end() ? nullptr : &*it;
}

int fail(std::string *error, std::string message)
{
	if (error)
		*error = std::move(message);
	return -EINVAL;
}

/* The header of the buffer; the blocks are what follows. */
constexpr size_t kDataOffset = offsetof(v4l2_isp_params_buffer, data);

int checkBufferHeader(std::span<const uint8_t> buffer, size_t *dataSize, std::string *error)
{
	if (buffer.size() < kDataOffset)
		return fail(error, fmt::format("buffer: size is {}, expected at least {}",
					       buffer.size(), kDataOffset));

	uint32_t version;
	uint32_t size;
	memcpy(&version, buffer.data() + offsetof(v4l2_isp_params_buffer, version), sizeof(version));
	memcpy(&size, buffer.data() + offsetof(v4l2_isp_params_buffer, data_size), sizeof(size));

	if (version != V4L2_ISP_PARAMS_VERSION_V1)
		return fail(error, fmt::format("buffer: version is {}, expected {}", version,
					       static_cast<unsigned int>(V4L2_ISP_PARAMS_VERSION_V1)));

	const size_t max = std::min(buffer.size() - kDataOffset, FOVEA_ISP_PARAMS_MAX_DATA_SIZE);
	if (size > max)
		return fail(error, fmt::format("buffer: data_size is {}, expected 0 to {}", size, max));

	*dataSize = size;
	return 0;
}

/* Type, flags and size of a block; @rest is what the buffer holds from here. */
int checkBlockHeader(const v4l2_isp_params_block_header &header, size_t offset, size_t rest,
		     std::string *error)
{
	const BlockType *type = findBlockType(header.type);
	if (!type)
		return fail(error, fmt::format("block at offset {}: type is {}, expected one of enum fovea_isp_block_type",
					       offset, header.type));

	Checker checker(type->name, offset, error);
	if (header.flags & ~(kEnable | kDisable))
		checker.fail("flags", fmt::format("are {:#x}, expected ENABLE ({:#x}), DISABLE ({:#x}) or 0",
						  header.flags, kEnable, kDisable));
	else if (header.flags == (kEnable | kDisable))
		checker.fail("flags", "are ENABLE and DISABLE, expected one of them or 0");

	const bool headerOnly = header.flags == kDisable && header.size == sizeof(header);
	if (header.size != type->size && !headerOnly)
		checker.fail("size", fmt::format("is {}, expected {}{}", header.size, type->size,
						 header.flags == kDisable ? " or 8" : ""));
	else if (header.size > rest)
		checker.fail("size", fmt::format("is {}, expected at most the {} bytes that data_size leaves",
						 header.size, rest));

	return checker.ok() ? 0 : -EINVAL;
}

/* Every colour stays what it is. */
void resetNodes(fovea_isp_lut3d *lut3d)
{
	for (unsigned int r = 0; r < FOVEA_ISP_LUT3D_NODES; ++r) {
		for (unsigned int g = 0; g < FOVEA_ISP_LUT3D_NODES; ++g) {
			for (unsigned int b = 0; b < FOVEA_ISP_LUT3D_NODES; ++b) {
				uint16_t *node = lut3d->rgb[r][g][b];
				node[0] = static_cast<uint16_t>(256 * r);
				node[1] = static_cast<uint16_t>(256 * g);
				node[2] = static_cast<uint16_t>(256 * b);
			}
		}
	}
}

} /* namespace */

/**
 * The reset values of all blocks
 *
 * See the descriptions in fovea-isp.h. A block that is disabled at reset holds
 * values that change nothing when it is enabled without a payload of its own.
 */
Params::Params()
	: blackLevel{}, wbGains{}, demosaic{}, ccm{}, gamma{}, csc{}, aeStats{}, awbStats{},
	  dpc{}, decompand{}, merge{}, range{}, lsc{}, rawNr{}, cac{}, chromaNr{}, sharpen{},
	  afStats{}, rowStats{}, toneStats{}, localTone{}, lut3d{}, temporalNr{}, dewarp{}
{
	blackLevel.header = { FOVEA_ISP_BLOCK_BLACK_LEVEL, kDisable, sizeof(blackLevel) };

	constexpr uint16_t kUnity = 4096;
	wbGains = { { FOVEA_ISP_BLOCK_WB_GAINS, kDisable, sizeof(wbGains) },
		    kUnity, kUnity, kUnity, kUnity };

	demosaic.header = { FOVEA_ISP_BLOCK_DEMOSAIC, kEnable, sizeof(demosaic) };

	ccm.header = { FOVEA_ISP_BLOCK_CCM, kDisable, sizeof(ccm) };
	for (unsigned int i = 0; i < 3; ++i)
		ccm.coeff[i][i] = kUnity;

	gamma.header = { FOVEA_ISP_BLOCK_GAMMA, kDisable, sizeof(gamma) };
	for (unsigned int i = 0; i < FOVEA_ISP_GAMMA_POINTS; ++i)
		gamma.y[i] = static_cast<uint16_t>(std::min(gammaInput(i) / 4, 4095U));

	csc = { { FOVEA_ISP_BLOCK_CSC, kDisable, sizeof(csc) },
		{ { 2449, 4809, 934 }, { -1382, -2714, 4096 }, { 4096, -3430, -666 } },
		{ 0, 2048, 2048 } };

	aeStats.header = { FOVEA_ISP_BLOCK_AE_STATS, kEnable, sizeof(aeStats) };
	std::fill(std::begin(aeStats.weights), std::end(aeStats.weights), 1);

	awbStats.header = { FOVEA_ISP_BLOCK_AWB_STATS, kEnable, sizeof(awbStats) };
	awbStats.saturation = 15872;

	constexpr uint16_t kNever = 16383;
	dpc.header = { FOVEA_ISP_BLOCK_DPC, kDisable, sizeof(dpc) };
	dpc.hot = kNever;
	dpc.cold = kNever;

	lsc.header = { FOVEA_ISP_BLOCK_LSC, kDisable, sizeof(lsc) };
	for (auto *nodes : { &lsc.r, &lsc.gr, &lsc.gb, &lsc.b })
		std::fill(std::begin(*nodes), std::end(*nodes), kUnity);

	decompand.header = { FOVEA_ISP_BLOCK_DECOMPAND, kDisable, sizeof(decompand) };
	decompand.count = 2;
	decompand.x[1] = 65535;
	decompand.y[1] = 65535;
	merge.header = { FOVEA_ISP_BLOCK_MERGE, kDisable, sizeof(merge) };
	std::fill(std::begin(merge.gain), std::end(merge.gain), 1024);
	merge.saturation = 1048575;
	range.header = { FOVEA_ISP_BLOCK_RANGE, kDisable, sizeof(range) };
	std::fill(std::begin(range.gain), std::end(range.gain), 16384);

	rawNr.header = { FOVEA_ISP_BLOCK_RAW_NR, kDisable, sizeof(rawNr) };
	cac.header = { FOVEA_ISP_BLOCK_CAC, kDisable, sizeof(cac) };

	chromaNr.header = { FOVEA_ISP_BLOCK_CHROMA_NR, kDisable, sizeof(chromaNr) };
	sharpen.header = { FOVEA_ISP_BLOCK_SHARPEN, kDisable, sizeof(sharpen) };
	afStats.header = { FOVEA_ISP_BLOCK_AF_STATS, kDisable, sizeof(afStats) };

	dewarp.header = { FOVEA_ISP_BLOCK_DEWARP, kDisable, sizeof(dewarp) };

	temporalNr.header = { FOVEA_ISP_BLOCK_TEMPORAL_NR, kDisable, sizeof(temporalNr) };
	temporalNr.weight = 32767;

	lut3d.header = { FOVEA_ISP_BLOCK_LUT3D, kDisable, sizeof(lut3d) };
	resetNodes(&lut3d);

	rowStats.header = { FOVEA_ISP_BLOCK_ROW_STATS, kDisable, sizeof(rowStats) };
	rowStats.saturation = 16383;
	toneStats.header = { FOVEA_ISP_BLOCK_TONE_STATS, kDisable, sizeof(toneStats) };

	localTone.header = { FOVEA_ISP_BLOCK_LOCAL_TONE, kDisable, sizeof(localTone) };
	for (auto &row : localTone.gain) {
		for (auto &curve : row)
			std::fill(std::begin(curve), std::end(curve), kUnity);
	}
}

/**
 * Check a parameters buffer
 * @buffer: the bytes of the buffer, at any address
 * @error: if not null, receives the block, the field and the expected range
 *
 * Checks all that fovea-isp.h says. Nothing outside of @buffer is read, whatever
 * it holds.
 *
 * Returns 0, or -EINVAL.
 */
int validateParams(std::span<const uint8_t> buffer, std::string *error)
{
	size_t dataSize;
	int ret = checkBufferHeader(buffer, &dataSize, error);
	if (ret < 0)
		return ret;

	const std::span<const uint8_t> data = buffer.subspan(kDataOffset, dataSize);
	uint32_t seen = 0;

	for (size_t offset = 0; offset < data.size();) {
		v4l2_isp_params_block_header header;
		const size_t rest = data.size() - offset;
		if (rest < sizeof(header))
			return fail(error, fmt::format("block at offset {}: {} bytes left, expected a header of {}",
						       offset, rest, sizeof(header)));

		memcpy(&header, data.data() + offset, sizeof(header));
		ret = checkBlockHeader(header, offset, rest, error);
		if (ret < 0)
			return ret;

		const BlockType *type = findBlockType(header.type);
		Checker checker(type->name, offset, error);
		if (seen & (1U << header.type))
			checker.fail("type", "is given twice, expected once");
		seen |= 1U << header.type;

		if (checker.ok() && header.size == type->size)
			type->check(data.data() + offset, &checker);
		if (!checker.ok())
			return -EINVAL;

		offset += header.size;
	}

	return 0;
}

/**
 * Apply a parameters buffer that validateParams() accepted
 * @buffer: the bytes of the buffer
 * @params: the state to change; blocks that are left out keep theirs
 */
void applyParams(std::span<const uint8_t> buffer, Params *params)
{
	size_t dataSize;
	if (checkBufferHeader(buffer, &dataSize, nullptr) < 0)
		return;

	const std::span<const uint8_t> data = buffer.subspan(kDataOffset, dataSize);

	for (size_t offset = 0; offset + sizeof(v4l2_isp_params_block_header) <= data.size();) {
		v4l2_isp_params_block_header header;
		memcpy(&header, data.data() + offset, sizeof(header));

		const BlockType *type = findBlockType(header.type);
		if (!type || header.size < sizeof(header) || header.size > data.size() - offset)
			return;

		type->apply(data.data() + offset, header.size, params);
		offset += header.size;
	}
}

} /* namespace fovea::isp */
