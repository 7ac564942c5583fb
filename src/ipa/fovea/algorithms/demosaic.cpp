/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Demosaic
 */

#include "demosaic.h"

/**
 * \file demosaic.h
 */

namespace libcamera {

namespace ipa::fovea::algorithms {

/**
 * \class Demosaic
 * \brief Choose between the faster and the better demosaic
 *
 * Neither depends on the frame: the tuning has the direction threshold, and whether
 * directions are refined (\a refine, off where the tuning has none), which takes more
 * time where the ISP is software.
 */

/**
 * \copydoc libcamera::ipa::Algorithm::init
 */
int Demosaic::init([[maybe_unused]] IPAContext &context, const ValueNode &tuningData)
{
	directionThreshold_ = tuningData["directionThreshold"].get<uint16_t>(0);
	refine_ = tuningData["refine"].get<bool>(false);

	return 0;
}

/**
 * \copydoc libcamera::ipa::Algorithm::prepare
 */
void Demosaic::prepare([[maybe_unused]] IPAContext &context,
		       [[maybe_unused]] const uint32_t frame,
		       [[maybe_unused]] IPAFrameContext &frameContext,
		       FoveaParams *params)
{
	auto block = params->block<BlockType::Demosaic>();
	block.setEnabled(true);
	block->direction_threshold = directionThreshold_;
	block->refine = refine_;
}

REGISTER_IPA_ALGORITHM(Demosaic, "Demosaic")

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
