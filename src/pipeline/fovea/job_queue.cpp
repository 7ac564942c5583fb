/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Jobs: the buffers that the device takes and gives back together
 */

#include "job_queue.h"

#include <algorithm>
#include <chrono>
#include <errno.h>
#include <string.h>

#include <linux/fovea-isp.h>

#include <libcamera/base/log.h>

#include <libcamera/request.h>

#include "libcamera/internal/framebuffer.h"
#include "libcamera/internal/v4l2_videodevice.h"

#include "back_end.h"
#include "camera_data.h"

/**
 * \file job_queue.h
 * \brief The queues of the device
 */

using namespace std::chrono_literals;

namespace libcamera {

LOG_DECLARE_CATEGORY(Fovea)

namespace fovea {

namespace {

/*
 * A job needs a statistics and a parameters buffer from the computation of its
 * parameters to its metadata. One more of each bridges the time until the device
 * has given back the oldest.
 */
constexpr unsigned int kParamsBufferCount = ipa::fovea::kParamsLatency + 1;
constexpr unsigned int kStatsBufferCount = ipa::fovea::kParamsLatency + 1;

/*
 * The longest a healthy device keeps a job without delivering anything. It
 * leaves room for the longest frames of common sensors and for a slow virtual
 * device.
 */
constexpr std::chrono::milliseconds kDeviceTimeout = 10s;

} /* namespace */

/**
 * \class JobQueue
 * \brief The queues of the device during a capture
 *
 * A job is closed by its parameters buffer, so that this one is queued last
 * (linux/fovea-isp.h). Statistics buffers belong to the device all the time but
 * for the moments in which the IPA module reads them, so that there always is
 * one for the next job.
 *
 * \var JobQueue::imageReady
 * \brief The device has returned an image buffer
 *
 * \var JobQueue::paramsReady
 * \brief The device has consumed a job and returned its parameters buffer
 *
 * \var JobQueue::statsReady
 * \brief The device has returned a statistics buffer
 *
 * \var JobQueue::stalled
 * \brief The device has a job, and has delivered nothing for long
 */

/**
 * \param[in] data The configured camera
 * \param[in] backEnd The back end that processes the camera's frames
 * \param[in] maxRequests The number of requests that can be queued at once
 */
JobQueue::JobQueue(CameraData *data, BackEnd *backEnd, unsigned int maxRequests)
	: data_(data), params_(backEnd->params()), stats_(data->frontEnd_.stats()),
	  maxRequests_(maxRequests)
{
	connectNodes();
}

/*
 * The connections end with this object. Only queues whose buffers are all part
 * of jobs tell of a stall: statistics buffers wait for jobs in the device.
 */
void JobQueue::connectNodes()
{
	auto forwardStall = [this] { stalled.emit(); };

	for (const CameraData::Output &output : data_->outputs_) {
		output.node->bufferReady.connect(this, [this](FrameBuffer *buffer) {
			imageReady.emit(buffer);
		});
		output.node->dequeueTimeout.connect(this, forwardStall);
	}

	params_->bufferReady.connect(this, [this](FrameBuffer *buffer) {
		paramsReady.emit(buffer);
	});
	params_->dequeueTimeout.connect(this, forwardStall);

	stats_->bufferReady.connect(this, [this](FrameBuffer *buffer) {
		statsReady.emit(buffer);
	});
}

/**
 * \brief Allocate parameters and statistics buffers, prepare for images
 * \return 0 or a negative error code; release() is needed in both cases
 */
int JobQueue::allocate()
{
	int ret = paramsBuffers_.allocate(params_, kParamsBufferCount,
					  FOVEA_ISP_PARAMS_MAX_SIZE,
					  MappedFrameBuffer::MapFlag::ReadWrite);
	if (ret)
		return ret;

	for (const std::unique_ptr<FrameBuffer> &buffer : paramsBuffers_.buffers())
		freeParams_.push(buffer.get());

	ret = statsBuffers_.allocate(stats_, kStatsBufferCount,
				     sizeof(struct fovea_isp_stats_buffer),
				     MappedFrameBuffer::MapFlag::Read);
	if (ret)
		return ret;

	return allocateImages();
}

/* As many places as requests may be queued, so that none is ever refused. */
int JobQueue::allocateImages()
{
	for (const CameraData::Output &output : data_->outputs_) {
		const unsigned int count =
			std::max(output.stream->configuration().bufferCount, maxRequests_);
		int ret = output.node->importBuffers(count);
		if (ret < 0)
			return ret;
	}

	return 0;
}

/** \brief Free all buffers; nothing may stream any more */
void JobQueue::release()
{
	freeParams_ = {};

	paramsBuffers_.release(params_);
	statsBuffers_.release(stats_);

	for (const CameraData::Output &output : data_->outputs_)
		output.node->releaseBuffers();
}

/**
 * \brief Hand all statistics buffers to the device and start all queues
 *
 * Parameters come first: from then on the device takes buffers in jobs only. The
 * images come last; the device may start the sensor with them.
 *
 * \return 0 or a negative error code; streamOff() is needed in both cases
 */
int JobQueue::streamOn()
{
	for (const std::unique_ptr<FrameBuffer> &buffer : statsBuffers_.buffers()) {
		int ret = stats_->queueBuffer(buffer.get());
		if (ret)
			return ret;
	}

	int ret = data_->frontEnd_.receiver()->setFrameStartEnabled(true);
	if (ret) {
		LOG(Fovea, Error)
			<< "The receiver reports no frame starts: " << strerror(-ret);
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

/**
 * \brief Stop all queues; the device returns all buffers as cancelled
 *
 * Harmless for queues that don't stream, and for nodes that are closed because
 * the device is gone.
 */
void JobQueue::streamOff()
{
	if (!params_->isOpen())
		return;

	for (const CameraData::Output &output : data_->outputs_)
		output.node->streamOff();

	stats_->streamOff();
	params_->streamOff();

	data_->frontEnd_.receiver()->setFrameStartEnabled(false);
}

/**
 * \brief Does the device still answer?
 *
 * A device that is unplugged reports no error by itself: libcamera logs what
 * fails when dequeuing, and goes on.
 */
bool JobQueue::deviceIsThere()
{
	V4L2DeviceFormat format;

	return params_->isOpen() && !params_->getFormat(&format);
}

/** \brief A parameters buffer that is not in use, or null */
FrameBuffer *JobQueue::takeParams()
{
	if (freeParams_.empty())
		return nullptr;

	FrameBuffer *buffer = freeParams_.front();
	freeParams_.pop();

	return buffer;
}

/** \brief \a buffer is not in use any more */
void JobQueue::returnParams(FrameBuffer *buffer)
{
	freeParams_.push(buffer);
}

/**
 * \brief Queue the image buffers of \a request
 * \return The buffers that the device refuses
 */
std::vector<FrameBuffer *> JobQueue::queueImages(Request *request)
{
	std::vector<FrameBuffer *> refused;

	for (const CameraData::Output &output : data_->outputs_) {
		FrameBuffer *buffer = request->findBuffer(output.stream);
		if (buffer && output.node->queueBuffer(buffer))
			refused.push_back(buffer);
	}

	return refused;
}

/**
 * \brief Queue parameters, which closes the job
 * \param[in] buffer The parameters buffer
 * \param[in] params The parameters
 * \return 0, -EINVAL if the parameters are too long, or the error of the device
 */
int JobQueue::queueParams(FrameBuffer *buffer, Span<const uint8_t> params)
{
	const Span<uint8_t> data = paramsBuffers_.data(buffer);
	if (params.size() > data.size()) {
		LOG(Fovea, Error)
			<< "Parameters of " << params.size() << " bytes, expected at most "
			<< data.size();
		return -EINVAL;
	}

	memcpy(data.data(), params.data(), params.size());
	buffer->_d()->metadata().planes()[0].bytesused = params.size();

	return params_->queueBuffer(buffer);
}

/** \brief Close the job with parameters that leave everything as it is */
int JobQueue::queueEmptyParams(FrameBuffer *buffer)
{
	struct v4l2_isp_params_buffer header = {};
	header.version = V4L2_ISP_PARAMS_VERSION_V1;
	header.data_size = 0;

	return queueParams(buffer, { reinterpret_cast<const uint8_t *>(&header),
				     sizeof(header) });
}

/** \brief Give a statistics buffer back to the device */
int JobQueue::queueStats(FrameBuffer *buffer)
{
	return stats_->queueBuffer(buffer);
}

/** \brief The statistics in \a buffer */
Span<const uint8_t> JobQueue::statsData(const FrameBuffer *buffer) const
{
	return statsBuffers_.data(buffer);
}

/** \brief The device's sequence number of statistics; none if they are damaged */
std::optional<uint32_t> JobQueue::statsSequence(const FrameBuffer *buffer) const
{
	if (buffer->metadata().status != FrameMetadata::FrameSuccess)
		return std::nullopt;

	struct fovea_isp_stats_buffer header;
	constexpr size_t kHeaderSize = offsetof(struct fovea_isp_stats_buffer, ae_geometry);
	memcpy(&header, statsBuffers_.data(buffer).data(), kHeaderSize);

	if (header.version != FOVEA_ISP_STATS_VERSION_2) {
		LOG(Fovea, Error)
			<< "Statistics of unknown version " << header.version
			<< ", expected " << FOVEA_ISP_STATS_VERSION_2;
		return std::nullopt;
	}

	return header.sequence;
}

} /* namespace fovea */

} /* namespace libcamera */
