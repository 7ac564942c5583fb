/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * V4L2 video nodes
 */

#include "video_device.h"

#include <algorithm>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "pixel_format.h"
#include "subdevice.h"

/**
 * \file video_device.h
 * \brief Video and metadata nodes of media-controller devices
 */

namespace fovea::v4l2 {

namespace {

constexpr unsigned int kVideoMajor = 81;

/* A Linux version that has everything that the ioctls here offer. */
constexpr uint32_t kVersion = (6 << 16) | (12 << 8);

uint32_t typeCapability(v4l2_buf_type type)
{
	switch (type) {
	case V4L2_BUF_TYPE_VIDEO_CAPTURE:
		return V4L2_CAP_VIDEO_CAPTURE;
	case V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE:
		return V4L2_CAP_VIDEO_CAPTURE_MPLANE;
	case V4L2_BUF_TYPE_VIDEO_OUTPUT:
		return V4L2_CAP_VIDEO_OUTPUT;
	case V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE:
		return V4L2_CAP_VIDEO_OUTPUT_MPLANE;
	case V4L2_BUF_TYPE_META_CAPTURE:
		return V4L2_CAP_META_CAPTURE;
	case V4L2_BUF_TYPE_META_OUTPUT:
		return V4L2_CAP_META_OUTPUT;
	default:
		return 0;
	}
}

bool isMeta(uint32_t type)
{
	return type == V4L2_BUF_TYPE_META_CAPTURE || type == V4L2_BUF_TYPE_META_OUTPUT;
}

template<size_t N>
void copyText(__u8 (&destination)[N], const std::string &text)
{
	memset(destination, 0, N);
	memcpy(destination, text.data(), std::min(text.size(), N - 1));
}

} /* namespace */

/* An open file of a video node. */
class VideoFile : public FileHandle
{
public:
	VideoFile(MediaDevice *media, VideoDevice *device);
	~VideoFile() override;

protected:
	/* NodeFile */
	int deviceIoctl(unsigned long request, void *arg) override;
	unsigned int devicePoll() const override;
	int deviceMmap(uint64_t offset, size_t length, int *fd, uint64_t *fdOffset) override;
	void leaveDevice() override;

private:
	void detach();
	int enumerate(unsigned long request, void *arg);
	int parameters(unsigned long request, v4l2_streamparm *parameters);
	int selection(unsigned long request, v4l2_selection *selection);
	int crop(unsigned long request, v4l2_crop *crop);
	int cropCapability(v4l2_cropcap *capability);
	int eventIoctl(unsigned long request, void *arg);
	int otherIoctl(unsigned long request, void *arg);

