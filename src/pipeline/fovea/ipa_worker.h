/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A worker process that runs the IPA module
 */

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stdint.h>
#include <string>
#include <sys/types.h>

#include <libcamera/base/event_notifier.h>
#include <libcamera/base/object.h>
#include <libcamera/base/signal.h>
#include <libcamera/base/span.h>
#include <libcamera/base/timer.h>
#include <libcamera/base/unique_fd.h>

#include "../../ipa/fovea/ipc/channel.h"
#include "../../ipa/fovea/ipc/protocol.h"
#include "../../ipa/fovea/ipc/slots.h"
#include "ipa_location.h"

namespace libcamera::fovea {

class IpaWorker : public Object
{
public:
	IpaWorker();
	~IpaWorker();

	int spawn(const IpaProgram &program);
	void kill();

	bool alive() const { return alive_; }
	bool refused() const { return refused_; }

	void init(const IpaProgram &program, const ipa::fovea::IPAConfigInfo &config);
	void send(Span<const uint8_t> message);
	bool waitFor(const std::function<bool()> &done, std::chrono::milliseconds timeout);

	ipa::fovea::ipc::Protocol &protocol() { return protocol_; }
	const ipa::fovea::ipc::Slots &slots() const { return slots_; }

	Signal<> hungUp;
	Signal<const std::string &> failed;

private:
	int execute(const IpaProgram &program, int socket);
	void readMessages();
	void hangUp();
	void processEnded();
	void sendKill();
	void fail(const std::string &reason);
	std::string endOfProcess(std::chrono::milliseconds timeout);

	ipa::fovea::ipc::Channel channel_;
	ipa::fovea::ipc::Protocol protocol_;
	ipa::fovea::ipc::Slots slots_;

	bool alive_ = false;
	bool refused_ = false;
	bool hasHungUp_ = false;
	pid_t pid_ = -1;
	UniqueFD pidfd_;
	std::unique_ptr<EventNotifier> messageNotifier_;
	std::unique_ptr<EventNotifier> endNotifier_;
	Timer endTimer_;
};

} /* namespace libcamera::fovea */
