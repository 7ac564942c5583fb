/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Rigs that describe a media graph
 */

#pragma once

#include <optional>
#include <stdint.h>
#include <string>
#include <string_view>
#include <vector>

#include "formats.h"

namespace fovea::graph {

enum class EntityKind {
	Sensor,
	Debayer,
	Scaler,
	Capture,
	Lens,
	VividCapture,
	VividOutput,
	MemToMem,	/* vim2m: three entities with one node */
};

/* An entity and its parameters; those that its kind does not have are unused. */
struct EntityConfig {
	std::string name;
	EntityKind kind = EntityKind::Sensor;
	Size size = { 640, 480 };	/* of the format at first */
	uint32_t code = 0;		/* bus format at first, of the sink pad if there is one */
	uint32_t sourceCode = 0;	/* debayer: bus format of the source pad at first */
	uint32_t pixelFormat = 0;	/* capture: V4L2_PIX_FMT_* at first */
	unsigned int pattern = 0;	/* sensor: test pattern at first */
	unsigned int window = 3;	/* debayer: mean window at first */
	unsigned int focusMaximum = 1023;	/* lens: largest focus position */
};

/* Entities are named by their index in DeviceConfig::entities. */
struct LinkConfig {
	unsigned int source = 0;
	unsigned int sourcePad = 0;
	unsigned int sink = 0;
	unsigned int sinkPad = 0;
	uint32_t flags = 0;		/* MEDIA_LNK_FL_* */
};

struct AncillaryConfig {
	unsigned int primary = 0;
	unsigned int ancillary = 0;
};

struct DeviceConfig {
	std::string driver;
	std::string model;
	std::string serial;
	std::string busInfo;
	std::string card;		/* of video nodes; empty for the model */
	std::string nodeBusInfo;	/* of video nodes; empty for busInfo */
	std::string sysfsPath;		/* below /sys/devices */
	uint32_t hwRevision = 0;
	double frameRate = 60.0;	/* frames a second in real time */
	std::vector<EntityConfig> entities;
	std::vector<LinkConfig> links;
	std::vector<AncillaryConfig> ancillaryLinks;
};

struct GraphRig {
	std::string name;
	std::string description;
	bool virtualTime = false;
	std::vector<DeviceConfig> devices;
};

bool isGraphRig(std::string_view text);
std::optional<GraphRig> parseGraphRig(std::string_view text, const std::string &fileName,
				      std::string *error);

} /* namespace fovea::graph */
