/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Calls of the pipeline handler, answers of the IPA module
 */

#pragma once

#include <functional>
#include <memory>
#include <stdint.h>
#include <vector>

#include <libcamera/base/span.h>
#include <libcamera/base/unique_fd.h>

#include <libcamera/ipa/fovea_ipa_interface.h>

#include "../ipc/channel.h"
#include "../ipc/messages.h"

namespace libcamera::ipa::fovea {

class Dispatcher
{
public:
	Dispatcher(IPAFoveaInterface *ipa, UniqueFD socket, std::function<bool()> initialised);

	int run();

private:
	int dispatch(Span<const uint8_t> data, std::vector<UniqueFD> fds);
	int call(ipc::Type type, ipc::Reader &reader, std::vector<UniqueFD> fds);
	int init(ipc::Reader &reader, std::vector<UniqueFD> fds);
	int configure(ipc::Reader &reader);
	int start(ipc::Reader &reader);
	void queueRequest(ipc::Reader &reader);
	void computeParams(ipc::Reader &reader);
	void processStats(ipc::Reader &reader);

	void connectSignals();
	void begin(ipc::Type type);
	int send();
	int answer(ipc::Type type, int32_t result, const ControlInfoMap &controls);

	IPAFoveaInterface *ipa_;
	std::function<bool()> initialised_;

	ipc::Channel channel_;
	ipc::Writer writer_;
	uint32_t session_ = 0;
	uint32_t sent_ = 0;
	uint32_t received_ = 0;
	bool lost_ = false;

	ipc::SensorControlInfo sensorControlInfo_;
	ControlInfoMap sensorControls_;
};

} /* namespace libcamera::ipa::fovea */
