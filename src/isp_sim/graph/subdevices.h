/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The sub-devices of a graph
 */

#pragma once

#include "element.h"

namespace fovea::graph {

/* Controls of vimc's own, in a class of their own (vimc-common.h of the kernel). */
constexpr uint32_t kCidVimcClass = 0x00f00001;
constexpr uint32_t kCidTestPattern = 0x00f0f000;
constexpr uint32_t kCidMeanWindow = 0x00f0f001;
constexpr uint32_t kCidTextMode = 0x00f0f002;

/* A sensor that shows a test pattern. */
class Sensor : public ElementSubdevice
{
public:
	Sensor(v4l2::MediaDevice *media, const EntityConfig &config);

	FrameStep prepareFrame(const FrameTime &time) override;

protected:
	bool takesCode(unsigned int pad, uint32_t code) const override;
	uint32_t codeAt(unsigned int pad, unsigned int index) const override;
	void initState(v4l2::SubdeviceState *state) override;
	int setFormat(v4l2::SubdeviceState &state, v4l2_subdev_format *format) override;

private:
	int32_t control(uint32_t id) const;
};

/* Makes colour pictures out of Bayer pictures. */
class Debayer : public ElementSubdevice
{
public:
	enum Pads : unsigned int {
		Sink,
		Source,
	};

	Debayer(v4l2::MediaDevice *media, const EntityConfig &config);

	FrameStep prepareFrame(const FrameTime &time) override;

protected:
	bool takesCode(unsigned int pad, uint32_t code) const override;
	uint32_t codeAt(unsigned int pad, unsigned int index) const override;
	void initState(v4l2::SubdeviceState *state) override;
	int setFormat(v4l2::SubdeviceState &state, v4l2_subdev_format *format) override;

private:
	v4l2::Control *window_;
};

/* Crops at its sink pad, then scales. */
class Scaler : public ElementSubdevice
{
public:
	enum Pads : unsigned int {
		Sink,
		Source,
	};

	Scaler(v4l2::MediaDevice *media, const EntityConfig &config);

	FrameStep prepareFrame(const FrameTime &time) override;

protected:
	bool takesCode(unsigned int pad, uint32_t code) const override;
	uint32_t codeAt(unsigned int pad, unsigned int index) const override;
	void initState(v4l2::SubdeviceState *state) override;
	int setFormat(v4l2::SubdeviceState &state, v4l2_subdev_format *format) override;
	int getSelection(const v4l2::SubdeviceState &state, v4l2_subdev_selection *selection) override;
	int setSelection(v4l2::SubdeviceState &state, v4l2_subdev_selection *selection) override;
};

/* A lens with a focus control; no picture passes it. */
class Lens : public v4l2::Subdevice
{
public:
	Lens(v4l2::MediaDevice *media, const EntityConfig &config);

protected:
	void initState([[maybe_unused]] v4l2::SubdeviceState *state) override {}
};

} /* namespace fovea::graph */
