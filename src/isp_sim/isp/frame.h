/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What all bands need to know of a frame
 */

#pragma once

#include <span>
#include <stdint.h>

#include "colour.h"
#include "decompand.h"
#include "dewarp.h"
#include "lsc.h"
#include "lut3d.h"
#include "params.h"
#include "rgb_finish.h"
#include "temporal_nr.h"

namespace fovea::isp {

struct Frame {
	Frame(std::span<const uint8_t> rawFrame, const Params &frameParams,
	      std::span<const std::span<uint8_t>> frameOutputs, bool withStats,
	      const TemporalFrames &temporalFrames, const DecompandTable &decompandTable,
	      const Lut3dTable &lut3dTable, const DewarpPicture &dewarpPicture,
	      unsigned int ringReach)
		: raw(rawFrame), params(frameParams), outputs(frameOutputs), stats(withStats),
		  pictures(std::any_of(outputs.begin(), outputs.end(),
				       [](std::span<uint8_t> out) { return !out.empty(); })),
		  gains(params.lsc, params.wbGains), colour(params.ccm, params.gamma, params.csc),
		  inverseCsc(params.csc), temporal(temporalFrames), decompand(decompandTable),
		  lut3d(lut3dTable), straight(dewarpPicture),
		  dewarpRing(dewarped() ? ringReach : 0)
	{
	}

	bool aeStats() const { return stats && !blockDisabled(params.aeStats.header); }
	bool awbStats() const { return stats && !blockDisabled(params.awbStats.header); }
	/* What lies between matrix and conversion is more than the gamma curve. */
	bool staged() const
	{
		return !blockDisabled(params.localTone.header) || !blockDisabled(params.lut3d.header);
	}

	/* Blocks behind the conversion change the picture. */
	bool ycbcrChanges() const
	{
		return mixed() || !blockDisabled(params.chromaNr.header) || !blockDisabled(params.sharpen.header);
	}

	/* The picture is mixed with the reference and becomes the next one. */
	bool mixed() const { return pictures && !blockDisabled(params.temporalNr.header); }

	bool dewarped() const { return pictures && !blockDisabled(params.dewarp.header); }

	/* The outputs are made in a second pass, when the whole picture is there. */
	bool twoPasses() const { return dewarped() && !dewarpRing; }

	bool afStats() const { return stats && !blockDisabled(params.afStats.header); }
	bool rowStats() const { return stats && !blockDisabled(params.rowStats.header); }
	bool toneStats() const { return stats && !blockDisabled(params.toneStats.header); }

	std::span<const uint8_t> raw;
	const Params &params;
	std::span<const std::span<uint8_t>> outputs;
	bool stats;
	bool pictures;
	GainMesh gains;
	Colour colour;
	InverseCsc inverseCsc;
	const TemporalFrames &temporal;
	/* Valid where decompand is enabled. */
	const DecompandTable &decompand;
	/* Valid where the block is enabled. */
	const Lut3dTable &lut3d;
	/* Where twoPasses() is true, the picture that is taken from. */
	const DewarpPicture &straight;
	/* Else the rows of quads above and below that bands keep for it; 0 without it. */
	unsigned int dewarpRing;
};

} /* namespace fovea::isp */
