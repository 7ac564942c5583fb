/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Fuzz target: sequences of calls on all nodes of the Fovea device
 */

#include <fcntl.h>
#include <map>
#include <memory>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#include <linux/media.h>
#include <linux/media/v4l2-isp.h>
#include <linux/videodev2.h>

#include "isp_sim/server/ioctl_layout.h"
#include "isp_sim/server/owned_fd.h"

#include "fuzz_input.h"
#include "tiny_device.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

using namespace fovea;
using namespace fovea::fuzz;

namespace {

/* mmap() offsets of the core: pages of 4 KiB, 8 planes. */
constexpr unsigned int kPlaneShift = 12;
constexpr unsigned int kIndexShift = 15;

constexpr size_t kMaxFiles = 32;
constexpr size_t kMaxCalls = 200;
constexpr size_t kMaxArray = 65536;

void require(bool condition)
{
	if (!condition)
		abort();
}

/* The applications of one input: what they hold, and what they were told. */
class Session
{
public:
	explicit Session(FuzzInput *input)
		: input_(input), device_(createTinyDevice(&loop_))
	{
		for (size_t i = 0; i < kMemorySizes.size(); i++)
			memories_.emplace_back(createMemory(kMemorySizes[i], true));
		memories_.emplace_back(createMemory(65536, false));
	}

	void run();

private:
	void step();
	void open();
	void ioctl();
	void startStream();
	uint32_t writeEmptyParams(v4l2::OpenFile *target, uint32_t index);
	void cycleBuffers();
	void map();

	int call(v4l2::OpenFile *file, uint32_t request, std::vector<uint8_t> *arg);
	bool makeArrays(v4l2::OpenFile *file, uint32_t request, void *arg);
	void makeLinkArrays(v4l2::OpenFile *file, media_links_enum *links);
	void makeDescriptors(v4l2_buffer *buffer);
	void takeDescriptor(uint32_t request, void *arg);
	void *newArray(size_t size);
	v4l2::OpenFile *file();

	FuzzInput *input_;
	v4l2::EventLoop loop_;
	std::unique_ptr<device::FoveaDevice> device_;
	std::vector<OwnedFd> memories_;
	std::vector<std::unique_ptr<v4l2::OpenFile>> files_;

