/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The IPA module in a loop with a simulated sensor
 */

#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <libcamera/controls.h>

#include <libcamera/ipa/fovea_ipa_interface.h>

#include "scene.h"

namespace fovea::test {

/* Frames from statistics to the frame that shows what follows from them. */
constexpr unsigned int kLoopLatency = 4;

struct Settings {
	int32_t exposure;
	int32_t gainCode;
	int32_t vblank;

	/* Relative to 10 ms and gain 1.0. */
	double factor() const;
};

struct Frame {
	Settings settings;
	std::vector<uint8_t> params;
	libcamera::ControlList metadata;

	template<typename T>
	const T *block(unsigned int type) const
	{
		return static_cast<const T *>(find(type));
	}

private:
	const void *find(unsigned int type) const;
};

class CameraLoop
{
public:
	CameraLoop();
	~CameraLoop();

	int init(const std::string &tuningFile, const std::string &model = "imx219");
	int configure(unsigned int bitDepth = 10);
	int start(const libcamera::ControlList &controls = libcamera::ControlList(),
		  const libcamera::ipa::fovea::IPAFoveaState &state = {});
	void stop();

	void queue(const libcamera::ControlList &controls = libcamera::ControlList());
	Frame run(const Scene &scene);
	Frame run(const fovea_isp_stats_buffer *stats);

	/* run() in two steps: what the frame is captured with, what came of it. */
	Frame begin();
	void end(Frame *frame, const fovea_isp_stats_buffer *stats);

	/* V4L2_YCBCR_ENC_* and V4L2_QUANTIZATION_*, for the next configure(). */
	void setColourSpace(uint32_t encoding, uint32_t quantization)
	{
		ycbcrEncoding_ = encoding;
		quantization_ = quantization;
	}

	/* For the next configure(), too: the form of the sensor's frames. */
	void setHdr(unsigned int exposures, bool companded)
	{
		exposures_ = exposures;
		companded_ = companded;
	}

	/* computeParams() runs so many frames ahead of the capture, 0 to 2. */
	void setParamsAhead(unsigned int frames) { paramsAhead_ = frames; }

	libcamera::ipa::fovea::IPAConfigInfo configInfo(unsigned int bitDepth) const;
	libcamera::ipa::fovea::IPAFoveaInterface &ipa() { return *ipa_; }
	const libcamera::ControlInfoMap &controls() const { return controls_; }
	Settings upcoming() const;

	uint32_t paramsBuffer() const { return kParamsBuffer; }
	uint32_t statsBuffer() const { return kStatsBuffer; }

	unsigned int paramsAnswers = 0;
	unsigned int metadataAnswers = 0;
	uint32_t lastBytesUsed = 0;

private:
	static constexpr uint32_t kParamsBuffer = 1;
	static constexpr uint32_t kStatsBuffer = 2;

	void mapBuffers();
	void computeParams(uint32_t frame);

	std::unique_ptr<libcamera::ipa::fovea::IPAFoveaInterface> ipa_;
	libcamera::ControlInfoMap sensorControls_;
	libcamera::ControlInfoMap controls_;

	int paramsFd_;
	int statsFd_;
	void *paramsMemory_;
	void *statsMemory_;

	uint32_t ycbcrEncoding_ = V4L2_YCBCR_ENC_601;
	uint32_t quantization_ = V4L2_QUANTIZATION_FULL_RANGE;
	unsigned int exposures_ = 1;
	bool companded_ = false;
	unsigned int paramsAhead_ = 0;
	uint32_t frame_ = 0;
	uint32_t queued_ = 0;
	uint32_t computed_ = 0;
	std::vector<Settings> sent_;
	std::map<uint32_t, std::vector<uint8_t>> params_;
	libcamera::ControlList metadata_;
	libcamera::ipa::fovea::IPAFoveaState state_;
};

} /* namespace fovea::test */
