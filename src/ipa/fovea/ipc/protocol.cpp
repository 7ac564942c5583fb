/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The handler's side of the conversation with the IPA worker
 */

#include "protocol.h"

#include <algorithm>
#include <limits>

#include <linux/fovea-isp.h>
#include <linux/v4l2-controls.h>

#include <libcamera/control_ids.h>

/**
 * \file protocol.h
 * \brief The handler's side of the conversation with the IPA worker
 */

namespace libcamera::ipa::fovea::ipc {

namespace {

int32_t clampToInt32(int64_t value)
{
	return std::min<int64_t>(value, std::numeric_limits<int32_t>::max());
}

} /* namespace */

/**
 * \class Protocol
 * \brief Makes the messages of calls and knows which answers they may have
 *
 * The worker can do nothing but answer: it owes one answer to a call of init(),
 * configure() and start(), parameters to each computeParams(), at most one list
 * of sensor controls and then metadata to each processStats(). Sequence numbers
 * grow by one. Everything else, malformed messages and values out of range is a
 * violation, after which the worker must not be listened to any more; hence a
 * worker can't flood, replay or invent anything. Answers of a session that has
 * ended are ignored, and there can't be more of them than were owed.
 *
 * There is no input or output here, see Channel.
 */

void Protocol::begin(Type type)
{
	writer_.clear();
	writeHeader(writer_, { type, session_, sent_++ });
}

/* What is owed may still come, and is of no interest. */
void Protocol::endSession()
{
	stale_ += computing_.size();
	for (const auto &[frame, processing] : processing_)
		stale_ += processing.sensorControlsSeen ? 1 : 2;

	computing_.clear();
	processing_.clear();
	running_ = false;
}

Span<const uint8_t> Protocol::init(const IPASettings &settings, const IPAConfigInfo &config)
{
	sensorControls_ = config.sensorControls;
	call_ = Type::Initialised;

	begin(Type::Init);
	writer_.string(settings.configurationFile);
	writer_.string(settings.sensorModel);
	writeConfig(writer_, config);

	return writer_.data();
}

Span<const uint8_t> Protocol::configure(const IPAConfigInfo &config)
{
	const auto vblank = config.sensorControls.find(V4L2_CID_VBLANK);
	const int64_t maxVBlank = vblank != config.sensorControls.end()
					  ? vblank->second.max().get<int32_t>()
					  : 0;

	sensorControls_ = config.sensorControls;
	maxExposure_ = clampToInt32(config.sensorInfo.outputSize.height + maxVBlank);
	call_ = Type::Configured;

	begin(Type::Configure);
	writeConfig(writer_, config);

	return writer_.data();
}

/** \brief Begin a session, whose frames count from 0 */
Span<const uint8_t> Protocol::start(const ControlList &controls, const IPAFoveaState &state)
{
	endSession();
	session_++;
	call_ = Type::Started;

	begin(Type::Start);
	writeFittingControls(writer_, controls, controls::controls);
	writeState(writer_, state);

	return writer_.data();
}

Span<const uint8_t> Protocol::stop()
{
	endSession();
	begin(Type::Stop);

	return writer_.data();
}

Span<const uint8_t> Protocol::queueRequest(uint32_t frame, const ControlList &controls)
{
	begin(Type::QueueRequest);
	writer_.put<uint32_t>(frame);
	writeFittingControls(writer_, controls, controls::controls);

	return writer_.data();
}

/** \brief Ask for parameters in buffer paramsId() of the frame, which must be free */
Span<const uint8_t> Protocol::computeParams(uint32_t frame)
{
	computing_[frame] = paramsId(frame);

	begin(Type::ComputeParams);
	writer_.put<uint32_t>(frame);
	writer_.put<uint32_t>(paramsId(frame));

	return writer_.data();
}

/**
 * \brief Let statistics be processed
 * \param[in] frame The frame
 * \param[in] lost There are none; otherwise they are in buffer statsId() of the frame
 * \param[in] sensorControls What was in effect in the sensor
 */
Span<const uint8_t> Protocol::processStats(uint32_t frame, bool lost,
					   const ControlList &sensorControls)
{
	processing_[frame] = {};

	begin(Type::ProcessStats);
	writer_.put<uint32_t>(frame);
	writer_.put<uint32_t>(lost ? 0 : statsId(frame));
	writeControls(writer_, sensorControls);

	return writer_.data();
}

/**
 * \brief Take a message of the worker
 * \param[in] data The message
 * \param[out] error What is wrong with it
 *
 * The signals are emitted from here.
 *
 * \return False if the worker has violated the protocol
 */
bool Protocol::receive(Span<const uint8_t> data, std::string *error)
{
	Answer answer;
	if (!readAnswer(data, sensorControls_, &answer, error))
		return false;

	if (answer.header.sequence != received_) {
		*error = "has sequence number " + std::to_string(answer.header.sequence) +
			 ", expected " + std::to_string(received_);
		return false;
	}
	received_++;

	return accept(answer, error);
}

bool Protocol::accept(const Answer &answer, std::string *error)
{
	const Header &header = answer.header;

	const bool isEvent = header.type == Type::ParamsComputed ||
			     header.type == Type::SensorControls ||
			     header.type == Type::MetadataReady;
	if (isEvent && (header.session != session_ || !running_))
		return acceptStale(header, error);

	switch (header.type) {
	case Type::Initialised:
		if (!acceptCall(header.type, error))
			return false;
		initialised.emit(std::get<ControlsAnswer>(answer.body).result,
				 std::get<ControlsAnswer>(answer.body).controls);
		return true;

	case Type::Configured:
		if (!acceptCall(header.type, error))
			return false;
		configured.emit(std::get<ControlsAnswer>(answer.body).result,
				std::get<ControlsAnswer>(answer.body).controls);
		return true;

	case Type::Started: {
		const auto &body = std::get<StartedAnswer>(answer.body);
		if (!acceptCall(header.type, error) ||
		    !withinRange(body.sensorControls, error))
			return false;
		running_ = true;
		started.emit(body.result, body.sensorControls);
		return true;
	}

	case Type::ParamsComputed:
		return acceptParams(std::get<ParamsAnswer>(answer.body), error);
	case Type::SensorControls:
		return acceptSensorControls(std::get<SensorControlsAnswer>(answer.body), error);
	default:
		return acceptMetadata(std::get<MetadataAnswer>(answer.body), error);
	}
}

bool Protocol::acceptStale(const Header &header, std::string *error)
{
	/* Of the session that is being started there can't be any. */
	const uint32_t last = call_ == Type::Started ? session_ - 1 : session_;
	if (header.session > last || !stale_) {
		*error = "belongs to session " + std::to_string(header.session) +
			 ", which owes nothing";
		return false;
	}

	stale_--;
	return true;
}

bool Protocol::acceptCall(Type expected, std::string *error)
{
	if (call_ != expected) {
		*error = "answers a call that was not made";
		return false;
	}

	call_.reset();
	return true;
}

bool Protocol::acceptParams(const ParamsAnswer &answer, std::string *error)
{
	if (!computing_.erase(answer.frame)) {
		*error = "has parameters that nobody asked for, frame " +
			 std::to_string(answer.frame);
		return false;
	}

	if (answer.bytesUsed > FOVEA_ISP_PARAMS_MAX_SIZE) {
		*error = "has parameters of " + std::to_string(answer.bytesUsed) +
			 " bytes, expected at most " +
			 std::to_string(FOVEA_ISP_PARAMS_MAX_SIZE);
		return false;
	}

	paramsComputed.emit(answer.frame, answer.bytesUsed);
	return true;
}

bool Protocol::acceptSensorControls(const SensorControlsAnswer &answer, std::string *error)
{
	auto it = processing_.find(answer.frame);
	if (it == processing_.end() || it->second.sensorControlsSeen) {
		*error = "has sensor controls that nobody asked for, frame " +
			 std::to_string(answer.frame);
		return false;
	}

	if (!withinRange(answer.sensorControls, error))
		return false;

	it->second.sensorControlsSeen = true;
	sensorControlsSet.emit(answer.sensorControls);
	return true;
}

bool Protocol::acceptMetadata(const MetadataAnswer &answer, std::string *error)
{
	auto it = processing_.find(answer.frame);
	if (it == processing_.end()) {
		*error = "has metadata that nobody asked for, frame " +
			 std::to_string(answer.frame);
		return false;
	}

	processing_.erase(it);
	metadataReady.emit(answer.frame, answer.metadata, answer.state);
	return true;
}

/*
 * Only what a module has to set, within the sensor's limits. The exposure's
 * largest value moves with the blanking that is set beside it.
 */
bool Protocol::withinRange(const ControlList &controls, std::string *error) const
{
	for (const auto &[id, value] : controls) {
		if (id != V4L2_CID_EXPOSURE && id != V4L2_CID_ANALOGUE_GAIN &&
		    id != V4L2_CID_VBLANK) {
			*error = "sets sensor control " + std::to_string(id) +
				 ", expected exposure, analogue gain or vertical blanking";
			return false;
		}

		const ControlInfo &info = sensorControls_.find(id)->second;
		if (info.min().type() != ControlTypeInteger32)
			continue;

		const int32_t number = value.get<int32_t>();
		const int32_t min = info.min().get<int32_t>();
		const int32_t max = id == V4L2_CID_EXPOSURE ? maxExposure_
							    : info.max().get<int32_t>();
		if (number < min || number > max) {
			*error = "sets sensor control " + std::to_string(id) + " to " +
				 std::to_string(number) + ", expected " +
				 std::to_string(min) + " to " + std::to_string(max);
			return false;
		}
	}

	return true;
}

} /* namespace libcamera::ipa::fovea::ipc */
