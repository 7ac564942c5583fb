/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Calls of the pipeline handler, answers of the IPA module
 */

#include "dispatcher.h"

#include <errno.h>
#include <string>

#include <libcamera/base/log.h>
#include <libcamera/base/shared_fd.h>

#include <libcamera/control_ids.h>

#include "../ipc/slots.h"

/**
 * \file dispatcher.h
 * \brief The worker's loop
 */

namespace libcamera {

LOG_DEFINE_CATEGORY(FoveaWorker)

namespace ipa::fovea {

using ipc::Type;

namespace {

/* Longest path of a tuning file, and name of a sensor. */
constexpr size_t kMaxPath = 4096;
constexpr size_t kMaxModel = 64;

} /* namespace */

/**
 * \class Dispatcher
 * \brief Makes the calls that the handler sends, sends what the module answers
 *
 * One thread, which waits for messages and does nothing else: there is no event
 * loop, and a module can't have timers. Messages of the handler are checked as
 * those of the worker are, because both speak the same language.
 */

/**
 * \param[in] ipa The module
 * \param[in] socket The socket to the handler
 * \param[in] initialised Called when init() has returned. If it returns false the
 * worker ends
 */
Dispatcher::Dispatcher(IPAFoveaInterface *ipa, UniqueFD socket,
		       std::function<bool()> initialised)
	: ipa_(ipa), initialised_(std::move(initialised)), channel_(ipc::kMaxCallSize)
{
	channel_.open(std::move(socket));
	connectSignals();
}

/* Signals of a module come from within its calls, or from a thread of its own. */
void Dispatcher::connectSignals()
{
	ipa_->paramsComputed.connect(this, [this](uint32_t frame, uint32_t bytesUsed) {
		begin(Type::ParamsComputed);
		writer_.put<uint32_t>(frame);
		writer_.put<uint32_t>(bytesUsed);
		send();
	});

	ipa_->setSensorControls.connect(this, [this](uint32_t frame, const ControlList &controls) {
		begin(Type::SensorControls);
		writer_.put<uint32_t>(frame);
		ipc::writeControls(writer_, controls);
		send();
	});

	ipa_->metadataReady.connect(this, [this](uint32_t frame, const ControlList &metadata,
						 const IPAFoveaState &state) {
		begin(Type::MetadataReady);
		writer_.put<uint32_t>(frame);
		ipc::writeFittingControls(writer_, metadata, controls::controls);
		ipc::writeState(writer_, state);
		send();
	});
}

/**
 * \brief Serve the handler until it hangs up
 * \return 0 after a hang-up, a negative error number after a failure
 */
int Dispatcher::run()
{
	while (!lost_) {
		Span<const uint8_t> data;
		std::vector<UniqueFD> fds;
		int ret = channel_.receive(&data, true, &fds);
		if (ret == -EPIPE)
			return 0;
		if (!ret)
			ret = dispatch(data, std::move(fds));
		if (ret)
			return ret;
	}

	return 0;
}

int Dispatcher::dispatch(Span<const uint8_t> data, std::vector<UniqueFD> fds)
{
	ipc::Reader reader(data);

	const std::optional<ipc::Header> header = ipc::readHeader(reader);
	if (header && header->sequence != received_++)
		reader.fail("is out of order");

	int ret = 0;
	if (header && !reader.failed()) {
		if (header->type == Type::Start)
			session_ = header->session;
		ret = call(header->type, reader, std::move(fds));
	}

	if (reader.failed()) {
		LOG(FoveaWorker, Error) << "A message of the handler " << reader.error();
		return -EPROTO;
	}

	return ret;
}

int Dispatcher::call(Type type, ipc::Reader &reader, std::vector<UniqueFD> fds)
{
	switch (type) {
	case Type::Init:
		return init(reader, std::move(fds));
	case Type::Configure:
		return configure(reader);
	case Type::Start:
		return start(reader);
	case Type::Stop:
		if (reader.finished())
			ipa_->stop();
		return 0;
	case Type::QueueRequest:
		queueRequest(reader);
		return 0;
	case Type::ComputeParams:
		computeParams(reader);
		return 0;
	case Type::ProcessStats:
		processStats(reader);
		return 0;
	default:
		reader.fail("is no call");
		return 0;
	}
}

int Dispatcher::init(ipc::Reader &reader, std::vector<UniqueFD> fds)
{
	IPASettings settings;
	settings.configurationFile = reader.string(kMaxPath);
	settings.sensorModel = reader.string(kMaxModel);
	const IPAConfigInfo config = ipc::readConfig(reader, sensorControlInfo_);
	if (fds.size() != ipc::Channel::kMaxFds)
		reader.fail("has " + std::to_string(fds.size()) + " descriptors, expected " +
			    std::to_string(ipc::Channel::kMaxFds));
	if (!reader.finished())
		return 0;

	sensorControls_ = config.sensorControls;

	ipa_->mapBuffers(ipc::Slots::buffers(SharedFD(std::move(fds[0])),
					     SharedFD(std::move(fds[1]))));

	ControlInfoMap controls;
	const int32_t result = ipa_->init(settings, config, &controls);
	if (!initialised_())
		return -EPERM;

	return answer(Type::Initialised, result, controls);
}

int Dispatcher::configure(ipc::Reader &reader)
{
	const IPAConfigInfo config = ipc::readConfig(reader, sensorControlInfo_);
	if (!reader.finished())
		return 0;

	sensorControls_ = config.sensorControls;

	ControlInfoMap controls;
	const int32_t result = ipa_->configure(config, &controls);

	return answer(Type::Configured, result, controls);
}

int Dispatcher::start(ipc::Reader &reader)
{
	const ControlList controls = ipc::readControls(reader, controls::controls);
	const IPAFoveaState state = ipc::readState(reader);
	if (!reader.finished())
		return 0;

	int32_t result = -EINVAL;
	ControlList sensorControls;
	ipa_->start(controls, state, &sensorControls, &result);

	begin(Type::Started);
	writer_.put<int32_t>(result);
	ipc::writeControls(writer_, sensorControls);

	return send();
}

void Dispatcher::queueRequest(ipc::Reader &reader)
{
	const uint32_t frame = reader.take<uint32_t>();
	const ControlList controls = ipc::readControls(reader, controls::controls);
	if (reader.finished())
		ipa_->queueRequest(frame, controls);
}

void Dispatcher::computeParams(ipc::Reader &reader)
{
	const uint32_t frame = reader.take<uint32_t>();
	const uint32_t id = reader.take<uint32_t>();
	if (reader.finished())
		ipa_->computeParams(frame, id);
}

void Dispatcher::processStats(ipc::Reader &reader)
{
	const uint32_t frame = reader.take<uint32_t>();
	const uint32_t id = reader.take<uint32_t>();
	const ControlList sensorControls = ipc::readSensorControls(reader, sensorControls_);
	if (reader.finished())
		ipa_->processStats(frame, id, sensorControls);
}

void Dispatcher::begin(Type type)
{
	writer_.clear();
	ipc::writeHeader(writer_, { type, session_, sent_++ });
}

/* A handler that does not take an answer has hung up, or is beyond help. */
int Dispatcher::send()
{
	const int ret = channel_.send(writer_.data());
	lost_ = lost_ || ret;

	return ret;
}

int Dispatcher::answer(Type type, int32_t result, const ControlInfoMap &controls)
{
	begin(type);
	writer_.put<int32_t>(result);
	ipc::writeControlInfo(writer_, controls);

	return send();
}

} /* namespace ipa::fovea */

} /* namespace libcamera */
