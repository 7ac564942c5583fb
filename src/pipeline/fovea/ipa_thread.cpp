/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The IPA module in a thread of the application
 */

#include "ipa_thread.h"

#include <algorithm>
#include <errno.h>
#include <string.h>

#include <linux/fovea-isp.h>

#include <libcamera/control_ids.h>

#include "../../ipa/fovea/ipc/protocol.h"

/**
 * \file ipa_thread.h
 * \brief The IPA module in a thread of the application
 */

namespace libcamera::fovea {

using namespace ipa::fovea;

/**
 * \class IpaThread
 * \brief Runs the IPA module in a thread, with libcamera's proxy
 *
 * For debugging and measuring: what the module does wrong the application suffers.
 */

IpaThread::IpaThread(const CameraManager &manager, const IpaProgram &program)
	: program_(program), module_(program.module),
	  proxy_(std::make_unique<IPAProxyFoveaThreaded>(&module_, manager))
{
	proxy_->paramsComputed.connect(this, &IpaThread::paramsReceived);
	proxy_->setSensorControls.connect(this, [this](uint32_t, const ControlList &controls) {
		setSensorControls.emit(controls);
	});
	proxy_->metadataReady.connect(this, [this](uint32_t frame, const ControlList &metadata,
						   const IPAFoveaState &) {
		metadataReady.emit(frame, metadata);
	});
}

IpaThread::~IpaThread() = default;

int IpaThread::init(const IPAConfigInfo &config, ControlInfoMap *controls)
{
	if (!proxy_->isValid())
		return -ENOENT;

	int ret = slots_.create();
	if (ret)
		return ret;

	ret = proxy_->init(IPASettings{ program_.tuningFile, program_.sensorModel }, config,
			   controls);
	if (!ret)
		proxy_->mapBuffers(slots_.buffers());

	return ret;
}

int IpaThread::configure(const IPAConfigInfo &config, ControlInfoMap *controls)
{
	return proxy_->configure(config, controls);
}

int IpaThread::start(const ControlList &controls, ControlList *sensorControls)
{
	int32_t result = -EINVAL;
	proxy_->start(controls, {}, sensorControls, &result);

	return result;
}

void IpaThread::stop()
{
	proxy_->stop();
}

void IpaThread::queueRequest(uint32_t frame, const ControlList &controls)
{
	proxy_->queueRequest(frame, controls);
}

bool IpaThread::computeParams(uint32_t frame)
{
	proxy_->computeParams(frame, ipc::Protocol::paramsId(frame));

	return true;
}

bool IpaThread::processStats(uint32_t frame, Span<const uint8_t> stats,
			     const ControlList &sensorControls)
{
	const uint32_t id = ipc::Protocol::statsId(frame);
	const Span<uint8_t> slot = slots_.stats(id);
	const bool lost = stats.size() < slot.size();
	if (!lost)
		memcpy(slot.data(), stats.data(), slot.size());

	proxy_->processStats(frame, lost ? 0 : id, sensorControls);

	return true;
}

void IpaThread::paramsReceived(uint32_t frame, uint32_t bytesUsed)
{
	const Span<const uint8_t> slot = slots_.params(ipc::Protocol::paramsId(frame));
	const size_t size = std::min<size_t>(bytesUsed, slot.size());

	params_.assign(slot.begin(), slot.begin() + size);
	paramsComputed.emit(frame, params_);
}

} /* namespace libcamera::fovea */
