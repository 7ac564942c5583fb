/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The IPA module in a thread of the application
 */

#pragma once

#include <memory>
#include <stdint.h>
#include <vector>

#include <libcamera/ipa/fovea_ipa_proxy.h>

#include "../../ipa/fovea/ipc/slots.h"
#include "ipa.h"
#include "ipa_location.h"

namespace libcamera {

class CameraManager;

namespace fovea {

class IpaThread : public Ipa
{
public:
	IpaThread(const CameraManager &manager, const IpaProgram &program);
	~IpaThread();

	int init(const ipa::fovea::IPAConfigInfo &config, ControlInfoMap *controls) override;
	int configure(const ipa::fovea::IPAConfigInfo &config, ControlInfoMap *controls) override;
	int start(const ControlList &controls, ControlList *sensorControls) override;
	void stop() override;

	void queueRequest(uint32_t frame, const ControlList &controls) override;
	bool computeParams(uint32_t frame) override;
	bool processStats(uint32_t frame, Span<const uint8_t> stats,
			  const ControlList &sensorControls) override;
	void frameStarted() override {}

private:
	void paramsReceived(uint32_t frame, uint32_t bytesUsed);

	const IpaProgram program_;
	IPAModule module_;
	std::unique_ptr<ipa::fovea::IPAProxyFoveaThreaded> proxy_;
	ipa::fovea::ipc::Slots slots_;
	std::vector<uint8_t> params_;
};

} /* namespace fovea */

} /* namespace libcamera */
