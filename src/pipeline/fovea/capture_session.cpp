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

#include <linux/fovea-isp.h>

#include <libcamera/base/log.h>
#include <libcamera/base/utils.h>

#include <libcamera/control_ids.h>
#include <libcamera/request.h>

#include "libcamera/internal/framebuffer.h"
#include "libcamera/internal/pipeline_handler.h"
#include "libcamera/internal/request.h"
#include "libcamera/internal/v4l2_videodevice.h"

#include "back_end.h"
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

/*
 * A job needs a statistics and a parameters buffer from the computation of its
 * parameters to its metadata. One more of each bridges the time until the device
 * has given back the oldest.
 */
constexpr unsigned int kParamsBufferCount = kParamsLatency + 1;
constexpr unsigned int kStatsBufferCount = kParamsLatency + 1;

/* Ids of the buffers for the IPA module, where 0 is no buffer. */
constexpr uint32_t kParamsFirstId = 1;
constexpr uint32_t kStatsFirstId = kParamsFirstId + kParamsBufferCount;

/*
 * The longest a healthy peer leaves the oldest frame without any progress. The
 * IPA's limit is that of libcamera's synchronous calls. The device's leaves room
 * for the longest frames of common sensors and for a slow virtual device.
 */
constexpr std::chrono::milliseconds kIpaTimeout = 2s;
constexpr std::chrono::milliseconds kDeviceTimeout = 10s;

/* How long nothing may happen until the session looks whether all is well. */
constexpr std::chrono::milliseconds kCheckInterval = 100ms;

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
 * that they depend on have been processed; then its image buffers are queued,
 * and last its parameters buffer, which closes the device's job. Statistics
 * buffers belong to the device all the time but for the moments in which the IPA
 * module reads them, so that the device always has one for the next job.
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
 * - an IPA module that stops answering is left alone from then on;
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
	: pipe_(pipe), data_(data), backEnd_(backEnd), params_(backEnd->params()),
	  stats_(data->frontEnd_.stats()), maxRequests_(maxRequests),
	  state_(State::Idle), ipaRunning_(false), frames_(kParamsLatency),
	  paramsBuffers_(kParamsFirstId), statsBuffers_(kStatsFirstId)
{
	connectSignals();
}

CaptureSession::~CaptureSession() = default;

/* All connections end with this object. */
void CaptureSession::connectSignals()
{
	for (const CameraData::Output &output : data_->outputs_) {
		output.node->bufferReady.connect(this, &CaptureSession::imageReady);
		output.node->dequeueTimeout.connect(this, &CaptureSession::deviceStalled);
	}

	params_->bufferReady.connect(this, &CaptureSession::paramsReady);
	params_->dequeueTimeout.connect(this, &CaptureSession::deviceStalled);
	stats_->bufferReady.connect(this, &CaptureSession::statsReady);

	data_->ipa_->paramsComputed.connect(this, &CaptureSession::paramsComputed);
	data_->ipa_->setSensorControls.connect(this, &CaptureSession::setSensorControls);
	data_->ipa_->metadataReady.connect(this, &CaptureSession::metadataReady);

	watchdog_.timeout.connect(this, &CaptureSession::checkProgress);
}

/**
 * \brief Start the session
 * \param[in] controls Controls of the application for the first frame
 * \return 0 or a negative error code; nothing is left running on an error
 */
int CaptureSession::start(const ControlList &controls)
{
	int ret = allocateBuffers();
	if (!ret)
		ret = startIpa(controls);
	if (!ret)
		ret = streamOn();

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

	if (ipaRunning_)
		data_->ipa_->stop();

	streamOff();
	cancelAll();
	releaseBuffers();

	ipaRunning_ = false;
	state_ = State::Idle;
}

int CaptureSession::allocateBuffers()
{
	int ret = paramsBuffers_.allocate(params_, kParamsBufferCount,
					  FOVEA_ISP_PARAMS_MAX_SIZE,
					  MappedFrameBuffer::MapFlag::ReadWrite);
	if (ret)
		return ret;

	ret = statsBuffers_.allocate(stats_, kStatsBufferCount,
				     sizeof(struct fovea_isp_stats_buffer),
				     MappedFrameBuffer::MapFlag::Read);
	if (ret)
		return ret;

	for (const std::unique_ptr<FrameBuffer> &buffer : paramsBuffers_.buffers())
		freeParams_.push(buffer.get());

	for (const CameraData::Output &output : data_->outputs_) {
		const unsigned int count =
			std::max(output.stream->configuration().bufferCount, maxRequests_);
		ret = output.node->importBuffers(count);
		if (ret < 0)
			return ret;
	}

	return 0;
}

void CaptureSession::releaseBuffers()
{
	freeParams_ = {};
	pendingStats_.clear();

	if (ipaRunning_) {
		data_->ipa_->unmapBuffers(paramsBuffers_.ids());
		data_->ipa_->unmapBuffers(statsBuffers_.ids());
	}

	paramsBuffers_.release(params_);
	statsBuffers_.release(stats_);

	for (const CameraData::Output &output : data_->outputs_)
		output.node->releaseBuffers();
}

