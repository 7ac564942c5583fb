/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The IPA module with the virtual sensor and the ISP model, without a device
 */

#include "camera_rig.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <unistd.h>

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "isp_sim/sensor/rig.h"

namespace fovea::test {

/**
 * \class CameraRig
 * \brief Frames of the imx219 from scene to picture, one at a time
 *
 * Each is a function of the scene, the tuning and the controls alone.
 */

void CameraRig::open(const std::string &scene, const std::string &tuning, Form form)
{
	form_ = form;

	const sensor::SearchPath search{ { RIGS_DIR }, {}, {} };
	std::string error;
	sensor_ = sensor::makeSensor({ "imx219", scene, "" }, search, &error);
	ASSERT_TRUE(sensor_) << error;

	auto model = sensor::findSensorModel("imx219", search, &error);
	auto found = sensor::findScene(scene, search, &error);
	ASSERT_TRUE(model && found) << error;
	truth_ = sensor::sceneTruth(*model, *found, kRigMode, false, false);

	const unsigned int bitDepth = form == Form::Companded ? 12 : 10;
	const unsigned int exposures = form == Form::Exposures ? 2 : 1;
	const isp::Configuration configuration{
		{ { kRigWidth, kRigHeight }, bitDepth, isp::BayerOrder::RGGB, kRigWidth * 2, exposures },
		{ { { kRigWidth, kRigHeight }, isp::PixelFormat::XRGB8888, kRigWidth * 4,
		    { 0, 0, kRigWidth, kRigHeight } } },
		1
	};
	ASSERT_EQ(isp_.configure(configuration, &error), 0) << error;
	raw_.resize(size_t{ kRigWidth } * kRigHeight * exposures);
	picture_.resize(isp::outputSize(configuration.outputs[0]));

	ASSERT_EQ(loop_.init(tuning), 0) << tuning;
	loop_.setHdr(exposures, form == Form::Companded);
	ASSERT_EQ(loop_.configure(bitDepth), 0);
	ASSERT_EQ(loop_.start(), 0);
}

/* One frame from the sensor through the ISP, statistics to the module. */
void CameraRig::capture(const libcamera::ControlList &controls)
{
	loop_.queue(controls);
	frame_ = loop_.begin();

	std::string error;
	ASSERT_EQ(isp::validateParams(frame_.params, &error), 0) << error;
	isp::applyParams(frame_.params, &params_);

	ASSERT_NO_FATAL_FAILURE(compose());
	sequence_++;
	if (optics_)
		optics_(raw_);

	fovea_isp_stats_buffer stats{};
	const std::span<uint8_t> outputs[] = { picture_ };
	const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t *>(raw_.data()),
					    raw_.size() * 2);
	ASSERT_EQ(isp_.process(bytes, params_, outputs, &stats), 0);
	stats.version = FOVEA_ISP_STATS_VERSION_2;
	loop_.end(&frame_, &stats);
}

/* One exposure of so many lines, the right half under the backlight. */
void CameraRig::expose(int32_t exposure, std::vector<uint16_t> *raw)
{
	auto render = [&](int32_t lines, std::vector<uint16_t> *frame) {
		frame->resize(size_t{ kRigWidth } * kRigHeight);
		const sensor::FrameSettings settings{ kRigMode, lines, frame_.settings.gainCode,
						      frame_.settings.vblank, false, false };
		const std::span<uint8_t> bytes(reinterpret_cast<uint8_t *>(frame->data()),
					       frame->size() * 2);
		ASSERT_EQ(sensor_->render(settings, sequence_,
					  sequence_ * std::chrono::microseconds(33333), bytes,
					  kRigWidth * 2), 0);
	};

	render(exposure, raw);
	if (backlight_ == 1)
		return;

	std::vector<uint16_t> bright;
	render(exposure * backlight_, &bright);
	for (size_t y = 0; y < kRigHeight; y++)
		std::copy_n(&bright[y * kRigWidth + kRigWidth / 2], kRigWidth / 2,
			    &(*raw)[y * kRigWidth + kRigWidth / 2]);
}

const char *const kCompanding = "[ 0, 0, 16384, 16384, 32768, 147456, 65535, 1048575 ]";

namespace {

/* 10 bits in 16, the imx219's black level in them, and from where on a sample is clipped. */
constexpr unsigned int kAlign = 6;
constexpr unsigned int kBlack = 4096;
constexpr unsigned int kClipped = 1000;

/* A linear value of 20 bits in the 12 bits of kCompanding. */
uint16_t compand(uint32_t linear)
{
	const uint32_t code = linear < 16384 ? linear
			    : linear < 147456 ? 16384 + (linear - 16384) / 8
					      : 32768 + (linear - 147456) / 27.5;
	return std::min<uint32_t>(code, 65535) >> 4;
}

} /* namespace */

