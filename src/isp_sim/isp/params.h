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
	fovea_isp_lsc lsc;
	fovea_isp_chroma_nr chromaNr;
	fovea_isp_sharpen sharpen;
	fovea_isp_af_stats_config afStats;
	fovea_isp_local_tone localTone;
	fovea_isp_lut3d lut3d;
	fovea_isp_temporal_nr temporalNr;
};

/* The input of point @i of the gamma curve, see struct fovea_isp_gamma. */
constexpr unsigned int gammaInput(unsigned int i)
{
	constexpr unsigned int kLow = FOVEA_ISP_GAMMA_LOW_SEGMENTS;
	return i < kLow ? 64 * i : 2048 + 1024 * (i - kLow);
}

int validateParams(std::span<const uint8_t> buffer, std::string *error);
void applyParams(std::span<const uint8_t> buffer, Params *params);

} /* namespace fovea::isp */
