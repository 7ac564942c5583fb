/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A Fovea device with a sensor whose pictures tell its settings
 */

#include "device_test.h"

#include <errno.h>
#include <string.h>
#include <thread>

namespace fovea::test {

FlatSensor::FlatSensor()
{
	properties_.model = "flat";
	properties_.order = sensor::BayerOrder::RGGB;
	properties_.nativeArea = { 0, 0, 80, 64 };
	properties_.activeArea = { 8, 8, 64, 48 };
	/* 64 pixels and 64 lines of 100 at 640 kHz: 10 ms. */
	properties_.modes = {
		{ kWidth, kHeight, 10, { 8, 8, kWidth, kHeight }, 640000, 456000000, 36, 16, 1000, 16 },
		{ 32, 24, 8, { 8, 8, 64, 48 }, 320000, 228000000, 68, 8, 500, 40 },
	};
	properties_.analogueGain = { 0, 232, 1, 0 };
	properties_.exposureMin = 4;
	properties_.exposureMargin = 4;
	properties_.exposureStep = 1;
	properties_.exposureDefault = 40;
	properties_.delays = { 2, 1, 2 };
	properties_.flips = true;
}

int FlatSensor::render(const sensor::FrameSettings &settings, uint32_t sequence,
		       [[maybe_unused]] std::chrono::nanoseconds time,
		       std::span<uint8_t> raw, size_t stride)
{
	const sensor::Mode &mode = properties_.modes[settings.mode];
	uint16_t value = settings.exposure + settings.analogueGain;

	std::this_thread::sleep_for(renderTime);

	for (size_t y = 0; y < mode.height; y++) {
		for (size_t x = 0; x < mode.width; x++) {
			if (mode.bitDepth == 8)
				raw[y * stride + x] = value;
			else
				memcpy(&raw[y * stride + 2 * x], &value, sizeof(value));
		}
	}

	return sequence == failAt ? -EIO : 0;
}

/* -------------------------------------------------------------------------- */

Stream::Stream(std::unique_ptr<v4l2::OpenFile> file, v4l2_buf_type type)
	: file_(std::move(file)), type_(type)
{
}

Stream::~Stream()
{
	for (std::span<uint8_t> memory : memory_)
		munmap(memory.data(), memory.size());
}

int Stream::request(unsigned int count)
{
	v4l2_requestbuffers request = {};
	request.count = count;
	request.type = type_;
	request.memory = V4L2_MEMORY_MMAP;
	int ret = file_->ioctl(VIDIOC_REQBUFS, &request);
	if (ret)
		return ret;

	for (uint32_t i = 0; i < request.count; i++) {
		v4l2_plane plane = {};
		v4l2_buffer buffer = {};
		buffer.index = i;
		buffer.type = type_;
		if (V4L2_TYPE_IS_MULTIPLANAR(type_)) {
			buffer.m.planes = &plane;
			buffer.length = 1;
		}
		ret = file_->ioctl(VIDIOC_QUERYBUF, &buffer);
		if (ret)
			return ret;

		bool multiplanar = V4L2_TYPE_IS_MULTIPLANAR(type_);
		size_t length = multiplanar ? plane.length : buffer.length;
		uint32_t offset = multiplanar ? plane.m.mem_offset : buffer.m.offset;

		int fd;
		uint64_t fdOffset;
		ret = file_->mmap(offset, length, &fd, &fdOffset);
		if (ret)
			return ret;

		void *address = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, fdOffset);
		if (address == MAP_FAILED)
			return -errno;
		memory_.push_back({ static_cast<uint8_t *>(address), length });
	}

	return 0;
}

int Stream::queue(uint32_t index, uint32_t bytesUsed)
{
	v4l2_plane plane = {};
	v4l2_buffer buffer = {};
	buffer.index = index;
	buffer.type = type_;
	buffer.memory = V4L2_MEMORY_MMAP;
	if (V4L2_TYPE_IS_MULTIPLANAR(type_)) {
		buffer.m.planes = &plane;
		buffer.length = 1;
		plane.bytesused = bytesUsed;
	} else {
		buffer.bytesused = bytesUsed;
	}

	return file_->ioctl(VIDIOC_QBUF, &buffer);
}

int Stream::dequeue(Frame *frame)
{
	v4l2_plane plane = {};
	v4l2_buffer buffer = {};
	buffer.type = type_;
	buffer.memory = V4L2_MEMORY_MMAP;
	if (V4L2_TYPE_IS_MULTIPLANAR(type_)) {
		buffer.m.planes = &plane;
		buffer.length = 1;
	}

	int ret = file_->ioctl(VIDIOC_DQBUF, &buffer);
	if (ret)
		return ret;

	frame->index = buffer.index;
	frame->sequence = buffer.sequence;
	frame->flags = buffer.flags;
	frame->timestamp = buffer.timestamp.tv_sec * 1000000000ULL + buffer.timestamp.tv_usec * 1000ULL;
	frame->bytesUsed = V4L2_TYPE_IS_MULTIPLANAR(type_) ? plane.bytesused : buffer.bytesused;
	return 0;
}

int Stream::on()
{
	uint32_t type = type_;
	return file_->ioctl(VIDIOC_STREAMON, &type);
}

int Stream::off()
{
	uint32_t type = type_;
	return file_->ioctl(VIDIOC_STREAMOFF, &type);
}

/* -------------------------------------------------------------------------- */

