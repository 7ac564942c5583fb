/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Rigs: which sensors look at what
 */

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "isp_sim/sensor/faults.h"
#include "isp_sim/sensor/model.h"
#include "isp_sim/sensor/scene.h"
#include "isp_sim/sensor/sensor.h"

namespace fovea::sensor {

enum class Clock {
	RealTime,
	VirtualTime,
};

/* A lens that a driver moves from 0 to a maximum. */
struct LensModel {
	std::string model;		/* "dw9714" */
	int maximum;			/* position, 1 to 65535 */
	int preset;			/* position at first */
	std::optional<Track> focus = std::nullopt;	/* 1 / m over the position */
};

/* A white LED. */
struct FlashModel {
	std::string model;		/* "lm3560" */
	int flashCurrent;		/* mA, a multiple of kFlashCurrentStep */
	int torchCurrent;		/* mA */
};

constexpr int kFlashCurrentStep = 10;	/* mA */

/* One sensor input. Either a scene or a recording is named, never both. */
struct SensorSlot {
	std::string model;		/* name or file of a sensor model; may be empty with a recording */
	std::string scene;		/* name or file of a scene */
	std::string recording;		/* name or file of a recording's sidecar, or its raw file */
	std::optional<LensModel> lens = std::nullopt;
	std::optional<FlashModel> flash = std::nullopt;
};

/* Sensor inputs of the hardware. */
constexpr size_t kMaxSensors = 2;

struct Rig {
	std::string name;
	std::string description;
	Clock clock = Clock::RealTime;
	std::vector<SensorSlot> sensors;
	std::vector<Fault> faults;
};

/* Where names are looked up: directories, tried in order. */
struct SearchPath {
	std::vector<std::string> rigs;		/* with sensors/, scenes/ and faults/ in them */
	std::vector<std::string> recordings;	/* sidecars by name */
	std::vector<std::string> data;		/* raw files of recordings */

	static SearchPath fromEnvironment();
};

std::optional<std::string> findRig(const std::string &nameOrFile, const SearchPath &search,
				   std::string *error);
std::optional<Rig> loadRig(const std::string &nameOrFile, const SearchPath &search,
			   std::string *error);
std::optional<Rig> parseRig(std::string_view text, const std::string &fileName,
			    std::string *error);

std::optional<std::vector<Fault>> loadFaults(const std::string &nameOrFile,
					     const SearchPath &search, std::string *error);

std::optional<SensorModel> findSensorModel(const std::string &nameOrFile,
					   const SearchPath &search, std::string *error);
std::optional<Scene> findScene(const std::string &nameOrFile, const SearchPath &search,
			       std::string *error);

std::unique_ptr<Sensor> makeSensor(const SensorSlot &slot, const SearchPath &search,
				   std::string *error);

} /* namespace fovea::sensor */
