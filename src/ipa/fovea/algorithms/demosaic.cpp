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
 * \brief Set the direction threshold of the demosaic block
 */

/**
 * \copydoc libcamera::ipa::Algorithm::init
 */
int Demosaic::init([[maybe_unused]] IPAContext &context, const ValueNode &tuningData)
{
	directionThreshold_ = tuningData["directionThreshold"].get<uint16_t>(0);

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
}

REGISTER_IPA_ALGORITHM(Demosaic, "Demosaic")

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
