/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * V4L2 sub-devices
 */

#include "subdevice.h"

#include <algorithm>
#include <errno.h>
#include <poll.h>
#include <string.h>

/**
 * \file subdevice.h
 * \brief Sub-device nodes with active and try states
 */

namespace fovea::v4l2 {

namespace {

/* The major number of all V4L2 nodes. */
constexpr unsigned int kVideoMajor = 81;

/* A Linux version that has everything that the ioctls here offer. */
constexpr uint32_t kVersion = (6 << 16) | (12 << 8);

/* Client capabilities without multiplexed streams. */
constexpr uint64_t kClientCapabilities = V4L2_SUBDEV_CLIENT_CAP_INTERVAL_USES_WHICH;

template<typename T>
void clearReserved(T *arg)
{
	memset(arg->reserved, 0, sizeof(arg->reserved));
}

} /* namespace */

/* An open file of a sub-device, with its TRY state. */
class SubdeviceFile : public FileHandle
{
public:
	SubdeviceFile(MediaDevice *media, Subdevice *subdevice);
	~SubdeviceFile() override;

protected:
	/* NodeFile */
	int deviceIoctl(unsigned long request, void *arg) override;
	unsigned int devicePoll() const override;
	void leaveDevice() override;

private:
	void detach();
	bool has(Subdevice::Operation operation) const
	{
		return subdevice_->operations_ & operation;
	}

	SubdeviceState *state(uint32_t which);

	template<typename T>
	int check(T *arg, SubdeviceState **state);

	int enumerate(unsigned long request, void *arg);
	int format(unsigned long request, v4l2_subdev_format *format);
	int selection(unsigned long request, v4l2_subdev_selection *selection);
	int crop(unsigned long request, v4l2_subdev_crop *crop);
	int interval(unsigned long request, v4l2_subdev_frame_interval *interval);
	int event(unsigned long request, void *arg);
	int capability(unsigned long request, void *arg);

