/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The Fovea device with a sensor of a few pixels, for fuzz targets
 */

#include "tiny_device.h"

#include <algorithm>
#include <errno.h>
#include <iterator>
#include <stdio.h>
#include <stdlib.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/media.h>
#include <linux/v4l2-subdev.h>
#include <linux/videodev2.h>

#include "isp_sim/v4l2/buffer_budget.h"

namespace fovea::fuzz {

namespace {

constexpr uint32_t kRequests[] = {
	VIDIOC_QUERYCAP, VIDIOC_ENUM_FMT, VIDIOC_G_FMT, VIDIOC_S_FMT, VIDIOC_TRY_FMT,
	VIDIOC_REQBUFS, VIDIOC_QUERYBUF, VIDIOC_QBUF, VIDIOC_EXPBUF, VIDIOC_DQBUF,
	VIDIOC_STREAMON, VIDIOC_STREAMOFF, VIDIOC_CREATE_BUFS, VIDIOC_PREPARE_BUF,
	VIDIOC_REMOVE_BUFS, VIDIOC_G_PARM, VIDIOC_S_PARM, VIDIOC_ENUMINPUT,
	VIDIOC_G_INPUT, VIDIOC_S_INPUT, VIDIOC_ENUMOUTPUT, VIDIOC_G_OUTPUT,
	VIDIOC_S_OUTPUT, VIDIOC_G_SELECTION, VIDIOC_S_SELECTION, VIDIOC_CROPCAP,
	VIDIOC_G_CROP, VIDIOC_S_CROP, VIDIOC_ENUM_FRAMESIZES, VIDIOC_ENUM_FRAMEINTERVALS,
	VIDIOC_G_CTRL, VIDIOC_S_CTRL, VIDIOC_QUERYCTRL, VIDIOC_QUERYMENU,
	VIDIOC_QUERY_EXT_CTRL, VIDIOC_G_EXT_CTRLS, VIDIOC_S_EXT_CTRLS, VIDIOC_TRY_EXT_CTRLS,
	VIDIOC_SUBSCRIBE_EVENT, VIDIOC_UNSUBSCRIBE_EVENT, VIDIOC_DQEVENT,
	VIDIOC_G_PRIORITY, VIDIOC_S_PRIORITY, VIDIOC_LOG_STATUS, VIDIOC_G_EDID,
	VIDIOC_S_EDID, VIDIOC_DBG_G_REGISTER, VIDIOC_DECODER_CMD, VIDIOC_G_STD,
	VIDIOC_SUBDEV_QUERYCAP, VIDIOC_SUBDEV_G_FMT, VIDIOC_SUBDEV_S_FMT,
	VIDIOC_SUBDEV_ENUM_MBUS_CODE, VIDIOC_SUBDEV_ENUM_FRAME_SIZE,
	VIDIOC_SUBDEV_ENUM_FRAME_INTERVAL, VIDIOC_SUBDEV_G_FRAME_INTERVAL,
	VIDIOC_SUBDEV_S_FRAME_INTERVAL, VIDIOC_SUBDEV_G_SELECTION,
	VIDIOC_SUBDEV_S_SELECTION, VIDIOC_SUBDEV_G_CROP, VIDIOC_SUBDEV_S_CROP,
	VIDIOC_SUBDEV_G_ROUTING, VIDIOC_SUBDEV_S_ROUTING, VIDIOC_SUBDEV_G_CLIENT_CAP,
	VIDIOC_SUBDEV_S_CLIENT_CAP,
	MEDIA_IOC_DEVICE_INFO, MEDIA_IOC_ENUM_ENTITIES, MEDIA_IOC_ENUM_LINKS,
	MEDIA_IOC_SETUP_LINK, MEDIA_IOC_G_TOPOLOGY, MEDIA_IOC_REQUEST_ALLOC,
	_IO('V', BASE_VIDIOC_PRIVATE), _IOWR('V', BASE_VIDIOC_PRIVATE + 1, v4l2_format),
};

/* Buffers of a fuzz target take little, however large they are asked for. */
constexpr uint64_t kBudget = 64 << 20;

/* 64x48 samples of 10 bits or 32x24 of 8 bits, which tell the exposure. */
class TinySensor : public sensor::Sensor
{
public:
	TinySensor()
	{
		properties_.model = "tiny";
		properties_.order = sensor::BayerOrder::RGGB;
		properties_.nativeArea = { 0, 0, 80, 64 };
		properties_.activeArea = { 8, 8, 64, 48 };
		properties_.modes = {
			{ 64, 48, 10, { 8, 8, 64, 48 }, 640000, 456000000, 36, 16, 1000, 16 },
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

	const sensor::Properties &properties() const override { return properties_; }

	int render(const sensor::FrameSettings &settings, uint32_t, std::chrono::nanoseconds,
		   std::span<uint8_t> raw, size_t) override
	{
		std::fill(raw.begin(), raw.end(), static_cast<uint8_t>(settings.exposure));
		return settings.exposure == 13 ? -EIO : 0;
	}

private:
	sensor::Properties properties_;
};

} /* namespace */

std::unique_ptr<device::FoveaDevice> createTinyDevice(v4l2::EventLoop *loop)
{
	v4l2::BufferBudget::process().setLimit(kBudget);

	std::vector<device::SensorInput> inputs;
	inputs.push_back({ std::make_unique<TinySensor>() });

	std::string error;
	device::DeviceOptions options;
	options.virtualTime = true;
	auto device = device::FoveaDevice::create(loop, std::move(inputs), options, &error);
	if (!device) {
		fprintf(stderr, "%s\n", error.c_str());
		exit(1);
	}

	return device;
}

/*
 * The loop looks at its descriptors before it sees that it is to stop; what the
 * first round posts runs in the second.
 */
void runPending(v4l2::EventLoop *loop)
{
	for (int round = 0; round < 2; round++) {
		loop->stop();
		loop->run();
	}
}

int createMemory(size_t size, bool sealable)
{
	const int fd = memfd_create("fuzz", MFD_CLOEXEC | (sealable ? MFD_ALLOW_SEALING : 0));
	if (fd >= 0 && ftruncate(fd, static_cast<off_t>(size)))
		abort();

	return fd;
}

size_t requestCount()
{
	return std::size(kRequests);
}

uint32_t requestNumber(size_t index)
{
	return kRequests[index];
}

} /* namespace fovea::fuzz */