int CaptureSession::startIpa(const ControlList &controls)
{
	data_->ipa_->mapBuffers(paramsBuffers_.ipaBuffers());
	data_->ipa_->mapBuffers(statsBuffers_.ipaBuffers());
	ipaRunning_ = true;

	/* Stays as it is if the call itself fails. */
	int32_t result = -EPIPE;
	ControlList sensorControls;
	data_->ipa_->start(controls, &sensorControls, &result);

	int ret = result;
	if (ret) {
		LOG(Fovea, Error)
			<< "The IPA module does not start: " << strerror(-ret);
		return ret;
	}

	ret = data_->applySensorControls(sensorControls);
	if (ret)
		return ret;

	/* The history starts from what the sensor has now. */
	data_->delayedControls_->reset();

	return 0;
}

/*
 * Parameters first: from then on the device takes buffers in jobs only. The
 * images come last; the device may start the sensor with them.
 */
int CaptureSession::streamOn()
{
	for (const std::unique_ptr<FrameBuffer> &buffer : statsBuffers_.buffers()) {
		int ret = stats_->queueBuffer(buffer.get());
		if (ret)
			return ret;
	}

	int ret = data_->frontEnd_.receiver()->setFrameStartEnabled(true);
	if (ret) {
		LOG(Fovea, Error) << "The receiver reports no frame starts";
		return ret;
	}

	params_->setDequeueTimeout(kDeviceTimeout);
	ret = params_->streamOn();
	if (ret)
		return ret;

	ret = stats_->streamOn();
	if (ret)
		return ret;

	for (const CameraData::Output &output : data_->outputs_) {
		output.node->setDequeueTimeout(kDeviceTimeout);
		ret = output.node->streamOn();
		if (ret)
			return ret;
	}

	return 0;
}

/* Harmless for queues that don't stream. */
void CaptureSession::streamOff()
{
	/* The nodes are closed when the device is lost. */
	if (!params_->isOpen())
		return;

	for (const CameraData::Output &output : data_->outputs_)
		output.node->streamOff();

	stats_->streamOff();
	params_->streamOff();

	data_->frontEnd_.receiver()->setFrameStartEnabled(false);
}

/**
 * \brief Take \a request on its way
 * \return 0, or -EIO when the session has failed
 */
int CaptureSession::queue(Request *request)
{
	if (state_ != State::Running)
		return -EIO;

	const uint32_t number = frames_.add(request).number;
	if (ipaRunning_)
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
	while (state_ == State::Running && !freeParams_.empty()) {
		Frame *frame = frames_.nextToCompute();
		if (!frame)
			return;

		frame->params = freeParams_.front();
		freeParams_.pop();
		frame->stage = Frame::Stage::Computing;

		if (ipaRunning_)
			data_->ipa_->computeParams(frame->number,
						   frame->params->cookie());
		else
			submit(frame, 0);
	}
}

void CaptureSession::paramsComputed(uint32_t number, uint32_t bytesUsed)
{
	if (state_ != State::Running || !ipaRunning_)
		return;

	Frame *frame = frames_.find(number);
	if (!frame || frame->stage != Frame::Stage::Computing) {
		LOG(Fovea, Error)
			<< "The IPA module computed parameters that nobody asked "
			   "for, frame " << number;
		return;
	}

	submit(frame, bytesUsed);
	watch();
}

/*
 * Queue the frame's buffers as a job. The parameters come last: they close the
 * job (linux/fovea-isp.h).
 */
void CaptureSession::submit(Frame *frame, uint32_t bytesUsed)
{
	for (const CameraData::Output &output : data_->outputs_) {
		FrameBuffer *buffer = frame->request->findBuffer(output.stream);
		if (!buffer || !output.node->queueBuffer(buffer))
			continue;

		markError(buffer);
		frame->images.push_back(buffer);
	}

	frame->stage = Frame::Stage::Queued;

	if (bytesUsed && !queueParams(frame->params, bytesUsed))
		return;

	if (ipaRunning_)
		LOG(Fovea, Error)
			<< "No usable parameters for frame " << frame->number
			<< ", it keeps those of the frame before";

	if (queueParams(frame->params, writeEmptyParams(frame->params)))
		fail();
}

int CaptureSession::queueParams(FrameBuffer *buffer, uint32_t bytesUsed)
{
	if (bytesUsed > buffer->planes()[0].length) {
		LOG(Fovea, Error)
			<< "The IPA module claims " << bytesUsed
			<< " bytes in a parameters buffer of "
			<< buffer->planes()[0].length;
		return -EINVAL;
	}

	buffer->_d()->metadata().planes()[0].bytesused = bytesUsed;

	return params_->queueBuffer(buffer);
}

