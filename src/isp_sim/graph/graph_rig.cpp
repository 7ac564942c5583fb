/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Rigs that describe a media graph
 */

#include "graph_rig.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include <fmt/format.h>

#include <linux/media-bus-format.h>
#include <linux/media.h>
#include <linux/videodev2.h>

#include "isp_sim/sensor/config.h"

#include "test_pattern.h"

/**
 * \file graph_rig.h
 * \brief Reader of rigs with `devices:`; docs/rigs.md has the schema
 */

namespace fovea::graph {

using sensor::Config;

namespace {

/* Longest names that the uapi structures hold, without the closing zero. */
constexpr size_t kMaxEntityName = 31;
constexpr size_t kMaxPrefix = kMaxEntityName - 7;	/* "-source" follows */
constexpr size_t kMaxDriver = 15;
constexpr size_t kMaxText = 31;

constexpr size_t kMaxDevices = 8;
constexpr size_t kMaxPath = 200;

struct Kind {
	const char *name;
	EntityKind kind;
	std::vector<uint32_t> pads;	/* MEDIA_PAD_FL_* */
};

const std::vector<Kind> &kinds()
{
	static const std::vector<Kind> list = {
		{ "sensor", EntityKind::Sensor, { MEDIA_PAD_FL_SOURCE } },
		{ "debayer", EntityKind::Debayer, { MEDIA_PAD_FL_SINK, MEDIA_PAD_FL_SOURCE } },
		{ "scaler", EntityKind::Scaler, { MEDIA_PAD_FL_SINK, MEDIA_PAD_FL_SOURCE } },
		{ "capture", EntityKind::Capture, { MEDIA_PAD_FL_SINK } },
		{ "lens", EntityKind::Lens, {} },
		{ "vivid-capture", EntityKind::VividCapture, {} },
		{ "vivid-output", EntityKind::VividOutput, {} },
		{ "vim2m", EntityKind::MemToMem, {} },
	};

	return list;
}

const Kind &kindOf(const EntityConfig &entity)
{
	return *std::find_if(kinds().begin(), kinds().end(),
			     [&](const Kind &kind) { return kind.kind == entity.kind; });
}

/* Text that the kernel's structures hold and that tools print as one line. */
bool readName(const Config &config, const char *key, size_t maximum, std::string *value)
{
	if (!config.text(key, value))
		return false;

	const bool printable = std::all_of(value->begin(), value->end(), [](char c) {
		return static_cast<unsigned char>(c) >= ' ' && c != 0x7f;
	});
	if (value->size() > maximum || !printable)
		return config.fail(key, fmt::format("expected a printable text of 1 to {} bytes",
						    maximum));

	return true;
}

/* A part of a path, or several with slashes between them. */
bool isPath(std::string_view path)
{
	constexpr std::string_view allowed =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:,@";

	while (true) {
		const size_t end = std::min(path.find('/'), path.size());
		const std::string_view part = path.substr(0, end);

		if (part.empty() || part == "." || part == ".." ||
		    part.find_first_not_of(allowed) != std::string_view::npos)
			return false;
		if (end == path.size())
			return true;
		path.remove_prefix(end + 1);
	}
}

bool readSize(const Config &config, EntityConfig *entity)
{
	std::vector<int64_t> size;
	if (!config.integers("size", 2, kMinSize, kMaxWidth, &size))
		return false;

	entity->size = limitSize(size[0], size[1]);
	if (entity->size.width != size[0] || entity->size.height != size[1])
		return config.fail("size", fmt::format("got {}x{}, expected even numbers up to {}x{}",
						       size[0], size[1], kMaxWidth, kMaxHeight));

	return true;
}

bool readCode(const Config &config, const char *key, uint32_t *code)
{
	std::string name;
	if (!config.has(key))
		return true;
	if (!config.text(key, &name))
		return false;

	const std::optional<uint32_t> found = codeByName(name);
	if (!found)
		return config.fail(key, fmt::format("got '{}', expected a media bus format such as RGB888_1X24 or SRGGB8_1X8", name));

	*code = *found;
	return true;
}

bool readPixelFormat(const Config &config, uint32_t *pixelFormat)
{
	std::string name;
	if (!config.has("pixel-format"))
		return true;
	if (!config.text("pixel-format", &name))
		return false;

	const uint32_t code = name.size() == 4 ? v4l2_fourcc(name[0], name[1], name[2], name[3]) : 0;
	if (!formatByFourcc(code))
		return config.fail("pixel-format", fmt::format("got '{}', expected four characters such as RGB3 or BA81", name));

	*pixelFormat = code;
	return true;
}

/* An optional integer. */
bool readUnsigned(const Config &config, const char *key, int64_t minimum, int64_t maximum,
		  unsigned int *value)
{
	int64_t number = *value;
	if (config.has(key) && !config.integer(key, minimum, maximum, &number))
		return false;

	*value = number;
	return true;
}

bool readSensor(const Config &config, EntityConfig *entity)
{
	entity->code = MEDIA_BUS_FMT_RGB888_1X24;
	return config.onlyKeys({ "name", "kind", "size", "code", "test-pattern" }) &&
	       readCode(config, "code", &entity->code) &&
	       readUnsigned(config, "test-pattern", 0, patternNames().size() - 1, &entity->pattern);
}

bool readDebayer(const Config &config, EntityConfig *entity)
{
	entity->code = MEDIA_BUS_FMT_SRGGB8_1X8;
	entity->sourceCode = MEDIA_BUS_FMT_RGB888_1X24;
	if (!config.onlyKeys({ "name", "kind", "size", "code", "source-code", "mean-window" }) ||
	    !readCode(config, "code", &entity->code) ||
	    !readCode(config, "source-code", &entity->sourceCode) ||
	    !readUnsigned(config, "mean-window", 1, 25, &entity->window))
		return false;

	if (!formatByCode(entity->code)->bayer())
		return config.fail("code", "expected a Bayer format");
	if (formatByCode(entity->sourceCode)->bytes != 3)
		return config.fail("source-code", "expected a format with 24 bits a pixel");
	if (entity->window % 2 == 0)
		return config.fail("mean-window", "expected an odd number");

	return true;
}

bool readScaler(const Config &config, EntityConfig *entity)
{
	entity->code = MEDIA_BUS_FMT_RGB888_1X24;
	if (!config.onlyKeys({ "name", "kind", "size", "code" }) ||
	    !readCode(config, "code", &entity->code))
		return false;

	if (formatByCode(entity->code)->bayer())
		return config.fail("code", "expected a format that is not Bayer");

	return true;
}

bool readCapture(const Config &config, EntityConfig *entity)
{
	entity->pixelFormat = V4L2_PIX_FMT_RGB24;
	return config.onlyKeys({ "name", "kind", "size", "pixel-format" }) &&
	       readPixelFormat(config, &entity->pixelFormat);
}

bool readLens(const Config &config, EntityConfig *entity)
{
	return config.onlyKeys({ "name", "kind", "focus-maximum" }) &&
	       readUnsigned(config, "focus-maximum", 1, 65535, &entity->focusMaximum);
}

bool readEntity(const Config &config, EntityConfig *entity)
{
	size_t kind;
	if (!readName(config, "name", kMaxEntityName, &entity->name) ||
	    !config.choice("kind", { "sensor", "debayer", "scaler", "capture", "lens", "vivid-capture",
				      "vivid-output", "vim2m" }, &kind))
		return false;

	entity->kind = kinds()[kind].kind;
	if (config.has("size") && !readSize(config, entity))
		return false;

	switch (entity->kind) {
	case EntityKind::Sensor:
		return readSensor(config, entity);
	case EntityKind::Debayer:
		return readDebayer(config, entity);
	case EntityKind::Scaler:
		return readScaler(config, entity);
	case EntityKind::Capture:
		return readCapture(config, entity);
	case EntityKind::Lens:
		return readLens(config, entity);
	case EntityKind::VividCapture:
	case EntityKind::VividOutput:
		return config.onlyKeys({ "name", "kind" });
	case EntityKind::MemToMem:
		return config.onlyKeys({ "name", "kind" }) &&
		       readName(config, "name", kMaxPrefix, &entity->name);
	}

	return false;
}

bool readEntities(const Config &config, DeviceConfig *device)
{
	std::vector<Config> maps;
	if (!config.children("entities", &maps))
		return false;

	for (const Config &map : maps) {
		EntityConfig entity;
		if (!readEntity(map, &entity))
			return false;

		const bool known = std::any_of(device->entities.begin(), device->entities.end(),
					       [&](const EntityConfig &e) { return e.name == entity.name; });
		if (known)
			return map.fail("name", fmt::format("'{}' is the name of another entity too",
							    entity.name));
		device->entities.push_back(std::move(entity));
	}

	return true;
}

/* The entity of a name. */
bool findEntity(const Config &config, const char *key, const std::string &name,
		const DeviceConfig &device, unsigned int *index)
{
	auto it = std::find_if(device.entities.begin(), device.entities.end(),
			       [&](const EntityConfig &entity) { return entity.name == name; });
	if (it == device.entities.end())
		return config.fail(key, fmt::format("no entity has the name '{}'", name));

	*index = it - device.entities.begin();
	return true;
}

/* "Debayer A:1" is pad 1 of the entity "Debayer A". */
bool readPad(const Config &config, const char *key, uint32_t direction,
	     const DeviceConfig &device, unsigned int *entity, unsigned int *pad)
{
	std::string text;
	if (!config.text(key, &text))
		return false;

	const size_t colon = text.rfind(':');
	const char *end = text.data() + text.size();
	if (colon == std::string::npos ||
	    std::from_chars(text.data() + colon + 1, end, *pad).ptr != end || colon + 1 == text.size())
		return config.fail(key, fmt::format("got '{}', expected an entity and a pad as in 'Scaler:0'", text));

	if (!findEntity(config, key, text.substr(0, colon), device, entity))
		return false;

	const Kind &kind = kindOf(device.entities[*entity]);
	if (*pad >= kind.pads.size())
		return config.fail(key, fmt::format("got pad {}, a {} has {} pads", *pad, kind.name,
						    kind.pads.size()));
	if (!(kind.pads[*pad] & direction))
		return config.fail(key, fmt::format("pad {} of a {} is not a {} pad", *pad, kind.name,
						    direction & MEDIA_PAD_FL_SOURCE ? "source" : "sink"));

	return true;
}

bool readFlags(const Config &config, uint32_t *flags)
{
	static const std::map<std::string, uint32_t> names = {
		{ "enabled", MEDIA_LNK_FL_ENABLED },
		{ "immutable", MEDIA_LNK_FL_IMMUTABLE },
		{ "dynamic", MEDIA_LNK_FL_DYNAMIC },
	};

	std::vector<std::string> words;
	*flags = 0;
	if (!config.has("flags"))
		return true;
	if (!config.texts("flags", &words))
		return false;

	for (const std::string &word : words) {
		auto it = names.find(word);
		if (it == names.end())
			return config.fail("flags", fmt::format("got '{}', expected enabled, immutable or dynamic", word));
		*flags |= it->second;
	}

	if ((*flags & MEDIA_LNK_FL_IMMUTABLE) && !(*flags & MEDIA_LNK_FL_ENABLED))
		return config.fail("flags", "an immutable link has to be enabled");

	return true;
}

bool readLinks(const Config &config, DeviceConfig *device)
{
	std::vector<Config> maps;
	if (!config.has("links"))
		return true;
	if (!config.children("links", &maps))
		return false;

	for (const Config &map : maps) {
		LinkConfig link;
		if (!map.onlyKeys({ "source", "sink", "flags" }) ||
		    !readPad(map, "source", MEDIA_PAD_FL_SOURCE, *device, &link.source, &link.sourcePad) ||
		    !readPad(map, "sink", MEDIA_PAD_FL_SINK, *device, &link.sink, &link.sinkPad) ||
		    !readFlags(map, &link.flags))
			return false;

		for (const LinkConfig &other : device->links) {
			if (other.sink != link.sink || other.sinkPad != link.sinkPad)
				continue;
			if (other.source == link.source && other.sourcePad == link.sourcePad)
				return map.fail("sink", "these pads have a link already");
			if (other.flags & link.flags & MEDIA_LNK_FL_ENABLED)
				return map.fail("flags", "another link to this sink is enabled already");
		}
		device->links.push_back(link);
	}

	return true;
}

bool readAncillaryLinks(const Config &config, DeviceConfig *device)
{
	std::vector<Config> maps;
	if (!config.has("ancillary-links"))
		return true;
	if (!config.children("ancillary-links", &maps))
		return false;

	for (const Config &map : maps) {
		std::string primary, ancillary;
		AncillaryConfig link;

		if (!map.onlyKeys({ "primary", "ancillary" }) || !map.text("primary", &primary) ||
		    !map.text("ancillary", &ancillary) ||
		    !findEntity(map, "primary", primary, *device, &link.primary) ||
		    !findEntity(map, "ancillary", ancillary, *device, &link.ancillary))
			return false;
		if (link.primary == link.ancillary)
			return map.fail("ancillary", "expected another entity than the primary one");
		for (unsigned int end : { link.primary, link.ancillary }) {
			if (device->entities[end].kind == EntityKind::MemToMem)
				return map.fail("expected entities that are one, a vim2m is three");
		}
		device->ancillaryLinks.push_back(link);
	}

	return true;
}

/*
 * Following the links from source to sink never comes back to where it was: a
 * picture would be made of itself. Entities are few, so every path is walked.
 */
bool hasCycle(const DeviceConfig &device)
{
	std::vector<unsigned int> incoming(device.entities.size(), 0);
	for (const LinkConfig &link : device.links)
		incoming[link.sink]++;

	std::vector<unsigned int> free;
	for (unsigned int i = 0; i < incoming.size(); i++) {
		if (!incoming[i])
			free.push_back(i);
	}

	size_t removed = 0;
	for (; removed < free.size(); removed++) {
		for (const LinkConfig &link : device.links) {
			if (link.source == free[removed] && !--incoming[link.sink])
				free.push_back(link.sink);
		}
	}

	return removed < device.entities.size();
}

bool readIdentity(const Config &config, DeviceConfig *device)
{
	if (!readName(config, "driver", kMaxDriver, &device->driver) ||
	    !readName(config, "model", kMaxText, &device->model) ||
	    !readName(config, "bus-info", kMaxText, &device->busInfo) ||
	    (config.has("serial") && !readName(config, "serial", kMaxText, &device->serial)) ||
	    (config.has("card") && !readName(config, "card", kMaxText, &device->card)) ||
	    (config.has("node-bus-info") &&
	     !readName(config, "node-bus-info", kMaxText, &device->nodeBusInfo)) ||
	    !readName(config, "sysfs-path", kMaxPath, &device->sysfsPath))
		return false;

	if (!isPath(device->driver) || device->driver.find('/') != std::string::npos)
		return config.fail("driver", "expected letters, digits and - _ only");
	if (!isPath(device->sysfsPath))
		return config.fail("sysfs-path", fmt::format("got '{}', expected a path below /sys/devices such as platform/vimc.0", device->sysfsPath));

	return true;
}

bool readDevice(const Config &config, DeviceConfig *device)
{
	if (!config.onlyKeys({ "driver", "model", "serial", "bus-info", "card", "node-bus-info",
			       "sysfs-path", "hw-revision", "frame-rate", "entities", "links",
			       "ancillary-links" }) ||
	    !readIdentity(config, device) ||
	    !readUnsigned(config, "hw-revision", 0, UINT32_MAX, &device->hwRevision) ||
	    (config.has("frame-rate") && !config.number("frame-rate", 1, 1000, &device->frameRate)) ||
	    !readEntities(config, device) || !readLinks(config, device) ||
	    !readAncillaryLinks(config, device))
		return false;

	if (hasCycle(*device))
		return config.fail("links", "the links form a circle");

	return true;
}

bool readDevices(const Config &config, GraphRig *rig)
{
	std::vector<Config> maps;
	std::set<std::string> paths;

	if (!config.children("devices", &maps))
		return false;
	if (maps.size() > kMaxDevices)
		return config.fail("devices", fmt::format("got {} devices, expected 1 to {}",
							  maps.size(), kMaxDevices));

	rig->devices.resize(maps.size());
	for (size_t i = 0; i < maps.size(); i++) {
		if (!readDevice(maps[i], &rig->devices[i]))
			return false;
		if (!paths.insert(rig->devices[i].sysfsPath).second)
			return maps[i].fail("sysfs-path", "another device has the same path");
	}

	return true;
}

bool readRig(const Config &config, GraphRig *rig)
{
	int64_t version;
	size_t clock = 0;

	if (!config.onlyKeys({ "version", "name", "description", "clock", "devices" }) ||
	    !config.integer("version", 1, 1, &version) ||
	    !config.text("name", &rig->name) ||
	    (config.has("description") && !config.text("description", &rig->description)) ||
	    (config.has("clock") && !config.choice("clock", { "real-time", "virtual-time" }, &clock)))
		return false;

	rig->virtualTime = clock == 1;
	return readDevices(config, rig);
}

} /* namespace */

/**
 * \brief Does a rig's text describe media graphs, and no sensors of Fovea?
 *
 * Text that is no rig at all does not.
 */
bool isGraphRig(std::string_view text)
{
	std::string ignored;
	return Config::parse(text, "", &ignored,
			     [](const Config &config) { return config.has("devices"); });
}

/**
 * \brief Read a rig with media graphs
 * \param[in] text The text
 * \param[in] fileName The name to give in errors
 * \param[out] error File, line, field and what was expected there
 *
 * Whatever is returned can be built: names are unique, links connect source pads
 * with sink pads that exist, and the graph has no circles.
 */
std::optional<GraphRig> parseGraphRig(std::string_view text, const std::string &fileName,
				      std::string *error)
{
	GraphRig rig;

	if (!Config::parse(text, fileName, error,
			   [&](const Config &config) { return readRig(config, &rig); }))
		return std::nullopt;

	return rig;
}

} /* namespace fovea::graph */
