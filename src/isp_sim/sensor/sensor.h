/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Virtual image sensor: register settings and time in, raw frames out
 */

#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <stddef.h>
#include <stdint.h>
#include <string>
#include <vector>

namespace fovea::sensor {

enum class BayerOrder {
	RGGB,
	GRBG,
	GBRG,
	BGGR,
};

struct Rectangle {
	int left;
	int top;
	unsigned int width;
	unsigned int height;
};

/*
 * A readout mode. Line length is width + hblank, in pixels of the pixel rate. A frame of
 * several exposures has a row of each in turns, the longest first.
 */
struct Mode {
	unsigned int width;
	unsigned int height;		/* rows of all exposures */
	unsigned int bitDepth;
	Rectangle analogCrop;
	uint64_t pixelRate;		/* pixels per second */
	uint64_t linkFrequency;		/* Hz */
	unsigned int hblank;		/* pixels, fixed */
	unsigned int vblankMin;		/* lines */
	unsigned int vblankMax;
	unsigned int vblankDefault;
	unsigned int exposures = 1;
	bool companded = false;		/* codes are not proportional to light */
};

struct Range {
	int32_t min;
	int32_t max;
	int32_t step;
	int32_t def;
};

struct Delays {
	unsigned int exposure;		/* frames */
	unsigned int gain;
	unsigned int vblank;
};

/* What a driver of the sensor knows. */
struct Properties {
	std::string model;		/* "imx219" */
	BayerOrder order;		/* without flips */
	Rectangle nativeArea;		/* V4L2_SEL_TGT_NATIVE_SIZE */
	Rectangle activeArea;		/* V4L2_SEL_TGT_CROP_DEFAULT */
	std::vector<Mode> modes;
	Range analogueGain;		/* gain codes */
	int32_t exposureMin;		/* lines */
	int32_t exposureMargin;		/* lines: max is height + vblank - margin */
	int32_t exposureStep;
	int32_t exposureDefault;
	Delays delays;
	bool flips;			/* has horizontal and vertical flip */
};

/* The register values in effect for one frame. */
struct FrameSettings {
	unsigned int mode;		/* index into Properties::modes */
	int32_t exposure;		/* lines */
	int32_t analogueGain;		/* gain code */
	int32_t vblank;			/* lines */
	bool hflip;
	bool vflip;
	int32_t lensPosition = 0;	/* of the lens in front, where there is one */
};

class Sensor
{
public:
	virtual ~Sensor() = default;

	virtual const Properties &properties() const = 0;

	/*
	 * Do now what the first frame of \a mode would otherwise wait for. Worth
	 * calling when a stream starts; a second call costs nothing.
	 */
	virtual int prepare([[maybe_unused]] unsigned int mode) { return 0; }

	/*
	 * Write the frame \a sequence as the sensor would send it: samples of
	 * 8 bits in bytes, deeper ones in 16-bit little-endian words, \a stride
	 * bytes a line. The result depends on the arguments only, never on
	 * earlier calls. \a time is since the start of the stream.
	 */
	virtual int render(const FrameSettings &settings, uint32_t sequence,
			   std::chrono::nanoseconds time,
			   std::span<uint8_t> raw, size_t stride) = 0;
};

} /* namespace fovea::sensor */
