/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Media device: the graph of entities, pads and links
 */

#include "media_device.h"

#include <algorithm>
#include <errno.h>
#include <iterator>
#include <poll.h>
#include <sstream>
#include <string.h>
#include <utility>

#include "node_file.h"

/**
 * \file media_device.h
 * \brief The media controller in user space
 *
 * Object ids, orders, counts and error codes follow the kernel's media
 * controller (Documentation/userspace-api/media/mediactl).
 */

namespace fovea::v4l2 {

namespace {

/* Object types and the layout of ids, as the kernel has them. */
enum ObjectType : uint32_t {
	ObjectEntity = 0,
	ObjectPad = 1,
	ObjectLink = 2,
	ObjectInterface = 3,
};

constexpr unsigned int kIdTypeShift = 24;

/*
 * The major number of the media devices is allocated at boot on a real machine,
 * downwards from 254; any value of that range will do.
 */
constexpr unsigned int kMediaMajor = 236;

/* A Linux version that has everything that the ioctls here offer. */
constexpr uint32_t kVersion = (6 << 16) | (12 << 8);

template<size_t N>
void copyText(char (&destination)[N], const std::string &text)
{
	memset(destination, 0, N);
	memcpy(destination, text.data(), std::min(text.size(), N - 1));
}

class MediaFile : public NodeFile
{
public:
	using NodeFile::NodeFile;

protected:
	int deviceIoctl(unsigned long request, void *arg) override
	{
		return media()->ioctl(request, arg);
	}

	/* A file without a poll operation is always ready. */
	unsigned int devicePoll() const override { return POLLIN | POLLOUT; }

	void leaveDevice() override {}

	/* As __media_ioctl() and media_poll() of drivers/media/mc/mc-devnode.c. */
	int goneError() const override { return -EIO; }
	unsigned int gonePoll() const override { return POLLERR | POLLHUP; }
};

/*
 * Copies the objects of one kind to the caller's array, as G_TOPOLOGY does: the
 * count is always that of the device, too small an array is -ENOSPC.
 */
template<typename T>
class TopologyArray
{
public:
	TopologyArray(uint64_t pointer, uint32_t size)
		: array_(reinterpret_cast<T *>(pointer)), size_(size), count_(0)
	{
	}

	void add(const T &object)
	{
		if (array_ && count_ < size_)
			array_[count_] = object;
		count_++;
	}

