/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Keeps an IPA worker running
 */

#include "ipa_supervisor.h"

#include <algorithm>
#include <errno.h>
#include <string.h>
#include <utility>

#include <libcamera/base/log.h>
#include <libcamera/base/utils.h>

#include <libcamera/control_ids.h>

#include "params_check.h"

/**
 * \file ipa_supervisor.h
 * \brief Keeps an IPA worker running
 */

using namespace std::chrono_literals;

namespace libcamera {

LOG_DECLARE_CATEGORY(FoveaIpa)

namespace fovea {

using namespace ipa::fovea;

namespace {

/*
 * The longest that a healthy worker leaves a call unanswered while nothing else
 * comes from it. This is wall-clock time: in virtual time the stream waits for
 * the worker, and only another clock can tell that it hangs.
 */
constexpr std::chrono::milliseconds kAnswerTimeout = 2s;

/* The same for the start of a process with its sandbox, module and tuning file. */
constexpr std::chrono::milliseconds kStartupTimeout = 10s;

/*
 * Frame starts of the sensor after which the stream waits no longer for an answer.
 * In virtual time a frame starts for a job, and while an answer is owed at most
 * kParamsLatency - 1 newer jobs can be in the device: they never get there.
 */
constexpr uint64_t kLateFrames = kParamsLatency + 1;

/*
 * Failures in a row until the supervisor gives up, and frames that a worker must
 * have served to begin a new row.
 */
constexpr unsigned int kMaxFailures = 6;
constexpr unsigned int kProvenFrames = 30;

/* The second restart in a row waits as long, each further one twice as long. */
constexpr std::chrono::milliseconds kFirstDelay = 100ms;

} /* namespace */

/**
 * \class IpaSupervisor
 * \brief Runs the IPA module in a worker, and replaces the worker when it fails
 *
 * A worker fails when it ends, breaks the protocol, or leaves the handler without
 * an answer for too long. Then it is killed; open frames are answered in its
 * place, without parameters and metadata, and those that follow are not accepted.
 * Meanwhile a new worker starts, driven by its answers: nothing here waits during
 * a session. It gets what the old one had: init(), configure(), all controls
 * that hold, and the state that came with the last metadata. The next frame whose
 * parameters have not been asked for becomes its frame 0. Frames on both sides of
 * the gap are made with the same parameters and the same exposure: the sensor and
 * the device keep theirs as long as nobody sends new ones.
 *
 * A worker that is late in real time is left out in the same way as one that has
 * failed, but gets the time to answer. When it owes nothing any more it begins a
 * new session of its own, which it takes over like a new worker.
 *
 * After some failures in a row there is no further restart: the parameters stay
 * as they are until the camera is configured or started again.
 */

IpaSupervisor::IpaSupervisor(const IpaProgram &program)
	: program_(program)
{
	restartTimer_.timeout.connect(this, &IpaSupervisor::spawn);
	watchdog_.timeout.connect(this, &IpaSupervisor::timeout);
}

IpaSupervisor::~IpaSupervisor() = default;

/* -----------------------------------------------------------------------------
 * Workers
 */

/* Start a worker, which replaces the one that has failed. */
void IpaSupervisor::spawn()
{
	worker_ = std::make_unique<IpaWorker>();
	served_ = 0;
	needsState_ = true;

	worker_->hungUp.connect(this, &IpaSupervisor::hungUp);
	worker_->failed.connect(this, &IpaSupervisor::retire);
	ipc::Protocol &protocol = worker_->protocol();
	protocol.initialised.connect(this, &IpaSupervisor::initialised);
	protocol.configured.connect(this, &IpaSupervisor::configured);
	protocol.started.connect(this, &IpaSupervisor::started);
	protocol.paramsComputed.connect(this, &IpaSupervisor::paramsReceived);
	protocol.sensorControlsSet.connect(this, [this](const ControlList &controls) {
		if (state_ == State::Running)
			setSensorControls.emit(controls);
	});
	protocol.metadataReady.connect(this, &IpaSupervisor::metadataReceived);

	if (worker_->spawn(program_)) {
		retire("can't be started");
		return;
	}

	worker_->init(program_, config_);
	enter(State::Initialising);
}

void IpaSupervisor::enter(State state)
{
	state_ = state;

	switch (state) {
	case State::Initialising:
		watchdog_.start(kStartupTimeout);
		break;
	case State::Configuring:
	case State::Starting:
		watchdog_.start(kAnswerTimeout);
		break;
	case State::Running:
	case State::Late:
		break;
	default:
		watchdog_.stop();
		break;
	}
}

/* Frames go on at once; the rest has to wait for the end of the process. */
void IpaSupervisor::hungUp()
{
	enter(State::Ending);
	answerOpenFrames();
}

/*
 * The worker is of no use any more. It stays as an object, because this may be
 * called from it.
 */
void IpaSupervisor::retire(const std::string &reason)
{
	const bool refused = worker_->refused();
	worker_->kill();

	if (served_ >= kProvenFrames)
		failures_ = 0;
	failures_++;

	LOG(FoveaIpa, Error)
		<< "The IPA worker " << reason
		<< (inSession_ ? ": frames go on with the last parameters" : "");

	enter(State::Down);

	/* A first start is not repeated: there is no camera without it. */
	if (!isConfigured_)
		state_ = State::GivenUp;
	else if (refused)
		giveUp("The sandbox refuses the IPA worker");
	else if (failures_ > kMaxFailures)
		giveUp("The IPA worker has failed too often");
	else
		scheduleRestart();

	answerOpenFrames();
}

void IpaSupervisor::scheduleRestart()
{
	const unsigned int repeats = failures_ - 1;
	const auto delay = repeats ? kFirstDelay * (1 << (repeats - 1)) : 0ms;

	LOG(FoveaIpa, Warning)
		<< "A new IPA worker starts in " << delay.count() << " ms, attempt "
		<< failures_ << " of " << kMaxFailures;

	restartTimer_.start(delay);
}

void IpaSupervisor::giveUp(const char *reason)
{
	LOG(FoveaIpa, Error)
		<< reason << ": exposure, white balance and all parameters stay as they "
		   "are. Stop and start the camera to try again";

	enter(State::GivenUp);
}

/* The application tries again. */
void IpaSupervisor::reset()
{
	if (state_ != State::GivenUp)
		return;

	failures_ = 0;
	spawn();
}

/* Wait for a worker that is on its way. */
bool IpaSupervisor::bringUp()
{
	reset();

	const auto deadline = utils::clock::now() + kAnswerTimeout;
	while (state_ != State::Ready && state_ != State::GivenUp) {
		const auto left = std::chrono::ceil<std::chrono::milliseconds>(
			deadline - utils::clock::now());
		if (left <= 0ms)
			break;

		if (state_ == State::Down) {
			restartTimer_.stop();
			spawn();
			continue;
		}

		const State before = state_;
		worker_->waitFor([&] { return state_ != before; }, left);
	}

	return state_ == State::Ready;
}

/* -----------------------------------------------------------------------------
 * Calls that the application waits for
 */

int IpaSupervisor::init(const IPAConfigInfo &config, ControlInfoMap *controls)
{
	config_ = config;
	spawn();

	/* A worker that has hung up may have something to say by its exit status. */
	const auto done = [this] {
		return state_ != State::Initialising && state_ != State::Ending;
	};
	if (!done() && !worker_->waitFor(done, kStartupTimeout) && worker_->alive())
		retire("does not answer init()");

	if (result_)
		return result_;
	if (state_ != State::Ready)
		return worker_->refused() ? -EPERM : -EPIPE;

	*controls = controls_;

	return 0;
}

int IpaSupervisor::configure(const IPAConfigInfo &config, ControlInfoMap *controls)
{
	config_ = config;
	isConfigured_ = true;
	saved_ = {};
	result_ = 0;

	if (state_ == State::Ready)
		sendConfigure();

	const bool up = bringUp();
	if (up && result_)
		return result_;
	if (!up)
		LOG(FoveaIpa, Error)
			<< "The camera is configured without an IPA worker: frames have "
			   "the parameters of the device until there is one";

	*controls = controls_;

	return 0;
}

int IpaSupervisor::start(const ControlList &controls, ControlList *sensorControls)
{
	sticky_.reset(controls);
	pending_.clear();
	nextFrame_ = 0;
	base_ = 0;
	startSensorControls_ = {};

	/* What a new worker thinks of its tuning file is no result of this call. */
	const bool up = bringUp();
	result_ = 0;

	if (up) {
		inSession_ = true;
		inStart_ = true;
		sendStart();
		worker_->waitFor([this] { return state_ != State::Starting; }, kAnswerTimeout);
		inStart_ = false;
		if (state_ == State::Starting)
			retire("does not answer start()");
	}

	inSession_ = !result_;
	*sensorControls = std::exchange(startSensorControls_, {});

	return result_;
}

void IpaSupervisor::stop()
{
	const bool started = state_ == State::Starting || state_ == State::Running ||
			     state_ == State::Late;

	inSession_ = false;
	computing_.clear();
	processing_.clear();
	pending_.clear();

	if (!started)
		return;

	worker_->send(worker_->protocol().stop());

	/* An open start() is answered before the next one can be made. */
	if (state_ != State::Starting)
		enter(State::Ready);
}

/* -----------------------------------------------------------------------------
 * Answers to these
 */

void IpaSupervisor::initialised(int32_t result, const ControlInfoMap &controls)
{
	result_ = result;
	if (result) {
		retire(std::string("refuses its tuning file or sensor: ") + strerror(-result));
		return;
	}

	controls_ = controls;
	if (isConfigured_)
		sendConfigure();
	else
		enter(State::Ready);
}

void IpaSupervisor::sendConfigure()
{
	worker_->send(worker_->protocol().configure(config_));
	enter(State::Configuring);
}

void IpaSupervisor::configured(int32_t result, const ControlInfoMap &controls)
{
	result_ = result;
	if (!result)
		controls_ = controls;

	/* The application hears of the result, unless it has heard of a better one. */
	if (result && inSession_) {
		retire(std::string("can't be configured again: ") + strerror(-result));
		return;
	}

	if (inSession_)
		sendStart();
	else
		enter(State::Ready);
}

/* A worker that has gone through configure() only knows nothing of the scene. */
void IpaSupervisor::sendStart()
{
	worker_->send(worker_->protocol().start(sticky_.controls(),
						needsState_ ? saved_ : IPAFoveaState{}));
	enter(State::Starting);
}

void IpaSupervisor::started(int32_t result, const ControlList &sensorControls)
{
	result_ = result;

	if (!inSession_) {
		enter(State::Ready);
		return;
	}

	if (result) {
		/* The application that has called start() gets the result. */
		if (inStart_)
			enter(State::Ready);
		else
			retire(std::string("does not start: ") + strerror(-result));
		return;
	}

	needsState_ = false;
	enter(State::Running);
	watchdog_.stop();

	if (inStart_)
		startSensorControls_ = sensorControls;
	else
		takeOver(sensorControls);
}

/* -----------------------------------------------------------------------------
 * Frames
 */

/* In the middle of a session: the worker's frames begin with the next one. */
void IpaSupervisor::takeOver(const ControlList &sensorControls)
{
	base_ = pending_.empty() ? nextFrame_ : pending_.front().frame;

	LOG(FoveaIpa, Info) << "The IPA worker takes over from frame " << base_;

	if (!sensorControls.empty())
		setSensorControls.emit(sensorControls);

	for (const Request &request : pending_)
		worker_->send(worker_->protocol().queueRequest(request.frame - base_,
							       request.controls));
}

void IpaSupervisor::queueRequest(uint32_t frame, const ControlList &controls)
{
	pending_.push_back({ frame, controls });
	nextFrame_ = frame + 1;

	if (state_ == State::Running)
		worker_->send(worker_->protocol().queueRequest(frame - base_, controls));
}

bool IpaSupervisor::computeParams(uint32_t frame)
{
	/* From here on its controls are those of the past. */
	if (!pending_.empty() && pending_.front().frame == frame) {
		sticky_.merge(pending_.front().controls);
		pending_.pop_front();
	}

	if (state_ != State::Running || frame < base_)
		return false;

	callMade(&computing_, frame);
	worker_->send(worker_->protocol().computeParams(frame - base_));

	return true;
}

bool IpaSupervisor::processStats(uint32_t frame, Span<const uint8_t> stats,
				 const ControlList &sensorControls)
{
	if (state_ != State::Running || frame < base_)
		return false;

	const uint32_t number = frame - base_;
	const Span<uint8_t> slot = worker_->slots().stats(ipc::Protocol::statsId(number));
	const bool lost = stats.size() < slot.size();
	if (!lost)
		memcpy(slot.data(), stats.data(), slot.size());

	callMade(&processing_, frame);
	worker_->send(worker_->protocol().processStats(number, lost, sensorControls));

	return true;
}

/*
 * The parameters are copied once, out of reach of the worker, and checked then.
 * An answer to a frame that is not open came too late.
 */
void IpaSupervisor::paramsReceived(uint32_t number, uint32_t bytesUsed)
{
	const uint32_t frame = number + base_;
	if (!computing_.erase(frame)) {
		progress();
		return;
	}

	const Span<const uint8_t> slot =
		worker_->slots().params(ipc::Protocol::paramsId(number)).first(bytesUsed);
	params_.assign(slot.begin(), slot.end());

	std::string error;
	if (!params_.empty() && !checkParams(params_, &error)) {
		LOG(FoveaIpa, Error)
			<< "The IPA module's parameters of frame " << frame
			<< " are malformed and are left out: " << error;
		params_.clear();
	}

	progress();
	paramsComputed.emit(frame, params_);
}

void IpaSupervisor::metadataReceived(uint32_t number, const ControlList &metadata,
				     const IPAFoveaState &state)
{
	const uint32_t frame = number + base_;

	served_++;
	if (state.valid)
		saved_ = state;

	const bool open = processing_.erase(frame);
	progress();
	if (open)
		metadataReady.emit(frame, metadata);
}

/* Nobody will answer the open frames: let them go on without. */
void IpaSupervisor::answerOpenFrames()
{
	const auto computing = std::exchange(computing_, {});
	const auto processing = std::exchange(processing_, {});

	for (const auto &[frame, start] : computing)
		paramsComputed.emit(frame, {});

	const ControlList none(controls::controls);
	for (const auto &[frame, start] : processing)
		metadataReady.emit(frame, none);
}

/* -----------------------------------------------------------------------------
 * Time
 */

void IpaSupervisor::callMade(std::map<uint32_t, uint64_t> *open, uint32_t frame)
{
	(*open)[frame] = frameStarts_;

	if (!watchdog_.isRunning())
		watchdog_.start(kAnswerTimeout);
}

/* The worker has answered something. */
void IpaSupervisor::progress()
{
	if (!worker_->protocol().idle()) {
		watchdog_.start(kAnswerTimeout);
		return;
	}

	watchdog_.stop();
	if (state_ == State::Late)
		resume();
}

void IpaSupervisor::timeout()
{
	retire("has not answered for " +
	       std::to_string(state_ == State::Initialising ? kStartupTimeout.count()
							    : kAnswerTimeout.count()) +
	       " ms and was killed");
}

void IpaSupervisor::frameStarted()
{
	frameStarts_++;
	if (state_ != State::Running)
		return;

	auto late = [this](const auto &open) {
		return !open.empty() &&
		       frameStarts_ - open.begin()->second >= kLateFrames;
	};
	if (!late(computing_) && !late(processing_))
		return;

	LOG(FoveaIpa, Warning)
		<< "The IPA worker is late: frames go on with the last parameters";

	enter(State::Late);
	answerOpenFrames();
}

/* A late worker owes nothing any more: it begins anew, and knows the scene. */
void IpaSupervisor::resume()
{
	worker_->send(worker_->protocol().stop());
	sendStart();
}

} /* namespace fovea */

} /* namespace libcamera */
