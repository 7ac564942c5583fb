/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Keeps an IPA worker running
 */

#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <stdint.h>
#include <string>
#include <vector>

#include <libcamera/base/timer.h>

#include <libcamera/controls.h>

#include "ipa.h"
#include "ipa_location.h"
#include "ipa_worker.h"
#include "sticky_controls.h"

namespace libcamera::fovea {

class IpaSupervisor : public Ipa
{
public:
	explicit IpaSupervisor(const IpaProgram &program);
	~IpaSupervisor();

	int init(const ipa::fovea::IPAConfigInfo &config, ControlInfoMap *controls) override;
	int configure(const ipa::fovea::IPAConfigInfo &config, ControlInfoMap *controls) override;
	int start(const ControlList &controls, ControlList *sensorControls) override;
	void stop() override;

	void queueRequest(uint32_t frame, const ControlList &controls) override;
	bool computeParams(uint32_t frame) override;
	bool processStats(uint32_t frame, Span<const uint8_t> stats,
			  const ControlList &sensorControls) override;
	void frameStarted() override;

private:
	enum class State {
		Down,		/* no worker; the restart timer may run */
		Ending,		/* the worker has hung up */
		Initialising,
		Configuring,
		Ready,		/* configured, no session */
		Starting,
		Running,	/* the session's frames go to the worker */
		Late,		/* they don't until it has answered what it owes */
		GivenUp,
	};

	struct Request {
		uint32_t frame;
		ControlList controls;
	};

	void spawn();
	void enter(State state);
	void hungUp();
	void retire(const std::string &reason);
	void scheduleRestart();
	void giveUp(const char *reason);
	void reset();
	bool bringUp();

	void initialised(int32_t result, const ControlInfoMap &controls);
	void configured(int32_t result, const ControlInfoMap &controls);
	void started(int32_t result, const ControlList &sensorControls);
	void paramsReceived(uint32_t frame, uint32_t bytesUsed);
	void metadataReceived(uint32_t frame, const ControlList &metadata,
			      const ipa::fovea::IPAFoveaState &state);

	void sendConfigure();
	void sendStart();
	void takeOver(const ControlList &sensorControls);
	void answerOpenFrames();
	void resume();
	void callMade(std::map<uint32_t, uint64_t> *open, uint32_t frame);
	void progress();
	void timeout();

	const IpaProgram program_;
	ipa::fovea::IPAConfigInfo config_;
	bool isConfigured_ = false;
	ControlInfoMap controls_;

	State state_ = State::Down;
	std::unique_ptr<IpaWorker> worker_;
	int32_t result_ = 0;
	Timer restartTimer_;
	Timer watchdog_;

	/* Failures in a row, and frames that this worker has served. */
	unsigned int failures_ = 0;
	unsigned int served_ = 0;

	bool inSession_ = false;
	bool inStart_ = false;
	bool needsState_ = false;
	ipa::fovea::IPAFoveaState saved_;
	StickyControls sticky_;
	ControlList startSensorControls_;
	std::deque<Request> pending_;
	uint32_t nextFrame_ = 0;

	/* The worker's frame 0. Its open frames, with the frame starts at their call. */
	uint32_t base_ = 0;
	std::map<uint32_t, uint64_t> computing_;
	std::map<uint32_t, uint64_t> processing_;
	uint64_t frameStarts_ = 0;
	std::vector<uint8_t> params_;
};

} /* namespace libcamera::fovea */
