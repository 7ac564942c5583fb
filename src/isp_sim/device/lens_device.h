/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A lens as a V4L2 sub-device
 */

#pragma once

#include "isp_sim/sensor/rig.h"
#include "isp_sim/v4l2/subdevice.h"

namespace fovea::device {

class LensDevice : public v4l2::Subdevice
{
public:
	LensDevice(v4l2::MediaDevice *media, unsigned int input, const sensor::LensModel &lens);

	int position() const;

protected:
	void initState(v4l2::SubdeviceState *state) override;
};

} /* namespace fovea::device */
