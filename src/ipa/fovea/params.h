/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Parameters buffer of the Fovea ISP
 */

#pragma once

#include <stdint.h>

#include <linux/fovea-isp.h>

#include <libipa/v4l2_params.h>

namespace libcamera {

namespace ipa::fovea {

enum class BlockType : uint16_t {
	BlackLevel,
	WbGains,
	Demosaic,
	Ccm,
	Gamma,
	Csc,
	AeStats,
	AwbStats,
	Lsc,
	Cac,
	Dpc,
	RawNr,
	ChromaNr,
	TemporalNr,
	Sharpen,
	Decompand,
	Merge,
	Range,
	ToneStats,
	LocalTone,
};

namespace details {

template<BlockType B>
struct block_type {
};

#define FOVEA_DEFINE_BLOCK_TYPE(id, structure, kernelId)		\
template<>								\
struct block_type<BlockType::id> {					\
	using type = struct fovea_isp_##structure;			\
	static constexpr fovea_isp_block_type blockType =		\
		FOVEA_ISP_BLOCK_##kernelId;				\
};

FOVEA_DEFINE_BLOCK_TYPE(BlackLevel, black_level, BLACK_LEVEL)
FOVEA_DEFINE_BLOCK_TYPE(WbGains, wb_gains, WB_GAINS)
FOVEA_DEFINE_BLOCK_TYPE(Demosaic, demosaic, DEMOSAIC)
FOVEA_DEFINE_BLOCK_TYPE(Ccm, ccm, CCM)
FOVEA_DEFINE_BLOCK_TYPE(Gamma, gamma, GAMMA)
FOVEA_DEFINE_BLOCK_TYPE(Csc, csc, CSC)
FOVEA_DEFINE_BLOCK_TYPE(AeStats, ae_stats_config, AE_STATS)
FOVEA_DEFINE_BLOCK_TYPE(AwbStats, awb_stats_config, AWB_STATS)
FOVEA_DEFINE_BLOCK_TYPE(Lsc, lsc, LSC)
FOVEA_DEFINE_BLOCK_TYPE(Cac, cac, CAC)
FOVEA_DEFINE_BLOCK_TYPE(Dpc, dpc, DPC)
FOVEA_DEFINE_BLOCK_TYPE(RawNr, raw_nr, RAW_NR)
FOVEA_DEFINE_BLOCK_TYPE(ChromaNr, chroma_nr, CHROMA_NR)
FOVEA_DEFINE_BLOCK_TYPE(TemporalNr, temporal_nr, TEMPORAL_NR)
FOVEA_DEFINE_BLOCK_TYPE(Sharpen, sharpen, SHARPEN)
FOVEA_DEFINE_BLOCK_TYPE(Decompand, decompand, DECOMPAND)
FOVEA_DEFINE_BLOCK_TYPE(Merge, merge, MERGE)
FOVEA_DEFINE_BLOCK_TYPE(Range, range, RANGE)
FOVEA_DEFINE_BLOCK_TYPE(ToneStats, tone_stats_config, TONE_STATS)
FOVEA_DEFINE_BLOCK_TYPE(LocalTone, local_tone, LOCAL_TONE)

#undef FOVEA_DEFINE_BLOCK_TYPE

struct params_traits {
	using id_type = BlockType;

	template<id_type Id>
	using id_to_details = block_type<Id>;
};

} /* namespace details */

class FoveaParams : public V4L2Params<details::params_traits>
{
public:
	FoveaParams(Span<uint8_t> data)
		: V4L2Params(data, V4L2_ISP_PARAMS_VERSION_V1)
	{
	}
};

} /* namespace ipa::fovea */

} /* namespace libcamera */