void DeviceTest::create(bool virtualTime)
{
	auto sensor = std::make_unique<FlatSensor>();
	sensor_ = sensor.get();

	std::string error;
	std::vector<device::SensorInput> inputs;
	inputs.push_back({ std::move(sensor) });
	device_ = device::FoveaDevice::create(&loop_, std::move(inputs),
					      { virtualTime, 1, faults_ }, &error);
	ASSERT_TRUE(device_) << error;

	sensorFile_ = open("flat 0-0010");
	receiver_ = open("fovea-csi2rx0");
	ASSERT_TRUE(sensorFile_ && receiver_);
}

std::unique_ptr<v4l2::OpenFile> DeviceTest::open(const std::string &label)
{
	std::unique_ptr<v4l2::OpenFile> file;
	v4l2::DeviceNode *node = device_->node(label);
	if (node)
		node->open(0, &file);

	return file;
}

std::unique_ptr<Stream> DeviceTest::stream(const std::string &label, v4l2_buf_type type,
					   unsigned int buffers)
{
	auto result = std::make_unique<Stream>(open(label), type);
	if (buffers) {
		EXPECT_EQ(result->request(buffers), 0);
	}

	return result;
}

void DeviceTest::openStreams()
{
	raw_ = stream("fovea-raw0", V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE);
	main_ = stream("fovea-main0", V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE);
	stats_ = stream("fovea-stats0", V4L2_BUF_TYPE_META_CAPTURE);
	params_ = stream("fovea-params", V4L2_BUF_TYPE_META_OUTPUT);
}

void DeviceTest::configure(unsigned int width, unsigned int height)
{
	const struct {
		const char *label;
		uint32_t pad;
		uint32_t code;
		unsigned int width;
		unsigned int height;
	} pads[] = {
		{ "flat 0-0010", 0, MEDIA_BUS_FMT_SRGGB10_1X10, FlatSensor::kWidth, FlatSensor::kHeight },
		{ "fovea-csi2rx0", 0, MEDIA_BUS_FMT_SRGGB10_1X10, FlatSensor::kWidth, FlatSensor::kHeight },
		{ "fovea-frontend0", 0, MEDIA_BUS_FMT_SRGGB10_1X10, FlatSensor::kWidth, FlatSensor::kHeight },
		{ "fovea-backend", 0, MEDIA_BUS_FMT_SRGGB10_1X10, FlatSensor::kWidth, FlatSensor::kHeight },
		{ "fovea-scaler0", 0, MEDIA_BUS_FMT_YUV8_1X24, FlatSensor::kWidth, FlatSensor::kHeight },
		{ "fovea-scaler0", 1, MEDIA_BUS_FMT_YUV8_1X24, width, height },
	};

	for (const auto &entry : pads) {
		v4l2_subdev_format format = {};
		format.which = V4L2_SUBDEV_FORMAT_ACTIVE;
		format.pad = entry.pad;
		format.format.code = entry.code;
		format.format.width = entry.width;
		format.format.height = entry.height;
		ASSERT_EQ(open(entry.label)->ioctl(VIDIOC_SUBDEV_S_FMT, &format), 0) << entry.label;
		ASSERT_EQ(format.format.width, entry.width) << entry.label;
	}

	for (const char *label : { "fovea-raw0", "fovea-main0" }) {
		bool isRaw = !strcmp(label, "fovea-raw0");
		v4l2_format format = {};
		format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
		format.fmt.pix_mp.width = isRaw ? FlatSensor::kWidth : width;
		format.fmt.pix_mp.height = isRaw ? FlatSensor::kHeight : height;
		format.fmt.pix_mp.pixelformat = isRaw ? V4L2_PIX_FMT_SRGGB10 : V4L2_PIX_FMT_NV12;
		ASSERT_EQ(open(label)->ioctl(VIDIOC_S_FMT, &format), 0) << label;
	}
}

bool DeviceTest::runUntil(const std::function<bool()> &condition)
{
	bool timeout = false;
	uint64_t guard = loop_.addTimer(v4l2::EventLoop::Clock::now() + std::chrono::seconds(10),
					[&]() { timeout = true; });

	while (!condition() && !timeout)
		runFor(std::chrono::milliseconds(1));

	loop_.cancelTimer(guard);
	return condition();
}

void DeviceTest::runFor(std::chrono::milliseconds time)
{
	loop_.addTimer(v4l2::EventLoop::Clock::now() + time, [this]() { loop_.stop(); });
	loop_.run();
}

bool DeviceTest::waitFor(v4l2::OpenFile *file, unsigned int mask)
{
	return runUntil([&]() { return file->poll() & mask; });
}

int DeviceTest::setControl(uint32_t id, int32_t value)
{
	v4l2_control control = { id, value };
	return sensorFile_->ioctl(VIDIOC_S_CTRL, &control);
}

int32_t DeviceTest::control(uint32_t id)
{
	v4l2_control control = { id, -1 };
	EXPECT_EQ(sensorFile_->ioctl(VIDIOC_G_CTRL, &control), 0);
	return control.value;
}

int DeviceTest::queueJob(uint32_t index)
{
	v4l2_isp_params_buffer header = {};
	header.version = V4L2_ISP_PARAMS_VERSION_V1;
	memcpy(params_->memory(index).data(), &header, sizeof(header));

	return params_->queue(index, sizeof(header));
}

void DeviceTest::queueFrameBuffers(uint32_t index)
{
	ASSERT_EQ(raw_->queue(index), 0);
	ASSERT_EQ(main_->queue(index), 0);
}

double DeviceTest::rawMean(uint32_t index)
{
	std::span<uint8_t> memory = raw_->memory(index);
	const size_t count = FlatSensor::kWidth * FlatSensor::kHeight;
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += memory[2 * i] + 256 * memory[2 * i + 1];

	return sum / count;
}

} /* namespace fovea::test */