	Subdevice *subdevice_;
	SubdeviceState try_;
	uint64_t clientCapabilities_;
};

SubdeviceFile::SubdeviceFile(MediaDevice *media, Subdevice *subdevice)
	: FileHandle(media, subdevice->number_), subdevice_(subdevice), clientCapabilities_(0)
{
	try_.which = V4L2_SUBDEV_FORMAT_TRY;
	try_.pads.resize(subdevice_->padCount());
	subdevice_->initState(&try_);

	subdevice_->controls_.addFile(this);
	subdevice_->files_.push_back(this);
	events().changed = [this]() {
		notify();
		subdevice_->eventsChanged();
	};
}

SubdeviceFile::~SubdeviceFile()
{
	if (registered())
		detach();
}

void SubdeviceFile::leaveDevice()
{
	detach();
	FileHandle::leaveDevice();
}

void SubdeviceFile::detach()
{
	/* Only the transport is told of what happens from now on. */
	events().changed = [this]() { notify(); };
	subdevice_->controls_.removeFile(this);
	std::erase(subdevice_->files_, this);
	subdevice_->eventsChanged();
}

unsigned int SubdeviceFile::devicePoll() const
{
	if (!has(Subdevice::OpEvents))
		return POLLERR;

	return events().pending() ? POLLPRI : 0;
}

SubdeviceState *SubdeviceFile::state(uint32_t which)
{
	switch (which) {
	case V4L2_SUBDEV_FORMAT_TRY:
		return &try_;
	case V4L2_SUBDEV_FORMAT_ACTIVE:
		return &subdevice_->active_;
	default:
		return nullptr;
	}
}

/*
 * The checks of all pad ioctls: an existing state and pad. Streams do not exist;
 * as no client can have asked for them, the stream is cleared.
 */
template<typename T>
int SubdeviceFile::check(T *arg, SubdeviceState **result)
{
	clearReserved(arg);
	arg->stream = 0;

	*result = state(arg->which);
	if (!*result || arg->pad >= subdevice_->padCount())
		return -EINVAL;

	return 0;
}

int SubdeviceFile::enumerate(unsigned long request, void *arg)
{
	SubdeviceState *chosen;
	int ret;

	switch (request) {
	case VIDIOC_SUBDEV_ENUM_MBUS_CODE: {
		auto *code = static_cast<v4l2_subdev_mbus_code_enum *>(arg);
		if (!has(Subdevice::OpEnumMbusCode))
			return -ENOTTY;
		ret = check(code, &chosen);
		return ret ? ret : subdevice_->enumMbusCode(*chosen, code);
	}
	case VIDIOC_SUBDEV_ENUM_FRAME_SIZE: {
		auto *size = static_cast<v4l2_subdev_frame_size_enum *>(arg);
		if (!has(Subdevice::OpEnumFrameSize))
			return -ENOTTY;
		ret = check(size, &chosen);
		return ret ? ret : subdevice_->enumFrameSize(*chosen, size);
	}
	default: {
		auto *interval = static_cast<v4l2_subdev_frame_interval_enum *>(arg);
		if (!has(Subdevice::OpEnumFrameInterval))
			return -ENOTTY;
		ret = check(interval, &chosen);
		return ret ? ret : subdevice_->enumFrameInterval(*chosen, interval);
	}
	}
}

int SubdeviceFile::format(unsigned long request, v4l2_subdev_format *format)
{
	if (!has(Subdevice::OpFormat))
		return -ENOTTY;

	memset(format->format.reserved, 0, sizeof(format->format.reserved));

	SubdeviceState *chosen;
	int ret = check(format, &chosen);
	if (ret)
		return ret;

	return request == VIDIOC_SUBDEV_G_FMT
	     ? subdevice_->getFormat(*chosen, format)
	     : subdevice_->setFormat(*chosen, format);
}

int SubdeviceFile::selection(unsigned long request, v4l2_subdev_selection *selection)
{
	if (!has(Subdevice::OpSelection))
		return -ENOTTY;

	SubdeviceState *chosen;
	int ret = check(selection, &chosen);
	if (ret)
		return ret;

	return request == VIDIOC_SUBDEV_G_SELECTION
	     ? subdevice_->getSelection(*chosen, selection)
	     : subdevice_->setSelection(*chosen, selection);
}

/* The obsolete crop ioctls are the crop selection. */
int SubdeviceFile::crop(unsigned long request, v4l2_subdev_crop *crop)
{
	v4l2_subdev_selection sel = {};
	sel.which = crop->which;
	sel.pad = crop->pad;
	sel.target = V4L2_SEL_TGT_CROP;
	sel.r = crop->rect;

	clearReserved(crop);
	crop->stream = 0;

	int ret = selection(request == VIDIOC_SUBDEV_G_CROP ? VIDIOC_SUBDEV_G_SELECTION
							    : VIDIOC_SUBDEV_S_SELECTION,
			    &sel);
	crop->rect = sel.r;
	return ret;
}

int SubdeviceFile::interval(unsigned long request, v4l2_subdev_frame_interval *interval)
{
	if (!has(Subdevice::OpFrameInterval))
		return -ENOTTY;

	if (!(clientCapabilities_ & V4L2_SUBDEV_CLIENT_CAP_INTERVAL_USES_WHICH))
		interval->which = V4L2_SUBDEV_FORMAT_ACTIVE;

	SubdeviceState *chosen;
	int ret = check(interval, &chosen);
	if (ret)
		return ret;

	return request == VIDIOC_SUBDEV_G_FRAME_INTERVAL
	     ? subdevice_->getFrameInterval(*chosen, interval)
	     : subdevice_->setFrameInterval(*chosen, interval);
}

int SubdeviceFile::event(unsigned long request, void *arg)
{
	if (!has(Subdevice::OpEvents))
		return -ENOTTY;

	if (request == VIDIOC_DQEVENT)
		return events().dequeue(static_cast<v4l2_event *>(arg));

	auto *subscription = static_cast<v4l2_event_subscription *>(arg);
	clearReserved(subscription);

	if (request == VIDIOC_UNSUBSCRIBE_EVENT) {
		events().unsubscribe(*subscription);
		return 0;
	}

	if (subscription->type == V4L2_EVENT_CTRL)
		return subdevice_->controls_.subscribe(this, *subscription);

	return subdevice_->subscribeEvent(this, *subscription);
}

int SubdeviceFile::capability(unsigned long request, void *arg)
{
	if (request == VIDIOC_SUBDEV_QUERYCAP) {
		auto *capability = static_cast<v4l2_subdev_capability *>(arg);
		*capability = {};
		capability->version = kVersion;
		return 0;
	}

	auto *client = static_cast<v4l2_subdev_client_capability *>(arg);
	if (request == VIDIOC_SUBDEV_S_CLIENT_CAP)
		clientCapabilities_ = client->capabilities & kClientCapabilities;
	client->capabilities = clientCapabilities_;
	return 0;
}

int SubdeviceFile::deviceIoctl(unsigned long request, void *arg)
{
	switch (request) {
	case VIDIOC_SUBDEV_QUERYCAP:
	case VIDIOC_SUBDEV_G_CLIENT_CAP:
	case VIDIOC_SUBDEV_S_CLIENT_CAP:
		return capability(request, arg);
	case VIDIOC_SUBDEV_ENUM_MBUS_CODE:
	case VIDIOC_SUBDEV_ENUM_FRAME_SIZE:
	case VIDIOC_SUBDEV_ENUM_FRAME_INTERVAL:
		return enumerate(request, arg);
	case VIDIOC_SUBDEV_G_FMT:
	case VIDIOC_SUBDEV_S_FMT:
		return format(request, static_cast<v4l2_subdev_format *>(arg));
	case VIDIOC_SUBDEV_G_SELECTION:
	case VIDIOC_SUBDEV_S_SELECTION:
		return selection(request, static_cast<v4l2_subdev_selection *>(arg));
	case VIDIOC_SUBDEV_G_CROP:
	case VIDIOC_SUBDEV_S_CROP:
		return crop(request, static_cast<v4l2_subdev_crop *>(arg));
	case VIDIOC_SUBDEV_G_FRAME_INTERVAL:
	case VIDIOC_SUBDEV_S_FRAME_INTERVAL:
		return interval(request, static_cast<v4l2_subdev_frame_interval *>(arg));
	case VIDIOC_SUBSCRIBE_EVENT:
	case VIDIOC_UNSUBSCRIBE_EVENT:
	case VIDIOC_DQEVENT:
		return event(request, arg);
	case VIDIOC_LOG_STATUS:
		if (!has(Subdevice::OpLogStatus))
			return -ENOTTY;
		media()->logStatus(subdevice_->entityName(), subdevice_->status());
		return 0;
	default:
		if (subdevice_->controls_.empty())
			return -ENOTTY;
		return subdevice_->controls_.ioctl(this, request, arg);
	}
}

/* -------------------------------------------------------------------------- */

/**
 * \class Subdevice
 * \brief A sub-device: pads with formats and selections, controls, events
 *
 * The driver derives from it and implements the operations that it announces in
 * the constructor. They are called with arguments whose state and pad exist.
 */

Subdevice::Subdevice(MediaDevice *media, std::string name, uint32_t function,
		     const std::vector<uint32_t> &padFlags, uint32_t operations)
	: Entity(std::move(name), function, padFlags), media_(media),
	  operations_(operations)
{
	active_.which = V4L2_SUBDEV_FORMAT_ACTIVE;
	active_.pads.resize(padCount());

	media->addEntity(this);
	if (!media->info().lateSubdeviceNodes)
		registerNode();
}

void Subdevice::registerNode()
{
	number_ = media_->numbers().allocate(kVideoMajor, "v4l-subdev");
	media_->addNode(this, this, MEDIA_INTF_T_V4L_SUBDEV);
}

std::string Subdevice::name() const
{
	return "v4l-subdev" + std::to_string(number_->index);
}

unsigned int Subdevice::major() const
{
	return kVideoMajor;
}

int Subdevice::open([[maybe_unused]] int flags, std::unique_ptr<OpenFile> *file)
{
	*file = std::make_unique<SubdeviceFile>(media_, this);
	return 0;
}

/** \brief Set the active state to its defaults; for the driver's constructor */
void Subdevice::resetActiveState()
{
	initState(&active_);
}

/**
 * \brief Compare the formats of both ends of \a link
 *
 * Code and size have to be equal, and the field order too unless the sink is
 * progressive. Links from video nodes carry no bus format.
 */
int Subdevice::validateLink(const Link &link)
{
	auto *source = dynamic_cast<Subdevice *>(link.source->entity);
	if (!source)
		return 0;

	const v4l2_mbus_framefmt &from = source->active_.pads[link.source->index].format;
	const v4l2_mbus_framefmt &to = active_.pads[link.sink->index].format;

	if (from.width != to.width || from.height != to.height || from.code != to.code)
		return -EPIPE;
	if (from.field != to.field && to.field != V4L2_FIELD_NONE)
		return -EPIPE;

	return 0;
}

/** \brief Queue \a event on every open file that has subscribed to it */
void Subdevice::sendEvent(const v4l2_event &event)
{
	for (FileHandle *file : files_)
		file->events().queue(event);
}

int Subdevice::enumMbusCode([[maybe_unused]] const SubdeviceState &state,
			    [[maybe_unused]] v4l2_subdev_mbus_code_enum *code)
{
	return -ENOTTY;
}

int Subdevice::enumFrameSize([[maybe_unused]] const SubdeviceState &state,
			     [[maybe_unused]] v4l2_subdev_frame_size_enum *size)
{
	return -ENOTTY;
}

int Subdevice::enumFrameInterval([[maybe_unused]] const SubdeviceState &state,
				 [[maybe_unused]] v4l2_subdev_frame_interval_enum *interval)
{
	return -ENOTTY;
}

/** \brief Report the pad's format; formats live in the state */
int Subdevice::getFormat(const SubdeviceState &state, v4l2_subdev_format *format)
{
	format->format = state.pads[format->pad].format;
	return 0;
}

int Subdevice::setFormat(SubdeviceState &state, v4l2_subdev_format *format)
{
	return getFormat(state, format);
}

int Subdevice::getSelection([[maybe_unused]] const SubdeviceState &state,
			    [[maybe_unused]] v4l2_subdev_selection *selection)
{
	return -EINVAL;
}

int Subdevice::setSelection([[maybe_unused]] SubdeviceState &state,
			    [[maybe_unused]] v4l2_subdev_selection *selection)
{
	return -EINVAL;
}

int Subdevice::getFrameInterval(const SubdeviceState &state,
				v4l2_subdev_frame_interval *interval)
{
	interval->interval = state.pads[interval->pad].interval;
	return 0;
}

int Subdevice::setFrameInterval(SubdeviceState &state,
				v4l2_subdev_frame_interval *interval)
{
	return getFrameInterval(state, interval);
}

int Subdevice::subscribeEvent([[maybe_unused]] FileHandle *file,
			      [[maybe_unused]] const v4l2_event_subscription &subscription)
{
	return -EINVAL;
}

void Subdevice::eventsChanged()
{
}

/** \brief The lines for VIDIOC_LOG_STATUS: the values of the controls */
std::string Subdevice::status() const
{
	return controls_.status();
}

} /* namespace fovea::v4l2 */
