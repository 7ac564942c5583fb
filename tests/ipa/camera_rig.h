/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The IPA module with the virtual sensor and the ISP model, without a device
 */

#pragma once

#include <array>
#include <functional>
#include <memory>
#include <span>
#include <stdint.h>
#include <string>
#include <vector>

#include <libcamera/controls.h>

#include "isp_sim/isp/isp.h"
#include "isp_sim/isp/params.h"
#include "isp_sim/sensor/sensor.h"
#include "isp_sim/sensor/truth.h"

#include "camera_loop.h"

namespace fovea::test {

using Pixel = std::array<double, 3>;

/* The mode that CameraLoop describes to the module. */
constexpr unsigned int kRigMode = 1;
constexpr unsigned int kRigWidth = 1920;
constexpr unsigned int kRigHeight = 1080;

class CameraRig
{
public:
	/* What happens to the samples of 16 bits between scene and ISP. */
	using Optics = std::function<void(std::span<uint16_t> raw)>;

	/* How the frame reaches the ISP: as it is, or with kHdrRatio times its range. */
	enum class Form {
		Plain,
		Companded,
		Exposures,
	};
	static constexpr int kHdrRatio = 16;

	void open(const std::string &scene, const std::string &tuning = TUNING_DIR "/imx219.yaml",
		  Form form = Form::Plain);

	/* The right half of the scene has so many times the light. */
	void setBacklight(int factor) { backlight_ = factor; }
	void setOptics(const Optics &optics) { optics_ = optics; }

	void capture(const libcamera::ControlList &controls = libcamera::ControlList());

	const Frame &frame() const { return frame_; }
	const sensor::Truth &truth() const { return truth_; }
	std::span<const uint8_t> picture() const { return picture_; }
	const isp::Params &params() const { return params_; }

	double code(unsigned int x, unsigned int y, unsigned int colour) const;
	Pixel mean(const sensor::Rectangle &area) const;

private:
	void expose(int32_t exposure, std::vector<uint16_t> *raw);
	void compose();

	std::unique_ptr<sensor::Sensor> sensor_;
	sensor::Truth truth_;
	Optics optics_;
	Form form_ = Form::Plain;
	int backlight_ = 1;
	isp::Isp isp_;
	isp::Params params_;
	std::vector<uint16_t> raw_;
	std::vector<uint16_t> long_;
	std::vector<uint16_t> short_;
	std::vector<uint8_t> picture_;
	CameraLoop loop_;
	Frame frame_;
	uint32_t sequence_ = 0;
};

std::string tuningWithout(const std::string &algorithm);
std::string tuningWith(const std::string &algorithm, const std::string &yaml);
std::string hdrTuning(const std::string &localTone);
double linearFromCode(double code);

/* The curve of Form::Companded: pairs of code (16 bits) and linear value (20 bits). */
extern const char *const kCompanding;

} /* namespace fovea::test */
