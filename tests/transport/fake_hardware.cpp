/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Small device behind the transport, for tests
 */

#include "fake_hardware.h"

#include <algorithm>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/media.h>
#include <linux/v4l2-subdev.h>
#include <linux/videodev2.h>

#include "isp_sim/server/ioctl_layout.h"

namespace fovea::test {

class FakeFile : public v4l2::OpenFile
{
public:
	explicit FakeFile(FakeHardware *hardware)
		: hardware_(hardware)
	{
		hardware_->openFiles++;
		hardware_->files_.push_back(this);
	}

	~FakeFile() override
	{
		leave();
	}

	void unregister()
	{
		leave();
		poll_ = POLLERR | POLLHUP;
		readinessChanged();
	}

	int ioctl(unsigned long request, void *arg) override;
	unsigned int poll() const override { return poll_; }
	int mmap(uint64_t offset, size_t length, int *fd, uint64_t *fdOffset) override;

private:
	void leave()
	{
		if (!hardware_)
			return;
		hardware_->openFiles--;
		hardware_->loop()->cancelTimer(timer_);
		std::erase(hardware_->files_, this);
		hardware_ = nullptr;
	}

	int setControl(const v4l2_control &control);
	void setPollLater(unsigned int events);
	int getExtControls(v4l2_ext_controls *controls);
	int buffer(unsigned long request, v4l2_buffer *buffer);
	int enumLinks(media_links_enum *links);
	int topology(media_v2_topology *topology);

	FakeHardware *hardware_;
	unsigned int poll_ = 0;
	uint64_t timer_ = 0;
};

int FakeFile::ioctl(unsigned long request, void *arg)
{
	if (!hardware_)
		return -ENODEV;

	switch (request) {
	case VIDIOC_QUERYCAP:
		strcpy(reinterpret_cast<char *>(static_cast<v4l2_capability *>(arg)->driver), "fake");
		return 0;
	case VIDIOC_S_CTRL:
		return setControl(*static_cast<v4l2_control *>(arg));
	case VIDIOC_G_CTRL:
		static_cast<v4l2_control *>(arg)->value = hardware_->openFiles;
		return 0;
	case VIDIOC_QUERY_EXT_CTRL: {
		auto *query = static_cast<v4l2_query_ext_ctrl *>(arg);
		query->flags = query->id == kScalar ? 0 : V4L2_CTRL_FLAG_HAS_PAYLOAD;
		return 0;
	}
	case VIDIOC_S_EXT_CTRLS:
	case VIDIOC_TRY_EXT_CTRLS:
		return 0;
	case VIDIOC_G_EXT_CTRLS:
		return getExtControls(static_cast<v4l2_ext_controls *>(arg));
	case VIDIOC_QBUF:
	case VIDIOC_DQBUF:
	case VIDIOC_QUERYBUF:
		return buffer(request, static_cast<v4l2_buffer *>(arg));
	case VIDIOC_DQEVENT:
		return poll_ & POLLPRI ? 0 : -EAGAIN;
	case VIDIOC_EXPBUF:
		static_cast<v4l2_exportbuffer *>(arg)->fd = fcntl(hardware_->memory(), F_DUPFD_CLOEXEC, 0);
		return 0;
	case VIDIOC_STREAMON:
		/* A result that is neither 0 nor an error; the argument is read. */
		return *static_cast<int *>(arg);
	case MEDIA_IOC_ENUM_ENTITIES: {
		auto *entity = static_cast<media_entity_desc *>(arg);
		entity->pads = kFakePads;
		entity->links = kFakeLinks;
		return entity->id == 1 ? 0 : -EINVAL;
	}
	case MEDIA_IOC_ENUM_LINKS:
		return enumLinks(static_cast<media_links_enum *>(arg));
	case MEDIA_IOC_G_TOPOLOGY:
		return topology(static_cast<media_v2_topology *>(arg));
	default:
		return -ENOTTY;
	}
}

int FakeFile::setControl(const v4l2_control &control)
{
	switch (control.id) {
	case kSetPoll:
		poll_ = control.value;
		return 0;
	case kSetPollLater:
		setPollLater(control.value);
		return 0;
	case kAddPollLater:
		setPollLater(poll_ | control.value);
		return 0;
	default:
		return -EINVAL;
	}
}

void FakeFile::setPollLater(unsigned int events)
{
	timer_ = hardware_->loop()->addTimer(v4l2::EventLoop::Clock::now() + kDelay, [this, events]() {
		timer_ = 0;
		poll_ = events;
		readinessChanged();
	});
}

/* Values are made from identifiers; more than two controls are an error. */
int FakeFile::getExtControls(v4l2_ext_controls *controls)
{
	for (unsigned int i = 0; i < controls->count; i++) {
		v4l2_ext_control &control = controls->controls[i];
		if (control.size)
			memset(control.ptr, control.id & 0xff, control.size);
		else
			control.value = control.id * 2;
	}

	if (controls->count <= 2)
		return 0;
	controls->error_idx = 2;
	return -EINVAL;
}

int FakeFile::buffer(unsigned long request, v4l2_buffer *buffer)
{
	const bool output = V4L2_TYPE_IS_OUTPUT(buffer->type);
	const unsigned int planes = transport::planesOf(*buffer);

	if (request == VIDIOC_QBUF) {
		/* The descriptor is the client's memory: leave a mark. */
		for (unsigned int i = 0; i < planes; i++) {
			if (pwrite(buffer->m.planes[i].m.fd, &buffer->index, 4, 4 * i) != 4)
				return -EBADF;
			buffer->m.planes[i].bytesused = 100 + i;
		}
		return 0;
	}

	if (request == VIDIOC_DQBUF) {
		if (poll_ & POLLERR)
			return -EINVAL;
		if (!(poll_ & (output ? POLLOUT : POLLIN)))
			return -EAGAIN;
	}

	/* The number of a descriptor that was closed long ago. */
	buffer->index = 5;
	for (unsigned int i = 0; i < planes; i++)
		buffer->m.planes[i].m.fd = 1000 + i;
	return 0;
}

int FakeFile::enumLinks(media_links_enum *links)
{
	for (unsigned int i = 0; links->pads && i < kFakePads; i++)
		links->pads[i].index = 10 + i;
	for (unsigned int i = 0; links->links && i < kFakeLinks; i++)
		links->links[i].flags = 20 + i;
	return 0;
}

int FakeFile::topology(media_v2_topology *topology)
{
	auto *entities = reinterpret_cast<media_v2_entity *>(static_cast<uintptr_t>(topology->ptr_entities));
	for (unsigned int i = 0; entities && i < std::min(topology->num_entities, kFakeEntities); i++)
		entities[i].id = i + 1;
	topology->num_entities = kFakeEntities;
	topology->topology_version = 7;
	return 0;
}

int FakeFile::mmap(uint64_t offset, size_t length, int *fd, uint64_t *fdOffset)
{
	if (!hardware_)
		return -ENODEV;
	if (offset + length > kFakeMemorySize)
		return -EINVAL;
	*fd = hardware_->memory();
	*fdOffset = offset;
	return 0;
}

class FakeHardware::Node : public v4l2::DeviceNode
{
public:
	Node(FakeHardware *hardware, std::string name, unsigned int major,
	     unsigned int minor, std::string subsystem, std::string label)
		: hardware_(hardware), name_(std::move(name)), major_(major),
		  minor_(minor), subsystem_(std::move(subsystem)), label_(std::move(label))
	{
	}