/* Parameters without a block: everything keeps its state. */
uint32_t CaptureSession::writeEmptyParams(FrameBuffer *buffer)
{
	struct v4l2_isp_params_buffer header = {};
	header.version = V4L2_ISP_PARAMS_VERSION_V1;
	header.data_size = 0;

	memcpy(paramsBuffers_.data(buffer).data(), &header, sizeof(header));

	return sizeof(header);
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

	freeParams_.push(buffer);

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

	const std::optional<uint32_t> sequence = statsSequence(buffer);
	if (!sequence || !pendingStats_.emplace(*sequence, buffer).second) {
		LOG(Fovea, Warning) << "Unusable statistics dropped";
		if (queueStats(buffer))
			fail();
		return;
	}

	matchStats();
}

/* The device's sequence number of statistics; none if they are damaged. */
std::optional<uint32_t> CaptureSession::statsSequence(const FrameBuffer *buffer) const
{
	if (buffer->metadata().status != FrameMetadata::FrameSuccess)
		return std::nullopt;

	struct fovea_isp_stats_buffer header;
	constexpr size_t kHeaderSize = offsetof(struct fovea_isp_stats_buffer, ae_geometry);
	memcpy(&header, statsBuffers_.data(buffer).data(), kHeaderSize);

	if (header.version != FOVEA_ISP_STATS_VERSION_1) {
		LOG(Fovea, Error)
			<< "Statistics of unknown version " << header.version;
		return std::nullopt;
	}

	return header.sequence;
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
		if (queueStats(buffer)) {
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

	if (!ipaRunning_) {
		finishMetadata(frame->number);
		return;
	}

	data_->ipa_->processStats(frame->number, buffer ? buffer->cookie() : 0,
				  data_->delayedControls_->get(frame->sequence));
}

int CaptureSession::queueStats(FrameBuffer *buffer)
{
	return stats_->queueBuffer(buffer);
}

void CaptureSession::setSensorControls([[maybe_unused]] uint32_t number,
				       const ControlList &controls)
{
	if (state_ != State::Running || !ipaRunning_)
		return;

	if (!data_->delayedControls_->push(controls))
		LOG(Fovea, Error)
			<< "The IPA module sets sensor controls that are not "
			   "exposure, analogue gain or vertical blanking";
}

void CaptureSession::metadataReady(uint32_t number, const ControlList &metadata)
{
	if (state_ != State::Running || !ipaRunning_)
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
	if (stats && queueStats(stats)) {
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
	if (request->findBuffer(&data_->mainStream_))
		metadata.set(controls::ScalerCrop, data_->scalerCrop_);

	frames_.remove(frame);
	watch();

	pipe_->completeRequest(request);
}

/* -----------------------------------------------------------------------------
 * Supervision
 */

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
 * watched by the dequeue timers of its nodes.
 */
void CaptureSession::checkProgress()
{
	if (!deviceIsThere()) {
		fail();
		return;
	}

	if (utils::clock::now() - lastProgress_ < kIpaTimeout) {
		watchdog_.start(kCheckInterval);
		return;
	}

	Frame *oldest = frames_.oldest();
	const bool computing = oldest->stage == Frame::Stage::Computing;
	const bool captured = oldest->stage == Frame::Stage::Captured;

	if (computing || (oldest->statsSent && !oldest->metadataReady))
		ipaSilent();
	else if (captured && !oldest->statsSent)
		sendStats(oldest, nullptr);
	else
		watch();
}

/*
 * A device that is unplugged reports no error by itself: libcamera logs what
 * fails when dequeuing, and goes on.
 */
bool CaptureSession::deviceIsThere()
{
	V4L2DeviceFormat format;

	return params_->isOpen() && !params_->getFormat(&format);
}

/*
 * The IPA module does not answer any more. Frames go on with the parameters that
 * the device has, and with no metadata but the handler's.
 */
void CaptureSession::ipaSilent()
{
	LOG(Fovea, Error)
		<< "The IPA module has not answered for " << kIpaTimeout.count()
		<< " ms: frames go on with the last parameters. Stop and start "
		   "the camera to try again";

	ipaRunning_ = false;
	data_->ipaFailed_ = true;

	while (Frame *frame = frames_.findStage(Frame::Stage::Computing))
		submit(frame, 0);

	while (Frame *frame = frames_.unanswered())
		finishMetadata(frame->number);

	watch();
}

void CaptureSession::deviceStalled()
{
	if (state_ != State::Running)
		return;

	LOG(Fovea, Error)
		<< "The device has delivered nothing for " << kDeviceTimeout.count()
		<< " ms: all requests are cancelled. Stop and start the camera to "
		   "try again";

	fail();
}

/* Give up: the device does not work as it should. */
void CaptureSession::fail()
{
	if (state_ != State::Running)
		return;

	state_ = State::Failed;
	watchdog_.stop();

	streamOff();

	const bool lost = !deviceIsThere();
	if (lost)
		LOG(Fovea, Error) << "The device is gone: all requests are cancelled";

	cancelAll();

	if (lost)
		deviceLost.emit();
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
