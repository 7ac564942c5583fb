/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A capture session: the way of frames from start to stop
 */

#include "capture_session.h"

#include <chrono>
#include <errno.h>
#include <string.h>
#include <utility>

#include <linux/fovea-isp.h>

#include <fovea/control_ids.h>

#include <libcamera/base/log.h>
#include <libcamera/base/utils.h>

#include <libcamera/control_ids.h>
#include <libcamera/request.h>

#include "libcamera/internal/framebuffer.h"
#include "libcamera/internal/pipeline_handler.h"
#include "libcamera/internal/request.h"

#include "camera_data.h"

/**
 * \file capture_session.h
 * \brief The flow of frames
 */

using namespace std::chrono_literals;

namespace libcamera {

LOG_DECLARE_CATEGORY(Fovea)

namespace fovea {

namespace {

/* Frames between computed parameters and reported metadata, see fovea.mojom. */
constexpr unsigned int kParamsLatency = ipa::fovea::kParamsLatency;

/* How long statistics may come after everything else of their frame. */
constexpr std::chrono::milliseconds kStatsTimeout = 2s;

/* How long nothing may happen until the session looks whether all is well. */
constexpr std::chrono::milliseconds kCheckInterval = 100ms;

/* Does the application want the buffers of the ISP, from these controls on? */
bool wantsBuffers(const ControlList &controls, bool before)
{
	if (!controls.contains(IspBuffersEnable))
		return before;

	const ControlValue &value = controls.get(IspBuffersEnable);

	return value.type() == ControlTypeBool && value.get<bool>();
}

void markError(FrameBuffer *buffer)
{
	FrameMetadata &metadata = buffer->_d()->metadata();

	metadata.status = FrameMetadata::FrameError;
	for (FrameMetadata::Plane &plane : metadata.planes())
		plane.bytesused = 0;
}

} /* namespace */

/**
 * \class CaptureSession
 * \brief The way of frames through IPA module and device, from start to stop
 *
 * A request becomes a frame. Its parameters are computed when the statistics
 * that they depend on have been processed; then it becomes a job of the device.
 *
 * The device's sequence number ties together what belongs to a frame. It comes
 * with the parameters buffer, whose frame is known, and with the statistics.
 * Those of capture buffers are relative to the first buffer of their node, hence
 * useless here (V4L2VideoDevice does that): images wait for the parameters
 * buffer, and leave with the true number.
 *
 * Every frame ends in completeRequest() or cancelRequest(), whatever fails:
 * - a refused image buffer completes with an error, the rest of the job goes on;
 * - missing parameters are replaced by none, which keeps the device's last ones;
 * - missing statistics are reported to the IPA module as lost;
 * - an IPA module that fails is answered for and replaced by the IpaSupervisor;
 * - a device that stops answering fails the session: all requests are cancelled,
 *   later ones are refused.
 *
 * \var CaptureSession::deviceLost
 * \brief The device is gone for good
 */

/**
 * \param[in] pipe The pipeline handler, to complete requests with
 * \param[in] data The configured camera
 * \param[in] backEnd The back end that processes the camera's frames
 * \param[in] maxRequests The number of requests that can be queued at once
 */
CaptureSession::CaptureSession(PipelineHandler *pipe, CameraData *data,
			       BackEnd *backEnd, unsigned int maxRequests)
	: pipe_(pipe), data_(data), state_(State::Idle), ipaStarted_(false),
	  exportBuffers_(false), jobs_(data, backEnd, maxRequests), frames_(kParamsLatency)
{
	connectSignals();
}

CaptureSession::~CaptureSession() = default;

/* All connections end with this object. */
void CaptureSession::connectSignals()
{
	jobs_.imageReady.connect(this, &CaptureSession::imageReady);
	jobs_.paramsReady.connect(this, &CaptureSession::paramsReady);
	jobs_.statsReady.connect(this, &CaptureSession::statsReady);
	jobs_.stalled.connect(this, &CaptureSession::deviceStalled);

	data_->ipa_->paramsComputed.connect(this, &CaptureSession::paramsComputed);
	data_->ipa_->setSensorControls.connect(this, &CaptureSession::setSensorControls);
	data_->ipa_->metadataReady.connect(this, &CaptureSession::metadataReady);

	data_->frontEnd_.receiver()->frameStart.connect(this, &CaptureSession::frameStarted);

	watchdog_.timeout.connect(this, &CaptureSession::checkProgress);
}

/**
 * \brief Start the session
 * \param[in] controls Controls of the application for the first frame
 * \return 0 or a negative error code; nothing is left running on an error
 */
int CaptureSession::start(const ControlList &controls)
{
	int ret = jobs_.allocate();
	if (!ret)
		ret = startIpa(controls);
	if (!ret)
		ret = jobs_.streamOn();

	if (ret) {
		stop();
		return ret;
	}

	state_ = State::Running;

	return 0;
}

/**
 * \brief Stop the session and cancel what is not complete
 *
 * Buffers that the device gives back from here on belong to requests that are
 * cancelled as a whole, after the device has let go of all of them.
 */
void CaptureSession::stop()
{
	state_ = State::Stopping;
	watchdog_.stop();

	if (std::exchange(ipaStarted_, false))
		data_->ipa_->stop();

	jobs_.streamOff();
	cancelAll();

	pendingStats_.clear();
	jobs_.release();

	state_ = State::Idle;
}

int CaptureSession::startIpa(const ControlList &controls)
{
	ControlList sensorControls;
	exportBuffers_ = wantsBuffers(controls, false);

	int ret = data_->ipa_->start(controls, &sensorControls);
	if (ret) {
		LOG(Fovea, Error) << "The IPA module does not start: " << strerror(-ret);
		return ret;
	}

	ipaStarted_ = true;

	ret = data_->applySensorControls(sensorControls);
	if (ret)
		return ret;

	/* The history starts from what the sensor has now. */
	data_->delayedControls_->reset();

	return 0;
}

/**
 * \brief Take \a request on its way
 * \return 0, or -EIO when the session has failed
 */
int CaptureSession::queue(Request *request)
{
	if (state_ != State::Running)
		return -EIO;

	exportBuffers_ = wantsBuffers(request->controls(), exportBuffers_);

	Frame &frame = frames_.add(request);
	frame.exportBuffers = exportBuffers_;

	const uint32_t number = frame.number;
	data_->ipa_->queueRequest(number, request->controls());

	computeParams();
	watch();

	return 0;
}

/* -----------------------------------------------------------------------------
 * Parameters: from the request to the job
 */

/* Ask for the parameters of all frames that may have them. */
void CaptureSession::computeParams()
{
	while (state_ == State::Running) {
		Frame *frame = frames_.nextToCompute();
		if (!frame)
			return;

		frame->params = jobs_.takeParams();
		if (!frame->params)
			return;

		frame->stage = Frame::Stage::Computing;

		if (!data_->ipa_->computeParams(frame->number))
			submit(frame, {});
	}
}

void CaptureSession::paramsComputed(uint32_t number, Span<const uint8_t> params)
{
	if (state_ != State::Running)
		return;

	Frame *frame = frames_.find(number);
	if (!frame || frame->stage != Frame::Stage::Computing) {
		LOG(Fovea, Error)
			<< "The IPA module computed parameters that nobody asked "
			   "for, frame " << number;
		return;
	}

	submit(frame, params);
	watch();
}

/*
 * Queue the frame's buffers as a job. Parameters that are empty, or such that the
 * device refuses, are replaced by none.
 */
void CaptureSession::submit(Frame *frame, Span<const uint8_t> params)
{
	for (FrameBuffer *refused : jobs_.queueImages(frame->request)) {
		markError(refused);
		frame->images.push_back(refused);
	}

	frame->stage = Frame::Stage::Queued;

	if (!params.empty()) {
		if (!jobs_.queueParams(frame->params, params)) {
			exportBuffer(frame, IspParameters, params);
			return;
		}

		LOG(Fovea, Error)
			<< "No usable parameters for frame " << frame->number
			<< ", it keeps those of the frame before";
	}

	if (jobs_.queueEmptyParams(frame->params))
		fail();
}

/* Let the application see a buffer of the ISP, if it asked for it. */
void CaptureSession::exportBuffer(Frame *frame, unsigned int control, Span<const uint8_t> data)
{
	if (frame->exportBuffers)
		frame->request->_d()->metadata().set(control, ControlValue(data));
}

/* -----------------------------------------------------------------------------
 * Buffers: from the device
 */

void CaptureSession::imageReady(FrameBuffer *buffer)
{
	if (state_ != State::Running)
		return;

	Frame *frame = frames_.findRequest(buffer->request());
	if (!frame) {
		LOG(Fovea, Error) << "The device returned an image of no request";
		return;
	}

	frame->images.push_back(buffer);
	if (frame->stage != Frame::Stage::Captured)
		return;

	const uint32_t number = frame->number;
	completeImages(frame, true);
	complete(number);
}

void CaptureSession::paramsReady(FrameBuffer *buffer)
{
	if (state_ != State::Running)
		return;

	jobs_.returnParams(buffer);

	Frame *frame = frames_.findParams(buffer);
	if (!frame || frame->stage != Frame::Stage::Queued) {
		LOG(Fovea, Error) << "The device returned parameters of no job";
		return;
	}

	frame->params = nullptr;

	const uint32_t number = frame->number;
	const bool inOrder = frames_.capture(frame, buffer->metadata().sequence);
	if (!inOrder)
		LOG(Fovea, Error)
			<< "The device broke the order of jobs at sequence number "
			<< buffer->metadata().sequence << ", frame " << number
			<< ": its images are marked as wrong";

	completeImages(frame, inOrder);
	matchStats();
	computeParams();
	complete(number);
}

/*
 * Complete the images that the device has returned for a captured frame, with
 * the frame's sequence number. Those that can't be trusted complete in error.
 */
void CaptureSession::completeImages(Frame *frame, bool trusted)
{
	for (FrameBuffer *buffer : std::exchange(frame->images, {})) {
		FrameMetadata &metadata = buffer->_d()->metadata();
		const bool success = metadata.status == FrameMetadata::FrameSuccess;

		if (success && !frame->timestamp)
			frame->timestamp = metadata.timestamp;

		if (success && *frame->timestamp != metadata.timestamp) {
			LOG(Fovea, Error)
				<< "Buffers of frame " << frame->number
				<< " are of different times, " << *frame->timestamp
				<< " ns and " << metadata.timestamp << " ns";
			trusted = false;
		}

		if (!trusted)
			markError(buffer);

		metadata.sequence = frame->sequence;
		pipe_->completeBuffer(frame->request, buffer);
	}
}

/* -----------------------------------------------------------------------------
 * Statistics: from the device to the metadata
 */

void CaptureSession::statsReady(FrameBuffer *buffer)
{
	if (state_ != State::Running)
		return;

	const std::optional<uint32_t> sequence = jobs_.statsSequence(buffer);
	if (!sequence || !pendingStats_.emplace(*sequence, buffer).second) {
		LOG(Fovea, Warning) << "Unusable statistics dropped";
		if (jobs_.queueStats(buffer))
			fail();
		return;
	}

	matchStats();
}

/*
 * Bring statistics and captured frames together, oldest first. Statistics of a
 * frame that is not known to be captured wait for its parameters buffer. Frames
 * older than the newest statistics get none any more.
 */
void CaptureSession::matchStats()
{
	while (!pendingStats_.empty()) {
		const auto [sequence, buffer] = *pendingStats_.begin();
		if (sequence > frames_.lastSequence().value_or(0) ||
		    !frames_.lastSequence())
			return;

		pendingStats_.erase(pendingStats_.begin());

		while (Frame *lost = frames_.missingStats(sequence))
			sendStats(lost, nullptr);

		Frame *frame = frames_.findSequence(sequence);
		if (frame && !frame->statsSent) {
			sendStats(frame, buffer);
			continue;
		}

		LOG(Fovea, Error)
			<< "Statistics of sequence number " << sequence
			<< " belong to no frame";
		if (jobs_.queueStats(buffer)) {
			fail();
			return;
		}
	}
}

/* Process the statistics of \a frame, which are lost if \a buffer is null. */
void CaptureSession::sendStats(Frame *frame, FrameBuffer *buffer)
{
	if (buffer && !frame->timestamp)
		frame->timestamp = buffer->metadata().timestamp;

	if (!buffer)
		LOG(Fovea, Warning)
			<< "No statistics for frame " << frame->number
			<< ", sequence number " << frame->sequence;

	frame->stats = buffer;
	frame->statsSent = true;
	watch();

	const Span<const uint8_t> stats = buffer ? jobs_.statsData(buffer)
						 : Span<const uint8_t>{};
	if (buffer)
		exportBuffer(frame, IspStatistics, stats.first(sizeof(struct fovea_isp_stats_buffer)));
	if (!data_->ipa_->processStats(frame->number, stats,
				       data_->delayedControls_->get(frame->sequence)))
		finishMetadata(frame->number);
}

void CaptureSession::setSensorControls(const ControlList &controls)
{
	if (state_ != State::Running)
		return;

	if (!data_->delayedControls_->push(controls))
		LOG(Fovea, Error)
			<< "The IPA module sets sensor controls that are not "
			   "exposure, analogue gain or vertical blanking";
}

void CaptureSession::metadataReady(uint32_t number, const ControlList &metadata)
{
	if (state_ != State::Running)
		return;

	Frame *frame = frames_.find(number);
	if (!frame || !frame->statsSent || frame->metadataReady) {
		LOG(Fovea, Error)
			<< "The IPA module reported metadata that nobody asked "
			   "for, frame " << number;
		return;
	}

	frame->request->_d()->metadata().merge(metadata);
	finishMetadata(number);
}

/* The frame's metadata is as complete as it gets: give its statistics back. */
void CaptureSession::finishMetadata(uint32_t number)
{
	Frame *frame = frames_.find(number);
	frame->metadataReady = true;

	FrameBuffer *stats = std::exchange(frame->stats, nullptr);
	if (stats && jobs_.queueStats(stats)) {
		fail();
		return;
	}

	computeParams();
	complete(number);
}

/* Complete the request of frame \a number if nothing is missing. */
void CaptureSession::complete(uint32_t number)
{
	Frame *frame = frames_.find(number);
	if (!frame || frame->stage != Frame::Stage::Captured || !frame->metadataReady ||
	    frame->request->hasPendingBuffers())
		return;

	Request *request = frame->request;
	ControlList &metadata = request->_d()->metadata();
	if (frame->timestamp)
		metadata.set(controls::SensorTimestamp,
			     static_cast<int64_t>(*frame->timestamp));
	if (request->findBuffer(&data_->mainStream_) ||
	    request->findBuffer(&data_->viewfinderStream_))
		metadata.set(controls::ScalerCrop, data_->scalerCrop_);

	frames_.remove(frame);
	watch();

	pipe_->completeRequest(request);
}

/* -----------------------------------------------------------------------------
 * Supervision
 */

void CaptureSession::frameStarted([[maybe_unused]] uint32_t sequence)
{
	data_->ipa_->frameStarted();
}

/* Something went on: wait anew for the oldest frame. */
void CaptureSession::watch()
{
	lastProgress_ = utils::clock::now();

	if (state_ != State::Running || frames_.empty())
		watchdog_.stop();
	else
		watchdog_.start(kCheckInterval);
}

/*
 * Nothing has happened for a while. A device that is there but owes a frame is
 * watched by the dequeue timers of its nodes, the IPA module by its supervisor.
 */
void CaptureSession::checkProgress()
{
	if (!jobs_.deviceIsThere()) {
		fail();
		return;
	}

	if (utils::clock::now() - lastProgress_ < kStatsTimeout) {
		watchdog_.start(kCheckInterval);
		return;
	}

	Frame *oldest = frames_.oldest();
	if (oldest->stage == Frame::Stage::Captured && !oldest->statsSent)
		sendStats(oldest, nullptr);
	else
		watch();
}

void CaptureSession::deviceStalled()
{
	if (state_ != State::Running)
		return;

	LOG(Fovea, Error)
		<< "The device does not deliver: all requests are cancelled. Stop "
		   "and start the camera to try again";

	fail();
}

/* Give up: the device does not work as it should. */
void CaptureSession::fail()
{
	if (state_ != State::Running)
		return;

	const bool lost = !jobs_.deviceIsThere();
	if (lost)
		LOG(Fovea, Error) << "The device is gone: all requests are cancelled";

	giveUp();

	if (lost)
		deviceLost.emit();
}

/**
 * \brief The device was unplugged: cancel all requests and let go of it
 *
 * Requests that are queued later are refused. stop() is still needed.
 */
void CaptureSession::disconnect()
{
	if (state_ == State::Running)
		giveUp();

	data_->frontEnd_.close();
}

void CaptureSession::giveUp()
{
	state_ = State::Failed;
	watchdog_.stop();

	jobs_.streamOff();
	cancelAll();
}

void CaptureSession::cancelAll()
{
	while (Frame *frame = frames_.oldest()) {
		Request *request = frame->request;
		frames_.remove(frame);
		pipe_->cancelRequest(request);
	}
}

} /* namespace fovea */

} /* namespace libcamera */
