/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The handler's side of the conversation with the IPA worker
 */

#pragma once

#include <map>
#include <optional>
#include <stdint.h>
#include <string>

#include <libcamera/base/signal.h>
#include <libcamera/base/span.h>

#include <libcamera/controls.h>

#include <libcamera/ipa/fovea_ipa_interface.h>

#include "messages.h"
#include "wire.h"

namespace libcamera::ipa::fovea::ipc {

class Protocol
{
public:
	/* Calls: each gives the message to send, valid until the next one. */
	Span<const uint8_t> init(const IPASettings &settings, const IPAConfigInfo &config);
	Span<const uint8_t> configure(const IPAConfigInfo &config);
	Span<const uint8_t> start(const ControlList &controls, const IPAFoveaState &state);
	Span<const uint8_t> stop();
	Span<const uint8_t> queueRequest(uint32_t frame, const ControlList &controls);
	Span<const uint8_t> computeParams(uint32_t frame);
	Span<const uint8_t> processStats(uint32_t frame, bool lost,
					 const ControlList &sensorControls);

	static uint32_t paramsId(uint32_t frame) { return kFirstParamsId + frame % kSlots; }
	static uint32_t statsId(uint32_t frame) { return kFirstStatsId + frame % kSlots; }

	bool receive(Span<const uint8_t> data, std::string *error);

	bool idle() const { return !call_ && computing_.empty() && processing_.empty(); }
	bool computing(uint32_t frame) const { return computing_.count(frame); }
	bool processing(uint32_t frame) const { return processing_.count(frame); }

	Signal<int32_t, const ControlInfoMap &> initialised;
	Signal<int32_t, const ControlInfoMap &> configured;
	Signal<int32_t, const ControlList &> started;
	Signal<uint32_t, uint32_t> paramsComputed;
	Signal<const ControlList &> sensorControlsSet;
	Signal<uint32_t, const ControlList &, const IPAFoveaState &> metadataReady;

private:
	struct Processing {
		bool sensorControlsSeen = false;
	};

	void begin(Type type);
	void endSession();

	bool accept(const Answer &answer, std::string *error);
	bool acceptStale(const Header &header, std::string *error);
	bool acceptCall(Type expected, std::string *error);
	bool acceptParams(const ParamsAnswer &answer, std::string *error);
	bool acceptSensorControls(const SensorControlsAnswer &answer, std::string *error);
	bool acceptMetadata(const MetadataAnswer &answer, std::string *error);
	bool withinRange(const ControlList &controls, std::string *error) const;

	Writer writer_;
	uint32_t session_ = 0;
	bool running_ = false;
	uint32_t sent_ = 0;
	uint32_t received_ = 0;

	ControlInfoMap sensorControls_;
	int32_t maxExposure_ = 0;

	/* What the worker owes: the answer of a call, parameters, metadata. */
	std::optional<Type> call_;
	std::map<uint32_t, uint32_t> computing_;
	std::map<uint32_t, Processing> processing_;
	/* Answers that may still come from sessions that have ended. */
	uint32_t stale_ = 0;
};

} /* namespace libcamera::ipa::fovea::ipc */
