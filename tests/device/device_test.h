/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A Fovea device with a sensor whose pictures tell its settings
 */

#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <poll.h>
#include <span>
#include <stdint.h>
#include <string>
#include <sys/mman.h>
#include <vector>

#include <gtest/gtest.h>

#include <linux/fovea-isp.h>
#include <linux/media-bus-format.h>
#include <linux/media.h>
#include <linux/v4l2-subdev.h>
#include <linux/videodev2.h>

#include "isp_sim/device/fovea_device.h"

namespace fovea::test {

/*
 * Every sample of a frame has the same value: exposure in lines plus gain code,
 * in the 10-bit mode of 64x48. With \a failAt a frame fails to render, with
 * \a gradient the samples grow along the lines and the columns.
 */
class FlatSensor : public sensor::Sensor
{
public:
	FlatSensor();

	const sensor::Properties &properties() const override { return properties_; }
	int render(const sensor::FrameSettings &settings, uint32_t sequence,
		   std::chrono::nanoseconds time, std::span<uint8_t> raw,
		   size_t stride) override;

	static constexpr unsigned int kWidth = 64;
	static constexpr unsigned int kHeight = 48;

	int64_t failAt = -1;
	bool gradient = false;
	std::chrono::milliseconds renderTime{ 0 };
	std::atomic<int32_t> lensPosition = -1;	/* of the last frame */

private:
	sensor::Properties properties_;
};

struct Frame {
	uint32_t index;
	uint32_t sequence;
	uint32_t flags;
	uint64_t timestamp;	/* nanoseconds, in steps of a microsecond */
	uint32_t bytesUsed;	/* of all planes */
};

/* A video node with mapped buffers. */
class Stream
{
public:
	Stream(std::unique_ptr<v4l2::OpenFile> file, v4l2_buf_type type);
	~Stream();

	int request(unsigned int count);
	int queue(uint32_t index, uint32_t bytesUsed = 0, uint64_t timestamp = 0);
	int dequeue(Frame *frame);
	int on();
	int off();

	std::span<uint8_t> memory(uint32_t index, unsigned int plane = 0)
	{
		return memory_[index * planes_ + plane];
	}
	v4l2::OpenFile *file() { return file_.get(); }
	void close() { file_.reset(); }

private:
	std::unique_ptr<v4l2::OpenFile> file_;
	int queryPlanes(uint32_t index, v4l2_plane *planes);
	int map(const v4l2_plane &plane);

	v4l2_buf_type type_;
	unsigned int planes_ = 1;
	std::vector<std::span<uint8_t>> memory_;
};

class DeviceTest : public ::testing::Test
{
protected:
	/* \a count sensors; the first, sensor_, has a lens and a flash if there are two. */
	void create(bool virtualTime, unsigned int count = 1);

	std::unique_ptr<v4l2::OpenFile> open(const std::string &label);
	std::unique_ptr<Stream> stream(const std::string &label, v4l2_buf_type type,
				       unsigned int buffers = 4);

	/* The four nodes with their buffers, opened and sized. */
	void openStreams();

	/* Formats along the whole pipeline for FlatSensor's mode. */
	void configure(unsigned int width = FlatSensor::kWidth,
		       unsigned int height = FlatSensor::kHeight);
	void setPadFormat(const std::string &label, uint32_t pad, uint32_t code,
			  unsigned int width = FlatSensor::kWidth,
			  unsigned int height = FlatSensor::kHeight);
	void setNodeFormat(const std::string &label, v4l2_buf_type type, uint32_t pixelFormat,
			   unsigned int width = FlatSensor::kWidth,
			   unsigned int height = FlatSensor::kHeight);

	int setLink(const std::string &source, uint16_t sourcePad, const std::string &sink,
		    uint16_t sinkPad, bool enable);
	/* Let \a source, the first sensor input at first, feed the back end. */
	void feedBackEnd(const std::string &source);

	/* Run the loop until \a condition holds; false after 10 s. */
	bool runUntil(const std::function<bool()> &condition);
	void runFor(std::chrono::milliseconds time);
	bool waitFor(v4l2::OpenFile *file, unsigned int mask);

	int setControl(uint32_t id, int32_t value);
	int32_t control(uint32_t id);

	/* Empty parameters in the buffer \a index, queued. */
	int queueJob(uint32_t index);
	void queueFrameBuffers(uint32_t index);

	/* Mean of the 10-bit samples of a raw buffer. */
	double rawMean(uint32_t index);

	v4l2::EventLoop loop_;
	std::shared_ptr<device::FaultTimeline> faults_;		/* for create() */
	FlatSensor *sensor_ = nullptr;
	std::vector<FlatSensor *> sensors_;
	std::unique_ptr<device::FoveaDevice> device_;
	std::unique_ptr<v4l2::OpenFile> sensorFile_;
	std::unique_ptr<v4l2::OpenFile> receiver_;
	std::unique_ptr<Stream> raw_;
	std::unique_ptr<Stream> main_;
	std::unique_ptr<Stream> stats_;
	std::unique_ptr<Stream> params_;
};

} /* namespace fovea::test */
