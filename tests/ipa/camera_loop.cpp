/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The IPA module in a loop with a simulated sensor
 */

#include "camera_loop.h"

#include <algorithm>
#include <stdexcept>
#include <string.h>
#include <sys/mman.h>
#include <tuple>
#include <unistd.h>

#include <linux/v4l2-controls.h>
#include <linux/videodev2.h>

#include <libcamera/control_ids.h>

using namespace libcamera;
using namespace libcamera::ipa::fovea;

namespace libcamera {
extern "C" IPAInterface *ipaCreate();
}

namespace fovea::test {

namespace {

/* The mode of 1920x1080 of the imx219. */
constexpr int32_t kWidth = 1920;
constexpr int32_t kHeight = 1080;
constexpr int32_t kHBlank = 3448 - kWidth;
constexpr uint64_t kPixelRate = 182400000;

constexpr size_t kParamsSize = FOVEA_ISP_PARAMS_MAX_SIZE;
constexpr size_t kStatsSize = sizeof(fovea_isp_stats_buffer);

/* V4L2 identifiers that CameraSensor would make. */
const ControlId kExposure(V4L2_CID_EXPOSURE, "exposure", "v4l2", ControlTypeInteger32,
			  ControlId::Direction::In | ControlId::Direction::Out);
const ControlId kGain(V4L2_CID_ANALOGUE_GAIN, "gain", "v4l2", ControlTypeInteger32,
		      ControlId::Direction::In | ControlId::Direction::Out);
const ControlId kVBlank(V4L2_CID_VBLANK, "vblank", "v4l2", ControlTypeInteger32,
			ControlId::Direction::In | ControlId::Direction::Out);
const ControlId kHBlankId(V4L2_CID_HBLANK, "hblank", "v4l2", ControlTypeInteger32,
			  ControlId::Direction::In | ControlId::Direction::Out);

const ControlIdMap kSensorIds{
	{ kExposure.id(), &kExposure },
	{ kGain.id(), &kGain },
	{ kVBlank.id(), &kVBlank },
	{ kHBlankId.id(), &kHBlankId },
};

ControlInfoMap sensorControlInfo()
{
	return ControlInfoMap({
				      { &kExposure, ControlInfo(4, 1759, 1600) },
				      { &kGain, ControlInfo(0, 232, 0) },
				      { &kVBlank, ControlInfo(4, 64455, 683) },
				      { &kHBlankId, ControlInfo(kHBlank, kHBlank, kHBlank) },
			      },
			      kSensorIds);
}

Settings toSettings(const ControlList &list)
{
	return { list.get(V4L2_CID_EXPOSURE).get<int32_t>(),
		 list.get(V4L2_CID_ANALOGUE_GAIN).get<int32_t>(),
		 list.get(V4L2_CID_VBLANK).get<int32_t>() };
}

/* A memory file, as the device's buffers are. */
std::pair<int, void *> createBuffer(const char *name, size_t size)
{
	int fd = memfd_create(name, MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, size) < 0)
		throw std::runtime_error("no memory file");
	void *memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		throw std::runtime_error("no mapping");
	return { fd, memory };
}

} /* namespace */

double Settings::factor() const
{
	const double line = static_cast<double>(kWidth + kHBlank) / kPixelRate;
	return exposure * line / 0.01 * 256 / (256 - gainCode);
}

const void *Frame::find(unsigned int type) const
{
	size_t offset = sizeof(v4l2_isp_params_buffer);
	while (offset + sizeof(v4l2_isp_params_block_header) <= params.size()) {
		v4l2_isp_params_block_header header;
		memcpy(&header, params.data() + offset, sizeof(header));
		if (header.type == type)
			return params.data() + offset;
		offset += header.size;
	}
	return nullptr;
}

CameraLoop::CameraLoop()
	: ipa_(static_cast<IPAFoveaInterface *>(ipaCreate())),
	  sensorControls_(sensorControlInfo())
{
	std::tie(paramsFd_, paramsMemory_) = createBuffer("params", kParamsSize);
	std::tie(statsFd_, statsMemory_) = createBuffer("stats", kStatsSize);

	ipa_->paramsComputed.connect(this, [this](uint32_t frame, uint32_t bytes) {
		paramsAnswers++;
		lastBytesUsed = bytes;
		const uint8_t *data = static_cast<const uint8_t *>(paramsMemory_);
		params_[frame] = std::vector<uint8_t>(data, data + bytes);
	});
	ipa_->setSensorControls.connect(this, [this](uint32_t, const ControlList &list) {
		sent_.push_back(toSettings(list));
	});
	ipa_->metadataReady.connect(this, [this](uint32_t, const ControlList &list,
						 const IPAFoveaState &state) {
		metadataAnswers++;
		state_ = state;
		metadata_ = list;
	});
}

