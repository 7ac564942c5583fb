/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A media device that a rig describes
 */

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "isp_sim/v4l2/event_loop.h"
#include "isp_sim/v4l2/file.h"
#include "isp_sim/v4l2/media_device.h"

#include "graph_rig.h"

namespace fovea::graph {

class GraphHardware : public v4l2::Hardware
{
public:
	GraphHardware(v4l2::EventLoop *loop, const DeviceConfig &config,
		      std::shared_ptr<v4l2::NodeNumbers> numbers, bool virtualTime);
	~GraphHardware() override;

	/* Hardware */
	std::string sysfsPath() const override { return sysfsPath_; }
	std::string driver() const override { return media_.info().driver; }
	const std::vector<v4l2::DeviceNode *> &nodes() const override { return media_.nodes(); }
	void setLog(std::function<void(const std::string &line)> log) override { media_.setLog(std::move(log)); }
	void unregister() override { media_.unregister(); }

	v4l2::DeviceNode *node(const std::string &label) const;

private:
	std::string sysfsPath_;
	v4l2::MediaDevice media_;
	std::vector<std::unique_ptr<v4l2::Entity>> entities_;	/* as in the rig */
	std::vector<std::unique_ptr<v4l2::DeviceNode>> devices_;
};

std::vector<std::unique_ptr<v4l2::Hardware>>
createHardware(v4l2::EventLoop *loop, const GraphRig &rig, bool virtualTime);

} /* namespace fovea::graph */
