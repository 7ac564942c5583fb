/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Controls of the application that hold
 */

#include "sticky_controls.h"

#include <array>
#include <utility>
#include <vector>

#include <libcamera/control_ids.h>

/**
 * \file sticky_controls.h
 * \brief Controls of the application that hold
 */

namespace libcamera::fovea {

namespace {

/*
 * A newer control (first) takes away what an older one (second) has said, unless
 * both are set at once.
 */
const std::array<std::pair<unsigned int, unsigned int>, 8> &overrides()
{
	static const std::array<std::pair<unsigned int, unsigned int>, 8> pairs{ {
		{ controls::AE_ENABLE, controls::EXPOSURE_TIME_MODE },
		{ controls::AE_ENABLE, controls::EXPOSURE_TIME },
		{ controls::AE_ENABLE, controls::ANALOGUE_GAIN_MODE },
		{ controls::AE_ENABLE, controls::ANALOGUE_GAIN },
		{ controls::EXPOSURE_TIME_MODE, controls::EXPOSURE_TIME },
		{ controls::ANALOGUE_GAIN_MODE, controls::ANALOGUE_GAIN },
		{ controls::COLOUR_TEMPERATURE, controls::COLOUR_GAINS },
		{ controls::COLOUR_GAINS, controls::COLOUR_TEMPERATURE },
	} };

	return pairs;
}

/* Things to be done once, which a replaced module must not do again. */
bool isEvent(unsigned int id)
{
	return id == controls::AF_TRIGGER || id == controls::AE_FLICKER_DETECTED;
}

} /* namespace */

/**
 * \class StickyControls
 * \brief All controls since the start of a session in one list
 *
 * Controls hold until they are changed. An IPA module that takes over in the
 * middle of a session gets them at once, and behaves as if it had got the lists
 * one after the other.
 */

StickyControls::StickyControls()
	: controls_(controls::controls)
{
}

/** \brief Begin anew with \a controls */
void StickyControls::reset(const ControlList &controls)
{
	controls_ = ControlList(controls::controls);
	merge(controls);
}

/** \brief Add \a controls, which are newer than the others */
void StickyControls::merge(const ControlList &controls)
{
	if (controls.empty())
		return;

	ControlList merged(controls::controls);
	for (const auto &[id, value] : controls_) {
		bool overridden = false;
		for (const auto &[newer, older] : overrides())
			overridden = overridden || (older == id && controls.contains(newer));
		if (!overridden)
			merged.set(id, value);
	}

	for (const auto &[id, value] : controls) {
		if (!isEvent(id))
			merged.set(id, value);
	}

	controls_ = std::move(merged);
}

} /* namespace libcamera::fovea */
