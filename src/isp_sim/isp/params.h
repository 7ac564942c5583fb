/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * State of the parameters of all ISP blocks
 */

#pragma once

#include <span>
#include <stdint.h>
#include <string>
#include <tuple>

#include <linux/fovea-isp.h>

namespace fovea::isp {

/* The blocks as last applied; a block's header.flags tells enable or disable. */
struct Params {
	Params();

	fovea_isp_black_level blackLevel;
	fovea_isp_wb_gains wbGains;
	fovea_isp_demosaic demosaic;
	fovea_isp_ccm ccm;
	fovea_isp_gamma gamma;
	fovea_isp_csc csc;
	fovea_isp_ae_stats_config aeStats;
	fovea_isp_awb_stats_config awbStats;
	fovea_isp_dpc dpc;
	fovea_isp_decompand decompand;
	fovea_isp_merge merge;
	fovea_isp_range range;
	fovea_isp_lsc lsc;
	fovea_isp_raw_nr rawNr;
	fovea_isp_cac cac;
	fovea_isp_chroma_nr chromaNr;
	fovea_isp_sharpen sharpen;
	fovea_isp_af_stats_config afStats;
	fovea_isp_row_stats_config rowStats;
	fovea_isp_tone_stats_config toneStats;
	fovea_isp_local_tone localTone;
	fovea_isp_lut3d lut3d;
	fovea_isp_temporal_nr temporalNr;
	fovea_isp_dewarp dewarp;
};

/* All blocks, for what has to be done with each of them. */
inline constexpr std::tuple kBlockMembers = {
	&Params::blackLevel,
	&Params::wbGains,
	&Params::demosaic,
	&Params::ccm,
	&Params::gamma,
	&Params::csc,
	&Params::aeStats,
	&Params::awbStats,
	&Params::dpc,
	&Params::decompand,
	&Params::merge,
	&Params::range,
	&Params::lsc,
	&Params::rawNr,
	&Params::cac,
	&Params::chromaNr,
	&Params::sharpen,
	&Params::afStats,
	&Params::rowStats,
	&Params::toneStats,
	&Params::localTone,
	&Params::lut3d,
	&Params::temporalNr,
	&Params::dewarp,
};

/* Call @visit with a pointer to each member of struct Params. */
template<typename Visitor>
constexpr void forEachBlock(Visitor &&visit)
{
	std::apply([&](auto... members) { (visit(members), ...); }, kBlockMembers);
}

/* Bytes of all blocks together: nothing is left out of any of these lists. */
constexpr size_t sizeOfAllBlocks()
{
	size_t size = 0;
	forEachBlock([&]<typename Block>(Block Params::*) { size += sizeof(Block); });
	return size;
}

static_assert(sizeOfAllBlocks() == sizeof(Params));
static_assert(sizeOfAllBlocks() == FOVEA_ISP_PARAMS_MAX_DATA_SIZE);

/* The input of point @i of the gamma curve, see struct fovea_isp_gamma. */
constexpr unsigned int gammaInput(unsigned int i)
{
	constexpr unsigned int kLow = FOVEA_ISP_GAMMA_LOW_SEGMENTS;
	return i < kLow ? 64 * i : 1024 + 1024 * (i - kLow);
}

int validateParams(std::span<const uint8_t> buffer, std::string *error);
void applyParams(std::span<const uint8_t> buffer, Params *params);

} /* namespace fovea::isp */
