/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The Fovea ISP with its sensor as a piece of V4L2 hardware
 */

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "isp_sim/sensor/rig.h"
#include "isp_sim/sensor/sensor.h"
#include "isp_sim/v4l2/event_loop.h"
#include "isp_sim/v4l2/file.h"
#include "isp_sim/v4l2/media_device.h"

namespace fovea::device {

struct DeviceOptions {
	bool virtualTime = false;
	unsigned int threads = 1;	/* of the ISP, for a frame; 1 to 64 */
};

class FoveaDevice : public v4l2::Hardware
{
public:
	static std::unique_ptr<FoveaDevice>
	create(v4l2::EventLoop *loop, const sensor::Rig &rig,
	       const sensor::SearchPath &search, const DeviceOptions &options,
	       std::string *error);

	static std::unique_ptr<FoveaDevice>
	create(v4l2::EventLoop *loop, std::unique_ptr<sensor::Sensor> sensor,
	       const DeviceOptions &options, std::string *error);

	~FoveaDevice() override;

	/* Hardware */
	std::string sysfsPath() const override { return "platform/fovea-isp"; }
	std::string driver() const override;
	const std::vector<v4l2::DeviceNode *> &nodes() const override;

	v4l2::DeviceNode *node(const std::string &label) const;

private:
	FoveaDevice(v4l2::EventLoop *loop, std::unique_ptr<sensor::Sensor> sensor,
		    const DeviceOptions &options);

	struct Entities;

	void addLinks();

	std::unique_ptr<sensor::Sensor> sensor_;
	v4l2::MediaDevice media_;
	std::unique_ptr<Entities> entities_;
};

} /* namespace fovea::device */
