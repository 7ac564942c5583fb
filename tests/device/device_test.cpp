/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A Fovea device with a sensor whose pictures tell its settings
 */

#include "device_test.h"

#include <errno.h>
#include <map>
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
		{ kWidth, kHeight, 12, { 8, 8, kWidth, kHeight }, 640000, 456000000, 36, 16, 1000, 16, 1, true },
		{ kWidth, 2 * kHeight, 10, { 8, 8, kWidth, kHeight }, 640000, 456000000, 36, 16, 1000, 16, 2 },
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
	const uint16_t base = settings.exposure + settings.analogueGain;

	lensPosition = settings.lensPosition;
	std::this_thread::sleep_for(renderTime);

	for (size_t y = 0; y < mode.height; y++) {
		for (size_t x = 0; x < mode.width; x++) {
			const uint16_t value = base + (gradient ? 10 * y + 3 * x : 0);
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
		v4l2_plane planes[VIDEO_MAX_PLANES] = {};
		ret = queryPlanes(i, planes);
		for (unsigned int p = 0; !ret && p < planes_; p++)
			ret = map(planes[p]);
		if (ret)
			return ret;
	}

	return 0;
}

/* The planes of a buffer, whatever the type of the node. */
int Stream::queryPlanes(uint32_t index, v4l2_plane *planes)
{
	const bool multiplanar = V4L2_TYPE_IS_MULTIPLANAR(type_);
	v4l2_buffer buffer = {};
	buffer.index = index;
	buffer.type = type_;
	if (multiplanar) {
		buffer.m.planes = planes;
		buffer.length = VIDEO_MAX_PLANES;
	}

	int ret = file_->ioctl(VIDIOC_QUERYBUF, &buffer);
	if (ret)
		return ret;

	planes_ = multiplanar ? buffer.length : 1;
	if (!multiplanar) {
		planes[0].length = buffer.length;
		planes[0].m.mem_offset = buffer.m.offset;
	}

	return 0;
}