	std::string name() const override { return name_; }
	unsigned int major() const override { return major_; }
	unsigned int minor() const override { return minor_; }
	std::string subsystem() const override { return subsystem_; }
	std::string label() const override { return label_; }

	int open(int, std::unique_ptr<v4l2::OpenFile> *file) override
	{
		*file = std::make_unique<FakeFile>(hardware_);
		return 0;
	}

private:
	FakeHardware *hardware_;
	std::string name_;
	unsigned int major_;
	unsigned int minor_;
	std::string subsystem_;
	std::string label_;
};

FakeHardware::FakeHardware(v4l2::EventLoop *loop)
	: loop_(loop), memory_(memfd_create("fake", MFD_CLOEXEC))
{
	if (ftruncate(memory_.get(), kFakeMemorySize) < 0)
		memory_.reset();

	nodes_.push_back(std::make_unique<Node>(this, "media0", kFakeMediaMajor, 0, "media", "Fake ISP"));
	nodes_.push_back(std::make_unique<Node>(this, "video0", 81, 0, "video4linux", "fake-main0"));
	nodes_.push_back(std::make_unique<Node>(this, "v4l-subdev0", 81, 1, "video4linux", "imx219 0-0010"));
	for (const auto &node : nodes_)
		pointers_.push_back(node.get());
}

FakeHardware::~FakeHardware() = default;

void FakeHardware::unregister()
{
	while (!files_.empty())
		files_.back()->unregister();
}

} /* namespace fovea::test */
