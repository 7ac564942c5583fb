/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The Fovea ISP with its sensors as a piece of V4L2 hardware
 */

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "isp_sim/sensor/rig.h"
#include "isp_sim/sensor/sensor.h"
#include "isp_sim/v4l2/event_loop.h"
#include "isp_sim/v4l2/file.h"
#include "isp_sim/v4l2/media_device.h"

#include "frame_router.h"

namespace fovea::device {

class FaultTimeline;

/* What is connected to a sensor input. */
struct SensorInput {
	std::unique_ptr<sensor::Sensor> sensor;
	std::optional<sensor::LensModel> lens = std::nullopt;
	std::optional<sensor::FlashModel> flash = std::nullopt;
};

struct DeviceOptions {
	bool virtualTime = false;
	unsigned int threads = 1;	/* of the ISP, for a frame; 1 to 64 */
	/* What goes wrong; it outlives a device that it unplugs. */
	std::shared_ptr<FaultTimeline> faults = nullptr;

	/* Shared by all devices of a machine. */
	std::shared_ptr<v4l2::NodeNumbers> numbers = std::make_shared<v4l2::NodeNumbers>();
};

class FoveaDevice : public v4l2::Hardware
{
public:
	static std::unique_ptr<FoveaDevice>
	create(v4l2::EventLoop *loop, const sensor::Rig &rig,
	       const sensor::SearchPath &search, const DeviceOptions &options,
	       std::string *error);

	static std::unique_ptr<FoveaDevice>
	create(v4l2::EventLoop *loop, std::vector<SensorInput> inputs,
	       const DeviceOptions &options, std::string *error);

	~FoveaDevice() override;

	/* Hardware */
	std::string sysfsPath() const override { return "platform/fovea-isp"; }
	std::string driver() const override;
	const std::vector<v4l2::DeviceNode *> &nodes() const override;
	void setLog(std::function<void(const std::string &line)> log) override { media_.setLog(std::move(log)); }
	void unregister() override { media_.unregister(); }

	v4l2::DeviceNode *node(const std::string &label) const;

private:
	struct Input;
	struct BackEndEntities;

	FoveaDevice(v4l2::EventLoop *loop, std::vector<SensorInput> inputs,
		    const DeviceOptions &options);

	void addLinks();
	void addClock(unsigned int index, v4l2::EventLoop *loop, const DeviceOptions &options);
	void addMemorySource(v4l2::EventLoop *loop, const DeviceOptions &options);

	v4l2::MediaDevice media_;
	std::vector<std::unique_ptr<Input>> inputs_;
	std::unique_ptr<BackEndEntities> backEnd_;
	FrameRouter router_;
};

} /* namespace fovea::device */
