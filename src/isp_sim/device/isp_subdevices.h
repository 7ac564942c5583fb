/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The sub-devices between the sensor and the video nodes
 */

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "isp_sim/v4l2/subdevice.h"

namespace fovea::device {

/* What the sub-devices of the ISP share: enumerations and checks. */
class ImageSubdevice : public v4l2::Subdevice
{
public:
	ImageSubdevice(v4l2::MediaDevice *media, std::string name, uint32_t function,
		       const std::vector<uint32_t> &padFlags, uint32_t operations,
		       const v4l2_mbus_framefmt &preset);

protected:
	enum class PadKind {
		Raw,
		Internal,
		Metadata,
	};

	virtual PadKind padKind(unsigned int pad) const = 0;

	int enumMbusCode(const v4l2::SubdeviceState &state, v4l2_subdev_mbus_code_enum *code) override;
	int enumFrameSize(const v4l2::SubdeviceState &state, v4l2_subdev_frame_size_enum *size) override;

	bool busy(const v4l2::SubdeviceState &state) const;
	v4l2_mbus_framefmt adjustRaw(const v4l2_mbus_framefmt &format) const;

	const v4l2_mbus_framefmt preset_;
};

/* CSI-2 receiver: passes the image on, and tells of the start of each frame. */
class Csi2Receiver : public ImageSubdevice
{
public:
	enum Pads : unsigned int {
		Sink,
		Source,
	};

	Csi2Receiver(v4l2::MediaDevice *media, std::string name, const v4l2_mbus_framefmt &preset);

	void frameStart(uint32_t sequence, uint64_t timestamp);
	bool frameStartPending() const;

	/* Called when a frame start event was dequeued or a file was closed. */
	std::function<void()> frameStartsRead;

protected:
	PadKind padKind(unsigned int pad) const override;
	void initState(v4l2::SubdeviceState *state) override;
	int setFormat(v4l2::SubdeviceState &state, v4l2_subdev_format *format) override;
	int subscribeEvent(v4l2::FileHandle *file, const v4l2_event_subscription &subscription) override;
	void eventsChanged() override;
};

/*
 * Front end: raw tap to memory, statistics, and the image for the back end. Where the
 * image has a half or a third of the sink's height, the rows at the sink are those of
 * two or three exposures in turns, the longest first (struct fovea_isp_merge).
 */
class FrontEnd : public ImageSubdevice
{
public:
	enum Pads : unsigned int {
		Sink,
		RawSource,
		StatsSource,
		ImageSource,
	};

	FrontEnd(v4l2::MediaDevice *media, std::string name, const v4l2_mbus_framefmt &preset);

protected:
	PadKind padKind(unsigned int pad) const override;
	void initState(v4l2::SubdeviceState *state) override;
	int setFormat(v4l2::SubdeviceState &state, v4l2_subdev_format *format) override;
};

/*
 * Back end: from the raw image of one of several sources to a processed one of
 * the same size, and to statistics.
 */
class BackEnd : public ImageSubdevice
{
public:
	enum Pads : unsigned int {
		Sink,
		ParamsSink,
		Source,
		StatsSource,
	};

	BackEnd(v4l2::MediaDevice *media, std::string name, const v4l2_mbus_framefmt &preset);

	/* Entity */
	int validateLink(const v4l2::Link &link) override;
	int setupLink(const v4l2::Pad &local, const v4l2::Pad &remote, uint32_t flags) override;

protected:
	PadKind padKind(unsigned int pad) const override;
	void initState(v4l2::SubdeviceState *state) override;
	int setFormat(v4l2::SubdeviceState &state, v4l2_subdev_format *format) override;
};

/* Scaler: a crop of the processed image to the output size. */
class Scaler : public ImageSubdevice
{
public:
	enum Pads : unsigned int {
		Sink,
		Source,
	};

	Scaler(v4l2::MediaDevice *media, std::string name, const v4l2_mbus_framefmt &preset);

	const v4l2_rect &crop() const { return activeState().pads[Sink].crop; }

protected:
	PadKind padKind(unsigned int pad) const override;
	void initState(v4l2::SubdeviceState *state) override;
	int setFormat(v4l2::SubdeviceState &state, v4l2_subdev_format *format) override;
	int getSelection(const v4l2::SubdeviceState &state, v4l2_subdev_selection *selection) override;
	int setSelection(v4l2::SubdeviceState &state, v4l2_subdev_selection *selection) override;

private:
	void resetCrop(v4l2::SubdeviceState *state) const;
	void limitOutput(v4l2::SubdeviceState *state, unsigned int width, unsigned int height) const;
};

} /* namespace fovea::device */
