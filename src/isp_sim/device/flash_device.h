/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A flash as a V4L2 sub-device
 */

#pragma once

#include <chrono>
#include <functional>

#include "isp_sim/sensor/rig.h"
#include "isp_sim/v4l2/subdevice.h"

namespace fovea::device {

class FlashDevice : public v4l2::Subdevice, private v4l2::ControlOperations
{
public:
	using Time = std::function<std::chrono::nanoseconds()>;

	FlashDevice(v4l2::MediaDevice *media, unsigned int input, const sensor::FlashModel &flash,
		    Time time);

protected:
	void initState(v4l2::SubdeviceState *state) override;

private:
	int setControl(const v4l2::Control &control, int64_t value) override;
	int getVolatile(const v4l2::Control &control, int64_t *value) override;

	void addControls(const sensor::FlashModel &flash);
	bool canStrobe() const;
	void strobe();
	bool strobes() const;

	const Time time_;
	v4l2::Control *mode_;
	v4l2::Control *source_;
	v4l2::Control *strobe_;
	v4l2::Control *timeout_;
	std::chrono::nanoseconds strobeEnd_;
};

} /* namespace fovea::device */
