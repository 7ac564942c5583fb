/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Messages between the pipeline handler and the IPA worker
 */

#pragma once

#include <optional>
#include <stddef.h>
#include <stdint.h>
#include <string>
#include <variant>

#include <libcamera/base/span.h>

#include <libcamera/controls.h>

#include <libcamera/ipa/fovea_ipa_interface.h>

#include "control_wire.h"
#include "wire.h"

namespace libcamera::ipa::fovea::ipc {

/* Largest messages in bytes, to the worker and from it. */
inline constexpr size_t kMaxCallSize = 65536;
inline constexpr size_t kMaxAnswerSize = 32768;

/* Slots in the shared memory, and the ids of their buffers (0 is no buffer). */
inline constexpr unsigned int kSlots = kParamsLatency + 1;
inline constexpr uint32_t kFirstParamsId = 1;
inline constexpr uint32_t kFirstStatsId = kFirstParamsId + kSlots;

enum class Type : uint16_t {
	/* To the worker. */
	Init,
	Configure,
	Start,
	Stop,
	QueueRequest,
	ComputeParams,
	ProcessStats,

	/* From the worker. */
	Initialised,
	Configured,
	Started,
	ParamsComputed,
	SensorControls,
	MetadataReady,
};

/*
 * What each message begins with. The sequence number counts the messages of one
 * direction from 0; the session counts the calls of start(), so that answers of
 * a stopped session are told from those of the next.
 */
struct Header {
	Type type;
	uint32_t session;
	uint32_t sequence;
};

/* Answer of init() or configure(). */
struct ControlsAnswer {
	int32_t result;
	ControlInfoMap controls;
};

struct StartedAnswer {
	int32_t result;
	ControlList sensorControls;
};

struct ParamsAnswer {
	uint32_t frame;
	uint32_t bytesUsed;
};

struct SensorControlsAnswer {
	uint32_t frame;
	ControlList sensorControls;
};

struct MetadataAnswer {
	uint32_t frame;
	ControlList metadata;
	IPAFoveaState state = {};
};

struct Answer {
	Header header;
	std::variant<std::monostate, ControlsAnswer, StartedAnswer, ParamsAnswer,
		     SensorControlsAnswer, MetadataAnswer>
		body;
};

void writeHeader(Writer &writer, const Header &header);
std::optional<Header> readHeader(Reader &reader);

void writeConfig(Writer &writer, const IPAConfigInfo &config);
IPAConfigInfo readConfig(Reader &reader, SensorControlInfo &sensorControls);

void writeState(Writer &writer, const IPAFoveaState &state);
IPAFoveaState readState(Reader &reader);

bool readAnswer(Span<const uint8_t> data, const ControlInfoMap &sensorControls,
		Answer *answer, std::string *error);

} /* namespace libcamera::ipa::fovea::ipc */
