/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Black level
 */

#include "blc.h"

#include <algorithm>

#include <libcamera/base/log.h>

/**
 * \file blc.h
 */

namespace libcamera {

LOG_DEFINE_CATEGORY(FoveaBlackLevel)

namespace ipa::fovea::algorithms {

/**
 * \class BlackLevel
 * \brief Subtract the black level of the sensor
 *
 * The level comes from the tuning file ("levels" of R, Gr, Gb, B or one "level",
 * in units of 1/65536 of the 16-bit aligned range), else from libipa's sensor
 * helper, else it is 0. "whiteLevel", in the same units, tells where a sensor
 * saturates below its largest code.
 */

/**
 * \copydoc libcamera::ipa::Algorithm::init
 */
int BlackLevel::init(IPAContext &context, const ValueNode &tuningData)
{
	const int16_t helperLevel = context.camHelper->blackLevel().value_or(0);
	levels_.fill(tuningData["level"].get<uint16_t>(std::max<int16_t>(helperLevel, 0)));

	auto levels = tuningData["levels"].get<std::vector<uint16_t>>();
	if (levels && levels->size() == levels_.size())
		std::copy(levels->begin(), levels->end(), levels_.begin());

	whiteLevel_ = tuningData["whiteLevel"].get<uint16_t>();

	if (!tuningData["level"] && !levels && !context.camHelper->blackLevel())
		LOG(FoveaBlackLevel, Warning)
			<< "Neither the tuning file nor libipa knows the black level, 0 assumed";

	return 0;
}

/**
 * \copydoc libcamera::ipa::Algorithm::configure
 *
 * A saturated sample is the largest code of the sensor or the white level, behind
 * the black-level block as fovea-isp.h defines it.
 */
int BlackLevel::configure(IPAContext &context,
			  [[maybe_unused]] const IPAConfigInfo &configInfo)
{
	const unsigned int bitDepth = context.configuration.sensor.bitDepth;
	const int fullScale = ((1 << bitDepth) - 1) << (16 - bitDepth);
	const int largest = std::min<int>(fullScale, whiteLevel_.value_or(fullScale));
	const int level = *std::max_element(levels_.begin(), levels_.end());

	if (level >= largest) {
		LOG(FoveaBlackLevel, Error)
			<< "Black level " << level << " leaves no signal: the largest sample is "
			<< largest << "; correct BlackLevel in the tuning file";
		return -EINVAL;
	}

	context.configuration.blackLevel.levels = levels_;
	context.configuration.blackLevel.saturation =
		std::min<double>((largest - level + 2) >> 2, kLinearMax);

	return 0;
}

/**
 * \copydoc libcamera::ipa::Algorithm::prepare
 */
void BlackLevel::prepare([[maybe_unused]] IPAContext &context,
			 [[maybe_unused]] const uint32_t frame,
			 [[maybe_unused]] IPAFrameContext &frameContext,
			 FoveaParams *params)
{
	auto block = params->block<BlockType::BlackLevel>();
	block.setEnabled(true);

	block->r = levels_[0];
	block->gr = levels_[1];
	block->gb = levels_[2];
	block->b = levels_[3];
}

/**
 * \copydoc libcamera::ipa::Algorithm::process
 */
void BlackLevel::process([[maybe_unused]] IPAContext &context,
			 [[maybe_unused]] const uint32_t frame,
			 [[maybe_unused]] IPAFrameContext &frameContext,
			 [[maybe_unused]] const fovea_isp_stats_buffer *stats,
			 ControlList &metadata)
{
	metadata.set(controls::SensorBlackLevels,
		     Span<const int32_t, 4>{ { levels_[0], levels_[1], levels_[2], levels_[3] } });
}

REGISTER_IPA_ALGORITHM(BlackLevel, "BlackLevel")

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
