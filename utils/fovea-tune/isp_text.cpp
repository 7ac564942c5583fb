/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Parameters and statistics of the ISP as text
 */

#include "isp_text.h"

#include <algorithm>
#include <optional>
#include <string.h>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

#include <linux/fovea-isp.h>

namespace fovea::tune {

namespace {

/* --------------------------------------------------------------------------
 * The structures of linux/fovea-isp.h: names and members, in their order
 */

template<typename T, typename Member>
struct Field {
	const char *name;
	Member T::*member;
};

/* Structures without blocks' headers. */
constexpr auto fieldsOf(const fovea_isp_defect *)
{
	using T = fovea_isp_defect;
	return std::tuple(Field{ "x", &T::x }, Field{ "y", &T::y });
}

constexpr auto fieldsOf(const fovea_isp_cac_shift *)
{
	using T = fovea_isp_cac_shift;
	return std::tuple(Field{ "x", &T::x }, Field{ "y", &T::y });
}

constexpr auto fieldsOf(const fovea_isp_zone_geometry *)
{
	using T = fovea_isp_zone_geometry;
	return std::tuple(Field{ "zones_x", &T::zones_x }, Field{ "zones_y", &T::zones_y },
			  Field{ "quads_x", &T::quads_x }, Field{ "quads_y", &T::quads_y });
}

constexpr auto fieldsOf(const fovea_isp_ae_zone *)
{
	using T = fovea_isp_ae_zone;
	return std::tuple(Field{ "r", &T::r }, Field{ "g", &T::g }, Field{ "b", &T::b },
			  Field{ "count", &T::count });
}

constexpr auto fieldsOf(const fovea_isp_awb_zone *)
{
	using T = fovea_isp_awb_zone;
	return std::tuple(Field{ "r", &T::r }, Field{ "g", &T::g }, Field{ "b", &T::b },
			  Field{ "count", &T::count }, Field{ "saturated", &T::saturated },
			  Field{ "dark", &T::dark });
}

constexpr auto fieldsOf(const fovea_isp_af_zone *)
{
	return std::tuple(Field{ "sum", &fovea_isp_af_zone::sum });
}

constexpr auto fieldsOf(const fovea_isp_row_geometry *)
{
	using T = fovea_isp_row_geometry;
	return std::tuple(Field{ "entries", &T::entries }, Field{ "quad_rows", &T::quad_rows },
			  Field{ "quads_x", &T::quads_x }, Field{ "quads_y", &T::quads_y });
}

constexpr auto fieldsOf(const fovea_isp_row_sum *)
{
	using T = fovea_isp_row_sum;
	return std::tuple(Field{ "sum", &T::sum }, Field{ "count", &T::count });
}

constexpr auto fieldsOf(const fovea_isp_tone_zone *)
{
	return std::tuple(Field{ "bins", &fovea_isp_tone_zone::bins });
}

constexpr auto fieldsOf(const fovea_isp_stats_buffer *)
{
	using T = fovea_isp_stats_buffer;
	return std::tuple(Field{ "version", &T::version }, Field{ "sequence", &T::sequence },
			  Field{ "flags", &T::flags }, Field{ "reserved", &T::reserved },
			  Field{ "ae_geometry", &T::ae_geometry }, Field{ "awb_geometry", &T::awb_geometry },
			  Field{ "ae_histogram", &T::ae_histogram }, Field{ "ae_zones", &T::ae_zones },
			  Field{ "awb_zones", &T::awb_zones }, Field{ "af_geometry", &T::af_geometry },
			  Field{ "af_zones", &T::af_zones }, Field{ "row_geometry", &T::row_geometry },
			  Field{ "row_sums", &T::row_sums }, Field{ "tone_geometry", &T::tone_geometry },
			  Field{ "tone_zones", &T::tone_zones });
}

/* Blocks of parameters. */
constexpr auto fieldsOf(const fovea_isp_black_level *)
{
	using T = fovea_isp_black_level;
	return std::tuple(Field{ "r", &T::r }, Field{ "gr", &T::gr }, Field{ "gb", &T::gb }, Field{ "b", &T::b });
}

constexpr auto fieldsOf(const fovea_isp_wb_gains *)
{
	using T = fovea_isp_wb_gains;
	return std::tuple(Field{ "r", &T::r }, Field{ "gr", &T::gr }, Field{ "gb", &T::gb }, Field{ "b", &T::b });
}

constexpr auto fieldsOf(const fovea_isp_demosaic *)
{
	using T = fovea_isp_demosaic;
	return std::tuple(Field{ "direction_threshold", &T::direction_threshold }, Field{ "refine", &T::refine },
			  Field{ "reserved", &T::reserved });
}

constexpr auto fieldsOf(const fovea_isp_ccm *)
{
	using T = fovea_isp_ccm;
	return std::tuple(Field{ "coeff", &T::coeff }, Field{ "offset", &T::offset });
}

constexpr auto fieldsOf(const fovea_isp_gamma *)
{
	return std::tuple(Field{ "y", &fovea_isp_gamma::y });
}

constexpr auto fieldsOf(const fovea_isp_csc *)
{
	using T = fovea_isp_csc;
	return std::tuple(Field{ "coeff", &T::coeff }, Field{ "offset", &T::offset });
}

constexpr auto fieldsOf(const fovea_isp_ae_stats_config *)
{
	return std::tuple(Field{ "weights", &fovea_isp_ae_stats_config::weights });
}

constexpr auto fieldsOf(const fovea_isp_awb_stats_config *)
{
	using T = fovea_isp_awb_stats_config;
	return std::tuple(Field{ "saturation", &T::saturation }, Field{ "dark", &T::dark },
			  Field{ "reserved", &T::reserved });
}

constexpr auto fieldsOf(const fovea_isp_dpc *)
{
	using T = fovea_isp_dpc;
	return std::tuple(Field{ "hot", &T::hot }, Field{ "cold", &T::cold }, Field{ "count", &T::count },
			  Field{ "reserved", &T::reserved }, Field{ "defects", &T::defects });
}

constexpr auto fieldsOf(const fovea_isp_decompand *)
{
	using T = fovea_isp_decompand;
	return std::tuple(Field{ "count", &T::count }, Field{ "reserved", &T::reserved }, Field{ "x", &T::x },
			  Field{ "y", &T::y });
}

constexpr auto fieldsOf(const fovea_isp_merge *)
{
	using T = fovea_isp_merge;
	return std::tuple(Field{ "gain", &T::gain }, Field{ "saturation_slope", &T::saturation_slope },
			  Field{ "saturation", &T::saturation }, Field{ "motion_offset", &T::motion_offset },
			  Field{ "motion_relative", &T::motion_relative },
			  Field{ "motion_slope", &T::motion_slope }, Field{ "reserved", &T::reserved });
}

constexpr auto fieldsOf(const fovea_isp_range *)
{
	using T = fovea_isp_range;
	return std::tuple(Field{ "gain", &T::gain }, Field{ "reserved", &T::reserved });
}

constexpr auto fieldsOf(const fovea_isp_lsc *)
{
	using T = fovea_isp_lsc;
	return std::tuple(Field{ "r", &T::r }, Field{ "gr", &T::gr }, Field{ "gb", &T::gb }, Field{ "b", &T::b });
}

constexpr auto fieldsOf(const fovea_isp_raw_nr *)
{
	using T = fovea_isp_raw_nr;
	return std::tuple(Field{ "offset", &T::offset }, Field{ "slope", &T::slope },
			  Field{ "strength", &T::strength }, Field{ "reserved", &T::reserved });
}

constexpr auto fieldsOf(const fovea_isp_cac *)
{
	using T = fovea_isp_cac;
	return std::tuple(Field{ "r", &T::r }, Field{ "b", &T::b });
}

constexpr auto fieldsOf(const fovea_isp_chroma_nr *)
{
	using T = fovea_isp_chroma_nr;
	return std::tuple(Field{ "threshold", &T::threshold }, Field{ "strength", &T::strength },
			  Field{ "reserved", &T::reserved });
}

constexpr auto fieldsOf(const fovea_isp_sharpen *)
{
	using T = fovea_isp_sharpen;
	return std::tuple(Field{ "strength", &T::strength }, Field{ "coring", &T::coring },
			  Field{ "limit_bright", &T::limit_bright }, Field{ "limit_dark", &T::limit_dark });
}

constexpr auto fieldsOf(const fovea_isp_af_stats_config *)
{
	using T = fovea_isp_af_stats_config;
	return std::tuple(Field{ "threshold", &T::threshold }, Field{ "reserved", &T::reserved });
}

constexpr auto fieldsOf(const fovea_isp_row_stats_config *)
{
	using T = fovea_isp_row_stats_config;
	return std::tuple(Field{ "saturation", &T::saturation }, Field{ "reserved", &T::reserved });
}

constexpr auto fieldsOf(const fovea_isp_tone_stats_config *)
{
	using T = fovea_isp_tone_stats_config;
	return std::tuple(Field{ "measure", &T::measure }, Field{ "reserved", &T::reserved });
}

constexpr auto fieldsOf(const fovea_isp_local_tone *)
{
	return std::tuple(Field{ "gain", &fovea_isp_local_tone::gain });
}

constexpr auto fieldsOf(const fovea_isp_lut3d *)
{
	using T = fovea_isp_lut3d;
	return std::tuple(Field{ "rgb", &T::rgb }, Field{ "reserved", &T::reserved });
}

constexpr auto fieldsOf(const fovea_isp_temporal_nr *)
{
	using T = fovea_isp_temporal_nr;
	return std::tuple(Field{ "weight", &T::weight }, Field{ "threshold_luma", &T::threshold_luma },
			  Field{ "threshold_chroma", &T::threshold_chroma }, Field{ "slope", &T::slope },
			  Field{ "restart", &T::restart }, Field{ "reserved", &T::reserved });
}

constexpr auto fieldsOf(const fovea_isp_dewarp *)
{
	using T = fovea_isp_dewarp;
	return std::tuple(Field{ "dx", &T::dx }, Field{ "dy", &T::dy }, Field{ "reserved", &T::reserved });
}

template<typename T>
struct Block {
	using Type = T;