/* Make the frame, in the form that it has, of one or two exposures. */
void CameraRig::compose()
{
	const int32_t exposure = frame_.settings.exposure;
	if (form_ == Form::Plain) {
		expose(exposure, &raw_);
		return;
	}

	expose(exposure / kHdrRatio * kHdrRatio, &long_);
	expose(exposure / kHdrRatio, &short_);
	if (form_ == Form::Exposures) {
		for (size_t y = 0; y < kRigHeight; y++) {
			std::copy_n(&long_[y * kRigWidth], kRigWidth, &raw_[2 * y * kRigWidth]);
			std::copy_n(&short_[y * kRigWidth], kRigWidth, &raw_[(2 * y + 1) * kRigWidth]);
		}
		return;
	}

	for (size_t i = 0; i < raw_.size(); i++) {
		const uint32_t shortSample = std::max<uint32_t>(short_[i] << kAlign, kBlack);
		const uint32_t linear = long_[i] < kClipped
						? long_[i] << kAlign
						: kBlack + (shortSample - kBlack) * kHdrRatio;
		raw_[i] = compand(linear);
	}
}

/* The picture's code, 0 to 255, of red, green or blue. */
double CameraRig::code(unsigned int x, unsigned int y, unsigned int colour) const
{
	/* XRGB8888 in memory: B, G, R, X. */
	return picture_[(size_t{ y } * kRigWidth + x) * 4 + 2 - colour];
}

/* Mean of the picture over an area, linear by the sRGB curve. */
Pixel CameraRig::mean(const sensor::Rectangle &area) const
{
	Pixel sum{};
	for (unsigned int y = area.top; y < area.top + area.height; y++) {
		for (unsigned int x = area.left; x < area.left + area.width; x++) {
			for (unsigned int c = 0; c < 3; c++)
				sum[c] += linearFromCode(code(x, y, c));
		}
	}
	for (double &value : sum)
		value /= area.width * area.height;
	return sum;
}

/* Inverse of the sRGB curve of a code of 8 bits. */
double linearFromCode(double code)
{
	const double value = code / 255;
	return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

namespace {

YAML::Node tuningFile()
{
	return YAML::LoadFile(TUNING_DIR "/imx219.yaml");
}

/* Write a tuning file; its name. Tests run in processes of their own. */
std::string write(const YAML::Node &file)
{
	const std::string name = testing::TempDir() + "fovea-tuning-" +
				 std::to_string(getpid()) + ".yaml";
	std::ofstream(name) << file << "\n";
	return name;
}

YAML::Node listWithout(const YAML::Node &algorithms, const std::string &algorithm)
{
	YAML::Node kept(YAML::NodeType::Sequence);
	for (const auto &entry : algorithms) {
		if (!entry[algorithm])
			kept.push_back(entry);
	}
	return kept;
}

} /* namespace */

/* The imx219's tuning without an algorithm, as a file. */
std::string tuningWithout(const std::string &algorithm)
{
	YAML::Node file = tuningFile();
	file["algorithms"] = listWithout(file["algorithms"], algorithm);
	return write(file);
}

/* The imx219's tuning for the forms with a wide range, as a file. */
std::string hdrTuning(const std::string &localTone)
{
	YAML::Node hdr, tone;
	hdr["Hdr"]["companding"] = YAML::Load(kCompanding);
	hdr["Hdr"]["exposureRatio"] = CameraRig::kHdrRatio;
	tone["LocalTone"] = YAML::Load(localTone);

	YAML::Node file = tuningFile();
	YAML::Node algorithms = listWithout(listWithout(file["algorithms"], "Hdr"), "LocalTone");
	algorithms.push_back(hdr);
	algorithms.push_back(tone);
	file["algorithms"] = algorithms;
	return write(file);
}

/* The imx219's tuning with other values for an algorithm, as a file. */
std::string tuningWith(const std::string &algorithm, const std::string &yaml)
{
	YAML::Node file = tuningFile();
	YAML::Node entry;
	entry[algorithm] = YAML::Load(yaml);
	YAML::Node algorithms = listWithout(file["algorithms"], algorithm);
	algorithms.push_back(entry);
	file["algorithms"] = algorithms;
	return write(file);
}

} /* namespace fovea::test */
