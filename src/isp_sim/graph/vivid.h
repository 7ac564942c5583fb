/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The kernel's virtual video driver: a webcam and an output
 */

#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "isp_sim/v4l2/video_device.h"

#include "element.h"
#include "memory_format.h"
#include "streamer.h"
#include "test_pattern.h"

namespace fovea::graph {

/* Controls of vivid's own: of users, and in a class of their own. */
constexpr uint32_t kVividUserBase = V4L2_CID_USER_BASE | 0xf000;
constexpr uint32_t kCidVividPixelArray = kVividUserBase + 14;
constexpr uint32_t kCidVividClass = 0x00f00001;
constexpr uint32_t kCidVividPattern = 0x00f0f000;
constexpr uint32_t kCidVividTextMode = 0x00f0f001;
constexpr uint32_t kCidVividHorizontalMove = 0x00f0f002;
constexpr uint32_t kCidVividVerticalMove = 0x00f0f003;
constexpr uint32_t kCidVividBorder = 0x00f0f004;
constexpr uint32_t kCidVividSensorHflip = 0x00f0f014;
constexpr uint32_t kCidVividSensorVflip = 0x00f0f015;

/* The controls that show every type, on all nodes. */
void addVividUserControls(v4l2::ControlHandler *controls);

/* Those of the picture, on capture nodes. */
void addVividPictureControls(v4l2::ControlHandler *controls);

/* What the nodes share: the formats, and buffers that come with a rate. */
class VividNode : public v4l2::VideoDevice, protected FrameSink
{
protected:
	VividNode(v4l2::EventLoop *loop, v4l2::MediaDevice *media, const EntityConfig &config,
		  v4l2_buf_type type, double frameRate, bool virtualTime);

	/* VideoDevice */
	int enumFormat(v4l2_fmtdesc *description) override;
	uint32_t capabilities() const override { return 0; }
	bool hasParameters() const override { return true; }
	bool hasStatus() const override { return true; }
	void formatChanged() override;

	/* QueueOperations */
	int queueSetup(unsigned int *count, std::vector<size_t> *sizes) override;
	void bufQueue(v4l2::Buffer &buffer) override;
	void stopStreaming() override;

	/* FrameSink */
	v4l2::Buffer *takeBuffer() override;
	void complete(v4l2::Buffer *buffer, uint32_t sequence, uint64_t timestamp) override;

	void fillSizes(v4l2_pix_format *pix) const;

	std::deque<v4l2::Buffer *> pending_;
	Streamer streamer_;
};

/* A webcam that shows test patterns. */
class VividCapture : public VividNode, private Element, private v4l2::ControlOperations
{
public:
	VividCapture(v4l2::EventLoop *loop, v4l2::MediaDevice *media, const EntityConfig &config,
		     double frameRate, bool virtualTime);

protected:
	/* VideoDevice */
	int tryFormat(v4l2_format *format) override;
	std::string inputName() const override { return "Webcam 000-0"; }
	bool hasFrameSizes() const override { return true; }
	int enumFrameSizes(v4l2_frmsizeenum *size) override;
	bool hasFrameIntervals() const override { return true; }
	int enumFrameIntervals(v4l2_frmivalenum *interval) override;
	int streamParameters(v4l2_streamparm *parameters, bool set) override;

	/* QueueOperations */
	int startStreaming() override;

private:
	/* Element */
	FrameStep prepareFrame(const FrameTime &time) override;

	/* ControlOperations */
	int getVolatile(const v4l2::Control &control, int64_t *value) override;

	int32_t control(uint32_t id) const;
	v4l2_fract interval() const;

	size_t intervalIndex_;
	std::shared_ptr<std::vector<uint8_t>> rgb_;	/* of the frame that is made */
};

/* An output that takes pictures at a rate. */
class VividOutput : public VividNode
{
public:
	VividOutput(v4l2::EventLoop *loop, v4l2::MediaDevice *media, const EntityConfig &config,
		    double frameRate, bool virtualTime);

protected:
	/* VideoDevice */
	int tryFormat(v4l2_format *format) override;
	std::string inputName() const override { return "S-Video 000-0"; }
	int streamParameters(v4l2_streamparm *parameters, bool set) override;

	/* QueueOperations */
	int bufPrepare(v4l2::Buffer &buffer) override;
	int startStreaming() override;

private:
	const v4l2_fract interval_;
};

} /* namespace fovea::graph */