	int finish(uint32_t *count) const
	{
		*count = count_;
		return array_ && count_ > size_ ? -ENOSPC : 0;
	}

private:
	T *array_;
	uint32_t size_;
	uint32_t count_;
};

} /* namespace */

/* --------------------------------------------------------------------------
 * Entity
 */

/**
 * \class Entity
 * \brief A node of the media graph
 */

/**
 * \brief Create an entity with one pad for each of \a padFlags
 *
 * It becomes part of a graph by MediaDevice::addEntity().
 */
Entity::Entity(std::string name, uint32_t function,
	       const std::vector<uint32_t> &padFlags)
	: id_(0), name_(std::move(name)), function_(function), node_(nullptr),
	  interfaceId_(0), interfaceLinkId_(0), interfaceType_(0)
{
	for (uint32_t flags : padFlags) {
		auto pad = std::make_unique<Pad>();
		pad->entity = this;
		pad->index = pads_.size();
		pad->flags = flags;
		pads_.push_back(std::move(pad));
	}
}

Link *Entity::enabledLink(size_t index) const
{
	for (Link *link : pads_[index]->links) {
		if (link->flags & MEDIA_LNK_FL_ENABLED)
			return link;
	}

	return nullptr;
}

/** \brief Is any pad part of a started pipeline? */
bool Entity::streaming() const
{
	return std::any_of(pads_.begin(), pads_.end(),
			   [](const auto &pad) { return pad->pipeline; });
}

/**
 * \brief Check the enabled \a link, whose sink is a pad of this entity
 * \return 0, or -EPIPE where the formats of both ends differ
 */
int Entity::validateLink([[maybe_unused]] const Link &link)
{
	return 0;
}

/**
 * \fn Entity::registerNode()
 * \brief Get a device node, where the media device gives nodes late
 */

/** \brief Told that a link at \a local is about to get \a flags; may refuse */
int Entity::setupLink([[maybe_unused]] const Pad &local,
		      [[maybe_unused]] const Pad &remote,
		      [[maybe_unused]] uint32_t flags)
{
	return 0;
}

/* --------------------------------------------------------------------------
 * MediaDevice: construction
 */

/**
 * \class MediaDevice
 * \brief The graph, its device node, and what all nodes of the device share
 *
 * Entities and nodes are owned by the driver and outlive every open file.
 */

/**
 * \param[in] info What the device tells of itself
 * \param[in] numbers Numbers of the nodes, shared by all devices of a machine
 */
MediaDevice::MediaDevice(MediaDeviceInfo info, std::shared_ptr<NodeNumbers> numbers)
	: info_(std::move(info)), numbers_(std::move(numbers)),
	  number_(numbers_->allocate(kMediaMajor, "media")), nextId_(0),
	  topologyVersion_(0), priorities_{}
{
	nodes_.push_back(this);
}

std::string MediaDevice::name() const
{
	return "media" + std::to_string(number_->index);
}

unsigned int MediaDevice::major() const
{
	return kMediaMajor;
}

int MediaDevice::open([[maybe_unused]] int flags, std::unique_ptr<OpenFile> *file)
{
	*file = std::make_unique<MediaFile>(this, number_);
	return 0;
}

void MediaDevice::removeFile(NodeFile *file)
{
	std::erase(files_, file);
}

/**
 * \brief The hardware is unplugged: all open files lose the device
 *
 * Streams stop and buffers go back, as when the files were closed. The driver
 * lets nobody open a node any more, and may be destroyed.
 */
void MediaDevice::unregister()
{
	/* A file that hears of it may close others. */
	while (!files_.empty()) {
		NodeFile *file = files_.back();
		files_.pop_back();
		file->unregister();
	}
}

/* All kinds of objects share one counter; the type is in the upper bits. */
uint32_t MediaDevice::allocateId(uint32_t type)
{
	topologyVersion_++;
	return (type << kIdTypeShift) | ++nextId_;
}

/** \brief Make \a entity and its pads part of the graph */
void MediaDevice::addEntity(Entity *entity)
{
	entity->id_ = allocateId(ObjectEntity);
	for (auto &pad : entity->pads_)
		pad->id = allocateId(ObjectPad);

	entities_.push_back(entity);
}

/** \brief Announce the device node that controls \a entity */
void MediaDevice::addNode(Entity *entity, DeviceNode *node, uint32_t interfaceType)
{
	entity->node_ = node;
	entity->interfaceType_ = interfaceType;
	entity->interfaceId_ = allocateId(ObjectInterface);
	entity->interfaceLinkId_ = allocateId(ObjectLink);

	nodes_.push_back(node);
}

/**
 * \brief The node of \a owner controls \a entity too
 *
 * The node of a memory-to-memory device is that of its source and of its sink.
 */
void MediaDevice::shareNode(Entity *entity, const Entity *owner)
{
	entity->node_ = owner->node_;
	entity->interfaceType_ = owner->interfaceType_;
	entity->interfaceId_ = owner->interfaceId_;
	entity->interfaceLinkId_ = allocateId(ObjectLink);
	entity->sharesInterface_ = true;
}

/**
 * \brief Link a source pad to a sink pad
 * \return 0, or -EINVAL for pads that do not exist or have the wrong direction
 */
int MediaDevice::addLink(Entity *source, uint32_t sourcePad, Entity *sink,
			 uint32_t sinkPad, uint32_t flags)
{
	if (sourcePad >= source->padCount() || sinkPad >= sink->padCount())
		return -EINVAL;

	Pad *from = source->pad(sourcePad);
	Pad *to = sink->pad(sinkPad);
	if (!(from->flags & MEDIA_PAD_FL_SOURCE) || !(to->flags & MEDIA_PAD_FL_SINK))
		return -EINVAL;

	links_.push_back(std::make_unique<Link>(
		Link{ allocateId(ObjectLink), from, to, flags }));
	/* The kernel spends a second id on the link as seen from its sink. */
	allocateId(ObjectLink);

	from->links.push_back(links_.back().get());
	to->links.push_back(links_.back().get());
	return 0;
}

/** \brief Tell that \a ancillary, a lens or a flash, belongs to \a primary */
void MediaDevice::addAncillaryLink(Entity *primary, Entity *ancillary)
{
	ancillaryLinks_.push_back(std::make_unique<AncillaryLink>(
		AncillaryLink{ allocateId(ObjectLink), primary, ancillary }));
}

/**
 * \brief Give their nodes to all sub-devices
 *
 * For devices with MediaDeviceInfo::lateSubdeviceNodes: most drivers make the
 * nodes of sub-devices when the graph is complete, which shows in the numbers.
 */
void MediaDevice::registerSubdeviceNodes()
{
	for (Entity *entity : entities_)
		entity->registerNode();
}

Entity *MediaDevice::findEntity(uint32_t id) const
{
	bool next = id & MEDIA_ENT_ID_FLAG_NEXT;
	id &= ~MEDIA_ENT_ID_FLAG_NEXT;

	for (Entity *entity : entities_) {
		if (next ? entity->id_ > id : entity->id_ == id)
			return entity;
	}

	return nullptr;
}

Pad *MediaDevice::findPad(const media_pad_desc &description) const
{
	Entity *entity = findEntity(description.entity);
	if (!entity || description.index >= entity->padCount())
		return nullptr;

	return entity->pad(description.index);
}

/* --------------------------------------------------------------------------
 * MediaDevice: ioctls
 */

/** \brief Execute an ioctl of the media device; unknown ones are -ENOTTY */
int MediaDevice::ioctl(unsigned long request, void *arg)
{
	switch (request) {
	case MEDIA_IOC_DEVICE_INFO:
		return deviceInfo(static_cast<media_device_info *>(arg));
	case MEDIA_IOC_ENUM_ENTITIES:
		return enumEntities(static_cast<media_entity_desc *>(arg));
	case MEDIA_IOC_ENUM_LINKS:
		return enumLinks(static_cast<media_links_enum *>(arg));
	case MEDIA_IOC_SETUP_LINK:
		return setupLink(static_cast<media_link_desc *>(arg));
	case MEDIA_IOC_G_TOPOLOGY:
		return topology(static_cast<media_v2_topology *>(arg));
	default:
		return -ENOTTY;
	}
}

int MediaDevice::deviceInfo(media_device_info *info) const
{
	*info = {};
	copyText(info->driver, info_.driver);
	copyText(info->model, info_.model);
	copyText(info->serial, info_.serial);
	copyText(info->bus_info, info_.busInfo);
	info->media_version = kVersion;
	info->driver_version = kVersion;
	info->hw_revision = info_.hwRevision;
	return 0;
}

int MediaDevice::enumEntities(media_entity_desc *description) const
{
	const Entity *entity = findEntity(description->id);
	if (!entity)
		return -EINVAL;

	*description = {};
	description->id = entity->id_;
	copyText(description->name, entity->name_);
	description->type = entity->function_;
	description->pads = entity->padCount();
	for (const auto &pad : entity->pads_) {
		if (pad->flags & MEDIA_PAD_FL_SOURCE)
			description->links += pad->links.size();
	}

	/* The legacy call knows the functions of the old range only. */
	if (entity->function_ < MEDIA_ENT_F_OLD_BASE ||
	    entity->function_ > MEDIA_ENT_F_TUNER) {
		description->type = entity->isSubdevice()
				  ? MEDIA_ENT_F_V4L2_SUBDEV_UNKNOWN
				  : MEDIA_ENT_T_DEVNODE_UNKNOWN;
	}

	if (entity->node_) {
		description->dev.major = entity->node_->major();
		description->dev.minor = entity->node_->minor();
	}

	return 0;
}

static media_pad_desc describe(const Pad &pad)
{
	media_pad_desc description = {};
	description.entity = pad.entity->entityId();
	description.index = pad.index;
	description.flags = pad.flags;
	return description;
}

/* The pads of an entity and the links that start there. */
int MediaDevice::enumLinks(media_links_enum *links) const
{
	const Entity *entity = findEntity(links->entity);
	if (!entity)
		return -EINVAL;

	memset(links->reserved, 0, sizeof(links->reserved));

	if (links->pads) {
		for (const auto &pad : entity->pads_)
			links->pads[pad->index] = describe(*pad);
	}

	if (!links->links)
		return 0;

	media_link_desc *description = links->links;
	for (const auto &link : links_) {
		if (link->source->entity != entity)
			continue;

		*description = {};
		description->source = describe(*link->source);
		description->sink = describe(*link->sink);
		description->flags = link->flags;
		description++;
	}

	return 0;
}

int MediaDevice::setupLink(media_link_desc *description)
{
	memset(description->reserved, 0, sizeof(description->reserved));

	const Pad *source = findPad(description->source);
	const Pad *sink = findPad(description->sink);
	if (!source || !sink)
		return -EINVAL;

	auto it = std::find_if(links_.begin(), links_.end(), [&](const auto &candidate) {
		return candidate->source == source && candidate->sink == sink;
	});
	if (it == links_.end())
		return -EINVAL;

	Link *link = it->get();
	uint32_t flags = description->flags;

	if ((link->flags ^ flags) & ~MEDIA_LNK_FL_ENABLED)
		return -EINVAL;
	if (link->flags == flags)
		return 0;
	if (link->flags & MEDIA_LNK_FL_IMMUTABLE)
		return -EINVAL;
	if (!(link->flags & MEDIA_LNK_FL_DYNAMIC) &&
	    (source->pipeline || sink->pipeline))
		return -EBUSY;

	return notifyLink(link, flags);
}

int MediaDevice::notifyLink(Link *link, uint32_t flags)
{
	int ret = link->source->entity->setupLink(*link->source, *link->sink, flags);
	if (ret)
		return ret;

	ret = link->sink->entity->setupLink(*link->sink, *link->source, flags);
	if (ret) {
		link->source->entity->setupLink(*link->source, *link->sink, link->flags);
		return ret;
	}

	link->flags = flags;
	return 0;
}

int MediaDevice::topology(media_v2_topology *topology) const
{
	TopologyArray<media_v2_entity> entities(topology->ptr_entities, topology->num_entities);
	TopologyArray<media_v2_interface> interfaces(topology->ptr_interfaces, topology->num_interfaces);
	TopologyArray<media_v2_pad> pads(topology->ptr_pads, topology->num_pads);
	TopologyArray<media_v2_link> links(topology->ptr_links, topology->num_links);

	for (const Entity *entity : entities_) {
		media_v2_entity object = {};
		object.id = entity->id_;
		copyText(object.name, entity->name_);
		object.function = entity->function_;
		entities.add(object);

		for (const auto &pad : entity->pads_)
			pads.add({ pad->id, entity->id_, pad->flags, pad->index, {} });

		if (!entity->node_)
			continue;

		media_v2_interface interface = {};
		interface.id = entity->interfaceId_;
		interface.intf_type = entity->interfaceType_;
		interface.devnode.major = entity->node_->major();
		interface.devnode.minor = entity->node_->minor();
		if (!entity->sharesInterface_)
			interfaces.add(interface);

		links.add({ entity->interfaceLinkId_, entity->interfaceId_, entity->id_,
			    MEDIA_LNK_FL_INTERFACE_LINK | MEDIA_LNK_FL_IMMUTABLE |
				    MEDIA_LNK_FL_ENABLED,
			    {} });
	}

	for (const auto &link : links_)
		links.add({ link->id, link->source->id, link->sink->id, link->flags, {} });

	for (const auto &link : ancillaryLinks_) {
		links.add({ link->id, link->primary->id_, link->ancillary->id_,
			    MEDIA_LNK_FL_ANCILLARY_LINK | MEDIA_LNK_FL_ENABLED |
				    MEDIA_LNK_FL_IMMUTABLE,
			    {} });
	}

	/* Every count is filled in, whatever array was too small. */
	uint32_t counts[4];
	int results[] = {
		entities.finish(&counts[0]),
		interfaces.finish(&counts[1]),
		pads.finish(&counts[2]),
		links.finish(&counts[3]),
	};

	topology->topology_version = topologyVersion_;
	topology->num_entities = counts[0];
	topology->num_interfaces = counts[1];
	topology->num_pads = counts[2];
	topology->num_links = counts[3];
	topology->reserved1 = 0;
	topology->reserved2 = 0;
	topology->reserved3 = 0;
	topology->reserved4 = 0;

	auto failed = std::find_if(std::begin(results), std::end(results),
				   [](int result) { return result; });
	return failed == std::end(results) ? 0 : *failed;
}

/* --------------------------------------------------------------------------
 * MediaDevice: pipelines
 */

/* All pads that are reached over enabled links, and within entities over all. */
std::vector<Pad *> MediaDevice::connectedPads(Pad *pad) const
{
	std::vector<Pad *> pads{ pad };

	auto add = [&](Pad *candidate) {
		if (std::find(pads.begin(), pads.end(), candidate) == pads.end())
			pads.push_back(candidate);
	};

	for (size_t i = 0; i < pads.size(); i++) {
		for (const auto &sibling : pads[i]->entity->pads_)
			add(sibling.get());

		for (const Link *link : pads[i]->links) {
			if (link->flags & MEDIA_LNK_FL_ENABLED)
				add(link->source == pads[i] ? link->sink : link->source);
		}
	}

	return pads;
}

int MediaDevice::validatePad(const Pad &pad) const
{
	bool connected = false;

	for (const Link *link : pad.links) {
		if (!(link->flags & MEDIA_LNK_FL_ENABLED))
			continue;

		connected = true;
		if (link->sink != &pad)
			continue;

		int ret = pad.entity->validateLink(*link);
		if (ret)
			return ret;
	}

	if ((pad.flags & MEDIA_PAD_FL_MUST_CONNECT) && !pad.links.empty() && !connected)
		return -ENOLINK;

	return 0;
}

/*
 * Check the links of one pad of a pipeline that streams already: the format of
 * its video node may have changed since.
 */
int MediaDevice::validateNested(const Pad &pad) const
{
	for (const Link *link : pad.links) {
		if (!(link->flags & MEDIA_LNK_FL_ENABLED))
			continue;

		int ret = link->sink->entity->validateLink(*link);
		if (ret)
			return ret;
	}

	return 0;
}

/**
 * \brief Mark all entities that are connected with \a pad as streaming
 *
 * Every enabled link is validated first. Pipelines nest: a pad that streams
 * already is counted, its own links are validated again, and stopPipeline() has
 * to be called as often.
 *
 * \return 0, -EPIPE where formats do not match, -ENOLINK where a pad that needs a
 * link has none enabled, -EBUSY where a pad is part of another pipeline
 */
int MediaDevice::startPipeline(Pad *pad)
{
	if (pad->pipeline) {
		int ret = validateNested(*pad);
		if (!ret)
			pad->pipeline->startCount++;
		return ret;
	}

	std::vector<Pad *> pads = connectedPads(pad);

	for (const Pad *member : pads) {
		if (member->pipeline)
			return -EBUSY;

		int ret = validatePad(*member);
		if (ret)
			return ret;
	}

	auto pipeline = std::make_unique<Pipeline>();
	pipeline->startCount = 1;
	pipeline->pads = std::move(pads);
	for (Pad *member : pipeline->pads)
		member->pipeline = pipeline.get();

	pipelines_.push_back(std::move(pipeline));
	return 0;
}

/** \brief Undo one startPipeline() */
void MediaDevice::stopPipeline(Pad *pad)
{
	Pipeline *pipeline = pad->pipeline;
	if (!pipeline || --pipeline->startCount)
		return;

	for (Pad *member : pipeline->pads)
		member->pipeline = nullptr;

	std::erase_if(pipelines_, [&](const auto &p) { return p.get() == pipeline; });
}

/**
 * \brief Write the status of a node to the log, as VIDIOC_LOG_STATUS does
 * \param[in] name The entity
 * \param[in] text Lines that end with a newline
 */
void MediaDevice::logStatus(const std::string &name, const std::string &text) const
{
	if (!log_)
		return;

	std::istringstream lines(text);
	log_(name + ": =================  START STATUS  =================");
	for (std::string line; std::getline(lines, line);)
		log_(name + ": " + line);
	log_(name + ": ==================  END STATUS  ==================");
}

/* --------------------------------------------------------------------------
 * MediaDevice: priorities
 */

/** \brief An open file changes its priority; V4L2_PRIORITY_UNSET is none */
void MediaDevice::changePriority(v4l2_priority from, v4l2_priority to)
{
	if (from != V4L2_PRIORITY_UNSET)
		priorities_[from]--;
	if (to != V4L2_PRIORITY_UNSET)
		priorities_[to]++;
}

/** \brief The highest priority of all open files */
v4l2_priority MediaDevice::maxPriority() const
{
	for (int priority = V4L2_PRIORITY_RECORD; priority > V4L2_PRIORITY_UNSET; priority--) {
		if (priorities_[priority])
			return static_cast<v4l2_priority>(priority);
	}

	return V4L2_PRIORITY_UNSET;
}

} /* namespace fovea::v4l2 */
