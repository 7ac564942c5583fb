/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Sensor settings that take effect some frames after they were written
 */

#pragma once

#include <array>
#include <stdint.h>

#include "isp_sim/sensor/sensor.h"

namespace fovea::device {

class DelayedSettings
{
public:
	explicit DelayedSettings(const sensor::Delays &delays);

	/* What was written last; what a read of the controls returns. */
	sensor::FrameSettings &written() { return written_; }
	const sensor::FrameSettings &written() const { return written_; }

	void reset();
	sensor::FrameSettings startFrame();

private:
	/* Longer than any sensor's delay, in frames; a power of two. */
	static constexpr unsigned int kHistory = 16;

	const sensor::FrameSettings &writtenAtStart(unsigned int delay) const;

	sensor::Delays delays_;
	sensor::FrameSettings written_;
	std::array<sensor::FrameSettings, kHistory> history_;
	uint64_t started_;
};

} /* namespace fovea::device */
