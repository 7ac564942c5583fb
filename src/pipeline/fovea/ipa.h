/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The IPA module as the handler sees it
 */

#pragma once

#include <memory>
#include <stdint.h>
#include <string>

#include <libcamera/base/object.h>
#include <libcamera/base/signal.h>
#include <libcamera/base/span.h>

#include <libcamera/controls.h>

#include <libcamera/ipa/fovea_ipa_interface.h>

namespace libcamera {

class PipelineHandler;

namespace fovea {

class Ipa : public Object
{
public:
	static std::unique_ptr<Ipa> create(PipelineHandler *pipe,
					   const std::string &sensorModel);

	virtual int init(const ipa::fovea::IPAConfigInfo &config,
			 ControlInfoMap *controls) = 0;
	virtual int configure(const ipa::fovea::IPAConfigInfo &config,
			      ControlInfoMap *controls) = 0;
	virtual int start(const ControlList &controls, ControlList *sensorControls) = 0;
	virtual void stop() = 0;

	virtual void queueRequest(uint32_t frame, const ControlList &controls) = 0;
	virtual bool computeParams(uint32_t frame) = 0;
	virtual bool processStats(uint32_t frame, Span<const uint8_t> stats,
				  const ControlList &sensorControls) = 0;
	virtual void frameStarted() = 0;

	Signal<uint32_t, Span<const uint8_t>> paramsComputed;
	Signal<const ControlList &> setSensorControls;
	Signal<uint32_t, const ControlList &> metadataReady;
};

} /* namespace fovea */

} /* namespace libcamera */
