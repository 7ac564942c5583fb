/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Controls of the application that hold
 */

#pragma once

#include <libcamera/controls.h>

namespace libcamera::fovea {

class StickyControls
{
public:
	StickyControls();

	void reset(const ControlList &controls);
	void merge(const ControlList &controls);

	const ControlList &controls() const { return controls_; }

private:
	ControlList controls_;
};

} /* namespace libcamera::fovea */
