/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Media device: the graph of entities, pads and links
 */

#pragma once

#include <functional>
#include <memory>
#include <stdint.h>
#include <string>
#include <vector>

#include <linux/media.h>
#include <linux/videodev2.h>

#include "file.h"
#include "node_numbers.h"

namespace fovea::v4l2 {

class Entity;
class NodeFile;
struct Link;

/* The pads that stream together. */
struct Pipeline {
	unsigned int startCount = 0;
	std::vector<struct Pad *> pads;
};

struct Pad {
	uint32_t id;
	Entity *entity;
	uint32_t index;
	uint32_t flags;
	std::vector<Link *> links;
	Pipeline *pipeline;
};

/* A data link between two pads. */
struct Link {
	uint32_t id;
	Pad *source;
	Pad *sink;
	uint32_t flags;
};

class Entity
{
public:
	Entity(std::string name, uint32_t function,
	       const std::vector<uint32_t> &padFlags);
	virtual ~Entity() = default;

	Entity(const Entity &) = delete;
	Entity &operator=(const Entity &) = delete;

	uint32_t entityId() const { return id_; }
	const std::string &entityName() const { return name_; }
	uint32_t function() const { return function_; }

	size_t padCount() const { return pads_.size(); }
	Pad *pad(size_t index) const { return pads_[index].get(); }

	/* The enabled link at a sink pad, or nullptr. */
	Link *enabledLink(size_t pad) const;
	bool streaming() const;

	virtual bool isSubdevice() const { return false; }
	virtual void registerNode() {}
	virtual int validateLink(const Link &link);
	virtual int setupLink(const Pad &local, const Pad &remote, uint32_t flags);

private:
	friend class MediaDevice;

	uint32_t id_;
	std::string name_;
	uint32_t function_;
	std::vector<std::unique_ptr<Pad>> pads_;
	DeviceNode *node_;
	uint32_t interfaceId_;
	uint32_t interfaceLinkId_;
	uint32_t interfaceType_;
	bool sharesInterface_ = false;
};

/* A link that tells that two entities form one unit, such as sensor and lens. */
struct AncillaryLink {
	uint32_t id;
	Entity *primary;
	Entity *ancillary;
};

struct MediaDeviceInfo {
	std::string driver;
	std::string model;
	std::string serial;
	std::string busInfo;
	uint32_t hwRevision;

	/* What VIDIOC_QUERYCAP tells where it is not the model and the bus above. */
	std::string card = {};
	std::string nodeBusInfo = {};

	/* Sub-devices get their nodes by MediaDevice::registerSubdeviceNodes(). */
	bool lateSubdeviceNodes = false;
};

class MediaDevice : public DeviceNode
{
public:
	explicit MediaDevice(MediaDeviceInfo info,
			     std::shared_ptr<NodeNumbers> numbers = std::make_shared<NodeNumbers>());

	const MediaDeviceInfo &info() const { return info_; }

	/* DeviceNode */
	std::string name() const override;
	unsigned int major() const override;
	unsigned int minor() const override { return number_->minor; }
	std::string subsystem() const override { return "media"; }
	std::string label() const override { return info_.model; }
	int open(int flags, std::unique_ptr<OpenFile> *file) override;

	void addEntity(Entity *entity);
	void addNode(Entity *entity, DeviceNode *node, uint32_t interfaceType);
	void shareNode(Entity *entity, const Entity *owner);
	int addLink(Entity *source, uint32_t sourcePad, Entity *sink,
		    uint32_t sinkPad, uint32_t flags);
	void addAncillaryLink(Entity *primary, Entity *ancillary);
	void registerSubdeviceNodes();

	const std::vector<DeviceNode *> &nodes() const { return nodes_; }
	NodeNumbers &numbers() { return *numbers_; }

	void addFile(NodeFile *file) { files_.push_back(file); }
	void removeFile(NodeFile *file);
	void unregister();

	int startPipeline(Pad *pad);
	void stopPipeline(Pad *pad);

	void changePriority(v4l2_priority from, v4l2_priority to);
	v4l2_priority maxPriority() const;

	/* Where VIDIOC_LOG_STATUS goes, a line at a time; nowhere at first. */
	void setLog(std::function<void(const std::string &line)> log) { log_ = std::move(log); }
	void logStatus(const std::string &name, const std::string &text) const;

	int ioctl(unsigned long request, void *arg);

private:
	uint32_t allocateId(uint32_t type);
	Entity *findEntity(uint32_t id) const;
	Pad *findPad(const media_pad_desc &description) const;

	int deviceInfo(media_device_info *info) const;
	int enumEntities(media_entity_desc *description) const;
	int enumLinks(media_links_enum *links) const;
	int setupLink(media_link_desc *description);
	int notifyLink(Link *link, uint32_t flags);
	int topology(media_v2_topology *topology) const;

	std::vector<Pad *> connectedPads(Pad *pad) const;
	int validatePad(const Pad &pad) const;
	int validateNested(const Pad &pad) const;

	MediaDeviceInfo info_;
	std::shared_ptr<NodeNumbers> numbers_;
	std::shared_ptr<const NodeNumber> number_;
	uint32_t nextId_;
	uint64_t topologyVersion_;
	std::vector<Entity *> entities_;
	std::vector<std::unique_ptr<Link>> links_;
	std::vector<std::unique_ptr<AncillaryLink>> ancillaryLinks_;
	std::vector<DeviceNode *> nodes_;
	std::vector<NodeFile *> files_;
	std::vector<std::unique_ptr<Pipeline>> pipelines_;
	std::function<void(const std::string &line)> log_;
	unsigned int priorities_[V4L2_PRIORITY_RECORD + 1];
};

} /* namespace fovea::v4l2 */