	/* The last argument of each size, as the device left it. */
	std::map<size_t, std::vector<uint8_t>> arguments_;
	std::vector<std::unique_ptr<uint64_t[]>> arrays_;
};

void Session::run()
{
	for (size_t calls = 0; calls < kMaxCalls && !input_->empty(); calls++) {
		step();
		arrays_.clear();
	}

	/* Applications end in any state, and the device is as new. */
	files_.clear();
	runPending(&loop_);
	for (v4l2::DeviceNode *node : device_->nodes()) {
		std::unique_ptr<v4l2::OpenFile> opened;
		require(node->open(0, &opened) == 0);
	}
}

void Session::step()
{
	switch (input_->below(10)) {
	case 0:
		return open();
	case 1:
		if (!files_.empty())
			files_.erase(files_.begin() + static_cast<ptrdiff_t>(input_->below(files_.size())));
		return;
	case 2:
		return startStream();
	case 3:
		return cycleBuffers();
	case 4:
		return map();
	case 5:
		for (const auto &opened : files_)
			opened->poll();
		return runPending(&loop_);
	default:
		return ioctl();
	}
}

v4l2::OpenFile *Session::file()
{
	return files_.empty() ? nullptr : files_[input_->below(files_.size())].get();
}

void Session::open()
{
	const auto &nodes = device_->nodes();
	v4l2::DeviceNode *node = nodes[input_->below(nodes.size())];
	if (files_.size() == kMaxFiles)
		return;

	std::unique_ptr<v4l2::OpenFile> opened;
	if (node->open(input_->below(2) ? O_NONBLOCK : 0, &opened))
		return;
	opened->readinessChanged = [raw = opened.get()]() { raw->poll(); };
	files_.push_back(std::move(opened));
}

/* An ioctl with an argument that is new, or made from the last of its size. */
void Session::ioctl()
{
	v4l2::OpenFile *target = file();
	const uint32_t request = requestNumber(input_->below(requestCount()));
	if (!target)
		return;

	std::vector<uint8_t> arg(_IOC_SIZE(request));
	const size_t kind = input_->below(3);
	if (kind && arguments_.count(arg.size()))
		arg = arguments_[arg.size()];
	if (kind < 2)
		input_->change(arg.data(), arg.size());

	call(target, request, &arg);
}

/* As the transport calls: arrays and descriptors are this process's. */
int Session::call(v4l2::OpenFile *target, uint32_t request, std::vector<uint8_t> *arg)
{
	/* Exactly as large as it says, so that the sanitizer sees more. */
	std::vector<uint8_t> exact(*arg);
	uint64_t none = 0;
	void *address = exact.empty() ? static_cast<void *>(&none) : exact.data();

	if (!makeArrays(target, request, address))
		return -EFAULT;
	if (transport::takesDmabufs(request))
		makeDescriptors(static_cast<v4l2_buffer *>(address));

	const int ret = target->ioctl(request, address);
	require(ret > -4096);
	if (ret >= 0)
		takeDescriptor(request, address);

	*arg = exact;
	if (!exact.empty())
		arguments_[exact.size()] = exact;
	return ret;
}

bool Session::makeArrays(v4l2::OpenFile *target, uint32_t request, void *arg)
{
	if (request == MEDIA_IOC_ENUM_LINKS)
		makeLinkArrays(target, static_cast<media_links_enum *>(arg));

	size_t total = 0;
	const int ret = transport::visitPointers(
		request, arg,
		[&](transport::PointerField field, uint64_t bytes, transport::Direction direction) {
			total += bytes;
			if (total > kMaxArray)
				return -ENOMEM;
			auto *memory = static_cast<uint8_t *>(newArray(bytes));
			if (direction == transport::Direction::InOut)
				input_->change(memory, bytes);
			field.set(memory);
			return 0;
		});

	return ret == 0;
}

void Session::makeLinkArrays(v4l2::OpenFile *target, media_links_enum *links)
{
	media_entity_desc entity = {};
	entity.id = links->entity;
	const bool known = target->ioctl(MEDIA_IOC_ENUM_ENTITIES, &entity) == 0;

	links->pads = known && links->pads ? static_cast<media_pad_desc *>(
						     newArray(entity.pads * sizeof(media_pad_desc)))
					   : nullptr;
	links->links = known && links->links ? static_cast<media_link_desc *>(
						       newArray(entity.links * sizeof(media_link_desc)))
					     : nullptr;
}

void Session::makeDescriptors(v4l2_buffer *buffer)
{
	transport::visitDmabufs(buffer, transport::planesOf(*buffer), [this](int32_t *fd, unsigned int) {
		const size_t index = input_->below(memories_.size() + 2);
		*fd = index < memories_.size() ? memories_[index].get()
		      : index == memories_.size() ? STDERR_FILENO
						  : -1;
	});
}

/* Results that are descriptors belong to the caller. */
void Session::takeDescriptor(uint32_t request, void *arg)
{
	if (request == VIDIOC_EXPBUF)
		memories_[input_->below(memories_.size())].reset(static_cast<v4l2_exportbuffer *>(arg)->fd);
	else if (request == MEDIA_IOC_REQUEST_ALLOC)
		close(*static_cast<int *>(arg));
}

void *Session::newArray(size_t size)
{
	arrays_.push_back(std::make_unique<uint64_t[]>((size + 7) / 8));
	return arrays_.back().get();
}

/* Parameters without a block; returns their size. */
uint32_t Session::writeEmptyParams(v4l2::OpenFile *target, uint32_t index)
{
	v4l2_isp_params_buffer params = {};
	params.version = V4L2_ISP_PARAMS_VERSION_V1;

	int fd = -1;
	uint64_t offset = 0;
	if (!target->mmap(uint64_t{ index } << kIndexShift, sizeof(params), &fd, &offset))
		require(pwrite(fd, &params, sizeof(params), static_cast<off_t>(offset)) == sizeof(params));

	return sizeof(params);
}

/* What a sound application does to a node of buffers, as far as it works. */
void Session::startStream()
{
	v4l2::OpenFile *target = file();
	if (!target)
		return;

	const uint32_t type = 1 + static_cast<uint32_t>(input_->below(14));
	v4l2_requestbuffers request = {};
	request.count = 1 + static_cast<uint32_t>(input_->below(4));
	request.type = type;
	request.memory = V4L2_MEMORY_MMAP;
	if (target->ioctl(VIDIOC_REQBUFS, &request))
		return;

	for (uint32_t i = 0; i < request.count; i++) {
		v4l2_plane planes[VIDEO_MAX_PLANES] = {};
		v4l2_buffer buffer = {};
		if (type == V4L2_BUF_TYPE_META_OUTPUT)
			buffer.bytesused = writeEmptyParams(target, i);
		buffer.index = i;
		buffer.type = type;
		buffer.memory = V4L2_MEMORY_MMAP;
		if (V4L2_TYPE_IS_MULTIPLANAR(type)) {
			buffer.m.planes = planes;
			buffer.length = VIDEO_MAX_PLANES;
		}
		target->ioctl(VIDIOC_QBUF, &buffer);
	}

	int on = static_cast<int>(type);
	target->ioctl(VIDIOC_STREAMON, &on);
}

/* Take and give back the buffers of all files; frames pass meanwhile. */
void Session::cycleBuffers()
{
	for (size_t rounds = 1 + input_->below(4); rounds; rounds--) {
		runPending(&loop_);
		for (const auto &target : files_) {
			for (uint32_t type : { V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE, V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE,
					       V4L2_BUF_TYPE_META_CAPTURE, V4L2_BUF_TYPE_META_OUTPUT }) {
				v4l2_plane planes[VIDEO_MAX_PLANES] = {};
				v4l2_buffer buffer = {};
				buffer.type = type;
				buffer.memory = V4L2_MEMORY_MMAP;
				if (V4L2_TYPE_IS_MULTIPLANAR(type)) {
					buffer.m.planes = planes;
					buffer.length = VIDEO_MAX_PLANES;
				}
				if (!target->ioctl(VIDIOC_DQBUF, &buffer))
					target->ioctl(VIDIOC_QBUF, &buffer);
			}
			v4l2_event event = {};
			target->ioctl(VIDIOC_DQEVENT, &event);
		}
	}
}

/* Map a buffer and write to it, whoever uses it just now. */
void Session::map()
{
	v4l2::OpenFile *target = file();
	if (!target)
		return;

	const uint64_t index = input_->below(34);
	const uint64_t plane = input_->below(4) ? 0 : input_->below(9);
	const size_t length = input_->take<uint16_t>();
	int fd = -1;
	uint64_t offset = 0;
	if (target->mmap(index << kIndexShift | plane << kPlaneShift, length, &fd, &offset) || !length)
		return;

	void *memory = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			    static_cast<off_t>(offset));
	require(memory != MAP_FAILED);
	input_->change(static_cast<uint8_t *>(memory), length);
	munmap(memory, length);
}

} /* namespace */

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FuzzInput input(data, size);
	Session(&input).run();
	return 0;
}