CameraLoop::~CameraLoop()
{
	ipa_.reset();
	munmap(paramsMemory_, kParamsSize);
	munmap(statsMemory_, kStatsSize);
	close(paramsFd_);
	close(statsFd_);
}

IPAConfigInfo CameraLoop::configInfo(unsigned int bitDepth) const
{
	IPAConfigInfo info;
	info.sensorInfo.model = "imx219";
	info.sensorInfo.bitsPerPixel = bitDepth;
	info.sensorInfo.activeAreaSize = { 3280, 2464 };
	info.sensorInfo.analogCrop = { 680, 692, kWidth, kHeight };
	info.sensorInfo.outputSize = { kWidth, kHeight };
	info.sensorInfo.pixelRate = kPixelRate;
	info.sensorInfo.minLineLength = kWidth + kHBlank;
	info.sensorInfo.maxLineLength = kWidth + kHBlank;
	info.sensorInfo.minFrameLength = kHeight + 4;
	info.sensorInfo.maxFrameLength = kHeight + 64455;
	info.sensorControls = sensorControls_;
	info.ycbcrEncoding = ycbcrEncoding_;
	info.quantization = quantization_;
	info.hflip = info.vflip = false;
	info.exposures = exposures_;
	info.companded = companded_;
	return info;
}

int CameraLoop::init(const std::string &tuningFile, const std::string &model)
{
	return ipa_->init(IPASettings{ tuningFile, model }, configInfo(10), &controls_);
}

int CameraLoop::configure(unsigned int bitDepth)
{
	int ret = ipa_->configure(configInfo(bitDepth), &controls_);
	if (!ret)
		mapBuffers();
	return ret;
}

void CameraLoop::mapBuffers()
{
	std::vector<IPABuffer> buffers;
	for (auto [id, fd, size] : { std::tuple{ kParamsBuffer, paramsFd_, kParamsSize },
				     std::tuple{ kStatsBuffer, statsFd_, kStatsSize } }) {
		FrameBuffer::Plane plane;
		plane.fd = SharedFD(fd);
		plane.offset = 0;
		plane.length = size;
		buffers.push_back(IPABuffer(id, std::vector<FrameBuffer::Plane>{ plane }));
	}
	ipa_->mapBuffers(buffers);
}

int CameraLoop::start(const ControlList &list, const IPAFoveaState &state)
{
	ControlList sensor;
	int32_t ret;
	ipa_->start(list, state, &sensor, &ret);
	if (ret)
		return ret;

	frame_ = queued_ = computed_ = 0;
	params_.clear();
	sent_.assign(1, toSettings(sensor));
	return 0;
}

void CameraLoop::stop()
{
	ipa_->stop();
}

void CameraLoop::queue(const ControlList &list)
{
	ipa_->queueRequest(queued_++, list);
}

void CameraLoop::computeParams(uint32_t frame)
{
	memset(paramsMemory_, 0xff, kParamsSize);
	ipa_->computeParams(frame, kParamsBuffer);
}

/* The settings that the next frame is captured with. */
Settings CameraLoop::upcoming() const
{
	return sent_[frame_ < kLoopLatency ? 0 : frame_ - kLoopLatency + 1];
}

Frame CameraLoop::run(const Scene &scene)
{
	const fovea_isp_stats_buffer stats = statistics(scene, upcoming().factor(), frame_);
	return run(&stats);
}

/* One frame; no statistics stand for lost ones. */
Frame CameraLoop::run(const fovea_isp_stats_buffer *stats)
{
	Frame frame = begin();
	end(&frame, stats);
	return frame;
}

Frame CameraLoop::begin()
{
	while (queued_ <= frame_ + 3)
		queue();
	for (; computed_ <= frame_ + paramsAhead_; computed_++)
		computeParams(computed_);

	Frame frame;
	frame.settings = upcoming();
	frame.params = params_[frame_];
	params_.erase(frame_);
	return frame;
}

void CameraLoop::end(Frame *frame, const fovea_isp_stats_buffer *stats)
{
	if (stats)
		memcpy(statsMemory_, stats, sizeof(*stats));

	ControlList sensor(sensorControls_);
	sensor.set(V4L2_CID_EXPOSURE, frame->settings.exposure);
	sensor.set(V4L2_CID_ANALOGUE_GAIN, frame->settings.gainCode);
	sensor.set(V4L2_CID_VBLANK, frame->settings.vblank);
	ipa_->processStats(frame_, stats ? kStatsBuffer : 0, sensor);

	frame->metadata = metadata_;
	frame_++;
}

} /* namespace fovea::test */