	VideoDevice *device_;
};

VideoFile::VideoFile(MediaDevice *media, VideoDevice *device)
	: FileHandle(media, device->number_), device_(device)
{
	device_->controls_.addFile(this);
	device_->files_.push_back(this);
}

VideoFile::~VideoFile()
{
	if (registered())
		detach();
}

void VideoFile::leaveDevice()
{
	detach();
	FileHandle::leaveDevice();
}

/* Buffers go back and streaming stops if they are this file's. */
void VideoFile::detach()
{
	device_->controls_.removeFile(this);
	std::erase(device_->files_, this);
	device_->queue_.release(this);
}

unsigned int VideoFile::devicePoll() const
{
	return (events().pending() ? POLLPRI : 0) | device_->queue_.poll();
}

int VideoFile::deviceMmap(uint64_t offset, size_t length, int *fd, uint64_t *fdOffset)
{
	return device_->queue_.mmap(offset, length, fd, fdOffset);
}

/* Does a file with a lower priority have to stay away from this ioctl? */
static bool needsPriority(unsigned long request)
{
	switch (request) {
	case VIDIOC_S_FMT:
	case VIDIOC_REQBUFS:
	case VIDIOC_CREATE_BUFS:
	case VIDIOC_REMOVE_BUFS:
	case VIDIOC_STREAMON:
	case VIDIOC_STREAMOFF:
	case VIDIOC_S_INPUT:
	case VIDIOC_S_OUTPUT:
	case VIDIOC_S_CTRL:
	case VIDIOC_S_EXT_CTRLS:
	case VIDIOC_S_PARM:
	case VIDIOC_S_SELECTION:
	case VIDIOC_S_CROP:
	case VIDIOC_S_PRIORITY:
		return true;
	default:
		return false;
	}
}

int VideoFile::enumerate(unsigned long request, void *arg)
{
	if (request == VIDIOC_ENUM_FRAMESIZES) {
		auto *size = static_cast<v4l2_frmsizeenum *>(arg);
		if (!device_->hasFrameSizes())
			return -ENOTTY;
		*size = { .index = size->index, .pixel_format = size->pixel_format,
			  .type = 0, .discrete = {}, .reserved = {} };
		return device_->enumFrameSizes(size);
	}

	auto *interval = static_cast<v4l2_frmivalenum *>(arg);
	if (!device_->hasFrameIntervals())
		return -ENOTTY;
	*interval = { .index = interval->index, .pixel_format = interval->pixel_format,
		      .width = interval->width, .height = interval->height,
		      .type = 0, .discrete = {}, .reserved = {} };
	return device_->enumFrameIntervals(interval);
}

int VideoFile::parameters(unsigned long request, v4l2_streamparm *parameters)
{
	if (!device_->hasParameters())
		return -ENOTTY;
	if (parameters->type != device_->queue_.type())
		return -EINVAL;

	if (request == VIDIOC_G_PARM) {
		*parameters = {};
		parameters->type = device_->queue_.type();
	}

	return device_->streamParameters(parameters, request == VIDIOC_S_PARM);
}

/* The buffer type that the selection ioctls use for queues of \a type. */
static uint32_t selectionType(uint32_t type)
{
	switch (type) {
	case V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE:
		return V4L2_BUF_TYPE_VIDEO_CAPTURE;
	case V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE:
		return V4L2_BUF_TYPE_VIDEO_OUTPUT;
	default:
		return type;
	}
}

/* Both kinds of types are accepted, as in the kernel since 4.12. */
int VideoFile::selection(unsigned long request, v4l2_selection *selection)
{
	if (!device_->hasSelection())
		return -ENOTTY;

	const uint32_t type = selection->type;
	if (selectionType(type) != selectionType(device_->queue_.type()))
		return -EINVAL;

	memset(selection->reserved, 0, sizeof(selection->reserved));
	selection->type = selectionType(type);
	int ret = device_->selection(selection, request == VIDIOC_S_SELECTION);
	selection->type = type;
	return ret;
}

/* The obsolete crop ioctls crop what is captured and compose what is put out. */
int VideoFile::crop(unsigned long request, v4l2_crop *crop)
{
	v4l2_selection sel = {};
	sel.type = crop->type;
	sel.target = device_->queue_.output() ? V4L2_SEL_TGT_COMPOSE : V4L2_SEL_TGT_CROP;
	sel.r = crop->c;

	int ret = selection(request == VIDIOC_G_CROP ? VIDIOC_G_SELECTION : VIDIOC_S_SELECTION, &sel);
	if (!ret && request == VIDIOC_G_CROP)
		crop->c = sel.r;
	return ret;
}

int VideoFile::cropCapability(v4l2_cropcap *capability)
{
	const bool output = device_->queue_.output();

	v4l2_selection sel = {};
	sel.type = capability->type;
	sel.target = output ? V4L2_SEL_TGT_COMPOSE_BOUNDS : V4L2_SEL_TGT_CROP_BOUNDS;
	int ret = selection(VIDIOC_G_SELECTION, &sel);
	if (ret)
		return ret;
	capability->bounds = sel.r;

	sel.target = output ? V4L2_SEL_TGT_COMPOSE_DEFAULT : V4L2_SEL_TGT_CROP_DEFAULT;
	ret = selection(VIDIOC_G_SELECTION, &sel);
	if (ret)
		return ret;
	capability->defrect = sel.r;
	capability->pixelaspect = { 1, 1 };
	return 0;
}

int VideoFile::eventIoctl(unsigned long request, void *arg)
{
	if (!device_->hasEvents())
		return -ENOTTY;

	if (request == VIDIOC_DQEVENT)
		return events().dequeue(static_cast<v4l2_event *>(arg));

	auto *subscription = static_cast<v4l2_event_subscription *>(arg);
	memset(subscription->reserved, 0, sizeof(subscription->reserved));

	if (request == VIDIOC_UNSUBSCRIBE_EVENT) {
		events().unsubscribe(*subscription);
		return 0;
	}

	return subscription->type == V4L2_EVENT_CTRL
	     ? device_->controls_.subscribe(this, *subscription)
	     : device_->subscribeEvent(this, *subscription);
}

/* Buffers and controls. */
int VideoFile::otherIoctl(unsigned long request, void *arg)
{
	int ret = device_->queue_.ioctl(this, request, arg);
	if (ret != -ENOTTY || device_->controls_.empty())
		return ret;

	return device_->controls_.ioctl(this, request, arg);
}

int VideoFile::deviceIoctl(unsigned long request, void *arg)
{
	if (needsPriority(request)) {
		int ret = checkPriority();
		if (ret)
			return ret;
	}

	switch (request) {
	case VIDIOC_QUERYCAP:
		return device_->queryCapabilities(static_cast<v4l2_capability *>(arg));
	case VIDIOC_ENUM_FMT:
		return device_->describeFormat(static_cast<v4l2_fmtdesc *>(arg));
	case VIDIOC_G_FMT:
	case VIDIOC_S_FMT:
	case VIDIOC_TRY_FMT:
		return device_->formatIoctl(request, static_cast<v4l2_format *>(arg));
	case VIDIOC_ENUM_FRAMESIZES:
	case VIDIOC_ENUM_FRAMEINTERVALS:
		return enumerate(request, arg);
	case VIDIOC_G_PARM:
	case VIDIOC_S_PARM:
		return parameters(request, static_cast<v4l2_streamparm *>(arg));
	case VIDIOC_G_SELECTION:
	case VIDIOC_S_SELECTION:
		return selection(request, static_cast<v4l2_selection *>(arg));
	case VIDIOC_G_CROP:
	case VIDIOC_S_CROP:
		return crop(request, static_cast<v4l2_crop *>(arg));
	case VIDIOC_CROPCAP:
		return cropCapability(static_cast<v4l2_cropcap *>(arg));
	case VIDIOC_LOG_STATUS:
		if (!device_->hasStatus())
			return -ENOTTY;
		device_->media_->logStatus(device_->entityName(), device_->status());
		return 0;
	case VIDIOC_G_PRIORITY:
		*static_cast<uint32_t *>(arg) = device_->media_->maxPriority();
		return 0;
	case VIDIOC_S_PRIORITY:
		return setPriority(*static_cast<uint32_t *>(arg));
	case VIDIOC_ENUMINPUT:
	case VIDIOC_G_INPUT:
	case VIDIOC_S_INPUT:
	case VIDIOC_ENUMOUTPUT:
	case VIDIOC_G_OUTPUT:
	case VIDIOC_S_OUTPUT:
		return device_->inputOutput(request, arg);
	case VIDIOC_SUBSCRIBE_EVENT:
	case VIDIOC_UNSUBSCRIBE_EVENT:
	case VIDIOC_DQEVENT:
		return eventIoctl(request, arg);
	default:
		return otherIoctl(request, arg);
	}
}

/* -------------------------------------------------------------------------- */

/**
 * \class VideoDevice
 * \brief A node with one buffer queue, one pad and no inputs of its own
 *
 * Nodes have V4L2_CAP_IO_MC unless a driver's capabilities() say otherwise:
 * inputs and outputs are the media graph's. The
 * driver derives from it and implements the formats and the queue's operations.
 */

/**
 * \param[in] media The media device
 * \param[in] name Name of the entity and of the node
 * \param[in] type Type of the queue
 * \param[in] padFlags MEDIA_PAD_FL_* of the pad
 * \param[in] minQueued Buffers needed to start, as in BufferQueue
 */
VideoDevice::VideoDevice(MediaDevice *media, std::string name, v4l2_buf_type type,
			 uint32_t padFlags, unsigned int minQueued)
	: Entity(std::move(name), MEDIA_ENT_F_IO_V4L, { padFlags }),
	  media_(media), number_(media->numbers().allocate(kVideoMajor, "video")),
	  queue_(type, this, minQueued), format_{}
{
	format_.type = type;
	queue_.changed = [this]() {
		for (FileHandle *file : files_)
			file->notify();
	};

	media->addEntity(this);
	media->addNode(this, this, MEDIA_INTF_T_V4L_VIDEO);
}

std::string VideoDevice::name() const
{
	return "video" + std::to_string(number_->index);
}

unsigned int VideoDevice::major() const
{
	return kVideoMajor;
}

int VideoDevice::open([[maybe_unused]] int flags, std::unique_ptr<OpenFile> *file)
{
	*file = std::make_unique<VideoFile>(media_, this);
	return 0;
}

/** \brief Check the link from a sub-device to this capture node */
int VideoDevice::validateLink(const Link &link)
{
	auto *source = dynamic_cast<Subdevice *>(link.source->entity);
	if (!source)
		return 0;

	return validateFormat(source->activeState().pads[link.source->index].format);
}

int VideoDevice::validateFormat([[maybe_unused]] const v4l2_mbus_framefmt &bus)
{
	return 0;
}

int VideoDevice::enumFrameSizes([[maybe_unused]] v4l2_frmsizeenum *size)
{
	return -EINVAL;
}

int VideoDevice::enumFrameIntervals([[maybe_unused]] v4l2_frmivalenum *interval)
{
	return -EINVAL;
}

int VideoDevice::streamParameters([[maybe_unused]] v4l2_streamparm *parameters,
				  [[maybe_unused]] bool set)
{
	return -EINVAL;
}

int VideoDevice::selection([[maybe_unused]] v4l2_selection *selection,
			   [[maybe_unused]] bool set)
{
	return -EINVAL;
}

int VideoDevice::subscribeEvent([[maybe_unused]] FileHandle *file,
				[[maybe_unused]] const v4l2_event_subscription &subscription)
{
	return -EINVAL;
}

/** \brief Queue \a event on every open file that has subscribed to it */
void VideoDevice::sendEvent(const v4l2_event &event)
{
	for (FileHandle *file : files_)
		file->events().queue(event);
}

/** \brief The lines for VIDIOC_LOG_STATUS: the values of the controls */
std::string VideoDevice::status() const
{
	return controls_.status();
}

/** \brief Set the format that the node has at first */
void VideoDevice::setDefaultFormat(v4l2_format format)
{
	format.type = queue_.type();
	completePixFormat(&format);
	tryFormat(&format);
	format_ = format;
}

/** \brief Size of a plane of the present format in bytes */
size_t VideoDevice::planeSize(size_t plane) const
{
	if (isMeta(format_.type))
		return format_.fmt.meta.buffersize;
	if (queue_.multiplanar())
		return format_.fmt.pix_mp.plane_fmt[plane].sizeimage;

	return format_.fmt.pix.sizeimage;
}

int VideoDevice::queueSetup([[maybe_unused]] unsigned int *count,
			    std::vector<size_t> *sizes)
{
	size_t planes = queue_.multiplanar() ? format_.fmt.pix_mp.num_planes : 1;

	if (sizes->empty()) {
		for (size_t i = 0; i < planes; i++)
			sizes->push_back(planeSize(i));
		return 0;
	}

	if (sizes->size() != planes)
		return -EINVAL;

	for (size_t i = 0; i < planes; i++) {
		if ((*sizes)[i] < planeSize(i))
			return -EINVAL;
	}

	return 0;
}

int VideoDevice::prepareStreaming()
{
	return media_->startPipeline(pad(0));
}

void VideoDevice::unprepareStreaming()
{
	media_->stopPipeline(pad(0));
}

int VideoDevice::queryCapabilities(v4l2_capability *capability) const
{
	const MediaDeviceInfo &info = media_->info();

	*capability = {};
	copyText(capability->driver, info.driver);
	copyText(capability->card, info.card.empty() ? info.model : info.card);
	copyText(capability->bus_info,
		 info.nodeBusInfo.empty() ? info.busInfo : info.nodeBusInfo);
	capability->version = kVersion;
	capability->device_caps = typeCapability(queue_.type()) | V4L2_CAP_STREAMING |
				  capabilities() | V4L2_CAP_EXT_PIX_FORMAT;
	capability->capabilities = capability->device_caps | V4L2_CAP_DEVICE_CAPS;
	return 0;
}

int VideoDevice::describeFormat(v4l2_fmtdesc *description)
{
	if (description->type != queue_.type())
		return -EINVAL;

	v4l2_fmtdesc result = {};
	result.index = description->index;
	result.type = description->type;
	result.mbus_code = description->mbus_code;

	int ret = enumFormat(&result);
	if (ret)
		return ret;

	describePixelFormat(&result);
	*description = result;
	return 0;
}

int VideoDevice::formatIoctl(unsigned long request, v4l2_format *format)
{
	if (format->type != queue_.type())
		return -EINVAL;

	if (request == VIDIOC_G_FMT) {
		*format = format_;
		return 0;
	}

	if (request == VIDIOC_S_FMT && queue_.busy())
		return -EBUSY;

	completePixFormat(format);
	int ret = tryFormat(format);
	if (ret)
		return ret;

	if (request == VIDIOC_S_FMT) {
		format_ = *format;
		formatChanged();
	}

	return 0;
}

/* One input or output that stands for the media graph. */
int VideoDevice::inputOutput(unsigned long request, void *arg) const
{
	bool forOutput = request == VIDIOC_ENUMOUTPUT || request == VIDIOC_G_OUTPUT ||
			 request == VIDIOC_S_OUTPUT;
	if (forOutput != queue_.output())
		return -ENOTTY;

	switch (request) {
	case VIDIOC_ENUMINPUT: {
		auto *input = static_cast<v4l2_input *>(arg);
		if (input->index)
			return -EINVAL;
		*input = {};
		copyText(input->name, inputName());
		input->type = V4L2_INPUT_TYPE_CAMERA;
		return 0;
	}
	case VIDIOC_ENUMOUTPUT: {
		auto *output = static_cast<v4l2_output *>(arg);
		if (output->index)
			return -EINVAL;
		*output = {};
		copyText(output->name, inputName());
		output->type = V4L2_OUTPUT_TYPE_ANALOG;
		return 0;
	}
	case VIDIOC_G_INPUT:
	case VIDIOC_G_OUTPUT:
		*static_cast<int *>(arg) = 0;
		return 0;
	default:
		return *static_cast<int *>(arg) ? -EINVAL : 0;
	}
}

} /* namespace fovea::v4l2 */