int Stream::map(const v4l2_plane &plane)
{
	int fd;
	uint64_t offset;
	int ret = file_->mmap(plane.m.mem_offset, plane.length, &fd, &offset);
	if (ret)
		return ret;

	void *address = mmap(nullptr, plane.length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
	if (address == MAP_FAILED)
		return -errno;

	memory_.push_back({ static_cast<uint8_t *>(address), plane.length });
	return 0;
}

int Stream::queue(uint32_t index, uint32_t bytesUsed, uint64_t timestamp)
{
	v4l2_plane planes[VIDEO_MAX_PLANES] = {};
	v4l2_buffer buffer = {};
	buffer.index = index;
	buffer.type = type_;
	buffer.memory = V4L2_MEMORY_MMAP;
	buffer.timestamp.tv_sec = timestamp / 1000000000;
	buffer.timestamp.tv_usec = timestamp % 1000000000 / 1000;
	if (V4L2_TYPE_IS_MULTIPLANAR(type_)) {
		buffer.m.planes = planes;
		buffer.length = planes_;
		planes[0].bytesused = bytesUsed;
	} else {
		buffer.bytesused = bytesUsed;
	}

	return file_->ioctl(VIDIOC_QBUF, &buffer);
}

int Stream::dequeue(Frame *frame)
{
	v4l2_plane planes[VIDEO_MAX_PLANES] = {};
	v4l2_buffer buffer = {};
	buffer.type = type_;
	buffer.memory = V4L2_MEMORY_MMAP;
	if (V4L2_TYPE_IS_MULTIPLANAR(type_)) {
		buffer.m.planes = planes;
		buffer.length = planes_;
	}

	int ret = file_->ioctl(VIDIOC_DQBUF, &buffer);
	if (ret)
		return ret;

	frame->index = buffer.index;
	frame->sequence = buffer.sequence;
	frame->flags = buffer.flags;
	frame->timestamp = buffer.timestamp.tv_sec * 1000000000ULL + buffer.timestamp.tv_usec * 1000ULL;
	frame->bytesUsed = buffer.bytesused;
	for (const v4l2_plane &plane : planes)
		frame->bytesUsed += V4L2_TYPE_IS_MULTIPLANAR(type_) ? plane.bytesused : 0;
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

void DeviceTest::create(bool virtualTime, unsigned int count)
{
	std::vector<device::SensorInput> inputs(count);
	sensors_.clear();
	for (device::SensorInput &input : inputs) {
		auto sensor = std::make_unique<FlatSensor>();
		sensors_.push_back(sensor.get());
		input.sensor = std::move(sensor);
	}
	sensor_ = sensors_[0];
	if (count > 1) {
		inputs[0].lens = { "coil", 1023, 100 };
		inputs[0].flash = { "led", 1000, 250 };
	}

	std::string error;
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

void DeviceTest::setPadFormat(const std::string &label, uint32_t pad, uint32_t code,
			      unsigned int width, unsigned int height)
{
	v4l2_subdev_format format = {};
	format.which = V4L2_SUBDEV_FORMAT_ACTIVE;
	format.pad = pad;
	format.format.code = code;
	format.format.width = width;
	format.format.height = height;
	ASSERT_EQ(open(label)->ioctl(VIDIOC_SUBDEV_S_FMT, &format), 0) << label;
	ASSERT_EQ(format.format.width, width) << label;
}

void DeviceTest::setNodeFormat(const std::string &label, v4l2_buf_type type, uint32_t pixelFormat,
			       unsigned int width, unsigned int height)
{
	v4l2_format format = {};
	format.type = type;
	format.fmt.pix_mp.width = width;
	format.fmt.pix_mp.height = height;
	format.fmt.pix_mp.pixelformat = pixelFormat;
	ASSERT_EQ(open(label)->ioctl(VIDIOC_S_FMT, &format), 0) << label;
	ASSERT_EQ(format.fmt.pix_mp.pixelformat, pixelFormat) << label;
}

void DeviceTest::configure(unsigned int width, unsigned int height)
{
	const uint32_t raw = MEDIA_BUS_FMT_SRGGB10_1X10;
	const uint32_t internal = MEDIA_BUS_FMT_YUV8_1X24;

	for (size_t i = 0; i < sensors_.size(); i++) {
		const std::string n = std::to_string(i);
		setPadFormat("flat " + n + "-0010", 0, raw);
		setPadFormat("fovea-csi2rx" + n, 0, raw);
		setPadFormat("fovea-frontend" + n, 0, raw);
		setNodeFormat("fovea-raw" + n, V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE, V4L2_PIX_FMT_SRGGB10);
	}
	setPadFormat("fovea-backend", 0, raw);
	for (const char *label : { "fovea-scaler0", "fovea-scaler1" }) {
		setPadFormat(label, 0, internal);
		setPadFormat(label, 1, internal, width, height);
	}
	for (const char *label : { "fovea-main0", "fovea-viewfinder0" })
		setNodeFormat(label, V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE, V4L2_PIX_FMT_NV12, width, height);
}

int DeviceTest::setLink(const std::string &source, uint16_t sourcePad, const std::string &sink,
			uint16_t sinkPad, bool enable)
{
	std::unique_ptr<v4l2::OpenFile> media = open("Fovea ISP");
	std::map<std::string, uint32_t> ids;
	media_entity_desc entity = {};
	entity.id = MEDIA_ENT_ID_FLAG_NEXT;
	while (!media->ioctl(MEDIA_IOC_ENUM_ENTITIES, &entity)) {
		ids[entity.name] = entity.id;
		entity.id |= MEDIA_ENT_ID_FLAG_NEXT;
	}

	media_link_desc link = {};
	link.source.entity = ids[source];
	link.source.index = sourcePad;
	link.sink.entity = ids[sink];
	link.sink.index = sinkPad;
	link.flags = enable ? MEDIA_LNK_FL_ENABLED : 0;
	return media->ioctl(MEDIA_IOC_SETUP_LINK, &link);
}

void DeviceTest::feedBackEnd(const std::string &source)
{
	const auto pad = [](const std::string &name) { return name == "fovea-input" ? 0 : 3; };

	for (size_t i = 0; i < sensors_.size(); i++)
		ASSERT_EQ(setLink("fovea-frontend" + std::to_string(i), 3, "fovea-backend", 0, false), 0);
	ASSERT_EQ(setLink("fovea-input", 0, "fovea-backend", 0, false), 0);
	ASSERT_EQ(setLink(source, pad(source), "fovea-backend", 0, true), 0);
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
