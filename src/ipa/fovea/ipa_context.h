/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * State of the Fovea IPA
 */

#pragma once

#include <array>
#include <memory>
#include <optional>
#include <stdint.h>
#include <vector>

#include <libcamera/base/utils.h>

#include <libcamera/control_ids.h>
#include <libcamera/controls.h>
#include <libcamera/geometry.h>

#include "libcamera/internal/matrix.h"
#include "libcamera/internal/vector.h"

#include <libipa/camera_sensor_helper.h>
#include <libipa/fc_queue.h>

#include "frame_geometry.h"
#include "noise_model.h"
#include "shading.h"

namespace libcamera {

namespace ipa::fovea {

struct IPASessionConfiguration {
	struct {
		Size size;
		FrameGeometry geometry;
		unsigned int bitDepth;
		utils::Duration lineDuration;
		int32_t minExposure;
		int32_t exposureMargin;
		int32_t minVBlank;
		int32_t maxVBlank;
		int32_t defVBlank;
		double minGain;
		double maxGain;
	} sensor;

	struct {
		std::array<uint16_t, 4> levels;
		double saturation;
	} blackLevel;

	struct {
		bool enabled;
		double scale;
		double gain;
	} hdr;

	uint32_t ycbcrEncoding;
	uint32_t quantization;
};

double white(const IPASessionConfiguration &configuration);

struct ExposureResult {
	int32_t exposure;
	double gain;
	double digitalGain;
	bool converged;
};

struct WhiteBalanceResult {
	RGB<double> gains;
	double temperature;
};

inline constexpr unsigned int kToneZones = 192;

struct ToneResult {
	struct Zone {
		float level;
		float lift;
	};

	bool valid;
	std::array<Zone, kToneZones> zones;
};

struct IPAResults {
	ExposureResult agc;
	WhiteBalanceResult awb;
	double lux;
	double sentGain;
	ToneResult tone;
};

struct AgcControls {
	bool autoExposure;
	bool autoGain;
	std::optional<int32_t> exposure;
	std::optional<double> gain;
	int32_t meteringMode;
	int32_t exposureMode;
	int32_t constraintMode;
	double exposureValue;
	utils::Duration minFrameDuration;
	utils::Duration maxFrameDuration;
	bool frameDurationLimited;
};

struct AwbControls {
	bool automatic;
	int32_t mode;
	WhiteBalanceResult manual;
};

struct IPAFilters {
	utils::Duration exposure;
	unsigned int exposureFrames;
	unsigned int awbFrames;
};

struct IPAActiveState {
	IPAResults results;
	IPAFilters filters;

	struct {
		AgcControls agc;
		AwbControls awb;
		std::optional<Matrix<float, 3, 3>> ccm;
		std::optional<double> gamma;
		bool lensShading;
		int32_t noiseReduction;
		float sharpness;
	} controls;

	AgcControls upcoming;
};

struct IPAFrameContext : public FrameContext {
	const WhiteBalanceResult &whiteBalance() const;
	double digitalGain() const;

	IPAResults results;

	AgcControls agc;
	AwbControls awb;
	std::optional<Matrix<float, 3, 3>> manualCcm;
	std::optional<double> gamma;
	bool lensShading;
	int32_t noiseReduction;
	float sharpness;

	double sensorGain;

	struct {
		WhiteBalanceResult awb;
		Matrix<float, 3, 3> ccm;
		double digitalGain;
		RGB<double> gains;
		double rawNoise;
	} applied;

	struct {
		int32_t exposure;
		double gain;
		int32_t vblank;
	} sensor;
};

class ResultsHistory
{
public:
	ResultsHistory(unsigned int size);

	void reset(const IPAResults &initial);
	void store(uint32_t frame, const IPAResults &results);
	const IPAResults *find(uint32_t frame, unsigned int latency) const;

private:
	struct Entry {
		bool valid;
		uint32_t frame;
		IPAResults results;
	};

	IPAResults initial_;
	std::vector<Entry> entries_;
};

struct IPAContext {
	IPAContext(unsigned int frameContextSize)
		: frameContexts(frameContextSize), results(frameContextSize)
	{
	}

	std::unique_ptr<CameraSensorHelper> camHelper;
	NoiseModel noise;

	IPASessionConfiguration configuration;
	IPAActiveState activeState;

	FCQueue<IPAFrameContext> frameContexts;
	ResultsHistory results;

	struct {
		ShadingGrid awbZones;
		ShadingGrid aeZones;
	} shading;

	ControlInfoMap::Map ctrlMap;
};

} /* namespace ipa::fovea */

} /* namespace libcamera */