	uint16_t type;
	const char *name;
};

constexpr std::tuple kBlocks = {
	Block<fovea_isp_black_level>{ FOVEA_ISP_BLOCK_BLACK_LEVEL, "black_level" },
	Block<fovea_isp_wb_gains>{ FOVEA_ISP_BLOCK_WB_GAINS, "wb_gains" },
	Block<fovea_isp_demosaic>{ FOVEA_ISP_BLOCK_DEMOSAIC, "demosaic" },
	Block<fovea_isp_ccm>{ FOVEA_ISP_BLOCK_CCM, "ccm" },
	Block<fovea_isp_gamma>{ FOVEA_ISP_BLOCK_GAMMA, "gamma" },
	Block<fovea_isp_csc>{ FOVEA_ISP_BLOCK_CSC, "csc" },
	Block<fovea_isp_ae_stats_config>{ FOVEA_ISP_BLOCK_AE_STATS, "ae_stats" },
	Block<fovea_isp_awb_stats_config>{ FOVEA_ISP_BLOCK_AWB_STATS, "awb_stats" },
	Block<fovea_isp_dpc>{ FOVEA_ISP_BLOCK_DPC, "dpc" },
	Block<fovea_isp_decompand>{ FOVEA_ISP_BLOCK_DECOMPAND, "decompand" },
	Block<fovea_isp_merge>{ FOVEA_ISP_BLOCK_MERGE, "merge" },
	Block<fovea_isp_range>{ FOVEA_ISP_BLOCK_RANGE, "range" },
	Block<fovea_isp_lsc>{ FOVEA_ISP_BLOCK_LSC, "lsc" },
	Block<fovea_isp_raw_nr>{ FOVEA_ISP_BLOCK_RAW_NR, "raw_nr" },
	Block<fovea_isp_cac>{ FOVEA_ISP_BLOCK_CAC, "cac" },
	Block<fovea_isp_chroma_nr>{ FOVEA_ISP_BLOCK_CHROMA_NR, "chroma_nr" },
	Block<fovea_isp_sharpen>{ FOVEA_ISP_BLOCK_SHARPEN, "sharpen" },
	Block<fovea_isp_af_stats_config>{ FOVEA_ISP_BLOCK_AF_STATS, "af_stats" },
	Block<fovea_isp_row_stats_config>{ FOVEA_ISP_BLOCK_ROW_STATS, "row_stats" },
	Block<fovea_isp_tone_stats_config>{ FOVEA_ISP_BLOCK_TONE_STATS, "tone_stats" },
	Block<fovea_isp_local_tone>{ FOVEA_ISP_BLOCK_LOCAL_TONE, "local_tone" },
	Block<fovea_isp_lut3d>{ FOVEA_ISP_BLOCK_LUT3D, "lut3d" },
	Block<fovea_isp_temporal_nr>{ FOVEA_ISP_BLOCK_TEMPORAL_NR, "temporal_nr" },
	Block<fovea_isp_dewarp>{ FOVEA_ISP_BLOCK_DEWARP, "dewarp" },
};

/* Call \a visit with each field's name and member. */
template<typename T, typename Visitor>
constexpr void forEachField(Visitor &&visit)
{
	std::apply([&](auto... fields) { (visit(fields.name, fields.member), ...); },
		   fieldsOf(static_cast<const T *>(nullptr)));
}

/* Call \a visit with the entry of kBlocks of a type; false where there is none. */
template<typename Visitor>
bool withBlock(uint16_t type, Visitor &&visit)
{
	return std::apply([&](auto... blocks) {
		return ((blocks.type == type && (visit(blocks), true)) || ...);
	}, kBlocks);
}

/* Nothing is left out of these lists: the fields fill the structure, the blocks the buffer. */
template<typename T>
constexpr bool isComplete(size_t headSize)
{
	size_t size = headSize;
	forEachField<T>([&]<typename Member>(const char *, Member T::*) { size += sizeof(Member); });
	return (size + alignof(T) - 1) / alignof(T) * alignof(T) == sizeof(T);
}

constexpr bool blocksAreComplete()
{
	size_t size = 0;
	bool complete = true;
	auto add = [&]<typename T>(Block<T>) {
		size += sizeof(T);
		complete = complete && isComplete<T>(sizeof(v4l2_isp_params_block_header));
	};
	std::apply([&](auto... blocks) { (add(blocks), ...); }, kBlocks);
	return complete && size == FOVEA_ISP_PARAMS_MAX_DATA_SIZE;
}

static_assert(blocksAreComplete());
static_assert(isComplete<fovea_isp_stats_buffer>(0));
static_assert(isComplete<fovea_isp_ae_zone>(0) && isComplete<fovea_isp_awb_zone>(0) &&
	      isComplete<fovea_isp_af_zone>(0) && isComplete<fovea_isp_tone_zone>(0));
static_assert(isComplete<fovea_isp_zone_geometry>(0) && isComplete<fovea_isp_row_geometry>(0) &&
	      isComplete<fovea_isp_row_sum>(0));
static_assert(isComplete<fovea_isp_defect>(0) && isComplete<fovea_isp_cac_shift>(0));

/* --------------------------------------------------------------------------
 * Text: a line a field; arrays of numbers in lines of kRow, which name their first
 */

constexpr size_t kRow = 16;

template<typename T>
using Element = std::remove_extent_t<T>;

template<typename T>
constexpr bool hasOnlyNumbers()
{
	bool only = true;
	forEachField<T>([&]<typename Member>(const char *, Member T::*) {
		only = only && std::is_arithmetic_v<Member>;
	});
	return only;
}

template<typename T>
void print(const std::string &name, const T &value, std::string *text);

/* A structure in a line, such as a zone. */
template<typename T>
void printLine(const std::string &name, const T &value, std::string *text)
{
	*text += fmt::format("\t{} =", name);
	forEachField<T>([&](const char *field, auto member) {
		*text += fmt::format(" {} {}", field, int64_t{ value.*member });
	});
	*text += '\n';
}

template<typename T, size_t N>
void printNumbers(const std::string &name, const T (&values)[N], std::string *text)
{
	for (size_t i = 0; i < N; i += kRow) {
		const size_t end = std::min(i + kRow, N);
		*text += N <= kRow ? fmt::format("\t{} =", name) : fmt::format("\t{}[{}] =", name, i);
		for (size_t at = i; at < end; at++)
			*text += fmt::format(" {}", int64_t{ values[at] });
		*text += '\n';
	}
}

template<typename T>
void print(const std::string &name, const T &value, std::string *text)
{
	if constexpr (std::is_arithmetic_v<T>) {
		*text += fmt::format("\t{} = {}\n", name, int64_t{ value });
	} else if constexpr (std::is_array_v<T>) {
		if constexpr (std::is_arithmetic_v<Element<T>>) {
			printNumbers(name, value, text);
		} else {
			for (size_t i = 0; i < std::extent_v<T>; i++)
				print(fmt::format("{}[{}]", name, i), value[i], text);
		}
	} else {
		if constexpr (hasOnlyNumbers<T>()) {
			if (!name.empty())
				return printLine(name, value, text);
		}
		const std::string prefix = name.empty() ? "" : name + ".";
		forEachField<T>([&](const char *field, auto member) { print(prefix + field, value.*member, text); });
	}
}

/* --------------------------------------------------------------------------
 * Differences
 */

std::string differs(const std::string &name, const std::string &recorded, const std::string &replayed)
{
	return fmt::format("{}: recorded {}, replayed {}", name, recorded, replayed);
}

template<typename T>
std::string difference(const std::string &name, const T &recorded, const T &replayed)
{
	if (!memcmp(&recorded, &replayed, sizeof(T)))
		return "";

	std::string found;
	if constexpr (std::is_arithmetic_v<T>) {
		found = differs(name, std::to_string(recorded), std::to_string(replayed));
	} else if constexpr (std::is_array_v<T>) {
		for (size_t i = 0; i < std::extent_v<T> && found.empty(); i++)
			found = difference(fmt::format("{}[{}]", name, i), recorded[i], replayed[i]);
	} else {
		const std::string prefix = name.empty() ? "" : name + ".";
		forEachField<T>([&](const char *field, auto member) {
			if (found.empty())
				found = difference(prefix + field, recorded.*member, replayed.*member);
		});
		if (found.empty())
			found = differs(prefix + "padding", "other bytes", "other bytes");
	}

	return found;
}

/* A block in a buffer. The bytes include its header. */
struct BlockView {
	v4l2_isp_params_block_header header;
	std::span<const uint8_t> bytes;
};

std::string nameOf(uint16_t type)
{
	std::string name = fmt::format("block {}", type);
	withBlock(type, [&](const auto &block) { name = block.name; });

	return name;
}

std::string flagsText(uint16_t flags)
{
	switch (flags) {
	case 0:
		return "unchanged";
	case V4L2_ISP_PARAMS_FL_BLOCK_DISABLE:
		return "disabled";
	case V4L2_ISP_PARAMS_FL_BLOCK_ENABLE:
		return "enabled";
	default:
		return fmt::format("flags {:#x}", flags);
	}
}

/* The blocks of a buffer, whose form is checked. */
std::optional<std::vector<BlockView>> blocksOf(std::span<const uint8_t> params, std::string *error)
{
	struct {
		uint32_t version;
		uint32_t size;
	} head;
	static_assert(sizeof(head) == sizeof(v4l2_isp_params_buffer));
	std::vector<BlockView> blocks;

	if (params.size() < sizeof(head)) {
		*error = fmt::format("parameters of {} bytes, expected at least {}", params.size(), sizeof(head));
		return std::nullopt;
	}
	memcpy(&head, params.data(), sizeof(head));
	if (head.version != V4L2_ISP_PARAMS_VERSION_V1 || head.size != params.size() - sizeof(head)) {
		*error = fmt::format("parameters of version {} with {} bytes of data, expected version {} with {}",
				     head.version, head.size, static_cast<int>(V4L2_ISP_PARAMS_VERSION_V1),
				     params.size() - sizeof(head));
		return std::nullopt;
	}

	for (size_t at = sizeof(head); at < params.size();) {
		BlockView block{};
		if (params.size() - at >= sizeof(block.header))
			memcpy(&block.header, params.data() + at, sizeof(block.header));
		if (block.header.size < sizeof(block.header) || block.header.size > params.size() - at) {
			*error = fmt::format("parameters: offset {}: a block of {} bytes, expected {} to {}", at,
					     block.header.size, sizeof(block.header), params.size() - at);
			return std::nullopt;
		}
		block.bytes = params.subspan(at, block.header.size);
		blocks.push_back(block);
		at += block.header.size;
	}

	return blocks;
}

template<typename T>
T copyOf(std::span<const uint8_t> bytes)
{
	T value;
	memcpy(&value, bytes.data(), sizeof(value));
	return value;
}

std::string blockDifference(const BlockView &recorded, const BlockView &replayed)
{
	const std::string name = nameOf(recorded.header.type);

	if (recorded.header.type != replayed.header.type)
		return differs("order of blocks", name, nameOf(replayed.header.type));
	if (recorded.header.flags != replayed.header.flags)
		return differs(name, flagsText(recorded.header.flags), flagsText(replayed.header.flags));
	if (recorded.bytes.size() != replayed.bytes.size())
		return differs(name, fmt::format("{} bytes", recorded.bytes.size()),
			       fmt::format("{} bytes", replayed.bytes.size()));
	if (std::equal(recorded.bytes.begin(), recorded.bytes.end(), replayed.bytes.begin()))
		return "";

	std::string found = differs(name, "other bytes", "other bytes");
	withBlock(recorded.header.type, [&]<typename T>(const Block<T> &block) {
		if (recorded.bytes.size() == sizeof(T))
			found = difference(block.name, copyOf<T>(recorded.bytes), copyOf<T>(replayed.bytes));
	});

	return found;
}

} /* namespace */

/**
 * \brief The text of parameters: blocks with what they set, and their fields
 * \param[in] params struct v4l2_isp_params_buffer with its blocks
 * \param[out] text A line a block, and indented ones with its fields as linux/fovea-isp.h
 * names them
 * \param[out] error What is wrong with the form of the parameters
 */
bool paramsToText(std::span<const uint8_t> params, std::string *text, std::string *error)
{
	const auto blocks = blocksOf(params, error);
	if (!blocks)
		return false;

	for (const BlockView &block : *blocks) {
		*text += fmt::format("{}: {}\n", nameOf(block.header.type), flagsText(block.header.flags));
		withBlock(block.header.type, [&]<typename T>(const Block<T> &) {
			if (block.bytes.size() == sizeof(T))
				print("", copyOf<T>(block.bytes), text);
		});
	}

	return true;
}

/**
 * \brief The text of statistics
 * \param[in] stats struct fovea_isp_stats_buffer
 * \param[out] text A line a field as linux/fovea-isp.h names it; long arrays have more
 * \param[out] error What is wrong with their size
 */
bool statsToText(std::span<const uint8_t> stats, std::string *text, std::string *error)
{
	if (stats.size() != sizeof(fovea_isp_stats_buffer)) {
		*error = fmt::format("statistics of {} bytes, expected {}", stats.size(),
				     sizeof(fovea_isp_stats_buffer));
		return false;
	}

	*text += "statistics:\n";
	print("", copyOf<fovea_isp_stats_buffer>(stats), text);
	return true;
}

/** \brief The first block or field in which parameters differ, with both values */
std::string paramsDifference(std::span<const uint8_t> recorded, std::span<const uint8_t> replayed)
{
	std::string error;

	if (std::equal(recorded.begin(), recorded.end(), replayed.begin(), replayed.end()))
		return "";

	const auto left = blocksOf(recorded, &error);
	const auto right = left ? blocksOf(replayed, &error) : std::nullopt;
	if (!right)
		return error;

	for (size_t i = 0; i < std::min(left->size(), right->size()); i++) {
		const std::string found = blockDifference((*left)[i], (*right)[i]);
		if (!found.empty())
			return found;
	}

	const auto next = [](const std::vector<BlockView> &blocks, size_t i) {
		return i < blocks.size() ? nameOf(blocks[i].header.type) : "no more";
	};
	const size_t common = std::min(left->size(), right->size());
	return differs("order of blocks", next(*left, common), next(*right, common));
}

/** \brief The first field in which statistics differ, with both values */
std::string statsDifference(std::span<const uint8_t> recorded, std::span<const uint8_t> replayed)
{
	if (std::equal(recorded.begin(), recorded.end(), replayed.begin(), replayed.end()))
		return "";
	if (recorded.size() != sizeof(fovea_isp_stats_buffer) || replayed.size() != recorded.size())
		return differs("size", fmt::format("{} bytes", recorded.size()),
			       fmt::format("{} bytes", replayed.size()));

	return difference("", copyOf<fovea_isp_stats_buffer>(recorded), copyOf<fovea_isp_stats_buffer>(replayed));
}

} /* namespace fovea::tune */
