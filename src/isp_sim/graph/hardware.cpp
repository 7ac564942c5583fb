/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A media device that a rig describes
 */

#include "hardware.h"

#include <algorithm>

#include "element.h"
#include "vim2m.h"

namespace fovea::graph {

namespace {

v4l2::MediaDeviceInfo deviceInfo(const DeviceConfig &config)
{
	v4l2::MediaDeviceInfo info;

	info.driver = config.driver;
	info.model = config.model;
	info.serial = config.serial;
	info.busInfo = config.busInfo;
	info.hwRevision = config.hwRevision;
	info.card = config.card;
	info.nodeBusInfo = config.nodeBusInfo;
	info.lateSubdeviceNodes = true;
	return info;
}

} /* namespace */

/**
 * \class GraphHardware
 * \brief One media device with its entities, links and nodes
 *
 * Open files of the nodes have to be gone before the device goes.
 */

/**
 * \param[in] loop The event loop that everything runs in
 * \param[in] config The graph, as parseGraphRig() returns it
 * \param[in] numbers Numbers of the nodes, shared by the devices of a rig
 * \param[in] virtualTime Virtual or real time
 */
GraphHardware::GraphHardware(v4l2::EventLoop *loop, const DeviceConfig &config,
			     std::shared_ptr<v4l2::NodeNumbers> numbers, bool virtualTime)
	: sysfsPath_(config.sysfsPath), media_(deviceInfo(config), std::move(numbers))
{
	for (const EntityConfig &entity : config.entities) {
		entities_.push_back(createEntity(loop, &media_, entity, config.frameRate, virtualTime));
		if (entity.kind == EntityKind::MemToMem)
			devices_.push_back(std::make_unique<Vim2m>(loop, &media_, entity, virtualTime));
	}

	for (const LinkConfig &link : config.links)
		media_.addLink(entities_[link.source].get(), link.sourcePad,
			       entities_[link.sink].get(), link.sinkPad, link.flags);
	for (const AncillaryConfig &link : config.ancillaryLinks)
		media_.addAncillaryLink(entities_[link.primary].get(), entities_[link.ancillary].get());

	media_.registerSubdeviceNodes();
}

GraphHardware::~GraphHardware() = default;

/** \brief The node with the sysfs name \a label ("Raw Capture 0"), or nullptr */
v4l2::DeviceNode *GraphHardware::node(const std::string &label) const
{
	auto it = std::find_if(nodes().begin(), nodes().end(),
			       [&](const v4l2::DeviceNode *n) { return n->label() == label; });
	return it == nodes().end() ? nullptr : *it;
}

/** \brief Create the devices of \a rig, whose nodes are numbered in its order */
std::vector<std::unique_ptr<v4l2::Hardware>>
createHardware(v4l2::EventLoop *loop, const GraphRig &rig, bool virtualTime)
{
	auto numbers = std::make_shared<v4l2::NodeNumbers>();
	std::vector<std::unique_ptr<v4l2::Hardware>> hardware;

	for (const DeviceConfig &device : rig.devices)
		hardware.push_back(std::make_unique<GraphHardware>(loop, device, numbers,
								   virtualTime || rig.virtualTime));

	return hardware;
}

} /* namespace fovea::graph */
